import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto'
import { utf8 } from '@countersign/core'
import {
  context,
  der,
  derBits,
  derNull,
  derNumber,
  derOctets,
  derOid,
  derSequence,
  derSet,
  derTrue,
  derUnsigned,
  TAG,
} from '@countersign/formats/x509'
import { p256, p384, p521 } from '@noble/curves/nist.js'

export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'
export type HashName = 'sha256' | 'sha384' | 'sha512'

/** A key that signs certificates and tokens in tests. */
export interface TestKey {
  readonly spki: Uint8Array
  /** AlgorithmIdentifier of its signatures. */
  readonly algorithm: Uint8Array
  readonly hash: HashName
  sign(message: Uint8Array): Uint8Array
}

const HASHES = { sha256: 1, sha384: 2, sha512: 3 } as const
const CURVES = {
  'P-256': { curve: p256, oid: '1.2.840.10045.3.1.7' },
  'P-384': { curve: p384, oid: '1.3.132.0.34' },
  'P-521': { curve: p521, oid: '1.3.132.0.35' },
} as const
export type Curve = keyof typeof CURVES

export const hashAlgorithm = (hash: HashName) => derSequence(derOid(`2.16.840.1.101.3.4.2.${HASHES[hash]}`))
const ecdsaWith = (hash: HashName) => derSequence(derOid(`1.2.840.10045.4.3.${HASHES[hash] + 1}`))
const rsaWith = (hash: HashName) => derSequence(derOid(`1.2.840.113549.1.1.${HASHES[hash] + 10}`), derNull())

export type KeyKind = Curve | 'RSA' | 'RSA-PSS' | 'Ed25519'

/** A new key, by node:crypto. */
export function newKey(kind: KeyKind = 'P-256', hash: HashName = 'sha256', modulusLength = 2048): TestKey {
  if (kind === 'Ed25519') {
    const pair = generateKeyPairSync('ed25519')
    return nativeKey(pair, derSequence(derOid('1.3.101.112')), 'sha512', (message) =>
      sign(null, message, pair.privateKey),
    )
  }
  if (kind === 'RSA' || kind === 'RSA-PSS') {
    const pair = generateKeyPairSync('rsa', { modulusLength })
    return kind === 'RSA' ? rsaKey(pair.privateKey, pair.publicKey, hash) : pssKey(pair, hash)
  }
  const pair = generateKeyPairSync('ec', { namedCurve: kind })
  return nativeKey(pair, ecdsaWith(hash), hash, (message) => sign(hash, message, pair.privateKey))
}

function nativeKey(
  { publicKey }: { publicKey: KeyObject },
  algorithm: Uint8Array,
  hash: HashName,
  signer: (message: Uint8Array) => Uint8Array,
): TestKey {
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
  return { spki, algorithm, hash, sign: (message) => new Uint8Array(signer(message)) }
}

/** PKCS #1 v1.5 signatures: the same on every run. */
function rsaKey(privateKey: KeyObject, publicKey: KeyObject, hash: HashName): TestKey {
  return nativeKey({ publicKey }, rsaWith(hash), hash, (message) => sign(hash, message, privateKey))
}

/** Primes next to SHA-512 of a text: a key that everybody has, for vectors. */
const PRIMES = [
  'd4a909831a7e361626547213ed4bc0dc333187ab5bd79aff4f8b61bc77825622b165bb8b8ff8eefd934b8125a6318ed455c876d1aed20965aecf59ae11fb725763aff1b1c738402d714d566ae871674e06455386b9a5198560eb4c3fd440a761765455164ae2444ac0cca702e8de9230b5335ee97a76c058f35f919e9e0fded9',
  'd7aaf01c5435f6725d653b0ee06a9c38f000470422fe958eceda6e827438d93701e17d9fcecbf2fd42cbf7ead330979f7d065c9f44a9087327b97817acff347bcb8a5858b76e3851ed2a5d81f06a7cd42ff2d9b0978f151d5d8e2e6905d2490b9a5c38189aeac8cfc548ea2008f0277ce95fea34b75157069962e9a2b2089935',
] as const

/** The one RSA key of 2048 bits that is the same on every run. */
export function knownRsaKey(hash: HashName = 'sha256'): TestKey {
  const privateKey = knownRsaPrivateKey()
  return rsaKey(privateKey, createPublicKey(privateKey), hash)
}

export function knownRsaPrivateKey(): KeyObject {
  const [p, q] = PRIMES.map((digits) => BigInt(`0x${digits}`)) as [bigint, bigint]
  const e = 65537n
  const inverse = (value: bigint, modulus: bigint): bigint => {
    let [r, next, t, other] = [modulus, value % modulus, 0n, 1n]
    while (next !== 0n) {
      const quotient = r / next
      ;[r, next] = [next, r - quotient * next]
      ;[t, other] = [other, t - quotient * other]
    }
    return ((t % modulus) + modulus) % modulus
  }
  const d = inverse(e, (p - 1n) * (q - 1n))
  const text = (value: bigint) => {
    const digits = value.toString(16)
    return Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex').toString('base64url')
  }
  const jwk = {
    kty: 'RSA',
    n: text(p * q),
    e: text(e),
    d: text(d),
    p: text(p),
    q: text(q),
    dp: text(d % (p - 1n)),
    dq: text(d % (q - 1n)),
    qi: text(inverse(q, p)),
  }
  return createPrivateKey({ key: jwk, format: 'jwk' })
}

