import Database from 'better-sqlite3'
import { CodedError } from '@countersign/core'
import type { ListedTenant, Tenants } from '../../tenants.ts'
import { tokenRow } from './administering.ts'
import { failed } from './answers.ts'
import { unopened } from './unopened.ts'
import type { TokenRow } from './writer.ts'

/** The tenants in a database that is there, which is taken as it is found. Throws `store-failed`. */
export function openTenants(file: string): Tenants {
  let db: Database.Database | null = null
  try {
    db = new Database(file, { fileMustExist: true })
    db.pragma('busy_timeout = 5000')
    // A token that was shown must survive power loss.
    db.pragma('synchronous = FULL')
    return tenantsOf(db)
  } catch (cause) {
    db?.close()
    throw isOther(cause) ? other(file, cause) : unopened('database', file, cause)
  }
}

/** Whether the tables are not there. */
function isOther(cause: unknown): boolean {
  return cause instanceof Database.SqliteError && cause.code === 'SQLITE_ERROR'
}

function other(file: string, cause: unknown): CodedError {
  return new CodedError('store-failed', `${file} is not the database of a server`, {
    fix: 'Name the data directory, --data DIR; where it is a new one, start the server on it first.',
    cause,
  })
}

function tenantsOf(db: Database.Database): Tenants {
  const list = db.prepare<[], ListedTenant>(
    'SELECT id AS tenant, created_at AS createdAt FROM tenants ORDER BY created_at, rowid',
  )
  const addTenant = db.prepare<[string, string]>(
    'INSERT INTO tenants (id, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING',
  )
  // No column that an older version does not have: the server that runs may be one.
  const addToken = db.prepare<[TokenRow]>(
    'INSERT INTO tokens (id, tenant, hash, scopes, created_at) VALUES (@id, @tenant, @hash, @scopes, @createdAt)',
  )
  const add = db.transaction((row: TokenRow) => {
    if (addTenant.run(row.tenant, row.createdAt).changes !== 1) return false
    addToken.run(row)
    return true
  })
  return {
    add: (first, at) => orFailed(() => add.immediate(tokenRow(first, at))),
    list: () => orFailed(() => list.all()),
    close: () => void db.close(),
  }
}

function orFailed<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    return failed(cause)
  }
}
