import { canonicalJson, concat, fromUtf8, hex, type JsonValue, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PAYLOAD_TYPE } from './constants.ts'
import { pae } from './dsse.ts'
import { type AttestationLeaf, blindChain, commitmentOf, type Leaf, parseLeaf, writeLeaf } from './leaf.ts'

const attestation: AttestationLeaf = {
  kind: 'attestation',
  acceptedAt: '2026-11-21T12:00:00.000Z',
  chain: { id: 'a'.repeat(64), seq: 3 },
  commitment: { sha256: 'b'.repeat(64), sha3_256: 'c'.repeat(64) },
  late: false,
}
const tombstone: Leaf = { kind: 'tombstone', at: '2026-11-21T12:00:00.000Z', erased: 7, ground: 'GDPR, article 17' }
const issuance: Leaf = {
  kind: 'certificate',
  issuedAt: '2026-11-21T12:00:00.000Z',
  tbs: { sha256: 'b'.repeat(64), sha3_256: 'c'.repeat(64) },
}
const coded = (code: string) => expect.objectContaining({ code })
const bytesOf = (value: unknown) => canonicalJson(value as JsonValue)

test.each([attestation, tombstone, issuance])('a $kind is read back as it was written', (leaf) => {
  expect(parseLeaf(writeLeaf(leaf))).toEqual(leaf)
})

test('a leaf has one spelling', () => {
  const text = fromUtf8(writeLeaf(attestation))
  expect(() => parseLeaf(utf8(` ${text}`))).toThrow(coded('leaf-invalid'))
  expect(() => parseLeaf(utf8(text.replace('"seq":3', '"seq":3.0')))).toThrow(coded('leaf-invalid'))
  expect(() => parseLeaf(utf8(text.replace('false', 'false,"late":false')))).toThrow(coded('json-duplicate-key'))
})

const whole = { ...attestation, version: 1 }
test.each<[string, unknown]>([
  ['another version', { ...whole, version: 2 }],
  ['no version', attestation],
  ['another kind', { ...whole, kind: 'erased' }],
  ['no kind', { ...whole, kind: undefined }],
  ['an unknown field', { ...whole, subject: 'x' }],
  ['an upper-case digest', { ...whole, commitment: { ...attestation.commitment, sha256: 'B'.repeat(64) } }],
  ['one hash only', { ...whole, commitment: { sha256: 'b'.repeat(64) } }],
  ['a negative place', { ...whole, chain: { id: 'a'.repeat(64), seq: -1 } }],
  ['a chain id in clear', { ...whole, chain: { id: 'a'.repeat(32), seq: 0 } }],
  ['a time with a zone', { ...whole, acceptedAt: '2026-11-21T12:00:00.000+01:00' }],
  ['a tombstone with fields of the other', { ...tombstone, version: 1, late: false }],
  ['a tombstone without ground', { ...tombstone, version: 1, ground: '' }],
  ['a ground that turns the line', { ...tombstone, version: 1, ground: 'a\nb' }],
  ['a certificate under one hash', { ...issuance, version: 1, tbs: { sha256: 'b'.repeat(64) } }],
  ['a certificate with fields of another', { ...issuance, version: 1, late: false }],
  ['a certificate without a time', { ...issuance, version: 1, issuedAt: null }],
  ['not an object', [1]],
])('refused: %s', (_, value) => {
  const defined = JSON.parse(JSON.stringify(value)) as unknown
  expect(() => parseLeaf(bytesOf(defined))).toThrow(coded('leaf-invalid'))
})

test('what no reader would take is not written', () => {
  expect(() => writeLeaf({ ...attestation, chain: { id: 'x', seq: 0 } })).toThrow(coded('leaf-invalid'))
  expect(() => writeLeaf({ ...(tombstone as object), ground: '' } as Leaf)).toThrow(coded('leaf-invalid'))
})

test('a commitment is of its salt, its payload and its signer, under both hashes', () => {
  const salt = new Uint8Array(32).fill(1)
  const commit = (s: Uint8Array, text: string, signer = 'a') =>
    commitmentOf(s, { signed: utf8(text), signer: utf8(signer) }, portableCrypto)
  const first = commit(salt, 'DSSEv1')
  expect(first).toEqual(commit(new Uint8Array(32).fill(1), 'DSSEv1'))
  for (const other of [commit(salt.with(31, 2), 'DSSEv1'), commit(salt, 'DSSEv2'), commit(salt, 'DSSEv1', 'b')]) {
    expect(other.sha256).not.toBe(first.sha256)
    expect(other.sha3_256).not.toBe(first.sha3_256)
  }
  expect(() => commit(salt.subarray(1), 'x')).toThrow(coded('leaf-invalid'))
  expect(() => commit(new Uint8Array(64), 'x')).toThrow(coded('leaf-invalid'))
  expect(() => commit(salt, 'x', '')).toThrow(coded('leaf-invalid'))
})

test('no statement and signer are another statement and signer', () => {
  const salt = new Uint8Array(32)
  const commit = (payload: Uint8Array, signer: Uint8Array) =>
    commitmentOf(salt, { signed: pae(PAYLOAD_TYPE, payload), signer }, portableCrypto).sha256
  const bytes = fc.uint8Array({ maxLength: 40 })
  fc.assert(
    fc.property(bytes, fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(40), (payload, signer, at) => {
      const both = concat(payload, signer)
      const cut = Math.min(at, both.length - 1)
      const other = [both.subarray(0, cut), both.subarray(cut)] as const
      expect(commit(...other) === commit(payload, signer)).toBe(cut === payload.length)
    }),
  )
})

test('a chain is known by its id under its blind only', () => {
  const blind = new Uint8Array(32).fill(5)
  const id = blindChain(blind, '1'.repeat(32), portableCrypto)
  expect(id).toMatch(/^[0-9a-f]{64}$/)
  expect(blindChain(blind.with(0, 6), '1'.repeat(32), portableCrypto)).not.toBe(id)
  expect(blindChain(blind, '2'.repeat(32), portableCrypto)).not.toBe(id)
  expect(() => blindChain(blind.subarray(1), '1'.repeat(32), portableCrypto)).toThrow(coded('leaf-invalid'))
})

test('of ten payloads, and of ten signers, the one is found by whoever has the salt, and by nobody else', () => {
  const pins = Array.from({ length: 10 }, (_, pin) => utf8(`pin ${pin}`))
  const signers = Array.from({ length: 10 }, (_, who) => utf8(`person ${who}`))
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(9), fc.nat(9), (salt, pin, who) => {
      const signer = signers[who]!
      const { sha256, sha3_256 } = commitmentOf(salt, { signed: pins[pin]!, signer }, portableCrypto)
      const found = (guess: Uint8Array) =>
        pins.findIndex((signed) => commitmentOf(guess, { signed, signer }, portableCrypto).sha256 === sha256)
      expect(found(salt)).toBe(pin)
      expect(found(salt.with(0, salt[0]! ^ 1))).toBe(-1)
      const signedBy = (guess: Uint8Array) =>
        signers.findIndex(
          (one) => commitmentOf(guess, { signed: pins[pin]!, signer: one }, portableCrypto).sha256 === sha256,
        )
      expect(signedBy(salt)).toBe(who)
      expect(signedBy(salt.with(0, salt[0]! ^ 1))).toBe(-1)
      const plain = pins.flatMap((text) => [hex(portableCrypto.sha256(text)), hex(portableCrypto.sha3_256(text))])
      expect(plain).not.toContain(sha256)
      expect(plain).not.toContain(sha3_256)
    }),
    { numRuns: 30 },
  )
})
