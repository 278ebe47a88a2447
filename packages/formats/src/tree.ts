import { checkPath, CodedError, isHex } from '@countersign/core'
import type { FileMode } from './statement.ts'

/** One entry of a tree manifest. */
export interface TreeEntry {
  readonly path: string
  readonly mode: Exclude<FileMode, '040000'>
  /** SHA-256 of the content; of the target text for a symbolic link. */
  readonly sha256: string
}

/**
 * A tree manifest line: `<mode> <sha256>  <path>\n`. A manifest is its entries' lines sorted by the
 * UTF-8 bytes of the path; a tree's digest is the SHA-256 of its manifest, so the manifest is an
 * ordinary content-addressed file that anybody can check with `sha256sum`.
 */
export function treeLine(entry: TreeEntry): string {
  return `${entry.mode} ${entry.sha256}  ${entry.path}\n`
}

/** Order of tree entries: by the UTF-8 bytes of the path (equal to code point order). */
export function compareTreePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) {
      // UTF-16 puts surrogates (U+D800–DFFF) below U+E000–FFFF, UTF-8 above.
      const xs = x >= 0xd800 && x <= 0xdfff
      const ys = y >= 0xd800 && y <= 0xdfff
      if (xs !== ys) return xs ? 1 : -1
      return x - y
    }
  }
  return a.length - b.length
}

/**
 * Entries of a manifest. Throws `statement-invalid` unless it is exactly what `treeLine` writes, sorted,
 * without repeats and without a name that is file and directory at once; `path-invalid` for its paths.
 */
export function parseTree(manifest: string): TreeEntry[] {
  const entries: TreeEntry[] = []
  const lines = manifest.split('\n')
  if (lines.pop() !== '') throw new CodedError('statement-invalid', 'the tree manifest does not end in a newline')
  const seen = new Set<string>()
  let last: string | null = null
  for (const [i, line] of lines.entries()) {
    const mode = line.slice(0, 6)
    const sha256 = line.slice(7, 71)
    const path = line.slice(73)
    const good =
      (mode === '100644' || mode === '100755' || mode === '120000') &&
      line[6] === ' ' &&
      line.slice(71, 73) === '  ' &&
      isHex(sha256, 64) &&
      (last === null || compareTreePaths(last, path) < 0)
    if (!good) throw new CodedError('statement-invalid', `tree manifest line ${i + 1} is malformed or out of order`)
    checkPath(path)
    if (underFile(path, seen)) {
      throw new CodedError('statement-invalid', `tree manifest line ${i + 1} is inside of a file`)
    }
    seen.add(path)
    entries.push({ mode: mode as TreeEntry['mode'], sha256, path })
    last = path
  }
  return entries
}

function underFile(path: string, files: ReadonlySet<string>): boolean {
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    if (files.has(path.slice(0, slash))) return true
  }
  return false
}
