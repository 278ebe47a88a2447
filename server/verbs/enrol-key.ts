import type { PublicKey } from '@countersign/core'
import type { Deps } from './deps.ts'

/** Lets a key sign steps of the tenant from now on. */
export async function enrolKey(deps: Deps, tenant: string, name: string, key: PublicKey): Promise<void> {
  try {
    await deps.store.enrolKey(tenant, { name, key, enrolledAt: deps.now(), revokedAt: null })
  } finally {
    // Also where it failed: it may have been written all the same.
    deps.verified.forgetTrust(tenant)
  }
}
