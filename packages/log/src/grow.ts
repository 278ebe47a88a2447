import { CodedError } from '@countersign/core'
import {
  frontierRoot,
  type Growth,
  growTiles,
  leafHash,
  MAX_ENTRY_BYTES,
  partialTiles,
  type TreeHash,
} from '@countersign/merkle'
import type { Edge, LogState } from './state.ts'
import { type ByTree, byTree, type LogHashes, type LogTile, TREES } from './trees.ts'

/** A log after a batch. */
export interface Grown {
  readonly state: LogState
  /** Every tile to write, in the transaction of the entries, before the new root is signed. The new state shares their bytes. */
  readonly tiles: readonly LogTile[]
  readonly roots: ByTree<Uint8Array>
}

/**
 * The log after some more entries; nothing of `state` changes. Throws `input-too-large` for an entry above 65,535
 * bytes, which no entry bundle could hold.
 */
export function grow(state: LogState, entries: readonly Uint8Array[], hashes: LogHashes): Grown {
  for (const { length } of entries) {
    if (length > MAX_ENTRY_BYTES)
      throw new CodedError('input-too-large', `an entry of ${length} bytes cannot be logged`)
  }
  const growths = byTree((tree) => growEdge(state.edges[tree], entries, hashes[tree]))
  const edges = byTree((tree) => edgeAfter(state.edges[tree], growths[tree]))
  return {
    state: { size: state.size + entries.length, edges },
    tiles: TREES.flatMap((tree) => growths[tree].tiles.map((tile) => ({ tree, ...tile }))),
    roots: byTree((tree) => frontierRoot(edges[tree].frontier, hashes[tree])),
  }
}

function growEdge({ frontier, partial }: Edge, entries: readonly Uint8Array[], hash: TreeHash): Growth {
  const leaves = entries.map((entry) => leafHash(entry, hash))
  return growTiles(frontier, leaves, ({ level }) => partial.find((tile) => tile.level === level)!.data, hash)
}

/** A partial tile that did not grow stays as it is; one of its level that did has taken its place. */
function edgeAfter(before: Edge, { frontier, tiles }: Growth): Edge {
  const partial = partialTiles(frontier.size).map(
    ({ level, index }) =>
      tiles.find((tile) => tile.level === level && tile.index === index) ??
      before.partial.find((tile) => tile.level === level)!,
  )
  return { frontier, partial }
}
