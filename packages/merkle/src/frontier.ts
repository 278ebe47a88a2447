import { CodedError } from '@countersign/core'
import { emptyRoot, nodeHash, type TreeHash } from './hash.ts'
import { half, isOdd, isSize, perfectTreesIn } from './size.ts'

/**
 * The right edge of a tree: all that appending needs. A value, never changed in place, so a batch that fails
 * leaves the old one as it was. Storing `size` and `hashes` is storing the frontier.
 */
export interface Frontier {
  /** Leaves so far, up to 2^53−1. */
  readonly size: number
  /** The hashes of the perfect subtrees that `size` leaves make, largest and leftmost first: one for each set bit. */
  readonly hashes: readonly Uint8Array[]
}

/** Told of each perfect subtree at the moment it is complete: its height (0 is a leaf), its index at that height. */
export type Completed = (height: number, index: number, hash: Uint8Array) => void

/** The frontier of the tree without leaves. */
export const EMPTY_FRONTIER: Frontier = { size: 0, hashes: [] }

/**
 * A frontier from what was stored. Throws `tree-invalid` unless there is one hash of the right length for each
 * perfect subtree. That they are the right hashes only a signed root can say: compare with `frontierRoot`.
 */
export function readFrontier(size: number, hashes: readonly Uint8Array[], hash: TreeHash): Frontier {
  if (!isSize(size)) throw new CodedError('tree-invalid', `${size} is not the size of a tree`)
  if (hashes.length !== perfectTreesIn(size) || hashes.some((one) => one.length !== hash.size)) {
    throw new CodedError('tree-invalid', `these hashes are not the edge of a tree of ${size} leaves`)
  }
  return { size, hashes: hashes.map(copy) }
}

/**
 * The frontier after some more leaves, given by their hashes; amortised one node hash a leaf. `completed` hears of
 * every perfect subtree that the new leaves complete, the leaves included, those of one height in order of index.
 * Throws `tree-invalid` for a hash of another length, or for more than 2^53−1 leaves.
 */
export function append(
  frontier: Frontier,
  leafHashes: readonly Uint8Array[],
  hash: TreeHash,
  completed?: Completed,
): Frontier {
  if (!isSize(frontier.size + leafHashes.length)) throw new CodedError('tree-invalid', 'the tree is full')
  const hashes = [...frontier.hashes]
  let size = frontier.size
  for (const leaf of leafHashes) {
    if (leaf.length !== hash.size) throw new CodedError('tree-invalid', 'a leaf hash is of the wrong length')
    // A copy, so that the caller's buffer may be used again.
    let root = copy(leaf)
    let index = size
    completed?.(0, index, root)
    for (let height = 1; isOdd(index); height++) {
      root = nodeHash(hashes.pop()!, root, hash)
      index = half(index)
      completed?.(height, index, root)
    }
    hashes.push(root)
    size++
  }
  return { size, hashes }
}

/** The root of the tree with this frontier (RFC 6962 §2.1). */
export function frontierRoot(frontier: Frontier, hash: TreeHash): Uint8Array {
  return frontier.size === 0 ? emptyRoot(hash) : fold(frontier.hashes, hash)
}

/** One hash for perfect subtrees side by side, largest first; at least one. The smallest are joined first. */
export function fold(hashes: readonly Uint8Array[], hash: TreeHash): Uint8Array {
  return copy(hashes.reduceRight((right, left) => nodeHash(left, right, hash)))
}

/** Not by `slice`, which for a Buffer of Node gives a view. */
export function copy(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}
