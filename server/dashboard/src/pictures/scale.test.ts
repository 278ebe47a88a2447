import { describe, expect, test } from 'vitest'
import { dayText, monthText, shortCount, stepOf, ticks } from './scale.ts'

describe('steps', () => {
  test('nothing is nothing, and one of something is never nothing', () => {
    expect(stepOf(0, 100)).toBe(0)
    expect(stepOf(1, 1_000_000)).toBe(1)
    expect(stepOf(100, 100)).toBe(4)
    expect(stepOf(3, 0)).toBe(0)
  })

  test('never fall where the count rises', () => {
    const steps = Array.from({ length: 200 }, (_, count) => stepOf(count, 150))
    expect(steps).toEqual(steps.toSorted((a, b) => a - b))
    expect(new Set(steps)).toEqual(new Set([0, 1, 2, 3, 4]))
  })
})

describe('texts', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1000, '1k'],
    [1249, '1.2k'],
    [9_960, '10k'],
    [99_499, '99k'],
    [999_600, '1M'],
    [12_400_000, '12M'],
  ])('%i is %s', (count, text) => expect(shortCount(count)).toBe(text))

  test('days and months are those of UTC, as they are written', () => {
    expect(dayText('2026-11-03T23:59:59.999Z')).toBe('3 Nov')
    expect(dayText('2026-01-10')).toBe('10 Jan')
    expect(monthText('2026-12-31')).toBe('Dec')
  })
})

describe('names of columns', () => {
  test('the last has its own, and none stands in the way of another', () => {
    expect([...ticks(10, 3)]).toEqual([9, 6, 3])
    expect([...ticks(4, 0.5)]).toEqual([3, 2, 1, 0])
    expect([...ticks(0, 2)]).toEqual([])
  })
})
