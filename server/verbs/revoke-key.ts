import { CodedError } from '@countersign/core'
import type { Revocation } from '../enrolment.ts'
import { administer, type Administrator } from './administer.ts'
import type { Deps } from './deps.ts'

/**
 * Takes a key's right to sign, as of a time: what was accepted from then on counts no more, and what was accepted
 * before stays good. Throws `not-found`, and `request-invalid` where it is revoked as of an earlier time already.
 */
export async function revokeKey(
  deps: Deps,
  { tenant, by }: Administrator,
  keyId: string,
  { since = null, reason = null }: Partial<Pick<Revocation, 'since' | 'reason'>>,
): Promise<void> {
  try {
    const revocation = { at: deps.now(), by: `${by.kind} ${by.id}`, since, reason }
    const known = await administer(deps, { tenant, by }, { act: 'key.revoked', keyId, revocation })
    if (!known) throw new CodedError('not-found', 'there is no such key')
  } finally {
    // Also where it failed: it may have been written all the same.
    deps.verified.forgetTrust(tenant)
  }
}
