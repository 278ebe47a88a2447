import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeOf, openTestServer, type TestServer } from '../test/server.ts'
import { createApp } from './app.ts'

let server: TestServer
let routes: { method: string; path: string }[]

beforeAll(async () => {
  server = await openTestServer()
  const app = createApp({ deps: server.deps, log: () => undefined, clock: () => 0, stopping: () => false })
  // Whatever providers of identities add when they send somebody back is theirs.
  const open = /^\/v1\/(audience|sessions|enrolments|sign-in.*)$/
  routes = app.routes.filter(({ method, path }) => method !== 'ALL' && path.startsWith('/v1/') && !open.test(path))
})
afterAll(() => server.close())

test('a parameter that a route does not have, or one twice, is refused before anything is done', async () => {
  expect(routes.length).toBeGreaterThan(40)
  for (const { method, path } of routes) {
    const url = `${path.replaceAll(/:[A-Za-z]+(?:\{.+?\})?/g, 'x')}?limits=1`
    const reply = await server.request(method, url, method === 'GET' ? {} : { body: '{}' })
    const { code, detail } = (await reply.json()) as { code: string; detail: string }
    const named = 'the query has the unknown parameter "limits"'
    expect([method, path, reply.status, code, detail]).toEqual([method, path, 400, 'request-invalid', named])
  }
  expect(await codeOf(server.request('GET', '/v1/decisions?limit=1&limit=2'))).toBe('request-invalid')
  expect((await server.request('GET', '/v1/decisions?limit=1')).status).toBe(200)
  // Nobody without a token is told what there is.
  expect(await codeOf(server.request('GET', '/v1/decisions?limits=1', { token: null }))).toBe('token-missing')
})
