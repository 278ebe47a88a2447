import type { Database, Statement, Transaction } from 'better-sqlite3'
import { CodedError, fromHex } from '@countersign/core'
import { beginReceipt, blindChain, openEntry, writeTlogProofStart } from '@countersign/formats'
import type { Grown } from '@countersign/log'
import type { Appended, AppendedBatch, Issuance, Issued } from '../../store.ts'
import { Decider, type Objection } from './decide.ts'
import { certificateName, type Keyring, type RecordKey, seal } from './keyring.ts'
import { type LogWriter, secret } from './log-writer.ts'
import type { AppendRow } from './rows.ts'
import { factTag } from './signed-by.ts'
import type { Seen } from './seen.ts'
import { threadCrypto } from './thread-crypto.ts'

/** What an append added to the log, and the number it won. */
interface Logged {
  readonly index: number
  readonly link: string
  readonly signer: string
  readonly entry: Uint8Array
  readonly salt: Uint8Array
  readonly blind: Uint8Array
}

/** What became of a batch; of the log, it made its attestations, and after them its certificates. */
interface Outcome {
  readonly decided: readonly (Logged | Objection)[]
  /** Null where the log is as it was. */
  readonly grown: Grown | null
}

/** How long an idempotency key is kept, and how often old ones are looked for. */
const KEPT_MS = 7 * 24 * 3_600_000
const FORGET_EVERY = 1_000

/**
 * Decides who wins, and writes it, in prepared SQL: drizzle costs half of what SQLite can do, and every acknowledged step goes
 * through here.
 */
export class Appender {
  readonly #log: LogWriter
  readonly #decider: Decider
  readonly #seen: Seen
  readonly #goOn: Statement<
    [string, string, string, string | null, Uint8Array, Uint8Array, number, number],
    { seq: number; blind: Buffer; key: Buffer }
  >
  readonly #keyring: Keyring
  readonly #insert: Statement
  readonly #insertFact: Statement<[string, string, string, number]>
  readonly #takeBack: Statement<[string, number]>
  readonly #insertIssuance: Statement
  readonly #insertSubject: Statement<[string, string, number]>
  readonly #insertRevision: Statement<[string, string, number]>
  readonly #insertEdge: Statement<[string, string, string, string, string]>
  readonly #next: Statement<[string], { next_index: number }>
  readonly #advance: Statement<[number, string]>
  readonly #countSteps: Statement<[number, string, string, string]>
  readonly #insertIdempotency: Statement<[string, string, string, string, string]>
  readonly #forgetIdempotency: Statement<[string]>
  readonly #writeAll: Transaction<(batch: readonly AppendRow[], issuances: readonly Issuance[]) => Outcome>
  #keys = 0

