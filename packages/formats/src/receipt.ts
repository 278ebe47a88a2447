import { canonicalJson, CodedError, equal, fromUtf8, type JsonValue, parseJson, utf8 } from '@countersign/core'
import { RECEIPT_MEDIA_TYPE } from './constants.ts'
import { type LeafOpening, parseOpening } from './opening.ts'
import { Shape } from './shape.ts'
import {
  MAX_TLOG_PROOF_BYTES,
  parseTlogProof,
  type TlogProof,
  type TlogProofStart,
  writeTlogProof,
  writeTlogProofStart,
} from './tlog-proof.ts'

/**
 * A server's countersignature on one attestation: a leaf of its log, what opens that leaf, and the proof that it is
 * under a checkpoint that the server signed. Nothing in it is verified.
 */
export interface Receipt {
  /** What the leaf says, and of which attestation. */
  readonly opening: LeafOpening
  /** Its extra data is the opening. */
  readonly proof: TlogProof
}

/** Most bytes of a receipt: those of its proof, with the line ends of its text escaped. */
export const MAX_RECEIPT_BYTES = MAX_TLOG_PROOF_BYTES + 1024

/** How the line of a receipt begins, and no other line of a chain file. */
export const RECEIPT_START = `{"mediaType":"${RECEIPT_MEDIA_TYPE}",`

/** Canonical JSON of a receipt, without a line end. Throws `input-too-large` and what `receiptOf` and `writeTlogProof` throw. */
export function writeReceipt({ proof }: Pick<Receipt, 'proof'>): Uint8Array {
  receiptOf(proof)
  const bytes = utf8(`${RECEIPT_START}"proof":${JSON.stringify(fromUtf8(writeTlogProof(proof)))}}`)
  if (bytes.length > MAX_RECEIPT_BYTES) {
    throw new CodedError('input-too-large', `the receipt is larger than ${MAX_RECEIPT_BYTES} bytes`)
  }
  return bytes
}

/**
 * A receipt up to its checkpoint: what can be written before the checkpoint is signed, once for each entry, while
 * the checkpoint is one for many. Throws what `writeTlogProof` throws.
 */
export function beginReceipt(proof: TlogProofStart): string {
  return `${RECEIPT_START}"proof":"${escaped(writeTlogProofStart(proof))}`
}

/** The whole receipt: the same text as `writeReceipt` gives, unchecked. `checkpoint`: the bytes of its note. */
export function endReceipt(begun: string, checkpoint: Uint8Array): string {
  return `${begun}${escaped(fromUtf8(checkpoint))}"}`
}

/** As RFC 8785 §3.2.2.2 writes it within quotes. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/**
 * Receipt from its bytes or text, which have one spelling. Throws `receipt-invalid`, `input-too-large`, and what
 * strict JSON reading, `parseTlogProof` and `parseOpening` throw.
 */
export function parseReceipt(input: Uint8Array | string): Receipt {
  if (input.length > MAX_RECEIPT_BYTES) {
    throw new CodedError('input-too-large', `the receipt is larger than ${MAX_RECEIPT_BYTES} bytes`)
  }
  // Of a text too it is the bytes that are bounded, or what was read could be too large to write.
  const bytes = typeof input === 'string' ? utf8(input) : input
  const value = parseJson(bytes, { maxBytes: MAX_RECEIPT_BYTES })
  if (!equal(canonicalJson(value), bytes)) {
    throw new CodedError('receipt-invalid', 'the receipt is not canonical JSON')
  }
  return readReceipt(value)
}

/** {@link parseReceipt} of JSON that was parsed strictly already, whatever its spelling. */
export function readReceipt(value: JsonValue | undefined): Receipt {
  const it = new Shape('receipt-invalid', value, 'receipt').object(['mediaType', 'proof'])
  it.exactly('mediaType', RECEIPT_MEDIA_TYPE)
  return receiptOf(parseTlogProof(utf8(it.get('proof').string(MAX_RECEIPT_BYTES))))
}

/** Receipt of a proof; throws `receipt-invalid` where it opens nothing, and what `parseOpening` throws. */
export function receiptOf(proof: TlogProof): Receipt {
  if (proof.extra === null) throw new CodedError('receipt-invalid', 'the proof has no opening')
  return { opening: parseOpening(proof.extra), proof }
}
