import type { AnchorStore } from '@countersign/anchor'
import type { Code, ErrorReport } from '@countersign/core'
import type { HeadsTree, ReadEntries, ReadTile, StoredHeads } from '@countersign/log'
import type { Edge, VerifiedStep } from '@countersign/verify'
import type { Act, ActData, Acted } from './acts.ts'
import type { Administered, Administration, Telling } from './audit.ts'
import type { DecisionStore } from './decision-store.ts'
import type { EventStore } from './event-store.ts'
import type { EnrolledKey, Enrolment, EnrolmentStore, Revocation } from './enrolment.ts'
import type { IssuerStore } from './issuer-store.ts'
import type { PeopleStore } from './people.ts'
import type { ProposalStore } from './proposal-store.ts'
import type { RemarkStore } from './remark-store.ts'
import type { ViewStore } from './view-store.ts'

/** What a caller may do. */
export type Scope = 'append' | 'read' | 'note' | 'audit' | 'maintain' | 'admin'

export interface Token {
  readonly id: string
  readonly tenant: string
  /** SHA-256 of the secret part. */
  readonly hash: Uint8Array
  readonly scopes: readonly Scope[]
  /** ISO time from which on it counts no more; null, or left out, for one that does not end by itself. */
  readonly expiresAt?: string | null
}

/** What is told of a token. */
export interface ListedToken extends Pick<Token, 'id' | 'scopes'> {
  readonly expiresAt: string | null
  /** ISO time. */
  readonly createdAt: string
}

export interface StoredContract {
  readonly pipeline: string
  readonly revision: number
  readonly digest: string
  readonly bytes: Uint8Array
}

/** What a chain was bound to by its first attestation. */
export interface ChainBinding {
  readonly pipeline: string
  readonly contract: string | null
}

/** A step that fits, to be made durable. */
export interface Append {
  readonly tenant: string
  readonly step: VerifiedStep
  readonly edges: readonly Edge[]
  /** The bundle in its canonical form. */
  readonly bundle: Uint8Array
  readonly acceptedAt: string
  readonly late: boolean
  readonly idempotency: { readonly key: string; readonly body: string } | null
}

/** A certificate that is to be logged, before its authority signs it. */
export interface Issuance {
  readonly tenant: string
  /** Serial number: lower-case hex of an even number of digits, such as no other of the authority has. */
  readonly serial: string
  /** Key id of the authority's key. */
  readonly authority: string
  /** Key id of the key that is certified. */
  readonly keyId: string
  /** ISO times; the first is its `notBefore`. */
  readonly issuedAt: string
  readonly notAfter: string
  /** The TBSCertificate before the extensions that prove its issuance, DER. */
  readonly tbs: Uint8Array
}

/** An issuance that is in the log: whether the certificate was signed then, nobody knows. */
export interface StoredIssuance extends Omit<Issuance, 'tenant'> {
  /** Of its leaf in the log. */
  readonly index: number
}

export interface Issued {
  /** Of its leaf in the log. */
  readonly index: number
  /** Its `.tlog-proof` under the head of its batch, up to the checkpoint, which nobody has signed yet. */
  readonly begun: string
}

/** The certificates that were logged, each tenant's for itself. */
export interface IssuedData {
  /** Whether a certificate of any tenant was ever logged, those that were erased included. */
  any(): Promise<boolean>
  /**
   * Whether one with this serial number was logged for a tenant, also where it was erased with a step that it signed: it
   * may have signed others. Of one that was erased no more is kept than tells this to who has the number.
   */
  was(tenant: string, serial: string): Promise<boolean>
  /** Newest first. */
  page(tenant: string, limit: number, cursor: string | null): Promise<Page<StoredIssuance>>
  /** The one with this serial number; null where there is none, or it was erased. */
  one(tenant: string, serial: string): Promise<StoredIssuance | null>
}

