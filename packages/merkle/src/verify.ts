import { CodedError, equal } from '@countersign/core'
import { emptyRoot, nodeHash, type TreeHash } from './hash.ts'
import { half, isOdd, isSize } from './size.ts'

/** What an inclusion proof says: this leaf is at `index` among the `size` leaves under a root. */
export interface Inclusion {
  /** From 0; below `size`. */
  readonly index: number
  /** Leaves in the tree, as the checkpoint that signs its root says: a root alone does not fix its size. */
  readonly size: number
  /** `leafHash` of the entry, computed by whoever verifies: a hash taken from the prover could be any node's. */
  readonly leafHash: Uint8Array
  /** The hashes of the subtrees beside the way up, from the leaf to the root. */
  readonly path: readonly Uint8Array[]
}

/** What a consistency proof says: the first tree's leaves are the second tree's first leaves. */
export interface Consistency {
  /** Leaves in the older tree, and in the newer one, as their checkpoints say. */
  readonly firstSize: number
  readonly secondSize: number
  readonly firstRoot: Uint8Array
  readonly secondRoot: Uint8Array
  readonly path: readonly Uint8Array[]
}

/**
 * The root that an inclusion proof leads to (RFC 9162 §2.1.3.2). Proves nothing until it is compared with a root
 * that was signed together with the same size. Throws `proof-invalid` where no tree of that size has such a path.
 */
export function rootFromInclusion({ index, size, leafHash, path }: Inclusion, hash: TreeHash): Uint8Array {
  if (!isSize(index) || !isSize(size) || index >= size) throw refused(`there is no leaf ${index} among ${size}`)
  checkHashes([leafHash, ...path], hash)
  let fn = index
  let sn = size - 1
  let root = leafHash
  for (const sibling of path) {
    if (sn === 0) throw refused('the path is too long')
    if (isOdd(fn) || fn === sn) {
      root = nodeHash(sibling, root, hash)
      ;[fn, sn] = skipLevels(fn, sn)
    } else root = nodeHash(root, sibling, hash)
    fn = half(fn)
    sn = half(sn)
  }
  if (sn !== 0) throw refused('the path is too short')
  return new Uint8Array(root)
}

/** Throws `proof-invalid` unless the proof leads to `root` (RFC 9162 §2.1.3.2). */
export function verifyInclusion(inclusion: Inclusion, root: Uint8Array, hash: TreeHash): void {
  if (!equal(rootFromInclusion(inclusion, hash), root)) throw refused('the path leads to another root')
}

/**
 * Throws `proof-invalid` unless the second tree begins with the first (RFC 9162 §2.1.4.2). Between equal sizes the
 * roots must be equal and the path empty; from size 0 the first root must be the empty tree's and the path empty,
 * which says nothing of the second root unless that tree is empty too.
 */
export function verifyConsistency(consistency: Consistency, hash: TreeHash): void {
  const { firstSize, secondSize, firstRoot, secondRoot, path } = consistency
  if (!isSize(firstSize) || !isSize(secondSize) || firstSize > secondSize) {
    throw refused(`a tree of ${secondSize} leaves does not begin with one of ${firstSize}`)
  }
  checkHashes([firstRoot, secondRoot, ...path], hash)
  if (firstSize === 0 && !equal(firstRoot, emptyRoot(hash))) throw refused('the first root is not that of no leaves')
  if (firstSize === secondSize && !equal(firstRoot, secondRoot)) throw refused('one size has two roots')
  if (firstSize === 0 || firstSize === secondSize) {
    if (path.length > 0) throw refused('the path is too long')
    return
  }
  if (path.length === 0) throw refused('the path is too short')

  let fn = firstSize - 1
  let sn = secondSize - 1
  while (isOdd(fn)) {
    fn = half(fn)
    sn = half(sn)
  }
  // Only a first size that is a power of two ends on 0: then the first root itself is where both ways begin.
  const [seed, ...siblings] = fn === 0 ? [firstRoot, ...path] : path
  let first = seed!
  let second = seed!
  for (const sibling of siblings) {
    if (sn === 0) throw refused('the path is too long')
    if (isOdd(fn) || fn === sn) {
      first = nodeHash(sibling, first, hash)
      second = nodeHash(sibling, second, hash)
      ;[fn, sn] = skipLevels(fn, sn)
    } else second = nodeHash(second, sibling, hash)
    fn = half(fn)
    sn = half(sn)
  }
  if (sn !== 0) throw refused('the path is too short')
  if (!equal(first, firstRoot)) throw refused('the path does not lead to the first root')
  if (!equal(second, secondRoot)) throw refused('the path does not lead to the second root')
}

/** On the right edge a subtree without a sibling goes up as it is: those levels have no hash in the path. */
function skipLevels(fn: number, sn: number): [fn: number, sn: number] {
  while (fn !== 0 && !isOdd(fn)) {
    fn = half(fn)
    sn = half(sn)
  }
  return [fn, sn]
}

function checkHashes(hashes: readonly Uint8Array[], hash: TreeHash): void {
  if (hashes.some((one) => one.length !== hash.size)) throw refused('a hash is of the wrong length')
}

function refused(what: string): CodedError {
  return new CodedError('proof-invalid', what)
}
