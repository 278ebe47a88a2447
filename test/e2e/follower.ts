import { equal } from '@countersign/core'
import { type ByTree, type TreeName, TREES } from '@countersign/log'
import {
  append,
  bundlesBetween,
  consistencyProof,
  EMPTY_FRONTIER,
  type Frontier,
  frontierRoot,
  inclusionProof,
  leafHash,
  planConsistency,
  planFrontier,
  planInclusion,
  readEntries,
  rootAt,
  TILE_WIDTH,
  tileHashes,
  tilePath,
  type TileRef,
  tilesBetween,
  tilesOf,
  verifyConsistency,
  verifyInclusion,
} from '@countersign/merkle'
import { type Api, HASHES } from './server.ts'

/** The SHA-256 tree of a log at some size, as a checkpoint has it. */
export interface Head {
  readonly size: number
  readonly root: Uint8Array
}

const PREFIX: ByTree<string> = { sha256: '/', sha3_256: '/sha3/' }

/**
 * Holds a copy of a log: goes from checkpoint to checkpoint over tiles and entries alone, builds both trees itself,
 * and proves that each checkpoint goes on from the one before, and every entry under it. Throws where one thing does
 * not fit.
 */
export class Follower {
  readonly #api: Api
  /** Hashes of every leaf so far, in the SHA-256 tree. */
  readonly leaves: Uint8Array[] = []
  #edges: ByTree<Frontier> = { sha256: EMPTY_FRONTIER, sha3_256: EMPTY_FRONTIER }
  /** Full tiles never change. */
  readonly #full = new Map<string, Uint8Array>()

  constructor(api: Api) {
    this.#api = api
  }

  get size(): number {
    return this.leaves.length
  }

  async follow(next: Head): Promise<void> {
    const before = this.size
    if (next.size < before) throw new Error(`the log went back from ${before} to ${next.size}`)
    const entries = await this.#entries(before, next.size)
    for (const tree of TREES) await this.#followTree(tree, before, next, entries)
    this.leaves.push(...entries.map((entry) => leafHash(entry, HASHES.sha256)))
  }

  async #entries(from: number, to: number): Promise<Uint8Array[]> {
    const entries: Uint8Array[] = []
    for (const bundle of bundlesBetween(from, to)) {
      const some = readEntries(await this.#api.bytes(`/v1/log/${tilePath(bundle)}`), bundle.width)
      entries.push(...some.slice(Math.max(0, from - bundle.index * TILE_WIDTH)))
    }
    return entries
  }

  async #followTree(
    tree: TreeName,
    before: number,
    { size, root }: Head,
    entries: readonly Uint8Array[],
  ): Promise<void> {
    const hash = HASHES[tree]
    const own = this.#edges[tree]
    const edge = append(
      own,
      entries.map((entry) => leafHash(entry, hash)),
      hash,
    )
    // No checkpoint has the root of the other tree; its tiles must give the one that the entries give.
    const top = tree === 'sha256' ? root : frontierRoot(edge, hash)
    const plans = [planConsistency(before, size), planFrontier(size)]
    for (let i = before; i < size; i++) plans.push(planInclusion(i, size))
    const tiles = await this.#tiles(tree, [...tilesBetween(before, size), ...plans.flatMap(tilesOf)])
    const read = tileHashes((tile) => tiles.get(tilePath(tile))!, size, hash)
    if (!equal(rootAt(size, read, hash), top)) throw new Error(`the tiles of ${tree} give ${size} entries another root`)
    if (!equal(frontierRoot(edge, hash), top)) throw new Error(`${size} entries have another root than the checkpoint`)
    const firstRoot = frontierRoot(own, hash)
    const path = consistencyProof(before, size, read, hash)
    verifyConsistency({ firstSize: before, firstRoot, secondSize: size, secondRoot: top, path }, hash)
    for (const [i, entry] of entries.entries()) {
      const index = before + i
      const proof = inclusionProof(index, size, read, hash)
      verifyInclusion({ index, size, leafHash: leafHash(entry, hash), path: proof }, top, hash)
    }
    this.#edges = { ...this.#edges, [tree]: edge }
  }

  async #tiles(tree: TreeName, wanted: readonly TileRef[]): Promise<Map<string, Uint8Array>> {
    const tiles = new Map<string, Uint8Array>()
    for (const tile of new Map(wanted.map((one) => [tilePath(one), one])).values()) {
      const path = tilePath(tile)
      const key = `${PREFIX[tree]}${path}`
      const data = this.#full.get(key) ?? (await this.#api.bytes(key))
      if (tile.width === TILE_WIDTH) this.#full.set(key, data)
      tiles.set(path, data)
    }
    return tiles
  }
}
