import { type Anchor, type AnchorCheck, type AnchorCost, type AnchorJob, type AnchorMove } from '@countersign/anchor'
import {
  base64,
  canonicalJson,
  CodedError,
  type Crypto,
  fromBase64,
  fromUtf8,
  type JsonObject,
} from '@countersign/core'
import { statementDigests } from '@countersign/formats'
import {
  type HashedRekord,
  hashedRekordRequestV1,
  hashedRekordRequestV2,
  MAX_ANCHOR_BYTES,
  type RekorAnchor,
  type RekorEntry,
  rekorJson,
  servicesAt,
  type SigstoreService,
} from '@countersign/formats/anchor'
import type { Signer } from '@countersign/sign'
import { type RekorTrust, verifyRekor } from '@countersign/verify/anchors'
import { checkRekor } from './rekor-check.ts'
import {
  askRekor,
  hostOf,
  REKOR_TIMEOUT_MS,
  rekorBaseOf,
  type RekorHttp,
  type RekorReply,
  saidBy,
} from './rekor-http.ts'
import { duplicateId, duplicateIndex, entryFromTiles, entryOfReplyV1, entryOfReplyV2 } from './rekor-replies.ts'

export { REKOR_TIMEOUT_MS } from './rekor-http.ts'

/** Versions of Rekor's interface that are spoken, v1 where nothing newer is to be had. */
export const REKOR_VERSIONS: readonly number[] = [1, 2]
/** The longest wait where a log says again and again that it has the statement, and does not prove it; milliseconds. */
const MAX_WAIT_MS = 86_400_000
/** Until a checkpoint that is published rarely covers what is in already; milliseconds. */
const CHECKPOINT_MS = 10_000
/** What may pass by itself: time-outs, overload, and what a log calls its own failure. */
const PASSING = new Set([408, 425, 429, 499, 500, 502, 503, 504])
const FROZEN = 405

export interface RekorOptions {
  /** `rekor` by default; other ones must be unique among the anchors. */
  readonly name?: string
  /** Where entries go: those of a SigningConfig (`parseSigningConfig`), or one (`rekorAt`). */
  readonly services: readonly SigstoreService[]
  /** ECDSA P-256. Rekor v2 takes no Ed25519. */
  readonly signer: Signer
  /** Which logs are believed: what another log signs is no proof, and is not stored. */
  readonly trust: RekorTrust
  readonly crypto: Crypto
  /** For one request, answer included; 30,000 by default. A Rekor v2 log needs 20,000. */
  readonly timeoutMs?: number
  readonly fetch?: typeof fetch
}

/** One log at an address that no SigningConfig names. */
export function rekorAt(url: string, majorApiVersion: 1 | 2 = 2): SigstoreService {
  return { url, majorApiVersion, validFor: { start: null, end: null }, operator: null }
}

/**
 * Anchors statements in a Rekor log, as hashedrekord entries: the SHA-256 of the text, and a signature over the text.
 *
 * The signature is made before anything is sent, and sent again after a crash or a time-out, so that the log tells
 * what it has already (409). A v2 log gives no proof then: it is put together from the log's tiles, and where these
 * cannot be had, the statement is signed anew, which makes another entry. An entry too many costs nobody anything; a
 * statement without a proof is lost.
 *
 * Throws `anchor-setup-invalid` for an address, `key-invalid` for a key that is not ECDSA P-256.
 */
