import { CodedError, type Crypto, type ErrorReport, reportOf } from '@countersign/core'
import type { Bundle } from '@countersign/formats'
import { verifyEither } from './open.ts'
import type { Trust, VerifiedReceipt, VerifiedStep } from './types.ts'

/** The verified part of a set of bundles, and what was refused of it. */
export interface Chain {
  /** By link digest. */
  readonly steps: ReadonlyMap<string, VerifiedStep>
  /** By link digest of the step they are about. */
  readonly receipts: ReadonlyMap<string, readonly VerifiedReceipt[]>
  readonly refused: readonly { readonly index: number; readonly report: ErrorReport }[]
}

/**
 * Verifies every bundle for itself: signatures and shapes, not yet how they fit (see `handshake`, `judge`).
 * Order and repetition have no meaning. What does not verify is reported, never dropped silently.
 */
export function readChain(bundles: readonly Bundle[], trust: Trust, crypto: Crypto): Chain {
  const steps = new Map<string, VerifiedStep>()
  const receipts = new Map<string, VerifiedReceipt[]>()
  const refused: { index: number; report: ErrorReport }[] = []
  for (const [index, bundle] of bundles.entries()) {
    try {
      const opened = verifyEither(bundle, trust, crypto)
      if ('link' in opened) {
        if (!steps.has(opened.link)) steps.set(opened.link, opened)
      } else {
        const { link } = opened.receipt
        const known = receipts.get(link)
        if (known === undefined) receipts.set(link, [opened])
        else known.push(opened)
      }
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      refused.push({ index, report: reportOf(error) })
    }
  }
  return { steps, receipts, refused }
}

/** The place of a step, which one attestation may hold: chain, step, attempt, matrix key. */
export function placeOf(step: VerifiedStep): string {
  const { chain, step: ref } = step.statement.predicate
  return JSON.stringify([chain.id, ref.name, ref.attempt, ref.matrix])
}

/**
 * The `ends` and all their known predecessors, each after its own predecessors. Iterative, and each visited
 * once, so that neither depth nor width nor a forged circle can exhaust it.
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
    if (before !== undefined && !seen.has(before.link)) {
      seen.add(before.link)
      stack.push({ step: before, next: 0 })
    }
  }
}
