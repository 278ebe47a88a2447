import { CodedError, type Crypto, equal, hex } from '@countersign/core'
import { type NoteKey, parseCheckpoint, verifyCheckpoint } from '@countersign/formats'
import { type CheckpointLock, fsck } from '@countersign/log'
import type { LogData } from './store.ts'

export interface CheckInput {
  readonly origin: string
  /** The log's own, those that it has retired too. */
  readonly keys: readonly NoteKey[]
  readonly lock: CheckpointLock
  readonly data: LogData
  readonly crypto: Crypto
  /** A line about something that is wrong, or the last one. */
  readonly say: (line: string) => void
  readonly progress: (done: number, size: number) => void
}

/**
 * Rebuilds both trees from the raw entries, holds every stored hash against them and the root against the signed
 * one. Writes nothing. True when all agree; else every difference has been told.
 */
export async function checkLog({ origin, keys, lock, data, crypto, say, progress }: CheckInput): Promise<boolean> {
  const size = data.size()
  const locked = await lock.read(origin)
  const signed =
    locked === null
      ? null
      : verifyCheckpoint(parseCheckpoint(locked), { origin, keys, witnesses: [] }, crypto).checkpoint
  const rebuilding = fsck({
    size,
    locked: signed?.size ?? null,
    readEntries: (begin, end) => data.entries(begin, end),
    read: data.tile,
    hashes: {
      sha256: { size: 32, hash: (bytes) => crypto.sha256(bytes) },
      sha3_256: { size: 32, hash: (bytes) => crypto.sha3_256(bytes) },
    },
    progress: (done) => progress(done, size),
  })
  let step = await rebuilding.next()
  for (; step.done !== true; step = await rebuilding.next()) say(`✗ ${step.value.what}`)
  const { roots, locked: rootsThen, differences } = step.value
  const against = signedRootFault(size, signed, rootsThen?.sha256 ?? null)
  if (against !== null) say(`✗ ${against.code}: ${against.what}\n  fix  ${against.fix}`)
  if (differences > 0 || against !== null || roots === null) return false
  say(`✓ ${size} entries, root ${hex(roots.sha256)}, ${signed!.size} of them signed`)
  return true
}

function signedRootFault(
  size: number,
  signed: { readonly size: number; readonly root: Uint8Array } | null,
  root: Uint8Array | null,
): CodedError | null {
  if (signed === null) return new CodedError('log-lock-missing', `the lock holds nothing of this log`)
  if (size < signed.size)
    return new CodedError('log-behind', `${signed.size} entries were signed, and ${size} are held`)
  if (root === null || !equal(root, signed.root)) {
    const found = root === null ? 'none' : hex(root)
    return new CodedError('log-forked', `the root at ${signed.size} is ${found}, and ${hex(signed.root)} was signed`)
  }
  return null
}
