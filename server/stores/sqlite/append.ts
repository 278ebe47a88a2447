import type { Database, Statement } from 'better-sqlite3'
import { type Code, CodedError } from '@countersign/core'
import type { Appended, ChainBinding } from '../../store.ts'
import type { AppendRow, Decision } from './rows.ts'

interface Held {
  readonly idx: number
  readonly late: number
  readonly receipt: Buffer
}

/** How long an idempotency key is kept, and how often old ones are looked for. */
const KEPT_MS = 7 * 24 * 3_600_000
const FORGET_EVERY = 1_000

/** A batch whose transaction is open, and what it has taken so far: its rows are written when their receipts are there. */
class Batch {
  readonly rows: readonly AppendRow[]
  readonly decisions: Decision[] = []
  readonly links = new Set<string>()
  readonly places = new Map<string, string>()
  readonly nonces = new Set<string>()
  readonly chains = new Map<string, ChainBinding>()
  readonly idempotency = new Map<string, string>()
  readonly next = new Map<string, number>()

  constructor(rows: readonly AppendRow[]) {
    this.rows = rows
  }
}

/**
 * The append path in prepared SQL: drizzle costs half of what SQLite can do, and every acknowledged step goes
 * through here.
 */
export class Appender {
  #batch: Batch | null = null
  readonly #db: Database
  readonly #byLink: Statement<[string, string], Held>
  readonly #byPlace: Statement<[string, string], { link: string }>
  readonly #byNonce: Statement<[string, string], { link: string }>
  readonly #idempotent: Statement<[string, string], { body: string }>
  readonly #chain: Statement<[string, string], { pipeline: string; contract: string | null }>
  readonly #nextIndex: Statement<[string], { next_index: number }>
  readonly #setNextIndex: Statement<[number, string]>
  readonly #insertChain: Statement<[string, string, string, string | null]>
  readonly #insert: Statement
  readonly #insertSubject: Statement<[string, string, number]>
  readonly #insertCommit: Statement<[string, string, number]>
  readonly #insertEdge: Statement<[string, string, string, string, string]>
  readonly #forgetIdempotency: Statement<[string]>
  #keys = 0
  readonly #insertIdempotency: Statement<[string, string, string, string]>

