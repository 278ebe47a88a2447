import { checkPath, CodedError } from '@countersign/core'
import { compareTreePaths, type Resource, type TreeEntry } from '@countersign/formats'
import type { Environment } from './environment.ts'
import { lookAt } from './file-error.ts'
import { findCheckout, Git } from './git.ts'
import { hashFile } from './hash-file.ts'
import { hashLinkText } from './link.ts'
import { checkCollisions, collision, trim } from './names.ts'
import { realRoot } from './observe.ts'
import { Pace, type Watch } from './pace.ts'
import { withoutCredentials } from './redact-url.ts'
import { Exclusion } from './selection.ts'
import { type ManifestSink, TreeHash } from './tree-hash.ts'
import { walk } from './walk.ts'

/** Name of the resource that stands for a git checkout. */
export const SOURCE_NAME = 'source'

export interface SourceInput extends Watch {
  /** A directory of the checkout; names in `exclude` are relative to it. */
  readonly root: string
  /** What the step names as materials and products: left out where git does not track it. */
  readonly exclude?: readonly string[]
  /** For `PATH` and git's own settings. */
  readonly environment: Environment
  /** Given the source's manifest, piece by piece. */
  readonly manifest?: ManifestSink
}

/** A git checkout as it was when it was observed. */
export interface Source {
  /** `source`: uri `git+<remote>@<commit>`, digests sha256 (of the tree manifest), gitCommit and gitTree; `dirty` where it is. */
  readonly resource: Resource
  /** Whether the disk differs from the commit, in what the source's digest covers. */
  readonly dirty: boolean
  /** Paths, relative to the checkout, that make it dirty. */
  readonly changed: readonly string[]
  /** Hashes the same files again: names of those that are not as they were, those that `exempt` covers left out. */
  recheck(exempt: readonly string[], watch?: Watch): Promise<string[]>
  /** Untracked paths that are not ignored, relative to the checkout: nobody committed them. */
  readonly untracked: readonly string[]
  /** What `recheckSource` needs, as plain data: another process may look again. */
  save(): SavedSource
}

/** Where a source's files were and what they were. */
export interface SavedSource {
  /** Absolute path of the checkout. */
  readonly top: string
  /** The recording root below it; '' or with `/` at its end. */
  readonly below: string
  readonly files: readonly { readonly name: string; readonly path: string }[]
  /** 33 bytes a file, base64. */
  readonly marks: string
}

/** {@link Source.recheck} by what another process saved of it. */
export async function recheckSource(
  { top, below, files, marks }: SavedSource,
  exempt: readonly string[],
  watch: Watch = {},
): Promise<string[]> {
  return differing(top, below, files, Marks.from(marks), exempt, watch)
}

async function differing(
  top: string,
  below: string,
  files: SavedSource['files'],
  marks: Marks,
  exempt: readonly string[],
  watch: Watch,
): Promise<string[]> {
  const exempted = new Exclusion(exempt.map((pattern) => place(below, pattern)))
  const different: string[] = []
  await readAll(top, files, new Pace(watch), (i, entry) => {
    const { name } = files[i]!
    const same = !(entry instanceof CodedError) && marks.equal(i, entry)
    if (!same && !exempted.covers(name)) different.push(name)
  })
  return different
}

/**
 * The git checkout that `root` is in; null when it is in none. The manifest lists, as they are on disk, all tracked
 * files and all untracked ones that are not ignored; not `*.chain.jsonl` nor `.countersign/`. Links are entries by
 * their target text, as in git, and are not followed. A populated submodule is listed by its own index and
 * ignore rules; a repository that is no submodule, file by file, without its `.git`.
 *
 * Throws `git-failed` for a checkout that git cannot read or that has no commit, and what `observe` throws of files.
 */
