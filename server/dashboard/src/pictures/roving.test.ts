import { expect, test } from 'vitest'
import { nextSpot, type Spot } from './roving.ts'

const spots: readonly Spot[] = [
  { row: 0, column: 0 },
  { row: 0, column: 3 },
  { row: 1, column: 2 },
  { row: 3, column: 3 },
]

test.each([
  ['ArrowRight', { row: 0, column: 0 }, { row: 0, column: 3 }],
  ['ArrowLeft', { row: 0, column: 3 }, { row: 0, column: 0 }],
  // In the same column, though another row is nearer.
  ['ArrowDown', { row: 0, column: 3 }, { row: 3, column: 3 }],
  ['ArrowDown', { row: 0, column: 0 }, { row: 1, column: 2 }],
  ['ArrowUp', { row: 1, column: 2 }, { row: 0, column: 3 }],
  ['Home', { row: 0, column: 3 }, { row: 0, column: 0 }],
  ['End', { row: 0, column: 0 }, { row: 0, column: 3 }],
  ['ArrowUp', { row: 0, column: 0 }, null],
  ['Enter', { row: 0, column: 0 }, null],
  ['constructor', { row: 0, column: 0 }, null],
])('%s from %o leads to %o', (key, from, to) => {
  expect(nextSpot(spots, from, key)).toEqual(to)
})
