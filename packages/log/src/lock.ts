/**
 * The last signed checkpoint of each origin, kept apart from the data it speaks for, and never restored from a backup:
 * whoever brings old data back is found out by it. What else a log signs one after the other, its statements, is kept in
 * the same way under a name of its own.
 *
 * The order is: data committed, checkpoint signed, checkpoint swapped in; only then is anything acknowledged or
 * published. A crash before the swap leaves data ahead of the lock, which nobody was told of.
 */
export interface CheckpointLock {
  /** Bytes of the signed checkpoint (a note), null for an origin that has none. Throws `store-failed`. */
  read(origin: string): Promise<Uint8Array | null>
  /**
   * Puts `next` in the place of exactly `old` (null: of none); durable when it resolves. Of all who swap at once one
   * wins, in whatever process they are.
   *
   * Throws `checkpoint-conflict` when another checkpoint is there, and nothing has changed: somebody else signs for
   * this origin, so stop. Throws `store-failed`, or `storage-full`, when it is not known what happened: `next` may be
   * there or not, so read again before anything else.
   */
  swap(origin: string, old: Uint8Array | null, next: Uint8Array): Promise<void>
}
