import type { Database, Statement } from 'better-sqlite3'
import { type Code, CodedError } from '@countersign/core'
import type { ChainBinding } from '../../store.ts'
import type { AppendRow } from './rows.ts'

/** Where an append that was held already is. */
export interface Held {
  readonly index: number
  readonly late: boolean
  readonly receipt: Uint8Array
}

/** What becomes of one append; `same` without `held` is the same as an earlier one of its own batch. */
export type Decision =
  | { readonly kind: 'placed'; readonly index: number }
  | { readonly kind: 'same'; readonly held: Held | null }
  | { readonly kind: 'refused'; readonly code: Code; readonly what: string }

/** What a batch itself has taken so far. */
class Taken {
  readonly links = new Set<string>()
  readonly places = new Map<string, string>()
  readonly nonces = new Set<string>()
  readonly chains = new Map<string, ChainBinding>()
  readonly idempotency = new Map<string, string>()
  readonly next = new Map<string, number>()
}

/**
 * Decides who wins, against what is committed and against the batch before it, on the reading connection. The caller
 * lets no write come between a decision and its write; should another process come between all the same, the unique
 * indexes refuse the whole write. In prepared SQL, for every acknowledged step goes through here.
 */
export class Decider {
  readonly #byLink: Statement<[string, string], { idx: number; late: number; receipt: Buffer }>
  readonly #byPlace: Statement<[string, string], { link: string }>
  readonly #byNonce: Statement<[string, string], { link: string }>
  readonly #idempotent: Statement<[string, string], { body: string }>
  readonly #chain: Statement<[string, string], ChainBinding>
  readonly #nextIndex: Statement<[string], { next_index: number }>

  constructor(db: Database) {
    this.#byLink = db.prepare('SELECT "index" AS idx, late, receipt FROM attestations WHERE tenant = ? AND link = ?')
    this.#byPlace = db.prepare('SELECT link FROM attestations WHERE tenant = ? AND place = ?')
    this.#byNonce = db.prepare('SELECT link FROM attestations WHERE tenant = ? AND nonce = ?')
    this.#idempotent = db.prepare('SELECT body FROM idempotency WHERE tenant = ? AND key = ?')
    this.#chain = db.prepare('SELECT pipeline, contract FROM chains WHERE tenant = ? AND id = ?')
    this.#nextIndex = db.prepare('SELECT next_index FROM tenants WHERE id = ?')
  }

  decide(rows: readonly AppendRow[]): readonly Decision[] {
    const taken = new Taken()
    return rows.map((row) => this.#decide(row, taken))
  }

  #decide(row: AppendRow, taken: Taken): Decision {
    const { tenant, idempotency } = row
    const own = (key: string) => `${tenant} ${key}`
    if (idempotency !== null) {
      const used = taken.idempotency.get(own(idempotency.key)) ?? this.#idempotent.get(tenant, idempotency.key)?.body
      if (used !== undefined && used !== idempotency.body) {
        return refused('idempotency-conflict', 'the idempotency key belongs to another request')
      }
    }
    const held = taken.links.has(own(row.link)) ? null : this.#held(row)
    if (held !== undefined) {
      if (idempotency !== null) taken.idempotency.set(own(idempotency.key), idempotency.body)
      return { kind: 'same', held }
    }
    const winner = taken.places.get(own(row.place)) ?? this.#byPlace.get(tenant, row.place)?.link
    if (winner !== undefined) {
      const job = row.matrix === null ? '' : ` (${row.matrix})`
      return refused('place-taken', `step ${row.step}${job}, attempt ${row.attempt}, is held by ${winner.slice(0, 12)}`)
    }
    if (taken.nonces.has(own(row.nonce)) || this.#byNonce.get(tenant, row.nonce) !== undefined) {
      return refused('nonce-reused', `the nonce of step ${row.step} was used before`)
    }
    const bound = taken.chains.get(own(row.chain)) ?? this.#chain.get(tenant, row.chain)
    if (bound !== undefined && bound.pipeline !== row.pipeline) {
      return refused('pipeline-mismatch', `the chain is of pipeline ${bound.pipeline}, not ${row.pipeline}`)
    }
    if (bound !== undefined && bound.contract !== row.contract) {
      return refused('contract-mismatch', 'the chain is bound to another contract')
    }
    const index = taken.next.get(tenant) ?? this.#nextIndex.get(tenant)?.next_index
    if (index === undefined) throw new CodedError('internal', 'the tenant does not exist')
    taken.next.set(tenant, index + 1)
    taken.links.add(own(row.link))
    taken.places.set(own(row.place), row.link)
    taken.nonces.add(own(row.nonce))
    taken.chains.set(own(row.chain), { pipeline: row.pipeline, contract: row.contract })
    if (idempotency !== null) taken.idempotency.set(own(idempotency.key), idempotency.body)
    return { kind: 'placed', index }
  }

  #held({ tenant, link }: AppendRow): Held | undefined {
    const row = this.#byLink.get(tenant, link)
    return row && { index: row.idx, late: row.late === 1, receipt: new Uint8Array(row.receipt) }
  }
}

function refused(code: Code, what: string): Decision {
  return { kind: 'refused', code, what }
}
