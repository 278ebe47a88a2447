import { type ConcurrentCrypto, type PublicKey, rawFromDer } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'

const P256 = { name: 'ECDSA', namedCurve: 'P-256' }
const SHA256 = { name: 'ECDSA', hash: 'SHA-256' }

/** One key signs many steps. */
const imported = new WeakMap<PublicKey, Promise<CryptoKey | null>>()

/**
 * The portable cryptography, and where the browser has its own (it has none on plain HTTP), that for P-256: ten times as
 * fast, with the same answers. `checked` is told of each signature.
 */
export function webCrypto(checked: () => void): ConcurrentCrypto {
  const { subtle } = globalThis.crypto as { subtle?: SubtleCrypto }
  return {
    ...portableCrypto,
    async verifyLater(key, message, signature) {
      checked()
      if (subtle === undefined || key.algorithm !== 'ecdsa-p256') return portableCrypto.verify(key, message, signature)
      // One reader of DER decides for every Crypto.
      const raw = rawFromDer(signature)
      if (raw === null) return false
      const own = await keyOf(subtle, key)
      if (own === null) return portableCrypto.verify(key, message, signature)
      return subtle.verify(SHA256, own, whole(raw), whole(message)).catch(() => false)
    },
  }
}

function keyOf(subtle: SubtleCrypto, key: PublicKey): Promise<CryptoKey | null> {
  let own = imported.get(key)
  if (own === undefined) {
    own = subtle.importKey('spki', whole(key.spki), P256, false, ['verify']).catch(() => null)
    imported.set(key, own)
  }
  return own
}

/** Bytes of their own buffer, as the browser asks for them. */
function whole(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes)
}
