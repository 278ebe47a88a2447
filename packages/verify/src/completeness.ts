import { type Contract, countPeople, required } from '@countersign/contract'
import type { FindAt } from './deviation.ts'
import { signersIn } from './handshake.ts'
import type { VerifiedStep } from './types.ts'

/**
 * Every step the contract requires is on the path, and every job of the final step vouches, or so many people: counted
 * anew from the whole. `hidden` are names by link of what is withheld.
 */
export function checkCompleteness(
  path: readonly VerifiedStep[],
  hidden: ReadonlyMap<string, string>,
  ends: readonly VerifiedStep[],
  contract: Contract | null,
  find: FindAt,
): void {
  if (contract === null) return
  // What is withheld counts by the name that a step after it signed.
  const present = new Set([...path.map((step) => step.statement.predicate.step.name), ...hidden.values()])
  for (const name of required(contract.steps, contract.final)) {
    if (!present.has(name)) find('step-skipped', `step ${name} is not on the artifact's path`, name)
  }
  const final = contract.steps.get(contract.final)!
  const jobs = new Set(ends.map((end) => end.statement.predicate.step.matrix))
  const absent = (final.matrix ?? []).filter((job) => !jobs.has(job))
  if (absent.length > 0) {
    const what = `the jobs ${absent.join(', ')} of step ${contract.final} do not vouch for it`
    find('matrix-incomplete', what, contract.final)
  }
  if (final.approvals === null) return
  const approvals = ends.map((end) => ({
    job: end.statement.predicate.step.matrix,
    signers: signersIn(end, contract),
  }))
  const count = countPeople(final, approvals)
  if (count >= final.approvals.atLeast) return
  const what = `${count === 1 ? '1 person vouches' : `${count} people vouch`} for it in step ${final.name}, and ${final.approvals.atLeast} must`
  find('approval-missing', what, final.name)
}
