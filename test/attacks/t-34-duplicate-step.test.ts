import { describe, expect, test } from 'vitest'
import { honestRun, received, signStep } from '../pipeline.ts'
import { gateRun } from './judging.ts'

describe('T-34: a step is there twice (GHSA-c346)', () => {
  const run = honestRun()
  const again = (attempt: number) =>
    signStep(run.who.cloudbuild, {
      chain: run.chain,
      name: 'test',
      attempt,
      previous: [{ link: run.build.link, step: 'build' }],
      materials: [received(run.app, run.build.link)],
      subject: [run.app],
      minute: 4,
    })
  test('a second result for the same place denies, whichever of the two is on the path', () => {
    expect(gateRun(run, [...run.steps, again(1)])).toMatchObject({ verdict: 'fail', codes: ['place-taken'] })
  })
  test('red control: the very same attestation twice is one', () => {
    expect(gateRun(run, [...run.steps, ...run.steps]).verdict).toBe('pass')
  })
})
