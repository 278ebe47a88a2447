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

/** An API token or a session as somebody shows it; nothing of it is verified. */
export interface Presented {
  readonly id: string
  readonly secret: string
}

/** What an `Authorization` header shows; null where that is nothing of ours. */
export function presentedIn(header: string | undefined): Presented | null {
  const match = /^Bearer cst_([a-z0-9]{1,32})_([A-Za-z0-9]{16,128})$/.exec(header ?? '')
  return match === null ? null : { id: match[1]!, secret: match[2]! }
}

/** Compared with where there is no such token, so that its absence costs what its presence costs. No secret hashes to it. */
const NO_HASH = new Uint8Array(32)

/** Whether the secret is that of what is stored. Hashed first: equal lengths are compared, and time tells nothing (T-96). */
export function isSecretOf(presented: Presented | null, stored: { readonly hash: Uint8Array } | null): boolean {
  return timingSafeEqual(hashSecret(presented?.secret ?? ''), stored?.hash ?? NO_HASH)
}

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
    const presented = presentedIn(c.req.header('authorization'))
    const id = presented?.id ?? ''
    // Not remembered: it ends at once with its rule, and with its time.
    const session = SESSION_ID.test(id) ? await store.issuers.session(id) : null
    const token = presented === null || SESSION_ID.test(id) ? session : await find(id)
    if (!isSecretOf(presented, token) || token === null)
      throw new CodedError('token-missing', 'the request has no valid API token')
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
