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
  if (path.charCodeAt(1) === 0x3a && /^[A-Za-z]/.test(path)) return 'has a drive letter'
  let start = 0
  let ascii = true
  for (let i = 0; i <= path.length; i++) {
    const c = i === path.length ? 0x2f : path.charCodeAt(i)
    if (c === 0x5c) return 'holds a back-slash'
    if (c >= 0x7f) ascii = false
    else if (c < 0x20) return 'holds a control character'
    if (c !== 0x2f) continue
    if (i === start) return i === 0 ? 'is absolute' : 'has an empty segment'
    const dots = path.charCodeAt(start) === 0x2e && (i === start + 1 || (i === start + 2 && path[start + 1] === '.'))
    if (dots) return `has the segment ${path.slice(start, i)}`
    start = i + 1
  }
  if (ascii) return null
  if (!path.isWellFormed()) return 'holds a lone surrogate'
  if (hasControl(path)) return 'holds a control character'
  if (path.normalize('NFC') !== path) return 'is not in Unicode NFC'
  return utf8(path).length > MAX_PATH_BYTES ? `is longer than ${MAX_PATH_BYTES} bytes` : null
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
