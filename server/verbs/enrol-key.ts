import type { PublicKey } from '@countersign/core'
import type { Deps } from './deps.ts'

/** Lets a key sign steps of the tenant from now on. */
export async function enrolKey(deps: Deps, tenant: string, name: string, key: PublicKey): Promise<void> {
  await deps.store.enrolKey(tenant, { name, key, enrolledAt: deps.now(), revokedAt: null })
  deps.verified.forgetTrust(tenant)
}
