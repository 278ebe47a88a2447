import { equal, utf8 } from '@countersign/core'
import type { RekorPromise } from '../anchor/rekor.ts'
import { parseCheckpoint, type SignedCheckpoint } from '../checkpoint.ts'
import { MAX_PROOF_HASHES, readHash } from '../lines.ts'
import type { Shape } from '../shape.ts'
import { type EntryBody, type EntryKind, readEntryBody, readEntryKind } from './entry-body.ts'
import { Message } from './proto.ts'

const CODE = 'bundle-invalid'
/** Some entries of kind intoto hold the payload once more. */
const MAX_BODY = 8 * 1024 * 1024
/** End of the year 9999, so that a time can be written as one. */
const MAX_SECONDS = 253_402_300_799

/** That a log of Rekor has an entry (protobuf-specs, `TransparencyLogEntry`). Nothing in it is verified. */
export interface LogEntry {
  readonly kind: EntryKind
  /** 32 bytes. Says where to look for the key, and proves nothing. */
  readonly logId: Uint8Array
  /** By which the log is asked for it. In v1 it counts over all trees that the log has had. */
  readonly logIndex: number
  /** The log's signed word on when it took the entry: in v1 most often, in v2 never. */
  readonly promise: RekorPromise | null
  readonly inclusion: LogInclusion | null
  /** The leaf. */
  readonly body: Uint8Array
  /** What the leaf says. */
  readonly record: EntryBody
}

/** That an entry is in a log's tree. Size and root of the tree are those of the checkpoint, and nowhere else. */
export interface LogInclusion {
  /** Its place in the tree of the checkpoint. */
  readonly treeIndex: number
  /** From the leaf to the root. */
  readonly path: readonly Uint8Array[]
  readonly checkpoint: SignedCheckpoint
}

/** Throws `bundle-invalid`, and what reading checkpoints throws. */
export function readLogEntry(shape: Shape): LogEntry {
  const it = new Message(shape, [
    'logIndex',
    'logId',
    'kindVersion',
    'integratedTime',
    'inclusionPromise',
    'inclusionProof',
    'canonicalizedBody',
  ])
  const kindVersion = new Message(it.get('kindVersion'), ['kind', 'version'])
  const kind = readEntryKind(
    it.get('kindVersion'),
    kindVersion.get('kind').string(64),
    kindVersion.get('version').string(64),
  )
  const logIndex = it.int64('logIndex')
  const promise = readPromise(it)
  if (kind.generation === 2 && promise !== null) it.fail('has an inclusionPromise, which no Rekor v2 log makes')
  const inclusion = it.optional('inclusionProof', readInclusion)
  // In v2 a log has one tree; in v1 the index outside counts over more.
  if (kind.generation === 2 && inclusion !== null && inclusion.treeIndex !== logIndex) it.fail('has two indices')
  const body = it.bytes('canonicalizedBody', MAX_BODY)
  return {
    kind,
    logId: hash(new Message(it.get('logId'), ['keyId']).get('keyId')),
    logIndex,
    promise,
    inclusion,
    body,
    record: readEntryBody(kind, body),
  }
}

/** A time without the log's signature on it is nobody's word, and is left out. */
function readPromise(it: Message): RekorPromise | null {
  const integratedTime = it.int64('integratedTime')
  const signature = it.optional('inclusionPromise', (shape) =>
    new Message(shape, ['signedEntryTimestamp']).bytes('signedEntryTimestamp', 1024),
  )
  if (signature === null) return null
  if (integratedTime === 0 || integratedTime > MAX_SECONDS) it.fail('has a promise without a time')
  return { integratedTime, signature }
}

/** Null for a proof without a checkpoint, as bundles v0.1 can have: a root that nobody signed proves nothing. */
function readInclusion(shape: Shape): LogInclusion | null {
  const it = new Message(shape, ['logIndex', 'rootHash', 'treeSize', 'hashes', 'checkpoint'])
  const note = it.optional('checkpoint', (one) =>
    new Message(one, ['envelope']).optional('envelope', (text) => text.string()),
  )
  if (note === null || note === '') return null
  const checkpoint = parseCheckpoint(utf8(note))
  // They are what the checkpoint says already: a second statement of them that could differ is no second one.
  if (!equal(hash(it.get('rootHash')), checkpoint.root)) shape.fail('has another root than its checkpoint')
  if (it.int64('treeSize') !== checkpoint.size) shape.fail('has another tree size than its checkpoint')
  const treeIndex = it.int64('logIndex')
  if (treeIndex >= checkpoint.size) shape.fail('lies outside of its tree')
  return { treeIndex, path: it.list('hashes', MAX_PROOF_HASHES).map(hash), checkpoint }
}

function hash(shape: Shape): Uint8Array {
  return readHash(shape.string(), 'a hash', CODE)
}
