import type { Tile, TreeHash } from '@countersign/merkle'

/** The two trees of a log: of one shape, over the same entries. */
export type TreeName = 'sha256' | 'sha3_256'

/** Something for each tree. */
export type ByTree<T> = { readonly [tree in TreeName]: T }

/** The hash that each tree is made of: SHA-256 and SHA3-256, 32 bytes each. */
export type LogHashes = ByTree<TreeHash>

export const TREES: readonly TreeName[] = ['sha256', 'sha3_256']

/** A tile of one of the trees. */
export interface LogTile extends Tile {
  readonly tree: TreeName
}

export function byTree<T>(make: (tree: TreeName) => T): ByTree<T> {
  return { sha256: make('sha256'), sha3_256: make('sha3_256') }
}
