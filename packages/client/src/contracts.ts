import { CodedError, type Crypto, hex } from '@countersign/core'
import { type Endorsed, parseDeviationLine, parseSignedContract } from '@countersign/formats'
import { Reading } from './answers.ts'
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
