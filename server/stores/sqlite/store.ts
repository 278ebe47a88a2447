import { timingSafeEqual } from 'node:crypto'
import type Database from 'better-sqlite3'
import { CodedError, type ErrorReport } from '@countersign/core'
import type { EnrolledKey, Enrolment, Revocation } from '../../enrolment.ts'
import type {
  Append,
  AppendedBatch,
  Buried,
  ChainBinding,
  ChainStep,
  Erased,
  Erasure,
  Found,
  InboxItem,
  Issuance,
  LogData,
  Page,
  Query,
  Refusal,
  ListedToken,
  Scope,
  StatementData,
  Store,
  Stored,
  StoredBundle,
  StoredContract,
  Token,
} from '../../store.ts'
import type { Act, Acted } from '../../acts.ts'
import type { Administered, Administration } from '../../audit.ts'
import { actDataOf } from './acts.ts'
import { told, tokenRow } from './administering.ts'
import { contractOf, erasedOf, failed, indexOf, page, storedOf } from './answers.ts'
import { anchorStoreOf } from './anchors.ts'
import { decisionStoreOf } from './decisions.ts'
import { eventStoreOf } from './events.ts'
import { and, type BetterSQLite3Database, desc, drizzle, eq, getTableColumns, inArray, lt } from './drizzle.ts'
import { issuedDataOf } from './issuances.ts'
import { issuerStoreOf } from './issuers.ts'
import { enrolmentOf, keysOf } from './keys.ts'
import { peopleStoreOf } from './people.ts'
import { proposalStoreOf } from './proposals.ts'
import { keyringBeside, KeyringReader, type Place, unseal } from './keyring.ts'
import { openLazily } from './lazy.ts'
import { logDataOf } from './log-reader.ts'
import { makeForOwner } from './own-file.ts'
import { remarkStoreOf } from './remarks.ts'
import { revisionOfTag, rowOf, type ChainRow, type LookupRow } from './rows.ts'
import { attestations, commits, contracts, CURRENT_CONTRACT, erasures, inbox, subjects, type tokens } from './schema.ts'
import { statementDataOf } from './statements.ts'
import { Threaded } from './thread.ts'
import { unopened } from './unopened.ts'
import { viewStoreOf } from './views.ts'
import type { Refusing, Writer } from './writer.ts'

/**
 * Opens the database file, made and migrated where needed, with its keyring: a file of its own, never in one backup
 * with the database. Throws `store-failed`, `storage-full` and `keys-missing`.
 */
export async function openSqlite(file: string, keysFile = keyringBeside(file)): Promise<Store> {
  try {
    // Its log beside it gets the same mode.
    makeForOwner(file)
  } catch (cause) {
    throw unopened('database', file, cause)
  }
  const module = new URL('./writer-thread.ts', import.meta.url)
  const writer: WriterThread = new Threaded(module, { file, keysFile }, 'the writing thread')
  try {
    // Migrates: only then can the reader's statements be prepared.
    await writer.call('ready')
    return new SqliteStore(file, keysFile, writer)
  } catch (cause) {
    await writer.stop()
    // What was thrown as a coded error says itself what is wrong, and of which file.
    if (cause instanceof CodedError && cause.cause === undefined) throw cause
    throw unopened('database', file, cause)
  }
}

const NO_BODY = { bytes: null, key: null, body: '' } as const

/** Bytes of a chain that are read at once, and what one that was erased counts. */
const CHAIN_PAGE = 256 * 1024
const ERASED_SIZE = 256

type Method = keyof Writer
type WriterThread = Threaded<Writer>

