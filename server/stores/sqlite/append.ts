import type { Database, Statement } from 'better-sqlite3'
import { type Code, CodedError } from '@countersign/core'
import { succeeded } from '@countersign/formats'
import type { Append, Appended, Placed } from '../../store.ts'

interface Held {
  readonly idx: number
  readonly late: number
  readonly receipt: Buffer | null
}

/**
 * The append path in prepared SQL: drizzle costs half of what SQLite can do, and every acknowledged step goes
 * through here.
 */
export class Appender {
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
  readonly #setReceipt: Statement<[Uint8Array, string, number]>
  readonly #insertSubject: Statement<[string, string, number]>
  readonly #insertCommit: Statement<[string, string, number]>
  readonly #insertEdge: Statement<[string, string, string, string, string]>
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
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, x'')`,
    )
    this.#setReceipt = db.prepare('UPDATE attestations SET receipt = ? WHERE tenant = ? AND "index" = ?')
    this.#insertSubject = db.prepare('INSERT OR IGNORE INTO subjects (tenant, sha256, "index") VALUES (?, ?, ?)')
    this.#insertCommit = db.prepare('INSERT OR IGNORE INTO commits (tenant, "commit", "index") VALUES (?, ?, ?)')
    this.#insertEdge = db.prepare('INSERT INTO edges (tenant, "from", "to", found, strength) VALUES (?, ?, ?, ?, ?)')
    this.#insertIdempotency = db.prepare(
      'INSERT OR IGNORE INTO idempotency (tenant, key, body, at) VALUES (?, ?, ?, ?)',
    )
  }

  /** One transaction for the batch. The caller lets nobody else write meanwhile. */
  async append(
    batch: readonly Append[],
    countersign: (placed: readonly Placed[]) => Promise<readonly Uint8Array[]>,
  ): Promise<readonly Appended[]> {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const outcomes = batch.map((append) => this.#place(append))
      const placed = outcomes.filter((outcome) => outcome.kind === 'placed')
      const receipts = placed.length === 0 ? [] : await countersign(placed)
      if (receipts.length !== placed.length) throw new CodedError('internal', 'a receipt is missing')
      let next = 0
      const results = outcomes.map((outcome): Appended => {
        if (outcome.kind === 'refused') return outcome
        if (outcome.kind === 'same') return this.#sameAs(outcome.append)
        const receipt = receipts[next++]!
        this.#setReceipt.run(receipt, outcome.append.tenant, outcome.index)
        return { kind: 'accepted', index: outcome.index, late: outcome.append.late, receipt }
      })
      // The commit is the promise: it returns when the write-ahead log is on the disk.
      this.#db.exec('COMMIT')
      return results
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  #place(
    append: Append,
  ): Extract<Appended, { kind: 'refused' }> | ({ kind: 'placed' } & Placed) | { kind: 'same'; append: Append } {
    const { tenant, step, idempotency } = append
    const { chain, step: ref } = step.statement.predicate
    if (idempotency !== null) {
      const used = this.#idempotent.get(tenant, idempotency.key)
      if (used !== undefined && used.body !== idempotency.body)
        return refused('idempotency-conflict', 'the idempotency key belongs to another request')
    }
    if (this.#byLink.get(tenant, step.link) !== undefined) return { kind: 'same', append }
    const place = JSON.stringify([chain.id, ref.name, ref.attempt, ref.matrix])
    const winner = this.#byPlace.get(tenant, place)
    if (winner !== undefined) {
      const job = ref.matrix === null ? '' : ` (${ref.matrix})`
      return refused(
        'place-taken',
        `step ${ref.name}${job}, attempt ${ref.attempt}, is held by ${winner.link.slice(0, 12)}`,
      )
    }
    if (this.#byNonce.get(tenant, ref.nonce) !== undefined)
      return refused('nonce-reused', `the nonce of step ${ref.name} was used before`)
    const bound = this.#chain.get(tenant, chain.id)
    if (bound === undefined) this.#insertChain.run(tenant, chain.id, chain.pipeline, chain.contract)
    else if (bound.pipeline !== chain.pipeline)
      return refused('pipeline-mismatch', `the chain is of pipeline ${bound.pipeline}, not ${chain.pipeline}`)
    else if (bound.contract !== chain.contract)
      return refused('contract-mismatch', `the chain is bound to another contract`)
    const next = this.#nextIndex.get(tenant)
    if (next === undefined) throw new CodedError('internal', 'the tenant does not exist')
    this.#setNextIndex.run(next.next_index + 1, tenant)
    this.#write(append, place, next.next_index)
    return { kind: 'placed', append, index: next.next_index }
  }

  #write(append: Append, place: string, index: number): void {
    const { tenant, step, edges, idempotency } = append
    const { subject, predicate } = step.statement
    const { chain, step: ref } = predicate
    this.#insert.run(
      tenant,
      index,
      step.link,
      chain.id,
      chain.pipeline,
      ref.name,
      ref.attempt,
      ref.matrix,
      place,
      ref.nonce,
      step.signer.name,
      step.signer.keyId,
      predicate.runner.system,
      succeeded(predicate) ? 1 : 0,
      predicate.invocation.finishedAt,
      append.acceptedAt,
      append.late ? 1 : 0,
      subject.length,
      append.bundle,
    )
    for (const { digest } of subject) this.#insertSubject.run(tenant, digest.sha256, index)
    for (const { digest } of [...subject, ...predicate.materials]) {
      const commit = digest['gitCommit']
      if (commit !== undefined) this.#insertCommit.run(tenant, commit, index)
    }
    for (const { from, found, strength } of edges) this.#insertEdge.run(tenant, from, step.link, found, strength)
    if (idempotency !== null) this.#insertIdempotency.run(tenant, idempotency.key, idempotency.body, append.acceptedAt)
  }

  /** Read when the batch's own receipts are in place: the first of two equal steps may be in the same batch. */
  #sameAs({ tenant, step }: Append): Appended {
    const held = this.#byLink.get(tenant, step.link)!
    return { kind: 'same', index: held.idx, late: held.late === 1, receipt: new Uint8Array(held.receipt ?? []) }
  }
}

function refused(code: Code, what: string): Extract<Appended, { kind: 'refused' }> {
  return { kind: 'refused', code, what }
}
