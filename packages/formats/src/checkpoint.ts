import { base64, CodedError, type Crypto, utf8 } from '@countersign/core'
import { checkHash, readDecimal, readHash, writeDecimal } from './lines.ts'
import { isKeyName, type NoteKey } from './note-key.ts'
import { type Note, parseNote, type VerifiedNoteSignature, verifyNote } from './note.ts'

/** The head of a log: how many leaves, and their root (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Name of the log. */
  readonly origin: string
  /** Leaves, 0 to 2^53 − 1. */
  readonly size: number
  /** RFC 6962 root, 32 bytes. */
  readonly root: Uint8Array
}

/** A checkpoint as it came, with its signatures. Nothing in it is verified. */
export interface SignedCheckpoint extends Checkpoint {
  /** Lines after the root, none empty. They are signed, and mean nothing here. */
  readonly extensions: readonly string[]
  readonly note: Note
  /** The bytes that a plain signature covers. */
  readonly signed: Uint8Array
}

/** Who may speak for a log. */
export interface LogTrust {
  readonly origin: string
  /** The log's own keys: more than one while it changes them. */
  readonly keys: readonly NoteKey[]
  /** May be empty: how many must have cosigned is the caller's policy. */
  readonly witnesses: readonly NoteKey[]
}

declare const verified: unique symbol

/** A checkpoint that its log signed. Only {@link verifyCheckpoint} makes one. */
export interface VerifiedCheckpoint {
  readonly [verified]: 'checkpoint'
  readonly checkpoint: SignedCheckpoint
  /** The log's keys that signed it, at least one. */
  readonly signedBy: readonly VerifiedNoteSignature[]
  /** Each witness that cosigned it, once, with the time it says. */
  readonly cosignedBy: readonly VerifiedNoteSignature[]
}

/**
 * The text of a checkpoint, to be signed as a note. Never with extension lines. Throws `checkpoint-invalid`
 * for what no reader would take, and for an origin that could not name its key.
 */
export function writeCheckpoint({ origin, size, root }: Checkpoint): string {
  if (!isKeyName(origin)) {
    throw new CodedError('checkpoint-invalid', 'the origin is empty, or holds a space, a plus or a control character')
  }
  checkHash(root, 'the root', 'checkpoint-invalid')
  return `${origin}\n${writeDecimal(size, 'the size', 'checkpoint-invalid')}\n${base64(root)}\n`
}

/** Checkpoint from the bytes of its note; throws what `parseNote` throws, and `checkpoint-invalid`. */
export function parseCheckpoint(bytes: Uint8Array): SignedCheckpoint {
  return readCheckpoint(parseNote(bytes))
}

/** {@link parseCheckpoint} of a note. The note gives the same bytes again. */
export function readCheckpoint(note: Note): SignedCheckpoint {
  const [origin, size, root, ...extensions] = note.text.slice(0, -1).split('\n')
  if (origin === undefined || size === undefined || root === undefined) {
    throw new CodedError('checkpoint-invalid', 'a checkpoint has an origin, a size and a root, each on its line')
  }
  if (origin === '') throw new CodedError('checkpoint-invalid', 'the origin is empty')
  if (extensions.includes('')) throw new CodedError('checkpoint-invalid', 'an extension line is empty')
  return {
    origin,
    size: readDecimal(size, 'the size', 'checkpoint-invalid'),
    root: readHash(root, 'the root', 'checkpoint-invalid'),
    extensions,
    note,
    signed: utf8(note.text),
  }
}

/**
 * Checks that a checkpoint is the named log's: right origin, signed by a key of the log, and no line of a known
 * key that does not verify. A witness alone makes no checkpoint. Throws `origin-mismatch`, `key-invalid` (a witness
 * key that is no cosignature key, or that counts twice) and what `verifyNote` throws.
 */
export function verifyCheckpoint(
  checkpoint: SignedCheckpoint,
  trust: LogTrust,
  crypto: Pick<Crypto, 'verify'>,
): VerifiedCheckpoint {
  if (trust.keys.length === 0) throw new CodedError('trust-missing', `no key of the log ${trust.origin} is known`)
  checkWitnesses(trust)
  if (checkpoint.origin !== trust.origin) {
    throw new CodedError('origin-mismatch', `the checkpoint is not of the log ${trust.origin}`)
  }
  const signatures = verifyNote(checkpoint.note, [...trust.keys, ...trust.witnesses], crypto)
  const signedBy = signatures.filter(({ key }) => trust.keys.includes(key))
  if (signedBy.length === 0) {
    throw new CodedError('signer-unknown', `no known key of the log ${trust.origin} signed the checkpoint`)
  }
  const cosignedBy = signatures.filter(({ key }) => !trust.keys.includes(key))
  const opened: Omit<VerifiedCheckpoint, typeof verified> = { checkpoint, signedBy, cosignedBy }
  return opened as VerifiedCheckpoint
}

/** One key under two names would be two witnesses; the log under another name would be its own. */
function checkWitnesses({ keys, witnesses }: LogTrust): void {
  const taken = new Set(keys.map((key) => key.publicKey.keyId))
  for (const { name, type, publicKey } of witnesses) {
    if (type !== 'cosignature-v1') throw new CodedError('key-invalid', `the key of ${name} is no cosignature key`)
    if (taken.has(publicKey.keyId)) throw new CodedError('key-invalid', `the key of ${name} is known by another name`)
    taken.add(publicKey.keyId)
  }
}
