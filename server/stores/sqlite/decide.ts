import type { Database, Statement } from 'better-sqlite3'
import { type Code, CodedError } from '@countersign/core'
import type { AppendRow } from './rows.ts'

/** Why an append adds nothing: it is held already, or something speaks against it. */
export type Objection =
  | { readonly kind: 'same'; readonly index: number; readonly late: boolean }
  | { readonly kind: 'refused'; readonly code: Code; readonly what: string }

type Erased = Pick<AppendRow, 'tenant' | 'link' | 'place'>

/** Links of those with a step's place and its nonce. */
interface Rivals {
  readonly winner: string | null
  readonly nonced: string | null
}

/**
 * Says what speaks against an append, in the transaction that would write it: what is committed and what the batch has
 * written before are one. In prepared SQL, for every acknowledged step goes through here.
 */
export class Decider {
  readonly #erased: Statement<[Erased], { erased: string | null; winner: string | null }>
  readonly #held: Statement<[string, string], { index: number; late: number }>
  readonly #rivals: Statement<[Pick<AppendRow, 'tenant' | 'place' | 'nonce'>], Rivals>
  readonly #binding: Statement<[string, string], { pipeline: string; contract: string | null }>
  readonly #idempotent: Statement<[string, string], { body: string }>

  constructor(db: Database) {
    this.#erased = db.prepare(
      `SELECT (SELECT erased_at || ': ' || ground FROM erasures WHERE tenant = @tenant AND link = @link) AS erased,
        (SELECT link FROM erasures WHERE tenant = @tenant AND place = @place) AS winner`,
    )
    this.#held = db.prepare('SELECT "index", late FROM attestations WHERE tenant = ? AND link = ?')
    this.#rivals = db.prepare(
      `SELECT (SELECT link FROM attestations WHERE tenant = @tenant AND place = @place) AS winner,
        (SELECT link FROM attestations WHERE tenant = @tenant AND nonce = @nonce) AS nonced`,
    )
    this.#binding = db.prepare('SELECT pipeline, contract FROM chains WHERE tenant = ? AND id = ?')
    this.#idempotent = db.prepare('SELECT body FROM idempotency WHERE tenant = ? AND key = ?')
  }

  /** What speaks against it before it is written; null where nothing does. */
  before(row: AppendRow): Objection | null {
    const { tenant, link, idempotency } = row
    if (idempotency !== null) {
      const used = this.#idempotent.get(tenant, idempotency.key)
      if (used !== undefined && used.body !== idempotency.body) {
        return refused('idempotency-conflict', 'the idempotency key belongs to another request')
      }
    }
    const { erased, winner } = this.#erased.get(row)!
    if (erased !== null) return refused('erased', `${link.slice(0, 12)} was erased at ${erased}`)
    return winner === null ? null : placeTaken(row, winner)
  }

  /** Why a unique index did not let it in. */
  rival(row: AppendRow): Objection {
    const held = this.#held.get(row.tenant, row.link)
    if (held !== undefined) return { kind: 'same', index: held.index, late: held.late === 1 }
    const { winner, nonced } = this.#rivals.get(row)!
    if (winner !== null) return placeTaken(row, winner)
    if (nonced !== null) return refused('nonce-reused', `the nonce of step ${row.step} was used before`)
    throw new CodedError('store-failed', 'another server writes to the same database')
  }

  /** Why it is not of its chain. */
  unbound({ tenant, chain, pipeline }: AppendRow): Objection {
    const bound = this.#binding.get(tenant, chain)!
    if (bound.pipeline !== pipeline) {
      return refused('pipeline-mismatch', `the chain is of pipeline ${bound.pipeline}, not ${pipeline}`)
    }
    return refused('contract-mismatch', 'the chain is bound to another contract')
  }
}

function placeTaken({ matrix, step, attempt }: AppendRow, winner: string): Objection {
  const job = matrix === null ? '' : ` (${matrix})`
  return refused('place-taken', `step ${step}${job}, attempt ${attempt}, is held by ${winner.slice(0, 12)}`)
}

function refused(code: Code, what: string): Objection {
  return { kind: 'refused', code, what }
}
