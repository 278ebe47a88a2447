import { hash } from 'node:crypto'
import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
} from 'node:fs'
import { CodedError } from '@countersign/core'
import { MAX_RESOURCES, type Resource } from '@countersign/formats'
import { errno, fileError } from './file-error.ts'
import { isInside } from './link.ts'
import { nameOf } from './names.ts'
import { MAX_LOCK_BYTES, type NpmLock, parseNpmLock } from './npm-lock.ts'
import { observe, realRoot } from './observe.ts'
import type { Watch } from './pace.ts'

export interface DependenciesInput extends Watch {
  /** The directory that names are relative to. */
  readonly root: string
  /** Path of the lock file. */
  readonly lockfile: string
  /** What the step received: the lock file among it, and read as it was then. */
  readonly materials: readonly Resource[]
}

/** What is installed beside a lock file. */
export interface Dependencies {
  /** Each package as one tree, without the packages inside it, sorted by name. */
  readonly resources: readonly Resource[]
  /** Names of what the lock does not name, or not so. */
  readonly unlocked: readonly string[]
}

/** Of what npm and build tools keep beside packages: no package has a name that begins with a dot. */
const BIN = '.bin'
const MAX_PACKAGE_JSON_BYTES = 1024 * 1024
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/**
 * Holds every package that is installed against the lock file (T-12): one that it does not name, one of another version,
 * a file or a link that no installer of the lock makes is unlocked. What the lock names and is not installed is left out.
 * Whether a package holds what its registry gave is for npm to check when it installs; from here on its bytes are
 * recorded. Throws `lockfile-invalid`, `material-changed` where the lock is not what was received, and what `observe`
 * throws.
 */
export async function observeDependencies({
  root,
  lockfile,
  materials,
  ...watch
}: DependenciesInput): Promise<Dependencies> {
  const top = realRoot(root)
  const name = nameOf(lockfile)
  const bytes = readBounded(`${top}/${name}`, name, MAX_LOCK_BYTES)
  const received = materials.find((material) => material.name === name && material.uri === undefined)
  if (received?.digest.sha256 !== hash('sha256', bytes)) {
    throw new CodedError('material-changed', `${name} is not the lock file that the step received`)
  }
  const at = name.slice(0, name.lastIndexOf('/') + 1)
  const found = new Installed(top, at, parseNpmLock(bytes))
  const resources = await observe({ ...watch, root, patterns: found.packages, exclude: ['**/node_modules'] })
  return { resources, unlocked: found.unlocked.toSorted() }
}

/** Finds what is installed, place by place. */
class Installed {
  readonly packages: string[] = []
  readonly unlocked: string[] = []
  readonly #top: string
  /** Directory of the lock file, '' or ending in `/`. */
  readonly #at: string
  readonly #lock: NpmLock

  constructor(top: string, at: string, lock: NpmLock) {
    this.#top = top
    this.#at = at
    this.#lock = lock
    for (const own of new Set(['', ...lock.own])) this.#within(own === '' ? '' : `${own}/`)
  }

  /** What is installed in `node_modules` of a directory: '' or ending in `/`, relative to the lock file. */
  #within(directory: string): void {
    const place = `${directory}node_modules`
    for (const entry of this.#list(place)) {
      const path = `${place}/${entry.name}`
      if (entry.name === BIN) this.#programs(path)
      else if (entry.name.startsWith('.')) continue
      else if (!entry.name.startsWith('@') || !entry.isDirectory()) this.#meet(path, entry)
      else for (const scoped of this.#list(path)) this.#meet(`${path}/${scoped.name}`, scoped)
    }
  }

  #meet(path: string, entry: Dirent): void {
    const locked = this.#lock.packages.get(path)
    if (locked === undefined) return this.#refuse(path)
    if (entry.isSymbolicLink()) {
      const own = locked.link === null ? null : `${this.#top}/${this.#at}${locked.link}`.replace(/\/$/, '')
      if (own === null || this.#leadsTo(path) !== own) this.#refuse(path)
      return
    }
    const known = entry.isDirectory() && locked.link === null && this.#versionOf(path) === locked.version
    if (!known) this.#refuse(path)
    if (!entry.isDirectory()) return
    this.packages.push(`${this.#at}${path}`)
    if (this.packages.length > MAX_RESOURCES) {
      throw new CodedError('too-many-files', `more than ${MAX_RESOURCES} packages are installed`)
    }
    this.#within(`${path}/`)
  }

  /** Programs of packages are links into them: whatever else is there would be run before them. */
  #programs(path: string): void {
    for (const entry of this.#list(path)) {
      const program = `${path}/${entry.name}`
      const leads = entry.isSymbolicLink() ? this.#leadsTo(program) : null
      if (leads === null || !isInside(this.#top, leads)) this.#refuse(program)
    }
  }

  #refuse(path: string): void {
    this.unlocked.push(`${this.#at}${path}`)
  }

  /** Empty where there is none. */
  #list(path: string): Dirent[] {
    const full = this.#full(path)
    try {
      // A link in the place of the directory would have other packages used than are looked at.
      if (lstatSync(full).isDirectory()) return readdirSync(full, { withFileTypes: true })
      this.#refuse(path)
      return []
    } catch (cause) {
      if (errno(cause) === 'ENOENT') return []
      throw fileError(cause, `${this.#at}${path}`)
    }
  }

  #leadsTo(path: string): string | null {
    try {
      return realpathSync.native(this.#full(path))
    } catch {
      return null
    }
  }

  /** Null where its description cannot be read. */
  #versionOf(path: string): string | null {
    const name = `${path}/package.json`
    try {
      const text = Buffer.from(readBounded(this.#full(name), name, MAX_PACKAGE_JSON_BYTES)).toString('utf8')
      // As Node reads it, for that is what counts: nothing of it is signed.
      const described: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
      const { version } = Object(described) as { version?: unknown }
      return typeof version === 'string' ? version : null
    } catch {
      return null
    }
  }

  #full(path: string): string {
    return `${this.#top}/${this.#at}${path}`
  }
}

/** Throws `file-missing`, `file-special`, `file-unreadable` and `input-too-large`. */
function readBounded(path: string, name: string, max: number): Uint8Array {
  let fd: number
  try {
    fd = openSync(path, READ)
  } catch (cause) {
    throw fileError(cause, name)
  }
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new CodedError('file-special', `${name} is not a regular file`)
    if (stat.size > max) throw new CodedError('input-too-large', `${name} has more than ${max} bytes`)
    return readFileSync(fd)
  } finally {
    closeSync(fd)
  }
}
