import { CodedError, concat, utf8 } from '@countersign/core'

/** Last second of the year 9999: no later time has a date of four digits. */
export const MAX_COSIGNATURE_TIME = 253_402_300_799

const TIME_BYTES = 8
const SIGNATURE_BYTES = 64

/** What a witness adds to a checkpoint: an Ed25519 signature, and when it was made. Nothing in it is verified. */
export interface Cosignature {
  /** Seconds since 1970 UTC, 1 to {@link MAX_COSIGNATURE_TIME}. */
  readonly time: number
  /** 64 bytes over {@link cosignatureMessage}. */
  readonly signature: Uint8Array
}

/**
 * The bytes a cosignature/v1 covers: a header line, the time, and the whole text of the checkpoint with its
 * extension lines (C2SP tlog-cosignature, "Ed25519 signed message"). Throws `cosignature-invalid` for a time out
 * of bounds.
 */
export function cosignatureMessage(time: number, text: string): Uint8Array {
  checkTime(time)
  return utf8(`cosignature/v1\ntime ${time}\n${text}`)
}

/**
 * The cosignature in the blob of a signature line, its key id taken off: time as 8 bytes big-endian, then
 * the signature, 72 bytes in all. Throws `cosignature-invalid`.
 */
export function parseCosignature(blob: Uint8Array): Cosignature {
  if (blob.length !== TIME_BYTES + SIGNATURE_BYTES) {
    throw new CodedError('cosignature-invalid', `the cosignature has ${blob.length} bytes, not 72`)
  }
  const time = Number(new DataView(blob.buffer, blob.byteOffset, TIME_BYTES).getBigUint64(0))
  checkTime(time)
  return { time, signature: new Uint8Array(blob.subarray(TIME_BYTES)) }
}

/** {@link parseCosignature} the other way; throws `cosignature-invalid` for what no reader would take. */
export function writeCosignature(cosignature: Cosignature): Uint8Array {
  checkTime(cosignature.time)
  if (cosignature.signature.length !== SIGNATURE_BYTES) {
    throw new CodedError('cosignature-invalid', `the signature has ${cosignature.signature.length} bytes, not 64`)
  }
  const time = new Uint8Array(TIME_BYTES)
  new DataView(time.buffer).setBigUint64(0, BigInt(cosignature.time))
  return concat(time, cosignature.signature)
}

/** 0 is how other formats say "at no time"; a witness always says when. */
function checkTime(time: number): void {
  if (!Number.isSafeInteger(time) || time < 1 || time > MAX_COSIGNATURE_TIME) {
    throw new CodedError('cosignature-invalid', `the time is not from 1 to ${MAX_COSIGNATURE_TIME} seconds`)
  }
}
