import type { Database, Statement, Transaction } from 'better-sqlite3'
import { CodedError, fromHex } from '@countersign/core'
import { beginReceipt, blindChain, openEntry, writeTlogProofStart } from '@countersign/formats'
import type { Grown } from '@countersign/log'
import type { Issuance, Issued, LogHead } from '../../store.ts'
import { certificateName, type Keyring, seal } from './keyring.ts'
import { type LogWriter, secret } from './log-writer.ts'
import type { AppendRow } from './rows.ts'
import { VOUCHED, vouchedTag } from './signed-by.ts'
import { threadCrypto } from './thread-crypto.ts'

/** A row with the number it won; null for one whose step is held, of which only its idempotency key is kept. */
export interface Placing {
  readonly row: AppendRow
  readonly index: number | null
}

/** A batch that is on the disk. */
export interface Written {
  /** The head of the log that it made, null where it added nothing to it. */
  readonly head: LogHead | null
  /** The receipt of each that won, up to its checkpoint: `beginReceipt`. */
  readonly begun: readonly string[]
  /** Each issuance, in their order. */
  readonly issued: readonly Issued[]
}

/** What a placing added to the log. */
interface Logged {
  readonly link: string
  readonly signer: string
  readonly entry: Uint8Array
  readonly salt: Uint8Array
  readonly blind: Uint8Array
}

/** What a batch made of the log: its attestations, and after them its certificates. */
interface Growth {
  readonly grown: Grown
  readonly logged: readonly Logged[]
}

/** How long an idempotency key is kept, and how often old ones are looked for. */
const KEPT_MS = 7 * 24 * 3_600_000
const FORGET_EVERY = 1_000

/**
 * Writes decided batches in prepared SQL: drizzle costs half of what SQLite can do, and every acknowledged step goes
 * through here.
 */
export class Appender {
  readonly #log: LogWriter
  readonly #goOn: Statement<
    [string, string, string, string | null, Uint8Array, Uint8Array, number, number],
    { seq: number; blind: Buffer; key: Buffer }
  >
  readonly #keyring: Keyring
  readonly #insert: Statement
  readonly #insertIssuance: Statement
  readonly #insertSubject: Statement<[string, string, number]>
  readonly #insertCommit: Statement<[string, string, number]>
  readonly #insertEdge: Statement<[string, string, string, string, string]>
  readonly #advance: Statement<[number, string, number]>
  readonly #countSteps: Statement<[number, string, string, string]>
  readonly #insertIdempotency: Statement<[string, string, string, string, string]>
  readonly #forgetIdempotency: Statement<[string]>
  readonly #writeAll: Transaction<(batch: readonly Placing[], issuances: readonly Issuance[]) => Growth | null>
  #keys = 0

