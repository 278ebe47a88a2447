import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, equal } from './bytes.ts'
import { rawFromDer } from './crypto.ts'
import { fromHex, hex } from './hex.ts'
import { type KeyAlgorithm, parsePublicKey, type PublicKey, publicKeyPem, spkiOf } from './keys.ts'
import { portableCrypto } from './portable.ts'

const P256_N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const ED25519_L = ed25519.Point.Fn.ORDER

function native(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  return verify(key.algorithm === 'ed25519' ? null : 'sha256', message, createPublicKey(publicKeyPem(key)), signature)
}

function signer(algorithm: KeyAlgorithm) {
  const pair =
    algorithm === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = parsePublicKey(pair.publicKey.export({ type: 'spki', format: 'der' }))
  const make = (message: Uint8Array) =>
    new Uint8Array(sign(algorithm === 'ed25519' ? null : 'sha256', message, pair.privateKey))
  return { key, sign: make }
}

const signers = { ed25519: signer('ed25519'), 'ecdsa-p256': signer('ecdsa-p256') }

const mutation = fc.record({ at: fc.nat(), bit: fc.nat(7), cut: fc.nat(3), add: fc.uint8Array({ maxLength: 2 }) })

test.each(['ed25519', 'ecdsa-p256'] as const)(
  '%s: agrees with node:crypto, also where the signature was changed',
  (algorithm) => {
    const { key, sign: make } = signers[algorithm]
    let valid = 0
    let invalid = 0
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.array(mutation, { maxLength: 2 }), (message, mutations) => {
        let signature: Uint8Array = make(message)
        for (const { at, bit, cut, add } of mutations) {
          signature = signature.with(at % signature.length, signature[at % signature.length]! ^ (1 << bit))
          signature = concat(signature.slice(0, signature.length - (cut > 2 ? 1 : 0)), add)
        }
        const verdict = portableCrypto.verify(key, message, signature)
        if (verdict) valid++
        else invalid++
        expect(verdict).toBe(native(key, message, signature))
      }),
      { numRuns: 60 },
    )
    expect(valid).toBeGreaterThan(0)
    expect(invalid).toBeGreaterThan(0)
  },
)

test('sha256 is node:crypto’s', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (data) => {
      expect(hex(portableCrypto.sha256(data))).toBe(createHash('sha256').update(data).digest('hex'))
    }),
  )
})

test('either s of an ECDSA signature verifies, here and there', () => {
  const { key, sign: make } = signers['ecdsa-p256']
  const message = Uint8Array.of(1, 2, 3)
  const raw = rawFromDer(make(message))!
  const s = BigInt(`0x${hex(raw.subarray(32))}`)
  const mirrored = concat(raw.slice(0, 32), fromHex((P256_N - s).toString(16).padStart(64, '0')))
  const der = derOf(mirrored)
  expect(equal(der, derOf(raw))).toBe(false)
  for (const signature of [derOf(raw), der]) {
    expect(portableCrypto.verify(key, message, signature)).toBe(true)
    expect(native(key, message, signature)).toBe(true)
  }
})

test('an R of mixed order is refused as OpenSSL refuses it, where the cofactor would let it pass', () => {
  const { Point } = ed25519
  const secret = new Uint8Array(32).fill(7)
  const { scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(secret)
  const message = Uint8Array.of(1)
  // (0, −1), of order 2.
  const torsion = Point.fromAffine({ x: 0n, y: 2n ** 255n - 20n })
  const r = Point.BASE.multiply(5n).add(torsion).toBytes()
  const k = BigInt(
    `0x${createHash('sha512').update(r).update(pointBytes).update(message).digest('hex').match(/../g)!.toReversed().join('')}`,
  )
  const s = fromHex(((5n + k * scalar) % ED25519_L).toString(16).padStart(64, '0')).toReversed()
  const signature = concat(r, s)
  const key = parsePublicKey(spkiOf('ed25519', pointBytes))
  expect(ed25519.verify(signature, message, pointBytes, { zip215: false })).toBe(true)
  expect(native(key, message, signature)).toBe(false)
  expect(portableCrypto.verify(key, message, signature)).toBe(false)
})

test('malformed input is false, never a throw', () => {
  const hostile = [
    new Uint8Array(0),
    new Uint8Array(64),
    new Uint8Array(64).fill(255),
    new Uint8Array(72).fill(0x30),
    new Uint8Array(10_000),
  ]
  for (const { key } of Object.values(signers)) {
    for (const signature of hostile) expect(portableCrypto.verify(key, Uint8Array.of(1), signature)).toBe(false)
    const broken: PublicKey = { ...key, raw: new Uint8Array(key.raw.length).fill(255) }
    expect(portableCrypto.verify(broken, Uint8Array.of(1), new Uint8Array(64))).toBe(false)
  }
})

test('a key of small order that came past the door still verifies nothing', () => {
  const raw = new Uint8Array(32)
  raw[0] = 1
  const key: PublicKey = { algorithm: 'ed25519', spki: spkiOf('ed25519', raw), raw, keyId: '' }
  expect(portableCrypto.verify(key, Uint8Array.of(1), concat(raw, new Uint8Array(32)))).toBe(false)
})

function integer(bytes: Uint8Array): Uint8Array {
  const body = bytes.slice(bytes.findIndex((byte) => byte !== 0))
  const signed = body[0]! >= 0x80 ? concat(Uint8Array.of(0), body) : body
  return concat(Uint8Array.of(2, signed.length), signed)
}

function derOf(raw: Uint8Array): Uint8Array {
  const body = concat(integer(raw.subarray(0, 32)), integer(raw.subarray(32)))
  return concat(Uint8Array.of(0x30, body.length), body)
}
