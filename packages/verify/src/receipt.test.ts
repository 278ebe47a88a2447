import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Code } from '@countersign/core'
import {
  type LeafOpening,
  parseCheckpoint,
  type Receipt,
  receiptOf,
  writeOpening,
  writeReceipt,
  parseReceipt,
  writeNote,
} from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { at, countersign, honestRun, logKeyOf, party, seal, signCheckpoint } from '../../../test/pipeline.ts'
import { CheckpointsRead } from './receipt.ts'
import { logKeys, readChain, type Trust, verifyReceipt } from './index.ts'
import { opened, trustIn } from './verify.test-kit.ts'

const run = honestRun()
const { server } = run.who
const signers = [run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure]
const trust = trustIn(signers, [server])
const step = opened(run.build, trust)
const receipt = countersign(server, run.build, 5)
const { opening, proof } = receipt

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const verified = (bent: Receipt, believed: Trust = trust, of = step) =>
  verifyReceipt(bent, of, believed, nodeCrypto).countersigner.name
const openedAs = (changed: Partial<LeafOpening>): Receipt =>
  receiptOf({ ...proof, extra: writeOpening({ ...opening, ...changed }) })
const leafWith = (commitment: Partial<typeof opening.leaf.commitment>) => ({
  ...opening.leaf,
  commitment: { ...opening.leaf.commitment, ...commitment },
})

test('an honest receipt counts, also when it was written and read', () => {
  expect(verified(receipt)).toBe('server')
  expect(verified(parseReceipt(writeReceipt(receipt)))).toBe('server')
  for (const index of [0, 1, 2, 3, 4, 7, 8, 100]) {
    for (const behind of [0, 1, 6]) {
      expect(verified(countersign(server, run.build, index, { behind }))).toBe('server')
    }
  }
})

describe('a receipt does not count', () => {
  const zeros = new Uint8Array(32)
  const forged: readonly [string, Receipt, Code][] = [
    ['that is about another step', countersign(server, run.test, 5), 'receipt-invalid'],
    ['of another step under the name of this one', relinked(countersign(server, run.test, 5)), 'receipt-invalid'],
    ['of this step under the name of another', openedAs({ link: run.test.link }), 'receipt-invalid'],
    ['with another salt', openedAs({ salt: zeros }), 'receipt-invalid'],
    ['with another blind', openedAs({ blind: zeros }), 'receipt-invalid'],
    ['of another chain', countersign(server, ofChain('f'.repeat(32)), 5), 'receipt-invalid'],
    [
      'whose leaf was changed after it was logged',
      openedAs({ leaf: { ...opening.leaf, late: true } }),
      'proof-invalid',
    ],
    ['at another index', receiptOf({ ...proof, index: proof.index - 1 }), 'proof-invalid'],
    ['with a hash left out', receiptOf({ ...proof, hashes: proof.hashes.slice(1) }), 'proof-invalid'],
    ['with another hash', receiptOf({ ...proof, hashes: proof.hashes.with(0, zeros) }), 'proof-invalid'],
    [
      'under a checkpoint of another root',
      receiptOf({ ...proof, checkpoint: parseCheckpoint(signCheckpoint(server, server, 6, zeros)) }),
      'proof-invalid',
    ],
    [
      'under a checkpoint that somebody else signed',
      countersign(server, run.build, 5, { signedBy: party('mallory', 'ed25519') }),
      'signature-invalid',
    ],
    ['of a log that nobody trusts', countersign(party('another', 'ed25519'), run.build, 5), 'signer-unknown'],
    [
      'of a trusted key under the name of another log',
      countersign({ ...server, name: 'another' }, run.build, 5),
      'signer-unknown',
    ],
  ]

  test.each(forged)('%s', (_, bent, code) => {
    expect(() => verified(bent)).toThrow(coded(code))
    const chain = readChain([...run.steps.map(({ bundle }) => bundle), bent], trust, nodeCrypto)
    expect(chain.receipts.get(run.build.link)).toBeUndefined()
  })

  function relinked(of: Receipt): Receipt {
    return receiptOf({ ...of.proof, extra: writeOpening({ ...of.opening, link: run.build.link }) })
  }
  function ofChain(id: string) {
    const { statement } = run.build
    const { predicate } = statement
    return { ...run.build, statement: { ...statement, predicate: { ...predicate, chain: { ...predicate.chain, id } } } }
  }
})

