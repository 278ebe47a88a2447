import type { Contract } from '@countersign/contract'
import { compare, placeOf } from './ancestry.ts'
import type { Find } from './handshake.ts'
import type { VerifiedStep } from './types.ts'

/** Two verified attestations for one place anywhere in the run: a fork, whichever of them is on the path. */
export function checkConflicts(run: readonly VerifiedStep[], find: Find): void {
  const places = new Map<string, VerifiedStep>()
  const rivals = new Map<string, VerifiedStep[]>()
  for (const step of run) {
    const place = placeOf(step)
    const first = places.get(place)
    if (first === undefined) places.set(place, step)
    else if (rivals.has(place)) rivals.get(place)!.push(step)
    else rivals.set(place, [first, step])
  }
  for (const [, steps] of [...rivals].toSorted(([a], [b]) => compare(a, b))) {
    const links = steps.map(({ link }) => link.slice(0, 12)).toSorted(compare)
    const times = links.length === 2 ? 'twice' : `${links.length} times`
    const { name } = steps[0]!.statement.predicate.step
    find('place-taken', `step ${name} was signed ${times}: ${links.slice(0, 2).join(' and ')}`)
  }
}

/**
 * Where attempts are carried, a path goes by the latest attempt at each job, up to `own`, the attempt it ends in:
 * else the try that passed could be picked over the one that failed after it, or two tries be mixed by two ways to
 * the end.
 */
export function checkSuperseded(
  path: readonly VerifiedStep[],
  own: number,
  run: readonly VerifiedStep[],
  contract: Contract | null,
  find: Find,
): void {
  if (contract?.attempts !== 'carry') return
  const latest = new Map<string, number>()
  for (const step of run) {
    const { attempt } = step.statement.predicate.step
    if (attempt <= own) latest.set(jobOf(step), Math.max(attempt, latest.get(jobOf(step)) ?? 0))
  }
  for (const step of path) {
    const { name, attempt } = step.statement.predicate.step
    const last = latest.get(jobOf(step)) ?? attempt
    if (attempt < last) {
      find('attempt-mixed', `step ${name} of attempt ${attempt} was superseded by attempt ${last}`)
    }
  }
}

function jobOf({ statement: { predicate } }: VerifiedStep): string {
  return JSON.stringify([predicate.step.name, predicate.step.matrix])
}
