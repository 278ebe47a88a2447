import { type Code, CodedError } from '@countersign/core'
import type { AnchorKind } from '@countersign/formats/anchor'
import type { AnchorCost, AnchorPhase, AnchorState } from './anchor.ts'

/** Why a move did not go well. */
export interface AnchorFault {
  readonly code: Code
  readonly what: string
}

/** One statement's way into one anchor: what is known of it. Times are milliseconds since 1970. */
export interface AnchorEntry {
  /** Name of the anchor. */
  readonly anchor: string
  /** Number of the statement. */
  readonly number: number
  /** Counts what was made durable: who replaces an entry says which one. */
  readonly revision: number
  readonly state: AnchorState
  readonly queuedAt: number
  /** When it was begun on its way: when it was queued, or put back last. */
  readonly begunAt: number
  /** When it was written last. */
  readonly at: number
  /** When the next move makes sense. */
  readonly due: number
  /** Moves since it was begun, those that failed among them. */
  readonly moves: number
  /** Since its last move that went well; null where that was the last one. */
  readonly failing: (AnchorFault & { readonly since: number; readonly tries: number }) | null
  /** Why nobody tries any longer; null while it is under way, or final. */
  readonly dead: (AnchorFault & { readonly at: number }) | null
  /** What it has cost, one a unit. */
  readonly costs: readonly AnchorCost[]
  /** When it was found to be final; null before. */
  readonly finalAt: number | null
}

/** What a move made of an entry, to be made durable. */
export interface AnchorStep {
  /** Its revision is the next after that of the entry it replaces. */
  readonly entry: AnchorEntry
  /** Exactly where the entry is final. */
  readonly proof: Uint8Array | null
  /** What the move has spent: added to the entry's costs already, and to be added to the anchor's. */
  readonly spent: readonly AnchorCost[]
}

/** An anchor as it was set up for the first time. */
export interface AnchorSetUp {
  readonly name: string
  readonly kind: AnchorKind
  /** Number of the first statement that is to be anchored in it. */
  readonly first: number
  readonly at: number
}

/** Where an anchor stands, over all statements. */
export interface AnchorTotals extends AnchorSetUp {
  /** The last statement that was queued; null where none was. */
  readonly last: number | null
  /** Dead letters are not among the phases. */
  readonly counts: Readonly<Record<AnchorPhase | 'dead', number>>
  /** The newest statement that is proven. */
  readonly newestFinal: { readonly number: number; readonly at: number } | null
  /** The oldest statement without final proof, dead letters included. */
  readonly waiting: { readonly number: number; readonly queuedAt: number } | null
  readonly costs: readonly AnchorCost[]
}

/** What an anchor holds of one statement. */
export interface AnchoredStatement {
  readonly number: number
  /** By the name of the anchor. */
  readonly entries: readonly AnchorEntry[]
}

/**
 * The memory of what is on its way into the anchors. What a method has promised is on stable storage when its promise
 * resolves; when it rejects (`store-failed`), the caller knows nothing, and may repeat the same call.
 */
export interface AnchorStore {
  /** What was set up first stands. Another kind under the same name is refused (`usage`). */
  setUp(anchor: AnchorSetUp): Promise<void>
  /** Queues each statement from the anchor's first to `newest` that is not queued yet. */
  enqueue(anchor: string, newest: number, at: number): Promise<void>
  /** What is not final, dead letters included, by number. */
  unfinished(anchor: string): Promise<readonly AnchorEntry[]>
  /**
   * Puts an entry into the place of the revision before it, with its proof and costs, in one atomic write. The same
   * again is no fault and costs nothing; where another stands there it is refused (`checkpoint-conflict`). A final
   * entry without proof, and a proof of one that is not final, are refused (`internal`); what is final stays.
   */
  save(step: AnchorStep): Promise<void>
  /** Takes a dead letter back among those that are tried; every other entry stays as it is. Null where there is none. */
  revive(anchor: string, number: number, at: number): Promise<AnchorEntry | null>
  /** All anchors that were ever set up, by name. */
  totals(): Promise<readonly AnchorTotals[]>
  /** Statements that are queued in some anchor, newest first: at most `limit` of those below `before`. */
  statements(limit: number, before: number | null): Promise<readonly AnchoredStatement[]>
  /** What the anchors hold of one statement. */
  of(number: number): Promise<readonly AnchorEntry[]>
  /** The proof of a statement that is final; null for every other. */
  proof(anchor: string, number: number): Promise<Uint8Array | null>
}

/** An entry that was queued just now. */
export function queued(anchor: string, number: number, at: number): AnchorEntry {
  return {
    anchor,
    number,
    revision: 0,
    state: { phase: 'pending', memo: null },
    queuedAt: at,
    begunAt: at,
    at,
    due: at,
    moves: 0,
    failing: null,
    dead: null,
    costs: [],
    finalAt: null,
  }
}

/** A dead letter that is tried again, from where it was: what its memo holds may be on its way. */
export function revived(entry: AnchorEntry, at: number): AnchorEntry {
  return { ...entry, revision: entry.revision + 1, begunAt: at, at, due: at, moves: 0, failing: null, dead: null }
}

/** One sum a unit, by unit. */
export function addCosts(held: readonly AnchorCost[], spent: readonly AnchorCost[]): AnchorCost[] {
  const sums = new Map<string, bigint>()
  for (const { unit, amount } of [...held, ...spent]) sums.set(unit, (sums.get(unit) ?? 0n) + BigInt(amount))
  return [...sums]
    .map(([unit, amount]) => ({ unit, amount: String(amount) }))
    .toSorted((a, b) => (a.unit < b.unit ? -1 : 1))
}

/** Throws `internal` for a final entry without proof, or a proof of one that is not final. */
export function checkStep({ entry, proof }: AnchorStep): void {
  const final = entry.state.phase === 'final'
  if (final === (proof !== null) && final === (entry.finalAt !== null)) return
  throw new CodedError(
    'internal',
    `statement ${entry.number} in ${entry.anchor} is final without proof, or the other way round`,
  )
}

const NAME = /^[a-z0-9][a-z0-9._:-]{0,63}$/

/** Whether a text can name an anchor: it is in addresses, metrics and command lines as it is. */
export function isAnchorName(text: string): boolean {
  return NAME.test(text)
}
