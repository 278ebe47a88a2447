import {
  CodedError,
  concat,
  fromBase64url,
  hex,
  type JsonObject,
  type JsonValue,
  parseJson,
  parsePublicKey,
  spkiOf,
} from '@countersign/core'
import { Shape } from '@countersign/formats'
import type { IssuerKey } from './crypto.ts'
import { CODE } from './jws.ts'
import type { JwsAlgorithm } from './systems.ts'

/** Most bytes of a key set; the largest issuers have some dozen keys. */
export const MAX_KEYS_BYTES = 262_144
const MAX_KEYS = 100

/** The keys of an issuer at a time. */
export interface IssuerKeys {
  /** By their names. */
  readonly keys: ReadonlyMap<string, IssuerKey>
  /** Names under which no key is used, each with the reason. */
  readonly unfit: ReadonlyMap<string, string>
}

/** Why a key is not used. */
class Unfit extends Error {}

/**
 * The keys in a JWK Set (RFC 7517 §5) that can verify tokens: RSA of 2048 to 8192 bits with an exponent from 65537,
 * P-256, P-384 and Ed25519, each with a name and for signatures. Others are left out with the reason, and so are all of
 * one name: which is meant would be the token's choice. Throws `identity-token-invalid` for what is no JWK Set.
 */
export function readIssuerKeys(input: Uint8Array | string): IssuerKeys {
  const set = new Shape(CODE, jsonOf(input), 'the key set').members()
  const keys = new Map<string, IssuerKey>()
  const unfit = new Map<string, string>()
  for (const shape of new Shape(CODE, set['keys'], 'the keys of the issuer').array(MAX_KEYS)) {
    const jwk = shape.members()
    const id = jwk['kid']
    // What has no name, no token can name.
    if (typeof id !== 'string' || id === '' || id.length > 256) continue
    if (keys.delete(id) || unfit.has(id)) {
      unfit.set(id, 'two keys of the issuer have this name')
      continue
    }
    try {
      keys.set(id, { id, ...keyOf(jwk) })
    } catch (error) {
      if (!(error instanceof Unfit || error instanceof CodedError)) throw error
      unfit.set(id, error instanceof Unfit ? error.message : 'the key is not a sound one')
    }
  }
  return { keys, unfit }
}

function jsonOf(input: Uint8Array | string): JsonValue {
  try {
    return parseJson(input, { maxBytes: MAX_KEYS_BYTES, maxDepth: 16 })
  } catch (cause) {
    const what = cause instanceof CodedError ? cause.what : 'not JSON'
    throw new CodedError(CODE, `the keys of the issuer cannot be read: ${what}`, { cause })
  }
}

function keyOf(jwk: JsonObject): Omit<IssuerKey, 'id'> {
  const { use, key_ops: operations, alg } = jwk
  if (use !== undefined && use !== 'sig') throw new Unfit('the key is not for signatures')
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    throw new Unfit('the key is not for verifying')
  }
  // Whoever reads the key set could sign with it.
  if ('d' in jwk || 'k' in jwk) throw new Unfit('the issuer shows the private part of the key')
  const key = formOf(jwk)
  if (alg === undefined) return key
  const algorithms = key.algorithms.filter((one) => one === alg)
  if (algorithms.length === 0) throw new Unfit('the key is for an algorithm that is not taken')
  return { ...key, algorithms }
}

function formOf(jwk: JsonObject): Omit<IssuerKey, 'id'> {
  switch (jwk['kty']) {
    case 'RSA':
      return rsaOf(text(jwk, 'n'), text(jwk, 'e'))
    case 'EC':
      return ellipticOf(jwk['crv'], text(jwk, 'x'), text(jwk, 'y'))
    case 'OKP': {
      if (jwk['crv'] !== 'Ed25519') throw new Unfit('the curve of the key is not taken')
      const x = text(jwk, 'x')
      parsePublicKey(spkiOf('ed25519', fromBase64url(x)))
      return { algorithms: ['EdDSA'], jwk: { kty: 'OKP', crv: 'Ed25519', x } }
    }
    default:
      throw new Unfit('the kind of the key is not taken')
  }
}

const RSA: readonly JwsAlgorithm[] = ['RS256', 'RS384', 'RS512', 'PS256']

function rsaOf(n: string, e: string): Omit<IssuerKey, 'id'> {
  const [modulus, exponent] = [n, e].map(numberOf) as [bigint, bigint]
  const bits = modulus.toString(2).length
  if (bits < 2048 || bits > 8192) throw new Unfit(`the key is an RSA key of ${bits} bits`)
  if ((modulus & 1n) === 0n) throw new Unfit('the modulus of the key is even')
  const sound = exponent >= 65537n && exponent <= 0xffff_ffffn && (exponent & 1n) === 1n
  if (!sound) throw new Unfit('the exponent of the key is not an odd number of 65537 or more')
  return { algorithms: RSA, jwk: { kty: 'RSA', n, e } }
}

/** Base64urlUInt (RFC 7518 §2): no leading zero bytes. */
function numberOf(text: string): bigint {
  const bytes = fromBase64url(text)
  if (bytes.length === 0 || bytes[0] === 0) throw new Unfit('a number of the key is not in its one form')
  return BigInt(`0x${hex(bytes)}`)
}

function ellipticOf(crv: JsonValue | undefined, x: string, y: string): Omit<IssuerKey, 'id'> {
  const [left, right] = [fromBase64url(x), fromBase64url(y)]
  if (crv === 'P-256' && left.length === 32 && right.length === 32) {
    parsePublicKey(spkiOf('ecdsa-p256', concat(Uint8Array.of(4), left, right)))
    return { algorithms: ['ES256'], jwk: { kty: 'EC', crv, x, y } }
  }
  if (crv === 'P-384' && left.length === 48 && right.length === 48) {
    if (!isOnP384(left, right)) throw new Unfit('the point of the key is not on its curve')
    return { algorithms: ['ES384'], jwk: { kty: 'EC', crv, x, y } }
  }
  throw new Unfit('the curve of the key is not taken')
}

// NIST SP 800-186 §3.2.1.4.
const P384_P = 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n
const P384_B = 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn

function isOnP384(left: Uint8Array, right: Uint8Array): boolean {
  const [x, y] = [left, right].map((bytes) => BigInt(`0x${hex(bytes)}`)) as [bigint, bigint]
  return x < P384_P && y < P384_P && (y * y - (x * x * x - 3n * x + P384_B)) % P384_P === 0n
}

function text(jwk: JsonObject, name: string): string {
  const value = jwk[name]
  if (typeof value !== 'string' || value.length > 2048) throw new Unfit(`the key lacks ${name}`)
  return value
}
