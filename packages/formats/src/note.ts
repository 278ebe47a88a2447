import {
  base64,
  CodedError,
  concat,
  type Crypto,
  fromBase64,
  fromHex,
  fromUtf8,
  hex,
  isHex,
  utf8,
} from '@countersign/core'
import { cosignatureMessage, parseCosignature } from './cosignature.ts'
import type { NoteKey } from './note-key.ts'
import { isKeyName } from './note-key.ts'

/** Most bytes of a signed note. Go's reader takes no more in one text either. */
export const MAX_NOTE_BYTES = 1_000_000
/** Most signature lines of a note; C2SP asks for at least 16. */
export const MAX_NOTE_SIGNATURES = 100

const KEY_ID_BYTES = 4
const DASH = '\u2014 '
/** Anything below U+0020 but the newline. */
const CONTROL = /[^\n\u0020-\u{10ffff}]/u

/** One signature line. The signer may be anybody, its algorithm any. */
export interface NoteSignature {
  readonly name: string
  /** 8 lower-case hex digits. */
  readonly keyId: string
  /** What follows the key id: at least one byte. */
  readonly signature: Uint8Array
}

/** A text and the signatures on it (C2SP signed-note). Nothing in it is verified. */
export interface Note {
  /** Ends in a newline. Its UTF-8 bytes are what a plain signature covers. */
  readonly text: string
  /** In the order of the lines; 1 to {@link MAX_NOTE_SIGNATURES}. */
  readonly signatures: readonly NoteSignature[]
}

/** A signature that verified under a known key. Only {@link verifyNote} makes one. */
export interface VerifiedNoteSignature {
  readonly key: NoteKey
  /** Seconds since 1970 UTC, of a cosignature; null of a plain signature. */
  readonly time: number | null
}

/**
 * Note from its bytes. Every accepted note has one spelling: `writeNote` gives the same bytes again.
 * Throws `input-too-large`, `utf8-invalid`, `base64-invalid`, `signature-missing` or `note-invalid`.
 */
export function parseNote(bytes: Uint8Array): Note {
  if (bytes.length > MAX_NOTE_BYTES) throw tooLarge()
  const whole = fromUtf8(bytes)
  checkControls(whole)
  // The text may hold empty lines itself: the last one separates.
  const split = whole.lastIndexOf('\n\n')
  if (split < 0) throw new CodedError('note-invalid', 'no empty line separates the text from its signatures')
  return { text: whole.slice(0, split + 1), signatures: readSignatureLines(whole.slice(split + 2)) }
}

/** Bytes of a note; throws `utf8-invalid`, `input-too-large`, `signature-missing` or `note-invalid` for what no reader would take. */
export function writeNote(note: Note): Uint8Array {
  if (!note.text.endsWith('\n')) throw new CodedError('note-invalid', 'the text does not end in a newline')
  checkControls(note.text)
  const bytes = utf8(`${note.text}\n${signatureLines(note.signatures)}`)
  if (bytes.length > MAX_NOTE_BYTES) throw tooLarge()
  return bytes
}

/** Signature lines alone, as a witness answers; throws as {@link parseNote}. */
export function parseSignatureLines(bytes: Uint8Array): NoteSignature[] {
  if (bytes.length > MAX_NOTE_BYTES) throw tooLarge()
  const block = fromUtf8(bytes)
  checkControls(block)
  return readSignatureLines(block)
}

/** {@link parseSignatureLines} the other way; throws as {@link writeNote}. */
export function writeSignatureLines(signatures: readonly NoteSignature[]): Uint8Array {
  const bytes = utf8(signatureLines(signatures))
  if (bytes.length > MAX_NOTE_BYTES) throw tooLarge()
  return bytes
}

/**
 * Checks a note under the known keys (C2SP signed-note, "Signatures"): lines of unknown keys say nothing; every
 * line of a known key must verify, a second one too, or the note is refused. Gives each known key that signed once,
 * so that no key counts twice; of several cosignatures by one key the latest.
 *
 * A known key vouches for the text, not for what the text says: whether this key may speak for this log is
 * `verifyCheckpoint`'s question.
 *
 * Throws `trust-missing` (no keys), `key-invalid` (two keys of one name and id), `signature-invalid` or
 * `signer-unknown` (no line of a known key).
 */
