import { base64, CodedError, concat, fromBase64, utf8 } from '@countersign/core'
import { parseCheckpoint, type SignedCheckpoint } from './checkpoint.ts'
import { checkProof, MAX_PROOF_BYTES, readDecimal, readProof, splitAtEmptyLine, writeDecimal } from './lines.ts'
import { MAX_NOTE_BYTES, writeNote } from './note.ts'

/** Most bytes of the extra data of a proof. */
export const MAX_PROOF_EXTRA_BYTES = 65_536
/** Most bytes of a proof: its lines, with the longest extra data, and the largest checkpoint. */
export const MAX_TLOG_PROOF_BYTES = MAX_NOTE_BYTES + MAX_PROOF_BYTES + Math.ceil(MAX_PROOF_EXTRA_BYTES / 3) * 4 + 64

const FIRST = 'c2sp.org/tlog-proof@v1'
const CODE = 'tlog-proof-invalid'

/** Proof that a leaf is in a log, to be checked offline (C2SP tlog-proof). Nothing in it is verified. */
export interface TlogProof {
  /** Opaque data beside the proof, 1 to {@link MAX_PROOF_EXTRA_BYTES} bytes; null where there is none. Nobody signed it. */
  readonly extra: Uint8Array | null
  /** Place of the leaf, below the size of the checkpoint. */
  readonly index: number
  /** RFC 6962 inclusion proof, from the leaf's sibling up; at most `MAX_PROOF_HASHES` of 32 bytes. */
  readonly hashes: readonly Uint8Array[]
  readonly checkpoint: SignedCheckpoint
}

/**
 * Proof from its bytes. Every accepted proof has one spelling: `writeTlogProof` gives the same bytes again.
 * Throws `tlog-proof-invalid`, `input-too-large`, `utf8-invalid`, `base64-invalid` and what `parseCheckpoint` throws.
 */
export function parseTlogProof(bytes: Uint8Array): TlogProof {
  if (bytes.length > MAX_TLOG_PROOF_BYTES) {
    throw new CodedError('input-too-large', `the proof is larger than ${MAX_TLOG_PROOF_BYTES} bytes`)
  }
  const { lines, rest } = splitAtEmptyLine(bytes, CODE)
  if (lines[0] !== FIRST) throw new CodedError(CODE, `the first line is not ${FIRST}`)
  const extra = lines[1]?.startsWith('extra ') === true ? readExtra(lines[1].slice('extra '.length)) : null
  const [index, ...hashes] = lines.slice(extra === null ? 1 : 2)
  if (index?.startsWith('index ') !== true) throw new CodedError(CODE, 'there is no index where it must be')
  const proof = {
    extra,
    index: readDecimal(index.slice('index '.length), 'the index', CODE),
    hashes: readProof(hashes, CODE),
    checkpoint: parseCheckpoint(rest),
  }
  checkIndex(proof)
  return proof
}

/** A proof without its checkpoint. */
export type TlogProofStart = Omit<TlogProof, 'checkpoint'>

/** Bytes of a proof; throws `tlog-proof-invalid` for what no reader would take, and what `writeNote` throws. */
export function writeTlogProof(proof: TlogProof): Uint8Array {
  checkIndex(proof)
  return concat(utf8(writeTlogProofStart(proof)), writeNote(proof.checkpoint.note))
}

/** The text of a proof up to its checkpoint, which follows as it is. Throws as `writeTlogProof`. */
export function writeTlogProofStart({ extra, index, hashes }: TlogProofStart): string {
  const number = writeDecimal(index, 'the index', CODE)
  checkProof(hashes, CODE)
  if (extra !== null) checkExtra(extra)
  const lines = [
    FIRST,
    ...(extra === null ? [] : [`extra ${base64(extra)}`]),
    `index ${number}`,
    ...hashes.map(base64),
    '',
    '',
  ]
  return lines.join('\n')
}

function readExtra(text: string): Uint8Array {
  const extra = fromBase64(text)
  checkExtra(extra)
  return extra
}

/** Empty data would be a second spelling of none. */
function checkExtra(extra: Uint8Array): void {
  if (extra.length === 0) throw new CodedError(CODE, 'the extra data is empty')
  if (extra.length > MAX_PROOF_EXTRA_BYTES) {
    throw new CodedError(CODE, `the extra data is longer than ${MAX_PROOF_EXTRA_BYTES} bytes`)
  }
}

function checkIndex({ index, checkpoint }: Pick<TlogProof, 'index' | 'checkpoint'>): void {
  if (index >= checkpoint.size) {
    throw new CodedError(CODE, `the index ${index} is not in a tree of ${checkpoint.size} leaves`)
  }
}
