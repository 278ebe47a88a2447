import type { Database, Statement } from 'better-sqlite3'
import { type Code, CodedError } from '@countersign/core'
import type { ChainBinding } from '../../store.ts'
import type { AppendRow } from './rows.ts'

/** Where an append that was held already is. */
export interface Held {
  readonly index: number
  readonly late: boolean
}

/** What becomes of one append; `same` without `held` is the same as an earlier one that is not on the disk yet. */
export type Decision =
  | { readonly kind: 'placed'; readonly index: number }
  | { readonly kind: 'same'; readonly held: Held | null }
  | { readonly kind: 'refused'; readonly code: Code; readonly what: string }

type KnownParameters = Pick<AppendRow, 'tenant' | 'link' | 'place' | 'nonce' | 'chain'>

/** What is committed: the index of the very step, whether it was erased, the links of those with its place and its nonce, its chain's binding. */
interface Known {
  readonly held: number | null
  /** When and why it was erased. */
  readonly erased: string | null
  readonly winner: string | null
  readonly nonced: string | null
  readonly pipeline: string | null
  readonly contract: string | null
}

/** What a batch has taken that is not on the disk yet. */
export class Taken {
  readonly links = new Set<string>()
  readonly places = new Map<string, string>()
  readonly nonces = new Set<string>()
  readonly chains = new Map<string, ChainBinding>()
  readonly idempotency = new Map<string, string>()
  readonly next = new Map<string, number>()
}

/**
 * Decides who wins, against what is committed, against the batch that is being written and against its own, on the
 * reading connection. Batches are written in the order in which they were decided; should another process come
 * between all the same, the unique indexes refuse the whole write. In prepared SQL, for every acknowledged step goes
 * through here.
 */
export class Decider {
  readonly #known: Statement<[KnownParameters], Known>
  readonly #held: Statement<[string, string], { idx: number; late: number }>
  readonly #idempotent: Statement<[string, string], { body: string }>
  readonly #nextIndex: Statement<[string], { next_index: number }>

  constructor(db: Database) {
    // One call for all that may stand against a step, which mostly is nothing.
    this.#known = db.prepare(
      `SELECT (SELECT "index" FROM attestations WHERE tenant = @tenant AND link = @link) AS held,
        (SELECT erased_at || ': ' || ground FROM erasures WHERE tenant = @tenant AND link = @link) AS erased,
        coalesce((SELECT link FROM attestations WHERE tenant = @tenant AND place = @place),
          (SELECT link FROM erasures WHERE tenant = @tenant AND place = @place)) AS winner,
        (SELECT link FROM attestations WHERE tenant = @tenant AND nonce = @nonce) AS nonced,
        (SELECT pipeline FROM chains WHERE tenant = @tenant AND id = @chain) AS pipeline,
        (SELECT contract FROM chains WHERE tenant = @tenant AND id = @chain) AS contract`,
    )
    this.#held = db.prepare('SELECT "index" AS idx, late FROM attestations WHERE tenant = ? AND link = ?')
    this.#idempotent = db.prepare('SELECT body FROM idempotency WHERE tenant = ? AND key = ?')
    this.#nextIndex = db.prepare('SELECT next_index FROM tenants WHERE id = ?')
  }

  /** `before` is what the batch that is being written has taken. */
  decide(rows: readonly AppendRow[], before: Taken | null): { decisions: readonly Decision[]; taken: Taken } {
    const taken = new Taken()
    return { decisions: rows.map((row) => this.#decide(row, taken, before)), taken }
  }

  #decide(row: AppendRow, taken: Taken, before: Taken | null): Decision {
    const { tenant, idempotency } = row
    const own = (key: string) => `${tenant} ${key}`
    if (idempotency !== null) {
      const key = own(idempotency.key)
      const held = taken.idempotency.get(key) ?? before?.idempotency.get(key)
      const used = held ?? this.#idempotent.get(tenant, idempotency.key)?.body
      if (used !== undefined && used !== idempotency.body) {
        return refused('idempotency-conflict', 'the idempotency key belongs to another request')
      }
    }
    const link = own(row.link)
    const sameBatch = taken.links.has(link) || before?.links.has(link) === true
    const known = this.#known.get(row)!
    if (sameBatch || known.held !== null) {
      if (idempotency !== null) taken.idempotency.set(own(idempotency.key), idempotency.body)
      return { kind: 'same', held: sameBatch ? null : this.#heldBy(row) }
    }
    if (known.erased !== null) return refused('erased', `${row.link.slice(0, 12)} was erased at ${known.erased}`)
    const place = own(row.place)
    const winner = taken.places.get(place) ?? before?.places.get(place) ?? known.winner
    if (winner !== null) {
      const job = row.matrix === null ? '' : ` (${row.matrix})`
      return refused('place-taken', `step ${row.step}${job}, attempt ${row.attempt}, is held by ${winner.slice(0, 12)}`)
    }
    const nonce = own(row.nonce)
    if (taken.nonces.has(nonce) || before?.nonces.has(nonce) === true || known.nonced !== null) {
      return refused('nonce-reused', `the nonce of step ${row.step} was used before`)
    }
    const stored = known.pipeline === null ? undefined : { pipeline: known.pipeline, contract: known.contract }
    const chain = own(row.chain)
    const bound = taken.chains.get(chain) ?? before?.chains.get(chain) ?? stored
    if (bound !== undefined && bound.pipeline !== row.pipeline) {
      return refused('pipeline-mismatch', `the chain is of pipeline ${bound.pipeline}, not ${row.pipeline}`)
    }
    if (bound !== undefined && bound.contract !== row.contract) {
      return refused('contract-mismatch', 'the chain is bound to another contract')
    }
    const index = taken.next.get(tenant) ?? before?.next.get(tenant) ?? this.#nextIndex.get(tenant)?.next_index
    if (index === undefined) throw new CodedError('internal', 'the tenant does not exist')
    taken.next.set(tenant, index + 1)
    taken.links.add(link)
    taken.places.set(place, row.link)
    taken.nonces.add(nonce)
    taken.chains.set(chain, { pipeline: row.pipeline, contract: row.contract })
    if (idempotency !== null) taken.idempotency.set(own(idempotency.key), idempotency.body)
    return { kind: 'placed', index }
  }

  #heldBy({ tenant, link }: AppendRow): Held {
    const row = this.#held.get(tenant, link)!
    return { index: row.idx, late: row.late === 1 }
  }
}

function refused(code: Code, what: string): Decision {
  return { kind: 'refused', code, what }
}
