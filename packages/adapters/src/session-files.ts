import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { access, lstat, mkdir, open, readdir, realpath, rm } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { makeDirectory } from '@countersign/client/make-directory'
import { base64, canonicalJson, CodedError, fromBase64, fromUtf8, parseJson, utf8 } from '@countersign/core'
import { type ObjectShape, Shape } from '@countersign/formats'
import { writeWhole } from './whole-file.ts'

/** An API token of a server for a while. */
export interface Access {
  readonly token: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export interface SessionFilesOptions {
  /** Directories in which they may be kept, the first that is fit; looked for in the others as well. */
  readonly places: readonly string[]
  /** The workspace, of which nothing of ours may become a part: its files are what steps are made of. */
  readonly workspace: string
  /** The server's URL, in one spelling. */
  readonly server: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Longest wait for another process that shows the same token; milliseconds, 30,000 unless it is given. */
  readonly patience?: number
}

/** A session, and the file that it is in. */
interface Kept {
  readonly path: string
  readonly access: Access
}

const MEDIA_TYPE = 'application/vnd.countersign.session.v1+json'
const MAX_FILE_BYTES = 4_096
const SESSION = /^cst_s[0-9a-f]{24}_[0-9a-f]{64}$/
/** A session, or its lock; and either before it has its name. */
const OURS = /^[0-9a-f]{64}(?:\.lock)?(?:\.[0-9a-f-]{36}\.tmp)?$/
const MAX_LISTED = 4_096
const DAY_MS = 24 * 60 * 60 * 1000
const POLL_MS = 50

/**
 * Sessions that identity tokens opened, kept for the processes of the job that come later and are given the same token:
 * it counts once, and goes on with its session alone. Each is a file of its own (0600, in a directory of its owner alone,
 * 0700), named by a hash of server and token, and sealed under a key made of the token: so whoever reads the file has
 * nothing without the token, and whoever writes one makes nobody believe it.
 *
 * Where none can be kept everything goes on without, and {@link fault} says why.
 */
export class SessionFiles {
  readonly #options: SessionFilesOptions
  readonly #patience: number
  #directories: Promise<readonly string[]> | null = null
  #fault: string | null = null

  constructor(options: SessionFilesOptions) {
    this.#options = options
    this.#patience = options.patience ?? 30_000
  }

  /** Why nothing is kept; null where it is, or nobody has tried. */
  get fault(): string | null {
    return this.#fault
  }

  /**
   * Does something with the session that a token opened, `kept`, or opens one, where that is null: one process at a time,
   * so that those that begin together do not take the token from one another. What was opened is kept. A kept one that
   * the server no longer takes (`identity-token-used`) is let go.
   */
  async within<T extends { readonly access: Access | null }>(
    token: string,
    use: (kept: Access | null) => Promise<T>,
  ): Promise<T> {
    const paths = await this.#pathsOf(token)
    const [path] = paths
    if (path === undefined) return use(null)
    const kept = await this.#find(paths, token)
    if (kept !== null) return this.#goOn(kept, use)
    const unlock = await this.#lock(paths, token)
    try {
      // Whoever was before may have opened it.
      const opened = await this.#find(paths, token)
      if (opened !== null) return await this.#goOn(opened, use)
      const made = await use(null)
      if (made.access !== null) await this.#keep(path, token, made.access)
      return made
    } finally {
      await unlock()
    }
  }

  async #goOn<T>({ path, access }: Kept, use: (kept: Access) => Promise<T>): Promise<T> {
    try {
      return await use(access)
    } catch (error) {
      if (error instanceof CodedError && error.code === 'identity-token-used') await rm(path, { force: true })
      throw error
    }
  }

  /** Where a token's session is, or will be: in the first. */
  async #pathsOf(token: string): Promise<readonly string[]> {
    this.#directories ??= this.#open()
    const name = createHash('sha256').update(`${MEDIA_TYPE}\n${this.#options.server}\n${token}`).digest('hex')
    return (await this.#directories).map((directory) => join(directory, name))
  }

  /**
   * The first place that is fit, made where needed, and those after it that are there: a process that came before may have
   * had no other, for a home may come to be meanwhile. None, and why, where there is none.
   */
  async #open(): Promise<readonly string[]> {
    const [found, faults]: [string[], string[]] = [[], []]
    for (const place of this.#options.places) {
      try {
        found.push(await ownDirectory(place, this.#options.workspace, found.length === 0))
      } catch (error) {
        faults.push(error instanceof Error ? error.message : String(error))
      }
    }
    if (found.length === 0) this.#fault = faults.join('; ')
    return found
  }

  async #find(paths: readonly string[], token: string): Promise<Kept | null> {
    for (const path of paths) {
      const bytes = await readOwn(path)
      const access = bytes === null ? null : this.#unseal(bytes, token)
      if (access === null) continue
      if (access.expiresAt > this.#options.now()) return { path, access }
      await rm(path, { force: true })
    }
    return null
  }

  async #keep(path: string, token: string, access: Access): Promise<void> {
    try {
      await this.#removeEnded(resolve(path, '..'))
      await writeWhole(path, this.#seal(access, token), 'owner')
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error)
    }
  }

