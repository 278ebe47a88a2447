import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gridLayout } from './grid-layout.ts'

test('all columns are shown where there is room, as large as they may be', () => {
  const grid = gridLayout(3, 12, 1000)
  expect(grid).toMatchObject({ above: false, first: 0, cell: 44, labels: 240, height: 20 + 3 * 44 })
  expect([grid.x(0), grid.y(2)]).toEqual([240, 20 + 2 * 44])
})

test('on a phone names stand above, and the oldest columns leave', () => {
  const grid = gridLayout(2, 52, 358)
  expect(grid).toMatchObject({ above: true, labels: 0, cell: 25, first: 52 - 14 })
  expect(grid.x(grid.first)).toBe(0)
  expect(grid.y(1) - grid.y(0)).toBe(25 + 28)
})

test('nothing is wider than its room, at any size', () => {
  const size = fc.record({
    rows: fc.integer({ min: 0, max: 200 }),
    columns: fc.integer({ min: 0, max: 400 }),
    width: fc.integer({ min: 40, max: 2500 }),
  })
  fc.assert(
    fc.property(size, ({ rows, columns, width }) => {
      const grid = gridLayout(rows, columns, width)
      expect(grid.first).toBeGreaterThanOrEqual(0)
      if (columns > 0) expect(grid.x(columns - 1) + grid.cell).toBeLessThanOrEqual(width)
      if (rows > 0) expect(grid.y(rows - 1) + grid.cell).toBeLessThanOrEqual(grid.height)
      // One is always shown: the newest.
      if (columns > 0) expect(grid.first).toBeLessThan(columns)
    }),
  )
})
