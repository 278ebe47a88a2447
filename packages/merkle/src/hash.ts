/**
 * The hash that a tree is made of. The roots pass in the fastest they have; SHA-256 and SHA3-256 both fit.
 * `hash` is synchronous, keeps no reference to its input, and answers with `size` fresh bytes.
 */
export interface TreeHash {
  /** Bytes in a hash: 32 for SHA-256 and SHA3-256. */
  readonly size: number
  hash(data: Uint8Array): Uint8Array
}

// What keeps a node from being shown as an entry: nothing hashes to both (RFC 6962 §2.1).
const LEAF = 0x00
const NODE = 0x01

/** The hash of the tree without entries: of no bytes at all (RFC 6962 §2.1). */
export function emptyRoot(hash: TreeHash): Uint8Array {
  return hash.hash(new Uint8Array(0))
}

/** The hash of one entry: of 0x00 and the entry's bytes, of any length (RFC 6962 §2.1). */
export function leafHash(entry: Uint8Array, hash: TreeHash): Uint8Array {
  const input = new Uint8Array(1 + entry.length)
  input[0] = LEAF
  input.set(entry, 1)
  return hash.hash(input)
}

/** Two hashes of 32 bytes are put together here, again and again: a new array of 65 bytes costs a third of hashing it. */
const pair = new Uint8Array(1 + 2 * 32)

/** The hash of two subtrees side by side: of 0x01, the left hash, the right hash (RFC 6962 §2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array, hash: TreeHash): Uint8Array {
  const fits = left.length === 32 && right.length === 32
  const input = fits ? pair : new Uint8Array(1 + left.length + right.length)
  input[0] = NODE
  input.set(left, 1)
  input.set(right, 1 + left.length)
  return hash.hash(input)
}
