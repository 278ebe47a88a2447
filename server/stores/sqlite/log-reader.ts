import type { Database } from 'better-sqlite3'
import { CodedError } from '@countersign/core'
import type { ReadEntries, ReadTile } from '@countersign/log'
import type { LogData, Opened } from '../../store.ts'

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

/** The log as a connection sees it. */
export function logDataOf(db: Database): LogData {
  const read = readTileOf(db)
  const last = db.prepare<[], { size: number }>('SELECT coalesce(max("index"), -1) + 1 AS size FROM log_entries')
  const some = db.prepare<[number, number], { entry: Buffer }>(
    'SELECT entry FROM log_entries WHERE "index" >= ? AND "index" < ? ORDER BY "index"',
  )
  const opened = db.prepare<
    [string, string],
    { index: number; entry: Buffer; salt: Buffer | null; blind: Buffer | null }
  >(
    `SELECT e."index", e.entry, e.salt, c.blind
     FROM attestations a
     JOIN log_entries e ON e."index" = a.leaf
     JOIN chains c ON c.tenant = a.tenant AND c.id = a.chain
     WHERE a.tenant = ? AND a.link = ?`,
  )
  const entries: ReadEntries = (begin, end) => some.all(begin, end).map(({ entry }) => new Uint8Array(entry))
  return {
    size: () => guarded(() => last.get()!.size),
    tile: (tree, ref) => guarded(() => read(tree, ref)),
    entries: (begin, end) => guarded(() => entries(begin, end)),
    opened: (tenant, link) =>
      guarded((): Opened | null => {
        const row = opened.get(tenant, link)
        if (row === undefined || row.salt === null || row.blind === null) return null
        const [entry, salt, blind] = [row.entry, row.salt, row.blind].map((bytes) => new Uint8Array(bytes))
        return { index: row.index, entry: entry!, salt: salt!, blind: blind! }
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
