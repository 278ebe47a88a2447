import { describe, expect, test } from 'vitest'
import { utf8 } from '@countersign/core'
import { parseContract } from '@countersign/contract'
import { trustOf } from '@countersign/verify'
import { gate } from '../attacks/judging.ts'
import { file, newChainId, party, received, type Signed, signStep, source, type StepInput } from '../pipeline.ts'

const by = party('ci')
const JOBS = Array.from({ length: 20 }, (_, i) => `job-${i}`)

/** source → build → 20 tests + lint → pack → scan on two systems (the final step, itself a matrix). */
const contract = parseContract(
  utf8(`contract: v1
pipeline: dag
revision: 1
signers: { ci: ${Buffer.from(by.publicKey.spki).toString('base64')} }
steps:
  source: { signers: [ci] }
  build: { signers: [ci], after: [source], products: [app] }
  test: { signers: [ci], after: [build], products: ["report-*"], matrix: [${JOBS.join(', ')}] }
  lint: { signers: [ci], after: [build] }
  pack:
    signers: [ci]
    after: [build, test, lint]
    materials: [{ from: build }, { from: test }]
    products: [app.tgz]
  scan: { signers: [ci], after: [pack], matrix: [east, west] }
final: scan
`),
)

class Pipeline {
  readonly chain = { id: newChainId(), pipeline: 'dag', contract: contract.digest }
  readonly steps: Signed[] = []

  step(
    name: string,
    previous: readonly Signed[],
    subject: StepInput['subject'],
    more: Partial<StepInput> = {},
  ): Signed {
    const materials = previous.flatMap((before) => before.statement.subject.map((made) => received(made, before.link)))
    const distinct = [...new Map(materials.map((material) => [material.name, material])).values()]
    const signed = signStep(by, {
      chain: this.chain,
      name,
      previous: previous.map((before) => ({ link: before.link, step: before.statement.predicate.step.name })),
      materials: distinct,
      subject,
      ...more,
    })
    this.steps.push(signed)
    return signed
  }
}

const app = file('app', 'app')
const tgz = file('app.tgz', 'packed')

function run(
  options: { jobs?: readonly string[]; fail?: string; systems?: readonly string[]; lint?: boolean } = {},
): Pipeline {
  const it = new Pipeline()
  const first = it.step('source', [], [source('dag')], { minute: 0 })
  const build = it.step('build', [first], [app], { minute: 2 })
  const tests = (options.jobs ?? JOBS).map((matrix) =>
    it.step('test', [build], [file(`report-${matrix}`, `report of ${matrix}`)], {
      matrix,
      minute: 4,
      exitCode: options.fail === matrix ? 1 : 0,
    }),
  )
  const lint = it.step('lint', [build], [app], { minute: 4 })
  const joined = options.lint === false ? [build, ...tests] : [build, ...tests, lint]
  const pack = it.step('pack', joined, [tgz], { minute: 6 })
  for (const matrix of options.systems ?? ['east', 'west']) it.step('scan', [pack], [tgz], { matrix, minute: 8 })
  return it
}

const judged = (it: Pipeline) =>
  gate(
    contract,
    it.steps.map(({ bundle }) => bundle),
    tgz.digest.sha256,
    trustOf(contract),
  )

describe('a DAG under a contract', () => {
  test('fan-out, a matrix of 20 jobs, fan-in, an order-only edge and a final matrix pass', () => {
    expect(judged(run())).toEqual({ verdict: 'pass', codes: [], refused: [] })
  })

  test.each(JOBS.filter((_, i) => i % 7 === 0))('without %s of the matrix it does not', (left) => {
    const { verdict, codes } = judged(run({ jobs: JOBS.filter((job) => job !== left) }))
    expect([verdict, codes[0]]).toEqual(['fail', 'matrix-incomplete'])
  })

  test('nor with a failed job, nor without the step that only has to go before', () => {
    const failed = judged(run({ fail: 'job-3' }))
    expect([failed.verdict, failed.codes[0]]).toEqual(['fail', 'step-failed'])
    expect(failed.codes).toContain('predecessor-failed')
    const skipped = judged(run({ lint: false }))
    expect([skipped.verdict, skipped.codes[0]]).toEqual(['fail', 'step-skipped'])
  })

  test('nor with half of the final matrix', () => {
    expect(judged(run({ systems: ['east'] }))).toMatchObject({ verdict: 'fail', codes: ['matrix-incomplete'] })
  })

  test('nor with a job that the contract does not know', () => {
    const { verdict, codes } = judged(run({ jobs: [...JOBS, 'job-99'] }))
    expect([verdict, codes[0]]).toEqual(['fail', 'step-unknown'])
  })
})
