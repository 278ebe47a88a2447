import { CodedError } from '@countersign/core'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Contract } from '@countersign/contract'
import { expect, test } from 'vitest'
import {
  countersign,
  file,
  logKeyOf,
  party,
  type Party,
  received,
  type Signed,
  signStep,
  source,
} from '../../../test/pipeline.ts'
import { logKeys, readChain, replayRun, seenRuns } from './index.ts'
import { ci, contractOf, trustIn } from './verify.test-kit.ts'

const steps = (product: string) =>
  contractOf(`  source: { signers: [ci] }
  build: { signers: [ci], after: [source], products: [${product}] }`)
const fitting = steps('app')
const ID = 'c'.repeat(32)
const mallory = party('mallory')
const [log, another] = [party('log', 'ed25519'), party('another', 'ed25519')]
const trust = trustIn([ci], [log, another])

function run(contract: string | null, by: Party = ci, id = ID): Signed[] {
  const chain = { id, pipeline: 'p', contract }
  const commit = source('c')
  const first = signStep(ci, { chain, name: 'source', subject: [commit] })
  const previous = [{ link: first.link, step: 'source' }]
  const materials = [received(commit, first.link)]
  const build = signStep(by, { chain, name: 'build', previous, materials, subject: [file('app', 'app')], minute: 2 })
  return [first, build]
}

const read = (all: readonly Signed[]) =>
  readChain(
    all.map(({ bundle }) => bundle),
    trust,
    nodeCrypto,
  )

function replayed(contract: Contract, all: readonly Signed[], id = ID) {
  const { passed, findings, run } = replayRun(contract, read(all), id)
  expect(run).toBe(id)
  return [passed, findings.map(({ code }) => code)]
}

test('a run is judged by a contract that it is not bound to, as if it were', () => {
  for (const bound of [fitting.digest, 'f'.repeat(64), null]) {
    expect(replayed(fitting, run(bound))).toEqual([true, []])
    expect(replayed(steps('other'), run(bound))).toEqual([false, ['product-unexpected', 'product-missing']])
  }
})

test('what did not verify is missing, and why it did not is said first', () => {
  expect(replayed(fitting, run(null, mallory))).toEqual([false, ['signer-unknown', 'final-missing']])
  // Beside a run that fits it is of no matter.
  expect(replayed(fitting, [...run(null), run(null, mallory)[1]!])).toEqual([true, []])
})

test('a run that is bound only in part does not fit', () => {
  const [first] = run(fitting.digest) as [Signed, Signed]
  const rest = (contract: string | null) => {
    const chain = { id: ID, pipeline: 'p', contract }
    const previous = [{ link: first.link, step: 'source' }]
    const materials = [received(source('c'), first.link)]
    return signStep(ci, { chain, name: 'build', previous, materials, subject: [file('app', 'app')], minute: 2 })
  }
  expect(replayed(fitting, [first, rest(fitting.digest)])).toEqual([true, []])
  const [passed, codes] = replayed(fitting, [first, rest(null)])
  expect([passed, codes]).toEqual([false, expect.arrayContaining(['contract-missing'])])
})

test('what did not verify is said in order, and not what is said of the run anyway', () => {
  const refused = (['signer-unknown', 'final-missing', 'bundle-invalid'] as const).map((code) => ({
    index: 0,
    report: new CodedError(code, 'it is so').report(),
  }))
  const chain = { ...read(run(null).slice(0, 1)), refused }
  const { findings } = replayRun(fitting, chain, ID)
  expect(findings.map(({ code }) => code)).toEqual(['bundle-invalid', 'signer-unknown', 'final-missing'])
})

test('another run beside it says nothing of what it is bound to', () => {
  const other = run('f'.repeat(64), ci, 'd'.repeat(32))
  expect(replayed(fitting, [...other, ...run(null)])).toEqual([true, []])
})

test('of a run that is not there nothing passes', () => {
  expect(replayed(fitting, run(null), 'd'.repeat(32))).toEqual([false, ['artifact-unproven']])
  expect(replayed(fitting, [])).toEqual([false, ['artifact-unproven']])
})

test('what is learned of a run is what verified, with the logs that have all of its steps', () => {
  const [first, build] = run(null) as [Signed, Signed]
  const lines = [
    first.bundle,
    build.bundle,
    countersign(log, first, 0),
    countersign(log, first, 1),
    countersign(log, build, 2),
    countersign(another, first, 0),
    run(null, mallory)[1]!.bundle,
  ]
  const [seen, ...others] = seenRuns(readChain(lines, trust, nodeCrypto), trust)
  expect(others).toEqual([])
  expect(seen).toMatchObject({ id: ID, pipeline: 'p', steps: [{ link: first.link }, { link: build.link }] })
  expect(seen!.logs).toHaveLength(1)
  expect(seen!.logs[0]).toMatch(/^log\+/)
  expect(seen!.steps[1]).toMatchObject({
    succeeded: true,
    step: { name: 'build' },
    previous: [{ link: first.link, step: 'source' }],
    reports: [],
    signer: { name: 'ci', keyId: ci.publicKey.keyId, identity: null, spki: ci.publicKey.spki, system: null },
  })
  // Who is called alike, and has another key, is another log.
  const alike = { countersigners: logKeys([logKeyOf(party('log', 'ed25519'))]) }
  expect(seenRuns(readChain(lines, trust, nodeCrypto), alike)[0]!.logs).toEqual([])
})

test('of what is learned a log is told once, by its name and its key, and a certificate by whom it names', () => {
  const [first, build] = run(null) as [Signed, Signed]
  const lines = [first, build].flatMap((step, i) => [step.bundle, countersign(log, step, i)])
  const chain = readChain(lines, trust, nodeCrypto)
  const twins = { countersigners: logKeys([logKeyOf(log), logKeyOf({ ...log, name: 'another' })]) }
  expect(seenRuns(chain, twins).map(({ logs }) => logs)).toEqual([[expect.stringMatching(/^log\+/)]])
  const unlogged = seenRuns({ ...chain, receipts: new Map() }, trust)
  expect(unlogged.map(({ logs }) => logs)).toEqual([[]])
  const certified = [...chain.steps].map(([link, step]) => {
    const certificate = {
      authorityId: 'a'.repeat(64),
      vouchedBy: ['a'.repeat(64)],
      serial: '01',
      system: 'jenkins',
      notBefore: step.statement.predicate.invocation.startedAt,
      notAfter: step.statement.predicate.invocation.finishedAt,
      signedAt: step.statement.predicate.invocation.finishedAt,
    }
    return [link, { ...step, signer: { ...step.signer, certificate } } as typeof step] as const
  })
  const [seen] = seenRuns({ ...chain, steps: new Map(certified) }, trust)
  expect(seen!.steps.map(({ signer }) => [signer.spki, signer.system])).toEqual([
    [null, 'jenkins'],
    [null, 'jenkins'],
  ])
})
