import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../../server/app.ts'
import { openapi } from '../../server/openapi.ts'
import { allows, ROLES, SCOPES_OF } from '../../server/roles.ts'
import type { Scope } from '../../server/store.ts'
import { at, newChainId, sha256 } from '../pipeline.ts'
import { type Browser, newPerson, ORIGIN, OWN_PAGE, postCode, signIn, signInEach } from '../people.ts'
import { codeOf, openTestServer, type TestServer, token } from '../server.ts'

// T-95: a page of somebody else, a sibling host, a stale or planted cookie uses what somebody signed in for; or a role
// reaches what is not its own.

let server: TestServer
let now = Date.parse(at(60))
let routes: readonly { readonly method: string; readonly path: string; readonly scope: string }[]

beforeAll(async () => {
  server = await openTestServer({
    tenants: ['acme', 'thief'],
    publicUrl: ORIGIN,
    now: () => new Date(now).toISOString(),
  })
  const { paths } = openapi('0') as { paths: Record<string, Record<string, { description?: string }>> }
  routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { description = '' }]) => {
      const scope = /^Scope ([a-z]+)\./.exec(description)?.[1]
      return scope === undefined ? [] : [{ method: method.toUpperCase(), path: pathOf(path), scope }]
    }),
  )
})
afterAll(() => server.close())

function pathOf(path: string): string {
  const values: Readonly<Record<string, string>> = { id: newChainId(), path: '000.p/1', number: '0' }
  const known = path.startsWith('/v1/inbox/') ? path.replace('{id}', '1') : path
  return known.replace(/\{([A-Za-z]+)\}/g, (_, name: string) => values[name] ?? sha256(name))
}

const bare = (method: string, path: string, headers: Record<string, string>) =>
  server.request(method, path, { token: null, headers })

