export { advance, leavesInDoubt } from './advance.ts'
export { checkAgainstLock, type LockCheck, type ReadEntries } from './check-against-lock.ts'
export { askForCosignature, type CosignInput, type Witness } from './cosign.ts'
export { type Difference, fsck, type FsckEnd, type FsckInput } from './fsck.ts'
export { type Grown, grow } from './grow.ts'
export { type HeadsTile, type HeadsTree, headsTree, proveStoredHead, type StoredHeads } from './heads.ts'
export type { CheckpointLock } from './lock.ts'
export { grownTiles, loadState, proveConsistency, provePaths, type ReadTile } from './read.ts'
export { type Edge, EMPTY_LOG, type LogState, rootsOf } from './state.ts'
export { byTree, type ByTree, type LogHashes, type LogTile, type TreeName, TREES } from './trees.ts'
export {
  addCheckpoint,
  type Fork,
  type WitnessAnswer,
  type WitnessDeps,
  type WitnessedLog,
} from './witness.ts'
