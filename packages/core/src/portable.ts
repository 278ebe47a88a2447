import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { rawFromDer, type Crypto } from './crypto.ts'
import { sha256 } from './hash.ts'

/** {@link Crypto} in plain JavaScript, for browsers and as the second opinion on the native one. */
export const portableCrypto: Crypto = {
  sha256,
  verify(key, message, signature) {
    try {
      if (key.algorithm === 'ed25519') {
        // zip215 accepts small-order and non-canonical points that RFC 8032 verifiers refuse.
        return signature.length === 64 && ed25519.verify(signature, message, key.raw, { zip215: false })
      }
      const raw = rawFromDer(signature)
      return raw !== null && p256.verify(raw, message, key.raw, { prehash: true, lowS: false })
    } catch {
      // noble throws on malformed points and scalars; both mean "does not verify".
      return false
    }
  },
}