test('each of the two hashes must commit to the step', () => {
  for (const hash of ['sha256', 'sha3_256'] as const) {
    expect(() => verified(openedAs({ leaf: leafWith({ [hash]: '0'.repeat(64) }) }))).toThrow(coded('receipt-invalid'))
  }
  // What is wrong there is the commitment: with both right, the same change of the leaf is caught by the proof alone.
  expect(() => verified(openedAs({ leaf: { ...opening.leaf, acceptedAt: at(0) } }))).toThrow(coded('proof-invalid'))
})

test('without trust in a log no receipt counts, and the steps all the same', () => {
  const chain = readChain([...run.lines], { ...trust, countersigners: [] }, nodeCrypto)
  expect(chain.steps.size).toBe(4)
  expect(chain.receipts.size).toBe(0)
  expect(chain.refused.map(({ report }) => report.code)).toEqual(Array(4).fill('signer-unknown'))
})

describe('a receipt of a log that nobody trusts', () => {
  const unjudged = (...lines: readonly Receipt[]) =>
    readChain([run.build.bundle, ...lines], { ...trust, countersigners: [] }, nodeCrypto)
      .unjudged.get(run.build.link)
      ?.map(({ receipt: one }) => one)
  const by = (name: string, index = 5) => countersign(party(name, 'ed25519'), run.build, index)

  test('is kept apart, and takes the place of no other that says to be of its log', () => {
    const [honest, forged] = [by('log', 1), by('log', 1)]
    expect(unjudged(honest, forged, honest)).toEqual([honest, forged])
    const flood = Array.from({ length: 50 }, (_, i) => by(`log-${i}`))
    for (const lines of [
      [honest, ...flood],
      [...flood, honest],
    ]) {
      expect(unjudged(...lines)).toHaveLength(8)
      expect(unjudged(...lines)).toContain(honest)
    }
  })

  test('leaves room for those of other logs, however often its entry is proven', () => {
    const log = party('log', 'ed25519')
    const proofs = Array.from({ length: 20 }, (_, behind) => countersign(log, run.build, 5, { behind }))
    const other = by('other')
    expect(unjudged(...proofs.slice(0, 9), other, ...proofs.slice(9))).toEqual([proofs[0], proofs.at(-1), other])
    // What says to be of its entry takes neither end of what was read together.
    const forged = Array.from({ length: 6 }, () => by('log'))
    expect(unjudged(...forged, ...proofs)).toContain(proofs.at(-1))
    expect(unjudged(...proofs, ...forged)).toContain(proofs[0])
  })

  test('is about one of those who signed', () => {
    const { github } = run.who
    const bundle = seal(github, run.build.bundle.envelope.payload)
    const about = countersign(server, { ...run.build, bundle }, 5)
    const lines = [run.build.bundle, bundle, about]
    const [one] = readChain(lines, { ...trust, countersigners: [] }, nodeCrypto).unjudged.get(run.build.link)!
    expect([one!.receipt, one!.step.signer.keyId]).toEqual([about, github.publicKey.keyId])
  })

  test('is not kept where it is too large for one', () => {
    const { checkpoint } = proof
    const line = { name: 'w', keyId: '0a0a0a0a', signature: new Uint8Array(30_000) }
    const note = { ...checkpoint.note, signatures: [...checkpoint.note.signatures, line] }
    const large = receiptOf({ ...proof, checkpoint: parseCheckpoint(writeNote(note)) })
    expect(unjudged(large)).toEqual([])
  })

  test('is not kept where it does not commit to its step, or its log is believed', () => {
    expect(unjudged(openedAs({ salt: new Uint8Array(32) }))).toBeUndefined()
    expect(readChain([run.build.bundle, receipt], trust, nodeCrypto).unjudged.size).toBe(0)
    const outside = signCheckpoint(server, server, 6, new Uint8Array(32))
    const unproven = receiptOf({ ...proof, checkpoint: parseCheckpoint(outside) })
    expect(readChain([run.build.bundle, unproven], trust, nodeCrypto).unjudged.size).toBe(0)
  })
})

test('a receipt without its step is reported', () => {
  const chain = readChain([receipt], trust, nodeCrypto)
  expect(chain.refused).toMatchObject([{ index: 0, report: { code: 'receipt-invalid' } }])
  expect(chain.receipts.size).toBe(0)
})

