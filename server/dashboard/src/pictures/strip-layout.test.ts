import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { barsOf, type Bucket, merged, unitOf } from './strip-layout.ts'

const bucket = (day: number, counts: Partial<Bucket> = {}): Bucket => ({
  start: new Date(Date.UTC(2026, 10, day)).toISOString(),
  allow: 0,
  deny: 0,
  unknown: 0,
  deviated: 0,
  ...counts,
})

describe('neighbours are put together', () => {
  test('the newest whole, the oldest as it comes out', () => {
    const days = Array.from({ length: 7 }, (_, i) => bucket(i + 1, { allow: 1 }))
    const three = merged(days, 3)
    expect(three.map(({ allow }) => allow)).toEqual([1, 3, 3])
    expect(three.at(-1)).toMatchObject({ start: bucket(5).start, last: bucket(7).start })
  })

  test('and nothing is lost by it', () => {
    const counts = fc.record({ allow: fc.nat(9), deny: fc.nat(9), unknown: fc.nat(9), deviated: fc.nat(9) })
    fc.assert(
      fc.property(fc.array(counts, { maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (all, most) => {
        const some = merged(
          all.map((one, i) => bucket(i, one)),
          most,
        )
        expect(some.length).toBeLessThanOrEqual(most)
        for (const what of ['allow', 'deny', 'unknown', 'deviated'] as const) {
          const total = (list: readonly Record<typeof what, number>[]) => list.reduce((sum, one) => sum + one[what], 0)
          expect(total(some)).toBe(total(all))
        }
      }),
    )
  })
})

describe('bars', () => {
  const reach = { up: 30, down: 18 }

  test('one refusal is seen beside a thousand that passed', () => {
    const one = bucket(1, { allow: 1000, deny: 1 })
    const bars = barsOf(one, unitOf([[one]], reach))
    expect(bars.allow).toBeCloseTo(30)
    expect(bars.deny).toBeGreaterThanOrEqual(3)
  })

  test('both sides are drawn to one measure, and fit', () => {
    const [up, down] = [bucket(1, { allow: 9 }), bucket(2, { deny: 9, unknown: 7 })]
    const unit = unitOf([[up], [down]], reach)
    expect(barsOf(down, unit).deny + barsOf(down, unit).unknown).toBeCloseTo(18)
    expect(barsOf(up, unit).allow).toBeCloseTo((18 * 3) / 4)
  })

  test('nothing has no bar', () => {
    expect(barsOf(bucket(1), unitOf([], reach))).toEqual({ allow: 0, deviated: 0, deny: 0, unknown: 0 })
  })

  test('what needed a deviation is a part of what was let through', () => {
    const bars = barsOf(bucket(1, { allow: 4, deviated: 4 }), 10)
    expect(bars.deviated).toBe(bars.allow)
  })
})
