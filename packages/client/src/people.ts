import { CodedError } from '@countersign/core'
import { type LoggedAct, parseLoggedAct } from '@countersign/formats'
import { readAnswer, Reading } from './answers.ts'
import type { Page } from './client.ts'
import type { Transport } from './transport.ts'

export const ROLES = ['viewer', 'auditor', 'approver', 'maintainer', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** Whoever asks: `GET /v1/me`. */
export interface Me {
  /** Null for a token. */
  readonly person: { readonly id: string; readonly name: string; readonly email: string | null } | null
  /** Its id; null for somebody who signed in. */
  readonly token: string | null
  readonly tenant: string
  /** Null for a token that may not even look. */
  readonly role: Role | null
  readonly scopes: readonly string[]
  /** What `x-countersign-csrf` must be with whatever changes something by cookie; null for a token. */
  readonly csrf: string | null
}

export interface ListedPerson {
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly role: Role
  /** Who vouches for them; null for whom the server lets in by links. */
  readonly issuer: string | null
  readonly createdAt: string
  readonly signedInAt: string | null
  readonly removedAt: string | null
}

/** A link that signs in once. */
export interface SignInLink {
  readonly code: string
  /** Null where the server was not told how it is reached. */
  readonly url: string | null
  readonly expiresAt: string
}

/** An administrative act as the server lists it. */
export interface ListedAct {
  readonly digest: string
  readonly number: number
  readonly previous: string | null
  readonly index: number
  readonly at: string
  readonly by: { readonly kind: string; readonly id: string; readonly name: string | null }
  readonly act: string
  readonly about: string
}

/** What the server is asked of people, and of what was administered. */
export interface PeopleCalls {
  people(): Promise<readonly ListedPerson[]>
  /** The link is in the answer, and nowhere else. */
  addPerson(
    person: Pick<ListedPerson, 'name' | 'email' | 'role'>,
  ): Promise<ListedPerson & { readonly link: SignInLink }>
  setPersonRole(id: string, role: Role): Promise<ListedPerson>
  removePerson(id: string): Promise<void>
  restorePerson(id: string): Promise<ListedPerson>
  makeSignInLink(id: string): Promise<SignInLink>
  /** Newest first. */
  audit(cursor?: string): Promise<Page<ListedAct>>
  /** An act with the proof that the log has it, unverified. */
  loggedAct(digest: string): Promise<LoggedAct>
}

export function peopleCalls(transport: Transport): PeopleCalls {
  const post = async (path: string, value: object | null, repeatable = true) => {
    const bytes = new TextEncoder().encode(JSON.stringify(value))
    const body = value === null ? {} : { body: { type: 'application/json', bytes } }
    return new Reading((await transport.json({ method: 'POST', path, ...body, repeatable })).body)
  }
  const of = (id: string) => `/v1/people/${encodeURIComponent(id)}`
  return {
    async people() {
      return new Reading((await transport.json({ method: 'GET', path: '/v1/people' })).body).list('items', personOf)
    },
    async addPerson({ name, email, role }) {
      // Twice is refused, and the link of the first nobody has.
      const it = await post('/v1/people', { name, role, ...(email === null ? {} : { email }) }, false)
      return { ...personOf(it), link: linkOf(it.object('link')) }
    },
    setPersonRole: async (id, role) => personOf(await post(`${of(id)}/role`, { role })),
    restorePerson: async (id) => personOf(await post(`${of(id)}/restore`, null)),
    makeSignInLink: async (id) => linkOf(await post(`${of(id)}/links`, null, false)),
    async removePerson(id) {
      await transport.send({ method: 'DELETE', path: of(id) })
    },
    async audit(cursor) {
      const query = cursor === undefined ? '' : `&${new URLSearchParams({ cursor }).toString()}`
      const it = new Reading((await transport.json({ method: 'GET', path: `/v1/audit?limit=200${query}` })).body)
      return { items: it.list('items', actOf), next: it.textOrNull('next') }
    },
    async loggedAct(digest) {
      const { bytes } = await transport.send({ method: 'GET', path: `/v1/audit/${encodeURIComponent(digest)}` })
      return readAnswer(bytes, parseLoggedAct, 'an act with its proof')
    },
  }
}

function personOf(it: Reading): ListedPerson {
  const role = ROLES.find((one) => one === it.text('role'))
  if (role === undefined) throw new CodedError('server-answer', 'somebody has a role that is none')
  return {
    id: it.hex('id', 16),
    name: it.text('name'),
    email: it.textOrNull('email'),
    role,
    issuer: it.textOrNull('issuer'),
    createdAt: it.text('createdAt'),
    signedInAt: it.textOrNull('signedInAt'),
    removedAt: it.textOrNull('removedAt'),
  }
}

function linkOf(it: Reading): SignInLink {
  return { code: it.text('code'), url: it.textOrNull('url'), expiresAt: it.text('expiresAt') }
}

function actOf(it: Reading): ListedAct {
  const by = it.object('by')
  return {
    digest: it.hex('digest', 64),
    number: it.integer('number'),
    previous: it.textOrNull('previous'),
    index: it.integer('index'),
    at: it.text('at'),
    by: { kind: by.text('kind'), id: by.text('id'), name: by.textOrNull('name') },
    act: it.text('act'),
    about: it.text('about'),
  }
}