class SqliteStore implements Store {
  readonly log: LogData
  readonly statements: StatementData
  readonly anchors: Store['anchors']
  readonly acts: Store['acts']
  readonly issued: Store['issued']
  readonly issuers: Store['issuers']
  readonly decisions: Store['decisions']
  readonly events: Store['events']
  readonly enrolment: Store['enrolment']
  readonly people: Store['people']
  readonly proposals: Store['proposals']
  readonly views: Store['views']
  readonly remarks: Store['remarks']
  readonly #writer: WriterThread
  /** A connection of its own, so that a read never sees what is not committed yet. */
  readonly #reader: Database.Database
  readonly #keyring: KeyringReader
  readonly #read: BetterSQLite3Database
  readonly #binding: Database.Statement<[string, string], ChainBinding>
  readonly #gone: Database.Statement<[string, string], object>
  readonly #lookup: Database.Statement<[string, string, number], LookupRow>
  readonly #contract: Database.Statement<[string, string], typeof contracts.$inferSelect>
  readonly #keys: (tenant: string) => readonly EnrolledKey[]
  readonly #token: Database.Statement<
    [string],
    Pick<typeof tokens.$inferSelect, 'tenant' | 'hash' | 'scopes' | 'expiresAt'>
  >
  readonly #chain: Database.Statement<[{ tenant: string; chain: string; after: number }], ChainRow>
  /** Writes go one after another: nothing else may come into an open batch. */
  #closed: Promise<void> | null = null
  #queue: Promise<unknown> = Promise.resolve()
  #refusals: Refusing[] = []
  #refusing: Promise<void> | null = null

