import type { AnchorKind } from '@countersign/formats/anchor'

/** What an anchor's proof was found to prove of a statement. */
export interface AnchorProved {
  readonly kind: AnchorKind
  /** Who vouches: origin of the log, name of the authority, `eip155:1`, `bitcoin`. */
  readonly by: string
  /** Where to look it up there: an index, a serial number, a block and a transaction. */
  readonly at: string
  /** The statement existed at this time at the latest; null where the anchor names none. */
  readonly time: string | null
  /** By how many seconds that time can be off: hours for a Bitcoin block. */
  readonly within: number
  /** What had to be believed for it, a sentence each; never empty. */
  readonly trusted: readonly string[]
}
