import { CodedError } from '@countersign/core'
import { fold, type Frontier } from './frontier.ts'
import { emptyRoot, type TreeHash } from './hash.ts'
import { heightWithin, isSize, splitOf } from './size.ts'

/** The leaves from `begin` up to, not including, `end`. */
export interface Range {
  readonly begin: number
  readonly end: number
}

/** A perfect subtree: 2^height leaves, from leaf index × 2^height on. Height 0 is a leaf. */
export interface Node {
  readonly height: number
  readonly index: number
}

/** The hash of a perfect subtree, from wherever hashes are kept; `hash.size` bytes. */
export type HashReader = (height: number, index: number) => Uint8Array

/**
 * What a proof is made of, before any hash is read: one hash each for these ranges of a tree of `size` leaves.
 * A store that answers later fetches `tilesOf(plan)` or `nodesOf(plan)` at once, then `prove` computes.
 */
export interface Plan {
  readonly size: number
  readonly ranges: readonly Range[]
}

/** The inclusion proof of leaf `index` in the tree of `size` leaves (RFC 6962 §2.1.1). Throws `proof-range` unless index < size. */
export function planInclusion(index: number, size: number): Plan {
  if (!isSize(index) || !isSize(size) || index >= size) {
    throw new CodedError('proof-range', `there is no leaf ${index} among ${size}`)
  }
  const ranges: Range[] = []
  let begin = 0
  let end = size
  while (end - begin > 1) {
    const middle = begin + splitOf(end - begin)
    if (index < middle) {
      ranges.push({ begin: middle, end })
      end = middle
    } else {
      ranges.push({ begin, end: middle })
      begin = middle
    }
  }
  return { size, ranges: ranges.toReversed() }
}

/**
 * The proof that the tree of `secondSize` leaves begins with that of `firstSize` (RFC 6962 §2.1.2). Empty from
 * size 0 and between equal sizes. Throws `proof-range` unless firstSize ≤ secondSize.
 */
export function planConsistency(firstSize: number, secondSize: number): Plan {
  if (!isSize(firstSize) || !isSize(secondSize) || firstSize > secondSize) {
    throw new CodedError('proof-range', `a tree of ${secondSize} leaves does not begin with one of ${firstSize}`)
  }
  if (firstSize === 0 || firstSize === secondSize) return { size: secondSize, ranges: [] }
  const ranges: Range[] = []
  let begin = 0
  let end = secondSize
  while (end !== firstSize) {
    const middle = begin + splitOf(end - begin)
    if (firstSize <= middle) {
      ranges.push({ begin: middle, end })
      end = middle
    } else {
      ranges.push({ begin, end: middle })
      begin = middle
    }
  }
  // Where the first tree is itself the leftmost subtree, its root is known and not repeated.
  if (begin > 0) ranges.push({ begin, end })
  return { size: secondSize, ranges: ranges.toReversed() }
}

/** The perfect subtrees that `size` leaves make: what `prove` gives for them are a frontier's hashes. */
export function planFrontier(size: number): Plan {
  if (!isSize(size)) throw new CodedError('proof-range', `${size} is not the size of a tree`)
  const ranges = perfectSubtrees({ begin: 0, end: size }).map(({ height, index }) => ({
    begin: index * 2 ** height,
    end: (index + 1) * 2 ** height,
  }))
  return { size, ranges }
}

/** Every perfect subtree whose hash a plan needs; at most two for each level of the tree. */
export function nodesOf(plan: Plan): Node[] {
  return plan.ranges.flatMap(perfectSubtrees)
}

/** The hashes that a plan asks for, in its order: the `path` of a proof. Throws `tile-invalid` for a hash of the wrong length. */
export function prove(plan: Plan, read: HashReader, hash: TreeHash): Uint8Array[] {
  return plan.ranges.map((range) => {
    const hashes = perfectSubtrees(range).map(({ height, index }) => {
      const found = read(height, index)
      if (found.length !== hash.size) throw new CodedError('tile-invalid', 'a stored hash is of the wrong length')
      return found
    })
    return fold(hashes, hash)
  })
}

/** The path of `planInclusion`, at once. The stored hashes are trusted: verify what you make before you send it. */
export function inclusionProof(index: number, size: number, read: HashReader, hash: TreeHash): Uint8Array[] {
  return prove(planInclusion(index, size), read, hash)
}

/** The path of `planConsistency`, at once. The stored hashes are trusted: verify what you make before you send it. */
export function consistencyProof(
  firstSize: number,
  secondSize: number,
  read: HashReader,
  hash: TreeHash,
): Uint8Array[] {
  return prove(planConsistency(firstSize, secondSize), read, hash)
}

/** The frontier of the first `size` leaves, from stored hashes. */
export function frontierAt(size: number, read: HashReader, hash: TreeHash): Frontier {
  return { size, hashes: prove(planFrontier(size), read, hash) }
}

/** The root over the first `size` leaves, from stored hashes (RFC 6962 §2.1). */
export function rootAt(size: number, read: HashReader, hash: TreeHash): Uint8Array {
  const { hashes } = frontierAt(size, read, hash)
  return size === 0 ? emptyRoot(hash) : fold(hashes, hash)
}

/** The perfect subtrees of a range that RFC 6962's splitting makes, left to right: each the largest that still fits. */
function perfectSubtrees({ begin, end }: Range): Node[] {
  const nodes: Node[] = []
  let at = begin
  while (at < end) {
    const height = heightWithin(end - at)
    nodes.push({ height, index: at / 2 ** height })
    at += 2 ** height
  }
  return nodes
}
