import type { Database, Statement } from 'better-sqlite3'
import { CodedError } from '@countersign/core'
import { parseLeaf, writeHead } from '@countersign/formats'
import { leafHash, type MapEntry, TILE_WIDTH } from '@countersign/merkle'
import { threadHashes } from './thread-crypto.ts'

interface ChainRow {
  readonly tenant: string
  readonly id: string
  readonly key: Buffer
  readonly headLeaf: number
  readonly entry: Buffer | null
}

/** Chains that are read at once. */
const PAGE = 1_000
/** After every key. */
const END = new Uint8Array(33).fill(0xff)

/**
 * The map of heads as it was when the log had some size, from the chains as they are: what came after is passed over.
 * The log and its order never change, so each page may be read at another time.
 */
export class HeadsReader {
  readonly #page: Statement<[Uint8Array, number, number], ChainRow>
  readonly #byKey: Statement<[Uint8Array, Uint8Array, number], ChainRow>
  readonly #byAge: Statement<[Uint8Array, Uint8Array, number], ChainRow>
  readonly #chains: Statement<[], { total: number }>
  readonly #entry: Statement<[number], { entry: Buffer }>
  readonly #last: Statement<[string, string, number], { leaf: number }>
  readonly #leaf: Statement<[string, number], { leaf: number | null }>
  readonly #attestations: Statement<[string], { count: number }>

  constructor(db: Database) {
    const columns = `SELECT c.tenant, c.id, c.key, c.head_leaf AS headLeaf, e.entry
       FROM chains c INDEXED BY`
    const entry = 'LEFT JOIN log_entries e ON e."index" = c.head_leaf'
    this.#page = db.prepare(
      `${columns} chains_key ${entry} WHERE c.key > ? AND c.first_leaf < ? ORDER BY c.key LIMIT ?`,
    )
    const within = 'WHERE c.key >= ? AND c.key < ? AND c.first_leaf < ? ORDER BY c.key'
    this.#byKey = db.prepare(`${columns} chains_key ${entry} ${within}`)
    this.#byAge = db.prepare(`${columns} chains_first_leaf ${entry} ${within}`)
    // Chains are never deleted, so the newest row tells how many there are.
    this.#chains = db.prepare('SELECT coalesce(max(rowid), 0) AS total FROM chains')
    this.#entry = db.prepare('SELECT entry FROM log_entries WHERE "index" = ?')
    this.#last = db.prepare(
      `SELECT leaf FROM attestations WHERE tenant = ? AND chain = ? AND "index" < ? ORDER BY "index" DESC LIMIT 1`,
    )
    this.#leaf = db.prepare('SELECT leaf FROM attestations WHERE tenant = ? AND "index" = ?')
    this.#attestations = db.prepare('SELECT next_index AS count FROM tenants WHERE id = ?')
  }

  /** All of the map, in the order of its keys, a page in memory at a time. */
  *all(size: number): Generator<MapEntry> {
    const firsts = new Map<string, number>()
    let after: Uint8Array = new Uint8Array(0)
    for (;;) {
      const rows = this.#page.all(after, size, PAGE)
      for (const row of rows) yield this.#memberOf(row, size, firsts)
      if (rows.length < PAGE) return
      after = new Uint8Array(rows.at(-1)!.key)
    }
  }

  /**
   * A part of the map when it had `count` chains, at most a few hundred of them. The chains between two keys are many
   * more by now where the map was much smaller; then it is read by age. Of n chains that there are now, it looks at
   * no more than 16 √n.
   */
  some(size: number, count: number, from: Uint8Array, to: Uint8Array | null): MapEntry[] {
    const { total } = this.#chains.get()!
    const statement = (TILE_WIDTH * total) / Math.max(count, 1) <= count ? this.#byKey : this.#byAge
    const firsts = new Map<string, number>()
    return statement.all(from, to ?? END, size).map((row) => this.#memberOf(row, size, firsts))
  }

  /** The number of a tenant's first attestation that is not among the first `size` leaves of the log. */
  firstAfter(tenant: string, size: number): number {
    let low = 0
    let high = this.#attestations.get(tenant)?.count ?? 0
    // A tenant's attestations are numbered in the order of their leaves.
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const leaf = this.#leaf.get(tenant, middle)?.leaf
      if (leaf === undefined || leaf === null) throw corrupt(`attestation ${middle} has no leaf`)
      if (leaf < size) low = middle + 1
      else high = middle
    }
    return low
  }

  #memberOf(row: ChainRow, size: number, firsts: Map<string, number>): MapEntry {
    const { tenant, id, key } = row
    let { headLeaf: index, entry } = row
    if (index >= size) {
      let first = firsts.get(tenant)
      if (first === undefined) firsts.set(tenant, (first = this.firstAfter(tenant, size)))
      const last = this.#last.get(tenant, id, first)
      if (last === undefined) throw corrupt('a chain has no entry where it had one')
      index = last.leaf
      entry = this.#entry.get(index)?.entry ?? null
    }
    if (entry === null) throw corrupt(`entry ${index} is missing`)
    const bytes = new Uint8Array(entry)
    const leaf = parseLeaf(bytes)
    if (leaf.kind !== 'attestation' || leaf.chain.id !== key.toString('hex')) {
      throw corrupt(`entry ${index} is of another chain`)
    }
    const head = { length: leaf.chain.seq + 1, index, leafHash: leafHash(bytes, threadHashes.sha256) }
    return { key: new Uint8Array(key), value: writeHead(head) }
  }
}

function corrupt(what: string): CodedError {
  return new CodedError('log-corrupt', `the heads of the chains do not fit the log: ${what}`)
}
