import { base64, CodedError, fromBase64, isHex, type JsonObject } from '@countersign/core'
import type { Shape } from '../shape.ts'
import { parseHeader } from './ethereum-block.ts'
import { ANCHOR_MEDIA_TYPE } from './kinds.ts'

/** Today's headers have 600 bytes; chains with signatures in the header have a few thousand. */
const MAX_HEADER_BYTES = 8192
/** Place 16,777,215 of a block has a key of four bytes: eight nibbles, and the leaf. */
const MAX_NODES = 16
const MAX_INDEX = 0xff_ff_ff
/** A branch has 532 bytes at most; a leaf holds our transaction, or its receipt with 256 bytes of bloom filter. */
const MAX_NODE_BYTES = 4096

/** How a statement is in its block: in the calldata of a transaction to its own sender, or in an event of the contract. */
export const ETHEREUM_FORMS = ['calldata', 'event'] as const
export type EthereumForm = (typeof ETHEREUM_FORMS)[number]

/** Proof that a statement is in a block of an EVM chain. Nothing in it is verified. */
export interface EthereumAnchor {
  readonly kind: 'ethereum'
  /** SHA-256 of the statement's text, lower-case hex. */
  readonly statement: string
  /** EIP-155. */
  readonly chainId: number
  readonly form: EthereumForm
  /** RLP of the block's header as it was hashed: forks append fields, so the fields alone would not do. */
  readonly header: Uint8Array
  /** Place of the transaction in its block. */
  readonly index: number
  /** Nodes of the trie, root first: of transactions for `calldata`, of receipts for `event`. */
  readonly nodes: readonly Uint8Array[]
}

const KEYS = ['mediaType', 'kind', 'statement', 'chainId', 'form', 'header', 'index', 'nodes']

/** Reads the whole object. Throws the code of `it`, `base64-invalid`, and `anchor-invalid` for a header that is none. */
export function readEthereum(it: Shape): EthereumAnchor {
  const object = it.object(KEYS)
  object.exactly('mediaType', ANCHOR_MEDIA_TYPE)
  const kind = object.exactly('kind', 'ethereum')
  const nodes = object.get('nodes').array(MAX_NODES)
  if (nodes.length === 0) object.get('nodes').fail('is empty')
  const anchor: EthereumAnchor = {
    kind,
    statement: object.hex('statement', 64),
    chainId: object.integer('chainId', 1, Number.MAX_SAFE_INTEGER),
    form: object.exactly('form', ...ETHEREUM_FORMS),
    header: bytesOf(object.get('header'), MAX_HEADER_BYTES),
    index: object.integer('index', 0, MAX_INDEX),
    nodes: nodes.map((node) => bytesOf(node, MAX_NODE_BYTES)),
  }
  parseHeader(anchor.header)
  return anchor
}

/** {@link readEthereum} the other way. Throws `anchor-invalid` for what no reader would take. */
export function ethereumJson(anchor: EthereumAnchor): JsonObject {
  const { kind, statement, chainId, form, header, index, nodes } = anchor
  const tooLarge = header.length > MAX_HEADER_BYTES || nodes.some((node) => node.length > MAX_NODE_BYTES)
  if (tooLarge || nodes.length === 0 || nodes.length > MAX_NODES || index > MAX_INDEX || !isHex(statement, 64)) {
    throw new CodedError('anchor-invalid', 'the proof is larger than one can be')
  }
  return {
    mediaType: ANCHOR_MEDIA_TYPE,
    kind,
    statement,
    chainId,
    form,
    header: base64(header),
    index,
    nodes: nodes.map(base64),
  }
}

function bytesOf(it: Shape, max: number): Uint8Array {
  const text = it.string(4 * Math.ceil(max / 3))
  if (text === '') it.fail('is empty')
  const bytes = fromBase64(text)
  if (bytes.length > max) it.fail(`has more than ${max} bytes`)
  return bytes
}
