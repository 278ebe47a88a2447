import type { Database, Statement } from 'better-sqlite3'
import { CodedError, equal } from '@countersign/core'
import { parseLeaf, writeHead } from '@countersign/formats'
import { leafHash, type MapEntry, TILE_WIDTH } from '@countersign/merkle'
import { threadHashes } from './thread-crypto.ts'

interface ChainRow {
  readonly tenant: string
  readonly id: string
  readonly key: Buffer
  readonly headLeaf: number
  /** Entries by now. */
  readonly length: number
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
  readonly #entry: Statement<[number], { entry: Buffer; logged: Buffer | null }>
  readonly #last: Statement<[{ tenant: string; id: string; first: number }], { leaf: number }>
  readonly #leaf: Statement<[{ tenant: string; index: number }], { leaf: number | null }>
  readonly #attestations: Statement<[string], { count: number }>

  constructor(db: Database) {
    this.#page = db.prepare(
      `SELECT tenant, id, key, head_leaf AS headLeaf, length FROM chains INDEXED BY chains_key
       WHERE key > ? AND first_leaf < ? ORDER BY key LIMIT ?`,
    )
    this.#byKey = db.prepare(
      `SELECT tenant, id, key, head_leaf AS headLeaf, length FROM chains INDEXED BY chains_key
       WHERE key >= ? AND key < ? AND first_leaf < ? ORDER BY key`,
    )
    this.#byAge = db.prepare(
      `SELECT tenant, id, key, head_leaf AS headLeaf, length FROM chains INDEXED BY chains_first_leaf
       WHERE key >= ? AND key < ? AND first_leaf < ? ORDER BY key`,
    )
    // Chains are never deleted, so the newest row tells how many there are.
    this.#chains = db.prepare('SELECT coalesce(max(rowid), 0) AS total FROM chains')
    // With the hash that went into the signed root: an entry that rotted must not be stated as somebody's head (T-76).
    this.#entry = db.prepare(
      `SELECT e.entry, substr(t.data, 1 + 32 * (e."index" % 256), 32) AS logged FROM log_entries e
       LEFT JOIN log_tiles t ON t.tree = 'sha256' AND t.level = 0 AND t."index" = e."index" / 256
       WHERE e."index" = ?`,
    )
    // What was erased has its place in the order as ever.
    this.#last = db.prepare(
      `SELECT "index", leaf FROM attestations WHERE tenant = @tenant AND chain = @id AND "index" < @first
       UNION ALL
       SELECT "index", leaf FROM erasures WHERE tenant = @tenant AND chain = @id AND "index" < @first
       ORDER BY 1 DESC LIMIT 1`,
    )
    this.#leaf = db.prepare(
      `SELECT coalesce((SELECT leaf FROM attestations WHERE tenant = @tenant AND "index" = @index),
        (SELECT leaf FROM erasures WHERE tenant = @tenant AND "index" = @index)) AS leaf`,
    )
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
      const leaf = this.#leaf.get({ tenant, index: middle })?.leaf
      if (leaf === undefined || leaf === null) throw corrupt(`attestation ${middle} has no leaf`)
      if (leaf < size) low = middle + 1
      else high = middle
    }
    return low
  }

  #memberOf({ tenant, id, key, headLeaf, length }: ChainRow, size: number, firsts: Map<string, number>): MapEntry {
    let index = headLeaf
    if (index >= size) {
      let first = firsts.get(tenant)
      if (first === undefined) firsts.set(tenant, (first = this.firstAfter(tenant, size)))
      const last = this.#last.get({ tenant, id, first })
      if (last === undefined) throw corrupt('a chain has no entry where it had one')
      index = last.leaf
    }
    const row = this.#entry.get(index)
    if (row === undefined) throw corrupt(`entry ${index} is missing`)
    const entry = new Uint8Array(row.entry)
    const hash = leafHash(entry, threadHashes.sha256)
    if (row.logged === null || !equal(hash, row.logged)) throw corrupt(`entry ${index} is not the one that was logged`)
    const leaf = parseLeaf(entry)
    const own = leaf.kind === 'attestation' && leaf.chain.id === key.toString('hex')
    if (!own || (index === headLeaf && leaf.chain.seq !== length - 1)) {
      throw corrupt(`entry ${index} is not the last of its chain`)
    }
    return { key: new Uint8Array(key), value: writeHead({ length: leaf.chain.seq + 1, index, leafHash: hash }) }
  }
}

function corrupt(what: string): CodedError {
  return new CodedError('log-corrupt', `the heads of the chains do not fit the log: ${what}`)
}
