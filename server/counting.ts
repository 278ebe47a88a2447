import type { Grade } from '@countersign/formats/identity'

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** Monday, 5 January 1970. */
const FIRST_MONDAY = 4

/** Weeks, from Monday to Sunday in UTC, since the one that holds 1 January 1970. */
export function weekOf(ms: number): number {
  return Math.floor((Math.floor(ms / DAY_MS) - FIRST_MONDAY) / 7) + 1
}

/** When a week begins; milliseconds since 1970. */
export function startOfWeek(week: number): number {
  return ((week - 1) * 7 + FIRST_MONDAY) * DAY_MS
}

/**
 * Whom the attestations of a signer are counted under. What a certificate says ends with the run where nobody named it
 * otherwise (`identityText`), and each run would be an identity of its own.
 */
export function identityOf(signer: string): string {
  const run = signer.lastIndexOf(' · run ')
  return run > 0 ? signer.slice(0, run) : signer
}

/** How many attestations there are of each grade. */
export interface Graded {
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
}

/** The lowest grade that there is any of; null where there is none. */
export function weakest({ a, b, c, d }: Graded): Grade | null {
  if (d > 0) return 'D'
  if (c > 0) return 'C'
  if (b > 0) return 'B'
  return a > 0 ? 'A' : null
}

export function graded(grade: string | null): Graded {
  const of = (one: Grade) => (grade === one ? 1 : 0)
  return { a: of('A'), b: of('B'), c: of('C'), d: of('D') }
}

export function plus(one: Graded, other: Graded, sign: 1 | -1 = 1): Graded {
  return {
    a: one.a + sign * other.a,
    b: one.b + sign * other.b,
    c: one.c + sign * other.c,
    d: one.d + sign * other.d,
  }
}
