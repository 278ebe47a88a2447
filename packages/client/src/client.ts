import { CodedError, type Code, CATALOGUE, type Crypto, hex, sha256 } from '@countersign/core'
import {
  type Bundle,
  CHAIN_MEDIA_TYPE,
  type ChainLine,
  type HeadProof,
  linkDigest,
  MAX_CHAIN_BYTES,
  MAX_HEAD_PROOF_BYTES,
  MAX_NOTE_BYTES,
  type NoteKey,
  parseChainFile,
  parseHeadProof,
  parseLogStatement,
  parseVkey,
  type Receipt,
  type SignedLogStatement,
  type Withheld,
  writeBundle,
} from '@countersign/formats'
import { fetchAuthorities } from './fulcio.ts'
import { type LogReads, logReads } from './log-reads.ts'
import { type Covered, fetchAnchors, fetchCoverage, type StatementAnchors } from './anchored.ts'
import { type AnchorCalls, anchorCalls } from './anchors.ts'
import { readAnswer, Reading } from './answers.ts'
import { type AuditCalls, auditCalls } from './audit.ts'
import { type CertificateCalls, certificateCalls } from './certificates.ts'
import { type ContractCalls, contractCalls } from './contracts.ts'
import { type EventCalls, eventCalls } from './event-calls.ts'
import { type GateCalls, gateCalls } from './gate.ts'
import { type IssuerCalls, issuerCalls } from './issuers.ts'
import { type RemarkCalls, remarkCalls } from './remarks.ts'
import { type TokenCalls, tokenCalls } from './tokens.ts'
import { type WebhookCalls, webhookCalls } from './webhooks.ts'
import { viewCalls, type ViewCalls } from './view-calls.ts'
import { type KeyCalls, keyCalls } from './keys.ts'
import { type PeopleCalls, peopleCalls } from './people.ts'
import { type Request, Transport, type TransportOptions } from './transport.ts'

export interface ClientOptions extends TransportOptions {
  /** Default: the portable SHA-256. */
  readonly crypto?: Pick<Crypto, 'sha256'>
}

/** The server's reply to an attestation it accepted. */
export interface Appended {
  readonly link: string
  readonly chain: string
  /** Place in the tenant's order. */
  readonly index: number
  readonly late: boolean
  /** The countersignature, unverified. It is about `held`. */
  readonly receipt: Receipt
  /**
   * What the server holds: what was sent, or the same statement as it was signed when it came first, which is as
   * unverified as anything.
   */
  readonly held: Bundle
  /** False when the server held it already. */
  readonly created: boolean
}

/** What is left of an attestation that was erased. */
export interface Buried {
  readonly link: string
  readonly erasedAt: string
  readonly ground: string
  /** The proofs of its leaf and of its tombstone, unverified. */
  readonly withheld: Withheld
}

export interface Found {
  readonly link: string
  readonly bundle: Bundle
  readonly receipt: Receipt
}

export type SearchQuery = (
  | { readonly artifact: string }
  | { readonly commit: string }
  | { readonly chain: string }
  | { readonly pipeline: string }
) & { readonly limit?: number; readonly cursor?: string }

/** One line of a search; facts as the server tells them. */
export interface Listed {
  readonly link: string
  readonly chain: string
  readonly pipeline: string
  readonly step: string
  readonly attempt: number
  readonly matrix: string | null
  /** Null, as what follows it, where it was erased. */
  readonly signer: string | null
  readonly succeeded: boolean | null
  readonly acceptedAt: string
  readonly index: number
  readonly erased: { readonly at: string; readonly ground: string } | null
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Cursor of the next page; null on the last. */
  readonly next: string | null
}

/** A chain in which some attestation has one of the digests as subject. */
export interface LookedUp {
  readonly chain: string
  readonly pipeline: string
  readonly index: number
  readonly links: readonly string[]
}

/** What the server refused or wants noticed. */
export interface InboxItem {
  readonly at: string
  readonly code: Code | null
  readonly what: string
  readonly fix: string
  readonly link: string | null
}

export interface ServerFacts {
  readonly origin: string
  /** The key of its log. Trust it, and the others, only where you got them another way. */
  readonly key: NoteKey
  /** The key that is to follow and signs already; null where none is. */
  readonly next: NoteKey | null
  /** Keys that it signed with before, and the ISO time from which on they count no more. */
  readonly retired: readonly { readonly key: NoteKey; readonly retiredAt: string }[]
  readonly version: string
}

