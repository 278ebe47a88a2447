import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sha256 } from '../../test/pipeline.ts'
import { openTestServer, type TestServer, token } from '../../test/server.ts'

let server: TestServer
beforeEach(async () => {
  server = await openTestServer({ tenants: ['acme', 'other'] })
})
afterEach(() => server.close())

const make = (scopes: unknown, by = token('acme')) =>
  server.request('POST', '/v1/tokens', { token: by, body: JSON.stringify({ scopes }) })
const codeOf = async (reply: Response) => ((await reply.json()) as { code: string }).code
interface Made {
  id: string
  token: string
  scopes: string[]
}

describe('API tokens', () => {
  test('may do what they were made for, and no more', async () => {
    const reply = await make(['read'])
    expect([reply.status, reply.headers.get('cache-control')]).toEqual([201, 'no-store'])
    const made = (await reply.json()) as Made
    expect(made).toMatchObject({ scopes: ['read'], token: expect.stringMatching(/^cst_[0-9a-f]{12}_[0-9a-f]{64}$/) })
    expect((await server.request('GET', '/v1/keys', { token: made.token })).status).toBe(200)
    expect(await codeOf(await make(['admin'], made.token))).toBe('token-scope')
    const append = await server.request('POST', '/v1/attestations', { token: made.token, body: '{}' })
    expect(await codeOf(append)).toBe('token-scope')
    // A secret that differs is none (T-96).
    const wrong = `cst_${made.id}_${sha256('guess')}`
    expect((await server.request('GET', '/v1/keys', { token: wrong })).status).toBe(401)
  })

  test('are listed without their secrets, and seen and revoked by their own tenant alone', async () => {
    const made = (await (await make(['read', 'append'])).json()) as Made
    const text = await (await server.request('GET', '/v1/tokens')).text()
    const ids = (JSON.parse(text) as { items: Made[] }).items.map(({ id }) => id)
    expect(ids).toEqual(['acmeall', 'acmeappend', 'acmeread', made.id])
    expect(text).not.toContain(made.token.split('_')[2])
    const foreign = { token: token('other') }
    expect(await (await server.request('GET', '/v1/tokens', foreign)).text()).not.toContain(made.id)
    expect((await server.request('DELETE', `/v1/tokens/${made.id}`, foreign)).status).toBe(404)
    expect((await server.request('DELETE', `/v1/tokens/${made.id}`)).status).toBe(204)
    expect((await server.request('GET', '/v1/keys', { token: made.token })).status).toBe(401)
    expect((await server.request('DELETE', `/v1/tokens/${made.id}`)).status).toBe(404)
  })

  test('the first one, without which the server would not start, stays; and so does the one that asks', async () => {
    const made = (await (await make(['admin'])).json()) as Made
    const refused = async (id: string) =>
      codeOf(await server.request('DELETE', `/v1/tokens/${id}`, { token: made.token }))
    expect(await refused('acmeall')).toBe('request-invalid')
    expect(await refused(made.id)).toBe('request-invalid')
  })

  test('are not made of what is no list of scopes', async () => {
    for (const scopes of [[], ['read', 'read'], ['all'], 'read', null, {}, ['read', 7]]) {
      expect([scopes, await codeOf(await make(scopes))]).toEqual([scopes, 'request-invalid'])
    }
  })
})