export type Appended =
  | {
      readonly kind: 'accepted'
      /** Contiguous from 0 in its tenant, never reused. */
      readonly index: number
      readonly late: boolean
      /** Its receipt under the head of its batch, up to the checkpoint, which nobody has signed yet: `beginReceipt`. */
      readonly begun: string
    }
  | { readonly kind: 'same'; readonly index: number; readonly late: boolean }
  | { readonly kind: 'refused'; readonly code: Code; readonly what: string }

/** The SHA-256 tree of the log at some size. */
export interface LogHead {
  readonly size: number
  /** RFC 6962 root, 32 bytes. */
  readonly root: Uint8Array
}

export interface AppendedBatch {
  readonly appended: readonly Appended[]
  readonly issued: readonly Issued[]
  /** The log after the batch, durable and not signed yet; null where the batch added nothing to it. */
  readonly head: LogHead | null
}

/** An entry of the log and what opens it. */
export interface Opened {
  readonly index: number
  readonly entry: Uint8Array
  /** SHA-256 of whom the entry commits to, hex: `signerOf`. Null where it is older than that, and nothing opens it. */
  readonly signer: string | null
  /** 32 bytes each. */
  readonly salt: Uint8Array
  readonly blind: Uint8Array
}

/** The entry of an attestation that was erased, and what is left to tell of it. */
export interface Closed {
  readonly index: number
  readonly entry: Uint8Array
  /** 32 bytes. */
  readonly blind: Uint8Array
  /** Id of its chain. */
  readonly chain: string
  readonly tombstone: { readonly index: number; readonly entry: Uint8Array }
}

/** The log that appending grows, over all tenants. Synchronous, and each read sees all that was committed before it. */
export interface LogData {
  /** Entries that are durable, whether or not a checkpoint covers them. */
  size(): number
  readonly tile: ReadTile
  readonly entries: ReadEntries
  /** The leaf of a tenant's attestation; null for one that is not held, or was erased. */
  opened(tenant: string, link: string): Opened | null
  /** What is left of a tenant's attestation that was erased; null for every other. */
  closed(tenant: string, link: string): Closed | null
}

/** A statement whose text is decided, once and for all. */
export interface DecidedStatement {
  readonly number: number
  readonly text: string
  /** The text with its signature; null until that is published. */
  readonly note: Uint8Array | null
}

/**
 * The statements of the log and the chain heads that they state, over all tenants. What is synchronous reads what was
 * committed before it.
 */
export interface StatementData {
  /** The newest, published or not; null where there is none. */
  newest(): DecidedStatement | null
  /** A published statement's note. */
  note(number: number): Uint8Array | null
  /** Notes of published statements, newest first, those before `cursor`. */
  page(limit: number, cursor: number | null): Page<Uint8Array>
  /** The map of heads when the log had `size` entries, from all chains there are, beside the calling thread. Throws `log-corrupt`. */
  headsAt(size: number): Promise<HeadsTree>
  /** The map that was kept with a statement of this size and count. */
  heads(number: number, size: number, count: number): StoredHeads
  /** A tenant's chain in the map; null for one that has not begun. */
  keyOf(tenant: string, chain: string): Uint8Array | null
  /** Link of an entry of the chain that can still be opened: the last of those below `size`, else the first after. */
  entryOf(tenant: string, chain: string, size: number): string | null
  /** Places in the log of a chain's attestations, erased ones too, in their order; those after `cursor`. */
  leavesOf(tenant: string, chain: string, limit: number, cursor: number | null): Page<number>
  /**
   * Makes a text durable, with the heads that it states, before it is signed. The same again is no fault; another for
   * the same number or period, or one after a statement that is not published, is refused (`checkpoint-conflict`).
   */
  decide(
    statement: { readonly number: number; readonly start: string; readonly text: string },
    heads: HeadsTree,
  ): Promise<void>
  /** Publishes a decided statement. The same note again is no fault; another is refused (`checkpoint-conflict`). */
  publish(number: number, note: Uint8Array): Promise<void>
}

/** The place of an attestation, which it has for good. */
export interface Placed {
  readonly link: string
  readonly chain: string
  readonly pipeline: string
  readonly step: string
  readonly attempt: number
  readonly matrix: string | null
  readonly acceptedAt: string
  readonly index: number
  readonly late: boolean
}

