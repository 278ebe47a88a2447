import { CodedError, type Crypto, hex, type JsonValue, parseJson } from '@countersign/core'
import { type Endorsed, parseDeviationLine, parseSignedContract } from '@countersign/formats'
import { Reading } from './answers.ts'
import { plainText } from './plain-text.ts'
import type { Transport } from './transport.ts'

/** A contract that was published, as the server lists it. */
export interface ListedContract {
  readonly pipeline: string
  readonly revision: number
  /** SHA-256 of its bytes, hex. */
  readonly digest: string
  readonly publishedAt: string
  /** Of its leaf in the log; null for one that nobody signed. */
  readonly index: number | null
  /** How many have signed it. */
  readonly signatures: number
}

/** A deviation that waits for signatures, as the server tells of it. */
export interface WaitingDeviation {
  readonly id: string
  /** `waiting`, `expired` or `superseded`. */
  readonly state: string
  /** Why it waits no more; null while it does. */
  readonly why: string | null
  readonly pipeline: string
  readonly chain: string
  readonly excuses: readonly { readonly code: string; readonly step: string }[]
  readonly reason: string
  readonly expiresAt: string
  readonly proposedAt: string
  /** How many maintainers it takes; null where the contract is not in force any more. */
  readonly threshold: number | null
  /** Maintainers whose signature counts, and those who may sign yet. */
  readonly signedBy: readonly string[]
  readonly open: readonly string[]
}

/** What became of a deviation that was proposed; `line` is as the log has it, with its proof. */
export type ProposedDeviation =
  | { readonly state: 'waiting'; readonly waiting: WaitingDeviation }
  | { readonly state: 'admitted'; readonly line: Endorsed }

/** What the server is asked of contracts, and told. */
export interface ContractCalls {
  /** The contract in force, as its YAML bytes. */
  contract(pipeline: string): Promise<Uint8Array>
  contractByDigest(digest: string): Promise<Uint8Array>
  /** A contract with its signatures and the proof that the log has it; nothing of it is verified. */
  signedContract(digest: string): Promise<Endorsed>
  /** Newest first; of one pipeline, or (null) of all. `cursor` as the page before gave it. */
  contracts(
    pipeline: string | null,
    cursor?: string | null,
  ): Promise<{ readonly items: readonly ListedContract[]; readonly next: string | null }>
  /** `bytes`: of the YAML, or of the signed contract. */
  publishContract(pipeline: string, bytes: Uint8Array): Promise<void>
  /** Sends a deviation to wait for signatures, or signatures to one that waits; `admitted` with the last that it takes. */
  propose(chain: string, line: Uint8Array): Promise<ProposedDeviation>
  /** Deviations that wait, newest first; of one chain, or (null) of all. */
  waiting(chain: string | null): Promise<readonly WaitingDeviation[]>
  /** One that waits, with the signatures that it has; nothing of it is verified. */
  waitingDeviation(id: string): Promise<Endorsed>
  withdrawDeviation(id: string): Promise<void>
  /** Brings a deviation into its chain; gives it with the proof that the log has it. */
  deviate(chain: string, line: Uint8Array): Promise<Endorsed>
}

