import { concat, utf8 } from '@countersign/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cosignatureMessage, MAX_COSIGNATURE_TIME, parseCosignature, writeCosignature } from './cosignature.ts'

const refused = expect.objectContaining({ name: 'CodedError', code: 'cosignature-invalid' })
const time = fc.oneof(fc.integer({ min: 1, max: MAX_COSIGNATURE_TIME }), fc.constantFrom(1, MAX_COSIGNATURE_TIME))
const signature = fc.uint8Array({ minLength: 64, maxLength: 64 })

test('a cosignature survives the round trip, both ways', () => {
  fc.assert(
    fc.property(time, signature, (seconds, bytes) => {
      const blob = writeCosignature({ time: seconds, signature: bytes })
      expect(parseCosignature(blob)).toEqual({ time: seconds, signature: bytes })
      expect(blob.length).toBe(72)
      // A view into a larger buffer is read from where it begins.
      expect(parseCosignature(concat(Uint8Array.of(9, 9), blob).subarray(2))).toEqual({
        time: seconds,
        signature: bytes,
      })
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 70, maxLength: 74 }), (blob) => {
      const early = blob.length === 72 ? concat(new Uint8Array(4), blob.subarray(4)) : blob
      if (early.length !== 72) expect(() => parseCosignature(early)).toThrow(refused)
      else if (early.subarray(0, 8).some((byte) => byte !== 0))
        expect(writeCosignature(parseCosignature(early))).toEqual(early)
    }),
  )
})

test('the last time is the last that has a date of four digits', () => {
  expect(new Date(MAX_COSIGNATURE_TIME * 1000).toISOString()).toBe('9999-12-31T23:59:59.000Z')
})

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, MAX_COSIGNATURE_TIME + 1])(
  'at %d seconds nothing is signed or written',
  (seconds) => {
    expect(() => cosignatureMessage(seconds, 'a\n')).toThrow(refused)
    expect(() => writeCosignature({ time: seconds, signature: new Uint8Array(64) })).toThrow(refused)
  },
)

test('the signature has 64 bytes', () => {
  for (const length of [0, 63, 65])
    expect(() => writeCosignature({ time: 1, signature: new Uint8Array(length) })).toThrow(refused)
})

test('the message is two lines and the whole text', () => {
  expect(cosignatureMessage(1679315147, 'o\n1\nr\nmore \u00e9\n')).toEqual(
    utf8('cosignature/v1\ntime 1679315147\no\n1\nr\nmore \u00e9\n'),
  )
})
