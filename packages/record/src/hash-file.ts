import { createHash, hash } from 'node:crypto'
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { CodedError } from '@countersign/core'
import { listedFileError } from './file-error.ts'
import type { Pace } from './pace.ts'

export interface HashedFile {
  readonly mode: '100644' | '100755'
  readonly sha256: string
}

// O_NOFOLLOW: the last segment is no link, whatever it was when it was listed. O_NONBLOCK: a FIFO that took
// the file's place does not hang the recorder. Neither exists on Windows.
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Files below this size are hashed in one call, which is twice as fast as a hash object. */
const CHUNK = 1024 * 1024

// One buffer for all: it is never held across an await.
const buffer = Buffer.allocUnsafeSlow(CHUNK)

/**
 * Mode and SHA-256 of a regular file: of the file that was opened, not of whatever its name means later. The
 * open file is looked at before and after reading; any difference in size, times or identity is `file-changed`.
 * Throws `file-special` for anything but a regular file, without ever blocking on it, and `file-unreadable`.
 * Small files are done at once; large ones give the event loop its turns. `name` is for messages.
 */
export function hashFile(path: string, name: string, pace: Pace): HashedFile | Promise<HashedFile> {
  let fd: number
  try {
    fd = openSync(path, READ)
  } catch (cause) {
    throw listedFileError(cause, name)
  }
  let mine = true
  try {
    const before = fstatSync(fd, { bigint: true })
    if (!before.isFile()) throw new CodedError('file-special', `${name} is not a regular file`)
    if (before.size >= CHUNK) {
      mine = false
      return hashLarge(fd, before, name, pace)
    }
    const size = Number(before.size)
    const read = fill(fd, size)
    const sha256 = hash('sha256', buffer.subarray(0, read))
    pace.read(read)
    return finish(fd, before, BigInt(read), sha256, name, pace)
  } catch (cause) {
    throw listedFileError(cause, name)
  } finally {
    if (mine) closeSync(fd)
  }
}

async function hashLarge(fd: number, before: BigIntStats, name: string, pace: Pace): Promise<HashedFile> {
  try {
    const digest = createHash('sha256')
    let total = 0n
    for (;;) {
      const read = readSync(fd, buffer, 0, CHUNK, null)
      if (read === 0) break
      digest.update(read === CHUNK ? buffer : buffer.subarray(0, read))
      total += BigInt(read)
      // A file that grows as fast as it is read would never end.
      if (total > before.size) break
      pace.read(read)
      if (pace.due) await pace.breathe()
    }
    return finish(fd, before, total, digest.digest('hex'), name, pace)
  } catch (cause) {
    throw listedFileError(cause, name)
  } finally {
    closeSync(fd)
  }
}

/** Reads up to one byte more than `size`, so that growth shows without a read that only meets the end. */
function fill(fd: number, size: number): number {
  let read = 0
  while (read <= size) {
    const more = readSync(fd, buffer, read, size + 1 - read, null)
    read += more
    if (more === 0 || read === size) break
  }
  return read
}

function finish(fd: number, before: BigIntStats, read: bigint, sha256: string, name: string, pace: Pace): HashedFile {
  const after = fstatSync(fd, { bigint: true })
  // ctime as well: mtime can be set back.
  const same =
    read === before.size &&
    after.size === before.size &&
    after.mtimeNs === before.mtimeNs &&
    after.ctimeNs === before.ctimeNs &&
    after.ino === before.ino
  if (!same) throw new CodedError('file-changed', `${name} changed while it was hashed`)
  pace.file()
  return { mode: (before.mode & 0o100n) === 0n ? '100644' : '100755', sha256 }
}
