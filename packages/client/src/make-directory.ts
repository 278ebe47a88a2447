import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a directory, and those that it is in; gives the first that was not there, as Node's own recursive `mkdir`
 * does. That one never ends where the system will not make a directory and says that its parent is missing, such as
 * below `/proc`.
 */
export function makeDirectory(path: string, mode = 0o777): string | undefined {
  if (make(path, mode)) return path
  if (isDirectory(path)) return undefined
  const first = makeDirectory(dirname(path), mode)
  // Somebody else may have been faster.
  if (make(path, mode) || isDirectory(path)) return first ?? path
  throw Object.assign(new Error(`ENOENT: no directory can be made here, mkdir '${path}'`), { code: 'ENOENT' })
}

/** False where it is there, or where its parent is not. */
function make(path: string, mode: number): boolean {
  try {
    mkdirSync(path, { mode })
    return true
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (isDirectory(path) || (missing && dirname(path) !== path)) return false
    throw error
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
