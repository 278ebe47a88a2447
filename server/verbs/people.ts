import { randomBytes } from 'node:crypto'
import { CodedError } from '@countersign/core'
import { hashSecret } from '../access.ts'
import type { Person, SignInLink } from '../people.ts'
import type { Role } from '../roles.ts'
import { administer, type Administrator } from './administer.ts'
import type { Deps } from './deps.ts'

/** How long a link signs somebody in; milliseconds. */
const LINK_MS = 30 * 60_000

/** A link as it is shown, once: only its hash is kept. */
export interface ShownLink {
  readonly code: string
  readonly expiresAt: string
}

/** Lets somebody in by a link, whom no provider need vouch for. Throws `request-invalid` where there is one of that name. */
export async function addPerson(
  deps: Deps,
  who: Administrator,
  { name, email, role }: Pick<Person, 'name' | 'email' | 'role'>,
): Promise<{ readonly person: Person; readonly link: ShownLink }> {
  const createdAt = deps.now()
  const id = randomBytes(8).toString('hex')
  const { tenant } = who
  const person = { id, tenant, name, email, role, provider: null, createdAt, signedInAt: null, removedAt: null }
  const { link, shown } = newLink(tenant, id, Date.parse(createdAt))
  await administer(deps, who, { act: 'person.added', person, link })
  return { person, link: shown }
}

/** Makes a link, in the place of those there were. Throws `not-found`, and `request-invalid` for whom a provider vouches for. */
export async function makeLink(deps: Deps, who: Administrator, id: string): Promise<ShownLink> {
  await local(deps, who.tenant, id, 'signs in by a provider, and by no link')
  const { link, shown } = newLink(who.tenant, id, Date.parse(deps.now()))
  if (!(await administer(deps, who, { act: 'link.made', link }))) throw nobody()
  return shown
}

/** Throws `not-found`, and `request-invalid` for whom a provider vouches for. */
export async function setRole(deps: Deps, who: Administrator, id: string, role: Role): Promise<Person> {
  await local(deps, who.tenant, id, 'has the role that the sign-in rules give')
  if (!(await administer(deps, who, { act: 'person.role', id, role }))) throw nobody()
  return one(deps, who.tenant, id)
}

/** Lets somebody in no more, from now on, whatever a rule says, and takes what their passkeys may sign. Throws `not-found`, and `request-invalid` for oneself. */
export async function removePerson(deps: Deps, who: Administrator, id: string): Promise<void> {
  if (who.by.kind === 'person' && who.by.id === id)
    throw new CodedError('request-invalid', 'nobody removes themselves: another administrator must')
  try {
    if (!(await administer(deps, who, { act: 'person.removed', id }))) throw nobody()
  } finally {
    // Their passkeys sign no more.
    deps.verified.forgetTrust(who.tenant)
  }
}

/** Lets somebody in again. Throws `not-found`. */
export async function restorePerson(deps: Deps, who: Administrator, id: string): Promise<Person> {
  if (!(await administer(deps, who, { act: 'person.restored', id }))) throw nobody()
  return one(deps, who.tenant, id)
}

/** Code from its text; null for what is none. */
export function readCode(text: string): { readonly id: string; readonly secret: string } | null {
  const match = /^csl_([0-9a-f]{12})_([0-9a-f]{64})$/.exec(text)
  return match === null ? null : { id: match[1]!, secret: match[2]! }
}

function newLink(tenant: string, person: string, now: number): { link: SignInLink; shown: ShownLink } {
  const id = randomBytes(6).toString('hex')
  const secret = randomBytes(32).toString('hex')
  const expiresAt = now + LINK_MS
  return {
    link: { id, tenant, person, hash: hashSecret(secret), expiresAt },
    shown: { code: `csl_${id}_${secret}`, expiresAt: new Date(expiresAt).toISOString() },
  }
}

async function local(deps: Deps, tenant: string, id: string, instead: string): Promise<void> {
  const person = await one(deps, tenant, id)
  if (person.removedAt !== null) throw nobody()
  if (person.provider !== null) throw new CodedError('request-invalid', `the person ${instead}`)
}

async function one({ store }: Deps, tenant: string, id: string): Promise<Person> {
  const person = await store.people.one(tenant, id)
  if (person === null) throw nobody()
  return person
}

function nobody(): CodedError {
  return new CodedError('not-found', 'there is no such person')
}
