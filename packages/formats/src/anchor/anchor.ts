import { canonicalJson, CodedError, equal, hex, type JsonObject, type JsonValue, parseJson } from '@countersign/core'
import { Shape } from '../shape.ts'
import { type EthereumAnchor, ethereumJson, readEthereum } from './ethereum.ts'
import { type AnchorKind, ANCHOR_KINDS, MAX_ANCHOR_BYTES } from './kinds.ts'
import { type OpenTimestampsAnchor, opentimestampsJson, readOpentimestamps } from './opentimestamps.ts'
import { readRekor, type RekorAnchor, rekorJson } from './rekor.ts'
import { readRfc3161, type Rfc3161Anchor, rfc3161Json } from './rfc3161.ts'

/** Outside evidence for a statement, of one of the kinds that there are. Nothing in it is verified. */
export type AnchorProof = RekorAnchor | Rfc3161Anchor | EthereumAnchor | OpenTimestampsAnchor

type Readers = { readonly [kind in AnchorKind]: (it: Shape) => Extract<AnchorProof, { readonly kind: kind }> }

const READERS: Readers = {
  rekor: readRekor,
  rfc3161: readRfc3161,
  ethereum: readEthereum,
  opentimestamps: readOpentimestamps,
}

/**
 * Anchor from its bytes: canonical JSON, and one spelling of it. Throws `anchor-invalid`, `input-too-large`, and what
 * strict JSON reading throws.
 */
export function parseAnchor(bytes: Uint8Array): AnchorProof {
  if (bytes.length > MAX_ANCHOR_BYTES) {
    throw new CodedError('input-too-large', `the anchor is larger than ${MAX_ANCHOR_BYTES} bytes`)
  }
  const anchor = readAnchor(parseJson(bytes, { maxBytes: MAX_ANCHOR_BYTES }))
  if (!equal(writeAnchor(anchor), bytes)) {
    throw new CodedError('anchor-invalid', 'the anchor is not in its one spelling')
  }
  return anchor
}

/** {@link parseAnchor} of JSON that was parsed strictly already, whatever its spelling. Throws `anchor-invalid`. */
export function readAnchor(value: JsonValue | undefined): AnchorProof {
  const shape = new Shape('anchor-invalid', value, 'anchor')
  const kind = new Shape('anchor-invalid', shape.members()['kind'], 'kind', shape).exactly(...ANCHOR_KINDS)
  try {
    return READERS[kind](shape)
  } catch (cause) {
    if (!(cause instanceof CodedError) || cause.code === 'anchor-invalid') throw cause
    throw new CodedError('anchor-invalid', `${cause.code}: ${cause.what}`, { cause })
  }
}

/** An anchor as JSON; throws `anchor-invalid` for what no reader would take. */
export function anchorJson(anchor: AnchorProof): JsonObject {
  switch (anchor.kind) {
    case 'rekor':
      return rekorJson(anchor)
    case 'rfc3161':
      return rfc3161Json(anchor)
    case 'ethereum':
      return ethereumJson(anchor)
    case 'opentimestamps':
      return opentimestampsJson(anchor)
  }
}

/** Bytes of an anchor in their one spelling. Throws `anchor-invalid` and `input-too-large`. */
export function writeAnchor(anchor: AnchorProof): Uint8Array {
  const bytes = canonicalJson(anchorJson(anchor))
  if (bytes.length > MAX_ANCHOR_BYTES) {
    throw new CodedError('input-too-large', `the anchor is larger than ${MAX_ANCHOR_BYTES} bytes`)
  }
  return bytes
}

/** SHA-256 of the text of the statement that an anchor says it is about, hex. */
export function statementOfAnchor({ statement }: AnchorProof): string {
  return typeof statement === 'string' ? statement : hex(statement)
}
