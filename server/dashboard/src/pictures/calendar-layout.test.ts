import fc from 'fast-check'
import { expect, test } from 'vitest'
import { calendarLayout } from './calendar-layout.ts'

test('weeks begin on Monday', () => {
  // 1 November 2026 is a Sunday.
  const { days } = calendarLayout('2026-11-01', '2026-11-03', 1000)
  expect(days).toEqual([
    { date: '2026-11-01', column: 0, row: 6 },
    { date: '2026-11-02', column: 1, row: 0 },
    { date: '2026-11-03', column: 1, row: 1 },
  ])
})

test('months have their names where there is room for them', () => {
  expect(calendarLayout('2026-08-31', '2026-10-15', 1000).months).toEqual([
    { text: '2026-09', column: 0 },
    { text: '2026-10', column: 4 },
  ])
})

test('on a phone the oldest weeks leave', () => {
  const calendar = calendarLayout('2025-11-22', '2026-11-22', 358)
  expect(calendar.columns).toBe(13)
  expect(calendar.days[0]?.date).toBe('2026-08-24')
  expect(calendar.days.at(-1)?.date).toBe('2026-11-22')
})

test('all days are in the picture, once each', () => {
  const some = fc.record({
    end: fc.integer({ min: 0, max: 20_000 }),
    days: fc.nat(500),
    width: fc.integer({ min: 60, max: 2000 }),
  })
  fc.assert(
    fc.property(some, ({ end, days, width }) => {
      const date = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10)
      const calendar = calendarLayout(date(end), date(end + days), width)
      const places = calendar.days.map(({ column, row }) => `${column} ${row}`)
      expect(new Set(places).size).toBe(places.length)
      for (const { column, row } of calendar.days) {
        expect(row).toBeLessThan(7)
        expect(calendar.x(column) + calendar.cell).toBeLessThanOrEqual(Math.max(width, 58))
        expect(calendar.y(row) + calendar.cell).toBeLessThanOrEqual(calendar.height)
      }
      expect(calendar.days.at(-1)?.date).toBe(date(end + days))
    }),
    { numRuns: 25 },
  )
})
