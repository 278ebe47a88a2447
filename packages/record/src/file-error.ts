import { lstatSync, type Stats } from 'node:fs'
import { type Code, CodedError } from '@countersign/core'

const CODES: Readonly<Record<string, readonly [Code, string]>> = {
  ENOENT: ['file-missing', 'is not there'],
  ENOTDIR: ['file-missing', 'is not there'],
  ELOOP: ['symlink-broken', 'leads in a circle'],
  // Opening a socket, or a FIFO without the other end, for reading.
  ENXIO: ['file-special', 'is not a regular file'],
  ENODEV: ['file-special', 'is not a regular file'],
  EOPNOTSUPP: ['file-special', 'is not a regular file'],
}

/** The errno name of a system error (`ENOENT`), null for any other thrown value. */
export function errno(cause: unknown): string | null {
  const code = cause instanceof Error && 'code' in cause && 'errno' in cause ? cause.code : null
  return typeof code === 'string' ? code : null
}

/** What the file system's refusal means to a recorder; what is no such refusal is returned as it is. */
export function fileError(cause: unknown, name: string): unknown {
  const code = errno(cause)
  if (code === null) return cause
  const known = CODES[code]
  if (known === undefined) return new CodedError('file-unreadable', `${name} cannot be read (${code})`, { cause })
  return new CodedError(known[0], `${name} ${known[1]}`, { cause })
}

/** The same for what was just listed: that it is gone or became a link means that somebody changed it meanwhile. */
export function listedFileError(cause: unknown, name: string): unknown {
  const error = fileError(cause, name)
  if (error === cause || !(error instanceof CodedError)) return error
  if (error.code !== 'file-missing' && error.code !== 'symlink-broken') return error
  return new CodedError('file-changed', `${name} was removed or replaced while it was recorded`, { cause })
}

/** What is at a path, not following a link; null when nothing is. Throws `file-unreadable`. */
export function lookAt(path: string, name: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null
  } catch (cause) {
    // A file where a directory was expected: there is nothing below it.
    if (errno(cause) === 'ENOTDIR') return null
    throw fileError(cause, name)
  }
}