  /** Sessions that are over, and what killed processes left. */
  async #removeEnded(directory: string): Promise<void> {
    const now = this.#options.now()
    const names = (await readdir(directory)).filter((name) => OURS.test(name)).slice(0, MAX_LISTED)
    for (const name of names) {
      const path = join(directory, name)
      const found = await lstat(path).catch(() => null)
      const old = found === null || now - found.mtimeMs > DAY_MS
      const bytes = name.length === 64 ? await readOwn(path) : null
      const until = bytes === null ? null : expiryIn(bytes)
      if (old || (until !== null && until <= now)) await rm(path, { force: true })
    }
  }

  /** Waits until it is alone with a token; gives what lets the next one in. */
  async #lock(paths: readonly string[], token: string): Promise<() => Promise<void>> {
    const lock = `${paths[0]}.lock`
    const until = performance.now() + this.#patience
    for (;;) {
      try {
        await (await open(lock, 'wx', 0o600)).close()
        return () => rm(lock, { force: true })
      } catch (error) {
        // Where there can be no lock nobody waits for one.
        if (!isCode(error, 'EEXIST')) return () => Promise.resolve()
      }
      await delay(POLL_MS)
      if ((await this.#find(paths, token)) !== null) return () => Promise.resolve()
      // Its holder was killed; or is slower than anybody waits.
      if (performance.now() > until) await rm(lock, { force: true, recursive: true })
    }
  }

  #seal(access: Access, token: string): Uint8Array {
    const expiresAt = new Date(access.expiresAt).toISOString()
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#keyOf(token), iv).setAAD(Buffer.from(expiresAt))
    const sealed = Buffer.concat([cipher.update(access.token, 'utf8'), cipher.final(), cipher.getAuthTag()])
    return canonicalJson({ mediaType: MEDIA_TYPE, expiresAt, iv: base64(iv), sealed: base64(sealed) })
  }

  /** Null for whatever is not what was sealed for this token. */
  #unseal(bytes: Uint8Array, token: string): Access | null {
    try {
      const it = shapeOf(bytes)
      const [iv, sealed] = [fromBase64(it.text('iv', 64)), fromBase64(it.text('sealed', 512))]
      if (iv.length !== 12 || sealed.length < TAG_BYTES) return null
      const decipher = createDecipheriv('aes-256-gcm', this.#keyOf(token), iv, { authTagLength: TAG_BYTES })
      decipher.setAAD(utf8(it.time('expiresAt'))).setAuthTag(sealed.subarray(-TAG_BYTES))
      const opened = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()])
      const session = fromUtf8(opened)
      return SESSION.test(session) ? { token: session, expiresAt: Date.parse(it.time('expiresAt')) } : null
    } catch {
      return null
    }
  }

  #keyOf(token: string): Buffer {
    return Buffer.from(hkdfSync('sha256', token, this.#options.server, MEDIA_TYPE, 32))
  }
}

const TAG_BYTES = 16

function shapeOf(bytes: Uint8Array): ObjectShape {
  const value = parseJson(bytes, { maxBytes: MAX_FILE_BYTES })
  const it = new Shape('file-unreadable', value, 'the session').object(['mediaType', 'expiresAt', 'iv', 'sealed'])
  it.exactly('mediaType', MEDIA_TYPE)
  return it
}

function expiryIn(bytes: Uint8Array): number | null {
  try {
    return Date.parse(shapeOf(bytes).time('expiresAt'))
  } catch {
    return null
  }
}

/** The directory below a place that is ours alone, made where it `isMade`. Throws an `Error` that says why there is none. */
async function ownDirectory(place: string, workspace: string, isMade: boolean): Promise<string> {
  const uid = process.getuid?.()
  const directory = resolve(place, uid === undefined ? 'countersign-sessions' : `countersign-sessions-${uid}`)
  const outside = (found: string, root: string) => {
    const below = relative(root, found)
    if (below !== '' && (below.startsWith('..') || isAbsolute(below))) return
    throw new Error(`${directory} is in the workspace, whose files steps are made of`)
  }
  // Before anything is made, and once more by where it is.
  outside(directory, resolve(workspace))
  try {
    if (isMade) {
      makeDirectory(place, 0o700)
      await mkdir(directory, { mode: 0o700 }).catch((error: unknown) => {
        if (!isCode(error, 'EEXIST')) throw error
      })
    }
    const found = await lstat(directory)
    if (!found.isDirectory() || !isOwn(found)) throw new Error('it is not a directory of this user alone')
    await access(directory, constants.W_OK)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`${directory} cannot be used: ${why}`, { cause: error })
  }
  outside(await realpath(directory), await realpath(workspace))
  return directory
}

/** Of whoever runs this, and nobody else's to read or write. Windows says no such thing of a file. */
function isOwn({ uid, mode }: Pick<Stats, 'uid' | 'mode'>): boolean {
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o077) === 0)
}

/** What nobody else can have written or read; null for whatever else is there, or nothing. */
async function readOwn(path: string): Promise<Uint8Array | null> {
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    try {
      const found = await file.stat()
      if (!found.isFile() || !isOwn(found) || found.nlink !== 1 || found.size > MAX_FILE_BYTES) return null
      return new Uint8Array(await file.readFile())
    } finally {
      await file.close()
    }
  } catch {
    return null
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