/** A statement of the log, as a list tells of it. */
export interface ListedStatement {
  readonly number: number
  readonly start: string
  readonly end: string
  /** For how many periods it stands. */
  readonly covers: number
  /** Entries, and chains, that it covers. */
  readonly size: number
  readonly chains: number
  readonly time: string
}

/**
 * The server's API. Nothing it returns is verified: bundles go through `verify`, facts are the server's word.
 * Every method throws `ServerRefusal` (a coded error), `server-unreachable` or `server-answer`.
 */
export interface Client
  extends AnchorCalls,
    AuditCalls,
    CertificateCalls,
    ContractCalls,
    EventCalls,
    GateCalls,
    IssuerCalls,
    KeyCalls,
    PeopleCalls,
    RemarkCalls,
    TokenCalls,
    WebhookCalls,
    ViewCalls {
  /** Safe to repeat: the same attestation gets the same receipt. `late`: it comes from a spool. */
  append(bundle: Bundle, options?: { readonly late?: boolean }): Promise<Appended>
  attestation(link: string): Promise<Found>
  /** Erases an attestation for good. `ground` is public. Safe to repeat: the first ground stands. */
  erase(link: string, ground: string): Promise<Buried>
  search(query: SearchQuery): Promise<Page<Listed>>
  /** Chains by SHA-256 of what they made, newest first. Any number of digests. */
  lookup(digests: readonly string[]): Promise<readonly LookedUp[]>
  /**
   * Every attestation and receipt of the chain; those of `withhold` (link digests, at most 100) only as withheld. `notes`: the
   * signed notes about it, too.
   */
  chain(
    id: string,
    options?: { readonly withhold?: readonly string[]; readonly notes?: boolean },
  ): Promise<readonly ChainLine[]>
  inbox(cursor?: string): Promise<Page<InboxItem>>
  server(): Promise<ServerFacts>
  /** Certificates of its authorities as DER, what issues first and the root last; none where it has no authority. Trust them only where you got them another way. */
  authorities(): Promise<readonly (readonly Uint8Array[])[]>
  /** Its log, entry by entry and hash by hash. */
  readonly log: LogReads
  /** Statements of the log, newest first. */
  statements(cursor?: string): Promise<Page<ListedStatement>>
  statement(number: number | 'latest'): Promise<SignedLogStatement>
  /** States the log as it is now; `made` is false where there was nothing new to state. */
  makeStatement(): Promise<{ readonly statement: SignedLogStatement; readonly made: boolean }>
  /** Proof of what a statement, the newest where none is named, says of a chain. */
  head(chain: string, statement?: number): Promise<HeadProof>
  /** Proofs that a statement, for each entry the first where none is named, covers the entries of a chain. */
  coverage(chain: string, statement?: number): Promise<Covered>
  /** The final proofs of a statement from outside, all of them. */
  statementAnchors(number: number): Promise<StatementAnchors>
}

const MAX_LOOKUP = 1000

