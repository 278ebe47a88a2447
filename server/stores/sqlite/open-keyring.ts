import type { Database, Statement } from 'better-sqlite3'
import { Keyring } from './keyring.ts'

/** The keyring of a database, which no other fits: made with it where it is new. Throws `keys-missing`. */
export function openKeyring(db: Database, file: string): Keyring {
  const known = db.prepare<[], { id: Buffer }>('SELECT id FROM keyrings').get()
  // Keys are given out in order, and so are rows.
  const newest = (rows: Statement<[], { key: number | null }>) => rows.get()?.key ?? 0
  const last = Math.max(
    newest(db.prepare('SELECT key FROM attestations ORDER BY rowid DESC LIMIT 1')),
    newest(db.prepare('SELECT key FROM certificates ORDER BY rowid DESC LIMIT 1')),
  )
  const { others } = db
    .prepare<[], { others: number }>(
      `SELECT max(coalesce((SELECT max(key) FROM forgotten_keys), 0), coalesce((SELECT max(key) FROM inbox), 0),
          coalesce((SELECT max(key) FROM webhooks), 0), coalesce((SELECT max(key) FROM remarks), 0),
          coalesce((SELECT key FROM decisions WHERE key IS NOT NULL ORDER BY id DESC LIMIT 1), 0)) AS others`,
    )
    .get()!
  const keyring = new Keyring(file, {
    keyring: known === undefined ? null : new Uint8Array(known.id),
    used: Math.max(last, others),
    last: last === 0 ? null : last,
  })
  if (known === undefined) db.prepare<[Buffer]>('INSERT INTO keyrings (id) VALUES (?)').run(Buffer.from(keyring.id))
  return keyring
}
