import { CodedError } from '@countersign/core'
import type { Revocation } from '../enrolment.ts'
import type { Deps } from './deps.ts'

/**
 * Takes a key's right to sign, as of a time: what was accepted from then on counts no more, and what was accepted
 * before stays good. Throws `not-found`, and `request-invalid` where it is revoked as of an earlier time already.
 */
export async function revokeKey(
  deps: Deps,
  tenant: string,
  keyId: string,
  { by, since = null, reason = null }: Pick<Revocation, 'by'> & Partial<Revocation>,
): Promise<void> {
  try {
    const known = await deps.store.revokeKey(tenant, keyId, { at: deps.now(), by, since, reason })
    if (!known) throw new CodedError('not-found', 'there is no such key')
  } finally {
    // Also where it failed: it may have been written all the same.
    deps.verified.forgetTrust(tenant)
  }
}
