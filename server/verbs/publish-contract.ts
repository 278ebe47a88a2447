import type { Contract } from '@countersign/contract'
import { believesPublicSigstore } from '@countersign/verify'
import type { Deps } from './deps.ts'

/**
 * Binds new runs of the pipeline to the contract; runs under way keep theirs. Throws `contract-invalid` for an older
 * revision, `baseline-unmet` for one that asks for less than this server's baseline, and `trust-missing` or `trust-root-expired` for one that believes the public Sigstore where this server has
 * nothing to believe it by: whoever it lets sign would be refused.
 */
export async function publishContract(
  deps: Deps,
  tenant: string,
  contract: Contract,
  bytes: Uint8Array,
): Promise<void> {
  deps.verified.tightened(contract)
  if (believesPublicSigstore(contract)) deps.verified.vouching.checkPublic()
  const { pipeline, revision, digest } = contract
  await deps.store.publishContract(tenant, { pipeline, revision, digest, bytes }, deps.now())
}
