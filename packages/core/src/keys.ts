import { concat, equal, fromUtf8 } from './bytes.ts'
import { base64, fromBase64 } from './base64.ts'
import { CodedError } from './errors.ts'
import { fromHex, hex } from './hex.ts'
import { sha256 } from './hash.ts'

export type KeyAlgorithm = 'ecdsa-p256' | 'ed25519'

/** A checked public key: on its curve, of large order. Made only by {@link parsePublicKey} and `parsePasskey`. */
export interface PublicKey {
  /** What its signatures are: a passkey's are never those of the key within it. */
  readonly algorithm: KeyAlgorithm | 'passkey'
  /** SubjectPublicKeyInfo, DER (RFC 5280 §4.1.2.7); of a passkey the bytes of its text. */
  readonly spki: Uint8Array
  /** Bare key: 65 bytes uncompressed point (P-256) or 32 bytes (Ed25519); none of a passkey. */
  readonly raw: Uint8Array
  /** SHA-256 of `spki`, lower-case hex: the one name of a key. */
  readonly keyId: string
  /** There where it is a passkey. */
  readonly passkey?: Passkey
}

/** A key that an authenticator holds and uses for pages of one origin alone (W3C WebAuthn Level 3). */
export interface Passkey {
  readonly rpId: string
  readonly origin: string
  /** Under which its signatures verify, each over what the authenticator adds to it. */
  readonly key: PublicKey
}

/** Names the key material itself: two keys with one of these are one party's, whatever they sign for. */
export function materialOf({ keyId, passkey }: PublicKey): string {
  return passkey?.key.keyId ?? keyId
}

const P256_HEADER = fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200')
const ED25519_HEADER = fromHex('302a300506032b6570032100')

const PEM_BEGIN = '-----BEGIN PUBLIC KEY-----'
const PEM_END = '-----END PUBLIC KEY-----'
const MAX_KEY_TEXT = 16_384

// NIST SP 800-186 §3.2.1.3.
const P256_P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
const P256_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn
// RFC 8032 §5.1.
const ED25519_P = 2n ** 255n - 19n
const ED25519_D = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n
const ORDER_8_Y = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n
/** The y coordinates of the points of order 1, 2, 4 and 8 on edwards25519. */
const SMALL_ORDER_Y: readonly bigint[] = [1n, ED25519_P - 1n, 0n, ORDER_8_Y, ED25519_P - ORDER_8_Y]

/**
 * Key from SPKI DER. Only ECDSA P-256 (uncompressed, named curve) and Ed25519 in their one DER form.
 * Throws `key-invalid` for anything else, for points off the curve, and for Ed25519 keys of small
 * order, under which a forged signature verifies.
 */
export function parsePublicKey(der: Uint8Array): PublicKey {
  // A copy: what was checked cannot change under the holder, and a Node Buffer's slice() would be a view.
  const spki = new Uint8Array(der)
  if (spki.length === 91 && equal(spki.subarray(0, 26), P256_HEADER)) {
    const raw = spki.slice(26)
    if (!onP256(raw)) throw new CodedError('key-invalid', 'the P-256 point is not on the curve')
    return { algorithm: 'ecdsa-p256', spki, raw, keyId: hex(sha256(spki)) }
  }
  if (spki.length === 44 && equal(spki.subarray(0, 12), ED25519_HEADER)) {
    const raw = spki.slice(12)
    checkEd25519(raw)
    return { algorithm: 'ed25519', spki, raw, keyId: hex(sha256(spki)) }
  }
  throw new CodedError('key-invalid', 'not an SPKI of an ECDSA P-256 or Ed25519 public key')
}

/**
 * Key from PEM (RFC 7468, `BEGIN PUBLIC KEY`, nothing around it) or from bare base64 of the SPKI.
 * Throws `key-invalid`.
 */
export function readPublicKey(text: string | Uint8Array): PublicKey {
  if (text.length > MAX_KEY_TEXT) throw new CodedError('key-invalid', 'the public key is too long')
  let spki: Uint8Array
  try {
    const source = (typeof text === 'string' ? text : fromUtf8(text)).trim()
    if (source.includes('PRIVATE KEY')) {
      throw new CodedError('key-invalid', 'this is a private key; a public key is expected here')
    }
    const pem = source.startsWith(PEM_BEGIN) && source.endsWith(PEM_END)
    const body = pem ? source.slice(PEM_BEGIN.length, -PEM_END.length) : source
    spki = fromBase64(body.replace(/[ \t\r\n]+/g, ''))
  } catch (cause) {
    if (cause instanceof CodedError && cause.code === 'key-invalid') throw cause
    throw new CodedError('key-invalid', 'the public key is neither PEM nor base64', { cause })
  }
  return parsePublicKey(spki)
}

/** The key as PEM text, ending in a newline; a passkey as its own, with a newline too. */
export function publicKeyPem(key: PublicKey): string {
  if (key.passkey !== undefined) return `${fromUtf8(key.spki)}\n`
  const lines = base64(key.spki).match(/.{1,64}/g)!
  return `${PEM_BEGIN}\n${lines.join('\n')}\n${PEM_END}\n`
}

/** SPKI DER around bare key bytes; the reverse of `raw`. */
export function spkiOf(algorithm: KeyAlgorithm, raw: Uint8Array): Uint8Array {
  return concat(algorithm === 'ecdsa-p256' ? P256_HEADER : ED25519_HEADER, raw)
}

function onP256(raw: Uint8Array): boolean {
  if (raw[0] !== 0x04) return false
  const x = BigInt(`0x${hex(raw.subarray(1, 33))}`)
  const y = BigInt(`0x${hex(raw.subarray(33))}`)
  if (x >= P256_P || y >= P256_P) return false
  return (y * y - (x * x * x - 3n * x + P256_B)) % P256_P === 0n
}

function checkEd25519(raw: Uint8Array): void {
  const y = BigInt(`0x${hex(raw.toReversed())}`) & (2n ** 255n - 1n)
  if (y >= ED25519_P) throw new CodedError('key-invalid', 'the Ed25519 key is not canonically encoded')
  if (SMALL_ORDER_Y.includes(y)) throw new CodedError('key-invalid', 'the Ed25519 key has small order')
  // x² = (y² − 1) / (dy² + 1) has a root exactly when numerator · denominator is a square (Euler's criterion).
  const product = ((y * y - 1n) * (ED25519_D * y * y + 1n)) % ED25519_P
  if (power(product, (ED25519_P - 1n) / 2n, ED25519_P) !== 1n) {
    throw new CodedError('key-invalid', 'the Ed25519 key is not on the curve')
  }
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (let square = base, left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}
