import { type Crypto, CodedError, equal, reportOf, utf8 } from '@countersign/core'
import { parseCheckpoint, parseVkey, type SignedCheckpoint, verifyCheckpoint } from '@countersign/formats'
import {
  consistencyProof,
  planConsistency,
  tileHashes,
  tilePath,
  tilesOf,
  type TreeHash,
  verifyConsistency,
} from '@countersign/merkle'
import type { Watched, WatchResult } from './messages.ts'

/** The hashes of a tile as its log serves them (C2SP tlog-tiles); null where it does not. */
export type FetchTile = (path: string) => Promise<Uint8Array | null>

/**
 * Whether a log still holds what it showed before, in its first entries. The checkpoint of now is its own, by a key that is
 * known; and its tree, from the log's tiles, begins with the tree that was seen. Never throws.
 */
export async function watch(
  { seen, now, known, vkeys }: Watched,
  fetchTile: FetchTile,
  crypto: Crypto,
): Promise<WatchResult> {
  let current: SignedCheckpoint
  try {
    if (known.length > 0 && !known.some((vkey) => vkeys.includes(vkey))) {
      throw new CodedError('signer-unknown', 'the log no longer names any key that this browser knows it by')
    }
    const keys = vkeys.map((vkey) => parseVkey(vkey, crypto))
    current = parseCheckpoint(utf8(now))
    verifyCheckpoint(current, { origin: keys[0]?.name ?? '', keys, witnesses: [] }, crypto)
  } catch (error) {
    return { state: 'split', origin: null, from: null, to: null, report: reportOf(error) }
  }
  const { origin, size } = current
  if (seen === null) return { state: 'new', origin, from: null, to: size, report: null }
  const before = parseCheckpoint(utf8(seen))
  const result = { origin, from: before.size, to: size }
  try {
    await checkGrown(before, current, fetchTile, crypto)
    return { ...result, state: before.size === size ? 'same' : 'grown', report: null }
  } catch (error) {
    const report = reportOf(error)
    // Tiles that do not come prove nothing either way.
    return { ...result, state: report.code === 'server-unreachable' ? 'unknown' : 'split', report }
  }
}

/** Throws unless the tree of `current` begins with that of `before`. */
export async function checkGrown(
  before: SignedCheckpoint,
  current: SignedCheckpoint,
  fetchTile: FetchTile,
  crypto: Crypto,
): Promise<void> {
  if (before.origin !== current.origin) {
    throw new CodedError('origin-mismatch', `the log was ${before.origin}, and says now that it is ${current.origin}`)
  }
  if (current.size < before.size) {
    throw new CodedError('log-behind', `the log had ${before.size} entries and shows ${current.size} now`)
  }
  if (before.size === current.size) {
    if (equal(before.root, current.root)) return
    throw new CodedError('log-forked', `the log signed two trees of ${current.size} entries`)
  }
  if (before.size === 0) return
  const hash: TreeHash = { size: 32, hash: (data) => crypto.sha256(data) }
  const tiles = new Map<string, Uint8Array>()
  const wanted = tilesOf(planConsistency(before.size, current.size))
  for (const tile of wanted) {
    const path = tilePath(tile)
    const data = await fetchTile(path)
    if (data === null) throw new CodedError('server-unreachable', `the log does not show ${path}`)
    tiles.set(path, data)
  }
  const read = tileHashes((tile) => tiles.get(tilePath(tile)) ?? new Uint8Array(), current.size, hash)
  const path = consistencyProof(before.size, current.size, read, hash)
  try {
    verifyConsistency(
      {
        firstSize: before.size,
        secondSize: current.size,
        firstRoot: before.root,
        secondRoot: current.root,
        path,
      },
      hash,
    )
  } catch (cause) {
    const what = `the log's ${current.size} entries do not begin with the ${before.size} that it had`
    throw new CodedError('log-forked', what, { cause })
  }
}
