import { CodedError, concat, equal, fromHex, fromUtf8, hex, utf8 } from '@countersign/core'
import { otsCounted, otsNumber, OtsReader } from './ots-bytes.ts'

/** Media type of a calendar's answer, and of what a `.ots` file holds. */
export const OTS_MEDIA_TYPE = 'application/vnd.opentimestamps.v1'
/** Most bytes of a `.ots` file, of a few calendars' paths to a block. */
export const MAX_OTS_BYTES = 65_536
/** Most bytes of a calendar's answer. */
export const MAX_CALENDAR_BYTES = 10_000
/** Most bytes of what an operation starts from or makes. */
export const MAX_OTS_MESSAGE_BYTES = 4096
/** Most bytes of what an attestation says. */
export const MAX_OTS_PAYLOAD_BYTES = 8192
/** Most attestations and operations in a row, the last attestation among them. */
export const MAX_OTS_DEPTH = 256
/** Most operations and attestations of a file: each costs whoever verifies it a hash of 4096 bytes at worst. */
export const MAX_OTS_NODES = 1024
const MAX_URI_CHARACTERS = 1000
const MAX_HEIGHT = 0x7fff_ffff

const CODE = 'anchor-invalid'
const MAGIC = fromHex('004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294')
const VERSION = 1
const ATTESTATION = 0x00
const MORE = 0xff
const TAG_BYTES = 8

const HASHES = { sha1: 20, ripemd160: 20, sha256: 32, keccak256: 32 } as const
/** A hash that operations use and digests are of. */
export type OtsHash = keyof typeof HASHES

const OPS = {
  sha1: 0x02,
  ripemd160: 0x03,
  sha256: 0x08,
  keccak256: 0x67,
  append: 0xf0,
  prepend: 0xf1,
  reverse: 0xf2,
  hexlify: 0xf3,
} as const
const OP_NAMES = new Map(Object.entries(OPS).map(([name, tag]) => [tag as number, name as keyof typeof OPS]))

/** What is done to a message to get the next one. */
export type OtsOp =
  | { readonly op: OtsHash | 'reverse' | 'hexlify' }
  | { readonly op: 'append' | 'prepend'; readonly data: Uint8Array }

/** Who vouches for a message. Nothing of it is verified. */
export type OtsAttestation =
  /** A calendar that has promised to. */
  | { readonly kind: 'pending'; readonly uri: string }
  /** The block of this height, whose Merkle root the message is. */
  | { readonly kind: 'bitcoin' | 'litecoin'; readonly height: number }
  /** Somebody we do not know: kept, and never counted. */
  | { readonly kind: 'unknown'; readonly tag: Uint8Array; readonly payload: Uint8Array }

const TAGS = {
  pending: '83dfe30d2ef90c8e',
  bitcoin: '0588960d73d71901',
  litecoin: '06869a0d73d71b45',
} as const

/** One thing that is known of a message: who vouches for it, or what it leads to. */
export type OtsBranch =
  | { readonly attestation: OtsAttestation }
  | { readonly op: OtsOp; readonly next: readonly OtsBranch[] }

/** All that is known of a message, in the order of the file; at least one. */
export type OtsTree = readonly OtsBranch[]

/** A `.ots` file (DetachedTimestampFile, version 1): the digest of a document, and what is known of it. */
export interface OtsFile {
  readonly hash: OtsHash
  readonly digest: Uint8Array
  readonly tree: OtsTree
}

/** One way through a tree: operations, and the attestation at their end. */
export interface OtsPath {
  readonly ops: readonly OtsOp[]
  readonly attestation: OtsAttestation
}

