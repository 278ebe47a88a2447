import { CodedError } from '@countersign/core'

/** What SQLite threw, when it was for want of room: `storage-full`; null for everything else. */
export function fullDisk(cause: unknown): CodedError | null {
  const full = cause instanceof Error && 'code' in cause && cause.code === 'SQLITE_FULL'
  return full ? new CodedError('storage-full', 'the disk of the database has no room left', { cause }) : null
}
