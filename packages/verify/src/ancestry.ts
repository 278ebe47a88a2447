import type { VerifiedStep } from './types.ts'

/** The place of a step, which one attestation may hold: chain, step, attempt, matrix key. */
export function placeOf(step: VerifiedStep): string {
  const { chain, step: ref } = step.statement.predicate
  // Only a matrix key may hold a space, and it comes last.
  const place = `${chain.id} ${ref.name} ${ref.attempt}`
  return ref.matrix === null ? place : `${place} ${ref.matrix}`
}

/**
 * The `ends` and all their known predecessors in their own run, each after its own predecessors. Iterative, and each
 * visited once, so that neither depth nor width nor a forged circle can exhaust it. What is of another run is not of
 * the way: its follower is at fault, and a thousand runs that go on from one would each walk it again.
 */
export function ancestry(ends: readonly VerifiedStep[], steps: ReadonlyMap<string, VerifiedStep>): VerifiedStep[] {
  const order: VerifiedStep[] = []
  const seen = new Set<string>()
  const stack: { step: VerifiedStep; next: number }[] = []
  const waiting = ends.toReversed()
  for (;;) {
    const top = stack.at(-1)
    if (top === undefined) {
      const end = waiting.pop()
      if (end === undefined) return order
      if (!seen.has(end.link)) {
        seen.add(end.link)
        stack.push({ step: end, next: 0 })
      }
      continue
    }
    const previous = top.step.statement.predicate.previous[top.next++]
    if (previous === undefined) {
      order.push(top.step)
      stack.pop()
      continue
    }
    const before = steps.get(previous.link)
    const own = before?.statement.predicate.chain.id === top.step.statement.predicate.chain.id
    if (before !== undefined && own && !seen.has(before.link)) {
      seen.add(before.link)
      stack.push({ step: before, next: 0 })
    }
  }
}

/** Those of the `ends` that go before no other of them, near or far. */
export function heads(ends: readonly VerifiedStep[], steps: ReadonlyMap<string, VerifiedStep>): VerifiedStep[] {
  if (ends.length < 2) return [...ends]
  const before = ends.flatMap((end) => end.statement.predicate.previous.flatMap(({ link }) => steps.get(link) ?? []))
  const passed = new Set(ancestry(before, steps).map(({ link }) => link))
  return ends.filter((end) => !passed.has(end.link))
}

/** When the last of the steps finished; empty for none. */
export function latestFinish(steps: readonly VerifiedStep[]): string {
  return steps.reduce((latest, { statement: { predicate } }) => {
    const { finishedAt } = predicate.invocation
    return finishedAt > latest ? finishedAt : latest
  }, '')
}

/** Order of digests, times and names as text. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
