import { CodedError, hex } from '@countersign/core'
import { type Coverage, parseLogStatement, type SignedLogStatement, statementDigests } from '@countersign/formats'
import type { Page } from '../store.ts'
import type { Deps } from './deps.ts'

/** Entries of one chain under statements of the log. */
export interface Covered extends Page<Coverage> {
  /** The statements that the items are under, by number. */
  readonly statements: readonly SignedLogStatement[]
}

/**
 * Proves entries of a tenant's chain under a statement, or each under the first that covers it where none is named. An
 * entry that no statement covers, or not this one, is left out. Throws `not-found` for a statement or a chain that there
 * is not, `log-corrupt` where what is stored does not lead to what was stated.
 */
export function coverChain(
  { store, log, statements, crypto }: Pick<Deps, 'store' | 'log' | 'statements' | 'crypto'>,
  tenant: string,
  chain: string,
  { number, limit, cursor }: { readonly number: number | null; readonly limit: number; readonly cursor: number | null },
): Covered {
  if (store.statements.keyOf(tenant, chain) === null) throw new CodedError('not-found', `there is no chain ${chain}`)
  const published = new Published(statements.newest, (n) => store.statements.note(n))
  const named = number === null ? null : published.get(number)
  const { items: leaves, next } = store.statements.leavesOf(tenant, chain, limit, cursor)
  const items: Coverage[] = []
  const under = new Map<SignedLogStatement, number[]>()
  for (const index of leaves) {
    const statement = named ?? published.firstCovering(index)
    if (statement === null || index >= statement.size) continue
    const indexes = under.get(statement)
    if (indexes === undefined) under.set(statement, [index])
    else indexes.push(index)
  }
  for (const [statement, indexes] of under) {
    const name = hex(statementDigests(statement.note.text, crypto).sha256)
    for (const { index, ...proofs } of log.cover(indexes, statement)) items.push({ statement: name, index, ...proofs })
  }
  return { items, next, statements: [...under.keys()].toSorted((a, b) => a.number - b.number) }
}

/** Statements by their numbers, each read once. */
class Published {
  readonly #newest: SignedLogStatement | null
  readonly #note: (number: number) => Uint8Array | null
  readonly #read = new Map<number, SignedLogStatement>()

  constructor(newest: SignedLogStatement | null, note: (number: number) => Uint8Array | null) {
    this.#newest = newest
    this.#note = note
  }

  /** Throws `not-found`. */
  get(number: number): SignedLogStatement {
    let statement = this.#read.get(number)
    if (statement !== undefined) return statement
    const note = this.#note(number)
    if (note === null) throw new CodedError('not-found', `there is no statement ${number}`)
    statement = parseLogStatement(note)
    this.#read.set(number, statement)
    return statement
  }

  /** Sizes never shrink from number to number, so half of them are ruled out at each look. */
  firstCovering(index: number): SignedLogStatement | null {
    if (this.#newest === null || index >= this.#newest.size) return null
    let [from, to] = [0, this.#newest.number]
    while (from < to) {
      const middle = Math.floor((from + to) / 2)
      if (index < this.get(middle).size) to = middle
      else from = middle + 1
    }
    return this.get(from)
  }
}
