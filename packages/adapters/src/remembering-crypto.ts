import { hash } from 'node:crypto'
import type { ConcurrentCrypto, PublicKey } from '@countersign/core'

/** Signatures that are remembered: 100 bytes each. */
const MAX_REMEMBERED = 32_768

/**
 * The same answers, and a signature that was good is not computed anew: who deploys asks about what was built minutes ago,
 * and whether a key made a signature over some bytes never changes. What else may end a signature's worth, a revocation
 * among it, is asked elsewhere. Remembered is `verifyLater` alone: what is signed here is verified once, and by `verify`.
 */
export function rememberingCrypto<C extends ConcurrentCrypto>(crypto: C, most = MAX_REMEMBERED): C {
  const good = new Set<string>()
  return {
    ...crypto,
    async verifyLater(key: PublicKey, message: Uint8Array, signature: Uint8Array) {
      const name = nameOf(key, message, signature)
      if (good.has(name)) return true
      const valid = await crypto.verifyLater(key, message, signature)
      if (!valid) return false
      good.add(name)
      for (const oldest of good) {
        if (good.size <= most) break
        good.delete(oldest)
      }
      return true
    },
  }
}

/** Of all that the answer follows from. Lengths go before, so that no byte of one can pass for a byte of another. */
function nameOf({ algorithm, spki }: PublicKey, message: Uint8Array, signature: Uint8Array): string {
  const lengths = Buffer.from(`${algorithm} ${spki.length} ${signature.length} `)
  // At once: a hash that is fed piece by piece costs three times as much.
  return hash('sha256', Buffer.concat([lengths, spki, signature, message]), 'binary')
}
