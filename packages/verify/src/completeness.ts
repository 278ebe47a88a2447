import { type Contract, countPeople, required } from '@countersign/contract'
import type { FindAt } from './deviation.ts'
import { signersIn } from './handshake.ts'
import type { VerifiedStep } from './types.ts'

/** A way that is held against what a contract requires. */
export interface Way {
  readonly path: readonly VerifiedStep[]
  /** Names by link of what is withheld. */
  readonly hidden: ReadonlyMap<string, string>
  readonly ends: readonly VerifiedStep[]
  /** Whether it ends before the final step: of a matrix there, each job may have made something of its own. */
  readonly unfinished: boolean
}

/**
 * Every step the contract requires is on the path, and every job of the final step vouches, or so many people: counted
 * anew from the whole.
 */
export function checkCompleteness(
  { path, hidden, ends, unfinished }: Way,
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
  const absent = unfinished ? [] : (final.matrix ?? []).filter((job) => !jobs.has(job))
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
