import type { PublicKey } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import type { NoteKey } from '@countersign/formats'
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
