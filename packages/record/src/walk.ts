import { type BigIntStats, type Dirent, lstatSync, readdirSync } from 'node:fs'
import { CodedError, collisionKey } from '@countersign/core'
import { compareTreePaths } from '@countersign/formats'
import { listedFileError } from './file-error.ts'
import { collision, entryName } from './names.ts'
import type { Pace } from './pace.ts'

/** A file or link met by a walk; directories are walked, not met. */
export interface Entry {
  /** Relative to where the walk began, canonical. */
  readonly path: string
  /** Where it is on disk. */
  readonly file: string
  readonly link: boolean
}

export type EntryKind = 'file' | 'link' | 'directory' | 'special'

export interface WalkOptions {
  /** Whether an entry is met (files, links) or walked (directories). A special one that is wanted is refused. */
  readonly wanted: (path: string, kind: EntryKind) => boolean
  /**
   * A snapshot: colliding names are refused, and a directory whose entries change while it is walked is
   * `file-changed`. Without it only the directory's identity is watched.
   */
  readonly whole: boolean
  /** Put before paths in messages. */
  readonly label: string
}

interface Item {
  readonly key: string
  readonly raw: string
  readonly kind: EntryKind
}

interface Frame {
  readonly directory: string
  readonly prefix: string
  readonly items: readonly Item[]
  readonly seen: BigIntStats
  /** All names in it, where its times may not tell of a change; else null. */
  readonly names: ReadonlySet<string> | null
  at: number
}

/**
 * Meets every wanted file and link below `start` (a real path) in the order of `compareTreePaths` over whole
 * paths. Links are never followed. Memory holds the listings of one branch only. Throws `file-special` for a wanted
 * FIFO, socket or device, `file-changed`, `name-collision`, `path-invalid` and `file-unreadable`.
 */
export async function walk(
  start: string,
  options: WalkOptions,
  pace: Pace,
  meet: (entry: Entry) => void | Promise<void>,
): Promise<void> {
  const stack: Frame[] = [list(start, '', options)]
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const item = frame.items[frame.at++]
    if (item === undefined) {
      checkUnchanged(frame, options)
      stack.pop()
      continue
    }
    const file = `${frame.directory}/${item.raw}`
    const path = frame.prefix + item.key
    if (item.kind === 'special') throw new CodedError('file-special', `${options.label}${path} is not a regular file`)
    if (item.kind === 'directory') {
      stack.push(list(file, path, options))
      continue
    }
    const met = meet({ path, file, link: item.kind === 'link' })
    if (met !== undefined) await met
    if (pace.due) await pace.breathe()
  }
}

function list(directory: string, prefix: string, options: WalkOptions): Frame {
  let seen: BigIntStats
  let dirents: Dirent[]
  try {
    seen = lstatSync(directory, { bigint: true })
    if (!seen.isDirectory())
      throw new CodedError('file-changed', `${options.label}${prefix} was replaced while it was recorded`)
    dirents = readdirSync(directory, { withFileTypes: true })
  } catch (cause) {
    throw listedFileError(cause, options.label + prefix)
  }
  const items: Item[] = []
  const spelled = new Map<string, string>()
  for (const dirent of dirents) {
    const kind = kindOf(dirent)
    const name = wantedName(prefix, dirent.name, kind, options)
    if (name === null) continue
    if (options.whole) {
      const key = collisionKey(name)
      const other = spelled.get(key)
      if (other !== undefined) throw collision(options.label + prefix + other, options.label + prefix + name)
      spelled.set(key, name)
    }
    // A directory sorts as `name/`: only then does sorting each directory sort whole paths.
    items.push({ key: kind === 'directory' ? `${name}/` : name, raw: dirent.name, kind })
  }
  items.sort((a, b) => compareTreePaths(a.key, b.key))
  const names = options.whole && isFresh(seen) ? new Set(dirents.map(({ name }) => name)) : null
  return { directory, prefix, items, seen, names, at: 0 }
}

/** The coarsest clock of a file system, FAT's, nanoseconds: most tick in milliseconds. */
const TICK = 2_000_000_000n

/** Whether a directory changed so lately, by this machine's clock, that another change may leave its times as they are. */
function isFresh({ mtimeNs }: BigIntStats): boolean {
  return BigInt(Date.now()) * 1_000_000n - mtimeNs < TICK
}

function kindOf(dirent: Dirent): EntryKind {
  if (dirent.isFile()) return 'file'
  if (dirent.isDirectory()) return 'directory'
  return dirent.isSymbolicLink() ? 'link' : 'special'
}

/** The entry's name in NFC; null when it is not wanted: then it may have any name. */
function wantedName(prefix: string, raw: string, kind: EntryKind, options: WalkOptions): string | null {
  if (!options.wanted(prefix + raw.normalize('NFC'), kind)) return null
  try {
    return entryName(prefix, raw)
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    const what = options.label === '' ? cause.what : `${cause.what}, in ${options.label}`
    throw new CodedError(cause.code, what, { fix: 'Rename the file, or leave it out of what is recorded.', cause })
  }
}

/**
 * The walk went by name: had a directory been swapped for a link to another while its files were read, or had
 * files come and gone, the record would be of no one moment.
 */
function checkUnchanged(frame: Frame, options: WalkOptions): void {
  const name = options.label + frame.prefix
  let now: BigIntStats
  let names: readonly string[] | null
  try {
    now = lstatSync(frame.directory, { bigint: true })
    names = frame.names === null ? null : readdirSync(frame.directory)
  } catch (cause) {
    throw listedFileError(cause, name)
  }
  const same = now.isDirectory() && now.ino === frame.seen.ino && now.dev === frame.seen.dev
  const listed = names === null || (names.length === frame.names!.size && names.every((one) => frame.names!.has(one)))
  const still = listed && now.mtimeNs === frame.seen.mtimeNs && now.ctimeNs === frame.seen.ctimeNs
  if (!same || (options.whole && !still)) {
    throw new CodedError('file-changed', `${name === '' ? 'the directory' : name} changed while it was recorded`)
  }
}
