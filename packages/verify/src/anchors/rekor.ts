import { canonicalJson, CodedError, type Crypto, equal, hex, base64 } from '@countersign/core'
import type { SignedCheckpoint, StatementDigests } from '@countersign/formats'
import { isWithin, type RekorAnchor, type RekorEntry, writeHashedRekord } from '@countersign/formats/anchor'
import { leafHash, verifyInclusion } from '@countersign/merkle'
import type { AnchorProved } from './proved.ts'
import type { RekorLog, RekorTrust } from './rekor-trust.ts'

/**
 * Checks that a trusted Rekor log has an entry with the hash of a statement: the entry is about these bytes and signed
 * over these bytes, the log's checkpoint is signed by the log, and the entry is under that checkpoint.
 *
 * In Rekor v2 no log says when: `time` is null, and another anchor has to. In v1 the log signs the time.
 *
 * Throws `anchor-mismatch` for an entry about something else, `anchor-untrusted` for a log, signer or time that is not
 * believed, `anchor-unproven` for what does not verify.
 */
export function verifyRekor(
  anchor: RekorAnchor,
  statement: { readonly text: Uint8Array; readonly digests: StatementDigests },
  trust: RekorTrust,
  crypto: Pick<Crypto, 'sha256' | 'verify'>,
): AnchorProved {
  const { entry } = anchor
  checkRecord(anchor, statement, trust, crypto)
  const log = logOf(entry, trust)
  checkCheckpoint(entry, log, crypto)
  checkInclusion(entry, crypto)
  const time = checkPromise(entry, log, crypto)
  const trusted = [`The log ${log.name} shows everybody the same entries.`]
  if (time !== null) trusted.push(`The clock of ${log.name} was right.`)
  return { kind: 'rekor', by: log.name, at: `entry ${entry.logIndex}`, time, within: time === null ? 0 : 1, trusted }
}

/** T-63: an entry that is in the log, and is somebody else's. */
function checkRecord(
  { statement: named, entry }: RekorAnchor,
  { text, digests }: { readonly text: Uint8Array; readonly digests: StatementDigests },
  { signers }: RekorTrust,
  crypto: Pick<Crypto, 'verify'>,
): void {
  const { signature, publicKey } = entry.record
  const digest = digests.sha256
  if (!equal(named, digest)) throw new CodedError('anchor-mismatch', 'the proof names another statement')
  // The leaf of this hash, signature and key is computed here: no member of what the log stores is taken on its word.
  if (!equal(writeHashedRekord(entry.version, { digest, signature, publicKey }), entry.body)) {
    throw new CodedError('anchor-mismatch', 'the entry of the log is about something else than this statement')
  }
  if (signers !== null && !signers.some(({ keyId }) => keyId === publicKey.keyId)) {
    throw new CodedError('anchor-untrusted', `the entry is signed with key ${publicKey.keyId.slice(0, 16)}, not pinned`)
  }
  if (!crypto.verify(publicKey, text, signature)) {
    throw new CodedError('anchor-unproven', 'the signature in the entry is not one over the statement')
  }
}

function logOf({ logId }: RekorEntry, { logs }: RekorTrust): RekorLog {
  const log = logs.find((one) => equal(one.logId, logId))
  if (log !== undefined) return log
  throw new CodedError('anchor-untrusted', `the proof is of a Rekor log that is not known: ${hex(logId).slice(0, 16)}`)
}

/**
 * Lines of others are let be: witnesses, and other keys of the log. Each line of this key must verify. It is not
 * `verifyCheckpoint` because Rekor logs may have ECDSA keys, and v1 logs more than their name in the first line.
 */
function checkCheckpoint({ version, checkpoint }: RekorEntry, log: RekorLog, crypto: Pick<Crypto, 'verify'>): void {
  if (!isOriginOf(version, checkpoint, log)) {
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
function isOriginOf(version: RekorEntry['version'], { origin }: SignedCheckpoint, { name }: RekorLog): boolean {
  if (version === '0.0.2') return origin === name
  return origin.startsWith(`${name} - `) && /^\d{1,20}$/.test(origin.slice(name.length + 3))
}

function checkInclusion({ body, treeIndex, path, checkpoint }: RekorEntry, crypto: Pick<Crypto, 'sha256'>): void {
  const hash = { size: 32, hash: (bytes: Uint8Array) => crypto.sha256(bytes) }
  const inclusion = { index: treeIndex, size: checkpoint.size, leafHash: leafHash(body, hash), path }
  try {
    verifyInclusion(inclusion, checkpoint.root, hash)
  } catch (cause) {
    throw new CodedError('anchor-unproven', `the entry is not under the checkpoint of ${checkpoint.origin}`, { cause })
  }
}

/** When the log says that it took the entry; null where it says nothing. */
function checkPromise({ promise, body, logId, logIndex }: RekorEntry, log: RekorLog, crypto: Pick<Crypto, 'verify'>) {
  if (promise === null) return null
  const { integratedTime, signature } = promise
  const signed = canonicalJson({ body: base64(body), integratedTime, logID: hex(logId), logIndex })
  if (!crypto.verify(log.key, signed, signature)) {
    throw new CodedError('anchor-unproven', `the time of the entry is not signed by ${log.name}`)
  }
  if (!isWithin(integratedTime * 1000, log.validFor)) {
    throw new CodedError('anchor-untrusted', `${log.name} took no entries at the time of the entry`)
  }
  return new Date(integratedTime * 1000).toISOString()
}