  constructor(db: Database, log: LogWriter, keyring: Keyring) {
    this.#log = log
    this.#keyring = keyring
    this.#goOn = db.prepare(
      `INSERT INTO chains (tenant, id, pipeline, contract, blind, key, first_leaf, head_leaf, length)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)
       ON CONFLICT (tenant, id) DO UPDATE SET length = length + 1, head_leaf = excluded.head_leaf
       RETURNING length - 1 AS seq, blind, key`,
    )
    this.#insert = db.prepare(
      `INSERT INTO attestations (tenant, "index", link, chain, pipeline, step, attempt, matrix, place, nonce, signer,
        key_id, signed_under, ${VOUCHED.join(', ')}, system, succeeded, finished_at, accepted_at, late, subjects, bundle, leaf, key)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#insertIssuance = db.prepare(
      `INSERT INTO certificates (tenant, leaf, serial, authority, key_id, issued_at, not_after, tbs, key)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#insertSubject = db.prepare('INSERT OR IGNORE INTO subjects (tenant, sha256, "index") VALUES (?, ?, ?)')
    this.#insertCommit = db.prepare('INSERT OR IGNORE INTO commits (tenant, "commit", "index") VALUES (?, ?, ?)')
    this.#insertEdge = db.prepare('INSERT INTO edges (tenant, "from", "to", found, strength) VALUES (?, ?, ?, ?, ?)')
    this.#advance = db.prepare('UPDATE tenants SET next_index = ? WHERE id = ? AND next_index = ?')
    this.#countSteps = db.prepare('UPDATE keys SET steps = steps + ?, last_used_at = ? WHERE tenant = ? AND key_id = ?')
    this.#insertIdempotency = db.prepare(
      'INSERT OR IGNORE INTO idempotency (tenant, key, body, at, link) VALUES (?, ?, ?, ?, ?)',
    )
    this.#forgetIdempotency = db.prepare('DELETE FROM idempotency WHERE at < ?')
    this.#writeAll = db.transaction((batch, issuances) => {
      const first = this.#log.size
      const logged: Logged[] = []
      for (const placing of batch) {
        const one = this.#write(placing, first + logged.length)
        if (one !== null) logged.push(one)
      }
      const end = first + logged.length
      const issued = issuances.map((issuance, i) => this.#issue(issuance, end + i))
      if (logged.length + issued.length === 0) return null
      if (logged.length > 0) this.#count(batch)
      return { grown: this.#log.grow([...logged.map(({ entry }) => entry), ...issued]), logged }
    })
  }

  /** All of the batch or nothing; when this returns it is on the disk. Throws when somebody else wrote meanwhile. */
  write(batch: readonly Placing[], issuances: readonly Issuance[]): Written {
    // Before the transaction: keys that are made in vain are only skipped.
    this.#keyring.reserve(batch.length + issuances.length)
    let written: Growth | null
    try {
      written = this.#writeAll.immediate(batch, issuances)
    } catch (error) {
      // It may be on the disk all the same.
      this.#log.forget()
      throw error
    }
    if (written === null) return { head: null, begun: [], issued: [] }
    const { grown, logged } = written
    this.#log.grown(grown)
    const { size } = grown.state
    const added = logged.length + issuances.length
    const first = size - added
    const paths = this.#log.prove(grown, added)
    const begun = logged.map(({ entry, ...opened }, i) => {
      const extra = openEntry(entry, opened)
      return beginReceipt({ extra, index: first + i, hashes: paths[i]! })
    })
    const issued = issuances.map((_, i): Issued => {
      const index = first + logged.length + i
      return { index, begun: writeTlogProofStart({ extra: null, index, hashes: paths[logged.length + i]! }) }
    })
    return { head: { size, root: grown.roots.sha256 }, begun, issued }
  }

  /** The entry that it added to the log. */
  #issue(issuance: Issuance, at: number): Uint8Array {
    const { tenant, serial, authority, keyId, issuedAt, notAfter, tbs } = issuance
    const own = this.#keyring.take()
    const entry = this.#log.issuanceEntryOf(issuance)
    this.#log.insert(at, tenant, entry)
    const sealed = seal(own, { tenant, name: certificateName(serial) }, tbs)
    this.#insertIssuance.run(tenant, at, serial, authority, keyId, issuedAt, notAfter, sealed, own.id)
    return entry
  }

  /** What it added to the log; null where nothing was won. */
  #write({ row, index }: Placing, at: number): Logged | null {
    const { tenant, idempotency } = row
    if (idempotency !== null) this.#remember(row, idempotency)
    if (index === null) return null
    const { changes } = this.#advance.run(index + 1, tenant, index)
    if (changes !== 1) throw new CodedError('store-failed', 'another server writes to the same database')
    const { chain, pipeline, contract } = row
    // Drawn for a chain that begins here; one that has begun keeps its own.
    const drawn = secret()
    const newKey = fromHex(blindChain(drawn, chain, threadCrypto))
    const begun = this.#goOn.get(tenant, chain, pipeline, contract, drawn, newKey, at, at)!
    const blind = new Uint8Array(begun.blind)
    const own = this.#keyring.take()
    const entry = this.#log.entryOf(row, { id: begun.key.toString('hex'), seq: begun.seq }, own.salt)
    this.#log.insert(at, tenant, entry)
    const { tags } = this.#keyring
    const vouched = VOUCHED.map((column) => {
      const fact = row.vouched[column]
      return fact === null ? null : vouchedTag(tags, tenant, column, fact)
    })
    this.#insert.run(
      tenant,
      index,
      row.link,
      row.chain,
      row.pipeline,
      row.step,
      row.attempt,
      row.matrix,
      row.place,
      row.nonce,
      row.signer,
      row.keyId,
      row.under.digest,
      ...vouched,
      row.system,
      row.succeeded ? 1 : 0,
      row.finishedAt,
      row.acceptedAt,
      row.late ? 1 : 0,
      row.subjects.length,
      seal(own, { tenant, name: row.link }, row.bundle),
      at,
      own.id,
    )
    for (const sha256 of row.subjects) this.#insertSubject.run(tenant, tags.of(tenant, sha256), index)
    for (const commit of row.commits) this.#insertCommit.run(tenant, tags.of(tenant, commit), index)
    for (const { from, found, strength } of row.edges) this.#insertEdge.run(tenant, from, row.link, found, strength)
    return { link: row.link, signer: row.under.digest, entry, salt: own.salt, blind }
  }

  /** Once a key and batch: a batch has many steps and few keys. */
  #count(batch: readonly Placing[]): void {
    const used = new Map<string, { row: AppendRow; steps: number }>()
    for (const { row, index } of batch) {
      if (index === null) continue
      const name = `${row.tenant} ${row.keyId}`
      used.set(name, { row, steps: (used.get(name)?.steps ?? 0) + 1 })
    }
    for (const { row, steps } of used.values()) this.#countSteps.run(steps, row.acceptedAt, row.tenant, row.keyId)
  }

  /** Keeps an idempotency key, and now and then forgets those that no client can still be repeating. */
  #remember({ tenant, link, acceptedAt: at }: AppendRow, { key, body }: { key: string; body: string }): void {
    this.#insertIdempotency.run(tenant, key, body, at, link)
    if (this.#keys++ % FORGET_EVERY === 0) this.#forgetIdempotency.run(new Date(Date.parse(at) - KEPT_MS).toISOString())
  }
}