export async function sourceOf(input: SourceInput): Promise<Source | null> {
  const root = realRoot(input.root)
  const top = findCheckout(root)
  if (top === null) return null
  const git = new Git(input.environment, top)
  const below = root === top ? '' : `${root.slice(top === '/' ? 1 : top.length + 1)}/`
  const exclusion = new Exclusion((input.exclude ?? []).map((pattern) => place(below, pattern)))
  const pace = new Pace(input)
  const [head, listing] = await Promise.all([git.head(top), list(git, top, '', pace, 0)])
  const covered = (name: string, tracked: boolean) =>
    !isRecorders(name, below) && (tracked || !exclusion.covers(name.endsWith('/') ? name.slice(0, -1) : name))
  const files = listing.files
    .filter(({ name, tracked }) => covered(name, tracked))
    .toSorted((a, b) => compareTreePaths(a.name, b.name))
  checkNames(files)
  const marks = new Marks(files.length)
  const tree = new TreeHash(input.manifest)
  const unseen: string[] = []
  await readAll(top, files, pace, (i, entry) => {
    if (entry instanceof CodedError) throw entry
    marks.set(i, entry)
    if (entry !== null) tree.add(entry)
    // Whatever it is: nobody else says that it is as it was committed. One that is not there is a sparse checkout's.
    const { path, hidden } = files[i]!
    const kept = listing.pointers.get(path)
    if (entry !== null && (hidden || (kept ?? entry.sha256) !== entry.sha256)) unseen.push(path)
  })
  pace.report()
  const uri = sourceUri(listing.remote, head.commit)
  const digest = { sha256: tree.digest(), gitCommit: head.commit, gitTree: head.tree }
  const dirty = [...listing.dirty, ...unseen.map((name) => ({ name, tracked: true }))].filter(
    // By the name that it is excluded by.
    ({ name, tracked }) => covered(name.normalize('NFC'), tracked) && !isChainFile(name),
  )
  const changed = [...new Set(dirty.map(({ name }) => name))]
  return {
    resource: { name: SOURCE_NAME, uri, digest, ...(changed.length > 0 ? { annotations: { dirty: true } } : {}) },
    dirty: changed.length > 0,
    changed,
    untracked: dirty.filter(({ tracked }) => !tracked).map(({ name }) => name),
    recheck: (exempt, watch = {}) => differing(top, below, files, marks, exempt, watch),
    save: () => ({ top, below, files: files.map(({ name, path }) => ({ name, path })), marks: marks.text() }),
  }
}

interface SourceFile {
  /** Canonical, relative to the checkout. */
  readonly name: string
  /** As it is on disk. */
  readonly path: string
  readonly tracked: boolean
  /** Git was told not to look at it. */
  readonly hidden: boolean
}

interface Listing {
  readonly files: SourceFile[]
  readonly dirty: { readonly name: string; readonly tracked: boolean }[]
  /** See {@link Checkout}. */
  readonly pointers: Map<string, string>
  readonly remote: string | null
}

const MAX_SUBMODULE_DEPTH = 16

async function list(git: Git, top: string, prefix: string, pace: Pace, depth: number): Promise<Listing> {
  if (depth > MAX_SUBMODULE_DEPTH) throw new CodedError('git-failed', `submodules are nested too deep at ${prefix}`)
  const checkout = await git.checkout(top)
  const files: SourceFile[] = []
  const dirty = checkout.changed.map((path) => ({ name: prefix + path, tracked: true }))
  const pointers = new Map([...checkout.pointers].map(([path, sha256]) => [prefix + path, sha256]))
  // Its own ignore rules do not count: they could hide anything.
  const addAll = async (path: string) => {
    const options = { label: `${prefix}${path}/`, whole: false, wanted: (inner: string) => inner !== '.git' }
    let some = false
    await walk(`${top}/${path}`, options, pace, (entry) => {
      some = true
      const inner = `${path}/${entry.path}`
      files.push({ name: nameIn(prefix, inner), path: prefix + inner, tracked: false, hidden: false })
    })
    return some
  }
  for (const { mode, path, hidden } of checkout.tracked) {
    if (mode !== '160000') {
      files.push({ name: nameIn(prefix, path), path: prefix + path, tracked: true, hidden })
    } else if (isPopulated(top, path)) {
      const inner = await list(git, `${top}/${path}`, `${prefix}${path}/`, pace, depth + 1)
      files.push(...inner.files)
      dirty.push(...inner.dirty)
      for (const [name, sha256] of inner.pointers) pointers.set(name, sha256)
    } else if (lookAt(`${top}/${path}`, path)?.isDirectory() === true && (await addAll(path))) {
      // What lies where nothing was checked out, git does not tell.
      dirty.push({ name: prefix + path, tracked: false })
    }
  }
  for (const path of checkout.untracked) {
    dirty.push({ name: prefix + path, tracked: false })
    if (!path.endsWith('/')) {
      files.push({ name: nameIn(prefix, path), path: prefix + path, tracked: false, hidden: false })
      continue
    }
    await addAll(path.slice(0, -1))
  }
  return { files, dirty, pointers, remote: checkout.remote }
}

function nameIn(prefix: string, path: string): string {
  const name = (prefix + path).normalize('NFC')
  checkPath(name)
  return name
}

