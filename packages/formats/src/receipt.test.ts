import { concat, fromUtf8, utf8 } from '@countersign/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { RECEIPT_MEDIA_TYPE } from './constants.ts'
import { parseOpening, writeOpening } from './opening.ts'
import {
  MAX_RECEIPT_BYTES,
  parseReceipt,
  type Receipt,
  RECEIPT_START,
  receiptOf,
  readReceipt,
  writeReceipt,
} from './receipt.ts'
import { parseStep } from './step.ts'
import { type TlogProof, writeTlogProof } from './tlog-proof.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })
const signatures = [{ name: 'a', keyId: '01020304', signature: Uint8Array.of(5) }]
const checkpointOf = (size: number, more = '') =>
  readCheckpoint({ text: writeCheckpoint({ origin: 'a', size, root: new Uint8Array(32) }) + more, signatures })

const digits = (n: number) => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: n, maxLength: n })
const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
const extra = fc
  .record({
    link: digits(64),
    signer: digits(64),
    salt: bytes,
    blind: bytes,
    leaf: fc.record({
      kind: fc.constant('attestation' as const),
      acceptedAt: fc.integer({ min: 0, max: 253402300799999 }).map((ms) => new Date(ms).toISOString()),
      chain: fc.record({ id: digits(64), seq: fc.maxSafeNat() }),
      commitment: fc.record({ sha256: digits(64), sha3_256: digits(64) }),
      late: fc.boolean(),
    }),
  })
  .map(writeOpening)
const proof: fc.Arbitrary<TlogProof> = fc.record({
  extra,
  index: fc.nat(6),
  hashes: fc.array(bytes, { maxLength: 20 }),
  // What JSON escapes, and what it does not.
  checkpoint: fc
    .string({ unit: fc.constantFrom('"', '\\', '/', ' ', 'e', 'é', '\u2028', '😀'), maxLength: 5 })
    .map((line) => checkpointOf(7, line === '' ? '' : `${line}\n`)),
})

test('a receipt survives the round trip, as bytes, as text and as JSON of any spelling', () => {
  fc.assert(
    fc.property(proof, (one) => {
      const receipt: Receipt = { proof: one, opening: parseOpening(one.extra!) }
      const written = writeReceipt(receipt)
      expect(parseReceipt(written)).toEqual(receipt)
      expect(parseReceipt(fromUtf8(written))).toEqual(receipt)
      expect(readReceipt({ proof: fromUtf8(writeTlogProof(one)), mediaType: RECEIPT_MEDIA_TYPE })).toEqual(receipt)
      expect(receiptOf(one)).toEqual(receipt)
      expect(fromUtf8(written)).toMatch(/^[^\n]+$/)
      expect(fromUtf8(written).startsWith(RECEIPT_START)).toBe(true)
    }),
  )
})

test('what is read is written as the same bytes, however it was changed', () => {
  let read = 0
  fc.assert(
    fc.property(proof, fc.nat(), fc.string({ maxLength: 2 }), fc.nat(2), (one, at, piece, gone) => {
      const whole = writeReceipt({ proof: one })
      const from = at % whole.length
      const changed = concat(whole.subarray(0, from), utf8(piece), whole.subarray(from + gone))
      let again
      try {
        again = parseReceipt(changed)
      } catch (error) {
        expect(error).toEqual(expect.objectContaining({ name: 'CodedError' }))
        return
      }
      read++
      expect(writeReceipt(again)).toEqual(changed)
    }),
    { numRuns: 500 },
  )
  expect(read).toBeGreaterThan(0)
})

const opening = writeOpening({
  link: 'a1'.repeat(32),
  signer: 'e5'.repeat(32),
  salt: new Uint8Array(32),
  blind: new Uint8Array(32),
  leaf: {
    kind: 'attestation',
    acceptedAt: '2026-11-20T12:00:02.000Z',
    chain: { id: 'b2'.repeat(32), seq: 0 },
    commitment: { sha256: 'c3'.repeat(32), sha3_256: 'd4'.repeat(32) },
    late: false,
  },
})
const good: TlogProof = { extra: opening, index: 6, hashes: [new Uint8Array(32)], checkpoint: checkpointOf(7) }

test.each<[what: string, part: Partial<TlogProof>, code: string]>([
  ['no opening', { extra: null }, 'receipt-invalid'],
  ['an opening of nothing', { extra: utf8('{}') }, 'leaf-invalid'],
  ['an opening in another spelling', { extra: concat(opening, utf8(' ')) }, 'leaf-invalid'],
  ['an index beyond the tree', { index: 7 }, 'tlog-proof-invalid'],
])('a proof with %s makes no receipt', (_, part, code) => {
  expect(() => writeReceipt({ proof: { ...good, ...part } })).toThrow(coded(code))
  expect(parseReceipt(writeReceipt({ proof: good })).opening).toEqual(parseOpening(opening))
})

test('it is the bytes that are bounded, of a text too: what is read can be written', () => {
  const text = fromUtf8(writeReceipt({ proof: good }))
  const sized = (line: string) => text.replace('\\n\\n\u2014', () => `\\n${line}\\n\\n\u2014`)
  const room = MAX_RECEIPT_BYTES - utf8(sized('')).length
  // Quotes take two bytes here and one in the proof, whose own bound this stays below.
  const line = '\\"'.repeat(Math.floor(room / 2)) + 'x'.repeat(room % 2)
  const largest = sized(line)
  expect(utf8(largest).length).toBe(MAX_RECEIPT_BYTES)
  expect(fromUtf8(writeReceipt(parseReceipt(largest)))).toBe(largest)
  const fewer = sized('\\"'.repeat(100_000) + 'é'.repeat(room / 2 - 99_000))
  expect(fewer.length).toBeLessThan(MAX_RECEIPT_BYTES)
  for (const more of [sized(`${line}x`), fewer]) {
    expect(() => parseReceipt(more)).toThrow(coded('input-too-large'))
    expect(() => parseReceipt(utf8(more))).toThrow(coded('input-too-large'))
  }
  expect(() => parseReceipt({ length: MAX_RECEIPT_BYTES + 1 } as Uint8Array)).toThrow(coded('input-too-large'))
})

test('a receipt is no step, and no statement', () => {
  expect(() => parseStep(writeReceipt({ proof: good }))).toThrow(coded('statement-invalid'))
})
