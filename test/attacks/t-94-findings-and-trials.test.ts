import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { MAX_FINDINGS } from '@countersign/core'
import { handshake, readChain } from '@countersign/verify'
import { expect, test } from 'vitest'
import { trustIn } from '../../packages/verify/src/verify.test-kit.ts'
import { at, file, newChainId, party, received, signStep } from '../pipeline.ts'

const by = party('builder', 'ed25519')
const chain = { id: newChainId(), pipeline: 'p', contract: null }

test('thousands of products at odds with one another are a few findings of the step after them', () => {
  const made = (name: string) => {
    const subject = Array.from({ length: 1_000 }, (_, i) => {
      const { name: own, digest } = file(`${name}/${i}`, 'the same')
      const weak = Array.from({ length: 10 }, (_, a) => [`weak${a}`, `${name}${i}`.padStart(32, '0')])
      return { name: own, digest: { ...Object.fromEntries(weak), sha256: digest.sha256 } }
    })
    return signStep(by, { chain, name, subject })
  }
  const before = [made('a'), made('b')]
  const step = signStep(by, {
    chain,
    name: 'test',
    previous: before.map(({ link, statement }) => ({ link, step: statement.predicate.step.name })),
    materials: Array.from({ length: 1_000 }, (_, i) => received(file(`swapped/${i}`, `${i}`), before[0]!.link)),
    subject: [file('report', 'r')],
    minute: 2,
  })
  const { steps } = readChain(
    [...before, step].map(({ bundle }) => bundle),
    trustIn([by]),
    nodeCrypto,
  )
  const { findings } = handshake({ step: steps.get(step.link)!, previous: steps, contract: null, now: at(60) })
  expect(findings).toHaveLength(MAX_FINDINGS + 1)
  expect(findings.some(({ what }) => /^and [0-9]+ more findings$/.test(what))).toBe(true)
})

test('junk that names no key is tried under all of them only so often', () => {
  const keys = Array.from({ length: 100 }, (_, i) => party(`key ${i}`, 'ed25519'))
  const stranger = party('stranger', 'ed25519')
  const junk = signStep(stranger, { chain, name: 'junk', subject: [file('a', 'a')] }).bundle
  const honest = signStep(keys[99]!, { chain, name: 'honest', subject: [file('b', 'b')] }).bundle
  let tried = 0
  const counting = { ...nodeCrypto, verify: () => (tried++, false) }
  readChain(
    Array.from({ length: 5_000 }, () => junk),
    trustIn(keys),
    counting,
  )
  // Without the bound it would be half a million.
  expect(tried).toBe(50_000)
  const after = readChain(
    [
      ...Array.from({ length: 501 }, () => ({ ...junk, envelope: { ...junk.envelope, signature: new Uint8Array(1) } })),
      honest,
    ],
    trustIn(keys),
    nodeCrypto,
  )
  expect(after.steps.size).toBe(1)
  expect(after.refused).toHaveLength(501)
  expect(after.refused.at(-1)!.report.what).toContain('too many signatures')
})
