import type { Actor } from '@countersign/formats'

/** A deviation that waits for more signatures. It lets nothing through. */
export interface Proposal {
  readonly tenant: string
  /** Id of the deviation, hex: of its tenant there is one. */
  readonly id: string
  readonly chain: string
  /** The deviation with the signatures that it has: a line of a chain file, without a proof. */
  readonly document: Uint8Array
  /** ISO times. */
  readonly proposedAt: string
  readonly expiresAt: string
  /** Who proposed it; whoever added a signature is in the document. */
  readonly by: Actor
}

/** What waits, each tenant's for itself. What is let in is taken out of it in the same write: `Store.act`. */
export interface ProposalStore {
  /** Newest first, those that are over too; of one chain, or (null) of all. */
  list(tenant: string, chain: string | null): Promise<readonly Proposal[]>
  one(tenant: string, id: string): Promise<Proposal | null>
  /**
   * Keeps one, in the place of what was held of it (null for nothing); false where that is another by now. What is new is
   * noticed with it. Those that ended before `forgotten` leave. Throws `request-invalid` where a tenant or a chain has more
   * than `most` of them.
   */
  put(proposal: Proposal, held: Uint8Array | null, bounds: ProposalBounds): Promise<boolean>
}

export interface ProposalBounds {
  readonly most: { readonly tenant: number; readonly chain: number }
  /** ISO time. */
  readonly forgotten: string
}