export function contractCalls(transport: Transport, crypto: Pick<Crypto, 'sha256'>): ContractCalls {
  const contractAt = async (path: string) =>
    (await transport.send({ method: 'GET', path, maxBytes: MAX_CONTRACT_BYTES })).bytes
  return {
    contract: (pipeline) => contractAt(`/v1/contracts/${encodeURIComponent(pipeline)}`),

    async contractByDigest(digest) {
      const bytes = await contractAt(`/v1/contracts/by-digest/${encodeURIComponent(digest)}`)
      checkDigest(bytes, digest, crypto)
      return bytes
    },

    async signedContract(digest) {
      const path = `/v1/contracts/by-digest/${encodeURIComponent(digest)}/signed`
      const signed = read(parseSignedContract, (await transport.send({ method: 'GET', path })).bytes)
      checkDigest(signed.payload, digest, crypto)
      return signed
    },

    async contracts(pipeline, cursor = null) {
      const query = new URLSearchParams({
        ...(pipeline === null ? {} : { pipeline }),
        ...(cursor === null ? {} : { cursor }),
      })
      const { body } = await transport.json({ method: 'GET', path: `/v1/contracts?${query.toString()}` })
      const it = new Reading(body)
      return { items: it.list('items', listedOf), next: it.textOrNull('next') }
    },

    async publishContract(pipeline, bytes) {
      const path = `/v1/contracts/${encodeURIComponent(pipeline)}`
      await transport.send({ method: 'PUT', path, body: { type: 'application/yaml', bytes } })
    },

    async propose(chain, bytes) {
      const path = `/v1/chains/${encodeURIComponent(chain)}/proposals`
      const body = { type: 'application/json', bytes }
      const reply = await transport.send({ method: 'POST', path, body })
      if (reply.status === 200) return { state: 'admitted', line: read(parseDeviationLine, reply.bytes) }
      return { state: 'waiting', waiting: waitingOf(new Reading(jsonIn(reply.bytes))) }
    },

    async waiting(chain) {
      const query = chain === null ? '' : `?chain=${encodeURIComponent(chain)}`
      const { body } = await transport.json({ method: 'GET', path: `/v1/proposals${query}` })
      return new Reading(body).list('items', waitingOf)
    },

    async waitingDeviation(id) {
      const path = `/v1/proposals/${encodeURIComponent(id)}`
      return read(parseDeviationLine, (await transport.send({ method: 'GET', path })).bytes)
    },

    async withdrawDeviation(id) {
      await transport.send({ method: 'DELETE', path: `/v1/proposals/${encodeURIComponent(id)}` })
    },

    async deviate(chain, bytes) {
      const path = `/v1/chains/${encodeURIComponent(chain)}/deviations`
      const body = { type: 'application/json', bytes }
      return read(parseDeviationLine, (await transport.send({ method: 'POST', path, body })).bytes)
    },
  }
}

function checkDigest(bytes: Uint8Array, digest: string, crypto: Pick<Crypto, 'sha256'>): void {
  if (hex(crypto.sha256(bytes)) === digest) return
  throw new CodedError('server-answer', `the server answered with another contract than ${digest.slice(0, 12)}`)
}

function read(parse: (bytes: Uint8Array) => Endorsed, bytes: Uint8Array): Endorsed {
  try {
    return parse(bytes)
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    throw new CodedError('server-answer', 'the server answered with what is no signed document', { cause })
  }
}

function jsonIn(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes)
  } catch (cause) {
    throw new CodedError('server-answer', 'the server answered with what is no JSON', { cause })
  }
}

function waitingOf(it: Reading): WaitingDeviation {
  return {
    id: it.hex('id', 64),
    state: it.text('state'),
    why: it.textOrNull('why'),
    pipeline: it.text('pipeline'),
    chain: it.hex('chain', 32),
    excuses: it.list('excuses', (one) => ({ code: one.text('code'), step: one.text('step') })),
    reason: it.text('reason'),
    expiresAt: it.text('expiresAt'),
    proposedAt: it.text('proposedAt'),
    threshold: it.isMissing('threshold') ? null : it.integer('threshold'),
    signedBy: it.texts('signedBy').map((name) => plainText(name)),
    open: it.texts('open').map((name) => plainText(name)),
  }
}

function listedOf(it: Reading): ListedContract {
  return {
    pipeline: it.text('pipeline'),
    revision: it.integer('revision'),
    digest: it.hex('digest', 64),
    publishedAt: it.text('publishedAt'),
    index: it.isMissing('index') ? null : it.integer('index'),
    signatures: it.integer('signatures'),
  }
}

const MAX_CONTRACT_BYTES = 1024 * 1024
