import { append, EMPTY_FRONTIER, frontierRoot, type TreeHash } from '@countersign/merkle'

/** The root over the hashes of a tile: what stands for it one level up, when it is full. */
export function tileRoot(data: Uint8Array, hash: TreeHash): Uint8Array {
  const hashes = Array.from({ length: data.length / hash.size }, (_, i) => hashAt(data, i, hash))
  return frontierRoot(append(EMPTY_FRONTIER, hashes, hash), hash)
}

/** The hash at a place of a tile. */
export function hashAt(data: Uint8Array, place: number, hash: TreeHash): Uint8Array {
  return data.subarray(place * hash.size, (place + 1) * hash.size)
}
