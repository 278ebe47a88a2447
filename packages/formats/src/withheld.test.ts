import { concat, fromUtf8, utf8 } from '@countersign/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isReceipt, isWithheld, parseChainLine, writeChainLine } from './chain-line.ts'
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { type AttestationLeaf, type TombstoneLeaf, writeLeaf } from './leaf.ts'
import { writeOpening } from './opening.ts'
import { receiptOf } from './receipt.ts'
import type { TlogProof } from './tlog-proof.ts'
import {
  parseWithheld,
  tombstoneProof,
  withheldOf,
  withhold,
  WITHHELD_START,
  writeUnopened,
  writeWithheld,
} from './withheld.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })
const signatures = [{ name: 'a', keyId: '01020304', signature: Uint8Array.of(5) }]
const checkpoint = readCheckpoint({
  text: writeCheckpoint({ origin: 'a', size: 9, root: new Uint8Array(32) }),
  signatures,
})
const CHAIN = 'e5'.repeat(16)

const digits = (n: number) => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: n, maxLength: n })
const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
const time = fc.integer({ min: 0, max: 253402300799999 }).map((ms) => new Date(ms).toISOString())
const leaf: fc.Arbitrary<AttestationLeaf> = fc.record({
  kind: fc.constant('attestation' as const),
  acceptedAt: time,
  chain: fc.record({ id: digits(64), seq: fc.maxSafeNat() }),
  commitment: fc.record({ sha256: digits(64), sha3_256: digits(64) }),
  late: fc.boolean(),
})
const tombstone: fc.Arbitrary<TombstoneLeaf> = fc.record({
  kind: fc.constant('tombstone' as const),
  at: time,
  erased: fc.maxSafeNat(),
  ground: fc.string({ unit: fc.constantFrom('"', '\\', ' ', 'e', 'é', '😀'), minLength: 1, maxLength: 9 }),
})
const at = fc.record({
  index: fc.nat(8),
  hashes: fc.array(bytes, { maxLength: 20 }),
  checkpoint: fc.constant(checkpoint),
})
const proofs = fc.record({
  proof: fc
    .tuple(at, digits(64), digits(32), leaf, bytes)
    .map(
      ([one, link, chain, l, blind]): TlogProof => ({ ...one, extra: writeUnopened({ link, chain, leaf: l, blind }) }),
    ),
  tombstone: fc.option(fc.tuple(tombstone, at).map(([l, one]) => tombstoneProof(l, one))),
})

test('it survives the round trip, as bytes, as text and as a line of a chain file', () => {
  fc.assert(
    fc.property(proofs, ({ proof, tombstone: grave }) => {
      const withheld = withheldOf(proof, grave)
      const written = writeWithheld(withheld)
      expect(parseWithheld(written)).toEqual(withheld)
      expect(parseWithheld(fromUtf8(written))).toEqual(withheld)
      expect(fromUtf8(written).startsWith(WITHHELD_START)).toBe(true)
      const line = parseChainLine(fromUtf8(written))
      expect([isWithheld(line), isReceipt(line)]).toEqual([true, false])
      expect(writeChainLine(line)).toEqual(written)
    }),
  )
})

test('what is read is written as the same bytes, however it was changed', () => {
  fc.assert(
    fc.property(
      proofs,
      fc.nat(),
      fc.string({ maxLength: 2 }),
      fc.nat(2),
      ({ proof, tombstone: grave }, n, piece, gone) => {
        const whole = writeWithheld(withheldOf(proof, grave))
        const from = n % whole.length
        const changed = concat(whole.subarray(0, from), utf8(piece), whole.subarray(from + gone))
        let again
        try {
          again = parseWithheld(changed)
        } catch (error) {
          expect(error).toEqual(expect.objectContaining({ name: 'CodedError' }))
          return
        }
        expect(writeWithheld(again)).toEqual(changed)
      },
    ),
    { numRuns: 500 },
  )
})

test('a receipt that is withheld keeps its leaf, its proof and its blind, and neither its salt nor its signer', () => {
  fc.assert(
    fc.property(at, digits(64), digits(64), leaf, bytes, bytes, (one, link, signer, l, salt, blind) => {
      fc.pre(![link, l.chain.id, l.commitment.sha256, l.commitment.sha3_256].includes(signer))
      fc.pre(salt.some((byte, i) => byte !== blind[i]))
      const receipt = receiptOf({ ...one, extra: writeOpening({ link, leaf: l, signer, salt, blind }) })
      const withheld = withhold(receipt, CHAIN)
      expect(withheld.unopened).toEqual({ link, chain: CHAIN, leaf: l, blind })
      expect(withheld.proof).toEqual({ ...receipt.proof, extra: withheld.proof.extra })
      expect(withheld.tombstone).toBeNull()
      const text = Buffer.from(withheld.proof.extra!).toString()
      expect(text).not.toContain(Buffer.from(salt).toString('base64'))
      expect(text).not.toContain(signer)
      // The receipt does hold it: the search would have found it.
      expect(Buffer.from(receipt.proof.extra!).toString()).toContain(Buffer.from(salt).toString('base64'))
    }),
  )
})

const LEAF: AttestationLeaf = {
  kind: 'attestation',
  acceptedAt: '2026-11-20T12:00:02.000Z',
  chain: { id: 'b2'.repeat(32), seq: 0 },
  commitment: { sha256: 'c3'.repeat(32), sha3_256: 'd4'.repeat(32) },
  late: false,
}
const GRAVE: TombstoneLeaf = { kind: 'tombstone', at: LEAF.acceptedAt, erased: 0, ground: 'asked for' }
const place = { index: 0, hashes: [], checkpoint }
const good: TlogProof = {
  ...place,
  extra: writeUnopened({ link: 'a1'.repeat(32), chain: CHAIN, leaf: LEAF, blind: new Uint8Array(32) }),
}

test.each<[what: string, part: Partial<TlogProof>, code: string]>([
  ['tells nothing', { extra: null }, 'withheld-invalid'],
  ['tells of a leaf alone', { extra: writeLeaf(LEAF) }, 'withheld-invalid'],
  ['tells of a tombstone', { extra: writeLeaf(GRAVE) }, 'withheld-invalid'],
  ['is for a leaf beyond the tree', { index: 9 }, 'tlog-proof-invalid'],
])('a proof that %s makes nothing withheld', (_, part, code) => {
  expect(() => writeWithheld({ proof: { ...good, ...part }, tombstone: null })).toThrow(coded(code))
  expect(parseWithheld(writeWithheld({ proof: good, tombstone: null })).proof).toEqual(good)
})

test.each<[what: string, part: Partial<TlogProof>, code: string]>([
  ['no leaf', { extra: null }, 'withheld-invalid'],
  ['an attestation', { extra: writeLeaf(LEAF) }, 'withheld-invalid'],
  ['something else', { extra: utf8('{}') }, 'leaf-invalid'],
])('the proof of %s is no tombstone', (_, part, code) => {
  const grave = tombstoneProof(GRAVE, place)
  expect(() => withheldOf(good, { ...grave, ...part })).toThrow(coded(code))
  expect(withheldOf(good, grave).tombstone!.leaf).toEqual(GRAVE)
})
