import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { drizzle, migrate } from '../server/stores/sqlite/drizzle.ts'

let empty: Uint8Array | null = null

/**
 * A database that no server has opened yet, with all migrations behind it, where there is no file: to go through them
 * takes longer than most tests with a store. A server that opens it finds all else as in a file that it makes itself.
 */
export function migrated(file: string): string {
  if (existsSync(file)) return file
  empty ??= migrateOne()
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, empty, { mode: 0o600 })
  return file
}

function migrateOne(): Uint8Array {
  const root = mkdtempSync(join(tmpdir(), 'countersign-migrated-'))
  try {
    const file = join(root, 'countersign.db')
    const db = new Database(file)
    db.pragma('journal_mode = WAL')
    migrate(drizzle(db), {
      migrationsFolder: join(import.meta.dirname, '..', 'server', 'stores', 'sqlite', 'migrations'),
    })
    db.close()
    return readFileSync(file)
  } finally {
    rmSync(root, { recursive: true })
  }
}
