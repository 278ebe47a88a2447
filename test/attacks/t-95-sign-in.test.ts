import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '@countersign/core'
import { oidcProvider } from '../../server/oidc-provider.ts'
import { pageOf } from '../../server/sign-in.ts'
import { CLIENT, type Hostile, type LocalOidc, startOidc } from '../identity/local-oidc.ts'
import { makePair } from '../identity/local-issuer.ts'
import { cookiesOf, ORIGIN, signIn, signInRule } from '../people.ts'
import { codeOf, openTestServer, type TestServer } from '../server.ts'

// T-95: somebody signs in as somebody else, or in somebody else's browser, by an answer of a provider that was made up,
// meant for another, seen before, or for another browser.

let oidc: LocalOidc
let other: LocalOidc
let server: TestServer

beforeAll(async () => {
  oidc = await startOidc()
  other = await startOidc()
  const settings = (name: string, issuer: string) => ({
    name,
    title: name,
    issuer,
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    scopes: ['openid'],
    groupsClaim: 'groups',
    rules: [
      signInRule({ role: 'admin', groups: ['security'] }),
      signInRule({ role: 'maintainer', emails: ['ada@corp.example'] }),
      signInRule({ role: 'viewer', domains: ['corp.example'] }),
    ],
  })
  const clock = () => performance.now()
  const signIn = [settings('corp', oidc.url), settings('other', other.url)].map((one) => oidcProvider(one, clock))
  server = await openTestServer({ signIn, publicUrl: ORIGIN, tenants: ['acme', 'thief'] })
})
afterEach(() => {
  oidc.hostile = {}
  oidc.person = { sub: 'ada-1', email: 'ada@corp.example', email_verified: true, name: 'Ada' }
})
afterAll(async () => {
  await server.close()
  await oidc.close()
  await other.close()
})

const open = (path: string, cookie = '') =>
  server.request('GET', path, { token: null, headers: { cookie, 'sec-fetch-site': 'cross-site' } })

/** A browser goes to the provider, and is sent back: to where, and with what it kept. */
async function sentBack(name = 'corp', page = '/inbox'): Promise<{ back: string; cookie: string }> {
  const gone = await open(`/v1/sign-in/${name}?page=${encodeURIComponent(page)}`)
  expect(gone.status).toBe(303)
  const there = await fetch(gone.headers.get('location')!, { redirect: 'manual' })
  expect(there.status).toBe(303)
  const back = new URL(there.headers.get('location')!)
  return { back: `${back.pathname}${back.search}`, cookie: Object.values(cookiesOf(gone)).join('; ') }
}

async function whole(hostile: Hostile = {}): Promise<Response> {
  oidc.hostile = hostile
  const { back, cookie } = await sentBack()
  return open(back, cookie)
}

async function meOf(entered: Response) {
  const cookie = cookiesOf(entered)['countersign_session']!
  return (await (await server.request('GET', '/v1/me', { token: null, headers: { cookie } })).json()) as {
    role: string
    person: { id: string; name: string }
  }
}

