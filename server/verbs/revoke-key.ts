import { CodedError } from '@countersign/core'
import type { Deps } from './deps.ts'

/** Takes a key's right to sign, from now on. Throws `not-found`. */
export async function revokeKey(deps: Deps, tenant: string, keyId: string): Promise<void> {
  try {
    const known = await deps.store.revokeKey(tenant, keyId, deps.now())
    if (!known) throw new CodedError('not-found', 'there is no such key')
  } finally {
    // Also where it failed: it may have been written all the same.
    deps.verified.forgetTrust(tenant)
  }
}
