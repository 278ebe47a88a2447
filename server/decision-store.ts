import type { Decision } from '@countersign/verify'
import type { Code } from '@countersign/core'
import type { Page } from './store.ts'

/** What a gate was told, as it is kept. */
export interface DecisionRecord {
  /** ISO time. */
  readonly at: string
  readonly decision: Decision
  /** Code of the first reason, and what it says; null for `allow`. */
  readonly code: Code | null
  readonly what: string | null
  /** Whether it was let through by a deviation. */
  readonly deviated: boolean
  /** SHA-256 of the artifact, hex. */
  readonly artifact: string
  readonly pipeline: string | null
  /** SHA-256 of the contract, hex; null where there was none to judge under. */
  readonly contract: string | null
  readonly environment: string | null
  /** Id of the token that asked. */
  readonly by: string
  /** Who asked, as the asker says. */
  readonly requester: string | null
  /** Milliseconds from the question to the decision. */
  readonly ms: number
}

export interface StoredDecision extends Omit<DecisionRecord, 'artifact'> {
  readonly id: number
  /** Null, as the words of the reason, where the attestations that named it were erased. */
  readonly artifact: string | null
}

/** How far a chain has come, and what was taken out of it: where both are as before, so is all that is held of it. */
export interface ChainStanding {
  readonly length: number
  readonly erased: number
}

/** What gates were told, each tenant's for itself; and what a decision that is made again is held against. */
export interface DecisionStore {
  /** Durable when it resolves; gives its id. The oldest leave when there are some thousands more than `most`. */
  record(tenant: string, record: DecisionRecord, most: number): Promise<number>
  /** Newest first; of one artifact, where that is named. Throws `request-invalid` for a cursor that no page gave. */
  page(tenant: string, artifact: string | null, limit: number, cursor: string | null): Promise<Page<StoredDecision>>
  standing(tenant: string, chain: string): ChainStanding
}
