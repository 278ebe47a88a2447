import { describe, expect, test } from 'vitest'
import { utf8 } from '@countersign/core'
import { parseContract } from '@countersign/contract'
import { trustOf } from '@countersign/verify'
import { contractText, honestRun, type Run, received, signStep } from '../pipeline.ts'
import { gate, gateRun, shake } from './judging.ts'

/** A test of attempt 2 for the build of attempt 1. */
function mixed(run: Run) {
  return signStep(run.who.cloudbuild, {
    chain: run.chain,
    name: 'test',
    attempt: 2,
    previous: [{ link: run.build.link, step: 'build' }],
    materials: [received(run.app, run.build.link)],
    subject: [run.app],
    minute: 10,
  })
}

describe('T-23: steps of different attempts are mixed', () => {
  const run = honestRun()

  test('build of attempt 1, test of attempt 2', () => {
    expect(shake(run.contract, mixed(run), [run.build], trustOf(run.contract))).toEqual(['attempt-mixed'])
    expect(shake(null, mixed(run), [run.build], trustOf(run.contract))).toEqual(['attempt-mixed'])
  })

  test('red control: one attempt passes, whichever it is', () => {
    expect(gateRun(run, run.steps).verdict).toBe('pass')
    const second = honestRun({ attempt: 2 })
    expect(gateRun(second, second.steps).verdict).toBe('pass')
  })

  test('a contract that carries lets a later attempt follow an earlier one, never the other way round', () => {
    const contract = parseContract(utf8(contractText(run.who, { attempts: 'carry' })))
    const carried = { ...run, contract, chain: { ...run.chain, contract: contract.digest } }
    const build = (attempt: number) =>
      signStep(run.who.codebuild, { chain: carried.chain, name: 'build', attempt, subject: [run.app], minute: 2 })
    const after = (attempt: number, before: ReturnType<typeof build>) =>
      signStep(run.who.cloudbuild, {
        chain: carried.chain,
        name: 'test',
        attempt,
        previous: [{ link: before.link, step: 'build' }],
        materials: [received(run.app, before.link)],
        subject: [run.app],
        minute: 10,
      })
    const trust = trustOf(contract)
    const one = build(1)
    expect(shake(contract, after(2, one), [one], trust)).toEqual([])
    const two = build(2)
    expect(shake(contract, after(1, two), [two], trust)).toEqual(['attempt-mixed'])
  })

  test('of two attempts in one chain the gate looks at the latest', () => {
    const failing = honestRun({ who: run.who, attempt: 2, chain: run.chain.id })
    const failed = signStep(run.who.azure, {
      chain: run.chain,
      name: 'deploy',
      attempt: 2,
      previous: [{ link: failing.test.link, step: 'test' }],
      materials: [received(run.app, failing.test.link)],
      subject: [run.app],
      minute: 20,
      exitCode: 1,
    })
    const steps = [...run.steps, failing.source, failing.build, failing.test, failed]
    const judged = gate(
      run.contract,
      steps.map(({ bundle }) => bundle),
      run.app.digest.sha256,
      trustOf(run.contract),
    )
    expect(judged).toMatchObject({ verdict: 'fail', codes: ['step-failed'] })
  })
})
