import { base64, canonicalJson, CodedError, type Crypto, hex } from '@countersign/core'
import type { SignedCheckpoint } from '@countersign/formats'
import { isWithin, type RekorEntry, type RekorPromise } from '@countersign/formats/anchor'
import { leafHash, verifyInclusion } from '@countersign/merkle'
import type { RekorLog } from './rekor-trust.ts'

/** API that a log speaks, which its checkpoints and entries tell of: Rekor v1, or v2 in tiles. */
export type RekorGeneration = 1 | 2

/**
 * Checks that a log signed a checkpoint. Lines of others are let be: witnesses, and other keys of the log. Each line of
 * this key must verify. It is not `verifyCheckpoint` because Rekor logs may have ECDSA keys, and v1 logs more than their
 * name in the first line. Throws `anchor-unproven`.
 */
export function checkCheckpoint(
  checkpoint: SignedCheckpoint,
  generation: RekorGeneration,
  log: RekorLog,
  crypto: Pick<Crypto, 'verify'>,
): void {
  if (!isOriginOf(generation, checkpoint, log)) {
    throw new CodedError('anchor-unproven', `the checkpoint is not one of ${log.name}`)
  }
  const keyId = hex(log.logId.subarray(0, 4))
  const lines = checkpoint.note.signatures.filter((line) => line.name === log.name && line.keyId === keyId)
  if (lines.length === 0) throw new CodedError('anchor-unproven', `${log.name} did not sign the checkpoint`)
  for (const { signature } of lines) {
    if (!crypto.verify(log.key, checkpoint.signed, signature)) {
      throw new CodedError('anchor-unproven', `the signature of ${log.name} under the checkpoint does not verify`)
    }
  }
}

/** A v1 log's origin is its name and the number of its tree. */
function isOriginOf(generation: RekorGeneration, { origin }: SignedCheckpoint, { name }: RekorLog): boolean {
  if (generation === 2) return origin === name
  return origin.startsWith(`${name} - `) && /^\d{1,20}$/.test(origin.slice(name.length + 3))
}

/** Checks that an entry is under a checkpoint. Throws `anchor-unproven`. */
export function checkInclusion(
  { body, treeIndex, path, checkpoint }: Pick<RekorEntry, 'body' | 'treeIndex' | 'path' | 'checkpoint'>,
  crypto: Pick<Crypto, 'sha256'>,
): void {
  const hash = { size: 32, hash: (bytes: Uint8Array) => crypto.sha256(bytes) }
  const inclusion = { index: treeIndex, size: checkpoint.size, leafHash: leafHash(body, hash), path }
  try {
    verifyInclusion(inclusion, checkpoint.root, hash)
  } catch (cause) {
    throw new CodedError('anchor-unproven', `the entry is not under the checkpoint of ${checkpoint.origin}`, { cause })
  }
}

/**
 * When the log promises that it took the entry: milliseconds since 1970. Throws `anchor-unproven` where it did not sign
 * that, and `anchor-untrusted` where it took no entries at that time.
 */
export function checkPromise(
  entry: Pick<RekorEntry, 'body' | 'logId' | 'logIndex'> & { readonly promise: RekorPromise },
  log: RekorLog,
  crypto: Pick<Crypto, 'verify'>,
): number {
  const { integratedTime, signature } = entry.promise
  const { body, logId, logIndex } = entry
  const signed = canonicalJson({ body: base64(body), integratedTime, logID: hex(logId), logIndex })
  if (!crypto.verify(log.key, signed, signature)) {
    throw new CodedError('anchor-unproven', `the time of the entry is not signed by ${log.name}`)
  }
  const time = integratedTime * 1000
  if (!isWithin(time, log.validFor)) {
    throw new CodedError('anchor-untrusted', `${log.name} took no entries at the time of the entry`)
  }
  return time
}
