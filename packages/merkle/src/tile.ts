import { CodedError } from '@countersign/core'
import { nodeHash, type TreeHash } from './hash.ts'
import { type HashReader, nodesOf, type Plan } from './proof.ts'
import { isSize } from './size.ts'

/** Levels of the tree in a tile, and so hashes in a full one (C2SP tlog-tiles). */
export const TILE_HEIGHT = 8
export const TILE_WIDTH = 256
/** The highest level at which a tree of 2^53−1 leaves has a hash. */
const MAX_LEVEL = 6
/** The longest path within 2^53−1 leaves: that of the last partial bundle. */
const MAX_PATH = 42

/** Where a tile is: its hashes are those of the perfect subtrees of height 8 × level, from number index × 256 on. */
export interface TileRef {
  /** 0 to 6; tiles of level 0 hold leaf hashes. */
  readonly level: number
  readonly index: number
  /** Hashes in it: 256 in a full tile, 1 to 255 in a partial one. */
  readonly width: number
}

/** Where an entry bundle is: beside the tile of level 0 that holds the leaf hashes of its entries. */
export interface BundleRef {
  readonly level: 'entries'
  readonly index: number
  /** Entries in it, 1 to 256. */
  readonly width: number
}

/** A tile and its hashes one after the other, width × hash size bytes. */
export interface Tile extends TileRef {
  readonly data: Uint8Array
}

/** The hashes of a tile at exactly this width. One who holds a wider tile in its place cuts it. */
export type TileReader = (tile: TileRef) => Uint8Array

/** The path of a tile or bundle below the log's prefix, such as `tile/0/x001/x234/067.p/8` or `tile/entries/000`. */
export function tilePath({ level, index, width }: TileRef | BundleRef): string {
  const groups = [String(index % 1000).padStart(3, '0')]
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`)
  }
  return `tile/${level}/${groups.join('/')}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

/**
 * The tile or bundle of a path. Throws `tile-invalid` unless it is exactly what `tilePath` writes (no other zeroes,
 * widths 1 to 255 after `.p/`) and lies within 2^53−1 leaves.
 */
export function parseTilePath(path: string): TileRef | BundleRef {
  const parts = path.length > MAX_PATH ? null : /^tile\/(entries|\d)\/([x\d/]+)(?:\.p\/(\d{1,3}))?$/.exec(path)
  if (parts === null) throw new CodedError('tile-invalid', 'not the path of a tile')
  const level = parts[1] === 'entries' ? 'entries' : Number(parts[1])
  const index = Number(parts[2]!.replaceAll(/[x/]/g, ''))
  const width = parts[3] === undefined ? TILE_WIDTH : Number(parts[3])
  const ref = { level, index, width } as TileRef | BundleRef
  // Writing it again is what makes a path the only one of its tile; `.p/256` would be a second one of a full tile.
  if (width < 1 || tilePath(ref) !== path) throw new CodedError('tile-invalid', 'not the one path of a tile')
  const height = level === 'entries' ? 0 : level * TILE_HEIGHT
  if (!isSize((index * TILE_WIDTH + width) * 2 ** height)) {
    throw new CodedError('tile-invalid', 'no tree has this tile')
  }
  return ref
}

/**
 * The tiles that a log of `newSize` leaves has and one of `oldSize` has not, level by level: new ones, and partial
 * ones that grew. One by one, because between hostile sizes there are many. Throws `proof-range` unless
 * oldSize ≤ newSize.
 */
export function* tilesBetween(oldSize: number, newSize: number): Generator<TileRef, void, undefined> {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) {
    throw new CodedError('proof-range', `a log of ${oldSize} leaves does not grow to ${newSize}`)
  }
  for (let level = 0; level <= MAX_LEVEL; level++) {
    const from = hashesAt(level, oldSize)
    const to = hashesAt(level, newSize)
    if (from === to) continue
    for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < to; index++) {
      yield { level, index, width: widthAt(level, index, newSize) }
    }
  }
}

/** The entry bundles that a log of `newSize` leaves has and one of `oldSize` has not; see `tilesBetween`. */
export function* bundlesBetween(oldSize: number, newSize: number): Generator<BundleRef, void, undefined> {
  for (const { level, index, width } of tilesBetween(oldSize, newSize)) {
    if (level > 0) return
    yield { level: 'entries', index, width }
  }
}

/** The partial tiles on the right edge of a tree, at most one a level: what `growTiles` reads. Throws `proof-range`. */
export function partialTiles(size: number): TileRef[] {
  if (!isSize(size)) throw new CodedError('proof-range', `${size} is not the size of a tree`)
  const tiles: TileRef[] = []
  for (let level = 0; level <= MAX_LEVEL; level++) {
    const hashes = hashesAt(level, size)
    const width = hashes % TILE_WIDTH
    if (width > 0) tiles.push({ level, index: Math.floor(hashes / TILE_WIDTH), width })
  }
  return tiles
}

