import { createHash, randomUUID } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { makeDirectory as makeDirectories } from '@countersign/client/make-directory'
import { CodedError, equal } from '@countersign/core'
import { MAX_NOTE_BYTES } from '@countersign/formats'
import type { CheckpointLock } from '@countersign/log'

/** `1-<SHA-256 of the rest>` and a newline, then the checkpoint. */
const HEADER = /^1-([0-9a-f]{64})\n$/
const HEADER_BYTES = 67
/** Of a file of the lock: which of its origin it is. */
const NUMBER = /^[1-9][0-9]{0,15}$/
/** A file of this age that nobody put in its place has no writer any more; milliseconds. */
const ABANDONED_MS = 3_600_000
/** How often the newest file is looked for again when it is gone once it is read. */
const TRIES = 100

/**
 * The lock as files in a directory, made where needed; several processes may open it. Every checkpoint of an origin
 * is a file of its own, `<SHA-256 of the origin>/<number>`, and the highest number counts. A file gets its number by
 * a hard link, which the file system gives to one taker only and only whole: so there is nothing that a killed
 * process could leave locked, or half written. Throws `store-failed`.
 *
 * Keep it out of every backup, and never copy it back.
 */
export function openFileLock(directory: string): CheckpointLock {
  try {
    makeDirectory(directory)
    removeAbandoned(directory)
  } catch (cause) {
    throw new CodedError('store-failed', `the checkpoint lock ${directory} cannot be opened`, { cause })
  }
  return new FileLock(directory)
}

interface Held {
  /** 0 where there is none. */
  readonly number: number
  readonly note: Uint8Array | null
}

class FileLock implements CheckpointLock {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  // Synchronous within, so that of all who swap in this process each does it alone.
  async read(origin: string): Promise<Uint8Array | null> {
    return attempt('the checkpoint lock could not be read', () => held(this.#home(origin)).note)
  }

  async swap(origin: string, old: Uint8Array | null, next: Uint8Array): Promise<void> {
    const home = this.#home(origin)
    const before = attempt('the checkpoint lock could not be read', () => held(home))
    const same = before.note === null || old === null ? before.note === old : equal(before.note, old)
    if (!same) throw conflict(origin)
    const written = attempt('it is not known whether the checkpoint lock was written', () => {
      if (before.number === 0) makeDirectory(home)
      return put(home, before.number + 1, next)
    })
    if (!written) throw conflict(origin)
  }

  #home(origin: string): string {
    return join(this.#directory, createHash('sha256').update(origin).digest('hex'))
  }
}

/** The newest checkpoint. Others may go on meanwhile: then what was newest is gone, and it is looked for again. */
function held(home: string): Held {
  for (let tried = 1; ; tried++) {
    const number = newest(home)
    if (number === 0) return { number, note: null }
    try {
      return { number, note: readNote(join(home, String(number))) }
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || tried === TRIES) throw error
    }
  }
}

function newest(home: string): number {
  return Math.max(0, ...numbersIn(home))
}

function numbersIn(home: string): number[] {
  try {
    return readdirSync(home)
      .filter((name) => NUMBER.test(name))
      .map(Number)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

/** A damaged file is a failure, never nothing: what nobody can read may have been signed all the same. */
function readNote(path: string): Uint8Array {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(descriptor)
    const good = stat.isFile() && stat.size >= HEADER_BYTES && stat.size <= HEADER_BYTES + MAX_NOTE_BYTES
    if (!good) throw new Error(`${path} is no checkpoint of a lock`)
    const bytes = readFileSync(descriptor)
    const digest = HEADER.exec(bytes.toString('latin1', 0, HEADER_BYTES))?.[1]
    const note = new Uint8Array(bytes.subarray(HEADER_BYTES))
    if (digest !== sha256(note)) throw new Error(`${path} is damaged`)
    return note
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Writes a checkpoint under its number; false where somebody else has it. Durable when it returns. A crash before the
 * link leaves a file without a number, which counts for nothing; after it the checkpoint is there, and was not
 * answered for.
 */
function put(home: string, number: number, note: Uint8Array): boolean {
  if (note.length > MAX_NOTE_BYTES) throw new Error(`a checkpoint of ${note.length} bytes could not be read again`)
  const temporary = join(home, `${randomUUID()}.tmp`)
  try {
    const descriptor = openSync(temporary, 'wx', 0o600)
    try {
      writeFileSync(descriptor, Buffer.concat([Buffer.from(`1-${sha256(note)}\n`), note]))
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    try {
      linkSync(temporary, join(home, String(number)))
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false
      throw error
    }
  } finally {
    rmSync(temporary, { force: true })
  }
  syncDirectory(home)
  // Whoever slept since it looked may have taken a number that others had left behind: that is not the newest, and
  // never was. Where it was the newest, somebody has gone on from it, which is the same to who asks: not to go on.
  if (newest(home) !== number) throw new Error('others went on meanwhile')
  for (const older of numbersIn(home)) if (older < number) rmSync(join(home, String(older)), { force: true })
  return true
}

function attempt<T>(what: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    throw new CodedError('store-failed', what, { cause })
  }
}

function conflict(origin: string): CodedError {
  return new CodedError('checkpoint-conflict', `the lock of ${origin} holds another checkpoint than the one expected`)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** With its name on the disk: a lock that a power loss takes away would be a witness that has forgotten. */
function makeDirectory(directory: string): void {
  const made = makeDirectories(directory, 0o700)
  // Also where it was there: whoever made it may have been killed before its name was on the disk.
  const top = made === undefined ? directory : made
  for (let at = directory; ; at = dirname(at)) {
    syncDirectory(dirname(at))
    if (at === top) return
  }
}

function removeAbandoned(directory: string): void {
  const now = Date.now()
  for (const home of readdirSync(directory)) {
    if (!/^[0-9a-f]{64}$/.test(home)) continue
    for (const name of readdirSync(join(directory, home)).filter((file) => file.endsWith('.tmp'))) {
      const path = join(directory, home, name)
      const stat = statSync(path, { throwIfNoEntry: false })
      if (stat !== undefined && now - stat.mtimeMs > ABANDONED_MS) rmSync(path, { force: true })
    }
  }
}

function syncDirectory(directory: string): void {
  let descriptor: number
  try {
    descriptor = openSync(directory, 'r')
  } catch (error) {
    // Windows cannot open a directory; its file systems keep names without being asked.
    if (codeOf(error) === 'EISDIR' || codeOf(error) === 'EPERM') return
    throw error
  }
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
