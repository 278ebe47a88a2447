import type { Database } from 'better-sqlite3'
import { fromHex, hex, isHex } from '@countersign/core'
import { type Keyring, type RecordKey, seal } from './keyring.ts'
import { threadHashes } from './thread-crypto.ts'

interface Held {
  readonly id: number
  readonly tenant: string
  readonly link: string
  readonly nonce: string
  readonly bundle: Buffer
  readonly leaf: number
  readonly salt: Buffer | null
}

interface Refused {
  readonly id: number
  readonly tenant: string
  readonly body: string
  readonly bytes: Buffer
}

interface Tagged {
  readonly tenant: string
  readonly digest: string
  readonly index: number
}

/**
 * Seals what an older version kept in clear, once: all of it in one transaction, so that nothing is ever read by half.
 * Keys that are made for one that fails are only skipped.
 */
export function adopt(db: Database, keyring: Keyring): void {
  const last = db.prepare<[], { key: number | null }>('SELECT key FROM attestations ORDER BY rowid DESC LIMIT 1').get()
  if (last === undefined || last.key !== null) return
  db.transaction(() => {
    adoptAttestations(db, keyring)
    adoptInbox(db, keyring)
    retag(db, keyring)
  }).immediate()
  // The old pages are zeroed in the database by now; its log still has them.
  db.pragma('wal_checkpoint(TRUNCATE)')
}

function adoptAttestations(db: Database, keyring: Keyring): void {
  const some = db.prepare<[], Held>(
    `SELECT a.rowid AS id, a.tenant, a.link, a.nonce, a.bundle, a.leaf, e.salt FROM attestations a
     JOIN log_entries e ON e."index" = a.leaf WHERE a.key IS NULL ORDER BY a.rowid LIMIT 1000`,
  )
  const put = db.prepare('UPDATE attestations SET key = ?, bundle = ?, nonce = ? WHERE rowid = ?')
  const unsalt = db.prepare('UPDATE log_entries SET salt = NULL WHERE "index" = ?')
  for (let rows = some.all(); rows.length > 0; rows = some.all()) {
    const keys = keyring.adopt(rows.map(({ salt }) => (salt === null ? null : new Uint8Array(salt))))
    for (const [i, { id, tenant, link, nonce, bundle, leaf }] of rows.entries()) {
      const own: RecordKey = keys[i]!
      const digest = isHex(nonce, 32) ? hex(threadHashes.sha256.hash(fromHex(nonce))) : nonce
      put.run(own.id, seal(own, { tenant, name: link }, bundle), digest, id)
      unsalt.run(leaf)
    }
  }
}

function adoptInbox(db: Database, keyring: Keyring): void {
  const all = db.prepare<[], Refused>(
    'SELECT id, tenant, body, bytes FROM inbox WHERE bytes IS NOT NULL AND key IS NULL',
  )
  const put = db.prepare('UPDATE inbox SET key = ?, bytes = ?, kept = ? WHERE id = ?')
  for (const { id, tenant, body, bytes } of all.all()) {
    const own = keyring.take()
    put.run(own.id, seal(own, { tenant, name: body }, bytes), bytes.length, id)
  }
}

function retag(db: Database, { tags }: Keyring): void {
  const subjects = db.prepare<[], Tagged>('SELECT tenant, sha256 AS digest, "index" FROM subjects')
  const commits = db.prepare<[], Tagged>('SELECT tenant, "commit" AS digest, "index" FROM commits')
  const subject = db.prepare('UPDATE subjects SET sha256 = ? WHERE tenant = ? AND sha256 = ? AND "index" = ?')
  const commit = db.prepare('UPDATE commits SET "commit" = ? WHERE tenant = ? AND "commit" = ? AND "index" = ?')
  for (const [rows, put] of [
    [subjects.all(), subject],
    [commits.all(), commit],
  ] as const) {
    for (const { tenant, digest, index } of rows) put.run(tags.of(tenant, digest), tenant, digest, index)
  }
}
