import { expect, test } from 'vitest'
import { gapOf } from './gaps.ts'

test.each([
  ['allow', false, null, null],
  ['allow', true, null, 'deviation'],
  ['deny', false, 'step-skipped', 'missing'],
  ['deny', false, 'anchor-late', 'late'],
  ['deny', false, 'grade-too-low', 'weak'],
  ['deny', false, 'material-swapped', 'broken'],
  // A code that this page is too old to know is no small gap.
  ['deny', false, 'of-the-future', 'broken'],
  ['unknown', false, 'anchor-pending', 'missing'],
  ['unknown', false, 'evidence-unavailable', 'unknown'],
  ['unknown', false, null, 'unknown'],
] as const)('%s (deviated: %s) for %s is %s', (decision, deviated, code, gap) => {
  expect(gapOf({ decision, deviated, code })).toBe(gap)
})