/** The tiles that a plan reads, each once, at their widths in the plan's tree: O(log n) of them. */
export function tilesOf(plan: Plan): TileRef[] {
  const tiles = new Map<string, TileRef>()
  for (const { height, index } of nodesOf(plan)) {
    const tile = tileOf(height, index, plan.size)
    tiles.set(tilePath(tile), tile)
  }
  return [...tiles.values()]
}

/** The hashes of a tile's tree by place: its root is 1, the children of i are 2i and 2i+1, its leaves 256 to 511. */
type TileTree = (Uint8Array | undefined)[]

/**
 * Full tiles above the leaves, with what was computed from them, for one reader after another: they never change, and
 * one of them is on the way of 65,536 leaves. For the tiles of one tree, believed as they were read: `forget` them
 * when a proof made from them does not verify.
 */
export class KnownTiles {
  readonly #most: number
  readonly #trees = new Map<number, TileTree>()

  /** `most` is how many are kept, those used last; each takes some 64 kB. */
  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#trees.size
  }

  get(key: number): TileTree | undefined {
    const tree = this.#trees.get(key)
    if (tree !== undefined) this.keep(key, tree)
    return tree
  }

  keep(key: number, tree: TileTree): void {
    this.#trees.delete(key)
    this.#trees.set(key, tree)
    for (const oldest of this.#trees.keys()) {
      if (this.#trees.size <= this.#most) return
      this.#trees.delete(oldest)
    }
  }

  forget(): void {
    this.#trees.clear()
  }
}

/**
 * Reads hashes from the tiles of a tree of `size` leaves, and keeps every tile read and hash computed as long as
 * the reader itself is kept: use one for a batch of proofs, then let it go; what is of use to the next goes into
 * `kept`. Throws `tile-invalid` for a tile of the wrong length.
 */
export function tileHashes(
  readTile: TileReader,
  size: number,
  hash: TreeHash,
  kept: KnownTiles | null = null,
): HashReader {
  const known = new Map<number, TileTree>()

  function hashesOf(tile: TileRef): TileTree {
    const key = tile.index * (MAX_LEVEL + 1) + tile.level
    let hashes = known.get(key)
    if (hashes !== undefined) return hashes
    const keepable = kept !== null && tile.level > 0 && tile.width === TILE_WIDTH
    hashes = keepable ? kept.get(key) : undefined
    if (hashes === undefined) {
      const read = checkedTile(tile, readTile(tile), hash)
      // A copy of what outlives the reader: the buffer may be used again.
      const data = keepable ? new Uint8Array(read) : read
      hashes = Array.from({ length: 2 * TILE_WIDTH })
      for (let i = 0; i < tile.width; i++) {
        hashes[TILE_WIDTH + i] = data.subarray(i * hash.size, (i + 1) * hash.size)
      }
      if (keepable) kept.keep(key, hashes)
    }
    known.set(key, hashes)
    return hashes
  }

  function at(hashes: TileTree, place: number): Uint8Array {
    return (hashes[place] ??= nodeHash(at(hashes, 2 * place), at(hashes, 2 * place + 1), hash))
  }

  return (height, index) => {
    if (!isSize(index) || !isSize(height) || (index + 1) * 2 ** height > size) {
      throw new CodedError('proof-range', `there is no perfect subtree ${index} of height ${height} in ${size} leaves`)
    }
    const row = height % TILE_HEIGHT
    const place = 2 ** (TILE_HEIGHT - row)
    return at(hashesOf(tileOf(height, index, size)), place + (index % place))
  }
}

/** The bytes, when there are as many as the tile's width demands; else `tile-invalid`. */
export function checkedTile(tile: TileRef, data: Uint8Array, hash: TreeHash): Uint8Array {
  if (data.length !== tile.width * hash.size) {
    throw new CodedError('tile-invalid', `${tilePath(tile)} has ${data.length} bytes`)
  }
  return data
}

/** How many hashes there are at a tile level: one for each perfect subtree of height 8 × level. */
export function hashesAt(level: number, size: number): number {
  return Math.floor(size / 2 ** (level * TILE_HEIGHT))
}

function widthAt(level: number, index: number, size: number): number {
  return Math.min(TILE_WIDTH, hashesAt(level, size) - index * TILE_WIDTH)
}

/** The tile from which the hash of a perfect subtree is read or computed. */
function tileOf(height: number, index: number, size: number): TileRef {
  const level = Math.floor(height / TILE_HEIGHT)
  const tile = Math.floor((index * 2 ** (height % TILE_HEIGHT)) / TILE_WIDTH)
  return { level, index: tile, width: widthAt(level, tile, size) }
}
