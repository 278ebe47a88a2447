import type { Database } from 'better-sqlite3'
import type { IssuerStore, KnownIssuer, Session } from '../../issuer-store.ts'
import type { Scope } from '../../store.ts'
import { failed } from './answers.ts'
import type { SessionRow } from './issuer-writer.ts'
import type { Writer } from './writer.ts'

type Method = 'addIssuer' | 'removeIssuer' | 'useToken' | 'openSession'
type Write = <M extends Method>(method: M, ...args: Parameters<Writer[M]>) => Promise<ReturnType<Writer[M]>>

/** Issuers and sessions as a reading connection sees them; `write` is for what they write. */
export function issuerStoreOf(db: Database, write: Write): IssuerStore {
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
    'SELECT id, tenant, rule, hash, scopes, holder, expires_at AS expiresAt FROM sessions WHERE id = ?',
  )
  return {
    list: (tenant) => look(() => list.all(tenant)),
    of: (issuer) => look(() => of.all(issuer)),
    add: (issuer, most) => write('addIssuer', issuer, most),
    remove: (...args) => write('removeIssuer', ...args),
    use: (token, now) => write('useToken', token, now),
    used: ({ issuer, hash }) => look(() => used.get(issuer, Buffer.from(hash)) !== undefined),
    openSession: ({ scopes, ...row }, now) => write('openSession', { ...row, scopes: scopes.join(' ') }, now),
    session: (id) =>
      look((): Session | null => {
        const row = session.get(id)
        if (row === undefined) return null
        return { ...row, hash: new Uint8Array(row.hash), scopes: row.scopes.split(' ') as Scope[] }
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
