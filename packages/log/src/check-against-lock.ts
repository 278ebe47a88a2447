import { CodedError, type Crypto, equal, hex } from '@countersign/core'
import { type NoteKey, parseCheckpoint, verifyCheckpoint } from '@countersign/formats'
import {
  leafHash,
  partialTiles,
  rootAt,
  TILE_WIDTH,
  tileHashes,
  tilePath,
  type TileRef,
  tilesBetween,
  type TreeHash,
} from '@countersign/merkle'
import { loadState, nameOf, type ReadTile, tilesOfTree } from './read.ts'
import type { LogState } from './state.ts'
import { hashAt, tileRoot } from './tile-root.ts'
import { type LogHashes, type TreeName, TREES } from './trees.ts'

/** The entries from `begin` up to, not including, `end`; synchronous. A list that is shorter has lost some. */
export type ReadEntries = (begin: number, end: number) => readonly Uint8Array[]

export interface LockCheck {
  /** Name of the log. */
  readonly origin: string
  /** The log's own keys: more than one while it changes them. */
  readonly keys: readonly NoteKey[]
  /** What the lock holds. */
  readonly locked: Uint8Array | null
  /** Of the stored data. */
  readonly state: LogState
  readonly read: ReadTile
  /** Where it is given, the entries at the edge and those that no checkpoint covers are hashed again too. */
  readonly readEntries?: ReadEntries
  readonly hashes: LogHashes
  readonly crypto: Pick<Crypto, 'verify'>
}

/**
 * Compares stored data with the lock before anything is signed, and says how many entries of it no checkpoint
 * covers yet: those were not acknowledged, and the next checkpoint may cover them. Reads what the next root depends
 * on, at most some hundred tiles; everything else is `fsck`'s to read.
 *
 * Throws `log-lock-missing` (data without a lock), `log-behind` (less data than was signed), `log-corrupt` (tiles do
 * not agree with each other, with the state or with the entries), `log-forked` (another root at the lock's size), and
 * what reading and verifying a checkpoint throws: `origin-mismatch` and `signer-unknown` for the lock of another log.
 */
export function checkAgainstLock(input: LockCheck): { readonly ahead: number } {
  const { origin, keys, locked, state, read, hashes, crypto } = input
  if (locked === null) {
    if (state.size === 0) return { ahead: 0 }
    throw new CodedError('log-lock-missing', `the data of ${origin} holds ${state.size} entries, and the lock nothing`)
  }
  const { checkpoint } = verifyCheckpoint(parseCheckpoint(locked), { origin, keys, witnesses: [] }, crypto)
  const { size, root } = checkpoint
  if (state.size < size) {
    throw new CodedError('log-behind', `${origin} has signed ${size} entries, and the data holds ${state.size}`)
  }
  // Before the root is compared, so that bit rot is not taken for a fork.
  for (const tree of TREES) checkTree(tree, size, input)
  checkState(state, read, hashes)
  const stored = rootAt(size, tileHashes(tilesOfTree('sha256', read, hashes), size, hashes.sha256), hashes.sha256)
  if (!equal(stored, root)) {
    throw new CodedError(
      'log-forked',
      `the first ${size} entries of ${origin} have the root ${hex(stored)}, and ${hex(root)} was signed`,
    )
  }
  return { ahead: state.size - size }
}

/** The state is what the next root is made from; the tiles are what was checked. */
function checkState(state: LogState, read: ReadTile, hashes: LogHashes): void {
  const stored = loadState(state.size, read, hashes)
  for (const tree of TREES) {
    const [mine, theirs] = [state.edges[tree], stored.edges[tree]]
    const same =
      mine.frontier.size === state.size &&
      sameBytes(mine.frontier.hashes, theirs.frontier.hashes) &&
      sameBytes(
        mine.partial.map(({ data }) => data),
        theirs.partial.map(({ data }) => data),
      )
    if (!same) throw new CodedError('log-corrupt', `the edge of the ${tree} tree is not the one that is stored`)
  }
}

function sameBytes(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return some.length === others.length && some.every((bytes, i) => equal(bytes, others[i]!))
}

/**
 * Holds every hash of the tiles at the edge, and of those that grew since `locked` entries, against what is one level
 * below it. A hash of them either went into the signed root, or stands for entries since: then what is below it is
 * among these tiles too, down to the leaves. So the root that these tiles give begins with the signed one.
 */
function checkTree(tree: TreeName, locked: number, { state: { size }, read, readEntries, hashes }: LockCheck): void {
  const hash = hashes[tree]
  const tiles = tilesOfTree(tree, read, hashes)
  for (const tile of checkedTiles(locked, size)) {
    const data = tiles(tile)
    const first = tile.index * TILE_WIDTH
    if (tile.level === 0) {
      if (readEntries !== undefined) checkLeaves(tree, tile, data, readEntries(first, first + tile.width), hash)
      continue
    }
    for (let i = 0; i < tile.width; i++) {
      const below = { level: tile.level - 1, index: first + i, width: TILE_WIDTH }
      if (!equal(hashAt(data, i, hash), tileRoot(tiles(below), hash))) {
        throw new CodedError('log-corrupt', `hash ${i} of ${nameOf(tree, tile)} is not that of ${tilePath(below)}`)
      }
    }
  }
}

function* checkedTiles(locked: number, size: number): Generator<TileRef, void, undefined> {
  const grown = new Set<string>()
  for (const tile of tilesBetween(locked, size)) {
    if (tile.width < TILE_WIDTH) grown.add(tilePath(tile))
    yield tile
  }
  for (const tile of partialTiles(size)) if (!grown.has(tilePath(tile))) yield tile
}

function checkLeaves(
  tree: TreeName,
  tile: TileRef,
  data: Uint8Array,
  entries: readonly Uint8Array[],
  hash: TreeHash,
): void {
  const first = tile.index * TILE_WIDTH
  for (let i = 0; i < tile.width; i++) {
    const entry = entries[i]
    if (entry === undefined) throw new CodedError('log-corrupt', `entry ${first + i} is missing`)
    if (!equal(hashAt(data, i, hash), leafHash(entry, hash))) {
      throw new CodedError('log-corrupt', `hash ${i} of ${nameOf(tree, tile)} is not that of entry ${first + i}`)
    }
  }
}
