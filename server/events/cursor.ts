import { CodedError } from '@countersign/core'
import { type Positions, type Source, SOURCE_NAMES, SOURCES } from '../event-store.ts'

const BEGINNING = Object.fromEntries(SOURCE_NAMES.map((source) => [source, 0])) as Positions

/** A place in every source at once, as `s120r33g17…`: of each its letter, and the number of the first fact not told yet. */
export function writeCursor(positions: Positions): string {
  return SOURCE_NAMES.map((source) => `${SOURCES[source]}${positions[source]}`).join('')
}

/**
 * {@link writeCursor} the other way; null is the beginning. A source that a cursor does not name is told from its
 * beginning, so that an older cursor misses nothing of what was not a source then. Throws `request-invalid` for what no
 * page gave.
 */
export function readCursor(text: string | null): Positions {
  if (text === null) return BEGINNING
  if (!/^(?:[a-z][0-9]{1,15}){1,26}$/.test(text)) throw notOurs()
  const given = new Map<Source, number>()
  for (const [part, letter] of text.matchAll(/([a-z])[0-9]+/g)) {
    const source = sourceOf(letter!)
    if (source === null || given.has(source)) throw notOurs()
    given.set(source, Number(part.slice(1)))
  }
  return { ...BEGINNING, ...Object.fromEntries(given) }
}

/** The source with a letter; null where none has it. */
export function sourceOf(letter: string): Source | null {
  return SOURCE_NAMES.find((source) => SOURCES[source] === letter) ?? null
}

function notOurs(): CodedError {
  return new CodedError('request-invalid', 'the cursor is not one that a page gave')
}
