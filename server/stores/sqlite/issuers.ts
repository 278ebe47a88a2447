import type { Database } from 'better-sqlite3'
import type { IssuerStore, KnownIssuer, Session } from '../../issuer-store.ts'
import type { Scope } from '../../store.ts'
import { failed } from './answers.ts'
import type { SessionRow, Using } from './issuer-writer.ts'
import type { Threaded } from './thread.ts'
import type { Writer } from './writer.ts'

/** Does something with the writing thread when nobody else writes. */
type Exclusive = <T>(work: (writer: Threaded<Writer>) => Promise<T>) => Promise<T>

/** Issuers and sessions as a reading connection sees them; `exclusive` is for what they write. */
export function issuerStoreOf(db: Database, exclusive: Exclusive): IssuerStore {
  let using: Using[] = []
  let writing: Promise<readonly boolean[]> | null = null
  const list = db.prepare<[string], KnownIssuer>(
    `SELECT serial, tenant, id, issuer, rule, added_at AS addedAt, added_by AS addedBy, removed_at AS removedAt
     FROM issuers WHERE tenant = ? ORDER BY serial`,
  )
  const of = db.prepare<[string], KnownIssuer>(
    `SELECT serial, tenant, id, issuer, rule, added_at AS addedAt, added_by AS addedBy, removed_at AS removedAt
     FROM issuers WHERE issuer = ? AND removed_at IS NULL ORDER BY serial`,
  )
  const used = db.prepare<[string, Uint8Array], object>('SELECT 1 FROM used_tokens WHERE issuer = ? AND hash = ?')
  const session = db.prepare<[string], SessionRow>(
    `SELECT id, tenant, rule, hash, scopes, holder, expires_at AS expiresAt, token, identity
     FROM sessions WHERE id = ?`,
  )
  return {
    list: (tenant) => look(() => list.all(tenant)),
    of: (issuer) => look(() => of.all(issuer)),
    add: (issuer, most) => exclusive((writer) => writer.call('addIssuer', issuer, most)),
    remove: (...args) => exclusive((writer) => writer.call('removeIssuer', ...args)),
    async use(token, now) {
      const at = using.push({ token, now }) - 1
      // What comes in while others write joins one transaction.
      writing ??= exclusive((writer) => {
        const batch = using
        using = []
        writing = null
        return writer.call('useTokens', batch)
      })
      return (await writing)[at]!
    },
    used: ({ issuer, hash }) => look(() => used.get(issuer, Buffer.from(hash)) !== undefined),
    openSession: ({ scopes, ...row }, now) =>
      exclusive((writer) => writer.call('openSession', { ...row, scopes: scopes.join(' ') }, now)),
    resume: (...args) => exclusive((writer) => writer.call('resumeSession', ...args)),
    session: (id) =>
      look((): Session | null => {
        const row = session.get(id)
        if (row === undefined) return null
        const token = row.token === null ? null : new Uint8Array(row.token)
        return { ...row, hash: new Uint8Array(row.hash), scopes: row.scopes.split(' ') as Scope[], token }
      }),
  }
}

async function look<T>(work: () => T): Promise<T> {
  try {
    return work()
  } catch (cause) {
    return failed(cause)
  }
}
