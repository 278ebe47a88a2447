import { CodedError, type Crypto, equal, fromUtf8, hex } from '@countersign/core'
import { readLogStatementText, type StatementDigests } from '@countersign/formats'
import { type RekorAnchor, type RekorEntry, writeHashedRekord } from '@countersign/formats/anchor'
import type { AnchorProved } from './proved.ts'
import { checkCheckpoint, checkInclusion, checkPromise } from './rekor-proof.ts'
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
  checkOpen(log, statement.text)
  checkCheckpoint(entry.checkpoint, entry.version === '0.0.2' ? 2 : 1, log, crypto)
  checkInclusion(entry, crypto)
  const promised = entry.promise === null ? null : checkPromise({ ...entry, promise: entry.promise }, log, crypto)
  const time = promised === null ? null : new Date(promised).toISOString()
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

/** T-67: in v2 nobody says when, and in v1 whoever has the key does: what was made after the log's time is in no entry of it. */
function checkOpen({ name, validFor: { end } }: RekorLog, text: Uint8Array): void {
  if (end === null || Date.parse(readLogStatementText(fromUtf8(text)).time) <= end) return
  throw new CodedError('anchor-untrusted', `${name} took no entries any more when the statement was made`)
}

function logOf({ logId }: RekorEntry, { logs }: RekorTrust): RekorLog {
  const log = logs.find((one) => equal(one.logId, logId))
  if (log !== undefined) return log
  throw new CodedError('anchor-untrusted', `the proof is of a Rekor log that is not known: ${hex(logId).slice(0, 16)}`)
}
