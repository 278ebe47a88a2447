import { type Code, CodedError, fromBase64, fromUtf8 } from '@countersign/core'

/** Most hashes of one Merkle proof: a tree of 2^63 leaves needs no more (C2SP tlog-witness). */
export const MAX_PROOF_HASHES = 63
/** Bytes of the longest block of proof lines: 32 bytes are 44 characters of base64, and a newline. */
export const MAX_PROOF_BYTES = MAX_PROOF_HASHES * 45

/** The number a line holds in ASCII decimals without leading zeros; throws `code` for any other spelling and beyond 2^53 − 1. */
export function readDecimal(line: string, what: string, code: Code): number {
  const number = /^(?:0|[1-9][0-9]{0,15})$/.test(line) ? Number(line) : Number.NaN
  if (!Number.isSafeInteger(number)) {
    throw new CodedError(code, `${what} is not a decimal from 0 to 2^53 − 1 without leading zeros`)
  }
  return number
}

/** {@link readDecimal} the other way. */
export function writeDecimal(number: number, what: string, code: Code): string {
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new CodedError(code, `${what} is not an integer from 0 to 2^53 − 1`)
  }
  return String(number)
}

/** The 32 bytes a line holds in base64; throws `base64-invalid`, and `code` for another length. */
export function readHash(line: string, what: string, code: Code): Uint8Array {
  const hash = fromBase64(line)
  checkHash(hash, what, code)
  return hash
}

export function checkHash(hash: Uint8Array, what: string, code: Code): void {
  if (hash.length !== 32) throw new CodedError(code, `${what} has ${hash.length} bytes, not 32`)
}

/** The hashes of a Merkle proof, one a line; throws `base64-invalid`, and `code` for other lengths and for too many. */
export function readProof(lines: readonly string[], code: Code): Uint8Array[] {
  checkProofLength(lines.length, code)
  return lines.map((line, i) => readHash(line, `hash ${i + 1} of the proof`, code))
}

export function checkProof(hashes: readonly Uint8Array[], code: Code): void {
  checkProofLength(hashes.length, code)
  for (const [i, hash] of hashes.entries()) checkHash(hash, `hash ${i + 1} of the proof`, code)
}

function checkProofLength(length: number, code: Code): void {
  if (length > MAX_PROOF_HASHES) throw new CodedError(code, `the proof has more than ${MAX_PROOF_HASHES} hashes`)
}

/** The lines before the first empty line, and the bytes after it; throws `code` where there is none. */
export function splitAtEmptyLine(
  bytes: Uint8Array,
  code: Code,
): {
  readonly lines: readonly string[]
  readonly rest: Uint8Array
} {
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at + 1] === 0x0a) {
      return { lines: fromUtf8(bytes.subarray(0, at)).split('\n'), rest: bytes.subarray(at + 2) }
    }
  }
  throw new CodedError(code, 'no empty line comes before the checkpoint')
}
