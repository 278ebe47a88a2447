import type { Place } from './place.ts'

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const LONGEST = 366 * 86_400_000
const DURATION = 'a time of 1m to 366d, like 90m, 36h or 7d'

/** Milliseconds; null where none is there, or it is a fault. */
export function readDuration(place: Place | undefined): number | null {
  const text = place?.text(DURATION, (text) => durationOf(text) !== null) ?? null
  return text === null ? null : durationOf(text)
}

/** Milliseconds; null for what is no duration. */
export function durationOf(text: string): number | null {
  const [, count, unit] = /^([1-9][0-9]{0,5})([mhd])$/.exec(text) ?? []
  const ms = count === undefined ? null : Number(count) * UNITS[unit!]!
  return ms === null || ms > LONGEST ? null : ms
}

/** As a contract has it, in the largest unit that fits. */
export function durationText(ms: number): string {
  const unit = ['d', 'h', 'm'].find((one) => ms % (UNITS[one] ?? 1) === 0)
  return unit === undefined ? `${ms / 1000}s` : `${ms / UNITS[unit]!}${unit}`
}
