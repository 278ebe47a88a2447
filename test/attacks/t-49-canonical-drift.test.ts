import { canonicalJson, fromUtf8, type JsonValue, parseJson, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { linkDigest, parseStep, PAYLOAD_TYPE, writeStep } from '@countersign/formats'
import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { payloadOf, STEP } from './documents.ts'

const link = (payload: Uint8Array) => linkDigest({ payloadType: PAYLOAD_TYPE, payload }, portableCrypto)

test('T-49: the link digest is of the signed bytes, so no two canonicalizers can disagree about it', () => {
  const canonical = payloadOf(STEP)
  const spaced = utf8(JSON.stringify(STEP, null, 1))
  expect(link(spaced)).not.toBe(link(canonical))
  // Red control: a digest of what was parsed and written again calls the two one.
  expect(link(canonicalJson(parseJson(spaced)))).toBe(link(canonical))
})

test('T-49: what we write is written by another implementation of RFC 8785 just so', () => {
  expect(fromUtf8(writeStep(parseStep(payloadOf(STEP))))).toBe(canonicalize(STEP))
})

test('T-49: numbers, keys and texts do not drift, over many and strange ones', () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.maxSafeInteger(),
    fc.constantFrom(1e21, 1e-7, 5e-324, 1e23, 0.1 + 0.2, 2 ** 53),
  )
  const text = fc.string({ unit: 'binary', maxLength: 6 })
  fc.assert(
    fc.property(fc.dictionary(text, fc.oneof(number, text), { noNullPrototype: true }), (value) => {
      fc.pre(Object.values(value).every((v) => !Object.is(v, -0)) && !Object.hasOwn(value, '__proto__'))
      expect(fromUtf8(canonicalJson(value as JsonValue))).toBe(canonicalize(value))
    }),
    { numRuns: 2000 },
  )
})

test('T-49: red control: JSON.stringify drifts with the order of insertion', () => {
  expect(JSON.stringify({ a: 1, b: 2 })).not.toBe(JSON.stringify({ b: 2, a: 1 }))
  expect(canonicalJson({ a: 1, b: 2 })).toEqual(canonicalJson({ b: 2, a: 1 }))
})
