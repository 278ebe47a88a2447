import { EMPTY_FRONTIER, type Frontier, frontierRoot, type Tile } from '@countersign/merkle'
import { type ByTree, byTree, type LogHashes } from './trees.ts'

/** The right edge of one tree. */
export interface Edge {
  readonly frontier: Frontier
  /** The tiles that are not full yet, at most one a level, lowest level first: `partialTiles(frontier.size)`. */
  readonly partial: readonly Tile[]
}

/** All that appending needs, a value: nothing in it ever changes, so a batch that fails leaves it as it was. */
export interface LogState {
  /** Entries so far. */
  readonly size: number
  readonly edges: ByTree<Edge>
}

const EMPTY_EDGE: Edge = { frontier: EMPTY_FRONTIER, partial: [] }

/** The log without entries. */
export const EMPTY_LOG: LogState = { size: 0, edges: byTree(() => EMPTY_EDGE) }

/** The root of each tree (RFC 6962 §2.1). */
export function rootsOf(state: LogState, hashes: LogHashes): ByTree<Uint8Array> {
  return byTree((tree) => frontierRoot(state.edges[tree].frontier, hashes[tree]))
}
