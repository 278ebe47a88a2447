import { generateKeyPairSync, sign } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { DerReader } from '@countersign/formats/x509'
import { describe, expect, test } from 'vitest'
import { type KeyKind, newKey, type TestKey } from '../../../../test/anchors/certificates.ts'
import { type HashName, type Scheme, schemeOf, verifySignature } from './signature.ts'

const message = utf8('a message')

function schemeFor(key: TestKey): Scheme {
  const inside = new DerReader(key.algorithm, 'it', 'certificate-invalid').sequence()
  const oid = inside.oid()
  const rest = inside.done ? null : inside.any()
  return schemeOf(
    { oid, parameters: rest === null || rest.tag === 0x05 ? null : rest.der },
    null,
    'certificate-invalid',
  )!
}

/** What both kinds of cryptography say, which must be one thing. */
function verdict(scheme: Scheme, spki: Uint8Array, text: Uint8Array, signature: Uint8Array): boolean {
  const [native, portable] = [nodeCrypto, portableCrypto].map((crypto) =>
    verifySignature(scheme, spki, text, signature, crypto),
  )
  expect(native).toBe(portable)
  return native!
}

describe.each([
  ['P-256', 'sha256'],
  ['P-256', 'sha512'],
  ['P-384', 'sha384'],
  ['P-384', 'sha256'],
  ['P-521', 'sha512'],
  ['RSA', 'sha256'],
  ['RSA', 'sha384'],
  ['RSA', 'sha512'],
  ['RSA-PSS', 'sha256'],
  ['RSA-PSS', 'sha384'],
  ['RSA-PSS', 'sha512'],
  ['Ed25519', 'sha512'],
] as const satisfies readonly (readonly [KeyKind, HashName])[])('%s with %s', (kind, hash) => {
  const key = newKey(kind, hash)
  const scheme = schemeFor(key)
  const signature = key.sign(message)

  test('what Node signs verifies, and nothing near it', () => {
    expect(verdict(scheme, key.spki, message, signature)).toBe(true)
    expect(verdict(scheme, key.spki, utf8('another'), signature)).toBe(false)
    expect(verdict(scheme, newKey(kind, hash).spki, message, signature)).toBe(false)
    for (let at = 0; at < signature.length; at += Math.ceil(signature.length / 12)) {
      expect(verdict(scheme, key.spki, message, signature.with(at, signature[at]! ^ 1))).toBe(false)
    }
    expect(verdict(scheme, key.spki, message, signature.subarray(0, -1))).toBe(false)
    expect(verdict(scheme, key.spki, message, Uint8Array.from([...signature, 0]))).toBe(false)
    expect(verdict(scheme, key.spki, message, new Uint8Array())).toBe(false)
  })

  test('not under another scheme', () => {
    const others: Scheme[] = [
      { name: 'ecdsa', hash: 'sha256' },
      { name: 'ecdsa', hash: 'sha384' },
      { name: 'rsa', hash: 'sha256' },
      { name: 'rsa', hash: 'sha512' },
      { name: 'rsa-pss', hash: 'sha256', salt: 32 },
      { name: 'ed25519', hash: null },
    ]
    for (const other of others) {
      if (JSON.stringify(other) === JSON.stringify(scheme)) continue
      expect(verdict(other, key.spki, message, signature)).toBe(false)
    }
  })
})

test('a modulus of one bit more than whole bytes, and of other lengths', () => {
  for (const length of [2049, 2055, 3072]) {
    for (const kind of ['RSA', 'RSA-PSS'] as const) {
      const key = newKey(kind, 'sha256', length)
      expect(verdict(schemeFor(key), key.spki, message, key.sign(message)), `${kind} ${length}`).toBe(true)
    }
  }
})

test('keys that are too weak, or of a kind that is not taken', () => {
  const weak = newKey('RSA', 'sha256', 1024)
  expect(verdict({ name: 'rsa', hash: 'sha256' }, weak.spki, message, weak.sign(message))).toBe(false)
  const three = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 })
  const spki = new Uint8Array(three.publicKey.export({ type: 'spki', format: 'der' }))
  const signature = new Uint8Array(sign('sha256', message, three.privateKey))
  expect(verdict({ name: 'rsa', hash: 'sha256' }, spki, message, signature)).toBe(false)
  const koblitz = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
  const other = new Uint8Array(koblitz.publicKey.export({ type: 'spki', format: 'der' }))
  const by = new Uint8Array(sign('sha256', message, koblitz.privateKey))
  expect(verdict({ name: 'ecdsa', hash: 'sha256' }, other, message, by)).toBe(false)
  expect(verdict({ name: 'ecdsa', hash: 'sha256' }, new Uint8Array(), message, by)).toBe(false)
})

test('a PSS signature with another salt than was named does not verify', () => {
  const key = newKey('RSA-PSS')
  const scheme = schemeFor(key)
  if (scheme.name !== 'rsa-pss') throw new Error('not PSS')
  for (const salt of [0, 31, 33, 64]) {
    expect(verdict({ ...scheme, salt }, key.spki, message, key.sign(message))).toBe(false)
  }
})

test.each([
  ['ECDSA with SHA-1', '1.2.840.10045.4.1'],
  ['RSA with SHA-1', '1.2.840.113549.1.1.5'],
  ['RSA with MD5', '1.2.840.113549.1.1.4'],
  ['RSA with SHA-224', '1.2.840.113549.1.1.14'],
  ['DSA', '2.16.840.1.101.3.4.3.2'],
  ['RSA without a hash', '1.2.840.113549.1.1.1'],
  ['PSS with its defaults, which are SHA-1', '1.2.840.113549.1.1.10'],
  ['something of Object', 'constructor'],
])('%s is not taken', (_, oid) => {
  expect(schemeOf({ oid, parameters: null }, null, 'certificate-invalid')).toBeNull()
})