function pssKey(pair: { privateKey: KeyObject; publicKey: KeyObject }, hash: HashName): TestKey {
  const saltLength = createHash(hash).digest().length
  const algorithm = derSequence(
    derOid('1.2.840.113549.1.1.10'),
    derSequence(
      der(context(0), hashAlgorithm(hash)),
      der(context(1), derSequence(derOid('1.2.840.113549.1.1.8'), hashAlgorithm(hash))),
      der(context(2), derNumber(saltLength)),
    ),
  )
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return nativeKey(pair, algorithm, hash, (message) =>
    sign(hash, message, { key: pair.privateKey, padding, saltLength }),
  )
}

/** A key out of a seed, whose signatures are the same on every run (RFC 6979). */
export function seededKey(seed: string, curve: Curve = 'P-256', hash: HashName = 'sha256'): TestKey {
  const { curve: noble, oid } = CURVES[curve]
  const size = noble.lengths.secretKey!
  const digits = createHash('sha512').update(seed).digest()
  const secret = new Uint8Array(size)
  secret.set(digits.subarray(0, Math.min(size, 64) - 1), 1)
  return {
    spki: derSequence(
      derSequence(derOid('1.2.840.10045.2.1'), derOid(oid)),
      derBits(noble.getPublicKey(secret, false)),
    ),
    algorithm: ecdsaWith(hash),
    hash,
    sign(message) {
      const digest = new Uint8Array(createHash(hash).update(message).digest())
      const raw = noble.sign(digest, secret, { prehash: false })
      return derSequence(derUnsigned(raw.subarray(0, raw.length / 2)), derUnsigned(raw.subarray(raw.length / 2)))
    },
  }
}

export interface CertificateOptions {
  readonly name: string
  readonly key: TestKey
  /** Null signs itself. */
  readonly issuer: TestCertificate | null
  readonly serial?: number
  readonly from?: string
  readonly until?: string
  readonly ca?: boolean
  readonly pathLength?: number
  /** Null for no extension. */
  readonly purposes?: readonly string[] | null
  readonly purposesCritical?: boolean
  /** Bit numbers; null for no extension. */
  readonly usage?: readonly number[] | null
  readonly more?: readonly Uint8Array[]
}

export interface TestCertificate {
  readonly der: Uint8Array
  readonly name: Uint8Array
  readonly issuer: Uint8Array
  readonly serial: Uint8Array
  readonly key: TestKey
}

export const nameOf = (text: string) =>
  derSequence(derSet(derSequence(derOid('2.5.4.3'), der(TAG.utf8String, utf8(text)))))

export const extension = (oid: string, critical: boolean, value: Uint8Array) =>
  derSequence(derOid(oid), ...(critical ? [derTrue()] : []), derOctets(value))

function usageBits(bits: readonly number[]): Uint8Array {
  let byte = 0
  for (const bit of bits) byte |= 0x80 >> bit
  let unused = 0
  while (unused < 7 && (byte & (1 << unused)) === 0) unused++
  return der(TAG.bitString, Uint8Array.of(unused, byte))
}

/** 20261121120000Z out of an ISO time in whole seconds. */
const seconds = (time: string) => `${time.slice(0, 19).replace(/[-T:]/g, '')}Z`

/** A certificate: a CA's by default with the usage of one, others with the one critical purpose of a timestamp authority. */
export function certificate(options: CertificateOptions): TestCertificate {
  const { name, key, issuer, ca = false, pathLength, purposesCritical = true } = options
  const usage = options.usage === undefined ? (ca ? [5, 6] : [0]) : options.usage
  const purposes = options.purposes === undefined ? (ca ? null : [TIME_STAMPING]) : options.purposes
  const subject = nameOf(name)
  const serial = derNumber(options.serial ?? 1)
  const signer = issuer?.key ?? key
  const from = options.from ?? '2026-01-01T00:00:00Z'
  const until = options.until ?? '2036-01-01T00:00:00Z'
  const extensions = [
    ...(ca
      ? [
          extension(
            '2.5.29.19',
            true,
            derSequence(derTrue(), ...(pathLength === undefined ? [] : [derNumber(pathLength)])),
          ),
        ]
      : []),
    ...(usage === null ? [] : [extension('2.5.29.15', true, usageBits(usage))]),
    ...(purposes === null ? [] : [extension('2.5.29.37', purposesCritical, derSequence(...purposes.map(derOid)))]),
    ...(options.more ?? []),
  ]
  const signed = derSequence(
    der(context(0), derNumber(2)),
    serial,
    signer.algorithm,
    issuer?.name ?? subject,
    derSequence(der(TAG.generalizedTime, utf8(seconds(from))), der(TAG.generalizedTime, utf8(seconds(until)))),
    subject,
    key.spki,
    ...(extensions.length === 0 ? [] : [der(context(3), derSequence(...extensions))]),
  )
  return {
    der: derSequence(signed, signer.algorithm, derBits(signer.sign(signed))),
    name: subject,
    issuer: issuer?.name ?? subject,
    serial,
    key,
  }
}
