import { randomBytes } from 'node:crypto'
import { CodedError } from '@countersign/core'
import { hashSecret } from '../access.ts'
import type { ListedToken, Scope } from '../store.ts'
import type { Deps } from './deps.ts'

export interface MadeToken extends ListedToken {
  /** Shown once: only its hash is kept. */
  readonly token: string
}

/** Makes an API token that may do this much and no more. */
export async function makeToken(deps: Deps, tenant: string, scopes: readonly Scope[]): Promise<MadeToken> {
  const id = randomBytes(6).toString('hex')
  const secret = randomBytes(32).toString('hex')
  const createdAt = deps.now()
  await deps.store.createToken({ id, tenant, hash: hashSecret(secret), scopes }, createdAt)
  return { id, scopes, createdAt, token: `cst_${id}_${secret}` }
}

/**
 * Ends a token for good. Throws `not-found`; and `request-invalid` for the first of the tenant, without which its server
 * would not start again, and for the one that asks.
 */
export async function revokeToken(deps: Deps, tenant: string, id: string, by: string): Promise<void> {
  const known = await deps.store.tokens(tenant)
  if (id === by) throw new CodedError('request-invalid', 'a token cannot revoke itself')
  if (known[0]?.id === id) throw new CodedError('request-invalid', 'the first token of a tenant cannot be revoked')
  if (!(await deps.store.revokeToken(tenant, id))) throw new CodedError('not-found', 'there is no such token')
}
