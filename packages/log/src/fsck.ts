import { concat, equal } from '@countersign/core'
import { leafHash, rootAt, TILE_WIDTH, tileHashes, type TileRef, type TreeHash } from '@countersign/merkle'
import { nameOf } from './read.ts'
import { hashAt, tileRoot } from './tile-root.ts'
import { type ByTree, byTree, type LogHashes, type TreeName, TREES } from './trees.ts'

export interface FsckInput {
  /** Entries of the stored log. */
  readonly size: number
  /** At how many entries the roots are wanted too: the size in the locked checkpoint. Null for none. */
  readonly locked: number | null
  /** The entries from `begin` up to, not including, `end`, at most 256; null, or a list cut short, for those that are lost. */
  readonly readEntries: (begin: number, end: number) => Soon<readonly (Uint8Array | null)[]>
  /** As `ReadTile`, which may answer later here. */
  readonly read: (tree: TreeName, tile: TileRef) => Soon<Uint8Array | null>
  readonly hashes: LogHashes
  /** Hears now and then how many entries are done. */
  readonly progress?: (done: number) => void
}

type Soon<T> = T | Promise<T>

/** Something stored that is not as the rest of the log says; `what` says it in words. */
export type Difference =
  | { readonly kind: 'entry-missing' | 'entry-differs'; readonly what: string; readonly index: number }
  | { readonly kind: 'tile-missing'; readonly what: string; readonly tree: TreeName; readonly tile: TileRef }
  | {
      readonly kind: 'tile-differs'
      readonly what: string
      readonly tree: TreeName
      readonly tile: TileRef
      /** Which of its hashes, from 0. */
      readonly places: readonly number[]
    }

export interface FsckEnd {
  /** Of the whole log, from the raw entries; null where entries are missing. */
  readonly roots: ByTree<Uint8Array> | null
  /** Of the first `locked` entries; null also where the log has not as many. To be compared with the signed root. */
  readonly locked: ByTree<Uint8Array> | null
  readonly differences: number
}

/**
 * Rebuilds both trees from the raw entries and holds every stored hash against them, in memory that does not grow
 * with the log. Yields every difference where it is, and not again above it: an entry whose hash in both trees is
 * another is itself the one that changed; a hash that fits neither the entries nor the stored tile below it changed
 * in its tile. A log that was rewritten as a whole has no difference: compare the roots with the signed ones.
 */
export async function* fsck(input: FsckInput): AsyncGenerator<Difference, FsckEnd, undefined> {
  const { size, locked, readEntries, hashes, progress } = input
  const trees = byTree((tree) => new RebuiltTree(tree, hashes[tree], input.read))
  const rootsAt = (n: number) => byTree((tree) => trees[tree].rootAt(n))
  let differences = 0
  let missing = Number.POSITIVE_INFINITY
  let lockedRoots: ByTree<Uint8Array> | null = null

  function* found(some: readonly Difference[]): Generator<Difference, void, undefined> {
    for (const one of some) {
      differences++
      if (one.kind === 'entry-missing') missing = Math.min(missing, one.index)
      yield one
    }
  }

  for (let begin = 0; begin < size; begin += TILE_WIDTH) {
    const end = Math.min(begin + TILE_WIDTH, size)
    const entries = await readEntries(begin, end)
    for (const tree of TREES) yield* found(await trees[tree].open(end - begin))
    for (let index = begin; index < end; index++) yield* found(addLeaf(trees, index, entries[index - begin] ?? null))
    if (locked !== null && begin <= locked && locked < end && missing >= locked) lockedRoots = rootsAt(locked)
    for (const tree of TREES) yield* found(await trees[tree].close())
    progress?.(end)
  }
  for (const tree of TREES) yield* found(await trees[tree].finish())
  const roots = missing < size ? null : rootsAt(size)
  return { roots, locked: locked === size ? roots : lockedRoots, differences }
}

/** Both trees know an entry by a hash of their own: where they agree against it, it is the entry that changed. */
function addLeaf(trees: ByTree<RebuiltTree>, index: number, entry: Uint8Array | null): Difference[] {
  if (entry === null) {
    for (const tree of TREES) trees[tree].addLost()
    return [{ kind: 'entry-missing', what: `entry ${index} is missing`, index }]
  }
  const differing = TREES.filter((tree) => !trees[tree].add(entry))
  if (differing.length === TREES.length) {
    return [{ kind: 'entry-differs', what: `entry ${index} is not the one that was logged`, index }]
  }
  for (const tree of differing) trees[tree].blameTile()
  return []
}

/** The tile of one level that is being rebuilt. */
interface Rebuilding {
  index: number
  /** From the raw entries. */
  hashes: Uint8Array[]
  /** Of the stored tiles one level below, null for one that could not be read. */
  below: (Uint8Array | null)[]
}