/** Throws `usage` for an unfit URL and `token-missing`; sends nothing yet. */
export function createClient(options: ClientOptions): Client {
  const crypto = options.crypto ?? { sha256 }
  const transport = new Transport(options)
  const get = async (path: string) => new Reading((await transport.json({ method: 'GET', path })).body)
  const lookupSome = async (digests: readonly string[]): Promise<LookedUp[]> => {
    const { body } = await transport.json({ method: 'POST', path: '/v1/lookups', body: jsonBody({ digests }) })
    return new Reading(body).list('chains', (it) => ({
      chain: it.hex('chain', 32),
      pipeline: it.text('pipeline'),
      index: it.integer('index'),
      links: it.hexes('links', 64),
    }))
  }

  return {
    ...anchorCalls(transport),
    ...auditCalls(transport),
    ...certificateCalls(transport),
    ...contractCalls(transport, crypto),
    ...gateCalls(transport),
    ...issuerCalls(transport),
    ...tokenCalls(transport),
    ...eventCalls(transport),
    ...webhookCalls(transport),
    ...keyCalls(transport),
    ...viewCalls(transport),
    ...peopleCalls(transport),
    ...remarkCalls(transport),

    async append(bundle, more = {}) {
      const link = linkDigest(bundle.envelope, crypto)
      const { status, body } = await transport.json({
        method: 'POST',
        path: `/v1/attestations${more.late === true ? '?late=1' : ''}`,
        body: { type: 'application/json', bytes: writeBundle(bundle) },
      })
      const it = new Reading(body)
      // A receipt for another attestation would pass as this one's.
      if (it.hex('link', 64) !== link) throw new CodedError('server-answer', 'the receipt is for another attestation')
      const facts = { link, chain: it.hex('chain', 32), index: it.integer('index'), late: it.boolean('late') }
      const held = it.isMissing('bundle') ? bundle : it.bundle('bundle')
      return { ...facts, receipt: receiptFor(link, it, held, crypto), held, created: status === 201 }
    },

    async attestation(link) {
      const it = await get(`/v1/attestations/${encodeURIComponent(link)}`)
      const bundle = it.bundle('bundle')
      return { link, bundle, receipt: receiptFor(link, it, bundle, crypto) }
    },

    async erase(link, ground) {
      const path = `/v1/attestations/${encodeURIComponent(link)}/erase`
      const { body } = await transport.json({ method: 'POST', path, body: jsonBody({ ground }) })
      const it = new Reading(body)
      const withheld = it.withheld('withheld')
      // A tombstone of another attestation would pass as this one's.
      if (withheld.unopened.link !== link || withheld.tombstone === null) {
        throw new CodedError('server-answer', 'the tombstone is of another attestation')
      }
      return { link, erasedAt: it.text('erasedAt'), ground: it.text('ground'), withheld }
    },

    async search(query) {
      const parameters = new URLSearchParams()
      for (const [name, value] of Object.entries(query)) parameters.set(name, String(value))
      const it = await get(`/v1/attestations?${parameters.toString()}`)
      return { items: it.list('items', listedOf), next: it.textOrNull('next') }
    },

    async lookup(digests) {
      const distinct = [...new Set(digests)]
      const chains = new Map<string, LookedUp>()
      for (let from = 0; from < distinct.length; from += MAX_LOOKUP) {
        for (const found of await lookupSome(distinct.slice(from, from + MAX_LOOKUP))) {
          const known = chains.get(found.chain)
          const links = [...new Set([...(known?.links ?? []), ...found.links])]
          chains.set(found.chain, { ...found, links })
        }
      }
      return [...chains.values()].toSorted((a, b) => b.index - a.index)
    },

    async chain(id, { withhold = [], notes = false } = {}) {
      const asked = [
        ...(withhold.length === 0 ? [] : [`withhold=${withhold.join(',')}`]),
        ...(notes ? ['notes=1'] : []),
      ]
      const query = asked.length === 0 ? '' : `?${asked.join('&')}`
      const path = `/v1/chains/${encodeURIComponent(id)}${query}`
      const { bytes } = await transport.send({ method: 'GET', path, maxBytes: MAX_CHAIN_BYTES })
      try {
        return parseChainFile(bytes)
      } catch (cause) {
        if (!(cause instanceof CodedError)) throw cause
        throw new CodedError('server-answer', `the chain is not ${CHAIN_MEDIA_TYPE}`, { cause })
      }
    },

    async inbox(cursor) {
      const it = await get(`/v1/inbox${cursor === undefined ? '' : `?${new URLSearchParams({ cursor }).toString()}`}`)
      return { items: it.list('items', inboxItemOf), next: it.textOrNull('next') }
    },

    async server() {
      const it = await get('/v1/server')
      const origin = it.text('origin')
      const read = (vkey: string) => keyOf(vkey, origin, crypto)
      const next = it.textOrNull('next')
      return {
        origin,
        key: read(it.text('vkey')),
        next: next === null ? null : read(next),
        retired: it.list('retired', (one) => ({ key: read(one.text('vkey')), retiredAt: one.text('retiredAt') })),
        version: it.text('version'),
      }
    },

    authorities: () => fetchAuthorities(transport),
    log: logReads(transport),

    async statements(cursor) {
      const query = cursor === undefined ? '' : `?${new URLSearchParams({ cursor }).toString()}`
      const it = await get(`/statements${query}`)
      return { items: it.list('items', listedStatementOf), next: it.textOrNull('next') }
    },

    async statement(number) {
      const { bytes } = await transport.send({ method: 'GET', path: `/statements/${number}`, maxBytes: MAX_NOTE_BYTES })
      const statement = statementOf(bytes)
      if (number !== 'latest' && statement.number !== number) {
        throw new CodedError('server-answer', `the server answered with statement ${statement.number}`)
      }
      return statement
    },

    async makeStatement() {
      const path = '/v1/statements'
      const body = jsonBody({})
      const { status, bytes } = await transport.send({ method: 'POST', path, body, maxBytes: MAX_NOTE_BYTES })
      return { statement: statementOf(bytes), made: status === 201 }
    },

    async head(chain, statement) {
      const query = statement === undefined ? '' : `?statement=${statement}`
      const path = `/v1/chains/${encodeURIComponent(chain)}/head${query}`
      const { bytes } = await transport.send({ method: 'GET', path, maxBytes: MAX_HEAD_PROOF_BYTES })
      const proof = readAnswer(bytes, parseHeadProof, 'a proof of a head')
      const another = proof.chain !== chain || (statement !== undefined && proof.statement.number !== statement)
      if (another) throw new CodedError('server-answer', 'the proof is of another chain or statement')
      return proof
    },

    coverage: (chain, statement) => fetchCoverage(get, chain, statement),
    statementAnchors: (number) => fetchAnchors(get, transport, number),
  }
}

