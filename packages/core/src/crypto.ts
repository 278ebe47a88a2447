import type { PublicKey } from './keys.ts'

/**
 * The cryptography a pure room may ask for. The roots pass in the fastest they have
 * (`@countersign/adapters/crypto-node`); `@countersign/core/portable` runs anywhere.
 * Synchronous, because a verdict that cannot be interrupted is easier to audit.
 */
export interface Crypto {
  /** SHA-256, 32 bytes. */
  sha256(data: Uint8Array): Uint8Array
  /** SHA3-256 (FIPS 202), 32 bytes. */
  sha3_256(data: Uint8Array): Uint8Array
  /** HMAC (RFC 2104) with either of them, 32 bytes. The key may have any length. */
  hmac(hash: 'sha256' | 'sha3_256', key: Uint8Array, data: Uint8Array): Uint8Array
  /**
   * True when `signature` is valid over `message`. The algorithm is the key's, never the message's.
   * ECDSA P-256 with SHA-256: strict DER (SEQUENCE of two minimal INTEGERs), either s accepted.
   * Ed25519 (RFC 8032): 64 bytes, canonical s. A passkey: what its authenticator gave, see `openAssertion`.
   * Malformed input is `false`, never a throw.
   */
  verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean
}

/** A {@link Crypto} that can verify beside the calling thread as well, with the same answers. */
export interface ConcurrentCrypto extends Crypto {
  /** {@link Crypto.verify}, later. Never rejects. The bytes must not change meanwhile. */
  verifyLater(key: PublicKey, message: Uint8Array, signature: Uint8Array): Promise<boolean>
}

/**
 * r‖s (64 bytes) of a strict DER ECDSA-Sig-Value (RFC 3279 §2.2.3) over a 256-bit curve,
 * or `null` when the encoding is not the single DER one.
 */
export function rawFromDer(der: Uint8Array): Uint8Array | null {
  if (der.length < 8 || der.length > 72 || der[0] !== 0x30 || der[1] !== der.length - 2) return null
  const raw = new Uint8Array(64)
  let at = 2
  for (const end of [32, 64]) {
    if (der[at] !== 0x02) return null
    const length = der[at + 1]
    if (length === undefined || length === 0 || at + 2 + length > der.length) return null
    let from = at + 2
    const to = from + length
    if (der[from]! & 0x80) return null
    if (der[from] === 0) {
      // A leading zero is allowed only where the next byte would read as negative.
      if (length === 1 || !(der[from + 1]! & 0x80)) return null
      from++
    }
    if (to - from > 32) return null
    raw.set(der.subarray(from, to), end - (to - from))
    at = to
  }
  return at === der.length ? raw : null
}
