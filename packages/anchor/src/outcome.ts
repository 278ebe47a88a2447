import { CodedError, hasControl, parseJson } from '@countersign/core'
import { MAX_ANCHOR_BYTES } from '@countersign/formats/anchor'
import type { AnchorMove } from './anchor.ts'
import { addCosts, type AnchorEntry, type AnchorFault, type AnchorStep } from './store.ts'

/** How long is tried, and how often. Milliseconds. */
export interface AnchorPace {
  /** The first wait after a failure; each that follows doubles it. */
  readonly first: number
  /** Longest wait, after failures and between looks. */
  readonly longest: number
  /** From when on a statement that is not final is a dead letter. */
  readonly giveUp: number
  /** And after how many moves at least: a house that was dark for weeks has not tried for weeks. */
  readonly leastMoves: number
}

export const DEFAULT_PACE: AnchorPace = {
  first: 60_000,
  longest: 3_600_000,
  giveUp: 30 * 86_400_000,
  leastMoves: 24,
}

/** Most characters of a memo, written as JSON. */
const MAX_MEMO = 262_144
/** Most characters that are kept of what went wrong. */
const MAX_WHAT = 500

/** Milliseconds to wait after so many failures in a row, at least half of the full wait; `random` is from 0 to 1. */
export function backOff(tries: number, random: number, { first, longest }: AnchorPace): number {
  const full = Math.min(longest, first * 2 ** Math.min(tries - 1, 30))
  return Math.round(full * (0.5 + random / 2))
}

/** What becomes of an entry by what its anchor answered. Throws `internal` for an answer that breaks the contract. */
export function afterMove(entry: AnchorEntry, move: AnchorMove, now: number, pace: AnchorPace): AnchorStep {
  checkMove(move)
  const { phase } = move.state
  const next: AnchorEntry = {
    ...entry,
    revision: entry.revision + 1,
    state: move.state,
    at: now,
    due: now + Math.min(Math.max(0, move.again), pace.longest),
    moves: entry.moves + 1,
    failing: null,
    costs: addCosts(entry.costs, move.costs),
    finalAt: phase === 'final' ? now : null,
  }
  const late = phase !== 'final' && isOver(next, now, pace)
  const dead = late ? { at: now, code: 'anchor-missing' as const, what: overdue(next, now) } : null
  return { entry: { ...next, dead }, proof: move.proof, spent: move.costs }
}

/** What becomes of an entry whose move failed. Nothing of what the move did is known. */
export function afterFailure(
  entry: AnchorEntry,
  error: unknown,
  now: number,
  random: number,
  pace: AnchorPace,
): AnchorStep {
  const fault = faultOf(error)
  const tries = (entry.failing?.tries ?? 0) + 1
  const next: AnchorEntry = {
    ...entry,
    revision: entry.revision + 1,
    at: now,
    due: now + backOff(tries, random, pace),
    moves: entry.moves + 1,
    failing: { ...fault, since: Math.min(now, entry.failing?.since ?? now), tries },
  }
  const over = fault.code === 'anchor-refused' || isOver(next, now, pace)
  return { entry: { ...next, dead: over ? { ...fault, at: now } : null }, proof: null, spent: [] }
}

/** Any thrown value as it is kept: in one line, and what is not ours with its details withheld. */
export function faultOf(error: unknown): AnchorFault {
  if (!(error instanceof CodedError)) return { code: 'internal', what: 'the anchor failed unexpectedly' }
  const what = error.what.length > MAX_WHAT ? `${error.what.slice(0, MAX_WHAT - 1)}…` : error.what
  return { code: error.code, what: [...what].map((c) => (hasControl(c) ? '\ufffd' : c)).join('') }
}

/** Whether it is time for the next move. What was written after now was timed by a clock that has been set back since. */
export function isDue({ due, at, dead }: Pick<AnchorEntry, 'due' | 'at' | 'dead'>, now: number): boolean {
  return dead === null && (now >= due || now < at)
}

function isOver({ begunAt, moves }: AnchorEntry, now: number, { giveUp, leastMoves }: AnchorPace): boolean {
  return now - begunAt >= giveUp && moves >= leastMoves
}

function overdue({ state, begunAt }: AnchorEntry, now: number): string {
  return `after ${Math.floor((now - begunAt) / 86_400_000)} days it is ${state.phase} still`
}

function checkMove({ state, proof, again, costs }: AnchorMove): void {
  const broken = (what: string) => new CodedError('internal', `the anchor ${what}`)
  if ((state.phase === 'final') !== (proof !== null)) {
    throw broken('gave proof of what is not final, or called final what it does not prove')
  }
  if (proof !== null && proof.length > MAX_ANCHOR_BYTES) throw broken('gave a proof that is too large')
  if (!Number.isFinite(again)) throw broken('did not say when to go on')
  for (const { unit, amount } of costs) {
    if (!/^[a-z][a-z0-9-]{0,31}$/.test(unit) || !/^(?:0|[1-9][0-9]{0,77})$/.test(amount)) {
      throw broken('named a cost that is no amount')
    }
  }
  const text = JSON.stringify(state.memo)
  if (text.length > MAX_MEMO) throw broken('keeps more for itself than it may')
  // What cannot be read again must not be written.
  parseJson(text)
}
