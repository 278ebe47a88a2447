import { fromUtf8 } from '@countersign/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseReceipt, type Receipt, readReceipt, writeReceipt } from './receipt.ts'
import { parseStatement } from './statement.ts'
import { parseStep } from './step.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })

const good: Receipt = {
  link: 'a1'.repeat(32),
  origin: 'countersign.example.com/acme',
  index: 41,
  chain: '0'.repeat(32),
  step: 'build',
  acceptedAt: '2026-11-20T12:00:02.000Z',
  late: false,
}

test('a receipt survives the round trip', () => {
  fc.assert(
    fc.property(fc.nat(), fc.boolean(), fc.integer({ min: 0, max: 253402300799999 }), (index, late, ms) => {
      const receipt = { ...good, index, late, acceptedAt: new Date(ms).toISOString() }
      const written = writeReceipt(receipt)
      expect(parseReceipt(written)).toEqual(receipt)
      expect(readReceipt(parseStatement(written))).toEqual(receipt)
      expect(writeReceipt(parseReceipt(written))).toEqual(written)
    }),
  )
})

test('what no reader would take is not written', () => {
  expect(() => writeReceipt({ ...good, link: 'A1'.repeat(32) })).toThrow(coded('digest-invalid'))
  expect(() => writeReceipt({ ...good, index: -1 })).toThrow(coded('receipt-invalid'))
  expect(() => writeReceipt({ ...good, index: 2 ** 53 })).toThrow(coded('receipt-invalid'))
  expect(() => writeReceipt({ ...good, acceptedAt: '2026-11-20' })).toThrow(coded('receipt-invalid'))
  expect(() => writeReceipt({ ...good, note: 'x' } as Receipt)).toThrow(coded('receipt-invalid'))
})

test('a receipt is no step', () => {
  expect(() => parseStep(writeReceipt(good))).toThrow(coded('predicate-type'))
})

test('a receipt is about one attestation, named by its link digest and nothing else', () => {
  const text = fromUtf8(writeReceipt(good))
  expect(text).toContain(`"subject":[{"digest":{"sha256":"${good.link}"},"name":"attestation"}]`)
})
