import { CodedError } from './errors.ts'

/**
 * Checks a canonical relative POSIX path: `a/b.c`, never empty, absolute, `.`/`..`-segmented,
 * doubled or trailing slashes, back-slashes, drive letters, control characters or above 4096 bytes;
 * Unicode in NFC. Throws `path-invalid`. One file has one name (CVE-2021-41087).
 */
export function checkPath(path: string): void {
  const fault = pathFault(path)
  if (fault !== null) throw new CodedError('path-invalid', `path ${JSON.stringify(path.slice(0, 120))} ${fault}`)
}

function pathFault(path: string): string | null {
  if (path === '') return 'is empty'
  if (path.length > 4096) return 'is longer than 4096 characters'
  if (!path.isWellFormed()) return 'holds a lone surrogate'
  if (path.normalize('NFC') !== path) return 'is not in Unicode NFC'
  if (path.startsWith('/')) return 'is absolute'
  if (/^[A-Za-z]:/.test(path)) return 'has a drive letter'
  for (let i = 0; i < path.length; i++) {
    const c = path.charCodeAt(i)
    if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return 'holds a control character'
    if (c === 0x5c) return 'holds a back-slash'
    // U+2028/2029 break lines, bidi controls reorder what a reader sees.
    if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c === 0x2028 || c === 0x2029) {
      return 'holds an invisible control character'
    }
  }
  for (const segment of path.split('/')) {
    if (segment === '') return 'has an empty segment'
    if (segment === '.' || segment === '..') return `has the segment ${segment}`
  }
  return null
}

/**
 * The key under which two names collide on some file system: NFC, simple case folding.
 * A set in which two names share a key cannot be unpacked everywhere, so it is refused.
 */
export function collisionKey(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase()
}
