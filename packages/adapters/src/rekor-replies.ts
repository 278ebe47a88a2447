import { base64, CodedError, type Crypto, fromHex, type JsonObject, parseJson, utf8 } from '@countersign/core'
import { parseCheckpoint, type SignedCheckpoint, Shape } from '@countersign/formats'
import {
  readRekorEntry,
  type RekorEntry,
  type HashedRekord,
  looseOf,
  writeHashedRekord,
} from '@countersign/formats/anchor'
import { planInclusion, prove, tileHashes, tilePath, tilesOf } from '@countersign/merkle'
import type { RekorTrust } from '@countersign/verify/anchors'
import { askRekor, type RekorHttp } from './rekor-http.ts'

const CODE = 'anchor-invalid'
const LIMITS = { maxDepth: 16 }

/**
 * The entry in an answer to `POST /api/v2/log/entries`: a TransparencyLogEntry, in which protobuf may leave out what is
 * zero, and in whose inclusion proof only the hashes and the checkpoint count (rekor-tiles, CLIENTS.md). Throws
 * `anchor-invalid`, and what strict JSON reading throws.
 */
export function entryOfReplyV2(body: Uint8Array): RekorEntry {
  const it = looseOf(new Shape(CODE, parseJson(body, LIMITS), 'reply'), ['logId', 'kindVersion', 'inclusionProof'])
  const proof = looseOf(it.get('inclusionProof'), ['checkpoint'])
  const index = it.has('logIndex') ? it.get('logIndex').string(20) : '0'
  const envelope = looseOf(proof.get('checkpoint'), ['envelope']).get('envelope').string()
  return entryOf({
    logIndex: index,
    logId: { keyId: looseOf(it.get('logId'), ['keyId']).text('keyId') },
    kindVersion: it.get('kindVersion').members(),
    integratedTime: '0',
    inclusionProof: proofOf(index, proof.has('hashes') ? textsOf(proof.get('hashes')) : [], envelope),
    canonicalizedBody: it.get('canonicalizedBody').string(),
  })
}

/** The entry in an answer of a v1 log: one member, named by the entry's id. Throws as {@link entryOfReplyV2}. */
export function entryOfReplyV1(body: Uint8Array): RekorEntry {
  const shape = new Shape(CODE, parseJson(body, LIMITS), 'reply')
  const ids = Object.keys(shape.members())
  if (ids.length !== 1) shape.fail('does not hold one entry')
  const it = looseOf(looseOf(shape, ids).get(ids[0]!), ['body', 'integratedTime', 'logID', 'logIndex', 'verification'])
  const verification = looseOf(it.get('verification'), ['inclusionProof', 'signedEntryTimestamp'])
  const proof = looseOf(verification.get('inclusionProof'), ['checkpoint', 'hashes', 'logIndex'])
  const hashes = textsOf(proof.get('hashes')).map((text) => base64(fromHex(text)))
  return entryOf({
    logIndex: String(it.integer('logIndex', 0, Number.MAX_SAFE_INTEGER)),
    logId: { keyId: base64(fromHex(it.hex('logID', 64))) },
    kindVersion: { kind: 'hashedrekord', version: '0.0.1' },
    integratedTime: String(it.integer('integratedTime', 0, Number.MAX_SAFE_INTEGER)),
    inclusionPromise: { signedEntryTimestamp: verification.text('signedEntryTimestamp') },
    inclusionProof: proofOf(
      String(proof.integer('logIndex', 0, Number.MAX_SAFE_INTEGER)),
      hashes,
      proof.get('checkpoint').string(),
    ),
    canonicalizedBody: it.get('body').string(),
  })
}

/** Index that a v2 log names in refusing a duplicate (`x-log-index`); null where there is none. */
export function duplicateIndex(headers: Headers): number | null {
  const text = headers.get('x-log-index') ?? ''
  const index = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(index) ? index : null
}

/** Id of the entry that a v1 log names in refusing a duplicate (`location`); null where there is none. */
export function duplicateId(headers: Headers): string | null {
  return /\/api\/v1\/log\/entries\/([0-9a-f]{64}|[0-9a-f]{80})$/.exec(headers.get('location') ?? '')?.[1] ?? null
}

/**
 * The entry at an index, its proof put together from the log's own tiles (C2SP tlog-tiles below `/api/v2/`); null where
 * the log's checkpoint does not cover it yet. What the log gives is believed in nothing: the leaf is computed here, and
 * the entry is to be verified. Throws `anchor-unreachable` or `anchor-invalid`, and what reading a checkpoint throws.
 */
export async function entryFromTiles(
  base: string,
  index: number,
  record: HashedRekord,
  { logs }: RekorTrust,
  http: RekorHttp,
  crypto: Pick<Crypto, 'sha256'>,
): Promise<RekorEntry | null> {
  const checkpoint = await checkpointOf(base, http)
  const log = logs.find(({ name }) => name === checkpoint.origin)
  if (log === undefined) throw new CodedError('anchor-untrusted', 'the checkpoint is of a log that is not known')
  if (checkpoint.size <= index) return null
  const plan = planInclusion(index, checkpoint.size)
  const refs = tilesOf(plan)
  const tiles = new Map(
    await Promise.all(refs.map(async (ref) => [tilePath(ref), await fileOf(base, tilePath(ref), http)] as const)),
  )
  const hash = { size: 32, hash: (bytes: Uint8Array) => crypto.sha256(bytes) }
  const path = prove(
    plan,
    tileHashes((ref) => tiles.get(tilePath(ref))!, checkpoint.size, hash),
    hash,
  )
  return {
    version: '0.0.2',
    logId: log.logId,
    logIndex: index,
    treeIndex: index,
    promise: null,
    path,
    checkpoint,
    body: writeHashedRekord('0.0.2', record),
    record,
  }
}

/** A v2 log's newest checkpoint, unverified. */
export async function checkpointOf(base: string, http: RekorHttp): Promise<SignedCheckpoint> {
  return parseCheckpoint(await fileOf(base, 'checkpoint', http))
}

async function fileOf(base: string, path: string, http: RekorHttp): Promise<Uint8Array> {
  const { status, body } = await askRekor(`${base}/api/v2/${path}`, null, http)
  if (status !== 200) throw new CodedError(CODE, `the log has no ${path}: status ${status}`)
  return body
}

function entryOf(json: JsonObject): RekorEntry {
  return readRekorEntry(new Shape(CODE, json, 'entry'))
}

function proofOf(logIndex: string, hashes: readonly string[], envelope: string): JsonObject {
  const checkpoint = parseCheckpoint(utf8(envelope))
  return {
    logIndex,
    rootHash: base64(checkpoint.root),
    treeSize: String(checkpoint.size),
    hashes,
    checkpoint: { envelope },
  }
}

function textsOf(shape: Shape): string[] {
  return shape.array(64).map((one) => one.string(100))
}
