import type { JsonObject } from '@countersign/core'
import { ROLES, type Role } from '../server/roles.ts'
import { passkeyEnrolmentMessage } from '@countersign/formats'
import type { SignInProvider, SignInRule } from '../server/sign-in.ts'
import { type Party, party, signatureOf, withPasskey } from './pipeline.ts'
import { type TestServer, token } from './server.ts'

/** Where the server of a test is, as far as it knows. */
export const ORIGIN = 'http://localhost'

/** Somebody's browser, signed in. */
export interface Browser {
  /** Id of the person. */
  readonly id: string
  readonly name: string
  /** `countersign_session=…` */
  readonly cookie: string
  readonly csrf: string
  /** A request as a page of the server would send it. */
  request(method: string, path: string, more?: { body?: string; headers?: Record<string, string> }): Promise<Response>
}

/** The cookies that an answer sets, as a browser sends them back; those it takes away left out. */
export function cookiesOf(reply: Response): Readonly<Record<string, string>> {
  const pairs = reply.headers.getSetCookie().map((line) => line.split(';', 1)[0]!)
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair]).filter(([, pair]) => !pair!.endsWith('=')),
  )
}

/** What a page of the server itself sends along. */
export const OWN_PAGE = { origin: ORIGIN, 'sec-fetch-site': 'same-origin' }

/** Posts a link's code as the page does that it leads to. */
export function postCode(server: TestServer, code: string, headers: Record<string, string> = OWN_PAGE) {
  return server.request('POST', '/v1/sign-in/link', { token: null, body: JSON.stringify({ code }), headers })
}

let people = 0

/** Somebody new, as an administrator's token makes them. */
export async function newPerson(server: TestServer, role: Role, tenant = 'acme', name = `person ${++people}`) {
  const body = JSON.stringify({ name, role })
  const reply = await server.request('POST', '/v1/people', { token: token(tenant), body })
  if (reply.status !== 201) throw new Error(await reply.text())
  return (await reply.json()) as { id: string; name: string; link: { code: string; url: string | null } }
}

/** Somebody new who signed in by their link. */
export async function signIn(server: TestServer, role: Role, tenant = 'acme'): Promise<Browser> {
  const { id, name, link } = await newPerson(server, role, tenant)
  return browserOf(server, id, name, await postCode(server, link.code))
}

/** The browser that got this answer. */
export async function browserOf(server: TestServer, id: string, name: string, reply: Response): Promise<Browser> {
  if (!reply.ok) throw new Error(await reply.text())
  const [cookie] = Object.values(cookiesOf(reply))
  const { csrf } = (await reply.json()) as { csrf: string }
  const request: Browser['request'] = (method, path, more = {}) =>
    server.request(method, path, {
      token: null,
      ...(more.body === undefined ? {} : { body: more.body }),
      headers: { cookie: cookie!, 'x-countersign-csrf': csrf, ...OWN_PAGE, ...more.headers },
    })
  return { id, name, cookie: cookie!, csrf, request }
}

export async function signInEach(server: TestServer, tenant = 'acme'): Promise<Readonly<Record<Role, Browser>>> {
  const browsers: (readonly [Role, Browser])[] = []
  for (const role of ROLES) browsers.push([role, await signIn(server, role, tenant)])
  return Object.fromEntries(browsers) as Record<Role, Browser>
}

/** An authenticator of somebody who is on the pages of a test's server. */
export function localPasskey(name = 'own', origin = ORIGIN): Party {
  return withPasskey(party(name), 'localhost', origin)
}

/** What the page sends that enrols a passkey; of whom it says it is, and by whose authenticator. */
export function enrolPasskey(
  me: Browser,
  own: Party,
  more: { person?: string; proof?: Uint8Array; credential?: string } = {},
): Promise<Response> {
  const message = passkeyEnrolmentMessage(more.person ?? me.id, own.publicKey.keyId)
  const proof = Buffer.from(more.proof ?? signatureOf(own, message)).toString('base64')
  const passkey = Buffer.from(own.publicKey.spki).toString()
  const body = JSON.stringify({ passkey, credential: more.credential ?? 'AQID', proof })
  return me.request('POST', '/v1/me/passkeys', { body })
}

const NOBODY = { emails: null, domains: null, groups: null, hd: null, subjects: null }

