import { CodedError } from '@countersign/core'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Contract } from '@countersign/contract'
import { describe, expect, test } from 'vitest'
import { at, file, honestRun, party, received, seal, type Signed, signStep, source } from '../../../test/pipeline.ts'
import { decisionOf, judge, judgeRun, readChain, trustOf, unknownVerdict, type Verdict } from './index.ts'
import { ci, contractOf, trustIn } from './verify.test-kit.ts'

const now = at(60)
const codesOf = ({ findings }: Verdict) => findings.map(({ code }) => code)

describe('a run, whatever it made', () => {
  const run = honestRun()
  const on = (id: string, steps: readonly Signed[], contract: Contract | null = run.contract) => {
    const lines = steps.map(({ bundle }) => bundle)
    const verdict = judgeRun({ run: id, chain: readChain(lines, trustOf(run.contract), nodeCrypto), contract, now })
    return [verdict.verdict, codesOf(verdict), verdict.criteria.map(({ name }) => name)]
  }

  test('passes with the step that ends it', () => {
    expect(on(run.chain.id, run.steps).slice(0, 2)).toEqual(['pass', []])
  })

  test('lacks its end, or is not known at all', () => {
    expect(on(run.chain.id, run.steps.slice(0, 3))).toEqual(['fail', ['final-missing'], ['run']])
    expect(on('f'.repeat(32), run.steps)).toEqual(['fail', ['artifact-unproven'], ['run']])
    expect(on('f'.repeat(32), run.steps, null)).toEqual(['fail', ['artifact-unproven'], ['run']])
  })
})

test('evidence that could not be reached proves nothing, and denies nothing', () => {
  const report = new CodedError('bundle-invalid', 'it is not there').report()
  const verdict = unknownVerdict('a'.repeat(64), report)
  expect(verdict).toEqual({
    verdict: 'unknown',
    artifact: 'a'.repeat(64),
    criteria: [{ name: 'evidence', met: null, detail: 'it is not there' }],
    steps: [],
    edges: [],
    findings: [report],
    refused: [],
    anchored: null,
    deviations: [],
    upTo: null,
    unjudgedContract: null,
  })
  expect(decisionOf(verdict)).toEqual({ decision: 'unknown', reason: report })
})

describe('the ends of a matrix', () => {
  const app = file('app', 'app')
  const commit = source('c')

  /** Jobs of the last step by what they are, each after the source of an attempt. */
  function judged(
    attempts: 'carry' | 'same',
    ...jobs: readonly [matrix: string, attempt: number, exitCode?: number][]
  ) {
    const contract = contractOf(
      `  source: { signers: [ci] }
  ship: { signers: [ci], after: [source], products: [app], matrix: [a, b] }`,
      `attempts: ${attempts}`,
    )
    const chain = { id: 'c'.repeat(32), pipeline: 'p', contract: contract.digest }
    const sources = [1, 2].map((attempt) =>
      signStep(ci, { chain, name: 'source', attempt, subject: [commit], minute: 2 * attempt }),
    )
    const ships = jobs.map(([matrix, attempt, exitCode = 0]) => {
      const first = sources[attempts === 'carry' ? 0 : attempt - 1]!
      const previous = [{ link: first.link, step: 'source' }]
      const materials = [received(commit, first.link)]
      const minute = 4 + 2 * attempt
      return signStep(ci, {
        chain,
        name: 'ship',
        matrix,
        attempt,
        previous,
        materials,
        subject: [app],
        minute,
        exitCode,
      })
    })
    const used = attempts === 'carry' ? sources.slice(0, 1) : sources
    const on = (steps: readonly Signed[]) => {
      const lines = steps.map(({ bundle }) => bundle)
      const read = readChain(lines, trustOf(contract), nodeCrypto)
      return judge({ artifact: app.digest.sha256, chain: read, contract, now })
    }
    const [one, other] = [on([...used, ...ships]), on([...used, ...ships].toReversed())]
    expect(other.steps.map(({ step }) => step.link)).toEqual(one.steps.map(({ step }) => step.link))
    return codesOf(one)
  }

  test('are the latest attempt at each job, where attempts are carried', () => {
    expect(judged('carry', ['a', 1], ['b', 2])).toEqual([])
    expect(judged('carry', ['a', 1, 1], ['a', 2], ['b', 1])).toEqual([])
    expect(judged('carry', ['a', 1], ['a', 2, 1], ['b', 1])).toEqual(['step-failed'])
  })

  test('else those of the latest attempt at the whole, and no other', () => {
    expect(judged('same', ['a', 2], ['b', 2])).toEqual([])
    expect(judged('same', ['a', 1], ['b', 2])).toEqual(['matrix-incomplete'])
  })
})

test('two may sign what no contract speaks of', () => {
  const run = honestRun()
  const another = party('another')
  const also = (step: Signed) => ({ bundle: seal(another, step.bundle.envelope.payload) })
  const { server, ...signers } = run.who
  const on = (contract: Contract | null, steps: readonly Pick<Signed, 'bundle'>[]) => {
    const lines = steps.map(({ bundle }) => bundle)
    const chain = readChain(lines, trustIn([...Object.values(signers), another]), nodeCrypto)
    return codesOf(judge({ artifact: run.app.digest.sha256, chain, contract, now }))
  }
  expect(server.name).toBe('server')
  expect(on(null, [...run.steps, also(run.test)])).toEqual([])
  const strange = signStep(run.who.azure, {
    chain: run.chain,
    name: 'strange',
    previous: [{ link: run.build.link, step: 'build' }],
    materials: [received(run.app, run.build.link)],
    subject: [run.app],
    minute: 4,
  })
  const deploy = signStep(run.who.azure, {
    chain: run.chain,
    name: 'deploy',
    previous: [{ link: strange.link, step: 'strange' }],
    materials: [received(run.app, strange.link)],
    subject: [run.app],
    minute: 6,
  })
  const steps = [run.source, run.build, strange, also(strange), deploy]
  expect(on(run.contract, steps)).toContain('step-unknown')
})
