import { base64, canonicalJson, fromUtf8, type JsonObject, type JsonValue, parseJson, utf8 } from '@countersign/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Bundle, parseBundle, readBundle, writeBundle } from './bundle.ts'
import { MAX_BUNDLE_BYTES, PAYLOAD_TYPE } from './constants.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })

const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 })
const entry = fc.record({ logIndex: fc.string(), canonicalizedBody: fc.base64String() })
const bundle: fc.Arbitrary<Bundle> = fc.record({
  key: fc.oneof(
    fc.record({ kind: fc.constant('publicKey' as const), hint: fc.option(fc.string({ minLength: 1 })) }),
    fc.record({ kind: fc.constant('certificate' as const), chain: fc.array(bytes, { minLength: 1, maxLength: 1 }) }),
  ),
  tlogEntries: fc.array(entry as fc.Arbitrary<JsonObject>, { maxLength: 3 }),
  timestamps: fc.array(bytes, { maxLength: 3 }),
  envelope: fc.record({
    payloadType: fc.constant(PAYLOAD_TYPE),
    payload: fc.uint8Array({ maxLength: 200 }),
    signature: bytes,
    keyid: fc.option(fc.string({ minLength: 1 })),
  }),
})

const good: Bundle = {
  key: { kind: 'publicKey', hint: 'k' },
  tlogEntries: [],
  timestamps: [],
  envelope: { payloadType: PAYLOAD_TYPE, payload: utf8('{}'), signature: Uint8Array.of(1), keyid: null },
}

test('what is written is read back, and written the same again', () => {
  fc.assert(
    fc.property(bundle, (it) => {
      const written = writeBundle(it)
      expect(parseBundle(written)).toEqual(it)
      expect(parseBundle(fromUtf8(written))).toEqual(it)
      expect(readBundle(parseJson(written))).toEqual(it)
      expect(writeBundle(parseBundle(written))).toEqual(written)
      expect(fromUtf8(written)).not.toContain('\n')
    }),
  )
})

test('white space and the order of members say nothing', () => {
  const compact = parseJson(writeBundle(good)) as JsonObject
  const shuffled = {
    dsseEnvelope: compact['dsseEnvelope'],
    verificationMaterial: compact['verificationMaterial'],
    mediaType: compact['mediaType'],
  }
  expect(parseBundle(JSON.stringify(shuffled, null, 2))).toEqual(good)
})

test('a certificate chain of an old bundle keeps its leaf when it is written as v0.3', () => {
  const certificates = [[1], [2], [3]].map((der) => ({ rawBytes: base64(Uint8Array.from(der)) }))
  const old = parseBundle(
    canonicalJson({
      mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.2',
      verificationMaterial: { x509CertificateChain: { certificates } },
      dsseEnvelope: (parseJson(writeBundle(good)) as { dsseEnvelope: JsonValue }).dsseEnvelope,
    }),
  )
  expect(old.key).toEqual({ kind: 'certificate', chain: [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)] })
  expect(parseBundle(writeBundle(old)).key).toEqual({ kind: 'certificate', chain: [Uint8Array.of(1)] })
})

test('a certificate bundle without a certificate is not written', () => {
  expect(() => writeBundle({ ...good, key: { kind: 'certificate', chain: [] } })).toThrow(coded('bundle-invalid'))
})

test('size and depth are bounded before anything is understood', () => {
  expect(() => parseBundle(new Uint8Array(MAX_BUNDLE_BYTES + 1).fill(0x20))).toThrow(coded('input-too-large'))
  expect(() => parseBundle(' '.repeat(MAX_BUNDLE_BYTES + 1))).toThrow(coded('input-too-large'))
  expect(() => parseBundle('['.repeat(200_000))).toThrow(coded('json-depth'))
})

test('a payload of the largest size that fits is read', () => {
  const payload = new Uint8Array(6_000_000).fill(0x20)
  const read = parseBundle(writeBundle({ ...good, envelope: { ...good.envelope, payload } }))
  expect(read.envelope.payload.length).toBe(6_000_000)
  const larger = { ...good.envelope, payload: new Uint8Array(6_300_000) }
  expect(() => writeBundle({ ...good, envelope: larger })).toThrow(coded('input-too-large'))
})

test('any bytes are a bundle or refused with a code', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(utf8)), (input) => {
      expect(() => parseBundle(input)).toThrow(expect.objectContaining({ name: 'CodedError' }))
    }),
  )
})

test('the short way to a bundle of our own spelling is the long one', () => {
  const outcome = (read: () => Bundle) => {
    try {
      return read()
    } catch (error) {
      return { code: (error as { code?: string }).code, what: (error as { what?: string }).what }
    }
  }
  const own = fc.record({
    key: fc.record({ kind: fc.constant('publicKey' as const), hint: fc.constantFrom('a'.repeat(64), 'A'.repeat(64)) }),
    tlogEntries: fc.constant([]),
    timestamps: fc.constant([]),
    envelope: fc.record({
      payloadType: fc.constant(PAYLOAD_TYPE),
      payload: fc.uint8Array({ maxLength: 20 }),
      signature: bytes,
      keyid: fc.constant(null),
    }),
  })
  const change = fc.record({
    at: fc.nat(),
    cut: fc.nat(2),
    put: fc.constantFrom('', '"', '\\', '=', ' ', 'A', '}', 'é'),
  })
  fc.assert(
    fc.property(own, fc.array(change, { maxLength: 2 }), (it, changes) => {
      let text = fromUtf8(writeBundle(it))
      expect(text).toBe(fromUtf8(canonicalJson(JSON.parse(text) as JsonValue)))
      for (const { at, cut, put } of changes) {
        const from = at % text.length
        text = text.slice(0, from) + put + text.slice(from + cut)
      }
      expect(outcome(() => parseBundle(text))).toEqual(outcome(() => readBundle(parseJson(text))))
    }),
    { numRuns: 3_000 },
  )
})
