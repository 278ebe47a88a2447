import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { CodedError } from '@countersign/core'
import type { BodyBudget } from './body.ts'
import type { Scope, Store, Token } from './store.ts'

/** What every handler behind a token knows of its caller. */
export interface Caller {
  readonly tenant: string
  /** Id of the token. */
  readonly id: string
  readonly scopes: readonly Scope[]
}

export interface AppEnv {
  Variables: {
    requestId: string
    caller: Caller
    bodies: BodyBudget
    /** To be told when an answer fails that has begun. */
    broken: (error: unknown) => void
  }
}

/** How long a token may be remembered: another server may have withdrawn it. */
const REMEMBERED_MS = 2_000
const MAX_REMEMBERED = 10_000

/** The secret part of a token as it is stored. */
export function hashSecret(secret: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(secret).digest())
}

/** Compared with where there is no such token, so that its absence costs what its presence costs. No secret hashes to it. */
const NO_HASH = new Uint8Array(32)

/** Finds the caller by `Authorization: Bearer cst_<id>_<secret>`. Nothing below it is reached without. */
export function authenticate(store: Store, clock: () => number): MiddlewareHandler<AppEnv> {
  const remembered = new Map<string, { token: Token; until: number }>()
  const find = async (id: string): Promise<Token | null> => {
    const held = remembered.get(id)
    if (held !== undefined && clock() < held.until) return held.token
    const token = await store.token(id)
    if (token === null) return null
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(id, { token, until: clock() + REMEMBERED_MS })
    return token
  }
  return async (c, next) => {
    const match = /^Bearer cst_([a-z0-9]{1,32})_([A-Za-z0-9]{16,128})$/.exec(c.req.header('authorization') ?? '')
    const token = match === null ? null : await find(match[1]!)
    // Hashed first: the comparison is of equal lengths and tells nothing of the secret by its time (T-96).
    const same = timingSafeEqual(hashSecret(match?.[2] ?? ''), token?.hash ?? NO_HASH)
    if (token === null || !same) throw new CodedError('token-missing', 'the request has no valid API token')
    c.set('caller', { tenant: token.tenant, id: token.id, scopes: token.scopes })
    await next()
  }
}

/** The tenant of a caller that may do this. */
export function tenantFor(caller: Caller, scope: Scope): string {
  if (!caller.scopes.includes(scope)) throw new CodedError('token-scope', `the token lacks the scope ${scope}`)
  return caller.tenant
}
