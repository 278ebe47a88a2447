import { base64, CodedError, equal, fromBase64, fromHex, fromUtf8, hex, type JsonObject, utf8 } from '@countersign/core'
import { parseCheckpoint, type SignedCheckpoint } from '../checkpoint.ts'
import { BUNDLE_V03 } from '../constants.ts'
import { MAX_PROOF_HASHES, readDecimal, readHash } from '../lines.ts'
import { writeNote } from '../note.ts'
import type { ObjectShape, Shape } from '../shape.ts'
import { HASHEDREKORD_VERSIONS, type HashedRekord, type HashedRekordVersion, readHashedRekord } from './hashedrekord.ts'
import { ANCHOR_MEDIA_TYPE } from './kinds.ts'

const CODE = 'anchor-invalid'

/** That a Rekor log has an entry with the hash of a statement. Nothing in it is verified. */
export interface RekorAnchor {
  readonly kind: 'rekor'
  /** SHA-256 of the statement's text, 32 bytes. */
  readonly statement: Uint8Array
  readonly entry: RekorEntry
}

/**
 * An entry of a Rekor log with its proof: what Sigstore calls a TransparencyLogEntry, of kind hashedrekord.
 * Size and root of the tree are those of the checkpoint, and nowhere else.
 */
export interface RekorEntry {
  /** `0.0.2` of a Rekor v2 log, `0.0.1` of a v1 log. */
  readonly version: HashedRekordVersion
  /** 32 bytes: the key id of its checkpoints, not truncated. Says where to look for the key, and proves nothing. */
  readonly logId: Uint8Array
  /** By which the log is asked for it. In v1 it counts over all trees that the log has had. */
  readonly logIndex: number
  /** Its place in the tree of the checkpoint; in v2 the same as `logIndex`. */
  readonly treeIndex: number
  /** The log's word on when it took the entry: in v1 always, in v2 never. */
  readonly promise: RekorPromise | null
  /** Inclusion proof (RFC 6962), from the leaf to the root. */
  readonly path: readonly Uint8Array[]
  readonly checkpoint: SignedCheckpoint
  /** The leaf: exactly what `writeHashedRekord` writes of `record`. */
  readonly body: Uint8Array
  readonly record: HashedRekord
}

/** A signed entry timestamp (Rekor v1). */
export interface RekorPromise {
  /** Seconds since 1970. Says nothing until `signature` is verified. */
  readonly integratedTime: number
  readonly signature: Uint8Array
}

/**
 * Anchor from its JSON, which has one spelling: `rekorJson` gives the same value again. Throws `anchor-invalid`,
 * whatever is wrong.
 */
export function readRekor(shape: Shape): RekorAnchor {
  const it = shape.object(['mediaType', 'kind', 'statement', 'entry'])
  it.exactly('mediaType', ANCHOR_MEDIA_TYPE)
  it.exactly('kind', 'rekor')
  const statement = fromHex(it.hex('statement', 64))
  return { kind: 'rekor', statement, entry: readRekorEntry(it.get('entry')) }
}

/** {@link readRekor} the other way. */
export function rekorJson({ statement, entry }: RekorAnchor): JsonObject {
  return { mediaType: ANCHOR_MEDIA_TYPE, kind: 'rekor', statement: hex(statement), entry: rekorEntryJson(entry) }
}

/** An entry in the JSON of protobuf, as it stands in `tlogEntries` of a Sigstore bundle v0.3. Throws `anchor-invalid`. */
export function readRekorEntry(shape: Shape): RekorEntry {
  try {
    return read(shape)
  } catch (cause) {
    if (!(cause instanceof CodedError) || cause.code === CODE) throw cause
    throw new CodedError(CODE, `the entry cannot be read: ${cause.what}`, { cause })
  }
}

