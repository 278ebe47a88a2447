import type { Glyph } from '../../pictures/shapes.tsx'
import type { Anchored, Cost, Progress } from './answers.ts'

const DAY = 86_400_000

/**
 * How a day stands: `proven` in every anchor that was to have it; `waiting` in one; `refused` by one; `stated` where no anchor
 * was asked; `healed` where only a later statement covers it; `missed` where none does; `open` while it is not over.
 */
export type DayState = 'proven' | 'waiting' | 'refused' | 'stated' | 'healed' | 'missed' | 'open'

export interface Day {
  /** ISO date. */
  readonly date: string
  readonly state: DayState
  /** That ended on it, oldest first; else the one that covers it. */
  readonly statements: readonly Anchored[]
}

export const DAY_GLYPHS: Readonly<Record<DayState, Glyph>> = {
  proven: { tone: 'good', shape: 'check' },
  waiting: { tone: 'warn', shape: 'half' },
  refused: { tone: 'bad', shape: 'cross' },
  stated: { tone: 'unknown', shape: 'ring' },
  healed: { tone: 'warn', shape: 'dashed' },
  missed: { tone: 'bad', shape: 'dashed' },
  open: { tone: 'unknown', shape: 'dashed' },
}

export const DAY_SAYS: Readonly<Record<DayState, string>> = {
  proven: 'proven by all anchors',
  waiting: 'on its way',
  refused: 'refused by an anchor',
  stated: 'stated, anchored nowhere',
  healed: 'covered by a later statement',
  missed: 'missed',
  open: 'not over yet',
}

/** Every day from the first statement to `today`, an ISO date; those before `from` are left out. */
export function daysOf(statements: readonly Anchored[], from: string, today: string): readonly Day[] {
  const ordered = statements.toSorted((a, b) => a.number - b.number)
  const first = ordered[0]
  if (first === undefined) return []
  const own = Map.groupBy(ordered, dateOf)
  const days: Day[] = []
  const begin = [from, first.start.slice(0, 10)].toSorted().at(-1)!
  for (let time = Date.parse(begin); time <= Date.parse(today); time += DAY) {
    const date = new Date(time).toISOString().slice(0, 10)
    const made = own.get(date)
    if (made !== undefined) {
      days.push({ date, state: stateOf(made), statements: made })
      continue
    }
    const covering = ordered.find(({ start, end }) => Date.parse(start) < time + DAY && time < Date.parse(end))
    const state = covering !== undefined ? 'healed' : date === today ? 'open' : 'missed'
    days.push({ date, state, statements: covering === undefined ? [] : [covering] })
  }
  return days
}

/** The day that a statement is of: one that ends at midnight is of the day before. */
function dateOf({ end }: Anchored): string {
  return new Date(Date.parse(end) - 1).toISOString().slice(0, 10)
}

function stateOf(statements: readonly Anchored[]): DayState {
  const entries = statements.flatMap(({ anchors }) => anchors)
  if (entries.length === 0) return 'stated'
  if (entries.some(({ dead }) => dead !== null)) return 'refused'
  return entries.every(({ finalAt }) => finalAt !== null) ? 'proven' : 'waiting'
}

/** What a statement's way into an anchor looks like. */
export function progressGlyph({ dead, finalAt, failing }: Progress): Glyph {
  if (dead !== null) return { tone: 'bad', shape: 'cross' }
  if (finalAt !== null) return { tone: 'good', shape: 'check' }
  return { tone: failing === null ? 'unknown' : 'warn', shape: 'half' }
}

export function progressText({ dead, finalAt, failing, phase }: Progress): string {
  if (dead !== null) return `refused: ${dead.what}`
  if (finalAt !== null) return 'proven'
  return failing === null ? phase : `${phase}, and does not answer: ${failing.what}`
}

/** What was spent in a month (`2026-11`) by each anchor: of what was queued in it. Amounts are added as they are, without rounding. */
export function costsOf(statements: readonly Anchored[], month: string): ReadonlyMap<string, readonly Cost[]> {
  const sums = new Map<string, Map<string, bigint>>()
  for (const { anchor, queuedAt, costs } of statements.flatMap(({ anchors }) => anchors)) {
    if (!queuedAt.startsWith(month)) continue
    const own = sums.get(anchor) ?? new Map<string, bigint>()
    for (const { unit, amount } of costs) {
      if (/^[0-9]+$/.test(amount)) own.set(unit, (own.get(unit) ?? 0n) + BigInt(amount))
    }
    sums.set(anchor, own)
  }
  return new Map(
    [...sums].map(([anchor, own]) => [anchor, [...own].map(([unit, amount]) => ({ unit, amount: String(amount) }))]),
  )
}

const GWEI = 1_000_000_000n
const ETHER = 1_000_000_000n * GWEI

/** `0.00231 ETH`, `62 requests`, `24,100 gas`. */
export function costText({ unit, amount }: Cost): string {
  const whole = BigInt(amount)
  if (unit === 'wei') {
    if (whole === 0n || whole < 1000n * GWEI) return `${grouped(whole / GWEI)} gwei`
    const digits = ((whole % ETHER) / GWEI).toString().padStart(9, '0').slice(0, 6).replace(/0+$/, '')
    return `${grouped(whole / ETHER)}${digits === '' ? '' : `.${digits}`} ETH`
  }
  const plural = unit === 'request' && whole !== 1n ? 'requests' : unit
  return `${grouped(whole)} ${plural}`
}

function grouped(value: bigint): string {
  return value.toString().replace(/\B(?=(?:\d{3})+$)/g, ',')
}
