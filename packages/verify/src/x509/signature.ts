import { concat, type Crypto, equal, hex, parsePublicKey } from '@countersign/core'
import { type AlgorithmId, context, type DerCode, DerReader, TAG } from '@countersign/formats/x509'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'

export type HashName = 'sha256' | 'sha384' | 'sha512'

const HASHES: Readonly<Record<HashName, (data: Uint8Array) => Uint8Array>> = { sha256, sha384, sha512 }

const HASH_OIDS: Readonly<Record<string, HashName>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

/** How certificates and timestamp authorities sign; PSS with MGF1 over the same hash. */
export type Scheme =
  | { readonly name: 'ecdsa' | 'rsa'; readonly hash: HashName }
  | PssScheme
  | { readonly name: 'ed25519'; readonly hash: null }

interface PssScheme {
  readonly name: 'rsa-pss'
  readonly hash: HashName
  /** Bytes of salt. */
  readonly salt: number
}

/** Cryptography of certificates. */
export interface CertificateCrypto extends Pick<Crypto, 'sha256' | 'verify'> {
  /**
   * Verifies natively where a root has something faster than plain JavaScript. It is asked after key and signature were
   * found to be well formed, of a kind and a strength that is taken and fit for the scheme, so it may be lenient.
   */
  verifySigned?(scheme: Scheme, spki: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}

const SCHEMES: Readonly<Record<string, Scheme>> = {
  '1.2.840.10045.4.3.2': { name: 'ecdsa', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { name: 'ecdsa', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { name: 'ecdsa', hash: 'sha512' },
  '1.2.840.113549.1.1.11': { name: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { name: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { name: 'rsa', hash: 'sha512' },
  '1.3.101.112': { name: 'ed25519', hash: null },
}
const RSA = '1.2.840.113549.1.1.1'
const RSA_PSS = '1.2.840.113549.1.1.10'
const MGF1 = '1.2.840.113549.1.1.8'
const EC = '1.2.840.10045.2.1'

/** Null for every hash but SHA-256, SHA-384 and SHA-512. */
export function hashOf({ oid, parameters }: AlgorithmId): HashName | null {
  return parameters === null && Object.hasOwn(HASH_OIDS, oid) ? HASH_OIDS[oid]! : null
}

export function digestOf(hash: HashName, data: Uint8Array, crypto: Pick<Crypto, 'sha256'>): Uint8Array {
  return hash === 'sha256' ? crypto.sha256(data) : HASHES[hash](data)
}

/**
 * What an algorithm of a signature means; null for what we do not take: SHA-1, MD5, DSA and whatever is unknown.
 * `digest` is the hash that CMS names beside it, for a name that says none. Throws `code` for parameters of PSS that
 * cannot be read.
 */
export function schemeOf({ oid, parameters }: AlgorithmId, digest: HashName | null, code: DerCode): Scheme | null {
  if (oid === RSA_PSS) return pssOf(parameters, code)
  if (parameters !== null) return null
  if (oid === RSA) return digest === null ? null : { name: 'rsa', hash: digest }
  return Object.hasOwn(SCHEMES, oid) ? SCHEMES[oid]! : null
}

/** RSASSA-PSS-params (RFC 4055 §3.1). Their defaults are SHA-1, so hash and mask must be named. */
function pssOf(parameters: Uint8Array | null, code: DerCode): Scheme | null {
  if (parameters === null) return null
  const what = 'the PSS parameters'
  const outer = new DerReader(parameters, what, code)
  const reader = outer.sequence()
  outer.end()
  const [hash, mask, salt, trailer] = [0, 1, 2, 3].map((number) => reader.optional(context(number)))
  reader.end()
  if (!hash || !mask || !salt || trailer) return null
  const name = hashOf(algorithmIn(hash.content, what, code))
  const generator = algorithmIn(mask.content, what, code)
  if (name === null || generator.oid !== MGF1 || generator.parameters === null) return null
  if (hashOf(algorithmIn(generator.parameters, what, code)) !== name) return null
  const length = new DerReader(salt.content, what, code)
  const bytes = length.number(64)
  length.end()
  return { name: 'rsa-pss', hash: name, salt: bytes }
}

function algorithmIn(der: Uint8Array, what: string, code: DerCode): AlgorithmId {
  const outer = new DerReader(der, what, code)
  const inside = outer.sequence()
  outer.end()
  const oid = inside.oid()
  if (inside.done) return { oid, parameters: null }
  const { tag, der: parameters } = inside.any()
  inside.end()
  return { oid, parameters: tag === TAG.null ? null : parameters }
}

/**
 * True when `signature` is valid over `message` under the key. The key decides what schemes it can be used with:
 * ECDSA on P-256, P-384 and P-521 (signatures in their one DER form, either s), RSA of 2048 to 8192 bits with an
 * exponent from 65537, Ed25519. Malformed input is `false`, never a throw.
 */
export function verifySignature(
  scheme: Scheme,
  spki: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  crypto: CertificateCrypto,
): boolean {
  try {
    if (scheme.name === 'ed25519') {
      const key = parsePublicKey(spki)
      return key.algorithm === 'ed25519' && crypto.verify(key, message, signature)
    }
    const key = readKey(spki)
    if (key === null || (key.name === 'ec') !== (scheme.name === 'ecdsa')) return false
    const raw = key.name === 'ec' ? rawSignature(key, signature) : rawRsa(key, signature)
    if (raw === null) return false
    if (crypto.verifySigned !== undefined) return crypto.verifySigned(scheme, spki, message, signature)
    const digest = digestOf(scheme.hash, message, crypto)
    if (key.name === 'ec') return key.curve.curve.verify(raw, digest, key.point, { prehash: false, lowS: false })
    const opened = rsaOpen(key, raw)
    return scheme.name === 'rsa-pss'
      ? pss(scheme, digest, opened, key.bits)
      : equal(opened, pkcs1(scheme.hash, digest, opened.length))
  } catch {
    // What cannot be read does not verify.
    return false
  }
}

/** What {@link verifySignature} catches: what cannot be read does not verify. */
const UNSEEN = 'certificate-invalid'

const CURVES = {
  '1.2.840.10045.3.1.7': { curve: p256, size: 32 },
  '1.3.132.0.34': { curve: p384, size: 48 },
  '1.3.132.0.35': { curve: p521, size: 66 },
} as const
type Curve = (typeof CURVES)[keyof typeof CURVES]

interface EcKey {
  readonly name: 'ec'
  readonly curve: Curve
  readonly point: Uint8Array
}

interface RsaKey {
  readonly name: 'rsa'
  readonly modulus: bigint
  readonly exponent: bigint
  readonly bits: number
}

/** SubjectPublicKeyInfo of a named curve or of RSA; null for any other. */
function readKey(spki: Uint8Array): EcKey | RsaKey | null {
  const what = 'the public key'
  const outer = new DerReader(spki, what, UNSEEN)
  const reader = outer.sequence()
  outer.end()
  const algorithm = reader.sequence()
  const oid = algorithm.oid()
  const parameters = algorithm.any()
  algorithm.end()
  const bits = reader.bits()
  reader.end()
  if (oid === EC && parameters.tag === TAG.oid) {
    const name = algorithm.oidOf(parameters)
    if (!Object.hasOwn(CURVES, name)) return null
    const curve = CURVES[name as keyof typeof CURVES]
    return bits.length === 1 + 2 * curve.size && bits[0] === 4 ? { name: 'ec', curve, point: bits } : null
  }
  if (oid !== RSA || parameters.tag !== TAG.null) return null
  const inside = new DerReader(bits, what, UNSEEN)
  const numbers = inside.sequence()
  inside.end()
  const both = [numbers.integer(), numbers.integer()] as const
  numbers.end()
  // OpenSSL takes a negative modulus for what its bytes would be without a sign.
  if (both.some((number) => number[0]! >= 0x80)) return null
  const [modulus, exponent] = both.map(bigOf) as [bigint, bigint]
  const length = modulus.toString(2).length
  const good = length >= 2048 && length <= 8192 && (modulus & 1n) === 1n
  if (!good || exponent < 65537n || exponent > 0xffff_ffffn || (exponent & 1n) === 0n) return null
  return { name: 'rsa', modulus, exponent, bits: length }
}

/** r‖s of a strict DER ECDSA-Sig-Value (RFC 3279 §2.2.3); null where they are not of the curve's size. */
function rawSignature({ curve: { size } }: EcKey, der: Uint8Array): Uint8Array | null {
  const outer = new DerReader(der, 'the signature', UNSEEN)
  const reader = outer.sequence()
  outer.end()
  const raw = new Uint8Array(2 * size)
  for (const end of [size, 2 * size]) {
    const number = reader.integer()
    const digits = number[0] === 0 ? number.subarray(1) : number
    if (number[0]! >= 0x80 || digits.length > size) return null
    raw.set(digits, end - digits.length)
  }
  reader.end()
  return raw
}

/** The signature as it is, if it has the modulus' length and is below it (RFC 8017 §8.2.2). */
function rawRsa({ modulus, bits }: RsaKey, signature: Uint8Array): Uint8Array | null {
  return signature.length === (bits + 7) >> 3 && bigOf(signature) < modulus ? signature : null
}

/** s^e mod n, as bytes of the modulus' length. */
function rsaOpen({ modulus, exponent }: RsaKey, signature: Uint8Array): Uint8Array {
  let result = 1n
  for (let square = bigOf(signature), left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus
    if (left > 1n) square = (square * square) % modulus
  }
  const bytes = new Uint8Array(signature.length)
  const digits = result.toString(16).padStart(bytes.length * 2, '0')
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16)
  return bytes
}

/** DigestInfo up to the digest (RFC 8017 §9.2, note 1). */
const DIGEST_INFO: Readonly<Record<HashName, readonly number[]>> = {
  sha256: [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 5, 0, 4, 0x20],
  sha384: [0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 5, 0, 4, 0x30],
  sha512: [0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 5, 0, 4, 0x40],
}

/**
 * EMSA-PKCS1-v1_5 (RFC 8017 §9.2). It is made and compared whole: whoever reads the padding of what was opened instead
 * can be shown a signature that nobody made (Bleichenbacher 2006).
 */
function pkcs1(hash: HashName, digest: Uint8Array, length: number): Uint8Array {
  const info = concat(Uint8Array.from(DIGEST_INFO[hash]), digest)
  const padding = new Uint8Array(length - info.length - 3).fill(0xff)
  return concat(Uint8Array.of(0, 1), padding, Uint8Array.of(0), info)
}

/** EMSA-PSS-VERIFY (RFC 8017 §9.1.2). */
function pss(scheme: PssScheme, digest: Uint8Array, opened: Uint8Array, bits: number): boolean {
  const { hash, salt } = scheme
  const emBits = bits - 1
  const length = (emBits + 7) >> 3
  // Where the modulus has one bit more than whole bytes, the opened number has a byte of zero in front.
  if (opened.length > length && opened[0] !== 0) return false
  const encoded = opened.subarray(opened.length - length)
  const size = digest.length
  const split = length - size - 1
  if (encoded[length - 1] !== 0xbc) return false
  const h = encoded.subarray(split, length - 1)
  const spare = 8 * length - emBits
  if (encoded[0]! >> (8 - spare) !== 0) return false
  const block = mgf1(hash, h, split).map((byte, i) => byte ^ encoded[i]!)
  block[0]! &= 0xff >> spare
  // Below zero where the salt is longer than there is room: no byte is there then, and none is 1.
  const zeros = split - salt - 1
  for (let i = 0; i < zeros; i++) if (block[i] !== 0) return false
  if (block[zeros] !== 1) return false
  return equal(h, HASHES[hash](concat(new Uint8Array(8), digest, block.subarray(zeros + 1))))
}

/** MGF1 (RFC 8017 §B.2.1). The counter has four bytes, and with keys of 8192 bits 32 is the most that it comes to. */
function mgf1(hash: HashName, seed: Uint8Array, length: number): Uint8Array {
  const mask = new Uint8Array(length)
  for (let i = 0, at = 0; at < length; i++) {
    const part = HASHES[hash](concat(seed, Uint8Array.of(0, 0, 0, i))).subarray(0, length - at)
    mask.set(part, at)
    at += part.length
  }
  return mask
}

function bigOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${hex(bytes)}`)
}
