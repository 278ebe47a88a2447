import { hash, randomUUID } from 'node:crypto'
import { constants, closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { makeDirectory } from '@countersign/client/make-directory'
import { CodedError, fromUtf8 } from '@countersign/core'

/** A file that was named to be read is not there: wrong usage, and no verdict about anything. */
export class NotThere extends CodedError {
  constructor(what: string, options: { readonly fix?: string; readonly cause?: unknown } = {}) {
    super('file-missing', what, { fix: 'Check the name.', ...options })
  }
}

/** Bytes of a regular file of at most `max` bytes. Throws `file-missing`, `file-unreadable`, `file-special`, `input-too-large`. */
export function readBounded(path: string, max: number): Uint8Array {
  let fd: number
  try {
    // O_NONBLOCK: a FIFO in the file's place must not hang us.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (cause) {
    throw systemError(path, cause, 'file-unreadable')
  }
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile())
      throw new CodedError('file-special', `${path} is not a regular file`, { fix: 'Name a regular file.' })
    if (stat.size > max)
      throw new CodedError('input-too-large', `${path} has ${stat.size} bytes, at most ${max} are read`)
    const bytes = new Uint8Array(stat.size)
    let length = 0
    while (length < bytes.length) {
      const read = readSync(fd, bytes, length, bytes.length - length, length)
      if (read === 0) break
      length += read
    }
    return bytes.subarray(0, length)
  } catch (cause) {
    if (cause instanceof CodedError) throw cause
    throw systemError(path, cause, 'file-unreadable')
  } finally {
    closeSync(fd)
  }
}

/** What reading a file's content comes to; what is thrown of it names the file. Throws what `read` throws. */
export function contentOf<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    throw new CodedError(cause.code, `${file}: ${cause.what}`, { fix: cause.fix, cause })
  }
}

/** Whether bytes are unlike all that were seen before. Of those their digests are kept. */
export function isNew(bytes: Uint8Array, seen: Set<string>): boolean {
  const { size } = seen
  return seen.add(hash('sha256', bytes)).size > size
}

export function readText(path: string, max = 1 << 20): string {
  return fromUtf8(readBounded(path, max))
}

/** Where a process finds its own descriptors: never a name to be given to another file. `/dev/shm` is for files. */
const DESCRIPTORS = /^\/(?:dev\/(?:stdin|stdout|stderr|fd\/)|proc\/)/

/**
 * Writes all of it or nothing, durably: beside the target first, then in its place; a link's target stays where it is. What
 * is no file (`/dev/stdout`, a pipe) is written to: a file in its place would take it from everybody else. Throws
 * `file-write-failed`.
 */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  try {
    if (await isStream(path)) await writeToReader(path, bytes)
    else await replace(await realpath(path).catch(() => path), bytes)
  } catch (cause) {
    throw systemError(path, cause, 'file-write-failed')
  }
}

/** Takes a file away; one that is gone already is none. Throws `file-write-failed`. */
export async function takeAway(path: string): Promise<void> {
  try {
    await rm(path, { force: true })
  } catch (cause) {
    throw systemError(path, cause, 'file-write-failed')
  }
}

/** How long a pipe may have nobody at its other end: to open it for writing waits for ever. */
const PATIENCE = 5_000
const PAUSE = 20

async function writeToReader(path: string, bytes: Uint8Array): Promise<void> {
  const until = performance.now() + PATIENCE
  for (;;) {
    try {
      const file = await open(path, constants.O_WRONLY | constants.O_APPEND | (constants.O_NONBLOCK ?? 0))
      await writeAll(file, bytes).finally(() => file.close())
      return
    } catch (cause) {
      if (!isCode(cause, 'ENXIO') || performance.now() > until || !(await stat(path)).isFIFO()) throw cause
      await pause()
    }
  }
}

/** Opened anew to wait in the writing, a pipe whose reader has just gone would be waited for for ever. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += (await file.write(bytes, done)).bytesWritten
    } catch (cause) {
      // It is full, and somebody reads.
      if (!isCode(cause, 'EAGAIN')) throw cause
      await pause()
    }
  }
}

function isCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code
}

function pause(): Promise<void> {
  return new Promise((done) => setTimeout(done, PAUSE))
}

async function isStream(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null)
  if (found === null || found.isDirectory()) return false
  return !found.isFile() || DESCRIPTORS.test(resolve(path))
}

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  // Nobody else's: two that write one file at once take it from one another whole.
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    makeDirectory(dirname(path))
    const file = await open(temporary, 'wx', 0o644)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw cause
  }
}

function systemError(path: string, cause: unknown, code: 'file-unreadable' | 'file-write-failed'): CodedError {
  const name = cause instanceof Error && 'code' in cause ? String(cause.code) : 'failed'
  if (name === 'ENOENT' && code === 'file-unreadable') return new NotThere(`${path} is not there`, { cause })
  return new CodedError(code, `${path}: ${name}`, { cause })
}
