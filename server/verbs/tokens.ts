import { randomBytes } from 'node:crypto'
import { CodedError } from '@countersign/core'
import { hashSecret } from '../access.ts'
import type { ListedToken, Scope } from '../store.ts'
import { administer, type Administrator } from './administer.ts'
import type { Deps } from './deps.ts'

export interface MadeToken extends ListedToken {
  /** Shown once: only its hash is kept. */
  readonly token: string
}

/** Makes an API token that may do this much and no more, for so many milliseconds, or (null) until it is revoked. */
export async function makeToken(
  deps: Deps,
  who: Administrator,
  scopes: readonly Scope[],
  lifetime: number | null,
): Promise<MadeToken> {
  const { tenant } = who
  const id = randomBytes(6).toString('hex')
  const secret = randomBytes(32).toString('hex')
  const createdAt = deps.now()
  const expiresAt = lifetime === null ? null : new Date(Date.parse(createdAt) + lifetime).toISOString()
  await administer(deps, who, { act: 'token.made', token: { id, tenant, hash: hashSecret(secret), scopes, expiresAt } })
  return { id, scopes, createdAt, expiresAt, token: `cst_${id}_${secret}` }
}

/**
 * Ends a token for good. Throws `not-found`; and `request-invalid` for the first of the tenant, without which its server
 * would not start again, and for the one that asks.
 */
export async function revokeToken(deps: Deps, who: Administrator, id: string): Promise<void> {
  const known = await deps.store.tokens(who.tenant)
  if (who.by.kind === 'token' && who.by.id === id)
    throw new CodedError('request-invalid', 'a token cannot revoke itself')
  if (known[0]?.id === id) throw new CodedError('request-invalid', 'the first token of a tenant cannot be revoked')
  const done = await administer(deps, who, { act: 'token.revoked', id })
  if (!done) throw new CodedError('not-found', 'there is no such token')
}