export function verifyNote(
  note: Note,
  known: readonly NoteKey[],
  crypto: Pick<Crypto, 'verify'>,
): readonly [VerifiedNoteSignature, ...VerifiedNoteSignature[]] {
  if (known.length === 0) throw new CodedError('trust-missing', 'no key is known that could have signed the note')
  const keys = byLine(known)
  const verified = new Map<string, VerifiedNoteSignature>()
  for (const { name, keyId, signature } of note.signatures) {
    // A name holds no plus, so no two pairs share this form.
    const line = `${name}+${keyId}`
    const key = keys.get(line)
    if (key === undefined) continue
    const time = check(key, note.text, signature, crypto)
    const before = verified.get(line)?.time ?? null
    verified.set(line, { key, time: time === null || before === null ? time : Math.max(time, before) })
  }
  const [first, ...more] = verified.values()
  if (first === undefined) throw new CodedError('signer-unknown', 'no known key signed the note')
  return [first, ...more]
}

function byLine(known: readonly NoteKey[]): Map<string, NoteKey> {
  const keys = new Map<string, NoteKey>()
  for (const key of known) {
    const line = `${key.name}+${key.keyId}`
    const other = keys.get(line)
    if (other !== undefined && (other.type !== key.type || other.publicKey.keyId !== key.publicKey.keyId)) {
      throw new CodedError('key-invalid', `two known keys are both ${line}`)
    }
    keys.set(line, key)
  }
  return keys
}

/** The time of a cosignature, null for a plain signature; throws `signature-invalid` where it does not verify. */
function check(key: NoteKey, text: string, blob: Uint8Array, crypto: Pick<Crypto, 'verify'>): number | null {
  const invalid = (cause?: unknown) =>
    new CodedError('signature-invalid', `the signature by ${key.name}+${key.keyId} does not verify`, { cause })
  if (key.type === 'ed25519') {
    if (!crypto.verify(key.publicKey, utf8(text), blob)) throw invalid()
    return null
  }
  let cosignature
  try {
    cosignature = parseCosignature(blob)
  } catch (cause) {
    throw invalid(cause)
  }
  const message = cosignatureMessage(cosignature.time, text)
  if (!crypto.verify(key.publicKey, message, cosignature.signature)) throw invalid()
  return cosignature.time
}

function readSignatureLines(block: string): NoteSignature[] {
  if (block === '') throw new CodedError('signature-missing', 'the note has no signature')
  if (!block.endsWith('\n')) throw new CodedError('note-invalid', 'the last signature line does not end in a newline')
  const lines = block.slice(0, -1).split('\n')
  checkCount(lines.length)
  return lines.map(readSignatureLine)
}

function readSignatureLine(line: string): NoteSignature {
  const space = line.indexOf(' ', DASH.length)
  if (!line.startsWith(DASH) || space < 0) {
    throw new CodedError('note-invalid', 'a signature line is not dash, name and signature with a space between')
  }
  const name = line.slice(DASH.length, space)
  checkName(name)
  const blob = fromBase64(line.slice(space + 1))
  if (blob.length <= KEY_ID_BYTES) throw new CodedError('note-invalid', 'a signature is shorter than 5 bytes')
  return { name, keyId: hex(blob.subarray(0, KEY_ID_BYTES)), signature: blob.slice(KEY_ID_BYTES) }
}

function signatureLines(signatures: readonly NoteSignature[]): string {
  if (signatures.length === 0) throw new CodedError('signature-missing', 'the note has no signature')
  checkCount(signatures.length)
  return signatures.map(signatureLine).join('')
}

function signatureLine({ name, keyId, signature }: NoteSignature): string {
  checkName(name)
  if (!isHex(keyId, 2 * KEY_ID_BYTES)) throw new CodedError('note-invalid', 'a key id is not 8 lower-case hex digits')
  if (signature.length === 0) throw new CodedError('note-invalid', 'a signature is empty')
  return `${DASH}${name} ${base64(concat(fromHex(keyId), signature))}\n`
}

function checkName(name: string): void {
  if (!isKeyName(name)) throw new CodedError('note-invalid', 'a key name is empty, or holds a space or a plus')
}

function checkCount(signatures: number): void {
  if (signatures > MAX_NOTE_SIGNATURES) {
    throw new CodedError('input-too-large', `the note has more than ${MAX_NOTE_SIGNATURES} signatures`)
  }
}

function checkControls(text: string): void {
  if (CONTROL.test(text)) throw new CodedError('note-invalid', 'the note holds a control character')
}

function tooLarge(): CodedError {
  return new CodedError('input-too-large', `the note is larger than ${MAX_NOTE_BYTES} bytes`)
}
