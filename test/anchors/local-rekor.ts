import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { p256 } from '@noble/curves/nist.js'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import {
  base64,
  canonicalJson,
  concat,
  equal,
  fromBase64,
  fromUtf8,
  hex,
  type JsonObject,
  parseJson,
  parsePublicKey,
  publicKeyPem,
  readPublicKey,
  utf8,
} from '@countersign/core'
import { writeNote } from '@countersign/formats'
import {
  type HashedRekord,
  type HashedRekordVersion,
  readHashedRekord,
  type RekorEntry,
  rekorEntryJson,
  type SigstoreService,
  writeHashedRekord,
} from '@countersign/formats/anchor'
import { inclusionProof, leafHash, nodeHash, parseTilePath, rootAt, type TileRef } from '@countersign/merkle'
import { rekorLog, type RekorTrust, rekorTrust } from '@countersign/verify/anchors'
import { parseCheckpoint } from '@countersign/formats'

/**
 * What a log does with requests. `stall` takes the entry and never answers, `lose` takes it and hangs up: the two ways
 * in which a reply is lost. The last five answer with what they cannot prove.
 */
export type RekorMode =
  | 'honest'
  | 'down'
  | 'busy'
  | 'refuse'
  | 'frozen'
  | 'redirect'
  | 'stall'
  | 'lose'
  | 'huge'
  | 'garbage'
  | 'wrong-entry'
  | 'wrong-signer'
  | 'other-log'
  | 'wrong-root'
  | 'wrong-path'

export interface LocalRekorOptions {
  /** Origin of the log; `rekor.example` by default. */
  readonly name?: string
  /** 2 by default. */
  readonly version?: 1 | 2
  /** Whether it serves checkpoint and tiles beside taking entries; true by default. The real server leaves it to others. */
  readonly tiles?: boolean
  /** Entries of others that are in it already. */
  readonly filled?: number
  /** 0 takes a free one. */
  readonly port?: number
  readonly now?: () => number
}

/** A Rekor log on loopback: a real tree, real signatures, and lies where they are asked for. */
export interface LocalRekor {
  readonly url: string
  readonly name: string
  /** That it is believed. */
  readonly trust: RekorTrust
  readonly service: SigstoreService
  /** Of its checkpoints: type 0x01 of a v2 log, 0x02 of a v1 log. */
  readonly vkey: string
  /** Sigstore's `trusted_root.json`, with nothing but this log. */
  readonly trustedRoot: JsonObject
  /** Sigstore's SigningConfig v0.2, with nothing but this log. */
  readonly signingConfig: JsonObject
  mode: RekorMode
  /** Whether its published checkpoint stays behind what is in. */
  behind: boolean
  /** Entries in it. */
  size(): number
  /** What it was asked, in order: method and path. */
  readonly asked: string[]
  /** Whom it would take for the log if it were honest: a proof of any entry, as the log gives it. */
  prove(index: number): RekorEntry
  /** Puts an entry in without looking at it. */
  put(version: HashedRekordVersion, record: HashedRekord): number
  close(): Promise<void>
}

const HASH = { size: 32, hash: (bytes: Uint8Array) => nodeCrypto.sha256(bytes) }
const MAX_BODY = 65_536

