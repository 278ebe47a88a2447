import { CodedError, type Crypto } from '@countersign/core'
import {
  type NoteKey,
  type NoteSignature,
  parseSignatureLines,
  parseTlogSize,
  type SignedCheckpoint,
  TLOG_SIZE_MEDIA_TYPE,
  verifyNote,
  writeAddCheckpoint,
} from '@countersign/formats'
import type { WitnessAnswer } from './witness.ts'

/** Most requests for one cosignature: to learn the size, to prove from it, and once more where it moved meanwhile. */
const MAX_REQUESTS = 4

/** A witness as a log speaks to it. */
export interface Witness {
  /** Of type `cosignature-v1`. */
  readonly key: NoteKey
  /**
   * Sends the body of one `POST add-checkpoint` and gives what was answered, whatever that is: it is hostile. Bounded
   * in time and size. Throws `server-unreachable` or `server-answer` where there is no answer.
   */
  addCheckpoint(body: Uint8Array): Promise<WitnessAnswer>
}

export interface CosignInput {
  readonly witness: Witness
  /** Signed by the log, and in its lock already: a witness must never be ahead of it. */
  readonly checkpoint: SignedCheckpoint
  /** Size that the witness cosigned last, as far as is known; null where it is not. */
  readonly known: number | null
  /** Consistency proof from a size to the checkpoint's, verified: see `proveConsistency`. */
  readonly prove: (old: number) => readonly Uint8Array[]
  readonly crypto: Pick<Crypto, 'verify'>
}

/**
 * The cosignature of a witness on a checkpoint: asked for, checked (C2SP tlog-witness).
 *
 * Throws `witness-conflict` where the witness knows another history of the log: nothing may be signed any more. Any
 * other error, as `server-answer`, `signature-invalid` and what the witness and `prove` throw, says nothing about the
 * log's history: ask again later.
 */
export async function askForCosignature(input: CosignInput): Promise<NoteSignature> {
  const { witness, checkpoint } = input
  // Where nothing is known it most likely has this very checkpoint; if not it says what it has.
  let old = input.known === null ? checkpoint.size : Math.min(input.known, checkpoint.size)
  let told: number | null = null
  for (let asked = 0; asked < MAX_REQUESTS; asked++) {
    const proof = old === 0 || old === checkpoint.size ? [] : input.prove(old)
    const answer = await witness.addCheckpoint(writeAddCheckpoint({ old, proof, checkpoint }))
    if (answer.status === 200) return cosignatureIn(answer, input)
    // From 0 there is nothing to prove, so nothing that could be refused for its history.
    if (answer.status === 422 && old > 0) throw conflict(input, `${old} of its entries under another root`)
    if (answer.status !== 409) throw refused(input, answer)
    const size = sizeIn(answer)
    if (size === null) {
      if (told === old && old === checkpoint.size) throw conflict(input, `${old} entries under another root`)
      if (old === 0) throw refused(input, answer)
      // It says no size: from 0 it must, unless it is there.
      old = 0
      continue
    }
    if (size > checkpoint.size) throw conflict(input, `${size} entries, and this checkpoint has ${checkpoint.size}`)
    if (size === old) {
      if (old === checkpoint.size && old > 0) throw conflict(input, `${old} entries under another root`)
      throw new CodedError('server-answer', `the witness ${witness.key.name} asks for the size it was given`)
    }
    told = old = size
  }
  throw new CodedError('server-answer', `the witness ${witness.key.name} told another size each time`)
}

/** The line of the witness's own key; whatever else it sends counts for nothing (T-81). */
function cosignatureIn({ body }: WitnessAnswer, { witness, checkpoint, crypto }: CosignInput): NoteSignature {
  const { key } = witness
  const lines = parseSignatureLines(body).filter(({ name, keyId }) => name === key.name && keyId === key.keyId)
  const [line] = lines
  if (line === undefined) {
    throw new CodedError('signer-unknown', `the witness ${key.name} answered without a cosignature of its key`)
  }
  verifyNote({ text: checkpoint.note.text, signatures: lines }, [key], crypto)
  return line
}

function sizeIn({ type, body }: WitnessAnswer): number | null {
  if (type.split(';', 1)[0]!.trim().toLowerCase() !== TLOG_SIZE_MEDIA_TYPE) return null
  return parseTlogSize(body)
}

function conflict({ witness, checkpoint }: CosignInput, what: string): CodedError {
  return new CodedError('witness-conflict', `the witness ${witness.key.name} knows of ${checkpoint.origin} ${what}`)
}

const MEANING: Readonly<Record<number, string>> = {
  400: 'it cannot read the request',
  403: 'it does not know the key of the log',
  404: 'it was not told of this log',
}

function refused({ witness }: CosignInput, { status }: WitnessAnswer): CodedError {
  const meaning = MEANING[status] ?? 'it does not cosign'
  return new CodedError('server-answer', `the witness ${witness.key.name} answered ${status}: ${meaning}`)
}
