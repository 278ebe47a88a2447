import { randomBytes } from 'node:crypto'
import { CodedError, hasControl, type JsonObject } from '@countersign/core'
import { hashSecret, isSecretOf } from '../access.ts'
import type { Person, PersonSession, Vouched } from '../people.ts'
import { LIFE, type ShownSession } from '../person-session.ts'
import { admitted, type SignInProvider, type SignInRule } from '../sign-in.ts'
import { administer } from './administer.ts'
import type { Deps } from './deps.ts'
import { readCode } from './people.ts'

/** A session that was opened; its secret is nowhere else. */
export interface SignedIn {
  readonly person: Person
  readonly shown: ShownSession
  /** Seconds that a browser may keep it. */
  readonly seconds: number
}

/**
 * Signs in by a link, once. Whether a code is unknown, wrong, used or over is one answer, `sign-in-invalid`, for one price.
 */
export async function signInByLink(deps: Deps, code: string): Promise<SignedIn> {
  const { people } = deps.store
  const given = readCode(code)
  const link = given === null ? null : await people.link(given.id)
  if (!isSecretOf(given, link) || link === null) throw notALink()
  const person = await known(deps, link.tenant, link.person)
  const opened = newSession(deps, person, 'link')
  if (!(await begin(deps, person, opened.session, link.id))) throw notALink()
  return { person: await known(deps, link.tenant, link.person), shown: opened.shown, seconds: opened.seconds }
}

/**
 * Signs in whom a provider vouches for, by what it said of them, as what the first rule that names them says. Throws
 * `sign-in-refused` for whom no rule names, and for whom an administrator removed.
 */
export async function signInByProvider(deps: Deps, provider: SignInProvider, claims: JsonObject): Promise<SignedIn> {
  const { sub } = claims
  if (typeof sub !== 'string' || sub === '' || sub.length > 255 || hasControl(sub))
    throw new CodedError('sign-in-invalid', 'the provider does not say who it is about')
  const rule = admitted(provider, claims)
  if (rule === null) throw new CodedError('sign-in-refused', 'no rule of this server names who signed in')
  const vouched = vouchedFor(provider.issuer, sub, claims, rule)
  const held = await deps.store.people.vouched(rule.tenant, provider.issuer, sub)
  const id = held?.id ?? randomBytes(8).toString('hex')
  const by = { kind: 'provider', id: provider.issuer, name: provider.name } as const
  await administer(deps, { tenant: rule.tenant, by }, { act: 'person.vouched', id, vouched })
  // Another browser of theirs may have been first, by another id.
  const person = await deps.store.people.vouched(rule.tenant, provider.issuer, sub)
  if (person === null || person.removedAt !== null) throw removed()
  const opened = newSession(deps, person, 'provider')
  if (!(await begin(deps, person, opened.session, null))) throw removed()
  return { person, shown: opened.shown, seconds: opened.seconds }
}

function vouchedFor(issuer: string, subject: string, claims: JsonObject, { tenant, role }: SignInRule): Vouched {
  const { name, preferred_username: username, email, email_verified: verified } = claims
  const address = textOf(email)
  const shown = textOf(name) ?? textOf(username) ?? address ?? subject
  return { tenant, role, name: shown, email: verified === true ? address : null, provider: { issuer, subject } }
}

/** What a provider lets people write themselves; null for what no page should show. */
function textOf(claim: JsonObject[string] | undefined): string | null {
  return typeof claim === 'string' && claim.trim() !== '' && claim.length <= 256 && !hasControl(claim) ? claim : null
}

/**
 * Ends a session of somebody's own, whichever browser has it; false where there is none.
 */
export function endSession(deps: Deps, { tenant, id, name }: Person, session: string): Promise<boolean> {
  const by = { kind: 'person', id, name } as const
  return administer(deps, { tenant, by }, { act: 'session.ended', person: id, session })
}

/** False where the person was removed meanwhile, or the link used. Throws `server-busy` for who signs in again and again: each time is a leaf of the log. */
function begin(deps: Deps, { tenant, id, name }: Person, session: PersonSession, link: string | null) {
  deps.signIns.again(id)
  return administer(deps, { tenant, by: { kind: 'person', id, name } }, { act: 'session.begun', session, link })
}

/** One of its own each time: none that a browser brings along is ever made somebody's. */
function newSession(deps: Deps, { tenant, id: person }: Person, by: PersonSession['by']) {
  const id = randomBytes(12).toString('hex')
  const secret = randomBytes(32).toString('hex')
  const now = Date.parse(deps.now())
  const { idle, longest } = LIFE[by]
  const session: PersonSession = {
    id,
    tenant,
    person,
    hash: hashSecret(secret),
    by,
    createdAt: now,
    seenAt: now,
    idle,
    expiresAt: now + longest,
  }
  return { session, shown: { id, secret }, seconds: longest / 1000 }
}

async function known({ store }: Deps, tenant: string, id: string): Promise<Person> {
  const person = await store.people.one(tenant, id)
  if (person === null) throw new CodedError('sign-in-invalid', 'the person is gone')
  return person
}

function removed(): CodedError {
  return new CodedError('sign-in-refused', 'an administrator removed whoever signed in')
}

function notALink(): CodedError {
  return new CodedError('sign-in-invalid', 'the link signs nobody in: unknown, used, or too old')
}