export async function startLocalRekor(options: LocalRekorOptions = {}): Promise<LocalRekor> {
  const { name = 'rekor.example', version = 2, tiles = true } = options
  const now = options.now ?? Date.now
  const pair = version === 2 ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = parsePublicKey(pair.publicKey.export({ type: 'spki', format: 'der' }))
  const log = rekorLog(name, key, nodeCrypto)
  const trust = rekorTrust([log])
  const signer = { name, keyId: hex(log.logId.subarray(0, 4)), key: pair.privateKey }
  const tree = new Tree(signer, version)
  // A log of the same name, by somebody else.
  const others = generateKeyPairSync('ed25519').privateKey
  for (let i = 0; i < (options.filled ?? 0); i++) tree.add(randomBytes(200), now())

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const record = recordOf(version, parseJson(await bodyOf(request)) as JsonObject)
    if (record === null) return answer(response, 400, { code: 3, message: 'invalid hashedrekord request' })
    const body = writeHashedRekord(version === 2 ? '0.0.2' : '0.0.1', record)
    const known = tree.find(body)
    if (known !== null) {
      const headers: Record<string, string> =
        version === 2 ? { 'x-log-index': String(known) } : { location: `/api/v1/log/entries/${tree.idOf(known)}` }
      const message = `an equivalent entry already exists in the transparency log with index ${known}`
      return answer(response, 409, { code: 6, message }, headers)
    }
    const index = tree.add(body, now())
    if (rekor.mode === 'stall') return
    if (rekor.mode === 'lose') return void response.destroy()
    return answer(response, 201, lied(index))
  }

  function lied(index: number): JsonObject {
    const honest = tree.entry(index, log.logId)
    switch (rekor.mode) {
      case 'wrong-entry':
        return json(tree.entry(tree.put(otherRecord(honest.record.publicKey.spki)), log.logId))
      case 'wrong-signer':
        return json(tree.entry(tree.put({ ...otherRecord(), digest: honest.record.digest }), log.logId))
      case 'other-log':
        return json({ ...honest, checkpoint: tree.checkpoint(tree.size, null, others) })
      case 'wrong-root':
        return json({ ...honest, checkpoint: tree.checkpoint(tree.size, randomBytes(32)) })
      case 'wrong-path':
        return json({ ...honest, path: [...honest.path, randomBytes(32)] })
      default:
        return json(honest)
    }
  }

  function json(entry: RekorEntry): JsonObject {
    if (version === 2) {
      const { inclusionProof: proof, ...rest } = rekorEntryJson(entry) as { inclusionProof: JsonObject }
      // As the real server answers: everything is there, what is not set is null.
      return { ...rest, inclusionPromise: null, inclusionProof: proof }
    }
    return tree.jsonV1(entry)
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = request
    rekor.asked.push(`${method} ${path}`)
    const { mode } = rekor
    if (mode === 'down') return void request.socket.destroy()
    if (mode === 'busy') return answer(response, 503, { code: 14, message: 'reached max pushback; retry' })
    if (mode === 'redirect') return answer(response, 302, {}, { location: `http://${request.headers.host}/elsewhere` })
    if (mode === 'huge') return answer(response, 201, { huge: 'x'.repeat(1_000_000) })
    if (mode === 'garbage') return answer(response, 201, { logIndex: '0' })
    if (method === 'POST' && path === `/api/v${version}/log/entries`) {
      if (mode === 'refuse') return answer(response, 400, { code: 3, message: 'invalid hashedrekord request' })
      const frozen = { 'x-http-error-message': 'This log has been frozen, please switch to the latest log.' }
      if (mode === 'frozen') return answer(response, 405, { code: 12, message: 'log frozen' }, frozen)
      return take(request, response)
    }
    if (method === 'GET' && tiles) {
      const found = version === 2 ? readV2(path) : readV1(path)
      if (found !== null) return void response.writeHead(200).end(found)
    }
    answer(response, 404, { code: 5, message: 'Not Found' })
  }

  function readV2(path: string): Uint8Array | null {
    if (!path.startsWith('/api/v2/')) return null
    const size = rekor.behind ? Math.max(0, tree.size - 1) : tree.size
    const rest = path.slice('/api/v2/'.length)
    if (rest === 'checkpoint') return writeNote(tree.checkpoint(size).note)
    const ref = parseTilePath(rest)
    return ref.level === 'entries' ? null : tree.tile(ref)
  }

  function readV1(path: string): Uint8Array | null {
    if (path === '/api/v1/log') {
      return utf8(JSON.stringify({ signedTreeHead: fromUtf8(writeNote(tree.checkpoint(tree.size).note)) }))
    }
    const index = tree.indexOf(path.replace('/api/v1/log/entries/', ''))
    return index < 0 ? null : utf8(JSON.stringify(tree.jsonV1(tree.entry(index, log.logId))))
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const validFor = { start: '2020-01-01T00:00:00Z' }
  const keyDetails = version === 2 ? 'PKIX_ED25519' : 'PKIX_ECDSA_P256_SHA_256'
  const material = version === 2 ? concat(Uint8Array.of(1), key.raw) : concat(Uint8Array.of(2), key.spki)
  const service = { url, majorApiVersion: version, validFor: { start: null, end: null }, operator: null }
  const rekor: LocalRekor = {
    url,
    name,
    trust,
    service,
    vkey: `${name}+${signer.keyId}+${base64(material)}`,
    trustedRoot: {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [
        {
          baseUrl: `https://${name}`,
          hashAlgorithm: 'SHA2_256',
          publicKey: { rawBytes: base64(key.spki), keyDetails, validFor },
          logId: { keyId: base64(log.logId) },
        },
      ],
      certificateAuthorities: [],
      ctlogs: [],
      timestampAuthorities: [],
    },
    signingConfig: {
      mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
      caUrls: [],
      oidcUrls: [],
      rekorTlogUrls: [{ url, majorApiVersion: version, validFor, operator: 'example.org' }],
      rekorTlogConfig: { selector: 'ANY' },
      tsaUrls: [],
      tsaConfig: { selector: 'ANY' },
    },
    mode: 'honest',
    behind: false,
    size: () => tree.size,
    asked: [],
    prove: (index) => tree.entry(index, log.logId),
    put: (entryVersion, record) => tree.add(writeHashedRekord(entryVersion, record), now()),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return rekor
}

interface Signer {
  readonly name: string
  readonly keyId: string
  readonly key: KeyObject
}

class Tree {
  readonly #signer: Signer
  readonly #version: 1 | 2
  readonly #bodies: Uint8Array[] = []
  /** Hashes of perfect subtrees, by height and index. */
  readonly #hashes: Uint8Array[][] = [[]]
  readonly #times: number[] = []

  constructor(signer: Signer, version: 1 | 2) {
    this.#signer = signer
    this.#version = version
  }

  get size(): number {
    return this.#bodies.length
  }

  find(body: Uint8Array): number | null {
    const index = this.#bodies.findIndex((one) => equal(one, body))
    return index < 0 ? null : index
  }

  add(body: Uint8Array, now: number): number {
    const index = this.#bodies.push(new Uint8Array(body)) - 1
    this.#times.push(Math.floor(now / 1000))
    this.#hashes[0]!.push(leafHash(body, HASH))
    for (let height = 1; (index + 1) % 2 ** height === 0; height++) {
      const below = this.#hashes[height - 1]!
      ;(this.#hashes[height] ??= []).push(nodeHash(below.at(-2)!, below.at(-1)!, HASH))
    }
    return index
  }

  /** An entry that nobody signed for, as a log that does not look would take it. */
  put(record: HashedRekord): number {
    return this.add(writeHashedRekord(this.#version === 2 ? '0.0.2' : '0.0.1', record), 0)
  }

  readonly #read = (height: number, index: number): Uint8Array => this.#hashes[height]![index]!

  tile({ level, index, width }: TileRef): Uint8Array | null {
    const hashes = this.#hashes[8 * level]?.slice(256 * index, 256 * index + width) ?? []
    return hashes.length === width ? concat(...hashes) : null
  }

  checkpoint(size: number, other: Uint8Array | null = null, key = this.#signer.key) {
    const root = other ?? rootAt(size, this.#read, HASH)
    const { name, keyId } = this.#signer
    const origin = this.#version === 2 ? name : `${name} - 1193050959916656506`
    const text = `${origin}\n${size}\n${base64(root)}\n`
    const signature = new Uint8Array(sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', utf8(text), key))
    return parseCheckpoint(writeNote({ text, signatures: [{ name, keyId, signature }] }))
  }

  entry(index: number, logId: Uint8Array): RekorEntry {
    const body = this.#bodies[index]!
    const version = this.#version === 2 ? '0.0.2' : '0.0.1'
    // As after a shard: more entries in all than in this tree.
    const logIndex = this.#version === 2 ? index : index + 20_000
    const integratedTime = this.#times[index]!
    const signed = canonicalJson({ body: base64(body), integratedTime, logID: hex(logId), logIndex })
    const promise = { integratedTime, signature: new Uint8Array(sign('sha256', signed, this.#p256())) }
    return {
      version,
      logId,
      logIndex,
      treeIndex: index,
      promise: this.#version === 2 ? null : promise,
      path: inclusionProof(index, this.size, this.#read, HASH),
      checkpoint: this.checkpoint(this.size),
      body,
      record: readHashedRekord(version, body),
    }
  }

  #p256(): KeyObject {
    const { key } = this.#signer
    return key.asymmetricKeyType === 'ec' ? key : UNUSED
  }

  idOf(index: number): string {
    return hex(this.#hashes[0]![index]!)
  }

  indexOf(id: string): number {
    return this.#hashes[0]!.findIndex((one) => hex(one) === id)
  }

  jsonV1({ body, promise, logId, logIndex, treeIndex, path, checkpoint }: RekorEntry): JsonObject {
    return {
      [this.idOf(treeIndex)]: {
        body: base64(body),
        integratedTime: promise!.integratedTime,
        logID: hex(logId),
        logIndex,
        verification: {
          inclusionProof: {
            checkpoint: fromUtf8(writeNote(checkpoint.note)),
            hashes: path.map(hex),
            logIndex: treeIndex,
            rootHash: hex(checkpoint.root),
            treeSize: checkpoint.size,
          },
          signedEntryTimestamp: base64(promise!.signature),
        },
      },
    }
  }
}

const UNUSED = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

/** A hash of nothing that is known, signed by a key that nobody knows, or said to be by one. */
export function otherRecord(spki?: Uint8Array): HashedRekord {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const bytes = randomBytes(50)
  return {
    digest: new Uint8Array(createHash('sha256').update(bytes).digest()),
    signature: new Uint8Array(sign('sha256', bytes, pair.privateKey)),
    publicKey: parsePublicKey(spki ?? pair.publicKey.export({ type: 'spki', format: 'der' })),
  }
}

/** What is asked to be taken, null where the log refuses it: the signature is checked, as the real one checks it. */
function recordOf(version: 1 | 2, request: JsonObject): HashedRekord | null {
  try {
    const record = version === 2 ? recordV2(request) : recordV1(request)
    const { digest, signature, publicKey } = record
    const options = { prehash: false, lowS: false, format: 'der' } as const
    return p256.verify(signature, digest, publicKey.raw, options) ? record : null
  } catch {
    return null
  }
}

function recordV2(request: JsonObject): HashedRekord {
  const { hashedRekordRequestV002: it } = request as unknown as {
    hashedRekordRequestV002: {
      digest: string
      signature: { content: string; verifier: { keyDetails: string; publicKey: { rawBytes: string } } }
    }
  }
  if (it.signature.verifier.keyDetails !== 'PKIX_ECDSA_P256_SHA_256') throw new Error('another algorithm')
  return {
    digest: fromBase64(it.digest),
    signature: fromBase64(it.signature.content),
    publicKey: parsePublicKey(fromBase64(it.signature.verifier.publicKey.rawBytes)),
  }
}

function recordV1(request: JsonObject): HashedRekord {
  const { spec } = request as unknown as {
    spec: {
      data: { hash: { value: string } }
      signature: { content: string; publicKey: { content: string } }
    }
  }
  const pem = fromUtf8(fromBase64(spec.signature.publicKey.content))
  const publicKey = readPublicKey(pem)
  if (publicKeyPem(publicKey) !== pem) throw new Error('another spelling')
  return {
    digest: new Uint8Array(Buffer.from(spec.data.hash.value, 'hex')),
    signature: fromBase64(spec.signature.content),
    publicKey,
  }
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > MAX_BODY) throw new Error('too large')
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

function answer(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