/** `.ots` file from its bytes, which have one spelling. Throws `anchor-invalid` and `input-too-large`. */
export function parseOts(bytes: Uint8Array): OtsFile {
  if (bytes.length > MAX_OTS_BYTES) {
    throw new CodedError('input-too-large', `the timestamp is larger than ${MAX_OTS_BYTES} bytes`)
  }
  const reader = new OtsReader(bytes)
  const magic = bytes.subarray(0, MAGIC.length)
  if (!equal(magic, MAGIC)) throw new CodedError(CODE, 'this is not a file of OpenTimestamps')
  reader.bytes(MAGIC.length)
  const version = reader.number(MAX_HEIGHT)
  if (version !== VERSION) throw new CodedError(CODE, `the file is of version ${version}, not ${VERSION}`)
  const hash = OP_NAMES.get(reader.byte())
  if (hash === undefined || !isHash(hash)) throw new CodedError(CODE, 'the file names its document by no hash we know')
  const digest = reader.bytes(HASHES[hash])
  const tree = readTree(reader, digest.length)
  reader.end()
  return { hash, digest, tree }
}

/** {@link parseOts} the other way; throws `anchor-invalid` for what no reader would take. */
export function writeOts({ hash, digest, tree }: OtsFile): Uint8Array {
  if (digest.length !== HASHES[hash]) throw new CodedError(CODE, `a digest of ${hash} has ${HASHES[hash]} bytes`)
  const bytes = concat(MAGIC, otsNumber(VERSION), Uint8Array.of(OPS[hash]), digest, writeTree(tree))
  parseOts(bytes)
  return bytes
}

/**
 * What a calendar answers of a message of so many bytes: a tree and nothing else. Throws `anchor-invalid` and
 * `input-too-large`.
 */
export function parseOtsTree(bytes: Uint8Array, messageBytes: number): OtsTree {
  if (bytes.length > MAX_CALENDAR_BYTES) {
    throw new CodedError('input-too-large', `the calendar's answer is larger than ${MAX_CALENDAR_BYTES} bytes`)
  }
  const reader = new OtsReader(bytes)
  const tree = readTree(reader, messageBytes)
  reader.end()
  return tree
}

/** {@link parseOtsTree} the other way; throws the same for what it would not take. */
export function writeOtsTree(tree: OtsTree, messageBytes: number): Uint8Array {
  const bytes = writeTree(tree)
  parseOtsTree(bytes, messageBytes)
  return bytes
}

/** Every way through a tree, in the order of the file. */
export function otsPaths(tree: OtsTree, before: readonly OtsOp[] = []): OtsPath[] {
  return tree.flatMap((branch) =>
    'attestation' in branch
      ? [{ ops: before, attestation: branch.attestation }]
      : otsPaths(branch.next, [...before, branch.op]),
  )
}

/**
 * One tree of several ways, what they have in common once: how the answers of several calendars become one proof, and
 * how a proof is cut down to the ways that count. Attestations first, then by their bytes.
 */
export function otsTree(paths: readonly OtsPath[]): OtsTree {
  const here = new Map<string, OtsAttestation>()
  const below = new Map<string, { readonly op: OtsOp; readonly paths: OtsPath[] }>()
  for (const { ops, attestation } of paths) {
    const [op, ...rest] = ops
    if (op === undefined) {
      here.set(hex(writeAttestation(attestation)), attestation)
      continue
    }
    const name = hex(writeOp(op))
    const branch = below.get(name) ?? { op, paths: [] }
    branch.paths.push({ ops: rest, attestation })
    below.set(name, branch)
  }
  const byBytes = <T>(map: ReadonlyMap<string, T>) => [...map].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return [
    ...byBytes(here).map(([, attestation]) => ({ attestation })),
    ...byBytes(below).map(([, branch]) => ({ op: branch.op, next: otsTree(branch.paths) })),
  ]
}

/** How many bytes an operation makes of so many; throws `anchor-invalid` beyond the most a message may have. */
export function otsResultBytes(op: OtsOp, bytes: number): number {
  const length = resultBytes(op, bytes)
  if (length > MAX_OTS_MESSAGE_BYTES) {
    throw new CodedError(CODE, `an operation makes more than ${MAX_OTS_MESSAGE_BYTES} bytes`)
  }
  return length
}