  constructor(file: string, keysFile: string, writer: WriterThread) {
    this.#writer = writer
    this.#reader = openLazily(file, { readonly: true })
    this.#reader.pragma('busy_timeout = 5000')
    this.#reader.pragma('cache_size = -8192')
    this.#read = drizzle(this.#reader)
    this.#keyring = new KeyringReader(keysFile)
    this.log = logDataOf(this.#reader, this.#keyring)
    this.acts = actDataOf(this.#reader)
    this.issued = issuedDataOf(this.#reader, this.#keyring)
    this.statements = statementDataOf(this.#reader, file, (method, ...args) => this.#write(method, ...args))
    this.anchors = anchorStoreOf(this.#reader, (method, ...args) => this.#write(method, ...args))
    this.issuers = issuerStoreOf(this.#reader, (work) => this.#exclusive(() => work(writer)))
    this.decisions = decisionStoreOf(this.#reader, this.#keyring, (work) => this.#exclusive(() => work(writer)))
    this.people = peopleStoreOf(this.#reader, (work) => this.#exclusive(() => work(writer)))
    this.proposals = proposalStoreOf(this.#reader, (method, ...args) => this.#write(method, ...args))
    this.events = eventStoreOf(this.#reader, this.#keyring, (method, ...args) => this.#write(method, ...args))
    this.enrolment = enrolmentOf(this.#reader, this.#keyring, (method, ...args) => this.#write(method, ...args))
    this.remarks = remarkStoreOf(this.#reader, this.#keyring, (method, ...args) => this.#write(method, ...args))
    this.views = viewStoreOf(this.#reader, this.#keyring, writer)
    this.#keys = keysOf(this.#reader)
    this.#gone = this.#reader.prepare('SELECT 1 FROM erasures WHERE tenant = ? AND link = ?')
    // Asked for each run that begins: in prepared SQL, as the append itself.
    this.#binding = this.#reader.prepare('SELECT pipeline, contract FROM chains WHERE tenant = ? AND id = ?')
    this.#contract = this.#reader.prepare(CURRENT_CONTRACT)
    // Asked for each request with a token, known or not: whoever guesses must not cost more than he pays.
    this.#token = this.#reader.prepare('SELECT tenant, hash, scopes, expires_at AS expiresAt FROM tokens WHERE id = ?')
    // Asked a thousand times for one request.
    this.#lookup = this.#reader.prepare(`
      SELECT a.chain, a.pipeline, a."index", a.link
      FROM subjects s JOIN attestations a ON a.tenant = s.tenant AND a."index" = s."index"
      WHERE s.tenant = ? AND s.sha256 = ? ORDER BY s."index" DESC LIMIT ?`)
    this.#chain = this.#reader.prepare(`
      SELECT "index", link, key, bundle FROM attestations WHERE tenant = @tenant AND chain = @chain AND "index" > @after
      UNION ALL
      SELECT "index", link, NULL, NULL FROM erasures WHERE tenant = @tenant AND chain = @chain AND "index" > @after
      ORDER BY 1`)
  }

  alive(): boolean {
    return this.#writer.alive
  }

  ready(): Promise<void> {
    return this.#write('ready')
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    // Whoever reads beside it would keep its write-ahead log from being moved: it ends first, and nobody asks any more.
    await this.#exclusive(() => {
      this.#reader.close()
      this.#keyring.close()
      return this.#writer.call('close')
    })
    await this.#writer.stop()
  }

  createTenant(tenant: string, at: string): Promise<void> {
    return this.#write('createTenant', tenant, at)
  }

  administer(administration: Administration): Promise<Administered> {
    return this.#write('administer', ...told(administration))
  }

  async createToken(token: Token, createdAt: string): Promise<void> {
    const held = await this.token(token.id)
    if (held !== null) {
      const { tenant, hash, scopes, expiresAt = null } = token
      const same =
        held.tenant === tenant &&
        timingSafeEqual(held.hash, hash) &&
        `${held.scopes} ${held.expiresAt ?? null}` === `${scopes} ${expiresAt}`
      if (!same) throw new CodedError('request-invalid', 'the token id is taken')
      return
    }
    await this.#write('createToken', tokenRow(token, createdAt))
  }

  enrolKey(tenant: string, { key, ...rest }: Enrolment): Promise<void> {
    return this.#write('enrolKey', tenant, { ...rest, keyId: key.keyId, spki: key.spki })
  }

  revokeKey(tenant: string, keyId: string, revocation: Revocation): Promise<boolean> {
    return this.#write('revokeKey', tenant, keyId, revocation)
  }

  act(act: Act): Promise<Acted> {
    return this.#write('act', act)
  }

  refuse(tenant: string, refusal: Refusal, most: number): Promise<void> {
    // What comes in while others write joins one transaction: a flood of refusals must not hold appends up.
    this.#refusals.push({ tenant, refusal, most })
    this.#refusing ??= this.#exclusive(() => {
      const batch = this.#refusals
      this.#refusals = []
      this.#refusing = null
      return this.#writer.call('refuse', batch)
    })
    return this.#refusing
  }

  append(batch: readonly Append[], issuances: readonly Issuance[] = []): Promise<AppendedBatch> {
    // Decided where it is written, in one transaction: it need not wait for what was begun before.
    return this.#writer.call('append', batch.map(rowOf), issuances).catch(failed)
  }

  token(id: string): Promise<Token | null> {
    return this.#look(() => {
      const row = this.#token.get(id)
      if (row === undefined) return null
      const { tenant, hash, scopes, expiresAt } = row
      return {
        id,
        tenant,
        hash: new Uint8Array(hash),
        scopes: scopes.split(' ') as Scope[],
        ...(expiresAt === null ? {} : { expiresAt }),
      }
    })
  }

  tokens(tenant: string): Promise<readonly ListedToken[]> {
    return this.#look(() =>
      this.#reader
        .prepare<[string], { id: string; scopes: string; createdAt: string; expiresAt: string | null }>(
          'SELECT id, scopes, created_at AS createdAt, expires_at AS expiresAt FROM tokens WHERE tenant = ? ORDER BY created_at, rowid',
        )
        .all(tenant)
        .map((row) => ({ ...row, scopes: row.scopes.split(' ') as Scope[] })),
    )
  }

  revokeToken(tenant: string, id: string): Promise<boolean> {
    return this.#write('revokeToken', tenant, id)
  }

  keys(tenant: string): Promise<readonly EnrolledKey[]> {
    return this.#look(() => this.#keys(tenant))
  }

  contract(tenant: string, pipeline: string): Promise<StoredContract | null> {
    return this.#look(() => contractOf(this.#contract.get(tenant, pipeline)))
  }

  contractByDigest(tenant: string, digest: string): Promise<StoredContract | null> {
    return this.#look(() => {
      const where = and(eq(contracts.tenant, tenant), eq(contracts.digest, digest))
      return contractOf(this.#read.select().from(contracts).where(where).get())
    })
  }

  binding(tenant: string, chain: string): Promise<ChainBinding | null> {
    return this.#look(() => this.#binding.get(tenant, chain) ?? null)
  }

  bundles(tenant: string, links: readonly string[]): Promise<readonly StoredBundle[]> {
    return this.#look(() => {
      const found: StoredBundle[] = []
      // SQLite takes a bounded number of parameters.
      for (let from = 0; from < links.length; from += 500) {
        const some = links.slice(from, from + 500)
        const where = and(eq(attestations.tenant, tenant), inArray(attestations.link, some))
        for (const row of this.#read.select().from(attestations).where(where).all()) {
          const bundle = this.#unseal(row.key!, { tenant, name: row.link }, row.bundle)
          if (bundle !== null) found.push({ ...storedOf(row), bundle })
        }
      }
      return found
    })
  }

  /** What was sealed; null where it was erased since its row was read. */
  #unseal(key: number, place: Place, sealed: Uint8Array): Uint8Array | null {
    const own = this.#keyring.get(key)
    if (own !== null) return unseal(own, place, sealed)
    if (this.#gone.get(place.tenant, place.name) !== undefined) return null
    throw new CodedError('keys-missing', `the key of attestation ${place.name.slice(0, 12)} is missing`)
  }

  erased(tenant: string, links: readonly string[]): Promise<readonly Erased[]> {
    return this.#look(() => {
      const found: Erased[] = []
      for (let from = 0; from < links.length; from += 500) {
        const some = links.slice(from, from + 500)
        const where = and(eq(erasures.tenant, tenant), inArray(erasures.link, some))
        found.push(...this.#read.select().from(erasures).where(where).all().map(erasedOf))
      }
      return found
    })
  }

  erase(erasure: Erasure): Promise<Buried | null> {
    return this.#write('erase', erasure)
  }

  search(tenant: string, query: Query, limit: number, cursor: string | null): Promise<Page<Stored | Erased>> {
    return this.#look(() => {
      const before = indexOf(cursor)
      const columns = this.#read.select().from(attestations).$dynamic()
      const own = eq(attestations.tenant, tenant)
      const older = before === null ? undefined : lt(attestations.index, before)
      const rows = columns
        .where(and(own, older, this.#condition(tenant, query, before, limit)))
        .orderBy(desc(attestations.index))
        .limit(limit + 1)
        .all()
      const gone = this.#erasedBy(tenant, query, before, limit)
      const items = [...rows.map(storedOf), ...gone].toSorted((a, b) => b.index - a.index)
      return page(items, limit, (item) => String(item.index))
    })
  }

  #erasedBy(tenant: string, { by, value }: Query, before: number | null, limit: number): Erased[] {
    // Of a digest, commit or tag nothing is left.
    if (by !== 'chain' && by !== 'pipeline') return []
    const older = before === null ? undefined : lt(erasures.index, before)
    return this.#read
      .select()
      .from(erasures)
      .where(and(eq(erasures.tenant, tenant), older, eq(erasures[by], value)))
      .orderBy(desc(erasures.index))
      .limit(limit + 1)
      .all()
      .map(erasedOf)
  }

  /** What restricts a search; digests, commits and tags go through their own tables, newest first. */
  #condition(tenant: string, { by, value }: Query, before: number | null, limit: number) {
    if (by === 'chain') return eq(attestations.chain, value)
    if (by === 'pipeline') return eq(attestations.pipeline, value)
    const table = by === 'artifact' ? subjects : commits
    const column = by === 'artifact' ? subjects.sha256 : commits.commit
    const kept = by === 'tag' ? revisionOfTag(value) : value
    const older = before === null ? undefined : lt(table.index, before)
    const indices = this.#read
      .select({ index: table.index })
      .from(table)
      .where(and(eq(table.tenant, tenant), eq(column, this.#keyring.tags.of(tenant, kept)), older))
      .orderBy(desc(table.index))
      .limit(limit + 1)
      .all()
    return inArray(
      attestations.index,
      indices.map((row) => row.index),
    )
  }

  lookup(tenant: string, digests: readonly string[], limit: number): Promise<readonly Found[]> {
    return this.#look(() => {
      const found = new Map<string, { chain: string; pipeline: string; index: number; links: string[] }>()
      for (const digest of digests) {
        const rows = this.#lookup.all(tenant, this.#keyring.tags.of(tenant, digest), 8 * limit)
        for (const { chain, pipeline, index, link } of rows) {
          const known = found.get(chain)
          if (known === undefined) found.set(chain, { chain, pipeline, index, links: [link] })
          else if (!known.links.includes(link)) known.links.push(link)
        }
      }
      return [...found.values()].toSorted((a, b) => b.index - a.index).slice(0, limit)
    })
  }

  async *chain(tenant: string, chain: string): AsyncIterable<ChainStep> {
    let after = -1
    for (;;) {
      const steps = await this.#look(() => this.#chainPage(tenant, chain, after))
      const last = steps.at(-1)
      if (last === undefined) return
      yield* steps
      after = last.index
    }
  }

  /** Ended before anybody waits: an open statement would hold the database's log back for as long as a client reads. */
  #chainPage(tenant: string, chain: string, after: number): readonly ChainStep[] {
    const steps: ChainStep[] = []
    let size = 0
    for (const { index, link, key, bundle } of this.#chain.iterate({ tenant, chain, after })) {
      steps.push({ index, link, bundle: bundle === null ? null : this.#unseal(key!, { tenant, name: link }, bundle) })
      size += bundle?.length ?? ERASED_SIZE
      if (size >= CHAIN_PAGE) break
    }
    return steps
  }

  inbox(tenant: string, limit: number, cursor: string | null, code: string | null = null): Promise<Page<InboxItem>> {
    return this.#look(() => {
      const before = indexOf(cursor)
      const { bytes: _, tenant: __, code: ___, about: ____, key: _____, ...columns } = getTableColumns(inbox)
      const such = and(eq(inbox.tenant, tenant), code === null ? undefined : eq(inbox.code, code))
      const rows = this.#read
        .select(columns)
        .from(inbox)
        .where(and(such, before === null ? undefined : lt(inbox.id, before)))
        .orderBy(desc(inbox.id))
        .limit(limit + 1)
        .all()
      const items = rows.map(({ report, findings, ...row }) => ({
        ...row,
        report: JSON.parse(report) as ErrorReport,
        findings: JSON.parse(findings) as ErrorReport[],
      }))
      return page(items, limit, (item) => String(item.id))
    })
  }

  refusedBody(tenant: string, id: number): Promise<Uint8Array | null> {
    return this.#look(() => {
      const where = and(eq(inbox.tenant, tenant), eq(inbox.id, id))
      const { bytes, key, body } = this.#read.select().from(inbox).where(where).get() ?? NO_BODY
      const own = key === null ? null : this.#keyring.get(key)
      return bytes === null || own === null ? null : unseal(own, { tenant, name: body }, bytes)
    })
  }

  #write<M extends Method>(method: M, ...args: Parameters<Writer[M]>): Promise<ReturnType<Writer[M]>> {
    return this.#exclusive(() => this.#writer.call(method, ...args))
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work)
    this.#queue = result.catch(() => undefined)
    return result.catch(failed)
  }

  async #look<T>(work: () => T): Promise<T> {
    try {
      return work()
    } catch (cause) {
      return failed(cause)
    }
  }
}