/** A pattern relative to the recording root as one relative to the checkout. */
function place(below: string, pattern: string): string {
  const trimmed = trim(pattern)
  return trimmed === '.' ? trim(below) : below + trimmed
}

function isRecorders(name: string, below: string): boolean {
  return name.startsWith('.countersign/') || (below !== '' && name.startsWith(`${below}.countersign/`))
}

function isChainFile(name: string): boolean {
  return name.endsWith('.chain.jsonl')
}

function isPopulated(top: string, path: string): boolean {
  return lookAt(`${top}/${path}`, path)?.isDirectory() === true && lookAt(`${top}/${path}/.git`, path) !== null
}

/** Sorted files: two of one name differ in their Unicode form on disk. */
function checkNames(files: readonly SourceFile[]): void {
  for (const [i, { name, path }] of files.entries()) {
    const next = files[i + 1]
    if (next?.name === name) throw collision(path, next.path)
  }
  checkCollisions(files.map(({ name }) => name))
}

/** Reads the files in order, each as the tree entry it is now, null for one that is not there, or as what speaks against it. */
async function readAll(
  top: string,
  files: SavedSource['files'],
  pace: Pace,
  take: (index: number, entry: TreeEntry | CodedError | null) => void,
): Promise<void> {
  const directories = new Directories(top)
  for (const [i, file] of files.entries()) {
    take(i, directories.hold(file.path) ? await tryEntry(`${top}/${file.path}`, file.name, pace) : null)
    if (pace.due) await pace.breathe()
  }
}

async function tryEntry(path: string, name: string, pace: Pace): Promise<TreeEntry | CodedError | null> {
  try {
    return await readEntry(path, name, pace)
  } catch (cause) {
    if (cause instanceof CodedError && !pace.stopped) return cause
    throw cause
  }
}

async function readEntry(path: string, name: string, pace: Pace): Promise<TreeEntry | null> {
  const stat = lookAt(path, name)
  // A directory in the place of a tracked file: its files are listed themselves.
  if (stat === null || stat.isDirectory()) return null
  if (stat.isSymbolicLink()) return { path: name, mode: '120000', sha256: hashLinkText(path, name) }
  if (isChainFile(name)) return null
  const hashed = hashFile(path, name, pace)
  return { path: name, ...(hashed instanceof Promise ? await hashed : hashed) }
}

/** Which directories of a checkout are real: a file below a link belongs to wherever the link leads. */
class Directories {
  readonly #top: string
  readonly #real = new Map<string, boolean>([['', true]])
  #last = ''

  constructor(top: string) {
    this.#top = top
  }

  hold(path: string): boolean {
    const directory = path.slice(0, Math.max(path.lastIndexOf('/'), 0))
    if (directory !== this.#last) {
      this.#last = directory
      this.#check(directory)
    }
    return this.#real.get(directory)!
  }

  #check(directory: string): boolean {
    const known = this.#real.get(directory)
    if (known !== undefined) return known
    const parent = directory.slice(0, Math.max(directory.lastIndexOf('/'), 0))
    const real = this.#check(parent) && lookAt(`${this.#top}/${directory}`, directory)?.isDirectory() === true
    this.#real.set(directory, real)
    return real
  }
}

const MODES = ['100644', '100755', '120000'] as const
const MARK_BYTES = 33

/** What each file was, 33 bytes a file: small enough to keep for trees of any size. */
class Marks {
  readonly #bytes: Buffer

  constructor(files: number) {
    this.#bytes = Buffer.alloc(files * MARK_BYTES)
  }

  static from(text: string): Marks {
    const bytes = Buffer.from(text, 'base64')
    const marks = new Marks(Math.ceil(bytes.length / MARK_BYTES))
    bytes.copy(marks.#bytes)
    return marks
  }

  text(): string {
    return this.#bytes.toString('base64')
  }

  set(index: number, entry: TreeEntry | null): void {
    mark(entry).copy(this.#bytes, index * MARK_BYTES)
  }

  equal(index: number, entry: TreeEntry | null): boolean {
    const at = index * MARK_BYTES
    return mark(entry).equals(this.#bytes.subarray(at, at + MARK_BYTES))
  }
}

function mark(entry: TreeEntry | null): Buffer {
  const bytes = Buffer.alloc(MARK_BYTES)
  if (entry === null) return bytes
  bytes[0] = 1 + MODES.indexOf(entry.mode)
  bytes.write(entry.sha256, 1, 'hex')
  return bytes
}

function sourceUri(remote: string | null, commit: string): string {
  return `git+${(remote === null ? null : withoutCredentials(remote)) ?? 'local:'}@${commit}`
}
