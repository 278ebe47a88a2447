import type { Database } from 'better-sqlite3'
import { CodedError } from '@countersign/core'
import type { ReadEntries, ReadTile } from '@countersign/log'
import type { Closed, LogData, Opened } from '../../store.ts'
import type { KeyringReader } from './keyring.ts'

/** Tiles as they are stored: one row each, as wide as it is by now. */
export function readTileOf(db: Database): ReadTile {
  const tile = db.prepare<[string, number, number], { data: Buffer }>(
    'SELECT data FROM log_tiles WHERE tree = ? AND level = ? AND "index" = ?',
  )
  return (tree, { level, index }) => {
    const row = tile.get(tree, level, index)
    return row === undefined ? null : new Uint8Array(row.data)
  }
}

interface OpenedRow {
  readonly index: number
  readonly entry: Buffer
  readonly key: number
  readonly signer: string | null
  readonly blind: Buffer | null
}

interface ClosedRow {
  readonly index: number
  readonly entry: Buffer
  readonly blind: Buffer
  readonly chain: string
  readonly tombstone: number
  readonly grave: Buffer
}

/** The log as a connection sees it. */
export function logDataOf(db: Database, keyring: Pick<KeyringReader, 'get'>): LogData {
  const read = readTileOf(db)
  const last = db.prepare<[], { size: number }>('SELECT coalesce(max("index"), -1) + 1 AS size FROM log_entries')
  const some = db.prepare<[number, number], { entry: Buffer }>(
    'SELECT entry FROM log_entries WHERE "index" >= ? AND "index" < ? ORDER BY "index"',
  )
  const opened = db.prepare<[string, string], OpenedRow>(
    `SELECT e."index", e.entry, a.key, a.signed_under AS signer, c.blind
     FROM attestations a
     JOIN log_entries e ON e."index" = a.leaf
     JOIN chains c ON c.tenant = a.tenant AND c.id = a.chain
     WHERE a.tenant = ? AND a.link = ?`,
  )
  const closed = db.prepare<[string, string], ClosedRow>(
    `SELECT e."index", e.entry, c.blind, r.chain, r.tombstone, t.entry AS grave
     FROM erasures r
     JOIN log_entries e ON e."index" = r.leaf
     JOIN log_entries t ON t."index" = r.tombstone
     JOIN chains c ON c.tenant = r.tenant AND c.id = r.chain
     WHERE r.tenant = ? AND r.link = ?`,
  )
  const entries: ReadEntries = (begin, end) => some.all(begin, end).map(({ entry }) => new Uint8Array(entry))
  return {
    size: () => guarded(() => last.get()!.size),
    tile: (tree, ref) => guarded(() => read(tree, ref)),
    entries: (begin, end) => guarded(() => entries(begin, end)),
    opened: (tenant, link) =>
      guarded((): Opened | null => {
        const row = opened.get(tenant, link)
        const own = row === undefined ? null : keyring.get(row.key)
        // Without its key an attestation is as good as erased, and its tombstone may be on its way.
        if (row === undefined || own === null || row.blind === null) return null
        const [entry, blind] = [row.entry, row.blind].map((bytes) => new Uint8Array(bytes))
        return { index: row.index, entry: entry!, signer: row.signer, salt: own.salt, blind: blind! }
      }),
    closed: (tenant, link) =>
      guarded((): Closed | null => {
        const row = closed.get(tenant, link)
        if (row === undefined) return null
        const [entry, blind, grave] = [row.entry, row.blind, row.grave].map((bytes) => new Uint8Array(bytes))
        const tombstone = { index: row.tombstone, entry: grave! }
        return { index: row.index, entry: entry!, blind: blind!, chain: row.chain, tombstone }
      }),
  }
}

function guarded<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new CodedError('store-failed', 'the log could not be read', { cause })
  }
}
