import type { AnchorProved } from './proved.ts'

/** Two sources whose times for one statement do not fit. */
export interface TimesApart {
  readonly earlier: AnchorProved
  readonly later: AnchorProved
  /** By how many seconds, beyond what both allow for themselves. */
  readonly seconds: number
}

/**
 * What is proved of one statement, a source once, with its earliest time: a source that says it twice is still one
 * witness (T-64). A source is a kind and a name; {@link readRfc3161Trust} keeps one authority from having two.
 */
export function distinctSources(proved: readonly AnchorProved[]): AnchorProved[] {
  const sources = new Map<string, AnchorProved>()
  for (const one of proved) {
    const name = `${one.kind} ${one.by}`
    const known = sources.get(name)
    if (known === undefined || latest(one) < latest(known)) sources.set(name, one)
  }
  return [...sources.values()]
}

/**
 * When one statement existed at the latest, by the word of so many distinct sources: ISO time, null where there are
 * fewer with a time. With two, one authority alone can date nothing back (T-85): what it says early the other must say
 * too.
 */
export function provenBySources(proved: readonly AnchorProved[], sources: number): string | null {
  const times = distinctSources(proved).map(latest).filter(Number.isFinite)
  const time = times.toSorted((a, b) => a - b)[sources - 1]
  return time === undefined ? null : new Date(time).toISOString()
}

/**
 * Pairs of distinct sources whose times for one statement are further apart than they allow for themselves and the
 * window, in seconds, allows for the way there. Where the statement was sent to both within the window, one of them
 * lies or is wrong; where one of them was out of reach for longer, it is only late. The earlier one is to be doubted.
 */
export function timesApart(proved: readonly AnchorProved[], window: number): TimesApart[] {
  const sources = distinctSources(proved)
    .filter(({ time }) => time !== null)
    .toSorted((a, b) => latest(a) - latest(b))
  const apart: TimesApart[] = []
  for (const [i, later] of sources.entries()) {
    for (const earlier of sources.slice(0, i)) {
      const seconds = (Date.parse(later.time!) - Date.parse(earlier.time!)) / 1000 - earlier.within - later.within
      if (seconds > window) apart.push({ earlier, later, seconds })
    }
  }
  return apart
}

/** End of the margin of a source's time, milliseconds; never for one that names none. */
function latest({ time, within }: AnchorProved): number {
  return time === null ? Number.POSITIVE_INFINITY : Date.parse(time) + within * 1000
}
