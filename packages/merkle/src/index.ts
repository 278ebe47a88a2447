export { MAX_ENTRY_BYTES, readEntries, writeEntries } from './entries.ts'
export { append, type Completed, EMPTY_FRONTIER, type Frontier, frontierRoot, readFrontier } from './frontier.ts'
export { type Growth, growTiles } from './grow.ts'
export { emptyRoot, leafHash, nodeHash, type TreeHash } from './hash.ts'
export {
  MAP_KEY_BYTES,
  type MapEntry,
  mapLeafHash,
  type MapMember,
  type MapProof,
  mapRoot,
  proveKey,
  type SortedMap,
  sortedMap,
  verifyKey,
} from './map.ts'
export {
  consistencyProof,
  frontierAt,
  type HashReader,
  inclusionProof,
  type Node,
  nodesOf,
  type Plan,
  planConsistency,
  planFrontier,
  planInclusion,
  prove,
  type Range,
  rootAt,
} from './proof.ts'
export {
  bundlesBetween,
  type BundleRef,
  checkedTile,
  KnownTiles,
  parseTilePath,
  partialTiles,
  type Tile,
  TILE_HEIGHT,
  TILE_WIDTH,
  tileHashes,
  tilePath,
  type TileReader,
  type TileRef,
  tilesBetween,
  tilesOf,
} from './tile.ts'
export {
  type Consistency,
  type Inclusion,
  rootFromInclusion,
  verifyConsistency,
  verifyInclusion,
} from './verify.ts'
