import { CodedError, type ErrorReport } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import type { Deps } from './deps.ts'

/**
 * Why a run may go on no longer under its contract: a later revision gave the runs under older ones some time, and that is
 * over. Null while it may (T-99).
 */
export async function supersededBy(
  { store, verified, now }: Pick<Deps, 'store' | 'verified' | 'now'>,
  tenant: string,
  { pipeline, revision }: Contract,
): Promise<ErrorReport | null> {
  const later = await store.acts.successors(tenant, pipeline, revision)
  // Seldom: most runs are under the newest.
  if (later.length === 0) return null
  const at = Date.parse(now())
  for (const { digest, revision: next, publishedAt } of later) {
    const contract = await verified.contract(tenant, digest)
    const grace = contract?.grace ?? 0
    if (at <= Date.parse(publishedAt) + grace) continue
    const what = `revision ${next} is in force since ${publishedAt}, and gave runs under revision ${revision} ${grace / 60_000} minutes`
    return new CodedError('contract-superseded', what, {
      fix: 'Run it again: a new run is bound to what is in force.',
    }).report()
  }
  return null
}