function jsonBody(value: unknown): NonNullable<Request['body']> {
  return { type: 'application/json', bytes: new TextEncoder().encode(JSON.stringify(value)) }
}

function statementOf(bytes: Uint8Array): SignedLogStatement {
  return readAnswer(bytes, parseLogStatement, 'a statement')
}

function listedStatementOf(it: Reading): ListedStatement {
  return {
    number: it.integer('number'),
    start: it.text('start'),
    end: it.text('end'),
    covers: it.integer('covers'),
    size: it.integer('size'),
    chains: it.integer('chains'),
    time: it.text('time'),
  }
}

function listedOf(it: Reading): Listed {
  const erasedAt = it.textOrNull('erasedAt')
  return {
    link: it.hex('link', 64),
    chain: it.hex('chain', 32),
    pipeline: it.text('pipeline'),
    step: it.text('step'),
    attempt: it.integer('attempt'),
    matrix: it.textOrNull('matrix'),
    signer: it.textOrNull('signer'),
    succeeded: erasedAt === null ? it.boolean('succeeded') : null,
    acceptedAt: it.text('acceptedAt'),
    index: it.integer('index'),
    erased: erasedAt === null ? null : { at: erasedAt, ground: it.text('ground') },
  }
}

function inboxItemOf(it: Reading): InboxItem {
  const code = it.text('code')
  return {
    at: it.text('at'),
    code: Object.hasOwn(CATALOGUE, code) ? (code as Code) : null,
    what: it.text('what'),
    fix: it.text('fix'),
    link: it.textOrNull('link'),
  }
}

/** A receipt for another attestation would pass as this one's, and one for the signature of somebody else as this one's. */
function receiptFor(link: string, it: Reading, held: Bundle, crypto: Pick<Crypto, 'sha256'>): Receipt {
  const receipt = it.receipt('receipt')
  if (receipt.opening.link !== link || linkDigest(held.envelope, crypto) !== link) {
    throw new CodedError('server-answer', 'the receipt is for another attestation')
  }
  // A hint may be missing, or wrong; who verifies the receipt knows the key.
  const { key } = held
  if (key.kind === 'certificate' && hex(crypto.sha256(key.chain[0]!)) !== receipt.opening.signer) {
    throw new CodedError('server-answer', 'the receipt is for the signature of somebody else')
  }
  return receipt
}

function keyOf(vkey: string, origin: string, crypto: Pick<Crypto, 'sha256'>): NoteKey {
  let key: NoteKey
  try {
    key = parseVkey(vkey, crypto)
  } catch (cause) {
    throw new CodedError('server-answer', 'the server answered with a verifier key that is not usable', { cause })
  }
  if (key.name === origin && key.type === 'ed25519') return key
  throw new CodedError('server-answer', 'the server answered with the verifier key of another log')
}
