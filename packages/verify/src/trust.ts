import type { PublicKey } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import type { NoteKey, Revocation } from '@countersign/formats'
import type { Trust, TrustedKey, TrustedLogKey } from './types.ts'

/** Trust in the keys a contract names: its signers for steps, its countersigners for receipts. */
export function trustOf(contract: Contract): Trust {
  return { signers: namedKeys(contract.signers), countersigners: logKeys(contract.countersigners) }
}

/** Keys under their names, none revoked. */
export function namedKeys(keys: ReadonlyMap<string, PublicKey>): TrustedKey[] {
  return [...keys].map(([name, key]) => ({ name, key, revokedAt: null }))
}

/** Keys of logs, none revoked. */
export function logKeys(keys: readonly NoteKey[]): TrustedLogKey[] {
  return keys.map((key) => ({ key, revokedAt: null }))
}

/** The trust, less what is revoked: whoever says so can only take it away, and the earlier of two times counts. */
export function withRevocations(trust: Trust, revocations: readonly Pick<Revocation, 'keyId' | 'since'>[]): Trust {
  const ends = new Map<string, string>()
  for (const { keyId, since } of revocations) {
    const known = ends.get(keyId)
    if (known === undefined || since < known) ends.set(keyId, since)
  }
  const signers = trust.signers.map((known): TrustedKey => {
    const since = ends.get(known.key.keyId)
    return since === undefined || (known.revokedAt !== null && known.revokedAt <= since)
      ? known
      : { ...known, revokedAt: since }
  })
  return { ...trust, signers }
}
