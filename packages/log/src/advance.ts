import { CodedError, equal } from '@countersign/core'
import type { CheckpointLock } from './lock.ts'

/** How often a swap is tried whose outcome is not known. */
const TRIES = 3

/**
 * Swaps `next` into the lock, and where it is not known what happened, reads again: a write that was reported as
 * failed may be there all the same. When this resolves `next` is there.
 *
 * Throws `checkpoint-conflict` when another checkpoint is there; `store-failed` or `storage-full` when the lock keeps
 * failing: then nothing that `next` covers may be acknowledged, and nothing else be signed, until the lock has been
 * read again.
 */
export async function advance(
  lock: CheckpointLock,
  origin: string,
  old: Uint8Array | null,
  next: Uint8Array,
): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      return await lock.swap(origin, old, next)
    } catch (error) {
      if (!leavesInDoubt(error)) throw error
      const held = await lock.read(origin)
      if (held !== null && equal(held, next)) return
      const unchanged = old === null || held === null ? old === held : equal(held, old)
      if (!unchanged) throw new CodedError('checkpoint-conflict', `somebody else signs for ${origin}`, { cause: error })
      if (tried === TRIES) throw error
    }
  }
}

/** True for an error after which it is not known what a lock or a store holds, until it has been read again. */
export function leavesInDoubt(error: unknown): boolean {
  return error instanceof CodedError && (error.code === 'store-failed' || error.code === 'storage-full')
}
