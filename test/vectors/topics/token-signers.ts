import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  privateEncrypt,
  sign,
} from 'node:crypto'
import { p256, p384 } from '@noble/curves/nist.js'
import type { JsonObject, JsonValue } from '@countersign/core'
import type { JwsAlgorithm } from '@countersign/identity'
import { knownRsaPrivateKey } from '../../anchors/certificates.ts'

/** Keys of issuers whose signatures are the same on every run. */
export interface TokenSigner {
  readonly id: string
  readonly algorithm: JwsAlgorithm
  /** As it stands in a key set. */
  readonly jwk: JsonObject
  sign(message: Buffer): Buffer
}

const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
const rsaKey = knownRsaPrivateKey()

export function rsa(id: string, algorithm: 'RS256' | 'RS384' | 'RS512' | 'PS256' = 'RS256'): TokenSigner {
  const { n, e } = createPublicKey(rsaKey).export({ format: 'jwk' })
  return {
    id,
    algorithm,
    jwk: { kty: 'RSA', kid: id, use: 'sig', alg: algorithm, n: n!, e: e! },
    sign: (message) =>
      algorithm === 'PS256' ? pss(rsaKey, message) : sign(`sha${algorithm.slice(2)}`, message, rsaKey),
  }
}

/** RSASSA-PSS with SHA-256 over a salt of 32 times the same byte (RFC 8017 §9.1.1). */
function pss(key: KeyObject, message: Buffer): Buffer {
  const sha256 = (...parts: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
  const salt = Buffer.alloc(32, 0x5a)
  const digest = sha256(Buffer.alloc(8), sha256(message), salt)
  const db = Buffer.concat([Buffer.alloc(256 - 32 - 32 - 2), Buffer.of(1), salt])
  for (let i = 0, counter = 0; i < db.length; i += 32, counter++) {
    const mask = sha256(digest, Buffer.of(0, 0, 0, counter))
    for (let j = 0; j < 32 && i + j < db.length; j++) db[i + j]! ^= mask[j]!
  }
  db[0]! &= 0x7f
  const encoded = Buffer.concat([db, digest, Buffer.of(0xbc)])
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded)
}

/** ECDSA with the nonce of RFC 6979. */
export function elliptic(id: string, algorithm: 'ES256' | 'ES384', seed: string): TokenSigner {
  const [curve, size, hash] = algorithm === 'ES256' ? ([p256, 32, 'sha256'] as const) : ([p384, 48, 'sha384'] as const)
  const secret = createHash(hash).update(seed).digest()
  const point = curve.getPublicKey(secret, false)
  const [x, y] = [point.subarray(1, 1 + size), point.subarray(1 + size)].map(b64) as [string, string]
  const crv = algorithm === 'ES256' ? 'P-256' : 'P-384'
  return {
    id,
    algorithm,
    jwk: { kty: 'EC', kid: id, use: 'sig', alg: algorithm, crv, x, y },
    sign: (message) => Buffer.from(curve.sign(message, secret, { lowS: false })),
  }
}

export function edwards(id: string, seed: string): TokenSigner {
  const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex')
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  return {
    id,
    algorithm: 'EdDSA',
    jwk: { kty: 'OKP', kid: id, use: 'sig', alg: 'EdDSA', crv: 'Ed25519', x: x! },
    sign: (message) => sign(null, message, key),
  }
}

type Header = Readonly<Record<string, JsonValue | undefined>>

/** A token over claims and a header as they are given: objects, or the text itself. */
export function tokenOf(by: TokenSigner, claims: JsonObject | string | Buffer, header: Header | string = {}): string {
  const head =
    typeof header === 'string' ? header : JSON.stringify({ alg: by.algorithm, kid: by.id, typ: 'JWT', ...header })
  const body = typeof claims === 'string' || Buffer.isBuffer(claims) ? claims : JSON.stringify(claims)
  const signed = `${Buffer.from(head).toString('base64url')}.${Buffer.from(body).toString('base64url')}`
  return `${signed}.${by.sign(Buffer.from(signed)).toString('base64url')}`
}
