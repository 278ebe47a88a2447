import { CodedError, type JsonObject, type JsonValue, parseJson } from '@countersign/core'

/** What a lock file says of one place where a package may be installed. */
export interface LockedPackage {
  /** Null where the lock names none, as of a link. */
  readonly version: string | null
  /** Directory that a link leads to, relative to the lock file; null for a package of its own. */
  readonly link: string | null
}

/** What a lock file says. */
export interface NpmLock {
  /** By path relative to the lock file, like `node_modules/a/node_modules/b`. */
  readonly packages: ReadonlyMap<string, LockedPackage>
  /** Directories of the project's own packages, relative to the lock file; its root is the empty string. */
  readonly own: readonly string[]
}

const CODE = 'lockfile-invalid'
/** Of a repository with some hundred thousand packages. */
export const MAX_LOCK_BYTES = 64 * 1024 * 1024
/** The last segments of a path below `node_modules`: a package's name. */
const INSTALLED = /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/

/**
 * Reads `package-lock.json` or `npm-shrinkwrap.json` as npm 7 and later write it (versions 2 and 3). Throws
 * `lockfile-invalid`, and what `parseJson` throws.
 */
export function parseNpmLock(bytes: Uint8Array): NpmLock {
  const lock = membersOf(parseJson(bytes, { maxBytes: MAX_LOCK_BYTES }), 'the lock file')
  const version = lock['lockfileVersion']
  if (version !== 2 && version !== 3) {
    const what = `the lock file is of version ${JSON.stringify(version ?? null)}, which does not say where packages are installed`
    throw new CodedError(CODE, what, { fix: 'Write it anew: npm install --package-lock-only --lockfile-version 3' })
  }
  const packages = new Map<string, LockedPackage>()
  const own: string[] = []
  for (const [path, value] of Object.entries(membersOf(lock['packages'], 'packages of the lock file'))) {
    if (!isPath(path))
      throw new CodedError(CODE, `the lock file places a package at ${JSON.stringify(path.slice(0, 120))}`)
    if (INSTALLED.test(path)) packages.set(path, packageOf(path, membersOf(value, path)))
    else own.push(path)
  }
  return { packages, own }
}

function packageOf(path: string, { version, link, resolved }: JsonObject): LockedPackage {
  if (link === true) {
    if (typeof resolved === 'string' && isPath(resolved)) return { version: null, link: resolved }
    throw new CodedError(CODE, `the lock file does not say where the link ${path} leads`)
  }
  return { version: typeof version === 'string' ? version : null, link: null }
}

function membersOf(value: JsonValue | undefined, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw new CodedError(CODE, `${what.slice(0, 120)} is not an object`)
}

/** A relative path that leads to no place above where it begins. */
function isPath(path: string): boolean {
  if (path === '') return true
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !/[\\\0]/.test(part))
}
