import { describe, expect, test } from 'vitest'
import { honestRun } from '../pipeline.ts'
import { gateRun } from './judging.ts'

describe('T-18: the last steps of a chain are dropped', () => {
  const run = honestRun()
  test.each([
    [1, 'final-missing'],
    [2, 'final-missing'],
    [3, 'artifact-unproven'],
    [4, 'artifact-unproven'],
  ])('the last %i', (dropped, code) => {
    expect(gateRun(run, run.steps.slice(0, 4 - dropped))).toMatchObject({ verdict: 'fail', codes: [code] })
  })
  test('red control: with all of them it passes', () => expect(gateRun(run, run.steps).verdict).toBe('pass'))
})
