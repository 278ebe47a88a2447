import { lstatSync, realpathSync, type Stats } from 'node:fs'
import { CodedError, isLiteral } from '@countersign/core'
import { compareTreePaths, MAX_RESOURCES, type Resource, TREE_MEDIA_TYPE } from '@countersign/formats'
import { errno, fileError, lookAt } from './file-error.ts'
import { hashFile } from './hash-file.ts'
import { hashLink, isInside, resolveLink } from './link.ts'
import { checkCollisions, nameOf, trim } from './names.ts'
import { Pace, type Watch } from './pace.ts'
import { Exclusion, isOwn, Wildcard } from './selection.ts'
import { type ManifestSink, TreeHash } from './tree-hash.ts'
import { walk } from './walk.ts'

export interface ObserveInput extends Watch {
  /** The directory that names are relative to and that nothing is followed out of. */
  readonly root: string
  /**
   * Files, directories (each one tree resource) and wildcards (`*`, `**`, `?`: files). `./` in front and `/`
   * behind are allowed; the root itself is `.`.
   */
  readonly patterns: readonly string[]
  /** Left out of wildcards and trees, with everything below; what is named literally is recorded all the same. */
  readonly exclude?: readonly string[]
  /** Given the manifest of each tree, piece by piece; `name` is the tree resource's. */
  readonly manifest?: (name: string) => ManifestSink
}

/**
 * What the patterns name, as it is on disk, sorted by name; names are canonical (NFC) and do not collide. Of the
 * root, `.git` and `.countersign` are never part of a wildcard or tree, nor are `*.chain.jsonl` files anywhere.
 *
 * A link that is named or matched is recorded under its own name with the content of its target, which must be
 * inside the root; inside a tree, a link is an entry of its own (mode 120000, SHA-256 of the target text) and must
 * lead to something of that tree. Modes are 100755 where the owner may execute, else 100644.
 *
 * Throws `file-missing` (also for a pattern that matches nothing, and for a directory without files),
 * `file-special`, `file-changed`, `file-unreadable`, `symlink-escapes`, `symlink-broken`, `name-collision`,
 * `too-many-files`, `path-invalid` and `pattern-invalid`.
 */
export async function observe(input: ObserveInput): Promise<Resource[]> {
  const pace = new Pace(input)
  const top = realRoot(input.root)
  const targets = new Map<string, Target>()
  const exclusion = new Exclusion(input.exclude ?? [])
  for (const written of input.patterns) await select(written, top, exclusion, pace, targets)
  checkCollisions(targets.keys())
  const sorted = [...targets.values()].toSorted((a, b) => compareTreePaths(a.name, b.name))
  if (input.progress !== undefined) pace.expect(totalSize(sorted))
  const resources: Resource[] = []
  for (const target of sorted) resources.push(await read(target, exclusion, pace, input.manifest?.(target.name)))
  pace.report()
  return resources
}

/**
 * Hashes again what was observed: names of the resources that are not as they were, gone or unreadable ones among
 * them. `input` as they were observed with; resources are files and trees of its root.
 */
export async function recheck(
  input: Omit<ObserveInput, 'patterns' | 'manifest'>,
  resources: readonly Resource[],
): Promise<string[]> {
  const pace = new Pace(input)
  const top = realRoot(input.root)
  const exclusion = new Exclusion(input.exclude ?? [])
  const changed: string[] = []
  for (const { name, digest, annotations } of resources) {
    try {
      const now = await read(locate(name, top), exclusion, pace)
      const same =
        now.name === name && now.digest.sha256 === digest.sha256 && now.annotations?.mode === annotations?.mode
      if (!same) changed.push(name)
    } catch (cause) {
      if (!(cause instanceof CodedError) || pace.stopped) throw cause
      changed.push(name)
    }
  }
  pace.report()
  return changed
}

/** Something to record: where its content really is, under the name it is recorded by. */
interface Target {
  /** Ends in `/` for a tree. */
  readonly name: string
  readonly path: string
  /** Real path of the content. */
  readonly real: string
}

/** Real path of the root; `file-missing` or `file-unreadable`. */
export function realRoot(root: string): string {
  try {
    const top = realpathSync.native(root)
    if (lstatSync(top).isDirectory()) return top
  } catch (cause) {
    throw fileError(cause, root)
  }
  throw new CodedError('file-missing', `${root} is not a directory`)
}

async function select(
  written: string,
  top: string,
  exclusion: Exclusion,
  pace: Pace,
  targets: Map<string, Target>,
): Promise<void> {
  const add = (target: Target) => {
    // Two files whose names differ in their Unicode form alone come to one name; neither may stand for the other.
    const other = targets.get(target.name)
    if (
      other !== undefined &&
      other.path !== target.path &&
      other.path.normalize('NFC') === target.path.normalize('NFC')
    ) {
      throw new CodedError(
        'name-collision',
        `two files have the name ${JSON.stringify(target.name)} in different Unicode forms`,
      )
    }
    targets.set(target.name, target)
    if (targets.size > MAX_RESOURCES) {
      throw new CodedError(
        'too-many-files',
        `more than ${MAX_RESOURCES} files are named, with ${JSON.stringify(written)}`,
      )
    }
  }
  if (isLiteral(written)) {
    const target = locate(written, top)
    if (written.endsWith('/') && !target.name.endsWith('/')) {
      throw new CodedError('file-missing', `${target.name} is a file, not a directory`)
    }
    add(target)
  } else if (!(await matchFiles(trim(written).normalize('NFC'), top, exclusion, pace, add))) {
    throw new CodedError('file-missing', `no file matches ${JSON.stringify(written)}`)
  }
}

