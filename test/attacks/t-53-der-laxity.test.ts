import { constants, createHash, generateKeyPairSync, type KeyObject, privateEncrypt, sign } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { concat, fromHex, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { derUnsigned } from '@countersign/formats/x509'
import { type Scheme, verifySignature } from '@countersign/verify/x509'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { describe, expect, test } from 'vitest'

/**
 * The classes of cases that Wycheproof holds against verifiers of ECDSA and RSA signatures, made anew with keys of our
 * own: its files are in no package.
 */

const message = utf8('what was signed')
const of = (...bytes: readonly number[]) => Uint8Array.from(bytes)

/** True where all verifiers say yes, false where all say no. */
function verdict(scheme: Scheme, spki: Uint8Array, signature: Uint8Array): boolean {
  const verdicts = [nodeCrypto, portableCrypto].map((crypto) =>
    verifySignature(scheme, spki, message, signature, crypto),
  )
  expect(new Set(verdicts).size).toBe(1)
  return verdicts[0]!
}

/** Any tag, length and content, however they fit together. */
const tlv = (tag: number, content: Uint8Array, length: Uint8Array = lengthOf(content)) =>
  concat(of(tag), length, content)
const lengthOf = ({ length }: Uint8Array) => (length < 0x80 ? of(length) : of(0x81, length))
const integer = (content: Uint8Array) => tlv(2, content)

describe.each([
  ['P-256', p256, 'sha256'],
  ['P-384', p384, 'sha384'],
  ['P-521', p521, 'sha512'],
] as const)('T-53: %s', (namedCurve, curve, hash) => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve })
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
  const scheme: Scheme = { name: 'ecdsa', hash }
  const verifies = (signature: Uint8Array) => verdict(scheme, spki, signature)
  const size = curve.lengths.secretKey!
  const n = curve.Point.Fn.ORDER
  const raw = new Uint8Array(sign(hash, message, { key: privateKey, dsaEncoding: 'ieee-p1363' }))
  const [r, s] = [raw.subarray(0, size), raw.subarray(size)]
  const big = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  const bytesOf = (value: bigint) => {
    const digits = value.toString(16)
    return fromHex(digits.padStart(digits.length + (digits.length % 2), '0'))
  }
  const [R, S] = [derUnsigned(r), derUnsigned(s)]
  const sequence = (...parts: readonly Uint8Array[]) => tlv(0x30, concat(...parts))
  const withNumbers = (a: bigint, b: bigint) => sequence(derUnsigned(bytesOf(a)), derUnsigned(bytesOf(b)))

  test('the one spelling of a signature verifies, with either s', () => {
    expect(verifies(sequence(R, S))).toBe(true)
    expect(verifies(withNumbers(big(r), n - big(s)))).toBe(true)
  })

  const content = concat(R, S)
  const long = concat(of(0x81), of(content.length))
  test.each<[string, Uint8Array]>([
    [
      'length in more bytes than it needs',
      tlv(0x30, content, content.length < 0x80 ? long : concat(of(0x82, 0), long.subarray(1))),
    ],
    ['length in four bytes', tlv(0x30, content, of(0x84, 0, 0, 0, content.length))],
    ['length of an integer in two bytes', sequence(tlv(2, R.subarray(2), of(0x81, R.length - 2)), S)],
    ['indefinite length', concat(of(0x30, 0x80), content, of(0, 0))],
    ['length too short', tlv(0x30, content, lengthOf(content.subarray(1)))],
    ['length too long', tlv(0x30, content, lengthOf(concat(content, of(0))))],
    ['length that wraps around', tlv(0x30, content, of(0x85, 1, 0, 0, 0, content.length))],
    ['zero in front of r', sequence(integer(concat(of(0), R.subarray(2))), S)],
    ['zero in front of s', sequence(R, integer(concat(of(0), S.subarray(2))))],
    ['negative r', sequence(integer(concat(of(0xff), r)), S)],
    ['something after it', concat(sequence(R, S), of(0))],
    ['NULL after it', concat(sequence(R, S), of(5, 0))],
    ['something inside after s', sequence(R, S, of(5, 0))],
    ['something inside before r', sequence(of(5, 0), R, S)],
    ['r alone', sequence(R)],
    ['three numbers', sequence(R, S, S)],
    ['r twice', sequence(R, R)],
    ['in each other’s place', sequence(S, R)],
    ['a set', tlv(0x31, content)],
    ['octets for r', sequence(tlv(4, R.subarray(2)), S)],
    ['constructed integers', sequence(tlv(0x22, R.subarray(2)), S)],
    ['a sequence in a sequence', sequence(sequence(R, S))],
    ['raw', raw],
    ['empty integers', sequence(integer(of()), integer(of()))],
    ['an empty sequence', sequence()],
    ['nothing', of()],
    ['tag alone', of(0x30)],
    ['r = 0', withNumbers(0n, big(s))],
    ['s = 0', withNumbers(big(r), 0n)],
    ['both 0', withNumbers(0n, 0n)],
    ['both 1', withNumbers(1n, 1n)],
    ['r = n', withNumbers(n, big(s))],
    ['s = n', withNumbers(big(r), n)],
    ['r + n', withNumbers(big(r) + n, big(s))],
    ['s + n', withNumbers(big(r), big(s) + n)],
    ['r = n − 1', withNumbers(n - 1n, big(s))],
    ['r = p, which is 0 for the field', withNumbers(curve.Point.Fp.ORDER, big(s))],
    ['r − n', sequence(integer(negative(big(r) - n, size)), S)],
    ['s + 2^(8·size)', withNumbers(big(r), big(s) + (1n << BigInt(8 * size)))],
    ['infinity as numbers', sequence(of(9, 1, 0x40), of(9, 1, 0x40))],
    ['one bit of s', withNumbers(big(r), big(s) ^ 1n)],
  ])('refused: %s', (_, signature) => {
    expect(verifies(signature)).toBe(false)
  })
})