describe('a revoked key', () => {
  const revoked = (revokedAt: string) => ({ ...trust, countersigners: [{ key: logKeyOf(server), revokedAt }] })
  const accepted = countersign(server, run.build, 5, { acceptedAt: at(10) })

  test('vouches for what was accepted before, and for nothing since', () => {
    expect(verified(accepted, revoked(at(11)))).toBe('server')
    expect(() => verified(accepted, revoked(at(10)))).toThrow(coded('signer-revoked'))
    expect(() => verified(accepted, revoked(at(9)))).toThrow(coded('signer-revoked'))
  })
})

test('a log that changes its key is known by either', () => {
  const next = party('server', 'ed25519')
  const both = { ...trust, countersigners: logKeys([logKeyOf(server), logKeyOf(next)]) }
  expect(verified(receipt, both)).toBe('server')
  expect(verified(countersign(next, run.build, 5), both)).toBe('server')
  expect(() => verified(countersign(next, run.build, 5))).toThrow(coded('signer-unknown'))
})

test('of several logs the one that signed is named, and its key alone may be revoked', () => {
  const other = party('other', 'ed25519')
  const several = (revokedAt: string | null, of: 'server' | 'other') => ({
    ...trust,
    countersigners: [other, server].map((log) => ({
      key: logKeyOf(log),
      revokedAt: log.name === of ? revokedAt : null,
    })),
  })
  expect(verified(receipt, several(null, 'server'))).toBe('server')
  expect(verified(countersign(other, run.build, 5), several(null, 'server'))).toBe('other')
  expect(verified(receipt, several(at(0), 'other'))).toBe('server')
  expect(() => verified(receipt, several(at(0), 'server'))).toThrow(coded('signer-revoked'))
})

describe('the checkpoints of a set of receipts', () => {
  const { size, root } = proof.checkpoint
  const forged = parseCheckpoint(signCheckpoint(server, party('mallory', 'ed25519'), size, root))

  test('are told apart by their signatures: what one proved, or did not, is said of no other', () => {
    expect(forged.note.text).toBe(proof.checkpoint.note.text)
    for (const forgedFirst of [true, false]) {
      const checkpoints = new CheckpointsRead(trust, nodeCrypto)
      const refused = () => expect(() => checkpoints.verify(forged)).toThrow(coded('signature-invalid'))
      if (forgedFirst) refused()
      expect(checkpoints.verify(proof.checkpoint).signedBy.map(({ key }) => key.name)).toEqual(['server'])
      refused()
    }
  })
})

test('of receipts for one entry the one under the largest checkpoint is kept, in whatever order they come', () => {
  const [small, large] = [countersign(server, run.build, 5), countersign(server, run.build, 5, { behind: 7 })]
  const other = countersign(server, run.build, 2)
  const step = [run.build.bundle]
  for (const lines of [
    [small, large, other],
    [other, large, small],
  ]) {
    const kept = readChain([...step, ...lines], trust, nodeCrypto).receipts.get(run.build.link)!
    const places = kept.map(({ receipt: { proof } }) => [proof.index, proof.checkpoint.size])
    expect(places.toSorted()).toEqual([
      [2, 3],
      [5, 13],
    ])
  }
})

test('a checkpoint that many receipts share is checked once; another one is not taken for it', () => {
  let checks = 0
  const counting = {
    ...nodeCrypto,
    verify: (...asked: Parameters<typeof nodeCrypto.verify>) => {
      if (asked[0].algorithm === 'ed25519' && asked[0].keyId === server.publicKey.keyId) checks++
      return nodeCrypto.verify(...asked)
    },
  }
  const forged = countersign(server, run.test, 0, { signedBy: party('mallory', 'ed25519') })
  const bundles = run.steps.map(({ bundle }) => bundle)
  const lines = [...bundles, receipt, receipt, receipt, forged, forged]
  const chain = readChain(lines, trust, counting)
  expect(checks).toBe(2)
  expect(chain.receipts.get(run.build.link)).toHaveLength(1)
  expect(chain.refused.map(({ index, report }) => [index, report.code])).toEqual([
    [7, 'signature-invalid'],
    [8, 'signature-invalid'],
  ])
})
