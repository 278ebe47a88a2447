import { concat, utf8 } from '@countersign/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { MAX_PROOF_HASHES } from './lines.ts'
import { MAX_NOTE_BYTES } from './note.ts'
import {
  MAX_PROOF_EXTRA_BYTES,
  MAX_TLOG_PROOF_BYTES,
  parseTlogProof,
  type TlogProof,
  writeTlogProof,
} from './tlog-proof.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })
const signatures = [{ name: 'a', keyId: '01020304', signature: Uint8Array.of(5) }]
const checkpointOf = (size: number, more = '') =>
  readCheckpoint({ text: writeCheckpoint({ origin: 'a', size, root: new Uint8Array(32) }) + more, signatures })
const proof: fc.Arbitrary<TlogProof> = fc
  .record({
    extra: fc.option(fc.uint8Array({ minLength: 1, maxLength: 50 })),
    hashes: fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: MAX_PROOF_HASHES }),
    index: fc.oneof(fc.nat(), fc.maxSafeNat()).filter((index) => index < Number.MAX_SAFE_INTEGER),
    beyond: fc.integer({ min: 1, max: 1000 }),
  })
  .map(({ extra, hashes, index, beyond }) => ({
    extra,
    hashes,
    index,
    checkpoint: checkpointOf(Math.min(index + beyond, Number.MAX_SAFE_INTEGER)),
  }))

test('a proof survives the round trip', () => {
  fc.assert(
    fc.property(proof, (one) => {
      expect(parseTlogProof(writeTlogProof(one))).toEqual(one)
    }),
  )
})

test('what is read is written as the same bytes, however it was changed', () => {
  let read = 0
  fc.assert(
    fc.property(proof, fc.nat(), fc.string({ maxLength: 2 }), fc.nat(2), (one, at, piece, gone) => {
      const whole = writeTlogProof(one)
      const from = at % whole.length
      const changed = concat(whole.subarray(0, from), utf8(piece), whole.subarray(from + gone))
      let again
      try {
        again = parseTlogProof(changed)
      } catch (error) {
        expect(error).toEqual(expect.objectContaining({ name: 'CodedError' }))
        return
      }
      read++
      expect(writeTlogProof(again)).toEqual(changed)
    }),
    { numRuns: 500 },
  )
  expect(read).toBeGreaterThan(0)
})

const good: TlogProof = { extra: null, index: 6, hashes: [new Uint8Array(32)], checkpoint: checkpointOf(7) }

test.each<[what: string, part: Partial<TlogProof>]>([
  ['empty extra data', { extra: new Uint8Array(0) }],
  ['too much extra data', { extra: new Uint8Array(MAX_PROOF_EXTRA_BYTES + 1) }],
  ['an index beyond the tree', { index: 7 }],
  ['a negative index', { index: -1 }],
  ['a fraction', { index: 0.5 }],
  ['64 hashes', { hashes: Array.from({ length: MAX_PROOF_HASHES + 1 }, () => new Uint8Array(32)) }],
  ['a short hash', { hashes: [new Uint8Array(31)] }],
  ['a long hash', { hashes: [new Uint8Array(33)] }],
])('%s is not written', (_, part) => {
  expect(() => writeTlogProof({ ...good, ...part })).toThrow(coded('tlog-proof-invalid'))
  expect(parseTlogProof(writeTlogProof(good))).toEqual(good)
})

test('the largest proof is read and written', () => {
  const room = MAX_NOTE_BYTES - utf8(`${good.checkpoint.note.text}\n\n\u2014 a AQIDBAU=\n`).length
  const largest: TlogProof = {
    extra: new Uint8Array(MAX_PROOF_EXTRA_BYTES),
    index: Number.MAX_SAFE_INTEGER - 1,
    hashes: Array.from({ length: MAX_PROOF_HASHES }, () => new Uint8Array(32)),
    checkpoint: checkpointOf(Number.MAX_SAFE_INTEGER, `${'x'.repeat(room - 16)}\n`),
  }
  const bytes = writeTlogProof(largest)
  expect(bytes.length).toBeLessThanOrEqual(MAX_TLOG_PROOF_BYTES)
  expect(bytes.length).toBeGreaterThan(MAX_TLOG_PROOF_BYTES - 64)
  expect(parseTlogProof(bytes)).toEqual(largest)
  expect(() => parseTlogProof({ length: MAX_TLOG_PROOF_BYTES + 1 } as Uint8Array)).toThrow(coded('input-too-large'))
})