export interface Stored extends Placed {
  readonly signer: string
  readonly system: string
  readonly succeeded: boolean
  readonly finishedAt: string
  readonly subjects: number
}

/** What is left of an attestation that was erased. */
export interface Erased extends Placed {
  readonly erasedAt: string
  /** Why, in words. */
  readonly ground: string
}

/** An attestation that is to be erased. */
export interface Erasure {
  readonly tenant: string
  readonly link: string
  readonly at: string
  /** 1 to 256 printable characters; everybody who reads the log reads it. */
  readonly ground: string
  /** What the audit log tells of it, where it does. */
  readonly telling?: Telling
}

/** What became of an erasure. */
export interface Buried {
  /** The log with its tombstone, durable and not signed yet; null where the tombstone stood already. */
  readonly head: LogHead | null
  /** Why bytes of it may still be in the store's files; null where none are. The same call again tries again. */
  readonly left: string | null
}

export interface StoredBundle extends Stored {
  readonly bundle: Uint8Array
}

/** A step as a chain file has it. */
export interface ChainStep extends Pick<Stored, 'index' | 'link'> {
  /** Null where it was erased. */
  readonly bundle: Uint8Array | null
}

export type Query = { readonly by: 'artifact' | 'commit' | 'tag' | 'chain' | 'pipeline'; readonly value: string }

export interface Page<T> {
  readonly items: readonly T[]
  /** Where the next page begins; null on the last. */
  readonly next: string | null
}

export interface Found {
  readonly chain: string
  readonly pipeline: string
  /** Newest index of the chain's matching attestations. */
  readonly index: number
  readonly links: readonly string[]
}

/** Something refused, as it is kept. */
export interface Refusal {
  readonly at: string
  readonly report: ErrorReport
  readonly findings: readonly ErrorReport[]
  /** SHA-256 of the body, hex; `unread:` and its announced bytes, where there are any, for one too large to be read. */
  readonly body: string
  /** The body itself where it is small enough to keep. */
  readonly bytes: Uint8Array | null
  readonly link: string | null
  /** Link digest of the attestation that the body says to be, verified or not; null where it does not say. */
  readonly about: string | null
  readonly chain: string | null
  readonly step: string | null
}

export interface InboxItem extends Omit<Refusal, 'bytes' | 'about'> {
  readonly id: number
  /** How often the same body was refused for the same code. */
  readonly count: number
  readonly lastAt: string
  /** Bytes of the body where it is kept. */
  readonly kept: number | null
}

/**
 * The server's memory, in the words of the domain. Every method but `token` and `ready` names its tenant first and
 * sees and touches that tenant only.
 *
 * Durability: what a method has promised is on stable storage when its promise resolves; when it rejects
 * (`store-failed`), the caller knows nothing, and may repeat the same call. Concurrency: calls may overlap; each is
 * atomic, and a read that begins after a write has resolved sees it.
 */
export interface Store {
  readonly log: LogData
  readonly statements: StatementData
  /** What is on its way into the anchors, over all tenants. */
  readonly anchors: AnchorStore
  readonly acts: ActData
  readonly issued: IssuedData
  /** Who may let identities in, and which were. */
  readonly issuers: IssuerStore
  /** What gates were told. */
  readonly decisions: DecisionStore
  /** Deviations that wait for signatures. */
  readonly proposals: ProposalStore
  /** Who signs in. */
  readonly people: PeopleStore
  /** What people say, under signature, of what is stored. */
  readonly remarks: RemarkStore
  /** What screens show. */
  readonly views: ViewStore
  /** What happened, in the order in which it did. */
  readonly events: EventStore
  /** False once the store has failed in a way that only a restart mends. */
  alive(): boolean
  /** Throws `store-failed` unless the store can be written. */
  ready(): Promise<void>
  close(): Promise<void>

  /**
   * Does what an administrator does and tells of it in the log, in one atomic write; what changes nothing is not told.
   * Throws what the same throws where it is done without.
   */
  administer(administration: Administration): Promise<Administered>

