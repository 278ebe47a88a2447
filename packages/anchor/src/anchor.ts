import type { Code, JsonObject } from '@countersign/core'
import type { AnchorKind } from '@countersign/formats/anchor'

/**
 * How far a statement is on its way into an anchor. `submitted`: the anchor has it, or may have it. `included`: it is
 * in, and can still fall out. `final`: it is proven, and stays.
 */
export type AnchorPhase = 'pending' | 'submitted' | 'included' | 'final'

/** What is durable of one statement's way into one anchor, between two moves. */
export interface AnchorState {
  readonly phase: AnchorPhase
  /** What the anchor keeps for itself, such as a transaction that is signed and not sent yet; null at the beginning. */
  readonly memo: JsonObject | null
}

/** A statement that is to be anchored. */
export interface AnchorJob {
  /** Number of the statement in its log. */
  readonly number: number
  /** Its text: UTF-8, without signatures. */
  readonly text: Uint8Array
  readonly state: AnchorState
  /** Where other statements are on their way into the same anchor, those that are final left out. */
  readonly others: readonly AnchorState[]
  /** Milliseconds since 1970. */
  readonly now: number
}

/** What something cost, in the smallest unit of its currency. */
export interface AnchorCost {
  /** As the anchor names it: `request`, or `wei` and `gas`. */
  readonly unit: string
  /** A whole number in decimal: wei do not fit a number. */
  readonly amount: string
}

export interface AnchorMove {
  readonly state: AnchorState
  /** Bytes of the anchor's proof (`writeAnchor`), verified by the anchor itself; exactly when the state is `final`. */
  readonly proof: Uint8Array | null
  /** Milliseconds until the next move makes sense; 0 for at once. Of no meaning when `final`. */
  readonly again: number
  /** What this move has spent, and no move before it. */
  readonly costs: readonly AnchorCost[]
}

/** One thing that the doctor looked at. */
export interface AnchorCheck {
  /** Short name: `reachable`, `clock`, `balance`, `trust root`. */
  readonly name: string
  readonly ok: boolean
  /** A sentence with what was found. */
  readonly found: string
  /** What to do where it is not ok; null where it is. */
  readonly code: Code | null
}

/**
 * Outside evidence for statements: a place that nobody of this house can rewrite.
 *
 * `move` does one thing: it prepares (nothing has left the house), or submits what was prepared, or looks how far that
 * is. What it returns is made durable before it is called again, and it may be called from the same state any number of
 * times, because a crash lost what it returned: so what is to be sent twice without harm (a signed transaction, a nonce)
 * is in the memo before it is sent. One move of an anchor runs at a time.
 *
 * Throws `anchor-unreachable` where it is worth trying again, `anchor-refused` where only a person can help: the
 * statement becomes a dead letter, which is shown and can be put back. Whatever the other side answers is hostile: it
 * is bounded in size and time, and verified before it counts.
 */
export interface Anchor {
  readonly kind: AnchorKind
  /** Unique among those that are set up, and the same after a restart: `rekor`, `tsa:digicert`, `eip155:1`. */
  readonly name: string
  move(job: AnchorJob): Promise<AnchorMove>
  /** Looks at all that a move will need, without spending anything. Never rejects. */
  check(now: number): Promise<readonly AnchorCheck[]>
}
