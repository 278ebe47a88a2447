import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AppEnv, hashSecret } from '../../server/access.ts'
import { createApp } from '../../server/app.ts'
import { openapi } from '../../server/openapi.ts'
import { PAGES } from '../../server/routes/pages.ts'
import { allows, SCOPES } from '../../server/roles.ts'
import type { Scope } from '../../server/store.ts'
import { at, newChainId, sha256 } from '../pipeline.ts'
import { openTestServer, SECRET, type TestServer, token } from '../server.ts'
import { THOROUGH } from '../thorough.ts'

// T-95: a route that somebody forgot to close, or that another spelling of its path opens. The routes are asked of the
// app itself: one that is added tomorrow is tried tomorrow.

const OPEN = [
  // Files that hold nothing of any tenant.
  ...PAGES,
  '/assets/:file',
  '/healthz',
  '/readyz',
  '/metrics',
  '/openapi.json',
  '/docs',
  '/docs/start.js',
  '/docs/:file',
  '/checkpoint',
  '/tile/:path{.+}',
  '/sha3/tile/:path{.+}',
  '/statements',
  '/statements/:number',
  '/statements/:number/anchors',
  '/statements/:number/anchors/:anchor',
  '/v1/audience',
  '/v1/sessions',
  '/api/v2/signingCert',
  '/api/v2/trustBundle',
  '/api/v2/configuration',
  '/trusted_root.json',
  '/signing_config.json',
  // A code stands for the token (T-96).
  '/v1/enrolments',
  // So does a link, or the word of a provider.
  '/v1/sign-in',
  '/v1/sign-in/link',
  '/v1/sign-in/:provider',
  '/v1/sign-in/:provider/callback',
]
/** For whoever asks, whatever they may do. */
const ANYBODY = [
  '/v1/me',
  '/v1/me/sessions',
  '/v1/me/sessions/:session',
  '/v1/me/passkeys',
  '/v1/me/passkeys/:keyId/revoke',
  '/v1/sign-out',
]

interface Route {
  readonly method: string
  readonly path: string
}

let server: TestServer
let app: Hono<AppEnv>
let routes: readonly Route[]

beforeAll(async () => {
  server = await openTestServer()
  const scopes = [...SCOPES.map((scope) => [scope]), ...SCOPES.map(without), ['audit', 'read'] as const, []]
  for (const some of scopes) {
    const id = `acme${idOf(some)}`
    await server.store.createToken({ id, tenant: 'acme', hash: hashSecret(SECRET), scopes: some }, at(0))
  }
  app = createApp({ deps: server.deps, log: () => undefined, clock: () => 0, stopping: () => false })
  routes = routesOf(app)
})
afterAll(() => server.close())

/** All that do not stand for a scope. */
const without = (scope: Scope) => SCOPES.filter((other) => !allows([other], scope))
const idOf = (scopes: readonly Scope[]) => `only${scopes.map((scope) => scope.slice(0, 2)).join('')}`

function routesOf(of: Hono<AppEnv>): readonly Route[] {
  const all = of.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => ({ method, path }))
  return [...new Map(all.map((route) => [`${route.method} ${route.path}`, route])).values()]
}

/** A path of the route that its handler would not refuse for its shape. */
function pathOf(route: string): string {
  const values: Readonly<Record<string, string>> = {
    link: sha256('link'),
    id: newChainId(),
    keyId: sha256('key'),
    path: '000.p/1',
    number: '0',
    anchor: 'rekor',
  }
  const known = route.startsWith('/v1/inbox/') ? route.replace(':id', '1') : route
  return known.replace(/:([A-Za-z]+)(?:\{[^}]*\})?/g, (_, name: string) => values[name] ?? sha256(name))
}

const closed = () => routes.filter(({ path }) => !OPEN.includes(path))
const send = (method: string, path: string, given: string | null, headers: Record<string, string> = {}) =>
  Promise.resolve(
    app.request(path, {
      method,
      headers: { ...(given === null ? {} : { authorization: given }), ...headers },
    }),
  )
const GARBAGE = [
  null,
  '',
  'Bearer',
  'Bearer ',
  'Bearer null',
  'Basic YWNtZTphY21l',
  `Bearer  ${token('acme')}`,
  `Bearer ${token('acme')} x`,
  `Bearer ${token('acme')},Bearer ${token('acme')}`,
  token('acme'),
  `Bearer cst_acmeall_${'t'.repeat(32)}`,
  `Bearer cst_acmeall_${SECRET.slice(1)}`,
  `Bearer cst_nobody_${SECRET}`,
  `Bearer cst_%_${SECRET}`,
  `Bearer cst__${SECRET}`,
  'Bearer cst_acmeall_',
  `Bearer CST_ACMEALL_${SECRET}`,
  `Bearer cst_acmeall_${'s'.repeat(100_000)}`,
]

