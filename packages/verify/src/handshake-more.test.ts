import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Contract } from '@countersign/contract'
import { type ChainLine, withhold } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { logOf } from '../../../test/log-of.ts'
import {
  at,
  file,
  honestRun,
  newChainId,
  party,
  received,
  seal,
  type Signed,
  signStep,
  source,
  type StepInput,
} from '../../../test/pipeline.ts'
import { handshake, signersIn } from './handshake.ts'
import { readChain, trustOf } from './index.ts'
import { ci, codesOf, contractOf, opened, shaken, trustIn } from './verify.test-kit.ts'

const chain = { id: newChainId(), pipeline: 'p', contract: null }
const app = file('app', 'app')
const made = (name: string, more: Partial<StepInput> = {}) =>
  signStep(ci, { chain, name, subject: [app], minute: 1, ...more })
const follows = (before: readonly Signed[], more: Partial<StepInput> = {}) =>
  made('ship', {
    previous: before.map(({ link, statement }) => ({ link, step: statement.predicate.step.name })),
    materials: before.map(({ link }, i) => received({ ...app, name: `app${i}` }, link)),
    minute: 9,
    ...more,
  })

describe('what goes before', () => {
  const found = (...before: readonly Signed[]) => codesOf(shaken(follows(before), before))

  test('is each job once: neither two attestations of it, nor two attempts', () => {
    expect(found(made('build'))).toEqual([])
    expect(found(made('build', { matrix: 'a' }), made('build', { matrix: 'b' }))).toEqual([])
    expect(found(made('build'), made('test'))).toEqual([])
    expect(found(made('build'), made('build', { minute: 2 }))).toEqual(['place-taken'])
    expect(found(made('build'), made('build', { attempt: 2 }))).toContain('attempt-mixed')
    expect(found(made('lint'), made('build'), made('build', { minute: 2 }))).toEqual(['place-taken'])
  })

  test('hands over each digest once, however many names it has', () => {
    const many = Array.from({ length: 12 }, (_, i) => file(`app${i}`, i < 9 ? 'same' : `other ${i}`))
    for (const subject of [many, many.slice(0, 3)]) {
      const before = made('build', { subject })
      const step = follows([before], { materials: subject.map((one) => received(one, before.link)), subject })
      const [edge] = shaken(step, [before]).edges
      expect(edge!.artifacts).toEqual([...new Set(subject.map(({ digest }) => digest.sha256))])
    }
  })

  test('and what is the cause stands before what follows from it', () => {
    const contract = contractOf(`  source: { signers: [ci] }
  build: { signers: [ci], after: [source], products: [app] }
  ship: { signers: [ci], after: [build] }`)
    const own = { chain: { ...chain, contract: contract.digest } }
    const before = made('source', { ...own, subject: [source('c')], attempt: 2 })
    const step = follows([before], { ...own, materials: [received(app, before.link)] })
    const codes = codesOf(shaken(step, [before], { contract }))
    expect(codes.slice(0, 2)).toEqual(['step-order', 'attempt-mixed'])
    expect(codes.indexOf('step-skipped')).toBeGreaterThan(codes.indexOf('attempt-mixed'))
    expect(codes.indexOf('material-unexplained')).toBeGreaterThan(codes.indexOf('step-skipped'))
  })
})

test('a predecessor is fresh for as long as the contract says, and the clocks may differ', () => {
  const contract = contractOf(
    '  build: { signers: [ci], products: [app], fresh: 1h }\n  ship: { signers: [ci], after: [build] }',
    'clockToleranceSeconds: 60',
  )
  const own = { chain: { ...chain, contract: contract.digest } }
  // It ends a minute after it begins.
  const before = made('build', { ...own, minute: 0 })
  const stale = (minute: number) =>
    codesOf(shaken(follows([before], { ...own, minute }), [before], { contract, now: at(999) })).includes('step-stale')
  expect([stale(61), stale(62), stale(62.01)]).toEqual([false, false, true])
})

test('a step that failed is not asked for what it did not get to make', () => {
  const contract = contractOf('  build: { signers: [ci], products: [app] }')
  const own = { chain: { ...chain, contract: contract.digest } }
  const found = (exitCode: number) =>
    codesOf(shaken(made('build', { ...own, subject: [source('c')], exitCode }), [], { contract }))
  expect([found(0), found(1)]).toEqual([['product-missing'], []])
})

describe('a predecessor that is not shown', () => {
  const run = honestRun({ countersigned: true })
  const { who, contract, steps } = run
  const [first, build] = steps as [Signed, Signed]
  const lint = signStep(who.github, {
    chain: run.chain,
    name: 'lint',
    previous: [{ link: first.link, step: 'source' }],
    materials: [],
    subject: [file('report', 'r')],
    minute: 3,
  })
  const log = logOf(who.server, [first, build, lint])
  const last = (materials: readonly ReturnType<typeof received>[]) =>
    signStep(who.cloudbuild, {
      chain: run.chain,
      name: 'test',
      previous: [
        { link: build.link, step: 'build' },
        { link: lint.link, step: 'lint' },
      ],
      materials,
      subject: [run.app],
      minute: 5,
    })
  const shake = (step: Signed, under: Contract | null = null) => {
    const lines: ChainLine[] = [first.bundle, withhold(log.receipts[1]!, run.chain.id), lint.bundle, step.bundle]
    const read = readChain(lines, trustOf(contract), nodeCrypto)
    return handshake({
      step: read.steps.get(step.link)!,
      previous: read.steps,
      withheld: read.withheld,
      contract: under,
      now: at(60),
    })
  }

  test('has an edge of what is said to come from it, and of nothing else; one that is shown has its own', () => {
    const report = file('report', 'r')
    const step = last([
      received(run.app, build.link),
      received(report, lint.link),
      received(file('outside', 'o'), null),
    ])
    const { edges } = shake(step)
    expect(edges).toEqual([
      { from: lint.link, to: step.link, found: 'digest', strength: 'strong', artifacts: [report.digest.sha256] },
      { from: build.link, to: step.link, found: 'word', strength: 'weak', artifacts: [run.app.digest.sha256] },
    ])
  })

  test('handed over nothing, where nothing at all was received', () => {
    expect(codesOf(shake(last([])))).toContain('edge-empty')
    expect(codesOf(shake(last([received(run.app, build.link)]))).filter((code) => code === 'edge-empty')).toHaveLength(
      1,
    )
  })
})

describe('of several who signed one step', () => {
  const run = honestRun()
  const stranger = party('stranger')
  const { payload } = run.deploy.bundle.envelope
  const { server, ...signers } = run.who
  const lines = [run.deploy.bundle, seal(run.who.github, payload), seal(stranger, payload)]
  const ids = (own: readonly { keyId: string }[]) => own.map(({ keyId }) => keyId)
  const trust = trustIn([...Object.values(signers), stranger])

  test('the one who may stands first, and each is there once', () => {
    expect(server.name).toBe('server')
    for (const order of [lines, lines.toReversed()]) {
      const step = readChain(order, trust, nodeCrypto).steps.get(run.deploy.link)!
      const all = ids(signersIn(step, run.contract))
      expect(all[0]).toBe(run.who.azure.publicKey.keyId)
      expect(all.toSorted()).toEqual(
        [run.who.azure, run.who.github, stranger].map(({ publicKey }) => publicKey.keyId).toSorted(),
      )
      // Without a contract each may.
      expect(signersIn(step, null)).toHaveLength(3)
    }
    expect(signersIn(undefined, run.contract)).toEqual([])
    expect(ids(signersIn(opened(made('build')), null))).toEqual([ci.publicKey.keyId])
  })
})