export function rekorAnchor(options: RekorOptions): Anchor {
  const { signer, trust, crypto } = options
  if (signer.publicKey.algorithm !== 'ecdsa-p256') {
    throw new CodedError('key-invalid', 'the key for Rekor is not an ECDSA P-256 key')
  }
  const services = options.services.map((one) => ({ ...one, url: rekorBaseOf(one.url) }))
  if (services.length === 0) throw new CodedError('anchor-setup-invalid', 'no Rekor log is named')
  const http: RekorHttp = { fetch: options.fetch ?? fetch, timeoutMs: options.timeoutMs ?? REKOR_TIMEOUT_MS }
  const at = (now: number) => servicesAt(services, now, REKOR_VERSIONS)

  async function sign(text: Uint8Array): Promise<Uint8Array> {
    let signature: Uint8Array
    try {
      signature = new Uint8Array(await signer.sign(new Uint8Array(text)))
    } catch (cause) {
      // Whoever keeps the key may know better whether it passes.
      if (cause instanceof CodedError && cause.code.startsWith('anchor-')) throw cause
      throw new CodedError('anchor-unreachable', 'the key for Rekor did not sign', { cause })
    }
    // T-68: a KMS may answer with another key version, memory may fail.
    if (crypto.verify(signer.publicKey, text, signature)) return signature
    throw new CodedError('anchor-unreachable', 'the signature just made does not verify')
  }

  /** Where to go next, none of those that take nothing any more. */
  function serviceFor(memo: Pick<Memo, 'service' | 'frozen'> | null, now: number): SigstoreService {
    const open = at(now).filter(({ url }) => memo?.frozen.includes(url) !== true)
    // The log that may have it already, as long as it is one to be used.
    const service = open.find(({ url }) => url === memo?.service) ?? open[0]
    if (service !== undefined) return service
    throw new CodedError('anchor-refused', 'no Rekor log that is set up takes entries now', {
      fix: 'Take a newer SigningConfig, or name another log.',
    })
  }

  /** Nothing has left the house yet; when this is durable, it may. */
  async function prepare(job: AnchorJob, unproven: number, frozen: readonly string[]): Promise<AnchorMove> {
    const service = serviceFor({ service: '', frozen }, job.now)
    const memo = { service: service.url, signature: base64(await sign(job.text)), unproven, frozen }
    return { state: { phase: 'pending', memo: memoJson(memo) }, proof: null, again: 0, costs: [] }
  }

  async function submit(job: AnchorJob, memo: Memo, record: HashedRekord): Promise<AnchorMove> {
    const service = serviceFor(memo, job.now)
    const v2 = service.majorApiVersion === 2
    const request = v2 ? hashedRekordRequestV2(record) : hashedRekordRequestV1(record)
    const reply = await askRekor(`${service.url}/api/v${service.majorApiVersion}/log/entries`, request, http)
    const costs = [{ unit: 'request', amount: '1' }]
    const { status } = reply
    if (status === 200 || status === 201)
      return final(
        job,
        refusing(() => (v2 ? entryOfReplyV2 : entryOfReplyV1)(reply.body)),
        costs,
      )
    if (status === 409) return duplicate(job, { ...memo, service: service.url }, record, service, reply, costs)
    if (status === FROZEN) {
      const frozen = [...memo.frozen, service.url]
      const next = { ...memo, frozen, service: serviceFor({ ...memo, frozen }, job.now).url }
      return { state: { phase: 'pending', memo: memoJson(next) }, proof: null, again: 0, costs }
    }
    const code = PASSING.has(status) ? 'anchor-unreachable' : 'anchor-refused'
    throw new CodedError(code, `${hostOf(service.url)} answered ${saidBy(reply)}`)
  }

  /** The log has this very entry: the reply to an earlier request was lost. */
  async function duplicate(
    job: AnchorJob,
    memo: Memo,
    record: HashedRekord,
    { url, majorApiVersion }: SigstoreService,
    { headers }: RekorReply,
    costs: readonly AnchorCost[],
  ): Promise<AnchorMove> {
    const unproven = memo.unproven + 1
    let entry: RekorEntry | 'later' | null = null
    try {
      entry = majorApiVersion === 2 ? await fromTiles(url, record, headers) : await fromId(url, headers)
      if (entry !== null && entry !== 'later') return final(job, entry, costs)
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
    }
    if (entry === 'later') {
      const waiting = memoJson({ ...memo, unproven })
      const again = Math.min(CHECKPOINT_MS * 2 ** (unproven - 1), MAX_WAIT_MS)
      return { state: { phase: 'submitted', memo: waiting }, proof: null, again, costs }
    }
    const anew = await prepare(job, unproven, memo.frozen)
    // At once, the first time. Each time is one entry more: a log that never proves one gets few.
    const again = unproven === 1 ? 0 : Math.min(30_000 * 2 ** unproven, MAX_WAIT_MS)
    return { ...anew, costs, again }
  }

  async function fromTiles(base: string, record: HashedRekord, headers: Headers): Promise<RekorEntry | 'later' | null> {
    const index = duplicateIndex(headers)
    return index === null ? null : ((await entryFromTiles(base, index, record, trust, http, crypto)) ?? 'later')
  }

  async function fromId(base: string, headers: Headers): Promise<RekorEntry | null> {
    const id = duplicateId(headers)
    if (id === null) return null
    const { status, body } = await askRekor(`${base}/api/v1/log/entries/${id}`, null, http)
    return status === 200 ? entryOfReplyV1(body) : null
  }

  /** Nothing is stored that does not verify as whoever reads it will verify it. */
  function final(job: AnchorJob, entry: RekorEntry, costs: readonly AnchorCost[]): AnchorMove {
    const digests = statementDigests(fromUtf8(job.text), crypto)
    const anchor: RekorAnchor = { kind: 'rekor', statement: digests.sha256, entry }
    refusing(() => verifyRekor(anchor, { text: job.text, digests }, { ...trust, signers: [signer.publicKey] }, crypto))
    const proof = canonicalJson(rekorJson(anchor))
    if (proof.length > MAX_ANCHOR_BYTES) throw new CodedError('anchor-refused', 'the proof is too large to be read')
    return { state: { phase: 'final', memo: null }, proof, again: 0, costs }
  }

  return {
    kind: 'rekor',
    name: options.name ?? 'rekor',
    async move(job) {
      const memo = readMemo(job.state.memo)
      if (memo === null) return prepare(job, 0, [])
      const { publicKey } = signer
      // Of another key, since the key was changed meanwhile: it would be refused.
      if (!crypto.verify(publicKey, job.text, memo.bytes)) return prepare(job, memo.unproven, memo.frozen)
      const { sha256: digest } = statementDigests(fromUtf8(job.text), crypto)
      return submit(job, memo, { digest, signature: memo.bytes, publicKey })
    },
    async check(now): Promise<readonly AnchorCheck[]> {
      return checkRekor(at(now), trust, now, http, crypto)
    },
  }
}

