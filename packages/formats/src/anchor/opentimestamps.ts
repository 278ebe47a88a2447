import { base64, CodedError, concat, equal, fromBase64, fromHex, type JsonObject } from '@countersign/core'
import type { Shape } from '../shape.ts'
import { ANCHOR_MEDIA_TYPE } from './kinds.ts'
import { MAX_OTS_BYTES, type OtsFile, otsPaths, parseOts, writeOts } from './ots.ts'

/** Bytes of a Bitcoin block's header. */
export const BITCOIN_HEADER_BYTES = 80
/** Most headers in a row that one anchor carries: a day of them. */
export const MAX_BITCOIN_HEADERS = 144
/** Most blocks that one anchor leads to. */
const MAX_BLOCKS = 8
const MAX_HEIGHT = 0x7fff_ffff

/** Headers of Bitcoin blocks in a row. Nothing in them is verified. */
export interface BitcoinHeaders {
  /** Of the first. */
  readonly height: number
  /** 80 bytes each, at least one: the block that was attested, and those that were built on it. */
  readonly headers: readonly Uint8Array[]
}

/** A statement in Bitcoin through OpenTimestamps, as its proof says. Nothing in it is verified. */
export interface OpenTimestampsAnchor {
  readonly kind: 'opentimestamps'
  /** SHA-256 of the statement's text, lower-case hex: the digest of the file. */
  readonly statement: string
  readonly file: OtsFile
  /** By height, each attested in the file. */
  readonly blocks: readonly BitcoinHeaders[]
}

/** Proof as it stands in JSON; throws `anchor-invalid` for what no reader would take. */
export function opentimestampsJson(anchor: OpenTimestampsAnchor): JsonObject {
  check(anchor)
  return {
    mediaType: ANCHOR_MEDIA_TYPE,
    kind: anchor.kind,
    statement: anchor.statement,
    timestamp: base64(writeOts(anchor.file)),
    blocks: anchor.blocks.map(({ height, headers }) => ({ height, headers: base64(concat(...headers)) })),
  }
}

/** {@link opentimestampsJson} the other way. Throws `anchor-invalid`, `base64-invalid` and `input-too-large`. */
export function readOpentimestamps(it: Shape): OpenTimestampsAnchor {
  const members = it.object(['mediaType', 'kind', 'statement', 'timestamp', 'blocks'])
  members.exactly('mediaType', ANCHOR_MEDIA_TYPE)
  const anchor: OpenTimestampsAnchor = {
    kind: members.exactly('kind', 'opentimestamps'),
    statement: members.hex('statement', 64),
    file: parseOts(fromBase64(members.get('timestamp').string(2 * MAX_OTS_BYTES))),
    blocks: members.get('blocks').array(MAX_BLOCKS).map(readHeaders),
  }
  check(anchor)
  return anchor
}

/**
 * The standard `.ots` file of an anchor: what `ots verify` of the OpenTimestamps clients reads beside a file that holds
 * the statement's text. It has no block headers; they ask a Bitcoin node for them.
 */
export function otsFileOf(anchor: OpenTimestampsAnchor): Uint8Array {
  return writeOts(anchor.file)
}

function readHeaders(it: Shape): BitcoinHeaders {
  const block = it.object(['height', 'headers'])
  const bytes = fromBase64(block.get('headers').string(2 * MAX_BITCOIN_HEADERS * BITCOIN_HEADER_BYTES))
  const count = bytes.length / BITCOIN_HEADER_BYTES
  if (!Number.isInteger(count)) it.fail(`does not hold headers of ${BITCOIN_HEADER_BYTES} bytes`)
  return {
    height: block.integer('height', 0, MAX_HEIGHT),
    headers: Array.from({ length: count }, (_, i) =>
      bytes.subarray(i * BITCOIN_HEADER_BYTES, (i + 1) * BITCOIN_HEADER_BYTES),
    ),
  }
}

function check({ statement, file, blocks }: OpenTimestampsAnchor): void {
  const invalid = (what: string) => new CodedError('anchor-invalid', what)
  if (file.hash !== 'sha256' || !equal(file.digest, fromHex(statement))) {
    throw invalid('the timestamp is of another digest than the statement')
  }
  if (blocks.length === 0 || blocks.length > MAX_BLOCKS) throw invalid(`an anchor has 1 to ${MAX_BLOCKS} blocks`)
  const attested = new Set(
    otsPaths(file.tree).map(({ attestation }) => (attestation.kind === 'bitcoin' ? attestation.height : null)),
  )
  let last = -1
  for (const { height, headers } of blocks) {
    if (height <= last) throw invalid('the blocks do not stand in the order of their heights')
    if (!attested.has(height)) throw invalid(`the timestamp does not lead to block ${height}`)
    if (headers.length === 0 || headers.length > MAX_BITCOIN_HEADERS) {
      throw invalid(`a block comes with 1 to ${MAX_BITCOIN_HEADERS} headers`)
    }
    if (headers.some(({ length }) => length !== BITCOIN_HEADER_BYTES)) throw invalid('a header has not 80 bytes')
    last = height
  }
}