function resultBytes(op: OtsOp, bytes: number): number {
  if ('data' in op) return bytes + op.data.length
  if (op.op === 'reverse') return bytes
  return op.op === 'hexlify' ? 2 * bytes : HASHES[op.op]
}

function isHash(name: string): name is OtsHash {
  return Object.hasOwn(HASHES, name)
}

function readTree(reader: OtsReader, messageBytes: number): OtsTree {
  let nodes = 0
  function read(bytes: number, depth: number): OtsTree {
    if (depth > MAX_OTS_DEPTH) throw new CodedError(CODE, `the timestamp is more than ${MAX_OTS_DEPTH} deep`)
    const branches: OtsBranch[] = []
    let more = true
    while (more) {
      if (++nodes > MAX_OTS_NODES) throw new CodedError(CODE, `the timestamp has more than ${MAX_OTS_NODES} nodes`)
      let tag = reader.byte()
      more = tag === MORE
      if (more) tag = reader.byte()
      branches.push(tag === ATTESTATION ? { attestation: readAttestation(reader) } : readBranch(tag, bytes, depth))
    }
    return branches
  }
  function readBranch(tag: number, bytes: number, depth: number): OtsBranch {
    const op = readOp(tag, reader)
    return { op, next: read(otsResultBytes(op, bytes), depth + 1) }
  }
  return read(messageBytes, 1)
}

function readOp(tag: number, reader: OtsReader): OtsOp {
  const op = OP_NAMES.get(tag)
  // Without what it makes, nothing behind it can be checked: unlike an attestation, it cannot be kept unknown.
  if (op === undefined) throw new CodedError(CODE, `no operation is known by the tag ${tag}`)
  if (op === 'append' || op === 'prepend') return { op, data: reader.counted(1, MAX_OTS_MESSAGE_BYTES) }
  return { op }
}

function readAttestation(reader: OtsReader): OtsAttestation {
  const tag = reader.bytes(TAG_BYTES)
  const payload = reader.counted(0, MAX_OTS_PAYLOAD_BYTES)
  const kind = kindOf(tag)
  if (kind === null) return { kind: 'unknown', tag, payload }
  const inner = new OtsReader(payload)
  const attestation: OtsAttestation =
    kind === 'pending'
      ? { kind, uri: readUri(inner.counted(1, MAX_URI_CHARACTERS)) }
      : { kind, height: inner.number(MAX_HEIGHT) }
  inner.end()
  return attestation
}

function kindOf(tag: Uint8Array): keyof typeof TAGS | null {
  const digits = hex(tag)
  for (const kind of ['pending', 'bitcoin', 'litecoin'] as const) if (TAGS[kind] === digits) return kind
  return null
}

function readUri(bytes: Uint8Array): string {
  const uri = fromUtf8(bytes)
  if (!/^[A-Za-z0-9._/:-]+$/.test(uri)) throw new CodedError(CODE, 'the address of a calendar has other characters')
  return uri
}

function writeTree(tree: OtsTree): Uint8Array {
  if (tree.length === 0) throw new CodedError(CODE, 'a timestamp says something of every message')
  const parts = tree.map((branch) =>
    'attestation' in branch
      ? concat(Uint8Array.of(ATTESTATION), writeAttestation(branch.attestation))
      : concat(writeOp(branch.op), writeTree(branch.next)),
  )
  return concat(...parts.flatMap((part, i) => (i < parts.length - 1 ? [Uint8Array.of(MORE), part] : [part])))
}

function writeOp(op: OtsOp): Uint8Array {
  const tag = Uint8Array.of(OPS[op.op])
  return 'data' in op ? concat(tag, otsCounted(op.data)) : tag
}

function writeAttestation(attestation: OtsAttestation): Uint8Array {
  const { kind } = attestation
  if (kind === 'unknown') return concat(attestation.tag, otsCounted(attestation.payload))
  const payload = kind === 'pending' ? otsCounted(utf8(attestation.uri)) : otsNumber(attestation.height)
  return concat(fromHex(TAGS[kind]), otsCounted(payload))
}
