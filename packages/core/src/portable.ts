import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { sha3_256 } from '@noble/hashes/sha3.js'
import { concat, equal } from './bytes.ts'
import { rawFromDer, type Crypto } from './crypto.ts'
import { sha256 } from './hash.ts'
import { hmac } from './hmac.ts'
import { hex } from './hex.ts'
import { openedAssertion } from './passkey.ts'

/** {@link Crypto} in plain JavaScript, for browsers and as the second opinion on the native one. */
export const portableCrypto: Crypto = {
  sha256,
  sha3_256(data) {
    return sha3_256(data)
  },
  hmac(hash, key, data) {
    return hmac(hash, hash === 'sha256' ? sha256 : sha3_256, key, data)
  },
  verify(key, message, signature) {
    try {
      if (key.passkey !== undefined) {
        const opened = openedAssertion(key.passkey, message, signature, portableCrypto)
        return opened !== null && portableCrypto.verify(opened.key, opened.signed, opened.signature)
      }
      if (key.algorithm === 'ed25519') return verifyEd25519(key.raw, message, signature)
      const raw = rawFromDer(signature)
      return raw !== null && p256.verify(raw, message, key.raw, { prehash: true, lowS: false })
    } catch {
      // noble throws on malformed points and scalars; both mean "does not verify".
      return false
    }
  },
}

/**
 * RFC 8032 §5.1.7 without the cofactor, as OpenSSL and Go check it: [s]B − [k]A must encode to R itself.
 * noble's own verify multiplies by the cofactor and so accepts an R of mixed order that they refuse; one
 * attestation would be valid in the browser and invalid at the server.
 */
function verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false
  const { Point } = ed25519
  const point = Point.fromBytes(key, false)
  if (point.isSmallOrder()) return false
  const r = signature.subarray(0, 32)
  const s = littleEndian(signature.subarray(32))
  if (s >= Point.Fn.ORDER) return false
  const k = littleEndian(sha512(concat(r, key, message))) % Point.Fn.ORDER
  return equal(Point.BASE.multiplyUnsafe(s).subtract(point.multiplyUnsafe(k)).toBytes(), r)
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${hex(bytes.toReversed())}`)
}
