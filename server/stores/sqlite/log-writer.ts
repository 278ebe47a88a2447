import { randomBytes } from 'node:crypto'
import type { Database, Statement } from 'better-sqlite3'
import { CodedError, hex } from '@countersign/core'
import { type AttestationLeaf, commitmentOf, OPENING_BYTES, pae, PAYLOAD_TYPE, writeLeaf } from '@countersign/formats'
import { grow, type Grown, grownTiles, type LogState, loadState, provePaths } from '@countersign/log'
import type { Issuance } from '../../store.ts'
import { readTileOf } from './log-reader.ts'
import type { AppendRow } from './rows.ts'
import { threadCrypto, threadHashes } from './thread-crypto.ts'

/** Random bytes drawn ahead: asking for 32 costs as much as asking for thousands. */
const drawn = { bytes: new Uint8Array(0), at: 0 }

/** A fresh blind. No byte is ever given out twice. */
export function secret(): Uint8Array {
  if (drawn.at + OPENING_BYTES > drawn.bytes.length) {
    drawn.bytes = new Uint8Array(randomBytes(128 * OPENING_BYTES))
    drawn.at = 0
  }
  const own = drawn.bytes.slice(drawn.at, drawn.at + OPENING_BYTES)
  drawn.bytes.fill(0, drawn.at, drawn.at + OPENING_BYTES)
  drawn.at += OPENING_BYTES
  return own
}

/**
 * Grows the log within the transaction that makes its attestations durable: entries, tiles and attestations are
 * there together or not at all. Signs nothing.
 */
export class LogWriter {
  readonly #db: Database
  readonly #insertEntry: Statement<[number, string, Uint8Array]>
  readonly #count: Statement<[], { size: number }>
  readonly #putTile: Statement<[string, number, number, Uint8Array]>
  /** Null where it has to be read: at first, and after a write of which nobody knows what became. */
  #state: LogState | null = null

  constructor(db: Database) {
    this.#db = db
    this.#insertEntry = db.prepare('INSERT INTO log_entries ("index", tenant, entry) VALUES (?, ?, ?)')
    this.#count = db.prepare('SELECT coalesce(max("index"), -1) + 1 AS size FROM log_entries')
    this.#putTile = db.prepare(
      `INSERT INTO log_tiles (tree, level, "index", data) VALUES (?, ?, ?, ?)
       ON CONFLICT (tree, level, "index") DO UPDATE SET data = excluded.data`,
    )
  }

  /** Index of the next leaf. */
  get size(): number {
    this.#state ??= this.#load()
    return this.#state.size
  }

  /** Throws where the log has entries that were not written here. */
  assertNewest(): void {
    const known = this.size
    if (this.#count.get()!.size !== known)
      throw new CodedError('store-failed', 'another server writes to the same database')
  }

  /** The entry of an attestation: its leaf's bytes. The salt is its own, and drawn for it. */
  entryOf(row: AppendRow, chain: AttestationLeaf['chain'], salt: Uint8Array): Uint8Array {
    return writeLeaf({
      kind: 'attestation',
      acceptedAt: row.acceptedAt,
      chain,
      commitment: commitmentOf(salt, { signed: pae(PAYLOAD_TYPE, row.payload), signer: row.under.der }, threadCrypto),
      late: row.late,
    })
  }

  /** The entry of a certificate: its leaf's bytes. */
  issuanceEntryOf({ issuedAt, tbs }: Issuance): Uint8Array {
    const { sha256, sha3_256 } = threadHashes
    return writeLeaf({
      kind: 'certificate',
      issuedAt,
      tbs: { sha256: hex(sha256.hash(tbs)), sha3_256: hex(sha3_256.hash(tbs)) },
    })
  }

  insert(index: number, tenant: string, entry: Uint8Array): void {
    this.#insertEntry.run(index, tenant, entry)
  }

  /** Writes the tiles that these entries make. The log has grown once the transaction has: see `grown`. */
  grow(entries: readonly Uint8Array[]): Grown {
    this.#state ??= this.#load()
    const grown = grow(this.#state, entries, threadHashes)
    for (const { tree, level, index, data } of grown.tiles) this.#putTile.run(tree, level, index, data)
    return grown
  }

  /** Inclusion proofs of the last `count` entries of a batch just grown, from what it wrote. */
  prove(grown: Grown, count: number): Uint8Array[][] {
    const { size } = grown.state
    const indexes = Array.from({ length: count }, (_, i) => size - count + i)
    return provePaths(indexes, size, grownTiles(grown), threadHashes)
  }

  /** To be called when the transaction is on the disk. */
  grown({ state }: Grown): void {
    this.#state = state
  }

  /** To be called when it is not known what became of a transaction (T-77). */
  forget(): void {
    this.#state = null
  }

  #load(): LogState {
    const { size } = this.#count.get()!
    return loadState(size, readTileOf(this.#db), threadHashes)
  }
}
