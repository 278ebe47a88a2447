import type { Database, Statement } from 'better-sqlite3'
import { type Code, CodedError } from '@countersign/core'
import { succeeded } from '@countersign/formats'
import type { Append, Appended, ChainBinding, Placed } from '../../store.ts'

interface Held {
  readonly idx: number
  readonly late: number
  readonly receipt: Buffer
}

type Refused = Extract<Appended, { kind: 'refused' }>
type Decision =
  | Refused
  | { readonly kind: 'same'; readonly append: Append }
  | ({ readonly kind: 'placed'; readonly place: string } & Placed)

/** What the batch itself has taken so far; its rows are written only when their receipts are there. */
class Batch {
  readonly links = new Set<string>()
  readonly places = new Map<string, string>()
  readonly nonces = new Set<string>()
  readonly chains = new Map<string, ChainBinding>()
  readonly idempotency = new Map<string, string>()
  readonly next = new Map<string, number>()
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
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
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
      const taken = new Batch()
      const decisions = batch.map((append) => this.#decide(append, taken))
      const placed = decisions.filter((decision) => decision.kind === 'placed')
      const receipts = placed.length === 0 ? [] : await countersign(placed)
      if (receipts.length !== placed.length) throw new CodedError('internal', 'a receipt is missing')
      for (const [i, decision] of placed.entries()) this.#write(decision, receipts[i]!)
      for (const [tenant, next] of taken.next) this.#setNextIndex.run(next, tenant)
      let next = 0
      const results = decisions.map((decision): Appended => {
        if (decision.kind === 'refused') return decision
        if (decision.kind === 'same') return this.#sameAs(decision.append)
        return { kind: 'accepted', index: decision.index, late: decision.append.late, receipt: receipts[next++]! }
      })
      // The commit is the promise: it returns when the write-ahead log is on the disk.
      this.#db.exec('COMMIT')
      return results
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  /** Whether an append wins its place, against what is stored and against the batch before it. */
  #decide(append: Append, taken: Batch): Decision {
    const { tenant, step, idempotency } = append
    const { chain, step: ref } = step.statement.predicate
    const own = (key: string) => `${tenant} ${key}`
    if (idempotency !== null) {
      const used = taken.idempotency.get(own(idempotency.key)) ?? this.#idempotent.get(tenant, idempotency.key)?.body
      if (used !== undefined && used !== idempotency.body) {
        return refused('idempotency-conflict', 'the idempotency key belongs to another request')
      }
    }
    if (taken.links.has(own(step.link)) || this.#byLink.get(tenant, step.link) !== undefined)
      return { kind: 'same', append }
    const place = JSON.stringify([chain.id, ref.name, ref.attempt, ref.matrix])
    const winner = taken.places.get(own(place)) ?? this.#byPlace.get(tenant, place)?.link
    if (winner !== undefined) {
      const job = ref.matrix === null ? '' : ` (${ref.matrix})`
      return refused('place-taken', `step ${ref.name}${job}, attempt ${ref.attempt}, is held by ${winner.slice(0, 12)}`)
    }
    if (taken.nonces.has(own(ref.nonce)) || this.#byNonce.get(tenant, ref.nonce) !== undefined) {
      return refused('nonce-reused', `the nonce of step ${ref.name} was used before`)
    }
    const bound = taken.chains.get(own(chain.id)) ?? this.#chain.get(tenant, chain.id)
    if (bound !== undefined && bound.pipeline !== chain.pipeline) {
      return refused('pipeline-mismatch', `the chain is of pipeline ${bound.pipeline}, not ${chain.pipeline}`)
    }
    if (bound !== undefined && bound.contract !== chain.contract) {
      return refused('contract-mismatch', 'the chain is bound to another contract')
    }
    // Bound at once: another step of the same batch may begin the same chain otherwise.
    if (bound === undefined) this.#insertChain.run(tenant, chain.id, chain.pipeline, chain.contract)
    const index = taken.next.get(tenant) ?? this.#nextIndex.get(tenant)?.next_index
    if (index === undefined) throw new CodedError('internal', 'the tenant does not exist')
    taken.next.set(tenant, index + 1)
    taken.links.add(own(step.link))
    taken.places.set(own(place), step.link)
    taken.nonces.add(own(ref.nonce))
    taken.chains.set(own(chain.id), { pipeline: chain.pipeline, contract: chain.contract })
    if (idempotency !== null) taken.idempotency.set(own(idempotency.key), idempotency.body)
    return { kind: 'placed', append, index, place }
  }

  #write({ append, index, place }: Extract<Decision, { kind: 'placed' }>, receipt: Uint8Array): void {
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
      receipt,
    )
    for (const { digest } of subject) this.#insertSubject.run(tenant, digest.sha256, index)
    for (const { digest } of [...subject, ...predicate.materials]) {
      const commit = digest['gitCommit']
      if (commit !== undefined) this.#insertCommit.run(tenant, commit, index)
    }
    for (const { from, found, strength } of edges) this.#insertEdge.run(tenant, from, step.link, found, strength)
    if (idempotency !== null) {
      this.#insertIdempotency.run(tenant, idempotency.key, idempotency.body, append.acceptedAt)
    }
  }

  /** Read when the batch's own rows are in place: the first of two equal steps may be in the same batch. */
  #sameAs({ tenant, step }: Append): Appended {
    const held = this.#byLink.get(tenant, step.link)!
    return { kind: 'same', index: held.idx, late: held.late === 1, receipt: new Uint8Array(held.receipt) }
  }
}

function refused(code: Code, what: string): Refused {
  return { kind: 'refused', code, what }
}
