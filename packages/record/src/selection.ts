import { type Glob, isLiteral, parseGlob } from '@countersign/core'
import { nameOf, trim } from './names.ts'
import type { EntryKind } from './walk.ts'

/** Where a root keeps what is about the recording itself: never recorded by a pattern or as part of a tree. */
export function isOwn(path: string, kind: EntryKind): boolean {
  if (path === '.git' || path === '.countersign') return true
  // Chain files are written beside the artifacts they are about. A link of that name could hide what it leads to.
  return kind === 'file' && path.endsWith('.chain.jsonl')
}

/** Throws `pattern-invalid` and `path-invalid` for what can name nothing below a root, whatever is there. */
export function checkPattern(written: string): void {
  globOf(written)
  if (isLiteral(written)) nameOf(written)
}

function globOf(written: string): Glob {
  const pattern = trim(written).normalize('NFC')
  return parseGlob(pattern === '.' ? '**' : pattern)
}

/** Patterns that leave out what they match, and everything below a directory that they match. */
export class Exclusion {
  readonly #globs: readonly Glob[]
  readonly #literals: ReadonlySet<string>

  /** Throws `pattern-invalid`. */
  constructor(patterns: readonly string[]) {
    const globs = patterns.map(globOf)
    this.#globs = globs.filter(({ pattern }) => !isLiteral(pattern))
    this.#literals = new Set(globs.map(({ pattern }) => pattern).filter(isLiteral))
  }

  /** Whether a pattern matches this very path. */
  matches(path: string): boolean {
    return this.#literals.has(path) || this.#globs.some((glob) => glob.matches(path))
  }

  /** Whether a pattern matches the path or a directory that it is in. */
  covers(path: string): boolean {
    if (this.#literals.size === 0 && this.#globs.length === 0) return false
    for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
      if (this.matches(path.slice(0, end))) return true
    }
    return this.matches(path)
  }
}

/** A wildcard pattern, taken apart for a walk that enters only directories that can hold a match. */
export class Wildcard {
  readonly #glob: Glob
  /** Pattern of the directories at each depth, as far as they are told apart. */
  readonly #levels: readonly Glob[]
  readonly #deep: boolean
  /** The directory that holds every match; '' for the root. */
  readonly base: string

  /** Throws `pattern-invalid`. */
  constructor(pattern: string) {
    this.#glob = parseGlob(pattern)
    const segments = pattern.split('/')
    const wild = segments.findIndex((segment) => !isLiteral(segment))
    this.base = segments.slice(0, wild).join('/')
    const deep = segments.indexOf('**')
    this.#deep = deep >= 0
    const told = segments.slice(0, deep >= 0 ? deep : segments.length - 1)
    this.#levels = told.map((_, i) => parseGlob(told.slice(0, i + 1).join('/')))
  }

  matches(path: string): boolean {
    return this.#glob.matches(path)
  }

  /** Whether something below the directory `path` can match. */
  enters(path: string): boolean {
    const level = this.#levels[path.split('/').length - 1]
    return level === undefined ? this.#deep : level.matches(path)
  }
}