describe('T-95: every registered route', () => {
  test('there are some, and none is open that is not known to be', () => {
    expect(closed().length).toBeGreaterThan(12)
    for (const { path } of closed()) expect(path).toMatch(/^\/v1\//)
    expect(routes.flatMap(({ path }) => (OPEN.includes(path) ? [path] : [])).toSorted()).toEqual(OPEN.toSorted())
  })

  test('is closed to whoever has no token, or garbage', async () => {
    for (const { method, path } of closed()) {
      for (const given of GARBAGE) {
        const reply = await send(method, pathOf(path), given)
        expect([method, path, given?.slice(0, 60), reply.status]).toEqual([method, path, given?.slice(0, 60), 401])
        expect(await reply.json()).toMatchObject({ code: 'token-missing' })
      }
    }
  })

  test('is closed to a token without scopes, before it looks at anything else', async () => {
    for (const { method, path } of closed()) {
      const reply = await send(method, pathOf(path), `Bearer cst_acme${idOf([])}_${SECRET}`)
      expect([method, path, reply.status]).toEqual([method, path, 403])
      expect(await reply.json()).toMatchObject({ code: 'token-scope' })
    }
  })

  test('takes the scopes that its description names, and those only', async () => {
    const { paths } = openapi('0') as { paths: Record<string, Record<string, { description?: string }>> }
    for (const { method, path } of closed().filter((route) => !ANYBODY.includes(route.path))) {
      const written = path.replace(/\{\.\+\}/, '').replace(/:([A-Za-z]+)/g, '{$1}')
      const description = paths[written]?.[method.toLowerCase()]?.description ?? ''
      const scopes = (/Scopes? ([a-z]+(?: and [a-z]+)?)\./.exec(description)?.[1]?.split(' and ') ?? [
        'none',
      ]) as Scope[]
      for (const scope of scopes) {
        expect([method, path, SCOPES.includes(scope)]).toEqual([method, path, true])
        const other = await send(method, pathOf(path), `Bearer cst_acme${idOf(without(scope))}_${SECRET}`)
        expect([method, path, other.status]).toEqual([method, path, 403])
      }
      // Red control: the token that has them gets past access, whatever is then said.
      const having = await send(method, pathOf(path), `Bearer cst_acme${idOf(scopes)}_${SECRET}`)
      expect([401, 403]).not.toContain(having.status)
    }
  })

  test('is closed under every other spelling of its method and path', async () => {
    const spellings = (path: string) => [
      path,
      `${path}/`,
      `/${path}`,
      path.replace('/v1/', '/v1//'),
      path.replace('/v1/', '//v1/'),
      path.replace('/v1/', '/V1/'),
      path.replace('/v1/', '/v1/./'),
      path.replace('/v1/', '/x/../v1/'),
      path.replace('/v1/', '/%76%31/'),
      path.replace('/v1/', '/v1%2f'),
      path.replace('/v1/', '/%2fv1/'),
      path.replace('/v1/', '/v1;a=b/'),
      path.replace('/v1/', '/docs/..%2fv1/'),
      path.replace('/v1/', '/docs/../v1/'),
      path.replace('/v1/', '/healthz/../v1/'),
      path.toUpperCase(),
      `${path}?token=${token('acme')}`,
      `${path}?access_token=${token('acme')}`,
      `${path}%00`,
      `${path}.json`,
      `${path}#/healthz`,
      path.replace('/v1/', '/v1\\'),
    ]
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY', 'get', 'ALL', 'ANY']
    const OVERRIDES = [
      {},
      { 'x-http-method-override': 'GET' },
      { 'x-original-url': '/healthz' },
      { 'x-rewrite-url': '/healthz' },
      { 'x-forwarded-prefix': '/healthz' },
    ]
    for (const [i, { path }] of closed().entries()) {
      // Of each route one in three where tests are not thorough, of the next route the next.
      const tried = spellings(pathOf(path)).filter((_, nth) => THOROUGH || nth % 3 === i % 3)
      for (const spelling of tried) {
        for (const method of methods) {
          const reply = await send(method, spelling, null)
          expect([method, spelling, [401, 404].includes(reply.status)]).toEqual([method, spelling, true])
        }
        for (const headers of OVERRIDES) {
          const reply = await send('GET', spelling, null, headers as Record<string, string>)
          expect([spelling, headers, [401, 404].includes(reply.status)]).toEqual([spelling, headers, true])
        }
      }
      // What is exactly the path is never merely unknown.
      for (const method of methods) {
        expect([method, path, (await send(method, pathOf(path), null)).status]).toEqual([method, path, 401])
      }
    }
  })

  test('below /v1 what is not there is not told apart from what is', async () => {
    const bodies = new Set<string>()
    for (const path of ['/v1', '/v1/', '/v1/nothing', '/v1/keys', '/v1/inbox', '/v1/keys/x/y/z', '/v1/../v1/keys']) {
      const reply = await send('GET', path, null)
      expect([path, reply.status]).toEqual([path, 401])
      bodies.add((await reply.text()).replace(/"requestId":"[^"]*"/, ''))
    }
    expect(bodies.size).toBe(1)
  })

  test('red control: the check sees a route that is registered before the door', async () => {
    const naive = new Hono<AppEnv>()
    naive.get('/v1/forgotten', (c) => c.json({ secret: 1 }))
    naive.route('/', app)
    const [forgotten] = routesOf(naive).filter(({ path }) => path === '/v1/forgotten')
    expect(forgotten).toEqual({ method: 'GET', path: '/v1/forgotten' })
    expect((await naive.request('/v1/forgotten')).status).toBe(200)
    expect((await naive.request('/v1/keys')).status).toBe(401)
  })
})
