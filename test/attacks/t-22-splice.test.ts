import { describe, expect, test } from 'vitest'
import { trustOf } from '@countersign/verify'
import { honestRun, received, signStep } from '../pipeline.ts'
import { gateRun, shake } from './judging.ts'

describe('T-22: two honest chains are spliced', () => {
  const run = honestRun()
  const other = honestRun({ who: run.who, commit: 'second' })

  test.each([1, 2, 3])('the files, cut after step %i', (cut) => {
    const judged = gateRun(run, [...other.steps.slice(0, cut), ...run.steps.slice(cut)])
    expect(judged).toMatchObject({ verdict: 'fail' })
    expect(judged.codes[0]).toBe('previous-missing')
  })

  test.each([
    ['build', 'source', 'codebuild'],
    ['test', 'build', 'cloudbuild'],
    ['deploy', 'test', 'azure'],
  ] as const)('%s is signed on to the %s of the other run', (name, before, signer) => {
    const on = (from: typeof run.source) =>
      signStep(run.who[signer], {
        chain: run.chain,
        name,
        previous: [{ link: from.link, step: before }],
        materials: from.statement.subject.map((made) => received(made, from.link)),
        subject: name === 'build' ? [run.app] : from.statement.subject,
        minute: 30,
      })
    const trust = trustOf(run.contract)
    expect(shake(run.contract, on(other[before]), [other[before]], trust)).toEqual(['chain-mismatch'])
    // Red control: on the same step of its own run it fits.
    expect(shake(run.contract, on(run[before]), [run[before]], trust)).toEqual([])
  })

  test('red control: both runs in one file pass, each by itself', () => {
    expect(gateRun(run, [...run.steps, ...other.steps]).verdict).toBe('pass')
    expect(gateRun(other, [...run.steps, ...other.steps]).verdict).toBe('pass')
  })
})
