import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { describe, expect, test } from 'vitest'
import { at, file, newChainId, received, type Signed, signStep, source } from '../../../test/pipeline.ts'
import { readChain, receive, type ReceiveInput, type VerifiedStep } from './index.ts'
import { ci, contractOf, trustIn } from './verify.test-kit.ts'

const [app, lib, commit] = [file('dist/app', 'app'), file('dist/lib', 'lib'), source('first')]
const NEW = newChainId()
const contract = contractOf(
  '  build: { signers: [ci], products: ["dist/**"] }\n  pack: { after: [build], signers: [ci], materials: [{ from: build }], products: [rel] }\n  ship: { after: [pack], signers: [ci] }',
)
const idOf = (signed: Signed) => signed.statement.predicate.chain.id

/** A run that made the same bytes as others did. */
function build(minute: number, bound: string | null, subject = [app]): Signed {
  return signStep(ci, { chain: { id: newChainId(), pipeline: 'p', contract: bound }, name: 'build', subject, minute })
}

function pack(made: Signed, exitCode = 0): Signed {
  return signStep(ci, {
    chain: made.statement.predicate.chain,
    name: 'pack',
    previous: [{ link: made.link, step: 'build' }],
    materials: [received(app, made.link)],
    subject: [file('rel', 'rel')],
    minute: 20,
    exitCode,
  })
}

/** In which run a step `pack` goes on, and what speaks against it, where all is known and these came with its materials. */
function ask(known: readonly Signed[], handed: readonly Signed[], more: Partial<ReceiveInput> = {}) {
  const bundles = known.map(({ bundle }) => bundle)
  const { steps } = readChain(bundles, trustIn([ci]), nodeCrypto)
  const step = { name: 'pack', attempt: 1, matrix: null, nonce: '0'.repeat(32) }
  const asked = { step, pipeline: 'p', materials: [app], contract: null, token: null, newChain: NEW, isUnnamed: true }
  const carried = new Set(handed.map(({ link }) => link))
  const { chain, findings } = receive({ ...asked, steps, carried, now: at(30), ...more })
  return { run: chain.id, codes: findings.map(({ code }) => code) }
}

describe.each([
  ['without a contract', null],
  ['under a contract', contract],
] as const)('of runs that made the same bytes, %s,', (_, under) => {
  const bound = under?.digest ?? null
  const [older, newer] = [build(0, bound), build(5, bound)]
  const go = (known: readonly Signed[], handed: readonly Signed[], more: Partial<ReceiveInput> = {}) =>
    ask(known, handed, { contract: under, ...more })

  test('the one goes on that was handed over', () => {
    for (const one of [older, newer]) expect(go([older, newer], [one])).toEqual({ run: idOf(one), codes: [] })
    expect(go([older, newer], [])).toEqual({ run: idOf(newer), codes: [] })
    expect(go([older, newer], [older, newer])).toEqual({ run: idOf(newer), codes: [] })
  })

  test('that it has this step already is no reason to take a place in another', () => {
    for (const exitCode of [0, 1]) {
      const known = [older, newer, pack(older, exitCode)]
      expect(go(known, [older])).toEqual({ run: idOf(older), codes: ['place-taken'] })
      // What was handed over of both may go on with the other, and a new attempt goes on in its own.
      expect(go(known, [older, newer])).toEqual({ run: idOf(newer), codes: [] })
    }
    const carry = { step: { name: 'pack', attempt: 2, matrix: null, nonce: '0'.repeat(32) } }
    expect(go([older, newer], [older], carry)).toMatchObject({ run: idOf(older) })
  })

  test('one that made more of what was handed over comes first', () => {
    const more = build(5, bound, [app, lib])
    expect(go([older, more], [older], { materials: [app, lib] })).toEqual({ run: idOf(more), codes: [] })
    expect(go([older, more], [older])).toEqual({ run: idOf(older), codes: [] })
  })

  test('the commit is as good as any bytes', () => {
    const [a, b] = [build(0, bound, [commit]), build(5, bound, [commit])]
    expect(go([a, b], [a], { materials: [commit] }).run).toBe(idOf(a))
  })
})

test('a run of another contract, or pipeline, was handed over for nothing', () => {
  const bound = contract.digest
  const [other, own] = [build(0, 'a'.repeat(64)), build(5, bound)]
  expect(ask([other, own], [other], { contract })).toEqual({ run: idOf(own), codes: [] })
})

test('very many runs of other pipelines, with very many materials, are looked at once each', () => {
  const [step] = readChain([build(0, null).bundle], trustIn([ci]), nodeCrypto).steps.values()
  const hex = (n: number) => n.toString(16).padStart(64, '0')
  const runs = Array.from({ length: 2_000 }, (_, i): [string, VerifiedStep] => {
    const { statement } = step!
    const chain = { ...statement.predicate.chain, id: hex(i).slice(32), pipeline: 'other' }
    const predicate = { ...statement.predicate, chain }
    return [hex(i), { ...step!, link: hex(i), statement: { ...statement, predicate } }]
  })
  const materials = Array.from({ length: 20_000 }, (_, i) => ({ name: `m${i}`, digest: { sha256: hex(1e9 + i) } }))
  const [steps, carried] = [new Map(runs), new Set(runs.map(([link]) => link))]
  const begun = performance.now()
  const place = { name: 'pack', attempt: 1, matrix: null, nonce: '0'.repeat(32) }
  const asked = { step: place, pipeline: 'p', materials, contract: null, token: null, newChain: NEW, isUnnamed: true }
  receive({ ...asked, steps, carried, now: at(30) })
  // Once for each run and material it took thirteen seconds.
  expect(performance.now() - begun).toBeLessThan(2_000)
})
