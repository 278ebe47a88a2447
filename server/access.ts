import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { CodedError } from '@countersign/core'
import type { BodyBudget } from './body.ts'
import { SESSION_ID } from './issuer-store.ts'
import type { Scope, Store, Token } from './store.ts'

/** What every handler behind a token knows of its caller. */
export interface Caller {
  readonly tenant: string
  /** Id of the token. */
  readonly id: string
  readonly scopes: readonly Scope[]
  /** Digest of whose steps it may append; null for an API token, which may append those of everybody. */
  readonly holder: string | null
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

/**
 * Finds the caller by `Authorization: Bearer cst_<id>_<secret>`, an API token or a session. Nothing below it is reached
 * without. `clock` is monotonic, `now` ISO time.
 */
export function authenticate(store: Store, clock: () => number, now: () => string): MiddlewareHandler<AppEnv> {
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
    const id = match?.[1] ?? ''
    // Not remembered: it ends at once with its rule, and with its time.
    const session = SESSION_ID.test(id) ? await store.issuers.session(id) : null
    const token = match === null || SESSION_ID.test(id) ? session : await find(id)
    // Hashed first: the comparison is of equal lengths and tells nothing of the secret by its time (T-96).
    const same = timingSafeEqual(hashSecret(match?.[2] ?? ''), token?.hash ?? NO_HASH)
    if (token === null || !same) throw new CodedError('token-missing', 'the request has no valid API token')
    // Only whoever has the secret is told.
    if (session !== null && Date.parse(now()) >= session.expiresAt) {
      throw new CodedError('token-missing', 'the session of this token is over', {
        fix: 'Open another with a new identity token of the CI system.',
      })
    }
    c.set('caller', { tenant: token.tenant, id, scopes: token.scopes, holder: session?.holder ?? null })
    await next()
  }
}

/** The tenant of a caller that may do this. */
export function tenantFor(caller: Caller, scope: Scope): string {
  if (!caller.scopes.includes(scope)) throw new CodedError('token-scope', `the token lacks the scope ${scope}`)
  return caller.tenant
}
