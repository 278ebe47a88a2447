import { expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { judge, readChain, receive } from '@countersign/verify'
import { at, file, newChainId, received, type Signed, signStep, source, type StepInput } from '../pipeline.ts'
import { ci, contractOf, trustIn } from '../../packages/verify/src/verify.test-kit.ts'

// receive says that the command may run, though the gate is bound to refuse what comes of it.
const contract = contractOf(
  `  source: { signers: [ci] }
  build: { signers: [ci], after: [source], products: [app] }
  test: { signers: [ci], after: [build], products: [report] }
  ship: { signers: [ci], after: [test], products: [tgz] }`,
  'attempts: carry',
)
const chain = { id: newChainId(), pipeline: 'p', contract: contract.digest }
const commit = source('c'),
  app = file('app', 'app'),
  report = file('report', 'r'),
  tgz = file('tgz', 't')
const on = (s: Signed) => [{ link: s.link, step: s.statement.predicate.step.name }]
const first = signStep(ci, { chain, name: 'source', subject: [commit] })
const build = (attempt: number, more: Partial<StepInput> = {}) =>
  signStep(ci, {
    chain,
    name: 'build',
    attempt,
    previous: on(first),
    materials: [received(commit, first.link)],
    subject: [app],
    minute: 2,
    ...more,
  })
const one = build(1)
const tested = (exitCode = 0, more: Partial<StepInput> = {}) =>
  signStep(ci, {
    chain,
    name: 'test',
    previous: on(one),
    materials: [received(app, one.link)],
    subject: [report],
    minute: 4,
    exitCode,
    ...more,
  })
const ask = (steps: readonly Signed[], attempt: number) => {
  const known = readChain(
    steps.map((s) => s.bundle),
    trustIn([ci]),
    nodeCrypto,
  ).steps
  const got = receive({
    step: { name: 'ship', attempt, matrix: null, nonce: '0'.repeat(32) },
    pipeline: null,
    materials: [report],
    steps: known,
    contract,
    token: null,
    newChain: chain.id,
    now: at(6),
  })
  const ship = signStep(ci, { ...got, name: 'ship', attempt, subject: [tgz], minute: 6 })
  const verdict = judge({
    artifact: tgz.digest.sha256,
    chain: readChain(
      [...steps, ship].map((s) => s.bundle),
      trustIn([ci]),
      nodeCrypto,
    ),
    contract,
    now: at(60),
  })
  return [got.findings.map((f) => f.code), verdict.findings.map((f) => f.code)]
}
test('control: it fits', () => expect(ask([first, one, tested()], 2)).toEqual([[], []]))
test('the build was made again after the test', () => {
  const [asked, judged] = ask([first, one, build(2), tested()], 2)
  expect(judged).toEqual(['attempt-mixed'])
  expect(asked).not.toEqual([])
})
test('an ancestor is at fault', () => {
  const bad = build(1, { materials: [received(file('x', 'x'), null)] })
  const test1 = signStep(ci, {
    chain,
    name: 'test',
    previous: on(bad),
    materials: [received(app, bad.link)],
    subject: [report],
    minute: 4,
  })
  const [asked, judged] = ask([first, bad, test1], 1)
  expect(judged).not.toEqual([])
  expect(asked).not.toEqual([])
})
test('a place was taken twice further back', () => {
  const [asked, judged] = ask([first, one, build(1), tested()], 1)
  expect(judged).toEqual(['place-taken'])
  expect(asked).not.toEqual([])
})
