import type { Telling } from './audit.ts'
import type { Page, StoredContract } from './store.ts'

/** Something that several may have to sign, to be logged: a contract that is published, a deviation that is let in. */
export interface Act {
  readonly tenant: string
  readonly kind: 'contract' | 'deviation'
  /** Of a contract SHA-256 of its bytes, of a deviation its id, hex: no other of the tenant has it. */
  readonly digest: string
  /** The pipeline of a contract, the chain of a deviation. */
  readonly about: string
  readonly at: string
  /** The document as it was sent, without a proof; null for a contract that nobody signed: it is not logged. */
  readonly document: Uint8Array | null
  /** DSSE PAE of what was done. */
  readonly signed: Uint8Array
  /** SHA-256 of the key or certificate of each who signed it, hex, sorted. */
  readonly signers: readonly string[]
  /** What it puts in force; null for a deviation. */
  readonly contract: Publication | null
  /** What the audit log tells of it, in a leaf of its own; nothing where whoever signed it did it alone. */
  readonly telling?: Telling
}

/** A contract that is to be in force. */
export interface Publication extends StoredContract {
  /** Digest of the one that it was held against; null where there was none. */
  readonly follows: string | null
  /** Names of the steps that no run may do without. */
  readonly asked: readonly string[]
}

/** What is logged as an act: of an administrative one the digest is that of its PAE, and nobody signed it. */
export type ActKind = Act['kind'] | 'administration'

/** What became of an act. */
export interface Acted {
  /** Of its leaf in the log; null for a contract that nobody signed, which has none. */
  readonly index: number | null
  /** The log with it, durable and not signed yet; null where it stood there already. */
  readonly head: { readonly size: number; readonly root: Uint8Array } | null
}

export interface StoredAct extends Omit<Act, 'tenant' | 'kind' | 'signed' | 'contract' | 'document' | 'telling'> {
  readonly kind: ActKind
  readonly document: Uint8Array
  readonly index: number
  /** 32 bytes: opens its leaf. */
  readonly salt: Uint8Array
}

/** A contract as a list tells it. */
export interface PublishedContract {
  readonly pipeline: string
  readonly revision: number
  readonly digest: string
  readonly publishedAt: string
  /** Of its leaf in the log; null for one that nobody signed. */
  readonly index: number | null
  /** How many have signed it. */
  readonly signatures: number
}

/** What was logged beside attestations and certificates, each tenant's for itself. */
export interface ActData {
  one(tenant: string, kind: ActKind, digest: string): Promise<StoredAct | null>
  /** Oldest first, at most `limit`. */
  about(tenant: string, kind: Act['kind'], about: string, limit: number): Promise<readonly StoredAct[]>
  /** Administrative acts, newest first; those about something, or (null) all. */
  administrations(tenant: string, about: string | null, limit: number, cursor: string | null): Promise<Page<StoredAct>>
  /** Newest first; of one pipeline, or (null) of all. */
  contracts(
    tenant: string,
    pipeline: string | null,
    limit: number,
    cursor: string | null,
  ): Promise<Page<PublishedContract>>
  /** Those of a pipeline above a revision, lowest first. */
  successors(
    tenant: string,
    pipeline: string,
    revision: number,
  ): Promise<readonly { readonly digest: string; readonly revision: number; readonly publishedAt: string }[]>
}
