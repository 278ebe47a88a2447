import type { Contract } from '@countersign/contract'
import { ancestry, compare } from './ancestry.ts'
import type { Chain } from './chain.ts'
import type { VerifiedStep, VerifiedWithheld } from './types.ts'

/** A path, and what is withheld on it: the names by link that the steps after it gave it. */
export interface Way {
  readonly path: readonly VerifiedStep[]
  readonly hidden: ReadonlyMap<string, string>
}

/**
 * The way back from the `ends`. What goes before a withheld step nobody says; under a contract it is what the contract
 * puts before a step of its name, in this run, and in the log before it.
 */
export function wholeWay(
  input: { readonly chain: Chain; readonly contract: Contract | null },
  ends: readonly VerifiedStep[],
  run: readonly VerifiedStep[],
): Way {
  const { chain, contract } = input
  let path = ancestry(ends, chain.steps)
  const hidden = new Map<string, string>()
  if (chain.withheld.size === 0) return { path, hidden }
  const more = new Map<string, VerifiedStep>()
  const logged = new Map<string, Map<string, number>>()
  // An honest way needs no more rounds than there are steps; a forged one could ask for as many as it has lines.
  for (let rounds = contract?.steps.size ?? 0; ; rounds--) {
    const changed = new Set<string>()
    for (const { statement } of path) {
      for (const { link, step: name } of statement.predicate.previous) {
        const closed = chain.steps.has(link) || hidden.has(link) ? undefined : chain.withheld.get(link)
        if (closed === undefined) continue
        hidden.set(link, name)
        for (const before of contract?.steps.get(name)?.after ?? []) {
          if (extend(logged, before, closed)) changed.add(before)
        }
      }
    }
    const known = more.size
    for (const name of rounds > 0 ? changed : []) {
      for (const step of latestOf(name, ends, run, contract)) {
        if (isLoggedBefore(logged.get(name)!, step, chain)) more.set(step.link, step)
      }
    }
    if (more.size === known) return { path, hidden }
    path = ancestry([...[...more.values()].toSorted((a, b) => compare(a.link, b.link)), ...ends], chain.steps)
  }
}

/** Takes in, by log, the last index before which a step of this name may be. True where that is later than before. */
function extend(logged: Map<string, Map<string, number>>, name: string, { withheld }: VerifiedWithheld): boolean {
  const { index, checkpoint } = withheld.proof
  const last = logged.get(name) ?? new Map<string, number>()
  logged.set(name, last)
  if (index <= (last.get(checkpoint.origin) ?? -1)) return false
  last.set(checkpoint.origin, index)
  return true
}

/** Whether the log of a withheld step had this one before it: what came later is no part of the way to it. */
function isLoggedBefore(last: ReadonlyMap<string, number>, { link }: VerifiedStep, chain: Chain): boolean {
  return (chain.receipts.get(link) ?? []).some(
    ({ receipt: { proof } }) => proof.index < (last.get(proof.checkpoint.origin) ?? 0),
  )
}

/** The steps of a name in a run, of each job the attempt that goes with the `ends`. */
function latestOf(
  name: string,
  ends: readonly VerifiedStep[],
  run: readonly VerifiedStep[],
  contract: Contract | null,
): readonly VerifiedStep[] {
  const own = attemptOf(ends)
  const fitting = run.filter(({ statement: { predicate } }) => {
    const { step } = predicate
    return step.name === name && (contract?.attempts === 'carry' ? step.attempt <= own : step.attempt === own)
  })
  const latest = new Map<string | null, number>()
  for (const { statement } of fitting) {
    const { matrix, attempt } = statement.predicate.step
    latest.set(matrix, Math.max(attempt, latest.get(matrix) ?? 0))
  }
  return fitting.filter(({ statement: { predicate } }) => predicate.step.attempt === latest.get(predicate.step.matrix))
}

export function attemptOf(ends: readonly VerifiedStep[]): number {
  return ends.reduce((latest, end) => Math.max(latest, end.statement.predicate.step.attempt), 0)
}