/** What a literal path names. The disk may hold the name in another Unicode form than it was written in. */
function locate(written: string, top: string): Target {
  const name = nameOf(written)
  const forms = new Set([trim(written), name, name.normalize('NFD')])
  for (const form of forms) {
    const path = form === '.' ? top : `${top}/${form}`
    const real = resolve(path, top, name)
    if (real === null) continue
    const stat = look(real, name)
    if (stat.isDirectory()) return { name: `${name}/`, path, real }
    if (stat.isFile()) return { name, path, real }
    throw new CodedError('file-special', `${name} is not a regular file`)
  }
  throw new CodedError('file-missing', `${name} is not there`)
}

/** Where a path really leads; null when nothing is there. */
function resolve(path: string, top: string, name: string): string | null {
  try {
    const real = realpathSync.native(path)
    if (isInside(top, real)) return real
  } catch (cause) {
    const code = errno(cause)
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw fileError(cause, name)
    if (lookAt(path, name)?.isSymbolicLink() === true) {
      throw new CodedError('symlink-broken', `the link ${name} leads nowhere`, { cause })
    }
    return null
  }
  throw new CodedError('symlink-escapes', `${name} leads out of the root`)
}

function look(path: string, name: string): Stats {
  try {
    return lstatSync(path)
  } catch (cause) {
    throw fileError(cause, name)
  }
}

async function matchFiles(
  pattern: string,
  top: string,
  exclusion: Exclusion,
  pace: Pace,
  add: (target: Target) => void,
): Promise<boolean> {
  const wildcard = new Wildcard(pattern)
  let start = top
  if (wildcard.base !== '') {
    const base = locateBase(wildcard.base, top)
    if (base === null) return false
    start = base
  }
  const prefix = wildcard.base === '' ? '' : `${wildcard.base}/`
  let matched = false
  await walk(
    start,
    {
      label: prefix,
      whole: false,
      wanted: (path, kind) => {
        const name = prefix + path
        if (isOwn(name, kind) || exclusion.matches(name)) return false
        return kind === 'directory' ? wildcard.enters(name) : wildcard.matches(name)
      },
    },
    pace,
    (entry) => {
      const name = prefix + entry.path
      const real = entry.link ? resolveLink(entry.file, top, name) : entry.file
      if (entry.link) {
        const stat = look(real, name)
        // Wildcards match files: a link to a directory is passed over as the directory itself is.
        if (stat.isDirectory()) return
        if (!stat.isFile()) throw new CodedError('file-special', `${name} does not lead to a regular file`)
      }
      matched = true
      add({ name, path: entry.file, real })
    },
  )
  return matched
}

function locateBase(base: string, top: string): string | null {
  try {
    const target = locate(base, top)
    return target.name.endsWith('/') ? target.real : null
  } catch (cause) {
    if (cause instanceof CodedError && cause.code === 'file-missing') return null
    throw cause
  }
}

/** Sum of the files' sizes; null when a tree is among them. A display only: what changes meanwhile is found later. */
function totalSize(targets: readonly Target[]): number | null {
  let total = 0
  for (const { name, real } of targets) {
    if (name.endsWith('/')) return null
    total += lookAt(real, name)?.size ?? 0
  }
  return total
}

async function read(target: Target, exclusion: Exclusion, pace: Pace, sink?: ManifestSink): Promise<Resource> {
  const { name, path, real } = target
  if (name.endsWith('/')) {
    const sha256 = await hashTree(name, real, exclusion, pace, sink)
    return { name, digest: { sha256 }, mediaType: TREE_MEDIA_TYPE, annotations: { mode: '040000' } }
  }
  const { mode, sha256 } = await hashFile(real, name, pace)
  // A directory on the way may have become a link to elsewhere since the path was resolved.
  if (resolveAgain(path) !== real) {
    throw new CodedError('file-changed', `${name} was replaced while it was recorded`)
  }
  if (pace.due) await pace.breathe()
  return { name, digest: { sha256 }, annotations: { mode } }
}

function resolveAgain(path: string): string | null {
  try {
    return realpathSync.native(path)
  } catch {
    return null
  }
}

async function hashTree(
  name: string,
  top: string,
  exclusion: Exclusion,
  pace: Pace,
  sink: ManifestSink | undefined,
): Promise<string> {
  const prefix = name === './' ? '' : name
  const tree = new TreeHash(sink)
  const wanted = (path: string, kind: Parameters<typeof isOwn>[1]) =>
    !isOwn(prefix + path, kind) && !exclusion.matches(prefix + path)
  await walk(top, { label: prefix, whole: true, wanted }, pace, (entry) => {
    if (entry.link) {
      tree.add({ path: entry.path, mode: '120000', sha256: hashLink(entry.file, entry.path, top, prefix + entry.path) })
      return undefined
    }
    const hashed = hashFile(entry.file, prefix + entry.path, pace)
    if (!(hashed instanceof Promise)) {
      tree.add({ path: entry.path, ...hashed })
      return undefined
    }
    return hashed.then((file) => tree.add({ path: entry.path, ...file }))
  })
  if (tree.entries === 0) throw new CodedError('file-missing', `the directory ${name} holds no file`)
  return tree.digest()
}
