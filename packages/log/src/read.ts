import { CodedError } from '@countersign/core'
import {
  consistencyProof,
  frontierAt,
  inclusionProof,
  type KnownTiles,
  partialTiles,
  rootAt,
  TILE_WIDTH,
  tileHashes,
  tilePath,
  type TileReader,
  type TileRef,
  verifyConsistency,
} from '@countersign/merkle'
import type { Grown } from './grow.ts'
import type { LogState } from './state.ts'
import { byTree, type LogHashes, type TreeName } from './trees.ts'

/**
 * How stored tiles are read; synchronous. Null where there is none. A tile that is stored wider than it is asked for
 * may be given whole: what is too much is left out.
 */
export type ReadTile = (tree: TreeName, tile: TileRef) => Uint8Array | null

/**
 * The state of a stored log of `size` entries, from its tiles. Throws `log-corrupt` when tiles are missing or of the
 * wrong length. That they are the right tiles only a signed root can say: see `checkAgainstLock`.
 */
export function loadState(size: number, read: ReadTile, hashes: LogHashes): LogState {
  return {
    size,
    edges: byTree((tree) => {
      const tiles = tilesOfTree(tree, read, hashes)
      const partial = partialTiles(size).map((tile) => ({ ...tile, data: new Uint8Array(tiles(tile)) }))
      return { frontier: frontierAt(size, tileHashes(tiles, size, hashes[tree]), hashes[tree]), partial }
    }),
  }
}

/**
 * Inclusion proofs in a tree of `size` entries, for several indexes at once: each tile is read once. Throws
 * `proof-range` for an index not below `size`, `log-corrupt` when tiles are missing or of the wrong length. The tiles
 * are believed: verify a proof against the signed root before it is acknowledged, and forget what was `kept` of the
 * tree where it does not lead there.
 */
export function provePaths(
  indexes: readonly number[],
  size: number,
  read: ReadTile,
  hashes: LogHashes,
  kept: KnownTiles | null = null,
  tree: TreeName = 'sha256',
): Uint8Array[][] {
  const hash = hashes[tree]
  const reader = tileHashes(tilesOfTree(tree, read, hashes), size, hash, kept)
  return indexes.map((index) => inclusionProof(index, size, reader, hash))
}

/**
 * Consistency proof in the SHA-256 tree from `old` to `size` entries, the size of a signed root. Verified before it is
 * given: a proof that a witness refuses must say something about its history, and not about a damaged tile of ours.
 * Throws `log-corrupt` where the tiles do not lead to `root`, `proof-range` unless old ≤ size.
 */
export function proveConsistency(
  old: number,
  { size, root }: { readonly size: number; readonly root: Uint8Array },
  read: ReadTile,
  hashes: LogHashes,
): Uint8Array[] {
  const hash = hashes.sha256
  const reader = tileHashes(tilesOfTree('sha256', read, hashes), size, hash)
  const path = consistencyProof(old, size, reader, hash)
  try {
    const firstRoot = rootAt(old, reader, hash)
    verifyConsistency({ firstSize: old, secondSize: size, firstRoot, secondRoot: root, path }, hash)
  } catch (cause) {
    throw new CodedError('log-corrupt', `the tiles do not prove ${size} entries from ${old} on`, { cause })
  }
  return path
}

/**
 * Reads the tiles of a batch from the batch itself, before or after it is stored: all that `provePaths` needs for the
 * entries that it added, for beside their way up lie only tiles that grew with them and the partial ones of the edge.
 */
export function grownTiles({ state, tiles }: Grown): ReadTile {
  const grown = new Map(tiles.map((tile) => [`${tile.tree} ${tile.level} ${tile.index}`, tile.data]))
  return (tree, { level, index }) => {
    const partial = state.edges[tree].partial.find((tile) => tile.level === level && tile.index === index)
    return grown.get(`${tree} ${level} ${index}`) ?? partial?.data ?? null
  }
}

/** Tiles of one tree at exactly the width asked for; `log-corrupt` for those that are not there as they should be. */
export function tilesOfTree(tree: TreeName, read: ReadTile, hashes: LogHashes): TileReader {
  const bytes = hashes[tree].size
  return (tile) => {
    const data = read(tree, tile)
    if (data === null) throw new CodedError('log-corrupt', `${nameOf(tree, tile)} is missing`)
    if (data.length < tile.width * bytes || data.length > TILE_WIDTH * bytes || data.length % bytes !== 0) {
      throw new CodedError('log-corrupt', `${nameOf(tree, tile)} has ${data.length} bytes`)
    }
    return data.subarray(0, tile.width * bytes)
  }
}

/** A tile as messages name it. */
export function nameOf(tree: TreeName, tile: TileRef): string {
  return `${tilePath(tile)} of the ${tree} tree`
}
