import { shown } from './fault.ts'

const LISTED = 20

/** Advice for a name that is not among `known`: the nearest one, and what there is. */
export function useOneOf(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'There is none yet: define it first.'
  const names = known.slice(0, LISTED).map(shown).join(', ')
  const list = known.length > LISTED ? `${names}, … (${known.length} in all)` : names
  const near = nearest(name, known)
  return near === null ? `Use one of: ${list}.` : `Did you mean ${shown(near)}? There is: ${list}.`
}

/** The known name that differs least, by at most two typing mistakes (one in a short name). */
export function nearest(name: string, known: readonly string[]): string | null {
  const text = name.toLowerCase()
  let best: string | null = null
  let within = text.length > 128 ? -1 : text.length < 5 ? 1 : 2
  for (const candidate of known) {
    const mistakes = distance(text, candidate.toLowerCase(), within)
    if (mistakes > within) continue
    best = candidate
    within = mistakes - 1
  }
  return best
}

/**
 * Optimal string alignment distance (insert, delete, replace, swap two neighbours), or `most + 1` when it
 * is above `most`. Looks only at a band of 2 · most + 1 cells a row, so long names cost little.
 */
function distance(a: string, b: string, most: number): number {
  const far = most + 1
  if (Math.abs(a.length - b.length) > most) return far
  let before: number[] = []
  let last: number[] = Array.from({ length: b.length + 1 }, (_, j) => (j <= most ? j : far))
  let row: number[] = []
  for (let i = 1; i <= a.length; i++) {
    const from = Math.max(1, i - most)
    const to = Math.min(b.length, i + most)
    row[from - 1] = from === 1 && i <= most ? i : far
    for (let j = from; j <= to; j++) {
      let cost = Math.min(last[j] ?? far, row[j - 1]!) + 1
      cost = Math.min(cost, last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1)
      row[j] = cost
    }
    // The next row looks one cell further than this one went.
    if (to < b.length) row[to + 1] = far
    const spare = before
    before = last
    last = row
    row = spare
  }
  return Math.min(last[b.length]!, far)
}
