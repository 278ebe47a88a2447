import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { and, desc, eq, inArray, lt, sql } from 'drizzle-orm'
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { CodedError, type ErrorReport, parsePublicKey } from '@countersign/core'
import type {
  Append,
  Appended,
  ChainBinding,
  EnrolledKey,
  Found,
  InboxItem,
  Page,
  Placed,
  Query,
  Refusal,
  Scope,
  Store,
  Stored,
  StoredBundle,
  StoredContract,
  Token,
} from '../../store.ts'
import { Appender } from './append.ts'
import { attestations, commits, contracts, inbox, keys, subjects, tenants, tokens } from './schema.ts'

/** Opens the database file, made and migrated where needed. Throws `store-failed`. */
export function openSqlite(file: string): Store {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    return new SqliteStore(file)
  } catch (cause) {
    throw new CodedError('store-failed', `the database ${file} cannot be opened`, { cause })
  }
}

class SqliteStore implements Store {
  readonly #writer: Database.Database
  readonly #write: BetterSQLite3Database
  /** A connection of its own, so that a read never sees what is not committed yet. */
  readonly #reader: Database.Database
  readonly #read: BetterSQLite3Database
  readonly #appender: Appender
  readonly #binding: Database.Statement<[string, string], ChainBinding>
  readonly #contract: Database.Statement<[string, string], typeof contracts.$inferSelect>
  /** Writes go one after another: a batch awaits its receipts while its transaction is open. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(file: string) {
    this.#writer = new Database(file)
    this.#writer.pragma('journal_mode = WAL')
    // A receipt must survive power loss: NORMAL may lose committed transactions in WAL mode.
    this.#writer.pragma('synchronous = FULL')
    this.#writer.pragma('busy_timeout = 5000')
    // Moving the log into the database costs two more syncs; 64 MB of log between them keeps that rare.
    this.#writer.pragma('wal_autocheckpoint = 16384')
    this.#writer.pragma('cache_size = -65536')
    this.#write = drizzle(this.#writer)
    migrate(this.#write, { migrationsFolder: join(import.meta.dirname, 'migrations') })
    this.#reader = new Database(file, { readonly: true })
    this.#reader.pragma('busy_timeout = 5000')
    this.#read = drizzle(this.#reader)
    this.#appender = new Appender(this.#writer)
    // Asked for each run that begins: in prepared SQL, as the append itself.
    this.#binding = this.#reader.prepare('SELECT pipeline, contract FROM chains WHERE tenant = ? AND id = ?')
    this.#contract = this.#reader.prepare(CURRENT_CONTRACT)
  }

  ready(): Promise<void> {
    return this.#exclusive(() => {
      this.#writer.exec('BEGIN IMMEDIATE; ROLLBACK')
    })
  }

  async close(): Promise<void> {
    await this.#queue.catch(() => undefined)
    this.#reader.close()
    this.#writer.close()
  }

  createTenant(tenant: string, at: string): Promise<void> {
    return this.#exclusive(() => {
      this.#write.insert(tenants).values({ id: tenant, createdAt: at }).onConflictDoNothing().run()
    })
  }

  createToken(token: Token, at: string): Promise<void> {
    return this.#exclusive(() => {
      const row = { ...token, hash: Buffer.from(token.hash), scopes: token.scopes.join(' '), createdAt: at }
      this.#write.insert(tokens).values(row).run()
    })
  }

  token(id: string): Promise<Token | null> {
    return this.#look(() => {
      const row = this.#read.select().from(tokens).where(eq(tokens.id, id)).get()
      if (row === undefined) return null
      return {
        id: row.id,
        tenant: row.tenant,
        hash: new Uint8Array(row.hash),
        scopes: row.scopes.split(' ') as Scope[],
      }
    })
  }

  keys(tenant: string): Promise<readonly EnrolledKey[]> {
    return this.#look(() =>
      this.#read
        .select()
        .from(keys)
        .where(eq(keys.tenant, tenant))
        .orderBy(keys.enrolledAt, keys.keyId)
        .all()
        .map(({ name, spki, enrolledAt, revokedAt }) => ({
          name,
          key: parsePublicKey(new Uint8Array(spki)),
          enrolledAt,
          revokedAt,
        })),
    )
  }

  enrolKey(tenant: string, { name, key, enrolledAt, revokedAt }: EnrolledKey): Promise<void> {
    return this.#exclusive(() => {
      const row = { tenant, keyId: key.keyId, name, spki: Buffer.from(key.spki), enrolledAt, revokedAt }
      this.#write.insert(keys).values(row).onConflictDoNothing().run()
      const held = this.#write
        .select()
        .from(keys)
        .where(and(eq(keys.tenant, tenant), eq(keys.keyId, key.keyId)))
        .get()
      if (held?.name !== name)
        throw new CodedError('request-invalid', `the key is enrolled already, as ${held?.name ?? '?'}`)
    })
  }

  revokeKey(tenant: string, keyId: string, at: string): Promise<boolean> {
    return this.#exclusive(() => {
      const { changes } = this.#write
        .update(keys)
        .set({ revokedAt: sql`coalesce(${keys.revokedAt}, ${at})` })
        .where(and(eq(keys.tenant, tenant), eq(keys.keyId, keyId)))
        .run()
      return changes > 0
    })
  }

  publishContract(tenant: string, contract: StoredContract, at: string): Promise<void> {
    return this.#exclusive(() => {
      const current = contractOf(
        this.#writer
          .prepare<[string, string], typeof contracts.$inferSelect>(CURRENT_CONTRACT)
          .get(tenant, contract.pipeline),
      )
      if (current?.digest === contract.digest) return
      if (current !== null && contract.revision <= current.revision) {
        throw new CodedError(
          'contract-invalid',
          `revision ${contract.revision} is not above revision ${current.revision}, which is in force`,
          { fix: `Set revision to ${current.revision + 1} or more: an older contract cannot come back (T-99).` },
        )
      }
      this.#write
        .insert(contracts)
        .values({ tenant, ...contract, bytes: Buffer.from(contract.bytes), publishedAt: at })
        .run()
    })
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
    return this.#look(() => {
      return this.#binding.get(tenant, chain) ?? null
    })
  }

  bundles(tenant: string, links: readonly string[]): Promise<readonly StoredBundle[]> {
    return this.#look(() => {
      const found: StoredBundle[] = []
      // SQLite takes a bounded number of parameters.
      for (let from = 0; from < links.length; from += 500) {
        const some = links.slice(from, from + 500)
        const where = and(eq(attestations.tenant, tenant), inArray(attestations.link, some))
        found.push(...this.#read.select().from(attestations).where(where).all().map(bundleOf))
      }
      return found
    })
  }

  append(
    batch: readonly Append[],
    countersign: (placed: readonly Placed[]) => Promise<readonly Uint8Array[]>,
  ): Promise<readonly Appended[]> {
    return this.#exclusive(() => this.#appender.append(batch, countersign))
  }

  search(tenant: string, query: Query, limit: number, cursor: string | null): Promise<Page<Stored>> {
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
      return page(rows.map(storedOf), limit, (item) => String(item.index))
    })
  }

  /** What restricts a search; digests and commits go through their own tables, newest first. */
  #condition(tenant: string, { by, value }: Query, before: number | null, limit: number) {
    if (by === 'chain') return eq(attestations.chain, value)
    if (by === 'pipeline') return eq(attestations.pipeline, value)
    const table = by === 'artifact' ? subjects : commits
    const column = by === 'artifact' ? subjects.sha256 : commits.commit
    const older = before === null ? undefined : lt(table.index, before)
    const indices = this.#read
      .select({ index: table.index })
      .from(table)
      .where(and(eq(table.tenant, tenant), eq(column, value), older))
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
        const rows = this.#read
          .select({
            chain: attestations.chain,
            pipeline: attestations.pipeline,
            index: attestations.index,
            link: attestations.link,
          })
          .from(subjects)
          .innerJoin(
            attestations,
            and(eq(attestations.tenant, subjects.tenant), eq(attestations.index, subjects.index)),
          )
          .where(and(eq(subjects.tenant, tenant), eq(subjects.sha256, digest)))
          .orderBy(desc(subjects.index))
          .limit(8 * limit)
          .all()
        for (const { chain, pipeline, index, link } of rows) {
          const known = found.get(chain)
          if (known === undefined) found.set(chain, { chain, pipeline, index, links: [link] })
          else if (!known.links.includes(link)) known.links.push(link)
        }
      }
      return [...found.values()].toSorted((a, b) => b.index - a.index).slice(0, limit)
    })
  }

  chain(tenant: string, chain: string): Promise<readonly StoredBundle[]> {
    return this.#look(() =>
      this.#read
        .select()
        .from(attestations)
        .where(and(eq(attestations.tenant, tenant), eq(attestations.chain, chain)))
        .orderBy(attestations.index)
        .all()
        .map(bundleOf),
    )
  }

  refuse(tenant: string, refusal: Refusal, most: number): Promise<void> {
    return this.#exclusive(() => {
      const { at, report, findings, body, bytes, link, chain, step } = refusal
      const row = {
        tenant,
        at,
        lastAt: at,
        count: 1,
        code: report.code,
        report: JSON.stringify(report),
        findings: JSON.stringify(findings),
        body,
        bytes: bytes === null ? null : Buffer.from(bytes),
        link,
        chain,
        step,
      }
      this.#write
        .insert(inbox)
        .values(row)
        .onConflictDoUpdate({
          target: [inbox.tenant, inbox.body, inbox.code],
          set: { count: sql`${inbox.count} + 1`, lastAt: at },
        })
        .run()
      const newest = this.#write
        .select({ id: inbox.id })
        .from(inbox)
        .where(eq(inbox.tenant, tenant))
        .orderBy(desc(inbox.id))
        .limit(1)
        .offset(most)
        .get()
      if (newest === undefined) return
      this.#write
        .delete(inbox)
        .where(and(eq(inbox.tenant, tenant), sql`${inbox.id} <= ${newest.id}`))
        .run()
    })
  }

  inbox(tenant: string, limit: number, cursor: string | null): Promise<Page<InboxItem>> {
    return this.#look(() => {
      const before = indexOf(cursor)
      const rows = this.#read
        .select()
        .from(inbox)
        .where(and(eq(inbox.tenant, tenant), before === null ? undefined : lt(inbox.id, before)))
        .orderBy(desc(inbox.id))
        .limit(limit + 1)
        .all()
      const items = rows.map(({ id, at, lastAt, count, report, findings, body, link, chain, step }) => ({
        id,
        at,
        lastAt,
        count,
        report: JSON.parse(report) as ErrorReport,
        findings: JSON.parse(findings) as ErrorReport[],
        body,
        link,
        chain,
        step,
      }))
      return page(items, limit, (item) => String(item.id))
    })
  }

  /** One write after another; what fails leaves as `store-failed`. */
  #exclusive<T>(work: () => T | Promise<T>): Promise<T> {
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