/** What is kept between two moves. */
interface Memo {
  /** Address of the log that it goes, or went, to. */
  readonly service: string
  /** Base64 of the signature that is sent, as often as it takes. */
  readonly signature: string
  /** How often the log had the statement and did not prove it. */
  readonly unproven: number
  /** Addresses of logs that take nothing any more. */
  readonly frozen: readonly string[]
}

function memoJson({ service, signature, unproven, frozen }: Memo): JsonObject {
  return { service, signature, unproven, frozen }
}

/** The memo, null where there is none, or none of this version: then everything begins anew. */
function readMemo(memo: JsonObject | null): (Memo & { readonly bytes: Uint8Array }) | null {
  if (memo === null) return null
  const { service, signature, unproven, frozen } = memo
  const good = typeof service === 'string' && typeof signature === 'string' && Number.isSafeInteger(unproven)
  if (!good || !Array.isArray(frozen)) return null
  try {
    const bytes = fromBase64(signature)
    return { service, signature, unproven: unproven as number, frozen: frozen.map(String), bytes }
  } catch {
    return null
  }
}

/** What a log answers and cannot prove is a refusal: asked again, it would answer the same. */
function refusing<T>(of: () => T): T {
  try {
    return of()
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    throw new CodedError('anchor-refused', `the answer proves nothing (${cause.code}): ${cause.what}`, { cause })
  }
}