/** Two's complement of a negative number. */
function negative(value: bigint, size: number): Uint8Array {
  return concat(
    of(0xff),
    fromHex(
      (value + (1n << BigInt(8 * size + 1)))
        .toString(16)
        .padStart(2 * size + 2, '0')
        .slice(-2 * size),
    ),
  )
}

describe('T-53: RSA', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
  const scheme: Scheme = { name: 'rsa', hash: 'sha256' }
  const LENGTH = 256
  const digest = new Uint8Array(createHash('sha256').update(message).digest())
  const OID = fromHex('0609608648016503040201')
  const info = (algorithm: Uint8Array, ...more: readonly Uint8Array[]) =>
    tlv(0x30, concat(tlv(0x30, algorithm), tlv(4, digest), ...more))
  const GOOD = info(concat(OID, of(5, 0)))
  const opened = (bytes: Uint8Array, key: KeyObject = privateKey) =>
    new Uint8Array(privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, bytes))
  const padded = (inside: Uint8Array, pad = LENGTH - inside.length - 3) =>
    concat(of(0, 1), new Uint8Array(pad).fill(0xff), of(0), inside, new Uint8Array(LENGTH - pad - inside.length - 3))

  test('what PKCS #1 says verifies', () => {
    const signature = opened(padded(GOOD))
    expect(signature).toEqual(new Uint8Array(sign('sha256', message, privateKey)))
    expect(verdict(scheme, spki, signature)).toBe(true)
  })

  test.each<[string, Uint8Array]>([
    ['no NULL', padded(info(OID))],
    ['something for NULL', padded(info(concat(OID, of(4, 1, 0))))],
    ['NULL that is not empty', padded(info(concat(OID, of(5, 1, 0))))],
    ['another hash by name', padded(info(concat(fromHex('0609608648016503040202'), of(5, 0))))],
    ['something after the digest', padded(info(concat(OID, of(5, 0)), of(5, 0)))],
    ['something after the algorithm', padded(info(concat(OID, of(5, 0), of(5, 0))))],
    ['no DigestInfo', padded(digest)],
    ['length in more bytes than it needs', padded(tlv(0x30, GOOD.subarray(2), of(0x81, GOOD.length - 2)))],
    ['padding of eight, and garbage after it (Bleichenbacher 2006)', padded(GOOD, 8)],
    ['no padding', padded(GOOD, 0)],
    ['padding of seven', padded(GOOD, 7)],
    ['padding with another byte', padded(GOOD).with(40, 0xfe)],
    ['padding of zeros', padded(GOOD).fill(0, 2, LENGTH - GOOD.length - 1)],
    ['block type 0', padded(GOOD).with(1, 0)],
    ['block type 2', padded(GOOD).with(1, 2)],
    ['first byte 1', padded(GOOD).with(0, 1).with(1, 0)],
    ['no zero before the DigestInfo', padded(GOOD).with(LENGTH - GOOD.length - 1, 0xff)],
    ['one bit of the digest', padded(GOOD).with(LENGTH - 1, GOOD.at(-1)! ^ 1)],
  ])('refused: %s', (_, block) => {
    expect(verdict(scheme, spki, opened(block))).toBe(false)
  })

  test('a signature has one spelling', () => {
    const signature = opened(padded(GOOD))
    const jwk = publicKey.export({ format: 'jwk' })
    const modulus = BigInt(`0x${Buffer.from(jwk.n!, 'base64url').toString('hex')}`)
    const sum = (BigInt(`0x${Buffer.from(signature).toString('hex')}`) + modulus).toString(16)
    for (const other of [
      fromHex(sum.padStart(sum.length + (sum.length % 2), '0')),
      concat(of(0), signature),
      concat(signature, of(0)),
      signature.subarray(1),
      new Uint8Array(LENGTH),
      new Uint8Array(LENGTH).with(LENGTH - 1, 1),
      of(),
    ]) {
      expect(verdict(scheme, spki, other)).toBe(false)
    }
  })
})
