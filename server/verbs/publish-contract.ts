import type { StoredContract } from '../store.ts'
import type { Deps } from './deps.ts'

/** Binds new runs of the pipeline to the contract; runs under way keep theirs. Throws `contract-invalid` for an older revision. */
export async function publishContract(deps: Deps, tenant: string, contract: StoredContract): Promise<void> {
  await deps.store.publishContract(tenant, contract, deps.now())
}
