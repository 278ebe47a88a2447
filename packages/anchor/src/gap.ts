import type { AnchorTotals } from './store.ts'

/** Statements of an anchor that have no final proof, longer than they may. */
export interface AnchorGap {
  readonly anchor: string
  /** The oldest of them. */
  readonly number: number
  /** Milliseconds for which it waits. */
  readonly waits: number
}

/** The newest statement there is. */
export interface NewestStatement {
  readonly number: number
  /** When it was made, milliseconds since 1970. */
  readonly time: number
}

/**
 * Where the row of proofs has a hole (T-87): a statement that waits longer than `limit` milliseconds, dead letters too,
 * or one that was never even queued. Null where there is none.
 */
export function gapOf(
  totals: AnchorTotals,
  newest: NewestStatement | null,
  now: number,
  limit: number,
): AnchorGap | null {
  const { name: anchor, waiting, last, at } = totals
  if (waiting !== null && now - waiting.queuedAt > limit) {
    return { anchor, number: waiting.number, waits: now - waiting.queuedAt }
  }
  if (newest === null || newest.number <= (last ?? totals.first - 1)) return null
  const since = Math.max(newest.time, at)
  return now - since > limit ? { anchor, number: newest.number, waits: now - since } : null
}