const CURRENT_CONTRACT = 'SELECT * FROM contracts WHERE tenant = ? AND pipeline = ? ORDER BY revision DESC LIMIT 1'

function failed(cause: unknown): never {
  if (cause instanceof CodedError) throw cause
  throw new CodedError('store-failed', 'the database did not do as it was asked', { cause })
}

function contractOf(row: typeof contracts.$inferSelect | undefined): StoredContract | null {
  if (row === undefined) return null
  const { pipeline, revision, digest, bytes } = row
  return { pipeline, revision, digest, bytes: new Uint8Array(bytes) }
}

function storedOf(row: typeof attestations.$inferSelect): Stored {
  const {
    link,
    chain,
    pipeline,
    step,
    attempt,
    matrix,
    signer,
    system,
    succeeded,
    finishedAt,
    acceptedAt,
    index,
    late,
  } = row
  const { subjects: count } = row
  return {
    link,
    chain,
    pipeline,
    step,
    attempt,
    matrix,
    signer,
    system,
    succeeded,
    finishedAt,
    acceptedAt,
    index,
    late,
    subjects: count,
  }
}

function bundleOf(row: typeof attestations.$inferSelect): StoredBundle {
  return { ...storedOf(row), bundle: new Uint8Array(row.bundle), receipt: new Uint8Array(row.receipt) }
}

/** Throws `request-invalid` for a cursor that no page gave. */
function indexOf(cursor: string | null): number | null {
  if (cursor === null) return null
  const index = Number(cursor)
  if (!/^[0-9]{1,15}$/.test(cursor)) throw new CodedError('request-invalid', 'the cursor is not one that a page gave')
  return index
}

function page<T>(items: readonly T[], limit: number, cursorOf: (item: T) => string): Page<T> {
  if (items.length <= limit) return { items, next: null }
  const kept = items.slice(0, limit)
  return { items: kept, next: cursorOf(kept.at(-1)!) }
}