  createTenant(tenant: string, at: string): Promise<void>
  /** The same token again is no fault; another one by its id is refused (`request-invalid`). */
  createToken(token: Token, at: string): Promise<void>
  token(id: string): Promise<Token | null>
  /** Oldest first. */
  tokens(tenant: string): Promise<readonly ListedToken[]>
  /** False when there is no such token. */
  revokeToken(tenant: string, id: string): Promise<boolean>

  keys(tenant: string): Promise<readonly EnrolledKey[]>
  /** The same key by the same name again is no fault; another name for it is refused (`request-invalid`), as is one that was revoked (`signer-revoked`). */
  enrolKey(tenant: string, enrolment: Enrolment): Promise<void>
  /**
   * Takes a key's right to sign as of a time. That time only ever moves back: an earlier one is taken, for a theft may
   * turn out to be older, and a later one is refused (`request-invalid`). False when there is no such key.
   */
  revokeKey(tenant: string, keyId: string, revocation: Revocation): Promise<boolean>
  /** What else there is in the life of keys. */
  readonly enrolment: EnrolmentStore

  /**
   * Puts an act into the log, and a contract in force, in one atomic write. A revision that is not above the one in force
   * is refused (`contract-invalid`), unless it is the same bytes, and so is one that was held against another one than is
   * in force.
   */
  act(act: Act): Promise<Acted>
  contract(tenant: string, pipeline: string): Promise<StoredContract | null>
  contractByDigest(tenant: string, digest: string): Promise<StoredContract | null>

  /** What a chain is bound to; null for a chain that has not begun. */
  binding(tenant: string, chain: string): Promise<ChainBinding | null>
  bundles(tenant: string, links: readonly string[]): Promise<readonly StoredBundle[]>
  /** Those of these links that were erased. */
  erased(tenant: string, links: readonly string[]): Promise<readonly Erased[]>

  /**
   * Makes a batch durable in one atomic write, in its order, each judged on its own: a place, a nonce and an
   * idempotency key have one winner, the first; a link that is held already is the `same`. A chain's first attestation
   * binds it. Each that won is an entry of the log, in the same write, and so is each issuance; two of one serial
   * number are a fault of the caller. Nothing is acknowledged, and no index used up, when the write fails.
   */
  append(batch: readonly Append[], issuances?: readonly Issuance[]): Promise<AppendedBatch>

  /**
   * Erases an attestation for good: its bundle, what opens its leaf, and whatever its content left elsewhere, in
   * backups of the database too, the certificate of this server's authority that signed it included; and puts its
   * tombstone into the log, with one for the certificate, in one atomic write. Its place stays taken: it cannot be
   * appended again (`erased`), nor another in its place. Null where it is not held. Safe to repeat: the first tombstone
   * stands.
   */
  erase(erasure: Erasure): Promise<Buried | null>

  /** Newest first. What was erased is found by its chain and its pipeline only. */
  search(tenant: string, query: Query, limit: number, cursor: string | null): Promise<Page<Stored | Erased>>
  /** Chains with an attestation whose subjects include one of the digests, newest first, at most `limit`. */
  lookup(tenant: string, digests: readonly string[], limit: number): Promise<readonly Found[]>
  /**
   * Every attestation of a chain, oldest first; what is accepted meanwhile may be among them. Little more is held than
   * the step that was asked for last, however long the chain, and nothing once the asking has stopped.
   */
  chain(tenant: string, chain: string): AsyncIterable<ChainStep>

  /** Keeps a refusal; the same body for the same code only counts up. The oldest leave when there are a few hundred more than `most`. */
  refuse(tenant: string, refusal: Refusal, most: number): Promise<void>
  /** Newest first; for one reason, where its code is named. */
  inbox(tenant: string, limit: number, cursor: string | null, code?: string | null): Promise<Page<InboxItem>>
  /** The kept body of a refusal; null where there is none. */
  refusedBody(tenant: string, id: number): Promise<Uint8Array | null>
}