/** {@link readRekorEntry} the other way. */
export function rekorEntryJson(entry: RekorEntry): JsonObject {
  const { version, logId, logIndex, treeIndex, promise, path, checkpoint, body } = entry
  return {
    logIndex: String(logIndex),
    logId: { keyId: base64(logId) },
    kindVersion: { kind: 'hashedrekord', version },
    integratedTime: String(promise?.integratedTime ?? 0),
    ...(promise === null ? {} : { inclusionPromise: { signedEntryTimestamp: base64(promise.signature) } }),
    inclusionProof: {
      logIndex: String(treeIndex),
      rootHash: base64(checkpoint.root),
      treeSize: String(checkpoint.size),
      hashes: path.map(base64),
      checkpoint: { envelope: fromUtf8(writeNote(checkpoint.note)) },
    },
    canonicalizedBody: base64(body),
  }
}

/**
 * The anchor as a Sigstore bundle v0.3 of the statement's text, for Sigstore's own tools. `hint` names the key to them.
 * It is the same proof: nothing is in it that the anchor has not.
 */
export function rekorBundle({ entry }: RekorAnchor): JsonObject {
  const { digest, signature, publicKey } = entry.record
  return {
    mediaType: BUNDLE_V03,
    verificationMaterial: { publicKey: { hint: publicKey.keyId }, tlogEntries: [rekorEntryJson(entry)] },
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest: base64(digest) },
      signature: base64(signature),
    },
  }
}

function read(shape: Shape): RekorEntry {
  const it = shape.object(
    ['logIndex', 'logId', 'kindVersion', 'integratedTime', 'inclusionProof', 'canonicalizedBody'],
    ['inclusionPromise'],
  )
  const kindVersion = it.get('kindVersion').object(['kind', 'version'])
  kindVersion.exactly('kind', 'hashedrekord')
  const version = kindVersion.exactly('version', ...HASHEDREKORD_VERSIONS)
  const logIndex = decimal(it, 'logIndex')
  const promise = readPromise(it)
  if ((version === '0.0.1') !== (promise !== null)) {
    shape.fail(promise === null ? 'lacks inclusionPromise' : 'has an inclusionPromise, which no Rekor v2 log makes')
  }
  const proof = it.get('inclusionProof').object(['logIndex', 'rootHash', 'treeSize', 'hashes', 'checkpoint'])
  const checkpoint = parseCheckpoint(utf8(proof.get('checkpoint').object(['envelope']).get('envelope').string()))
  // They are what the checkpoint says already: a second statement of them that could differ is no second one.
  if (!equal(hash(proof.get('rootHash')), checkpoint.root)) shape.fail('has another root than its checkpoint')
  if (decimal(proof, 'treeSize') !== checkpoint.size) shape.fail('has another tree size than its checkpoint')
  const treeIndex = decimal(proof, 'logIndex')
  if (version === '0.0.2' && treeIndex !== logIndex) shape.fail('has two indices')
  if (treeIndex >= checkpoint.size) shape.fail('lies outside of its tree')
  const body = fromBase64(it.get('canonicalizedBody').string())
  return {
    version,
    logId: hash(it.get('logId').object(['keyId']).get('keyId')),
    logIndex,
    treeIndex,
    promise,
    path: proof.get('hashes').array(MAX_PROOF_HASHES).map(hash),
    checkpoint,
    body,
    record: readHashedRekord(version, body),
  }
}

function readPromise(it: ObjectShape): RekorPromise | null {
  const integratedTime = decimal(it, 'integratedTime')
  if (!it.has('inclusionPromise')) {
    if (integratedTime !== 0) it.get('integratedTime').fail('is a time that nobody signed')
    return null
  }
  // Until the year 9999, so that it can be written as a time.
  if (integratedTime === 0 || integratedTime > 253_402_300_799) it.get('integratedTime').fail('is no time')
  const promise = it.get('inclusionPromise').object(['signedEntryTimestamp'])
  return { integratedTime, signature: fromBase64(promise.text('signedEntryTimestamp')) }
}

/** Protobuf writes 64-bit integers as text. */
function decimal(it: ObjectShape, key: string): number {
  return readDecimal(it.get(key).string(), key, CODE)
}

function hash(shape: Shape): Uint8Array {
  return readHash(shape.string(), 'a hash', CODE)
}