  constructor(db: Database, log: LogWriter, keyring: Keyring, seen: Seen) {
    this.#seen = seen
    this.#log = log
    this.#decider = new Decider(db)
    this.#keyring = keyring
    this.#goOn = db.prepare(
      `INSERT INTO chains (tenant, id, pipeline, contract, blind, key, first_leaf, head_leaf, length)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)
       ON CONFLICT (tenant, id) DO UPDATE SET length = length + 1, head_leaf = excluded.head_leaf
       WHERE pipeline = excluded.pipeline AND contract IS excluded.contract
       RETURNING length - 1 AS seq, blind, key`,
    )
    this.#insert = db.prepare(
      `INSERT INTO attestations (tenant, "index", link, chain, pipeline, step, attempt, matrix, place, nonce, signer,
        key_id, signed_under, facts, system, succeeded, finished_at, accepted_at, late, subjects, bundle, leaf, key,
        grade, started_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    )
    this.#insertFact = db.prepare(
      'INSERT OR IGNORE INTO signings (tenant, fact, accepted_at, "index") VALUES (?, ?, ?, ?)',
    )
    this.#takeBack = db.prepare('DELETE FROM attestations WHERE tenant = ? AND "index" = ?')
    this.#insertIssuance = db.prepare(
      `INSERT INTO certificates (tenant, leaf, serial, authority, key_id, issued_at, not_after, tbs, key)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#insertSubject = db.prepare('INSERT OR IGNORE INTO subjects (tenant, sha256, "index") VALUES (?, ?, ?)')
    this.#insertRevision = db.prepare('INSERT OR IGNORE INTO commits (tenant, "commit", "index") VALUES (?, ?, ?)')
    this.#insertEdge = db.prepare('INSERT INTO edges (tenant, "from", "to", found, strength) VALUES (?, ?, ?, ?, ?)')
    this.#next = db.prepare('SELECT next_index FROM tenants WHERE id = ?')
    this.#advance = db.prepare('UPDATE tenants SET next_index = ? WHERE id = ?')
    this.#countSteps = db.prepare('UPDATE keys SET steps = steps + ?, last_used_at = ? WHERE tenant = ? AND key_id = ?')
    this.#insertIdempotency = db.prepare(
      'INSERT OR IGNORE INTO idempotency (tenant, key, body, at, link) VALUES (?, ?, ?, ?, ?)',
    )
    this.#forgetIdempotency = db.prepare('DELETE FROM idempotency WHERE at < ?')
    this.#writeAll = db.transaction((batch, issuances) => {
      this.#log.assertNewest()
      const first = this.#log.size
      const next = new Map<string, number>()
      const logged: Logged[] = []
      const decided = batch.map((row) => {
        const one = this.#write(row, this.#nextIn(row.tenant, next), first + logged.length)
        if ('kind' in one) return one
        next.set(row.tenant, one.index + 1)
        logged.push(one)
        return one
      })
      this.#index(batch, decided, first)
      const end = first + logged.length
      const issued = issuances.map((issuance, i) => this.#issue(issuance, end + i))
      if (logged.length + issued.length === 0) return { decided, grown: null }
      for (const [tenant, index] of next) this.#advance.run(index, tenant)
      this.#count(batch, decided)
      return { decided, grown: this.#log.grow([...logged.map(({ entry }) => entry), ...issued]) }
    })
  }

  /**
   * All of the batch that wins or nothing; when this returns it is on the disk. Throws when somebody else wrote meanwhile,
   * and where a tenant does not exist.
   */
  write(batch: readonly AppendRow[], issuances: readonly Issuance[]): AppendedBatch {
    // Before the transaction: keys that are made in vain are only skipped.
    this.#keyring.reserve(batch.length + issuances.length)
    let outcome: Outcome
    try {
      outcome = this.#writeAll.immediate(batch, issuances)
    } catch (error) {
      // It may be on the disk all the same.
      this.#log.forget()
      this.#seen.forget()
      throw error
    }
    const { decided, grown } = outcome
    if (grown === null) return { appended: decided as readonly Objection[], issued: [], head: null }
    this.#log.grown(grown)
    const { size } = grown.state
    const added = decided.filter((one) => !('kind' in one)).length + issuances.length
    let at = size - added
    const paths = this.#log.prove(grown, added)
    const hashes = (index: number) => paths[index - (size - added)]!
    const appended = decided.map((one, i): Appended => {
      if ('kind' in one) return one
      const { index, entry, ...opened } = one
      const leaf = at++
      const begun = beginReceipt({ extra: openEntry(entry, opened), index: leaf, hashes: hashes(leaf) })
      return { kind: 'accepted', index, late: batch[i]!.late, begun }
    })
    const issued = issuances.map((): Issued => {
      const index = at++
      return { index, begun: writeTlogProofStart({ extra: null, index, hashes: hashes(index) }) }
    })
    return { appended, issued, head: { size, root: grown.roots.sha256 } }
  }

  /** The number that the next attestation of a tenant wins. */
  #nextIn(tenant: string, next: Map<string, number>): number {
    const index = next.get(tenant) ?? this.#next.get(tenant)?.next_index
    if (index === undefined) throw new CodedError('internal', 'the tenant does not exist')
    next.set(tenant, index)
    return index
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

  /** What it added to the log, or what spoke against it. */
  #write(row: AppendRow, index: number, at: number): Logged | Objection {
    const { tenant, chain, pipeline, contract, idempotency } = row
    const objection = this.#decider.before(row)
    if (objection !== null) return objection
    const { tags } = this.#keyring
    const facts = row.facts.map((fact) => factTag(tags, tenant, fact))
    const own = this.#keyring.take()
    if (!this.#insertStep(row, facts, index, at, own)) {
      const rival = this.#decider.rival(row)
      if (rival.kind === 'same' && idempotency !== null) this.#remember(row, idempotency)
      return rival
    }
    // Drawn for a chain that begins here; one that has begun keeps its own.
    const drawn = secret()
    const newKey = fromHex(blindChain(drawn, chain, threadCrypto))
    const begun = this.#goOn.get(tenant, chain, pipeline, contract, drawn, newKey, at, at)
    if (begun === undefined) {
      this.#takeBack.run(tenant, index)
      return this.#decider.unbound(row)
    }
    const blind = new Uint8Array(begun.blind)
    const entry = this.#log.entryOf(row, { id: begun.key.toString('hex'), seq: begun.seq }, own.salt)
    if (idempotency !== null) this.#remember(row, idempotency)
    this.#seen.see(row, index)
    for (const fact of facts) this.#insertFact.run(tenant, fact, row.acceptedAt, index)
    return { index, link: row.link, signer: row.under.digest, entry, salt: own.salt, blind }
  }

  /**
   * Their entries in the log, and what they are found by, which speaks against none. A table at a time: its pages and its
   * program stay at hand.
   */
  #index(batch: readonly AppendRow[], decided: readonly (Logged | Objection)[], first: number): void {
    const { tags } = this.#keyring
    const added = [...decided.entries()].flatMap(([i, one]) => ('kind' in one ? [] : [{ row: batch[i]!, ...one }]))
    for (const [i, { row, entry }] of added.entries()) this.#log.insert(first + i, row.tenant, entry)
    for (const { row, index } of added) {
      for (const sha256 of row.subjects) this.#insertSubject.run(row.tenant, tags.of(row.tenant, sha256), index)
    }
    for (const { row, index } of added) {
      for (const one of row.revisions) this.#insertRevision.run(row.tenant, tags.of(row.tenant, one), index)
    }
    for (const { row } of added) {
      for (const { from, found, strength } of row.edges) {
        this.#insertEdge.run(row.tenant, from, row.link, found, strength)
      }
    }
  }

  /** Whether it was let in: no other has its link, its place or its nonce. */
  #insertStep(row: AppendRow, facts: readonly string[], index: number, at: number, own: RecordKey): boolean {
    const { tenant } = row
    const { changes } = this.#insert.run(
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
      facts.length === 0 ? null : facts.join(' '),
      row.system,
      row.succeeded ? 1 : 0,
      row.finishedAt,
      row.acceptedAt,
      row.late ? 1 : 0,
      row.subjects.length,
      seal(own, { tenant, name: row.link }, row.bundle),
      at,
      own.id,
      row.grade,
      row.startedAt,
    )
    return changes === 1
  }

  /** Once a key and batch: a batch has many steps and few keys. */
  #count(batch: readonly AppendRow[], decided: readonly (Logged | Objection)[]): void {
    const used = new Map<string, { row: AppendRow; steps: number }>()
    for (const [i, row] of batch.entries()) {
      if ('kind' in decided[i]!) continue
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
