import type { Code } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import type { Chain } from './chain.ts'
import type { FindAt } from './deviation.ts'
import { checkFresh } from './handshake.ts'
import type { VerifiedStep } from './types.ts'

/**
 * Whether what the steps found out still counts when it is judged. A step is as old as it says, or as the log that took it
 * says: whichever is longer ago, so that no signer makes a step younger than its receipt.
 */
export function checkFreshness(
  path: readonly VerifiedStep[],
  { chain, contract, now }: { readonly chain: Chain; readonly contract: Contract | null; readonly now: string },
  find: FindAt,
): void {
  if (contract === null) return
  for (const step of path) {
    const { step: ref, invocation } = step.statement.predicate
    const fresh = contract.steps.get(ref.name)?.fresh ?? null
    if (fresh === null) continue
    const accepted = (chain.receipts.get(step.link) ?? []).map(({ receipt }) => receipt.opening.leaf.acceptedAt)
    const since = [invocation.finishedAt, ...accepted].reduce((a, b) => (b < a ? b : a))
    const findHere = (code: Code, what: string) => find(code, what, ref.name)
    checkFresh(step, fresh + contract.clockTolerance, now, `before ${now}`, findHere, since)
  }
}
