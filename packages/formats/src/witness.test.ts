import { concat, utf8 } from '@countersign/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { MAX_PROOF_HASHES } from './lines.ts'
import {
  type AddCheckpoint,
  MAX_ADD_CHECKPOINT_BYTES,
  parseAddCheckpoint,
  parseTlogSize,
  writeAddCheckpoint,
  writeTlogSize,
} from './witness.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })
const signatures = [{ name: 'a', keyId: '01020304', signature: Uint8Array.of(5) }]
const checkpointOf = (size: number) =>
  readCheckpoint({ text: writeCheckpoint({ origin: 'a', size, root: new Uint8Array(32) }), signatures })
const request: fc.Arbitrary<AddCheckpoint> = fc
  .record({
    old: fc.nat(),
    more: fc.nat(1000),
    proof: fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: MAX_PROOF_HASHES }),
  })
  .map(({ old, more, proof }) => ({ old, proof, checkpoint: checkpointOf(old + more) }))

test('a request survives the round trip', () => {
  fc.assert(
    fc.property(request, (one) => {
      expect(parseAddCheckpoint(writeAddCheckpoint(one))).toEqual(one)
    }),
  )
})

test('what is read is written as the same bytes, however it was changed', () => {
  let read = 0
  fc.assert(
    fc.property(request, fc.nat(), fc.string({ maxLength: 2 }), fc.nat(2), (one, at, piece, gone) => {
      const whole = writeAddCheckpoint(one)
      const from = at % whole.length
      const changed = concat(whole.subarray(0, from), utf8(piece), whole.subarray(from + gone))
      let again
      try {
        again = parseAddCheckpoint(changed)
      } catch (error) {
        expect(error).toEqual(expect.objectContaining({ name: 'CodedError' }))
        return
      }
      read++
      expect(writeAddCheckpoint(again)).toEqual(changed)
    }),
    { numRuns: 500 },
  )
  expect(read).toBeGreaterThan(0)
})

const good: AddCheckpoint = { old: 7, proof: [], checkpoint: checkpointOf(7) }

test.each<[what: string, part: Partial<AddCheckpoint>]>([
  ['an old size beyond the checkpoint', { old: 8 }],
  ['a negative old size', { old: -1 }],
  ['a fraction', { old: 0.5 }],
  ['64 hashes', { proof: Array.from({ length: MAX_PROOF_HASHES + 1 }, () => new Uint8Array(32)) }],
  ['a short hash', { proof: [new Uint8Array(31)] }],
])('%s is not written', (_, part) => {
  expect(() => writeAddCheckpoint({ ...good, ...part })).toThrow(coded('witness-message-invalid'))
  expect(parseAddCheckpoint(writeAddCheckpoint(good))).toEqual(good)
})

test('size is bounded before anything is read', () => {
  expect(() => parseAddCheckpoint({ length: MAX_ADD_CHECKPOINT_BYTES + 1 } as Uint8Array)).toThrow(
    coded('input-too-large'),
  )
  expect(() => parseTlogSize({ length: 33 } as Uint8Array)).toThrow(coded('witness-message-invalid'))
})

test('a size survives the round trip, and has one spelling', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (size) => {
      expect(parseTlogSize(writeTlogSize(size))).toBe(size)
    }),
  )
  for (const size of [-1, 0.5, 2 ** 53, Number.NaN])
    expect(() => writeTlogSize(size)).toThrow(coded('witness-message-invalid'))
  expect(() => parseTlogSize(Uint8Array.of(0xff, 0x0a))).toThrow(coded('utf8-invalid'))
})
