import { CodedError, type Glob, hasControl, parseGlob } from '@countersign/core'
import { shown } from './fault.ts'
import type { Place } from './place.ts'

/** Patterns meet every name of an attestation: their number and length bound what one costs to judge (T-93). */
export const MAX_PATTERNS = 100
export const MAX_PATTERN = 256

/** A pattern of a list; null where it is at fault. */
export interface Pattern {
  readonly place: Place
  readonly glob: Glob | null
}

/** Patterns from a list. */
export function readPatterns(place: Place): Pattern[] {
  if (place.isEmpty()) {
    place.fault('names nothing', 'List at least one pattern, or leave the field out.', 'contract-empty')
    return []
  }
  return (place.items(MAX_PATTERNS) ?? []).map((item) => ({ place: item, glob: readGlob(item) }))
}

export function globsOf(patterns: readonly Pattern[]): Glob[] {
  return patterns.flatMap(({ glob }) => (glob === null ? [] : [glob]))
}

export function readGlob(place: Place): Glob | null {
  const text = place.text(
    `a path pattern of at most ${MAX_PATTERN} characters`,
    (t) => t.length <= MAX_PATTERN && !hasControl(t),
  )
  if (text === null) return null
  // Names of files are in NFC: another form would look the same and match nothing.
  if (text.normalize('NFC') !== text) {
    place.fault('is not in Unicode NFC, so it matches no name', 'Type it again, or save the file in NFC.')
    return null
  }
  try {
    return parseGlob(text.endsWith('/') ? text.slice(0, -1) : text)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    place.fault(`is ${shown(text)}, which is no relative path pattern`, error.fix, error.code)
    return null
  }
}
