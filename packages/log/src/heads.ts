import { CodedError, concat } from '@countersign/core'
import {
  checkedTile,
  inclusionProof,
  MAP_KEY_BYTES,
  type MapEntry,
  mapLeafHash,
  type MapMember,
  type MapProof,
  mapRoot,
  TILE_HEIGHT,
  TILE_WIDTH,
  tileHashes,
  type TileReader,
  tilePath,
  type TreeHash,
} from '@countersign/merkle'

/** What is kept of the map of heads at a statement: what is above its leaves, and where to find those again. */
export interface HeadsTile {
  /** 0 only for the leaves on the right edge that fill no tile. */
  readonly level: number
  readonly index: number
  /** Up to 256, one after the other. */
  readonly hashes: Uint8Array
  /** On level 1, the first key below each hash, and that of the leaves that have no hash yet; else empty. */
  readonly keys: Uint8Array
}

/** The map of heads at some size of the log. */
export interface HeadsTree {
  /** Chains in it. */
  readonly count: number
  /** RFC 6962 root of the map, 32 bytes. */
  readonly root: Uint8Array
  readonly tiles: readonly HeadsTile[]
}

/** A map of heads as it is kept. */
export interface StoredHeads {
  readonly count: number
  /** Null where there is none. */
  tile(level: number, index: number): Pick<HeadsTile, 'hashes' | 'keys'> | null
  /** The pairs as they were, in order, from key `from` up to, not including, `to`; null: up to the last. */
  members(from: Uint8Array, to: Uint8Array | null): readonly MapEntry[]
}

/**
 * The tree over the heads of all chains, read once and in the order of their keys. Holds 64 bytes for 256 chains: the
 * leaves are not kept, because the log has them. Throws `map-invalid` as `mapRoot` does.
 */
export function headsTree(members: Iterable<MapEntry>, hash: TreeHash): HeadsTree {
  const levels: Uint8Array[][] = []
  const firstKeys: Uint8Array[] = []
  let edge: Uint8Array[] = []
  const { size: count, root } = mapRoot(noted(members, firstKeys), hash, (height, _, node) => {
    if (height === 0) edge.push(node)
    else if (height % TILE_HEIGHT === 0) {
      ;(levels[height / TILE_HEIGHT] ??= []).push(node)
      if (height === TILE_HEIGHT) edge = []
    }
  })
  const tiles: HeadsTile[] = []
  if (edge.length > 0) {
    const index = Math.floor(count / TILE_WIDTH)
    tiles.push({ level: 0, index, hashes: concat(...edge), keys: new Uint8Array(0) })
  }
  for (let level = 1; level === 1 || levels[level] !== undefined; level++) {
    const hashes = levels[level] ?? []
    const keys = level === 1 ? firstKeys : []
    for (let index = 0; index * TILE_WIDTH < Math.max(hashes.length, keys.length); index++) {
      const own = [index * TILE_WIDTH, (index + 1) * TILE_WIDTH] as const
      tiles.push({ level, index, hashes: concat(...hashes.slice(...own)), keys: concat(...keys.slice(...own)) })
    }
  }
  return { count, root, tiles }
}

function* noted(members: Iterable<MapEntry>, firstKeys: Uint8Array[]): Generator<MapEntry> {
  let index = 0
  for (const member of members) {
    if (index++ % TILE_WIDTH === 0) firstKeys.push(new Uint8Array(member.key))
    yield member
  }
}

/**
 * Proves that a key is in a stored map, or that it is not. Reads at most the leaves of two tiles and O(log n) tiles
 * above. Throws `log-corrupt` where what is stored does not fit together. What is stored is believed otherwise: hold
 * the proof against the root that was signed before it is sent.
 */
export function proveStoredHead(key: Uint8Array, heads: StoredHeads, hash: TreeHash): MapProof {
  const stored = new Blocks(heads, hash)
  const { count } = heads
  if (count === 0) return { size: 0, members: [] }
  const place = stored.placeOf(key)
  const indexes = place.present ? [place.index] : [place.index - 1, place.index].filter((i) => i >= 0 && i < count)
  const reader = tileHashes(stored.tile, count, hash)
  const members = indexes.map((index): MapMember => {
    const { key: own, value } = stored.entry(index)
    return { key: own, value, index, path: inclusionProof(index, count, reader, hash) }
  })
  return { size: count, members }
}

/** The leaves of a stored map, 256 at a time, read again from the log where they are needed. */
class Blocks {
  readonly #heads: StoredHeads
  readonly #hash: TreeHash
  readonly #read = new Map<number, readonly MapEntry[]>()
  readonly #rows = new Map<number, Uint8Array>()

  constructor(heads: StoredHeads, hash: TreeHash) {
    this.#heads = heads
    this.#hash = hash
  }

  /** Where a key is, or where it would be: then what comes after it is at the index. */
  placeOf(key: Uint8Array): { readonly index: number; readonly present: boolean } {
    let low = 0
    let high = Math.ceil(this.#heads.count / TILE_WIDTH)
    // The last block that does not begin after the key; the first where all do.
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (compare(this.#firstKey(middle), key) <= 0) low = middle
      else high = middle
    }
    const block = this.#block(low)
    const found = block.findIndex((entry) => compare(entry.key, key) >= 0)
    const within = found < 0 ? block.length : found
    const present = found >= 0 && compare(block[found]!.key, key) === 0
    return { index: low * TILE_WIDTH + within, present }
  }

  entry(index: number): MapEntry {
    return this.#block(Math.floor(index / TILE_WIDTH))[index % TILE_WIDTH]!
  }

  readonly tile: TileReader = (tile) => {
    const { level, index, width } = tile
    const stored = this.#heads.tile(level, index)?.hashes ?? null
    if (stored !== null) return checkedTile(tile, stored.subarray(0, width * this.#hash.size), this.#hash)
    if (level > 0) throw corrupt(`${tilePath(tile)} is missing`)
    return concat(...this.#block(index).map((entry) => mapLeafHash(entry, this.#hash)))
  }

  #block(number: number): readonly MapEntry[] {
    let block = this.#read.get(number)
    if (block === undefined) {
      const width = Math.min(TILE_WIDTH, this.#heads.count - number * TILE_WIDTH)
      const last = (number + 1) * TILE_WIDTH >= this.#heads.count
      block = this.#heads.members(this.#firstKey(number), last ? null : this.#firstKey(number + 1))
      if (block.length !== width) throw corrupt(`${block.length} heads are where there were ${width}`)
      this.#read.set(number, block)
    }
    return block
  }

  #firstKey(block: number): Uint8Array {
    const row = Math.floor(block / TILE_WIDTH)
    let keys = this.#rows.get(row)
    if (keys === undefined) {
      keys = this.#heads.tile(1, row)?.keys ?? new Uint8Array(0)
      this.#rows.set(row, keys)
    }
    const at = (block % TILE_WIDTH) * MAP_KEY_BYTES
    if (keys.length < at + MAP_KEY_BYTES) throw corrupt(`the first key of block ${block} is missing`)
    return keys.subarray(at, at + MAP_KEY_BYTES)
  }
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < MAP_KEY_BYTES; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}

function corrupt(what: string): CodedError {
  return new CodedError('log-corrupt', `the heads of a statement are damaged: ${what}`)
}
