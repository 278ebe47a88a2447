import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { CodedError } from '@countersign/core'
import type { Actor } from '@countersign/formats'
import type { BodyBudget } from './body.ts'
import { SESSION_ID } from './issuer-store.ts'
import type { Person } from './people.ts'
import { checkCsrf, checkOwnPage, csrfOf, isOver, sessionIn, type ShownSession, TOUCH_MS } from './person-session.ts'
import { allows, SCOPES_OF } from './roles.ts'
import type { Scope, Store, Token } from './store.ts'

/** What every handler knows of its caller. */
export interface Caller {
  readonly tenant: string
  /** Id of the token, or of the person. */
  readonly id: string
  readonly scopes: readonly Scope[]
  /** Digest of whose steps it may append; null for an API token, which may append those of everybody. */
  readonly holder: string | null
  /** Who signed in, and by which session; null for a token. */
  readonly signedIn: { readonly person: Person; readonly session: string; readonly csrf: string } | null
}

/** Who a caller is, for what is told of it. */
export function actorOf({ id, signedIn }: Caller): Actor {
  return { kind: signedIn === null ? 'token' : 'person', id, name: signedIn?.person.name ?? null }
}

/** The same in short, for timelines. */
export function byOf(caller: Caller): string {
  return `${actorOf(caller).kind} ${caller.id}`
}

export interface AppEnv {
  Variables: {
    requestId: string
    caller: Caller
    /** Finds the caller again; rejects once it is let in no more. */
    again: () => Promise<Caller>
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

export interface Door {
  readonly store: Store
  /** Milliseconds, monotonic. */
  readonly clock: () => number
  /** ISO time. */
  readonly now: () => string
  /** Where browsers reach the server; null for wherever they did. */
  readonly publicUrl: string | null
}

/**
 * Finds the caller: by `Authorization: Bearer cst_<id>_<secret>`, an API token or a session of a job; or by the cookie of
 * somebody who signed in, where a page of this server asks. Nothing below it is reached without; with both nobody knows
 * who is meant.
 */
export function authenticate({ store, clock, now, publicUrl }: Door): MiddlewareHandler<AppEnv> {
  const byToken = tokenDoor(store, clock, now)
  return async (c, next) => {
    const shown = sessionIn(c.req.header('cookie'), publicUrl)
    const header = c.req.header('authorization')
    if (shown !== null && header !== undefined)
      throw new CodedError('request-invalid', 'the request has both a token and a session: one of them is meant')
    if (shown === null) {
      c.set('caller', await byToken(header))
      c.set('again', () => byToken(header))
    } else {
      const caller = await bySession(store, shown, now(), true)
      checkOwnPage(sentBy(c), publicUrl)
      checkCsrf(c.req.method, c.req.header('x-countersign-csrf'), shown)
      c.set('caller', caller)
      c.set('again', () => bySession(store, shown, now(), false))
    }
    await next()
  }
}

/** What a request says of where it comes from. */
export function sentBy(c: Context<AppEnv>) {
  const [site, origin, host] = ['sec-fetch-site', 'origin', 'host'].map((name) => c.req.header(name))
  return { method: c.req.method, site, origin, host: host ?? new URL(c.req.url).host }
}

/**
 * Never remembered: it ends at once, and its person's role counts as it is now. `seen` where somebody asked for something:
 * a page that is left open is nobody.
 */
async function bySession(store: Store, shown: ShownSession, now: string, seen: boolean): Promise<Caller> {
  const held = await store.people.session(shown.id)
  if (!isSecretOf(shown, held?.session ?? null) || held === null)
    throw new CodedError('token-missing', 'nobody is signed in', { fix: 'Sign in.' })
  const { session, person } = held
  const at = Date.parse(now)
  if (isOver(session, at)) throw new CodedError('token-missing', 'the session is over', { fix: 'Sign in again.' })
  // Where it cannot be written, what is held is served all the same.
  if (seen && at - session.seenAt >= TOUCH_MS) await store.people.touch(session.id, at).catch(() => undefined)
  return {
    tenant: person.tenant,
    id: person.id,
    scopes: SCOPES_OF[person.role],
    holder: null,
    signedIn: { person, session: session.id, csrf: csrfOf(shown) },
  }
}

function tokenDoor(
  store: Store,
  clock: () => number,
  now: () => string,
): (header: string | undefined) => Promise<Caller> {
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
  return async (header) => {
    const presented = presentedIn(header)
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
    const { expiresAt = null } = token as Token
    if (session === null && expiresAt !== null && now() >= expiresAt) {
      throw new CodedError('token-missing', `the token ended at ${expiresAt}`, {
        fix: 'Have another made: countersign token new --scope SCOPE --expires 30d',
      })
    }
    return { tenant: token.tenant, id, scopes: token.scopes, holder: session?.holder ?? null, signedIn: null }
  }
}

/** The tenant of a caller that may do this. */
export function tenantFor(caller: Caller, scope: Scope): string {
  if (allows(caller.scopes, scope)) return caller.tenant
  const { signedIn } = caller
  if (signedIn === null) throw new CodedError('token-scope', `the token lacks the scope ${scope}`)
  throw new CodedError('token-scope', `a ${signedIn.person.role} may not do this: it takes the scope ${scope}`, {
    fix: 'Ask an administrator of this server for another role.',
  })
}
