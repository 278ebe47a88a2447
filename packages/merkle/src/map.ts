import { CodedError, concat, equal } from '@countersign/core'
import { append, type Completed, EMPTY_FRONTIER, type Frontier, frontierRoot } from './frontier.ts'
import { emptyRoot, leafHash, type TreeHash } from './hash.ts'
import { type HashReader, inclusionProof } from './proof.ts'
import { verifyInclusion } from './verify.ts'

/** Bytes in a key. */
export const MAP_KEY_BYTES = 32

/** One pair of a map. */
export interface MapEntry {
  /** 32 bytes. */
  readonly key: Uint8Array
  /** Any bytes. */
  readonly value: Uint8Array
}

/**
 * A map as an RFC 6962 tree: the leaves are its pairs in the order of their keys' bytes, each key once. What keeps
 * the pairs offers this; `mapRoot` makes the root it proves to.
 */
export interface SortedMap {
  readonly size: number
  /** The pair at an index below `size`, in order of keys. */
  entry(index: number): MapEntry
  readonly hashes: HashReader
}

/** A pair of a map, its place, and its inclusion proof. */
export interface MapMember extends MapEntry {
  readonly index: number
  readonly path: readonly Uint8Array[]
}

/**
 * What a map says of a key. Present: the member with that key. Absent: the two members between which it would be;
 * the first or last member alone where it would come before or after all; none in an empty map.
 */
export interface MapProof {
  readonly size: number
  readonly members: readonly MapMember[]
}

/** The leaf hash of a pair: of its key and value, one after the other. Keys have one length, so no two pairs share a leaf. */
export function mapLeafHash({ key, value }: MapEntry, hash: TreeHash): Uint8Array {
  return leafHash(concat(key, value), hash)
}

/**
 * The size and root of a map, reading its pairs once and in order. `completed` hears of every hash that proofs will
 * need. Throws `map-invalid` unless keys have 32 bytes and each is greater than the one before.
 */
export function mapRoot(
  entries: Iterable<MapEntry>,
  hash: TreeHash,
  completed?: Completed,
): { readonly size: number; readonly root: Uint8Array } {
  let frontier: Frontier = EMPTY_FRONTIER
  let last: Uint8Array | null = null
  for (const entry of entries) {
    if (entry.key.length !== MAP_KEY_BYTES) throw new CodedError('map-invalid', 'a key has not 32 bytes')
    if (last !== null && compare(last, entry.key) >= 0) throw new CodedError('map-invalid', 'keys are out of order')
    last = new Uint8Array(entry.key)
    frontier = append(frontier, [mapLeafHash(entry, hash)], hash, completed)
  }
  return { size: frontier.size, root: frontierRoot(frontier, hash) }
}

/** A map held in memory with all its hashes, two a pair, and its root; see `mapRoot` for one that is not. */
export function sortedMap(entries: readonly MapEntry[], hash: TreeHash): SortedMap & { readonly root: Uint8Array } {
  const levels: Uint8Array[][] = []
  const { size, root } = mapRoot(entries, hash, (height, _, node) => void (levels[height] ??= []).push(node))
  return { size, root, entry: (index) => entries[index]!, hashes: (height, index) => levels[height]![index]! }
}

/** Proves that a key is in a map with its value, or that it is not. Throws `map-invalid` for a key without 32 bytes. */
export function proveKey(map: SortedMap, key: Uint8Array, hash: TreeHash): MapProof {
  if (key.length !== MAP_KEY_BYTES) throw new CodedError('map-invalid', 'a key has not 32 bytes')
  let low = 0
  let high = map.size
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (compare(map.entry(middle).key, key) < 0) low = middle + 1
    else high = middle
  }
  const present = low < map.size && equal(map.entry(low).key, key)
  const indexes = present ? [low] : [low - 1, low].filter((index) => index >= 0 && index < map.size)
  const members = indexes.map((index) => {
    const { key, value } = map.entry(index)
    return { key, value, index, path: inclusionProof(index, map.size, map.hashes, hash) }
  })
  return { size: map.size, members }
}

/**
 * The value of `key` in the map with this root, or null where the proof shows that the key is not in it. Throws
 * `proof-invalid` for a proof of neither: every member must be under the root, and what proves absence must leave
 * no room for a leaf between. `map-invalid` for a key without 32 bytes.
 *
 * The size comes from the prover and need not be signed beside the root: a path's turns fix where a leaf hangs
 * under this root, and leaves that are neighbours or outermost by their turns are so in every tree.
 */
export function verifyKey(key: Uint8Array, proof: MapProof, root: Uint8Array, hash: TreeHash): Uint8Array | null {
  if (key.length !== MAP_KEY_BYTES) throw new CodedError('map-invalid', 'a key has not 32 bytes')
  const { size, members } = proof
  for (const { key, value, index, path } of members) {
    if (key.length !== MAP_KEY_BYTES) throw refused('a member has a key of another length')
    verifyInclusion({ index, size, leafHash: mapLeafHash({ key, value }, hash), path }, root, hash)
  }
  const [one, two] = members
  if (one === undefined) {
    if (size === 0 && equal(root, emptyRoot(hash))) return null
    throw refused('a map that is not empty proves nothing without members')
  }
  const order = compare(one.key, key)
  if (two === undefined) {
    if (order === 0) return one.value
    if (order > 0 ? one.index === 0 : one.index === size - 1) return null
    throw refused('one member proves absence only before the first or after the last')
  }
  if (members.length === 2 && two.index === one.index + 1 && order < 0 && compare(key, two.key) < 0) return null
  throw refused('these members are not the neighbours of the key')
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < MAP_KEY_BYTES; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}

function refused(what: string): CodedError {
  return new CodedError('proof-invalid', what)
}