  constructor(db: Database) {
    this.#db = db
    this.#byLink = db.prepare('SELECT "index" AS idx, late, receipt FROM attestations WHERE tenant = ? AND link = ?')
    this.#byPlace = db.prepare('SELECT link FROM attestations WHERE tenant = ? AND place = ?')
    this.#byNonce = db.prepare('SELECT link FROM attestations WHERE tenant = ? AND nonce = ?')
    this.#idempotent = db.prepare('SELECT body FROM idempotency WHERE tenant = ? AND key = ?')
    this.#chain = db.prepare('SELECT pipeline, contract FROM chains WHERE tenant = ? AND id = ?')
    this.#nextIndex = db.prepare('SELECT next_index FROM tenants WHERE id = ?')
    this.#setNextIndex = db.prepare('UPDATE tenants SET next_index = ? WHERE id = ?')
    this.#insertChain = db.prepare('INSERT INTO chains (tenant, id, pipeline, contract) VALUES (?, ?, ?, ?)')
    this.#insert = db.prepare(
      `INSERT INTO attestations (tenant, "index", link, chain, pipeline, step, attempt, matrix, place, nonce, signer,
        key_id, system, succeeded, finished_at, accepted_at, late, subjects, bundle, receipt)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#insertSubject = db.prepare('INSERT OR IGNORE INTO subjects (tenant, sha256, "index") VALUES (?, ?, ?)')
    this.#insertCommit = db.prepare('INSERT OR IGNORE INTO commits (tenant, "commit", "index") VALUES (?, ?, ?)')
    this.#insertEdge = db.prepare('INSERT INTO edges (tenant, "from", "to", found, strength) VALUES (?, ?, ?, ?, ?)')
    this.#forgetIdempotency = db.prepare('DELETE FROM idempotency WHERE at < ?')
    this.#insertIdempotency = db.prepare(
      'INSERT OR IGNORE INTO idempotency (tenant, key, body, at) VALUES (?, ?, ?, ?)',
    )
  }

  /** Opens a transaction and decides each append, against what is stored and against the batch before it. */
  decide(rows: readonly AppendRow[]): readonly Decision[] {
    this.#db.exec('BEGIN IMMEDIATE')
    const batch = new Batch(rows)
    this.#batch = batch
    try {
      for (const row of rows) batch.decisions.push(this.#decide(row, batch))
      return batch.decisions
    } catch (error) {
      this.abort()
      throw error
    }
  }

  /** Writes what won, with a receipt each, and commits: when this returns it is on the disk. */
  finish(receipts: readonly Uint8Array[]): readonly Appended[] {
    const batch = this.#batch
    if (batch === null) throw new CodedError('internal', 'no batch is open')
    try {
      let next = 0
      for (const [i, decision] of batch.decisions.entries()) {
        if (decision.kind !== 'refused') this.#remember(batch.rows[i]!)
        if (decision.kind !== 'placed') continue
        const receipt = receipts[next++]
        if (receipt === undefined) throw new CodedError('internal', 'a receipt is missing')
        this.#write(batch.rows[i]!, decision.index, receipt)
      }
      for (const [tenant, index] of batch.next) this.#setNextIndex.run(index, tenant)
      const results = batch.decisions.map((decision, i) =>
        decision.kind === 'refused' ? decision : this.#held(batch.rows[i]!, decision.kind),
      )
      this.#db.exec('COMMIT')
      this.#batch = null
      return results
    } catch (error) {
      this.abort()
      throw error
    }
  }

  /** Forgets the open batch: nothing of it was written. */
  abort(): void {
    this.#batch = null
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
  }

  #decide(row: AppendRow, batch: Batch): Decision {
    const { tenant, idempotency } = row
    const own = (key: string) => `${tenant} ${key}`
    if (idempotency !== null) {
      const used = batch.idempotency.get(own(idempotency.key)) ?? this.#idempotent.get(tenant, idempotency.key)?.body
      if (used !== undefined && used !== idempotency.body) {
        return refused('idempotency-conflict', 'the idempotency key belongs to another request')
      }
    }
    if (batch.links.has(own(row.link)) || this.#byLink.get(tenant, row.link) !== undefined) {
      if (idempotency !== null) batch.idempotency.set(own(idempotency.key), idempotency.body)
      return { kind: 'same' }
    }
    const winner = batch.places.get(own(row.place)) ?? this.#byPlace.get(tenant, row.place)?.link
    if (winner !== undefined) {
      const job = row.matrix === null ? '' : ` (${row.matrix})`
      return refused('place-taken', `step ${row.step}${job}, attempt ${row.attempt}, is held by ${winner.slice(0, 12)}`)
    }
    if (batch.nonces.has(own(row.nonce)) || this.#byNonce.get(tenant, row.nonce) !== undefined) {
      return refused('nonce-reused', `the nonce of step ${row.step} was used before`)
    }
    const bound = batch.chains.get(own(row.chain)) ?? this.#chain.get(tenant, row.chain)
    if (bound !== undefined && bound.pipeline !== row.pipeline) {
      return refused('pipeline-mismatch', `the chain is of pipeline ${bound.pipeline}, not ${row.pipeline}`)
    }
    if (bound !== undefined && bound.contract !== row.contract) {
      return refused('contract-mismatch', 'the chain is bound to another contract')
    }
    const index = batch.next.get(tenant) ?? this.#nextIndex.get(tenant)?.next_index
    if (index === undefined) throw new CodedError('internal', 'the tenant does not exist')
    if (bound === undefined) this.#insertChain.run(tenant, row.chain, row.pipeline, row.contract)
    batch.next.set(tenant, index + 1)
    batch.links.add(own(row.link))
    batch.places.set(own(row.place), row.link)
    batch.nonces.add(own(row.nonce))
    batch.chains.set(own(row.chain), { pipeline: row.pipeline, contract: row.contract })
    if (idempotency !== null) batch.idempotency.set(own(idempotency.key), idempotency.body)
    return { kind: 'placed', index }
  }

  #write(row: AppendRow, index: number, receipt: Uint8Array): void {
    const { tenant } = row
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
      row.system,
      row.succeeded ? 1 : 0,
      row.finishedAt,
      row.acceptedAt,
      row.late ? 1 : 0,
      row.subjects.length,
      row.bundle,
      receipt,
    )
    for (const sha256 of row.subjects) this.#insertSubject.run(tenant, sha256, index)
    for (const commit of row.commits) this.#insertCommit.run(tenant, commit, index)
    for (const { from, found, strength } of row.edges) this.#insertEdge.run(tenant, from, row.link, found, strength)
  }

  /** Keeps an idempotency key, and now and then forgets those that no client can still be repeating. */
  #remember({ tenant, idempotency, acceptedAt }: AppendRow): void {
    if (idempotency === null) return
    this.#insertIdempotency.run(tenant, idempotency.key, idempotency.body, acceptedAt)
    if (this.#keys++ % FORGET_EVERY !== 0) return
    this.#forgetIdempotency.run(new Date(Date.parse(acceptedAt) - KEPT_MS).toISOString())
  }

  /** Read back when the batch's rows are in place: the first of two equal steps may be in the same batch. */
  #held({ tenant, link }: AppendRow, kind: 'placed' | 'same'): Appended {
    const { idx, late, receipt } = this.#byLink.get(tenant, link)!
    return {
      kind: kind === 'placed' ? 'accepted' : 'same',
      index: idx,
      late: late === 1,
      receipt: new Uint8Array(receipt),
    }
  }
}

function refused(code: Code, what: string): Decision {
  return { kind: 'refused', code, what }
}
