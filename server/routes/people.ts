import { Hono } from 'hono'
import { CodedError, hasControl, isHex } from '@countersign/core'
import { actorOf, type AppEnv, type Caller, tenantFor } from '../access.ts'
import { readObject } from '../body.ts'
import type { Person, PersonSession } from '../people.ts'
import { isOver, setCookie } from '../person-session.ts'
import { plainJson } from '../plain-json.ts'
import { allows, isRole, type Role, ROLES, roleOf, SCOPES } from '../roles.ts'
import { auditLog, loggedAct } from '../verbs/audit.ts'
import type { Deps } from '../verbs/deps.ts'
import { addPerson, makeLink, removePerson, restorePerson, setRole, type ShownLink } from '../verbs/people.ts'
import { endSession } from '../verbs/sign-in.ts'
import { limitOf } from './limit.ts'

const MAX_BODY = 4_096
const JSON_TYPE = { 'content-type': 'application/json' }

/** Oneself: whoever asks, by token or cookie. */
export function meRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/me', (c) => {
    const caller = anybody(c.get('caller'))
    return c.body(plainJson(meJson(caller)), 200, JSON_TYPE)
  })

  app.get('/me/sessions', async (c) => {
    const caller = anybody(c.get('caller'))
    const { person, session } = signedIn(caller)
    const now = Date.parse(deps.now())
    const held = await deps.store.people.sessions(caller.tenant, person.id)
    const items = held.filter((one) => !isOver(one, now)).map((one) => sessionJson(one, session))
    return c.json({ items })
  })

  app.delete('/me/sessions/:session', async (c) => {
    const caller = anybody(c.get('caller'))
    const { person, session } = signedIn(caller)
    const id = c.req.param('session')
    const ended = await endSession(deps, person, id)
    if (!ended) throw new CodedError('not-found', 'there is no such session')
    if (id === session) c.header('set-cookie', noCookie(deps))
    return c.body(null, 204)
  })

  app.post('/sign-out', async (c) => {
    const caller = anybody(c.get('caller'))
    const { person, session } = signedIn(caller)
    await endSession(deps, person, session)
    c.header('set-cookie', noCookie(deps))
    return c.body(null, 204)
  })
  return app
}

/** Who may sign in, and as what. */
export function peopleRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const administrator = (caller: Caller) => ({ tenant: tenantFor(caller, 'admin'), by: actorOf(caller) })

  app.get('/people', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'audit')
    const items = (await deps.store.people.list(tenant)).map(personJson)
    // What providers call people is their own words.
    return c.body(plainJson({ items }), 200, JSON_TYPE)
  })

  app.post('/people', async (c) => {
    const who = administrator(c.get('caller'))
    const { name, role, email } = await readObject(c, ['name', 'role'], MAX_BODY, ['email'])
    const given = { name: nameOf(name), role: roleIn(role), email: emailOf(email) }
    const { person, link } = await addPerson(deps, who, given)
    return c.body(plainJson({ ...personJson(person), link: linkJson(deps, link) }), 201, JSON_TYPE)
  })

  app.post('/people/:person/role', async (c) => {
    const who = administrator(c.get('caller'))
    const { role } = await readObject(c, ['role'], MAX_BODY)
    const person = await setRole(deps, who, idOf(c.req.param('person')), roleIn(role))
    return c.body(plainJson(personJson(person)), 200, JSON_TYPE)
  })

  app.post('/people/:person/links', async (c) => {
    const who = administrator(c.get('caller'))
    const link = await makeLink(deps, who, idOf(c.req.param('person')))
    return c.json(linkJson(deps, link), 201)
  })

  app.post('/people/:person/restore', async (c) => {
    const who = administrator(c.get('caller'))
    const person = await restorePerson(deps, who, idOf(c.req.param('person')))
    return c.body(plainJson(personJson(person)), 200, JSON_TYPE)
  })

  app.delete('/people/:person', async (c) => {
    const who = administrator(c.get('caller'))
    await removePerson(deps, who, idOf(c.req.param('person')))
    return c.body(null, 204)
  })
  return app
}

/** What administrators did. */
export function auditRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/audit', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'audit')
    const { about = null, limit, cursor = null } = c.req.query()
    return c.body(plainJson(await auditLog(deps, tenant, about, limitOf(limit), cursor)), 200, JSON_TYPE)
  })

  app.get('/audit/:digest', async (c) => {
    const tenant = tenantFor(c.get('caller'), 'audit')
    return c.body(new Uint8Array(await loggedAct(deps, tenant, c.req.param('digest'))), 200, JSON_TYPE)
  })
  return app
}

/** What `GET /v1/me` says. */
export function meJson({ tenant, id, scopes, signedIn: by }: Caller): object {
  const who = by === null ? null : { id: by.person.id, name: by.person.name, email: by.person.email }
  const role = by === null ? roleOf(scopes) : by.person.role
  return { person: who, token: by === null ? id : null, tenant, role, scopes, csrf: by?.csrf ?? null }
}

/** Throws `token-scope` for a token that may do nothing at all. */
export function anybody(caller: Caller): Caller {
  if (!SCOPES.some((scope) => allows(caller.scopes, scope)))
    throw new CodedError('token-scope', 'the token has no scope')
  return caller
}

/** Throws `request-invalid` for a token: it is nobody. */
export function signedIn({ signedIn: by }: Caller): NonNullable<Caller['signedIn']> {
  if (by === null)
    throw new CodedError('request-invalid', 'a token is nobody: sessions and passkeys are of people who sign in')
  return by
}

function noCookie({ publicUrl }: Deps): string {
  return setCookie(publicUrl, { value: '', seconds: 0, sameSite: 'Strict' })
}

function sessionJson({ id, by, createdAt, seenAt, idle, expiresAt }: PersonSession, current: string) {
  const endsAt = Math.min(expiresAt, seenAt + idle)
  return { id, by, createdAt: iso(createdAt), seenAt: iso(seenAt), endsAt: iso(endsAt), current: id === current }
}

function personJson({ id, name, email, role, provider, createdAt, signedInAt, removedAt }: Person) {
  return { id, name, email, role, issuer: provider?.issuer ?? null, createdAt, signedInAt, removedAt }
}

/** The code behind a #: no server and no page in between ever sees it. */
function linkJson({ publicUrl }: Deps, { code, expiresAt }: ShownLink) {
  return { code, url: publicUrl === null ? null : signInUrl(publicUrl, code), expiresAt }
}

export function signInUrl(server: string, code: string): string {
  return `${server}/sign-in#${code}`
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function nameOf(name: unknown): string {
  if (typeof name === 'string' && name.trim() === name && name !== '' && name.length <= 100 && !hasControl(name))
    return name
  throw new CodedError('request-invalid', 'name is not 1 to 100 printable characters')
}

function roleIn(role: unknown): Role {
  if (isRole(role)) return role
  throw new CodedError('request-invalid', `role is none of ${ROLES.join(', ')}`)
}

function emailOf(email: unknown): string | null {
  if (email === undefined || email === null) return null
  if (typeof email === 'string' && email.length <= 254 && /^[\x21-\x7e]+@[\x21-\x7e]+$/.test(email)) return email
  throw new CodedError('request-invalid', 'email is not an address')
}

function idOf(text: string): string {
  if (!isHex(text, 16)) throw new CodedError('not-found', 'there is no such person')
  return text
}
