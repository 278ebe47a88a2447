import {
  base64,
  canonicalJson,
  CodedError,
  equal,
  fromBase64,
  fromHex,
  fromUtf8,
  hex,
  type JsonValue,
  parseJson,
  utf8,
} from '@countersign/core'
import { MAX_PROOF_HASHES } from './lines.ts'
import { MAX_NOTE_BYTES, writeNote } from './note.ts'
import { parseLogStatement, type SignedLogStatement } from './log-statement.ts'
import { type LeafOpening, parseOpening } from './opening.ts'
import { type ObjectShape, Shape } from './shape.ts'
import { MAX_TLOG_PROOF_BYTES, parseTlogProof, type TlogProof, writeTlogProof } from './tlog-proof.ts'

/** Media type of a head proof. */
export const HEAD_PROOF_MEDIA_TYPE = 'application/vnd.countersign.head-proof.v1+json'
/** Most bytes of a head proof: a proof, a statement, two paths, and what JSON adds. */
export const MAX_HEAD_PROOF_BYTES = 4 * 1024 * 1024
/** Bytes of a head as the map of heads holds it. */
export const HEAD_BYTES = 48

const CODE = 'head-proof-invalid'
const MAX_INDEX = Number.MAX_SAFE_INTEGER
const FIELDS = ['chain', 'entry', 'mediaType', 'members', 'statement']

/** The last entry of a chain at some size of the log. */
export interface ChainHead {
  /** Entries of the chain: one more than the `chain.seq` of its last leaf. */
  readonly length: number
  /** Place of its last leaf in the log. */
  readonly index: number
  /** RFC 6962 leaf hash of it (SHA-256), 32 bytes. */
  readonly leafHash: Uint8Array
}

/** A pair of the map of heads, its place there and its inclusion proof. */
export interface HeadMember {
  /** Below the number of heads in the statement. */
  readonly index: number
  /** 32 bytes: `chain.id` of the chain's leaves. */
  readonly key: Uint8Array
  readonly head: ChainHead
  /** From the leaf's sibling up; at most 63 of 32 bytes. */
  readonly path: readonly Uint8Array[]
}

/**
 * What a statement says of one chain: its head, or that it had none yet. To be checked offline; nothing in it is
 * verified. The entry is one of the chain, of whatever time: it ties the chain's id to its key in the map, so that
 * absence is that of this chain and not of a key that the log made up.
 */
export interface HeadProof {
  /** Chain id, 32 hex digits. */
  readonly chain: string
  readonly entry: TlogProof
  /** What opens the entry, out of its extra data. */
  readonly opening: LeafOpening
  /** One where the chain has a head; its neighbours, at most two, where it has none. */
  readonly members: readonly HeadMember[]
  readonly statement: SignedLogStatement
}

/** A head as the map holds it: length and index, 8 bytes big-endian each, then the leaf hash. Throws `head-proof-invalid`. */
export function writeHead({ length, index, leafHash }: ChainHead): Uint8Array {
  checkHead(length, index)
  if (leafHash.length !== 32) throw new CodedError(CODE, 'a leaf hash has not 32 bytes')
  const bytes = new Uint8Array(HEAD_BYTES)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(length))
  view.setBigUint64(8, BigInt(index))
  bytes.set(leafHash, 16)
  return bytes
}

/** {@link writeHead} the other way. */
export function parseHead(bytes: Uint8Array): ChainHead {
  if (bytes.length !== HEAD_BYTES) throw new CodedError(CODE, `a head has ${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const [length, index] = [Number(view.getBigUint64(0)), Number(view.getBigUint64(8))]
  checkHead(length, index)
  return { length, index, leafHash: bytes.slice(16) }
}

/** Canonical JSON of a head proof. Throws `head-proof-invalid` for what no reader would take. */
export function writeHeadProof({ chain, entry, members, statement }: Omit<HeadProof, 'opening'>): Uint8Array {
  const bytes = canonicalJson({
    chain,
    entry: fromUtf8(writeTlogProof(entry)),
    mediaType: HEAD_PROOF_MEDIA_TYPE,
    members: members.map(({ index, key, head, path }) => ({
      head: { index: head.index, leafHash: hex(head.leafHash), length: head.length },
      index,
      key: hex(key),
      path: path.map(base64),
    })),
    statement: fromUtf8(writeNote(statement.note)),
  } satisfies JsonValue)
  parseHeadProof(bytes)
  return bytes
}

/**
 * Head proof from its bytes, which have one spelling. Throws `head-proof-invalid`, and what strict JSON reading,
 * `parseTlogProof`, `parseOpening` and `parseLogStatement` throw.
 */
export function parseHeadProof(bytes: Uint8Array): HeadProof {
  const value = parseJson(bytes, { maxBytes: MAX_HEAD_PROOF_BYTES })
  if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE, 'the head proof is not canonical JSON')
  const whole = new Shape(CODE, value, 'head proof').object(FIELDS)
  whole.exactly('mediaType', HEAD_PROOF_MEDIA_TYPE)
  const statement = parseLogStatement(utf8(whole.get('statement').string(MAX_NOTE_BYTES)))
  const entry = parseTlogProof(utf8(whole.get('entry').string(MAX_TLOG_PROOF_BYTES)))
  if (entry.extra === null) throw new CodedError(CODE, 'the entry is not opened')
  const { count } = statement.heads
  const members = whole
    .get('members')
    .array(2)
    .map((member) => readMember(member, count))
  return { chain: whole.hex('chain', 32), entry, opening: parseOpening(entry.extra), members, statement }
}

function readMember(shape: Shape, count: number): HeadMember {
  const member = shape.object(['head', 'index', 'key', 'path'])
  const path = member.get('path').array(MAX_PROOF_HASHES).map(readHash)
  if (count === 0) shape.fail('is of a map without heads')
  return {
    index: member.integer('index', 0, count - 1),
    key: fromHex(member.hex('key', 64)),
    head: readHead(member.get('head').object(['index', 'leafHash', 'length'])),
    path,
  }
}

function readHead(shape: ObjectShape): ChainHead {
  const length = shape.integer('length', 1, MAX_INDEX)
  const index = shape.integer('index', 0, MAX_INDEX)
  checkHead(length, index)
  return { length, index, leafHash: fromHex(shape.hex('leafHash', 64)) }
}

function readHash(shape: Shape): Uint8Array {
  const bytes = fromBase64(shape.string(64))
  if (bytes.length !== 32) shape.fail('has not 32 bytes')
  return bytes
}

/** A chain of n entries ends at index n − 1 at the earliest. */
function checkHead(length: number, index: number): void {
  const sizes = Number.isSafeInteger(length) && Number.isSafeInteger(index)
  if (!sizes || length < 1 || index < length - 1) {
    throw new CodedError(CODE, `a chain of ${length} entries does not end at entry ${index}`)
  }
}