class RebuiltTree {
  readonly #tree: TreeName
  readonly #hash: TreeHash
  readonly #read: FsckInput['read']
  /** By level. */
  readonly #levels: Rebuilding[] = [{ index: 0, hashes: [], below: [] }]
  /** The stored tile of the leaves that are being added, null when it could not be read. */
  #stored: Uint8Array | null = null
  #width = 0
  #places: number[] = []

  constructor(tree: TreeName, hash: TreeHash, read: FsckInput['read']) {
    this.#tree = tree
    this.#hash = hash
    this.#read = read
  }

  /** Begins with the leaves of the next tile. */
  async open(width: number): Promise<Difference[]> {
    const leaves = this.#levels[0]!
    leaves.hashes = []
    this.#width = width
    this.#places = []
    const { data, differences } = await this.#tile({ level: 0, index: leaves.index, width })
    this.#stored = data
    return differences
  }

  /** False where the stored hash is another. */
  add(entry: Uint8Array): boolean {
    const { hashes } = this.#levels[0]!
    const leaf = leafHash(entry, this.#hash)
    hashes.push(leaf)
    return this.#stored === null || equal(leaf, hashAt(this.#stored, hashes.length - 1, this.#hash))
  }

  /** An entry that is lost is stood in for, so that what comes after it is still found where it is. */
  addLost(): void {
    const { hashes } = this.#levels[0]!
    const place = hashes.length
    hashes.push(this.#stored === null ? new Uint8Array(this.#hash.size) : hashAt(this.#stored, place, this.#hash))
  }

  /** The hash of the entry added last is not in its tile. */
  blameTile(): void {
    this.#places.push(this.#levels[0]!.hashes.length - 1)
  }

  /** Ends with the leaves of a tile, and with every tile above it that is full now. */
  async close(): Promise<Difference[]> {
    const leaves = this.#levels[0]!
    const differences = this.#differing({ level: 0, index: leaves.index, width: this.#width }, this.#places)
    let stored = this.#stored
    for (let level = 0; this.#levels[level]!.hashes.length === TILE_WIDTH; level++) {
      const full = this.#levels[level]!
      if (level > 0) {
        const compared = await this.#compare(level, full)
        differences.push(...compared.differences)
        stored = compared.data
      }
      const above = (this.#levels[level + 1] ??= { index: 0, hashes: [], below: [] })
      above.hashes.push(tileRoot(concat(...full.hashes), this.#hash))
      above.below.push(stored === null ? null : tileRoot(stored, this.#hash))
      this.#levels[level] = { index: full.index + 1, hashes: [], below: [] }
    }
    return differences
  }

  /** Compares the tiles that are not full, but for that of the leaves, which was. */
  async finish(): Promise<Difference[]> {
    const differences: Difference[] = []
    for (const [level, partial] of this.#levels.entries()) {
      if (level > 0 && partial.hashes.length > 0) {
        differences.push(...(await this.#compare(level, partial)).differences)
      }
    }
    return differences
  }

  /** The root of `n` leaves, while the leaves of the tile that the n-th would be in are the last that were added. */
  rootAt(n: number): Uint8Array {
    const rebuilt = tileHashes(
      ({ level, width }) => concat(...this.#levels[level]!.hashes.slice(0, width)),
      n,
      this.#hash,
    )
    return rootAt(n, rebuilt, this.#hash)
  }

  async #compare(level: number, { index, hashes, below }: Rebuilding) {
    const tile = { level, index, width: hashes.length }
    const { data, differences } = await this.#tile(tile)
    if (data === null) return { data, differences }
    const places: number[] = []
    for (const [place, hash] of hashes.entries()) {
      const stored = hashAt(data, place, this.#hash)
      const under = below[place]!
      // A stored hash that fits the stored tile below it only repeats what was found there.
      if (!equal(stored, hash) && (under === null || !equal(stored, under))) places.push(place)
    }
    return { data, differences: this.#differing(tile, places) }
  }

  async #tile(tile: TileRef): Promise<{ data: Uint8Array | null; differences: Difference[] }> {
    const data = await this.#read(this.#tree, tile)
    const bytes = tile.width * this.#hash.size
    if (data !== null && data.length >= bytes) return { data: data.subarray(0, bytes), differences: [] }
    const what = `${nameOf(this.#tree, tile)} ${data === null ? 'is missing' : `has ${data.length} bytes`}`
    return { data: null, differences: [{ kind: 'tile-missing', what, tree: this.#tree, tile }] }
  }

  #differing(tile: TileRef, places: readonly number[]): Difference[] {
    if (places.length === 0) return []
    const what = `${nameOf(this.#tree, tile)} has ${places.length} hashes that were not logged, the first at ${places[0]}`
    return [{ kind: 'tile-differs', what, tree: this.#tree, tile, places }]
  }
}
