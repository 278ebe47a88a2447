import { createHash } from 'node:crypto'
import { fromUtf8, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Envelope, linkDigest, linkDigestOfPae, pae, readEnvelope, writeEnvelope } from './dsse.ts'

const TYPE = 'application/vnd.in-toto+json'

test('PAE is the published example', () => {
  expect(fromUtf8(pae('http://example.com/HelloWorld', utf8('hello world')))).toBe(
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  )
  expect(fromUtf8(pae('', new Uint8Array(0)))).toBe('DSSEv1 0  0 ')
})

test('PAE counts bytes, not characters', () => {
  expect(fromUtf8(pae('text/😀é', utf8('日本')))).toBe('DSSEv1 11 text/😀é 6 日本')
})

test('no two pairs of type and payload have one PAE', () => {
  const text = fc.string({ unit: fc.constantFrom(' ', '1', '2', 'a'), maxLength: 6 })
  fc.assert(
    fc.property(text, text, text, text, (typeA, bodyA, typeB, bodyB) => {
      const same = typeA === typeB && bodyA === bodyB
      const a = fromUtf8(pae(typeA, utf8(bodyA)))
      expect(a === fromUtf8(pae(typeB, utf8(bodyB)))).toBe(same)
    }),
    { numRuns: 2000 },
  )
})

test('the link digest is the SHA-256 of the PAE', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (payload) => {
      const signed = pae(TYPE, payload)
      const expected = createHash('sha256').update(signed).digest('hex')
      expect(linkDigest({ payloadType: TYPE, payload }, portableCrypto)).toBe(expected)
      expect(linkDigestOfPae(signed, portableCrypto)).toBe(expected)
    }),
  )
})

test('an envelope survives the round trip', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 100 })
  fc.assert(
    fc.property(fc.uint8Array(), bytes, fc.option(fc.string({ minLength: 1 })), (payload, signature, keyid) => {
      const envelope: Envelope = { payloadType: TYPE, payload, signature, keyid }
      expect(readEnvelope(writeEnvelope(envelope), TYPE)).toEqual(envelope)
    }),
  )
})

test('the type that is expected decides, whatever the envelope says', () => {
  const envelope: Envelope = {
    payloadType: 'text/plain',
    payload: utf8('{}'),
    signature: Uint8Array.of(1),
    keyid: null,
  }
  expect(readEnvelope(writeEnvelope(envelope), 'text/plain')).toEqual(envelope)
  expect(() => readEnvelope(writeEnvelope(envelope), TYPE)).toThrow(expect.objectContaining({ code: 'payload-type' }))
})
