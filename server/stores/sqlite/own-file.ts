import { closeSync, fchmodSync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeDirectory } from '@countersign/client/make-directory'

/**
 * Makes a database file before SQLite would make it readable to all, and brings its name to the disk: a lock whose
 * name a power loss takes away would be a log without a lock, and a keyring data without its keys.
 */
export function makeForOwner(file: string): void {
  const directory = dirname(file)
  const made = makeDirectory(directory, 0o700)
  const descriptor = openSync(file, 'a', 0o600)
  try {
    fchmodSync(descriptor, 0o600)
  } catch {
    // It is somebody else's, lent to us: its owner decides who else reads it.
  } finally {
    closeSync(descriptor)
  }
  const top = made === undefined ? directory : dirname(made)
  for (let at = directory; ; at = dirname(at)) {
    syncDirectory(at)
    if (at === top) return
  }
}

function syncDirectory(directory: string): void {
  let descriptor: number
  try {
    descriptor = openSync(directory, 'r')
  } catch {
    // Where directories cannot be opened, on Windows, the file system keeps names by itself.
    return
  }
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
