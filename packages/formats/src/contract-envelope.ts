import {
  type Endorsed,
  type EndorsedKind,
  endorsedStart,
  maxEndorsedBytes,
  parseEndorsed,
  writeEndorsed,
} from './endorsed.ts'

/** Payload type of a contract, the bytes of its YAML. */
export const CONTRACT_PAYLOAD_TYPE = 'application/vnd.countersign.contract.v1+yaml'

/** A contract with the signatures of its maintainers. */
export const SIGNED_CONTRACT: EndorsedKind = {
  mediaType: 'application/vnd.countersign.signed-contract.v1+json',
  payloadType: CONTRACT_PAYLOAD_TYPE,
  maxPayload: 256 * 1024,
}

export const MAX_SIGNED_CONTRACT_BYTES = maxEndorsedBytes(SIGNED_CONTRACT)

/** Whether bytes are said to be a signed contract: no YAML of a contract begins so. */
export function isSignedContract(bytes: Uint8Array): boolean {
  const start = endorsedStart(SIGNED_CONTRACT)
  return (
    bytes.length >= start.length && bytes.subarray(0, start.length).every((byte, i) => byte === start.charCodeAt(i))
  )
}

/** See {@link parseEndorsed}. */
export function parseSignedContract(bytes: Uint8Array): Endorsed {
  return parseEndorsed(bytes, SIGNED_CONTRACT)
}

export function writeSignedContract(contract: Endorsed): Uint8Array {
  return writeEndorsed(contract, SIGNED_CONTRACT)
}
