import { CodedError } from './errors.ts'

/**
 * A path pattern: `?` is one character (code point), `*` any run without `/`, a segment `**` any number of
 * segments, everything else itself. No classes, braces or regular expressions: matching is
 * O(pattern × path), so no pattern can stall a verifier.
 */
export interface Glob {
  readonly pattern: string
  matches(path: string): boolean
}

/** Throws `pattern-invalid` for empty, absolute, `..`-holding or over-long patterns. */
export function parseGlob(pattern: string): Glob {
  const segments = pattern.split('/')
  const bad =
    pattern === '' ||
    pattern.length > 1024 ||
    pattern.includes('\\') ||
    !pattern.isWellFormed() ||
    segments.some((s) => s === '' || s === '.' || s === '..' || (s.includes('**') && s !== '**'))
  if (bad) {
    throw new CodedError(
      'pattern-invalid',
      `pattern ${JSON.stringify(pattern.slice(0, 120))} is not a relative path pattern`,
    )
  }
  return { pattern, matches: matcherOf(pattern, segments) }
}

/**
 * A pattern of text that is no path, such as a URI: `*` is any run without `/`, a part `**` between slashes any number
 * of parts, everything else itself, `?` and empty parts included. Throws `pattern-invalid` for an empty or over-long one.
 */
export function parseTextGlob(pattern: string): Glob {
  const segments = pattern.split('/')
  const bad = pattern === '' || pattern.length > 1024 || !pattern.isWellFormed()
  if (bad || segments.some((s) => s.includes('**') && s !== '**')) {
    throw new CodedError('pattern-invalid', `pattern ${JSON.stringify(pattern.slice(0, 120))} is no pattern of a text`)
  }
  return { pattern, matches: (text) => matchSegments(segments, text.split('/'), false) }
}

/** The common patterns need no table: everything, one path, one segment. */
function matcherOf(pattern: string, segments: readonly string[]): (path: string) => boolean {
  if (pattern === '**') return () => true
  if (isLiteral(pattern)) return (path) => path === pattern
  if (segments.length === 1) return (path) => !path.includes('/') && matchText(pattern, path)
  return (path) => matchSegments(segments, path.split('/'))
}

/** True when the pattern is a plain path. */
export function isLiteral(pattern: string): boolean {
  return !/[*?]/.test(pattern)
}

function matchSegments(pattern: readonly string[], path: readonly string[], anyOne = true): boolean {
  // reachable[j]: the pattern so far matches the first j segments of the path.
  let reachable = Array.from({ length: path.length + 1 }, (_, j) => j === 0)
  for (const segment of pattern) {
    const next = Array.from({ length: path.length + 1 }, () => false)
    for (let j = 0; j <= path.length; j++) {
      if (segment === '**') next[j] = reachable[j]! || (j > 0 && next[j - 1]!)
      else if (j > 0 && reachable[j - 1]!) next[j] = matchText(segment, path[j - 1]!, anyOne)
    }
    reachable = next
  }
  return reachable[path.length]!
}

/** `anyOne`: whether `?` is any one character. */
function matchText(pattern: string, text: string, anyOne = true): boolean {
  // Greedy with one point of return: the classic linear-space wildcard match.
  let p = 0
  let t = 0
  let star = -1
  let mark = 0
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p++
      mark = t
    } else if (p < pattern.length && ((anyOne && pattern[p] === '?') || pattern[p] === text[t])) {
      t += anyOne && pattern[p] === '?' ? width(text, t) : 1
      p++
    } else if (star >= 0) {
      p = star + 1
      mark += width(text, mark)
      t = mark
    } else {
      return false
    }
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

/** UTF-16 units of the character at `at`. */
function width(text: string, at: number): number {
  return text.codePointAt(at)! > 0xffff ? 2 : 1
}
