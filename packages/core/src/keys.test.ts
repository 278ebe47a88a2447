import { createHash, generateKeyPairSync } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat } from './bytes.ts'
import { hex } from './hex.ts'
import { parsePublicKey, publicKeyPem, readPublicKey, spkiOf } from './keys.ts'

const refused = expect.objectContaining({ code: 'key-invalid' })

function accepts(spki: Uint8Array): boolean {
  try {
    parsePublicKey(spki)
    return true
  } catch (error) {
    expect(error).toEqual(refused)
    return false
  }
}

describe.each(['ed25519', 'ecdsa-p256'] as const)('%s keys that Node makes', (algorithm) => {
  const make = () =>
    algorithm === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })

  test('are read from DER, PEM and base64 as one key', () => {
    for (let i = 0; i < 20; i++) {
      const { publicKey } = make()
      const der = publicKey.export({ type: 'spki', format: 'der' })
      const key = parsePublicKey(new Uint8Array(der))
      expect(key.algorithm).toBe(algorithm)
      expect(key.keyId).toBe(createHash('sha256').update(der).digest('hex'))
      expect(hex(spkiOf(algorithm, key.raw))).toBe(der.toString('hex'))
      expect(publicKeyPem(key)).toBe(publicKey.export({ type: 'spki', format: 'pem' }))
      for (const text of [publicKeyPem(key), `\n${publicKeyPem(key)}\n`, der.toString('base64')]) {
        expect(readPublicKey(text)).toEqual(key)
        expect(readPublicKey(new TextEncoder().encode(text))).toEqual(key)
      }
    }
  })

  test('keep their bytes when they come in a Buffer, and when the Buffer is changed after', () => {
    const der = make().publicKey.export({ type: 'spki', format: 'der' })
    const before = der.toString('hex')
    const key = parsePublicKey(der)
    expect(der.toString('hex')).toBe(before)
    der.fill(0)
    expect(hex(key.spki)).toBe(before)
    expect(before.endsWith(hex(key.raw))).toBe(true)
  })

  test('are refused with any byte added or missing', () => {
    const der = new Uint8Array(make().publicKey.export({ type: 'spki', format: 'der' }))
    for (let length = 0; length < der.length; length++) expect(accepts(der.slice(0, length))).toBe(false)
    expect(accepts(concat(der, Uint8Array.of(0)))).toBe(false)
    expect(accepts(concat(Uint8Array.of(0x30), der))).toBe(false)
  })

  test('are refused with any bit of the header changed', () => {
    const der = new Uint8Array(make().publicKey.export({ type: 'spki', format: 'der' }))
    const header = der.length - (algorithm === 'ed25519' ? 32 : 65)
    for (let bit = 0; bit < header * 8; bit++) {
      const changed = der.slice()
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(accepts(changed)).toBe(false)
    }
  })
})

test('32 bytes are an Ed25519 key exactly when noble finds a point of large order in them', () => {
  const few = fc.uint8Array({ minLength: 32, maxLength: 32 })
  const nearTheModulus = fc
    .tuple(fc.integer({ min: 200, max: 255 }), fc.constantFrom(0x7f, 0xff))
    .map(([low, high]) => {
      const bytes = new Uint8Array(32).fill(0xff)
      bytes[0] = low
      bytes[31] = high
      return bytes
    })
  const small = fc.tuple(fc.nat(255), fc.constantFrom(0, 0x80)).map(([low, high]) => {
    const bytes = new Uint8Array(32)
    bytes[0] = low
    bytes[31] = high
    return bytes
  })
  fc.assert(
    fc.property(fc.oneof(few, nearTheModulus, small), (raw) => {
      let point = true
      try {
        point = !ed25519.Point.fromBytes(raw, false).isSmallOrder()
      } catch {
        point = false
      }
      expect(accepts(spkiOf('ed25519', raw))).toBe(point)
    }),
    { numRuns: 300 },
  )
})

test('all fourteen encodings of the eight points of small order are refused', () => {
  const { Point } = ed25519
  // A point of order 8: any point of mixed order, times the order of the base point.
  let torsion = Point.ZERO
  for (let n = 2; torsion.multiplyUnsafe(4n).is0(); n++) {
    const raw = new Uint8Array(32)
    raw[0] = n
    try {
      const point = Point.fromBytes(raw)
      torsion = point.multiplyUnsafe(Point.Fn.ORDER - 1n).add(point)
    } catch {
      continue
    }
  }
  const encodings = new Set<string>()
  const p = 2n ** 255n - 19n
  for (let i = 0n; i < 8n; i++) {
    const { y } = torsion.multiplyUnsafe(i).toAffine()
    for (const form of [y, y + p]) {
      if (form >= 2n ** 255n) continue
      for (const sign of [0n, 1n]) encodings.add((form + (sign << 255n)).toString(16).padStart(64, '0'))
    }
  }
  expect(encodings.size).toBe(14)
  for (const encoding of encodings) {
    const raw = new Uint8Array(Buffer.from(encoding, 'hex')).toReversed()
    expect(accepts(spkiOf('ed25519', raw)), encoding).toBe(false)
  }
})

test('a forged signature verifies under a small-order key where it is not refused', () => {
  const key = new Uint8Array(32)
  key[0] = 1
  const forged = concat(key, new Uint8Array(32))
  expect(ed25519.verify(forged, Uint8Array.of(1, 2, 3), key)).toBe(true)
  expect(() => parsePublicKey(spkiOf('ed25519', key))).toThrow(refused)
})

test('65 bytes are a P-256 key exactly when noble finds a point in them', () => {
  const secret = p256.utils.randomSecretKey()
  const good = p256.getPublicKey(secret, false)
  expect(accepts(spkiOf('ecdsa-p256', good))).toBe(true)
  for (let bit = 0; bit < good.length * 8; bit += 3) {
    const raw = good.slice()
    raw[bit >> 3]! ^= 1 << (bit & 7)
    expect(accepts(spkiOf('ecdsa-p256', raw))).toBe(raw[0] === 4 && p256.utils.isValidPublicKey(raw, false))
  }
})

test('keys of other kinds are refused', () => {
  const others = [
    generateKeyPairSync('rsa', { modulusLength: 1024 }),
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
    generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }),
    generateKeyPairSync('x25519'),
    generateKeyPairSync('ed448'),
  ]
  for (const { publicKey } of others) {
    const der = publicKey.export({ type: 'spki', format: 'der' })
    expect(accepts(der)).toBe(false)
    expect(() => readPublicKey(publicKey.export({ type: 'spki', format: 'pem' }).toString())).toThrow(refused)
  }
})

test('a private key is named as what it is and not shown', () => {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const secret = pem.split('\n')[1]!
  expect(() => readPublicKey(pem)).toThrow(/private key/)
  expect(() => readPublicKey(pem)).not.toThrow(secret)
})

test('any text is a key or refused with its code, also text made to stall a pattern', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.uint8Array()), (text) => {
      expect(() => readPublicKey(text)).toThrow(refused)
    }),
  )
  expect(() => readPublicKey(`-----BEGIN PUBLIC KEY-----${' '.repeat(16_000)}-`)).toThrow(refused)
  expect(() => readPublicKey(' '.repeat(10_000_000))).toThrow(refused)
})
