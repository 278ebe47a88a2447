import { base64, CodedError, concat, fromUtf8, utf8 } from '@countersign/core'
import { parseCheckpoint, type SignedCheckpoint } from './checkpoint.ts'
import { checkProof, MAX_PROOF_BYTES, readDecimal, readProof, splitAtEmptyLine, writeDecimal } from './lines.ts'
import { MAX_NOTE_BYTES, writeNote } from './note.ts'

/** Most bytes of an add-checkpoint request. */
export const MAX_ADD_CHECKPOINT_BYTES = MAX_NOTE_BYTES + MAX_PROOF_BYTES + 64
/** Media type of a witness's answer that it knows the log at another size. */
export const TLOG_SIZE_MEDIA_TYPE = 'text/x.tlog.size'

const CODE = 'witness-message-invalid'

/** Body of `POST add-checkpoint`: what a log asks a witness to cosign (C2SP tlog-witness). Nothing in it is verified. */
export interface AddCheckpoint {
  /** Size that the log thinks the witness cosigned last; 0 for none. At most the checkpoint's. */
  readonly old: number
  /** RFC 6962 consistency proof from `old` to the checkpoint's size; at most `MAX_PROOF_HASHES` of 32 bytes. */
  readonly proof: readonly Uint8Array[]
  readonly checkpoint: SignedCheckpoint
}

/**
 * Request from its body: what a witness answers with 400 is refused here. Throws `witness-message-invalid`,
 * `input-too-large`, `utf8-invalid`, `base64-invalid` and what `parseCheckpoint` throws.
 */
export function parseAddCheckpoint(bytes: Uint8Array): AddCheckpoint {
  if (bytes.length > MAX_ADD_CHECKPOINT_BYTES) {
    throw new CodedError('input-too-large', `the request is larger than ${MAX_ADD_CHECKPOINT_BYTES} bytes`)
  }
  const { lines, rest } = splitAtEmptyLine(bytes, CODE)
  const [old, ...hashes] = lines
  if (old?.startsWith('old ') !== true) throw new CodedError(CODE, 'the first line is not the old size')
  const request = {
    old: readDecimal(old.slice('old '.length), 'the old size', CODE),
    proof: readProof(hashes, CODE),
    checkpoint: parseCheckpoint(rest),
  }
  checkOld(request)
  return request
}

/** {@link parseAddCheckpoint} the other way; throws `witness-message-invalid` for what no witness would take. */
export function writeAddCheckpoint(request: AddCheckpoint): Uint8Array {
  const old = writeDecimal(request.old, 'the old size', CODE)
  checkOld(request)
  checkProof(request.proof, CODE)
  const lines = [`old ${old}`, ...request.proof.map(base64), '', '']
  return concat(utf8(lines.join('\n')), writeNote(request.checkpoint.note))
}

/** The size in a witness's answer that it knows the log at another one; throws `witness-message-invalid`. */
export function parseTlogSize(bytes: Uint8Array): number {
  const text = bytes.length > 32 ? '' : fromUtf8(bytes)
  if (!text.endsWith('\n')) throw new CodedError(CODE, 'the answer is not a size and a newline')
  return readDecimal(text.slice(0, -1), 'the size', CODE)
}

/** {@link parseTlogSize} the other way. */
export function writeTlogSize(size: number): Uint8Array {
  return utf8(`${writeDecimal(size, 'the size', CODE)}\n`)
}

function checkOld({ old, checkpoint }: Pick<AddCheckpoint, 'old' | 'checkpoint'>): void {
  if (old > checkpoint.size) {
    throw new CodedError(CODE, `the old size ${old} is beyond the checkpoint's ${checkpoint.size}`)
  }
}
