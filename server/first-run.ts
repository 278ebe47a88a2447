import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeDirectory } from '@countersign/client/make-directory'
import { CodedError } from '@countersign/core'
import { hashSecret } from './access.ts'
import { type LogKeys, type LogKeysInput, openLogKeys } from './log-keys.ts'
import type { Store, Token } from './store.ts'

/** The tenant of the embedded default. */
export const LOCAL_TENANT = 'local'

export interface Home {
  readonly keys: LogKeys
  /** The local tenant's token. */
  readonly token: string
  readonly tokenFile: string
}

/** The database in a data directory. */
export function databaseIn(directory: string): string {
  return join(directory, 'countersign.db')
}

/** Throws `file-missing` where no server was ever started. */
export function databaseFound(directory: string): string {
  const file = databaseIn(directory)
  if (existsSync(file)) return file
  throw new CodedError('file-missing', `there is no ${file}`, { fix: 'Name the data directory: --data DIR' })
}

/**
 * Refuses to begin anew beside what is left of an earlier server: another key would countersign as if nothing had
 * happened, and an empty database would bring an old one's log back to life when it is restored. To be called before
 * anything is opened. Throws `key-unreadable` or `store-failed`.
 */
export function checkHome(directory: string, databaseFile: string): void {
  const tokenFile = join(directory, 'token')
  if (!existsSync(tokenFile)) return
  const fix = 'Restore the data directory from one backup, or begin with an empty one.'
  const keyFile = join(directory, 'server.key')
  if (!existsSync(keyFile)) throw new CodedError('key-unreadable', `${keyFile} is gone, ${tokenFile} is not`, { fix })
  if (!existsSync(databaseFile))
    throw new CodedError('store-failed', `${databaseFile} is gone, ${tokenFile} is not`, { fix })
}

/** The log's keys, for who only looks: none are made. Throws `key-unreadable` where there are none, and as `openLogKeys`. */
export async function keysFound(input: LogKeysInput): Promise<LogKeys> {
  const file = join(input.directory, 'server.key')
  if (existsSync(file)) return openLogKeys(input)
  throw new CodedError('key-unreadable', `there is no ${file}`, {
    fix: 'Restore the data directory from one backup, or name another: --data DIR',
  })
}

/** Opens the log's keys and the local tenant's token in the data directory, made on the first run (mode 0600). */
export async function openHome(input: LogKeysInput, store: Store, now: string): Promise<Home> {
  const { directory } = input
  try {
    makeDirectory(directory, 0o700)
  } catch (cause) {
    throw new CodedError('file-write-failed', `the data directory ${directory} cannot be made`, { cause })
  }
  const tokenFile = join(directory, 'token')
  const first = !existsSync(tokenFile)
  const keys = await openLogKeys(input)
  const token = first ? await makeToken(store, tokenFile, now) : readFileSync(tokenFile, 'utf8').trim()
  const [, id] = /^cst_([a-z0-9]+)_/.exec(token) ?? []
  if (id === undefined || (await store.token(id)) === null) {
    throw new CodedError('store-failed', `the database does not know the token in ${tokenFile}`, {
      fix: 'Restore both from one backup, or begin with an empty data directory.',
    })
  }
  return { keys, token, tokenFile }
}

/** The first token of a tenant, which may do all that there is to do in it; and its text, of which only a hash is kept. */
export function firstToken(tenant: string): { readonly token: Token; readonly text: string } {
  const id = randomBytes(6).toString('hex')
  const secret = randomBytes(32).toString('hex')
  const token: Token = { id, tenant, hash: hashSecret(secret), scopes: ['append', 'read', 'admin'] }
  return { token, text: `cst_${id}_${secret}` }
}

async function makeToken(store: Store, file: string, now: string): Promise<string> {
  const { token, text } = firstToken(LOCAL_TENANT)
  await store.createTenant(LOCAL_TENANT, now)
  await store.createToken(token, now)
  // Written last: a crash before leaves a token that nobody knows, and the next start makes another.
  // And whole: half of one would be refused at every start from then on.
  const unfinished = `${file}.tmp`
  rmSync(unfinished, { force: true })
  writeFileSync(unfinished, `${text}\n`, { mode: 0o600, flag: 'wx', flush: true })
  renameSync(unfinished, file)
  return text
}
