import { constants, createPublicKey, type KeyObject, verify, type VerifyKeyObjectInput } from 'node:crypto'
import type { IssuerKey, JwsAlgorithm, TokenCrypto } from '@countersign/identity'

/** Making a key out of a JWK costs more than a verification, and one key signs for weeks. */
const made = new WeakMap<IssuerKey, KeyObject>()

const HASHES: Readonly<Record<JwsAlgorithm, string | null>> = {
  RS256: 'sha256',
  RS384: 'sha384',
  RS512: 'sha512',
  PS256: 'sha256',
  ES256: 'sha256',
  ES384: 'sha384',
  EdDSA: null,
}

/** {@link TokenCrypto} by OpenSSL. */
export const nodeTokenCrypto: TokenCrypto = {
  verifyJws(algorithm, key, message, signature) {
    try {
      return verify(HASHES[algorithm], message, inputOf(algorithm, keyObject(key)), signature)
    } catch {
      return false
    }
  },
}

/** The padding and the form are the algorithm's: OpenSSL would take others by default. */
function inputOf(algorithm: JwsAlgorithm, key: KeyObject): VerifyKeyObjectInput {
  if (algorithm === 'PS256') return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
  if (algorithm.startsWith('RS')) return { key, padding: constants.RSA_PKCS1_PADDING }
  return { key, dsaEncoding: 'ieee-p1363' }
}

function keyObject(key: IssuerKey): KeyObject {
  let object = made.get(key)
  if (object === undefined) {
    object = createPublicKey({ key: { ...key.jwk }, format: 'jwk' })
    made.set(key, object)
  }
  return object
}
