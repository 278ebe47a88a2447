import { utf8 } from './bytes.ts'
import { CodedError } from './errors.ts'
import { hasControl, isAscii } from './text.ts'

const MAX_PATH_BYTES = 4096

/**
 * Checks a canonical relative POSIX path: `a/b.c`, never empty, absolute, `.`/`..`-segmented,
 * doubled or trailing slashes, back-slashes, drive letters, control characters or above 4096 bytes
 * of UTF-8; Unicode in NFC. Throws `path-invalid`. One file has one name (CVE-2021-41087).
 */
export function checkPath(path: string): void {
  const fault = pathFault(path)
  if (fault !== null) throw new CodedError('path-invalid', `path ${JSON.stringify(path.slice(0, 120))} ${fault}`)
}

function pathFault(path: string): string | null {
  if (path === '') return 'is empty'
  if (path.length > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`
  if (!isAscii(path)) {
    if (!path.isWellFormed()) return 'holds a lone surrogate'
    if (path.normalize('NFC') !== path) return 'is not in Unicode NFC'
    if (utf8(path).length > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`
  }
  if (path.startsWith('/')) return 'is absolute'
  if (/^[A-Za-z]:/.test(path)) return 'has a drive letter'
  if (path.includes('\\')) return 'holds a back-slash'
  if (hasControl(path)) return 'holds a control character'
  for (const segment of path.split('/')) {
    if (segment === '') return 'has an empty segment'
    if (segment === '.' || segment === '..') return `has the segment ${segment}`
  }
  return null
}

/**
 * The key under which two names collide on some file system: Unicode canonical caseless matching
 * (Unicode §3.13, D145). A set in which two names share a key cannot be unpacked everywhere, so it
 * is refused.
 */
export function collisionKey(path: string): string {
  if (isAscii(path)) return path.toLowerCase()
  // Lower, upper, lower folds what one mapping alone leaves apart: ẞ, ß and ss are one name.
  return path.normalize('NFD').toLowerCase().toUpperCase().toLowerCase().normalize('NFD')
}