/** A rule of this much. */
export function signInRule(more: Partial<SignInRule>): SignInRule {
  return { tenant: 'acme', role: 'viewer', ...NOBODY, ...more }
}

/** A provider that believes whoever comes back, and says of everybody the same. */
export function stubProvider(claims: JsonObject, rules: readonly SignInRule[], name = 'corp'): SignInProvider {
  return {
    name,
    title: 'Corp',
    issuer: 'https://login.corp.example',
    groupsClaim: 'groups',
    rules,
    begin: (returnTo, { state }) =>
      Promise.resolve(new URL(`https://login.corp.example/authorize?redirect_uri=${returnTo}&state=${state}`)),
    finish: () => Promise.resolve(claims),
  }
}

/** Goes to a provider and comes back, as a browser does. */
export async function goAndComeBack(server: TestServer, provider = 'corp', page = '/inbox'): Promise<Response> {
  const gone = await server.request('GET', `/v1/sign-in/${provider}?page=${encodeURIComponent(page)}`, { token: null })
  const state = new URL(gone.headers.get('location')!).searchParams.get('state')!
  const cookie = Object.values(cookiesOf(gone)).join('; ')
  const headers = { cookie, 'sec-fetch-site': 'cross-site' }
  return server.request('GET', `/v1/sign-in/${provider}/callback?code=c&state=${state}`, { token: null, headers })
}

/** A good request of each documented route that is about people, where a plain one would not do. */
export function peopleRequests(server: TestServer): Record<string, () => Promise<Response>[]> {
  const as = (role: Role, ask: (browser: Browser) => Promise<Response>) => [signIn(server, role).then(ask)]
  const about =
    (path: string, body: object | null, method = 'POST') =>
    () => [
      newPerson(server, 'viewer').then(({ id }) =>
        server.request(method, path.replace('{person}', id), body === null ? {} : { body: JSON.stringify(body) }),
      ),
    ]
  return {
    'GET /v1/me': () => [server.request('GET', '/v1/me'), ...as('viewer', (me) => me.request('GET', '/v1/me'))],
    'GET /v1/me/sessions': () => as('viewer', (me) => me.request('GET', '/v1/me/sessions')),
    'DELETE /v1/me/sessions/{session}': () =>
      as('viewer', (me) => me.request('DELETE', `/v1/me/sessions/${me.cookie.split('=')[1]!.slice(0, 24)}`)),
    'GET /v1/me/passkeys': () => as('approver', (me) => me.request('GET', '/v1/me/passkeys')),
    'POST /v1/me/passkeys': () => as('approver', (me) => enrolPasskey(me, localPasskey())),
    'POST /v1/me/passkeys/{keyId}/revoke': () =>
      as('approver', async (me) => {
        const own = localPasskey()
        await enrolPasskey(me, own)
        return me.request('POST', `/v1/me/passkeys/${own.publicKey.keyId}/revoke`)
      }),
    'POST /v1/sign-out': () => as('viewer', (me) => me.request('POST', '/v1/sign-out')),
    'POST /v1/sign-in/link': () => [newPerson(server, 'viewer').then(({ link }) => postCode(server, link.code))],
    'GET /v1/sign-in/{provider}': () => [server.request('GET', '/v1/sign-in/corp', { token: null })],
    'GET /v1/sign-in/{provider}/callback': () => [goAndComeBack(server)],
    'POST /v1/people': () => [
      server.request('POST', '/v1/people', { body: JSON.stringify({ name: `person ${++people}`, role: 'viewer' }) }),
    ],
    'POST /v1/people/{person}/role': about('/v1/people/{person}/role', { role: 'admin' }),
    'POST /v1/people/{person}/links': about('/v1/people/{person}/links', null),
    'POST /v1/people/{person}/restore': about('/v1/people/{person}/restore', null),
    'DELETE /v1/people/{person}': about('/v1/people/{person}', null, 'DELETE'),
    'GET /v1/audit/{digest}': () => [
      newPerson(server, 'viewer').then(async () => {
        const page = (await (await server.request('GET', '/v1/audit')).json()) as { items: { digest: string }[] }
        return server.request('GET', `/v1/audit/${page.items[0]!.digest}`)
      }),
    ],
  }
}
