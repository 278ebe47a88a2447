import type { Database } from 'better-sqlite3'
import type { PeopleStore, Person, PersonSession } from '../../people.ts'
import type { Role } from '../../roles.ts'
import { failed } from './answers.ts'
import { keyOf, type KeyRow } from './keys.ts'
import type { people, personSessions, signInLinks } from './schema.ts'
import type { Threaded } from './thread.ts'
import type { Writer } from './writer.ts'

type Row = typeof people.$inferSelect
type SessionRow = typeof personSessions.$inferSelect
type LinkRow = typeof signInLinks.$inferSelect

/** People and their sessions as a reading connection sees them; `exclusive` is for what they write. */
export function peopleStoreOf(
  db: Database,
  exclusive: <T>(work: (writer: Threaded<Writer>) => Promise<T>) => Promise<T>,
): PeopleStore {
  const list = db.prepare<[string], Row>(
    `SELECT id, tenant, name, email, role, issuer, subject, created_at AS createdAt, signed_in_at AS signedInAt,
       removed_at AS removedAt
     FROM people WHERE tenant = ? ORDER BY created_at, rowid LIMIT 10000`,
  )
  const one = db.prepare<[string, string], Row>(
    `SELECT id, tenant, name, email, role, issuer, subject, created_at AS createdAt, signed_in_at AS signedInAt,
       removed_at AS removedAt
     FROM people WHERE tenant = ? AND id = ?`,
  )
  const vouched = db.prepare<[string, string, string], Row>(
    `SELECT id, tenant, name, email, role, issuer, subject, created_at AS createdAt, signed_in_at AS signedInAt,
       removed_at AS removedAt
     FROM people WHERE tenant = ? AND issuer = ? AND subject = ?`,
  )
  const session = db.prepare<[string], SessionRow>(
    `SELECT id, tenant, person, hash, by, created_at AS createdAt, seen_at AS seenAt, idle, expires_at AS expiresAt
     FROM person_sessions WHERE id = ?`,
  )
  const sessions = db.prepare<[string, string], SessionRow>(
    `SELECT id, tenant, person, hash, by, created_at AS createdAt, seen_at AS seenAt, idle, expires_at AS expiresAt
     FROM person_sessions WHERE tenant = ? AND person = ? ORDER BY created_at DESC, rowid DESC`,
  )
  const link = db.prepare<[string], LinkRow>(
    `SELECT id, tenant, person, hash, expires_at AS expiresAt FROM sign_in_links WHERE id = ?`,
  )
  const passkeys = db.prepare<[string, string], KeyRow & { readonly credential: Buffer }>(
    `SELECT k.name, k.spki, k.enrolled_at AS enrolledAt, k.revoked_at AS revokedAt, k.reason, k.steps,
       k.last_used_at AS lastUsedAt, p.credential
     FROM passkeys p JOIN keys k ON k.tenant = p.tenant AND k.key_id = p.key_id
     WHERE p.tenant = ? AND p.person = ? ORDER BY k.enrolled_at, p.rowid`,
  )
  return {
    list: (tenant) => look(() => list.all(tenant).map(personOf)),
    one: (tenant, id) => look(() => found(one.get(tenant, id), personOf)),
    vouched: (...args) => look(() => found(vouched.get(...args), personOf)),
    session: (id) =>
      look(() => {
        const held = found(session.get(id), sessionOf)
        const person = held === null ? null : found(one.get(held.tenant, held.person), personOf)
        return held === null || person === null || person.removedAt !== null ? null : { session: held, person }
      }),
    sessions: (...args) => look(() => sessions.all(...args).map(sessionOf)),
    passkeys: (...args) =>
      look(() =>
        passkeys.all(...args).map(({ credential, ...row }) => ({
          enrolled: keyOf(row),
          credential: new Uint8Array(credential),
        })),
      ),
    link: (id) => look(() => found(link.get(id), (row) => ({ ...row, hash: new Uint8Array(row.hash) }))),
    touch: (...args) => exclusive((writer) => writer.call('touchPersonSession', ...args)),
  }
}

function found<R, T>(row: R | undefined, read: (row: R) => T): T | null {
  return row === undefined ? null : read(row)
}

function personOf({ issuer, subject, role, ...row }: Row): Person {
  const provider = issuer === null || subject === null ? null : { issuer, subject }
  return { ...row, role: role as Role, provider }
}

function sessionOf({ hash, by, ...row }: SessionRow): PersonSession {
  return { ...row, hash: new Uint8Array(hash), by: by as PersonSession['by'] }
}

async function look<T>(work: () => T): Promise<T> {
  try {
    return work()
  } catch (cause) {
    return failed(cause)
  }
}
