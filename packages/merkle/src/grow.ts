import { append, type Frontier } from './frontier.ts'
import type { TreeHash } from './hash.ts'
import { checkedTile, hashesAt, type Tile, TILE_HEIGHT, TILE_WIDTH, type TileReader, tilesBetween } from './tile.ts'

/** A log after a batch: nothing of the old one has changed until the caller takes this in its place. */
export interface Growth {
  readonly frontier: Frontier
  /** Every tile to write before the new root is signed: exactly `tilesBetween(old size, new size)`, level by level. */
  readonly tiles: readonly Tile[]
}

/**
 * The tiles and the frontier after some more leaves, given by their hashes. `readTile` is asked for partial tiles
 * of the old edge only (`partialTiles(frontier.size)`), and believed: check them against the signed root when the
 * log is opened. Throws `tile-invalid` for a partial tile of the wrong length, `tree-invalid` as `append` does.
 */
export function growTiles(
  frontier: Frontier,
  leafHashes: readonly Uint8Array[],
  readTile: TileReader,
  hash: TreeHash,
): Growth {
  const added: Uint8Array[][] = []
  const grown = append(frontier, leafHashes, hash, (height, _, root) => {
    if (height % TILE_HEIGHT === 0) (added[height / TILE_HEIGHT] ??= []).push(root)
  })
  const tiles: Tile[] = []
  for (const { level, index, width } of tilesBetween(frontier.size, grown.size)) {
    const first = index * TILE_WIDTH
    const before = hashesAt(level, frontier.size)
    const kept = Math.max(0, before - first)
    const data = new Uint8Array(width * hash.size)
    if (kept > 0) {
      const partial = { level, index, width: kept }
      data.set(checkedTile(partial, readTile(partial), hash))
    }
    for (let i = kept; i < width; i++) data.set(added[level]![first + i - before]!, i * hash.size)
    tiles.push({ level, index, width, data })
  }
  return { frontier: grown, tiles }
}