describe('T-95: signing in by a provider', () => {
  test('lets in whom a rule names, as what it says, and leads to the page that was asked for', async () => {
    const entered = await whole()
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/inbox'])
    expect(entered.headers.getSetCookie().join()).toContain('HttpOnly; SameSite=Strict')
    expect(await meOf(entered)).toMatchObject({ role: 'maintainer', person: { name: 'Ada' } })
    // The first rule counts, and each time anew.
    oidc.person = { ...oidc.person, groups: ['all', 'security'] }
    expect(await meOf(await whole())).toMatchObject({ role: 'admin' })
    oidc.person = { sub: 'bob-2', email: 'BOB@Corp.example', email_verified: true }
    expect(await meOf(await whole())).toMatchObject({ role: 'viewer' })
  })

  test('nobody whom no rule names, nor by an address that nobody has verified', async () => {
    for (const person of [
      { sub: 'eve', email: 'eve@evil.example', email_verified: true },
      { sub: 'eve', email: 'ada@corp.example' },
      { sub: 'eve', email: 'ada@corp.example', email_verified: false },
      { sub: 'eve', email: 'ada@corp.example', email_verified: 'true' },
      { sub: 'eve', email: 'ada@corp.example@evil.example', email_verified: true },
      { sub: 'eve', email: 'x@evil-corp.example', email_verified: true },
      { sub: 'eve', groups: 'security' },
      { sub: 'eve', hd: 'corp.example' },
      { sub: 'eve' },
    ]) {
      oidc.person = person
      expect([person, await codeOf(whole())]).toEqual([person, 'sign-in-refused'])
    }
  })

  const stranger = makePair('RS256')
  const past = Math.floor(Date.now() / 1000) - 7_200
  test.each<[string, Hostile]>([
    ['another nonce', { claims: { nonce: 'n'.repeat(43) } }],
    ['no nonce', { claims: { nonce: undefined } }],
    ['another audience', { claims: { aud: 'another-client' } }],
    ['another issuer', { claims: { iss: 'https://evil.example' } }],
    ['a time that is over', { claims: { iat: past, exp: past + 300 } }],
    ['no signature', { unsigned: true }],
    ['alg none', { unsigned: true, header: { alg: 'none' } }],
    ['a key that it does not publish', { key: stranger }],
    ['an algorithm by which the client secret would sign', { header: { alg: 'HS256' } }],
    ['nobody', { claims: { sub: undefined } }],
  ])('an ID token of %s is refused', async (_, hostile) => {
    expect(await codeOf(whole(hostile))).toBe('sign-in-invalid')
    // Red control: the same without it.
    expect((await whole()).status).toBe(303)
  })

  test('an answer to somebody else, without the browser that asked, or with another state', async () => {
    const mine = await sentBack()
    const theirs = await sentBack()
    const asked = oidc.asked()
    expect(await codeOf(open(mine.back))).toBe('sign-in-invalid')
    expect(await codeOf(open(mine.back, theirs.cookie))).toBe('sign-in-invalid')
    const again = await sentBack()
    expect(await codeOf(open(again.back.replace(/state=[^&]*/, 'state=x'), again.cookie))).toBe('sign-in-invalid')
    const two = await sentBack()
    expect(await codeOf(open(two.back, `${two.cookie}; ${again.cookie}`))).toBe('sign-in-invalid')
    // Nothing of it was even shown to the provider.
    expect(oidc.asked()).toBe(asked)
    expect((await open(mine.back, mine.cookie)).status).toBe(303)
  })

  test('a code is not taken twice, even where the provider would', async () => {
    oidc.hostile = { careless: true }
    const { back, cookie } = await sentBack()
    expect((await open(back, cookie)).status).toBe(303)
    expect(await codeOf(open(back, cookie))).toBe('sign-in-invalid')
    // Another browser's code with one's own state: the provider holds it against the verifier.
    oidc.hostile = {}
    const [mine, theirs] = [await sentBack(), await sentBack()]
    const code = new URL(theirs.back, ORIGIN).searchParams.get('code')!
    expect(await codeOf(open(mine.back.replace(/code=[^&]*/, `code=${code}`), mine.cookie))).toBe('sign-in-invalid')
  })

  test('mix-up: what one provider answers is not taken for another, nor what names another', async () => {
    expect(await codeOf(whole({ back: { iss: other.url } }))).toBe('sign-in-invalid')
    const { back, cookie } = await sentBack('corp')
    expect(await codeOf(open(back.replace('/corp/', '/other/'), cookie))).toBe('sign-in-invalid')
    expect(other.asked()).toBe(0)
    oidc.hostile = {}
    expect((await whole()).status).toBe(303)
  })

  test('leads to no page but its own', async () => {
    for (const page of [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      '/%0d%0aset-cookie:a=b',
      '\\\\evil.example',
      'javascript:alert(1)',
      '/v1/sign-out',
      '/./v1/me',
      '/x/../v1/me',
      '/a\\..\\v1',
      '/\tevil',
      '///evil.example',
      '/.//evil.example',
      '/ü',
      '',
      'inbox',
      `/${'a'.repeat(2_000)}`,
    ]) {
      const where = new URL(pageOf(page), ORIGIN)
      expect([page, where.origin, /^\/v1(?:\/|$)/.test(where.pathname)]).toEqual([page, ORIGIN, false])
    }
    // Red control: its own pages are kept, question and all.
    for (const page of ['/inbox', '/artifact/sha256:ab?tab=1', '/v1x', '/']) expect(pageOf(page)).toBe(page)
    const { back, cookie } = await sentBack('corp', '//evil.example')
    expect((await open(back, cookie)).headers.get('location')).toBe('/')
  })

  test('a session that a browser brings along is nobody else’s afterwards', async () => {
    const eve = await signIn(server, 'viewer', 'thief')
    const { back, cookie } = await sentBack()
    const entered = await open(back, `${cookie}; ${eve.cookie}`)
    const mine = cookiesOf(entered)['countersign_session']!
    expect(mine).not.toBe(eve.cookie)
    // Whoever planted it has nothing of what goes on from there, not even his own.
    expect((await eve.request('GET', '/v1/me')).status).toBe(401)
    expect(await meOf(entered)).toMatchObject({ person: { name: 'Ada' } })
    // Red control: one whose secret is made up ends nobody's.
    const bob = await signIn(server, 'viewer', 'thief')
    const forged = `${bob.cookie.slice(0, -64)}${'0'.repeat(64)}`
    const second = await sentBack()
    expect((await open(second.back, `${second.cookie}; ${forged}`)).status).toBe(303)
    expect((await bob.request('GET', '/v1/me')).status).toBe(200)
  })

  test('whom an administrator removed no rule brings back, until one lets them in again', async () => {
    oidc.person = { sub: 'carl', email: 'carl@corp.example', email_verified: true, name: 'Carl' }
    const entered = await whole()
    const { person } = await meOf(entered)
    const admin = await signIn(server, 'admin')
    const act = (method: string, end: string, body?: object) =>
      admin.request(method, `/v1/people/${person.id}${end}`, body === undefined ? {} : { body: JSON.stringify(body) })
    expect(await codeOf(act('POST', '/role', { role: 'admin' }))).toBe('request-invalid')
    expect(await codeOf(act('POST', '/links'))).toBe('request-invalid')
    expect((await act('DELETE', '')).status).toBe(204)
    const cookie = cookiesOf(entered)['countersign_session']!
    expect((await server.request('GET', '/v1/me', { token: null, headers: { cookie } })).status).toBe(401)
    expect(await codeOf(whole())).toBe('sign-in-refused')
    expect((await act('POST', '/restore')).status).toBe(200)
    expect((await whole()).status).toBe(303)
  })

  test('groups are asked of UserInfo where the ID token has none, and those of somebody else are nobody’s', async () => {
    const corp = await startOidc()
    corp.userInfo = { sub: 'ada-1', groups: ['security'], email: 'root@corp.example', email_verified: true }
    const rules = [
      signInRule({ role: 'admin', groups: ['security'] }),
      signInRule({ role: 'viewer', subjects: ['ada-1'] }),
    ]
    const settings = { name: 'corp', title: 'Corp', issuer: corp.url, scopes: ['openid'], groupsClaim: 'groups', rules }
    const client = { clientId: CLIENT.id, clientSecret: CLIENT.secret }
    const provider = oidcProvider({ ...settings, ...client }, () => performance.now())
    const own = await openTestServer({ signIn: [provider], publicUrl: ORIGIN })
    const enter = async () => {
      const gone = await own.request('GET', '/v1/sign-in/corp', { token: null })
      const there = await fetch(gone.headers.get('location')!, { redirect: 'manual' })
      const back = new URL(there.headers.get('location')!)
      const headers = { cookie: Object.values(cookiesOf(gone)).join('; '), 'sec-fetch-site': 'cross-site' }
      return own.request('GET', `${back.pathname}${back.search}`, { token: null, headers })
    }
    const roleOf = async (entered: Response) => {
      const headers = { cookie: cookiesOf(entered)['countersign_session']! }
      const me = await own.request('GET', '/v1/me', { token: null, headers })
      return ((await me.json()) as { role: string; person: { email: string | null } }).role
    }
    try {
      // What the ID token says counts alone: of UserInfo nothing but groups is taken.
      corp.person = { sub: 'ada-1', groups: ['all'] }
      expect(await roleOf(await enter())).toBe('viewer')
      corp.person = { sub: 'ada-1' }
      expect(await roleOf(await enter())).toBe('admin')
      const { items } = (await (await own.request('GET', '/v1/people')).json()) as { items: { email: string | null }[] }
      expect(items.map(({ email }) => email)).toEqual([null])
      for (const bent of [{ sub: 'root-0' }, { sub: undefined }, { sub: 'ADA-1' }, { sub: ['ada-1'] }]) {
        const groups = ['security']
        corp.userInfo = JSON.parse(JSON.stringify({ groups, ...bent })) as JsonObject
        expect([bent, await codeOf(enter())]).toEqual([bent, 'sign-in-invalid'])
        // Red control: the same of the one whom the ID token is about.
        corp.userInfo = { groups, sub: 'ada-1' }
        expect(await roleOf(await enter())).toBe('admin')
      }
      // What is no list of groups is none.
      for (const groups of ['security', { security: true }, null, undefined]) {
        corp.userInfo = JSON.parse(JSON.stringify({ sub: 'ada-1', groups })) as JsonObject
        expect([groups, await roleOf(await enter())]).toEqual([groups, 'viewer'])
      }
    } finally {
      await own.close()
      await corp.close()
    }
  })

  test('a browser is led to a page that says why', async () => {
    const headers = { accept: 'text/html', 'sec-fetch-site': 'cross-site' }
    const led = await server.request('GET', '/v1/sign-in/corp/callback?code=a&state=b', { token: null, headers })
    expect([led.status, led.headers.get('location')]).toEqual([303, '/sign-in?refused=sign-in-invalid'])
  })
})
