import { concat, equal, fromUtf8 } from './bytes.ts'
import { base64, fromBase64 } from './base64.ts'
import { CodedError } from './errors.ts'
import { fromHex, hex } from './hex.ts'
import { sha256 } from './hash.ts'

export type KeyAlgorithm = 'ecdsa-p256' | 'ed25519'

/** A checked public key: on its curve, of large order. Made only by {@link parsePublicKey}. */
export interface PublicKey {
  readonly algorithm: KeyAlgorithm
  /** SubjectPublicKeyInfo, DER (RFC 5280 §4.1.2.7). */
  readonly spki: Uint8Array
  /** Bare key: 65 bytes uncompressed point (P-256) or 32 bytes (Ed25519). */
  readonly raw: Uint8Array
  /** SHA-256 of `spki`, lower-case hex: the one name of a key. */
  readonly keyId: string
}

const P256_HEADER = fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200')
const ED25519_HEADER = fromHex('302a300506032b6570032100')

const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn
const P25519 = 2n ** 255n - 19n
/** The y coordinates of every point of order 1, 2, 4 and 8 on edwards25519 (little endian, sign bit clear). */
const SMALL_ORDER_Y = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]

/**
 * Key from SPKI DER. Only ECDSA P-256 (uncompressed, named curve) and Ed25519 in their one DER form.
 * Throws `key-invalid` for anything else, for points off the curve, and for Ed25519 keys of small
 * order, under which a forged signature verifies.
 */
export function parsePublicKey(spki: Uint8Array): PublicKey {
  const keyId = hex(sha256(spki))
  if (spki.length === 91 && equal(spki.subarray(0, 26), P256_HEADER)) {
    const raw = spki.slice(26)
    if (!onP256(raw)) throw new CodedError('key-invalid', 'the P-256 point is not on the curve')
    return { algorithm: 'ecdsa-p256', spki, raw, keyId }
  }
  if (spki.length === 44 && equal(spki.subarray(0, 12), ED25519_HEADER)) {
    const raw = spki.slice(12)
    checkEd25519(raw)
    return { algorithm: 'ed25519', spki, raw, keyId }
  }
  throw new CodedError('key-invalid', 'not an SPKI of an ECDSA P-256 or Ed25519 public key')
}

/** Key from PEM (`BEGIN PUBLIC KEY`) or from bare base64 of the SPKI. Throws `key-invalid`. */
export function readPublicKey(text: string | Uint8Array): PublicKey {
  const source = (typeof text === 'string' ? text : fromUtf8(text)).trim()
  const pem = /^-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----$/.exec(source)
  if (pem === null && source.includes('PRIVATE KEY')) {
    throw new CodedError('key-invalid', 'this is a private key; a public key is expected here')
  }
  let spki: Uint8Array
  try {
    spki = fromBase64((pem?.[1] ?? source).replace(/\s+/g, ''))
  } catch (cause) {
    throw new CodedError('key-invalid', 'the public key is neither PEM nor base64', { cause })
  }
  return parsePublicKey(spki)
}

/** The key as PEM text, ending in a newline. */
export function publicKeyPem(key: PublicKey): string {
  const lines = base64(key.spki).match(/.{1,64}/g)!
  return `-----BEGIN PUBLIC KEY-----\n${lines.join('\n')}\n-----END PUBLIC KEY-----\n`
}

/** SPKI DER around bare key bytes; the reverse of `raw`. */
export function spkiOf(algorithm: KeyAlgorithm, raw: Uint8Array): Uint8Array {
  return concat(algorithm === 'ecdsa-p256' ? P256_HEADER : ED25519_HEADER, raw)
}

function onP256(raw: Uint8Array): boolean {
  if (raw[0] !== 0x04) return false
  const x = BigInt(`0x${hex(raw.subarray(1, 33))}`)
  const y = BigInt(`0x${hex(raw.subarray(33))}`)
  if (x >= P || y >= P) return false
  return (y * y - (x * x * x - 3n * x + B)) % P === 0n
}

function checkEd25519(raw: Uint8Array): void {
  const y = raw.slice()
  y[31]! &= 0x7f
  const value = BigInt(`0x${hex(y.slice().reverse())}`)
  if (value >= P25519) throw new CodedError('key-invalid', 'the Ed25519 key is not canonically encoded')
  if (SMALL_ORDER_Y.includes(hex(y))) throw new CodedError('key-invalid', 'the Ed25519 key has small order')
}
