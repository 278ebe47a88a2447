import { CodedError } from '@countersign/core'
import type { RevocationReason } from '@countersign/formats'
import type { Administrator } from './administer.ts'
import type { Deps } from './deps.ts'
import { revokeKey } from './revoke-key.ts'

/** Takes the right to sign of a passkey of one's own, from now on. Throws `not-found` for one of anybody else. */
export async function revokeOwnPasskey(
  deps: Deps,
  who: Administrator,
  keyId: string,
  reason: Extract<RevocationReason, 'compromised' | 'retired'>,
): Promise<void> {
  const own = await deps.store.people.passkeys(who.tenant, who.by.id)
  if (!own.some(({ enrolled }) => enrolled.key.keyId === keyId))
    throw new CodedError('not-found', 'there is no such passkey')
  await revokeKey(deps, who, keyId, { since: null, reason })
}