describe('T-95: cookies of people', () => {
  test('no route is reached by a cookie that is none, is garbage, or could be two', async () => {
    const { cookie } = await signIn(server, 'admin')
    const value = cookie.slice(cookie.indexOf('=') + 1)
    const garbage = [
      'countersign_session=',
      `countersign_session=${value.slice(0, -1)}`,
      `countersign_session=${value.slice(0, -64)}${'0'.repeat(64)}`,
      `countersign_session=${'0'.repeat(24)}${value.slice(24)}`,
      `countersign_session="${value}"`,
      `countersign_session=${value.toUpperCase()}`,
      `${cookie}; countersign_session=${'0'.repeat(24)}_${'0'.repeat(64)}`,
      `countersign_session=; ${cookie}`,
      `COUNTERSIGN_SESSION=${value}`,
      `__Host-countersign_session=${value}`,
      `countersign_session=%${value}`,
    ]
    for (const { method, path } of routes) {
      for (const given of garbage) {
        const reply = await bare(method, path, { cookie: given, ...OWN_PAGE })
        expect([method, path, given, reply.status]).toEqual([method, path, given, 401])
      }
    }
    expect((await bare('GET', '/v1/me', { cookie })).status).toBe(200)
  })

  test('whatever changes something takes what only the server’s own pages have', async () => {
    const admin = await signIn(server, 'admin')
    const other = await signIn(server, 'admin')
    const { cookie, csrf } = admin
    const forged: Record<string, string>[] = [
      { cookie, ...OWN_PAGE },
      { cookie, 'x-countersign-csrf': '', ...OWN_PAGE },
      { cookie, 'x-countersign-csrf': other.csrf, ...OWN_PAGE },
      { cookie, 'x-countersign-csrf': csrf.toUpperCase(), ...OWN_PAGE },
      { cookie, 'x-countersign-csrf': csrf, origin: ORIGIN, 'sec-fetch-site': 'cross-site' },
      { cookie, 'x-countersign-csrf': csrf, origin: ORIGIN, 'sec-fetch-site': 'same-site' },
      { cookie, 'x-countersign-csrf': csrf, origin: ORIGIN, 'sec-fetch-site': 'none' },
      { cookie, 'x-countersign-csrf': csrf, origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
      { cookie, 'x-countersign-csrf': csrf, origin: 'https://evil.example' },
      { cookie, 'x-countersign-csrf': csrf, origin: `${ORIGIN}.evil.example` },
      { cookie, 'x-countersign-csrf': csrf, origin: `${ORIGIN}:81` },
      { cookie, 'x-countersign-csrf': csrf, origin: 'null' },
      { cookie, 'x-countersign-csrf': csrf },
    ]
    for (const { method, path } of routes.filter((route) => route.method !== 'GET')) {
      for (const headers of forged) {
        const reply = await bare(method, path, headers)
        expect([method, path, headers, reply.status]).toEqual([method, path, headers, 403])
        expect(await reply.json()).toMatchObject({ code: 'request-forged' })
      }
    }
    // Red control: one that says all of it, in either way of saying where it comes from.
    for (const headers of [OWN_PAGE, { origin: ORIGIN }, { 'sec-fetch-site': 'same-origin' }]) {
      const sent = { cookie, 'x-countersign-csrf': csrf, ...headers }
      expect([401, 403]).not.toContain((await bare('POST', '/v1/statements', sent)).status)
    }
  })

  test('nor may another site’s page look, nor sign anybody in', async () => {
    const { cookie } = await signIn(server, 'viewer')
    for (const site of ['cross-site', 'same-site']) {
      expect(await codeOf(bare('GET', '/v1/keys', { cookie, 'sec-fetch-site': site }))).toBe('request-forged')
      const { link } = await newPerson(server, 'viewer')
      expect(await codeOf(postCode(server, link.code, { 'sec-fetch-site': site }))).toBe('request-forged')
      expect(await codeOf(postCode(server, link.code, { origin: 'https://evil.example' }))).toBe('request-forged')
      expect(await codeOf(postCode(server, link.code, {}))).toBe('request-forged')
      expect((await postCode(server, link.code)).status).toBe(200)
    }
    for (const site of ['same-origin', 'none'])
      expect((await bare('GET', '/v1/keys', { cookie, 'sec-fetch-site': site })).status).toBe(200)
  })

  test('a cookie beside a token is refused: nobody could say who is meant', async () => {
    const { cookie } = await signIn(server, 'viewer')
    for (const authorization of [`Bearer ${token('acme')}`, 'Bearer x', ''])
      expect(await codeOf(bare('GET', '/v1/keys', { cookie, authorization }))).toBe('request-invalid')
    expect((await server.request('GET', '/v1/keys')).status).toBe(200)
  })

  test('where browsers come by https, the cookie is one that no other host can plant', async () => {
    const deps = { ...server.deps, publicUrl: 'https://countersign.example' }
    const app = createApp({ deps, log: () => undefined, clock: () => 0, stopping: () => false })
    const { link } = await newPerson(server, 'viewer')
    const own = { origin: 'https://countersign.example', 'sec-fetch-site': 'same-origin' }
    const body = JSON.stringify({ code: link.code })
    const entered = await app.request('/v1/sign-in/link', { method: 'POST', body, headers: own })
    const [set] = entered.headers.getSetCookie()
    expect(set).toMatch(/^__Host-countersign_session=[0-9a-f_]{89}; Path=\/; HttpOnly; SameSite=Strict; .*; Secure$/)
    const cookie = set!.split(';')[0]!
    expect((await app.request('/v1/me', { headers: { cookie } })).status).toBe(200)
    const planted = cookie.replace('__Host-', '')
    expect((await app.request('/v1/me', { headers: { cookie: planted } })).status).toBe(401)
  })
})

describe('T-95: roles', () => {
  test('each reaches the routes of its scopes, of all that are described, and no other', async () => {
    const browsers = await signInEach(server)
    expect(routes.length).toBeGreaterThan(45)
    for (const { method, path, scope } of routes) {
      for (const role of ROLES) {
        // What would end the session that asks.
        if (scope === 'any') continue
        const reply = await browsers[role].request(method, path)
        const code = reply.ok ? null : ((await reply.json()) as { code: string }).code
        const may = allows(SCOPES_OF[role], scope as Scope)
        expect([method, path, role, code === 'token-scope']).toEqual([method, path, role, !may])
      }
    }
  })

  test('who may do what beyond looking is this, and a change of it is meant', () => {
    const beyond = Object.fromEntries(ROLES.map((role) => [role, SCOPES_OF[role].filter((scope) => scope !== 'read')]))
    expect(beyond).toEqual({
      viewer: [],
      auditor: ['audit'],
      approver: ['append'],
      maintainer: ['append', 'maintain'],
      admin: ['append', 'maintain', 'audit', 'admin'],
    })
    const of = (method: string, path: string) => routes.find((route) => route.method === method && route.path === path)
    for (const path of ['/v1/people', '/v1/tokens', '/v1/issuers', '/v1/keys', '/v1/invitations'])
      expect([path, of('POST', path)?.scope]).toEqual([path, 'admin'])
    for (const path of ['/v1/people', '/v1/tokens', '/v1/issuers', '/v1/audit'])
      expect([path, of('GET', path)?.scope]).toEqual([path, 'audit'])
  })

  test('another role counts at once, and so does being removed', async () => {
    const admin = await signIn(server, 'admin')
    const ada = await signIn(server, 'viewer')
    const give = (role: string) =>
      admin.request('POST', `/v1/people/${ada.id}/role`, { body: JSON.stringify({ role }) })
    expect((await ada.request('GET', '/v1/audit')).status).toBe(403)
    expect((await give('auditor')).status).toBe(200)
    expect((await ada.request('GET', '/v1/audit')).status).toBe(200)
    expect((await give('viewer')).status).toBe(200)
    expect((await ada.request('GET', '/v1/audit')).status).toBe(403)
    expect(await codeOf(admin.request('DELETE', `/v1/people/${admin.id}`))).toBe('request-invalid')
    expect((await admin.request('DELETE', `/v1/people/${ada.id}`)).status).toBe(204)
    expect((await ada.request('GET', '/v1/me')).status).toBe(401)
  })
})

describe('T-95: the end of a session', () => {
  const idOf = ({ cookie }: Browser) => cookie.slice(cookie.indexOf('=') + 1, -65)

  test('by signing out, here or elsewhere, and never of somebody else', async () => {
    const ada = await signIn(server, 'admin')
    const bob = await signIn(server, 'admin')
    const thief = await signIn(server, 'admin', 'thief')
    const made = await server.request('POST', `/v1/people/${ada.id}/links`)
    const link = (await made.json()) as { code: string }
    const second = await postCode(server, link.code)
    const cookie = second.headers.getSetCookie()[0]!.split(';')[0]!
    const listed = (await (await ada.request('GET', '/v1/me/sessions')).json()) as { items: { id: string }[] }
    expect(listed.items).toHaveLength(2)
    for (const foreign of [bob, thief])
      expect((await foreign.request('DELETE', `/v1/me/sessions/${idOf(ada)}`)).status).toBe(404)
    const elsewhere = listed.items.find(({ id }) => id !== idOf(ada))!
    expect((await ada.request('DELETE', `/v1/me/sessions/${elsewhere.id}`)).status).toBe(204)
    expect((await bare('GET', '/v1/me', { cookie })).status).toBe(401)
    const out = await ada.request('POST', '/v1/sign-out')
    expect([out.status, out.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')])
    expect((await ada.request('GET', '/v1/me')).status).toBe(401)
    expect((await bob.request('GET', '/v1/me')).status).toBe(200)
  })

  test('by its time: unused for a day, and after a week however much it is used', async () => {
    const begun = now
    const [used, unused] = [await signIn(server, 'viewer'), await signIn(server, 'viewer')]
    const me = (browser: Browser) => browser.request('GET', '/v1/me').then(({ status }) => status)
    const hours = (n: number) => (now = begun + n * 3_600_000)
    for (let hour = 23; hour < 7 * 24; hour += 23) {
      hours(hour)
      expect([hour, await me(used)]).toEqual([hour, 200])
      if (hour > 24) expect([hour, await me(unused)]).toEqual([hour, 401])
    }
    hours(7 * 24)
    expect(await me(used)).toBe(401)
    now = begun
  })
})
