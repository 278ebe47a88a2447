import fc from 'fast-check'
import { expect, test } from 'vitest'
import { durationOf, durationText } from './duration.ts'

test('a time is so many minutes, hours or days, and no more than a year and a day', () => {
  expect(['1m', '90m', '36h', '7d', '366d', '527040m'].map(durationOf)).toEqual(
    [1, 90, 36 * 60, 7 * 1440, 366 * 1440, 527_040].map((minutes) => minutes * 60_000),
  )
  for (const wrong of [
    '',
    '0m',
    '01m',
    '-1m',
    '1',
    'm',
    '1s',
    '1.5h',
    '1M',
    ' 1m',
    '1m ',
    '1m1m',
    '367d',
    '527041m',
    '1000000m',
  ]) {
    expect(durationOf(wrong), wrong).toBeNull()
  }
})

test('it is told in the largest unit that fits, and read again as the same', () => {
  expect([60_000, 3_600_000, 86_400_000, 90 * 60_000, 36 * 3_600_000].map(durationText)).toEqual([
    '1m',
    '1h',
    '1d',
    '90m',
    '36h',
  ])
  // No contract says so, and a tolerance is in seconds.
  expect(durationText(90_000)).toBe('90s')
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 366 * 1440 }), (minutes) => {
      expect(durationOf(durationText(minutes * 60_000))).toBe(minutes * 60_000)
    }),
  )
})
