import { createHmac, generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject, JsonValue } from '@countersign/core'
import { createApp, type RequestLog } from '../../server/app.ts'
import { base64url, pairOf, signatureOf, signToken, startIssuer } from '../identity/local-issuer.ts'
import { openTrusting, type Trusting } from '../identity/tenants.ts'

// T-60: whoever is let in by a token must have it from an issuer that the tenant trusts, as that issuer signs, for this
// server and for now. Each of these is wrong in one thing, and none of them gets anything out of the server, nor leaves
// anything in it.

/** In every bad token: it must be nowhere afterwards. */
const CANARY = 'canary-7f3a9c'

let world: Trusting
const logged: RequestLog[] = []
let show: (body: string) => Promise<Response>

beforeAll(async () => {
  world = await openTrusting({ tenants: ['acme', 'other'] })
  expect((await world.trust()).status).toBe(201)
  const { deps } = world.server
  const app = createApp({ deps, log: (entry) => logged.push(entry), clock: () => 0, stopping: () => false })
  show = async (body) => app.request('/v1/sessions', { method: 'POST', body })
})
afterAll(() => world.close())

const claims = (more: Readonly<Record<string, JsonValue | undefined>> = {}): JsonObject =>
  world.issuer.claimsOf('github-actions', { actor: CANARY, ...more })
const signed = (more: Readonly<Record<string, JsonValue | undefined>>, header = {}) =>
  world.issuer.sign(claims(more), header)
const seconds = () => claims()['iat'] as number
const raw = (header: object, key: string | null) => {
  const head = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims()))}`
  return `${head}.${key === null ? '' : createHmac('sha256', key).update(head).digest('base64url')}`
}

const BAD: Readonly<Record<string, () => string>> = {
  'no algorithm': () => raw({ alg: 'none', kid: world.issuer.key.id }, null),
  'no algorithm, and a signature': () => raw({ alg: 'none', kid: world.issuer.key.id }, 'x'),
  'HMAC with the public key': () => {
    const { n } = world.issuer.key.jwk
    return raw({ alg: 'HS256', kid: world.issuer.key.id }, String(n))
  },
  'another algorithm of the same key': () => {
    const pair = world.issuer.key
    return signToken(pairOf('RS512', pair.id, pair.privateKey), claims())
  },
  'PSS in the place of PKCS #1': () => {
    const pair = world.issuer.key
    return signToken(pairOf('PS256', pair.id, pair.privateKey), claims())
  },
  'a key of his own': () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    return signToken(pairOf('RS256', world.issuer.key.id, privateKey), claims())
  },
  'a key of his own in the header': () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pair = pairOf('RS256', world.issuer.key.id, privateKey)
    return signToken(pair, claims(), { jwk: pair.jwk })
  },
  'where to find the keys': () => signed({}, { jku: `${world.issuer.url}/keys` }),
  'a certificate of his own': () => signed({}, { x5c: ['AAAA'] }),
  'an extension that must be understood': () => signed({}, { crit: ['exp'] }),
  'a key that nobody knows': () => signed({}, { kid: 'nobody' }),
  'a path for a key': () => signed({}, { kid: '../../../../dev/null' }),
  'no key': () => signed({}, { kid: undefined }),
  'another type': () => signed({}, { typ: 'at+jwt' }),
  'a claim that was changed': () => {
    const [head, , mark] = signed({}).split('.')
    return `${head}.${base64url(JSON.stringify(claims({ repository_id: '74123456' })))}.${mark}`
  },
  'a signature cut off': () => signed({}).replace(/\.[^.]*$/, '.'),
  'a signature of another length': () => `${signed({})}AAAA`,
  'the signature in DER': () => {
    const head = `${base64url(JSON.stringify({ alg: 'RS256', kid: world.issuer.key.id }))}.${base64url(JSON.stringify(claims()))}`
    return `${head}.${base64url(`0F${signatureOf(world.issuer.key, head).toString('hex')}`)}`
  },
  'a claim twice': () => {
    const text = JSON.stringify(claims())
    return signToken(world.issuer.key, `${text.slice(0, -1)},"repository_id":"74123456"}`)
  },
  'another audience': () => signed({ aud: 'sigstore' }),
  'no audience': () => signed({ aud: undefined }),
  'no end': () => signed({ exp: undefined }),
  'an end in a text': () => signed({ exp: String(seconds() + 60) }),
  'a life of a year': () => signed({ exp: seconds() + 31_536_000 }),
  'its end behind it': () => signed({ iat: seconds() - 900, nbf: seconds() - 900, exp: seconds() - 300 }),
  'its beginning before it': () => signed({ nbf: seconds() + 300, iat: seconds() + 300, exp: seconds() + 600 }),
  'an issuer with a slash more': () => signed({ iss: `${world.issuer.url}/` }),
  'an issuer in a list': () => signed({ iss: [world.issuer.url] }),
  'no issuer': () => signed({ iss: undefined }),
  padding: () => `${signed({})}=`,
  'five parts': () => `${signed({})}.a.b`,
  'the length of a book': () => signed({ environment: CANARY.repeat(1_300) }),
  nothing: () => '',
}

const EXPIRED = ['its end behind it', 'its beginning before it']
const UNKNOWN = ['an issuer with a slash more']

describe('T-60: a token with', () => {
  test.each(Object.entries(BAD))('%s is refused, grants nothing, and is kept nowhere', async (what, make) => {
    const token = make()
    const reply = await show(JSON.stringify({ token }))
    const text = await reply.text()
    const code = EXPIRED.includes(what)
      ? 'identity-token-expired'
      : UNKNOWN.includes(what)
        ? 'issuer-unknown'
        : 'identity-token-invalid'
    expect([reply.status, (JSON.parse(text) as { code: string }).code]).toEqual([
      code === 'issuer-unknown' ? 403 : 401,
      code,
    ])
    expect(text).not.toContain('cst_')
    const kept = [
      text,
      JSON.stringify(logged.map(({ error, ...entry }) => [entry, String((error as Error | undefined)?.stack)])),
      await world.server.deps.metrics.text(),
      await (await world.server.request('GET', '/v1/inbox')).text(),
    ]
    for (const part of [CANARY, base64url(CANARY).slice(0, 12), ...token.split('.').filter((p) => p.length > 8)]) {
      for (const place of kept) expect(place).not.toContain(part)
    }
  })

  test('and the same in a body that is no JSON, or holds more', async () => {
    const token = signed({})
    for (const body of [
      token,
      `"${token}"`,
      JSON.stringify({ token: [token] }),
      JSON.stringify({ token, more: token }),
    ]) {
      const reply = await show(body)
      const text = await reply.text()
      expect([400, 422]).toContain(reply.status)
      for (const part of token.split('.')) expect(text).not.toContain(part)
    }
  })

  test('nothing was granted, and red control: one with nothing wrong is', async () => {
    const { store } = world.server
    expect(Object.keys(BAD).length).toBeGreaterThan(25)
    const metrics = await world.server.deps.metrics.text()
    expect(metrics).toContain('countersign_tokens_total{outcome="identity-token-invalid"}')
    expect(metrics).not.toContain('countersign_tokens_total{outcome="admitted"}')
    expect((await store.inbox('acme', 10, null)).items).toEqual([])
    const reply = await show(JSON.stringify({ token: signed({}) }))
    expect([reply.status, ((await reply.json()) as { accessToken: string }).accessToken]).toEqual([
      201,
      expect.stringMatching(/^cst_s[0-9a-f]{24}_[0-9a-f]{64}$/),
    ])
    expect(await world.server.deps.metrics.text()).toContain('countersign_tokens_total{outcome="admitted"} 1')
  })
})

describe('T-60: an issuer that nobody trusts', () => {
  test('is not asked for anything', async () => {
    const stranger = await startIssuer({ audience: 'countersign:test', now: () => (seconds() + 1) * 1000 })
    for (const iss of [stranger.url, `${stranger.url}/`, 'http://169.254.169.254', 'file:///etc/passwd']) {
      const reply = await world.show(stranger.sign({ ...stranger.claimsOf('github-actions'), iss }))
      expect([iss, reply.status]).toEqual([iss, 403])
      expect(await reply.json()).toMatchObject({ code: 'issuer-unknown' })
    }
    expect(stranger.asked.size).toBe(0)
    // Red control: one that is trusted is asked, until it is trusted no more.
    const rule = { id: 'stranger', issuer: stranger.url }
    expect((await world.trust('github-actions', rule)).status).toBe(201)
    expect((await world.show(stranger.token('github-actions'))).status).toBe(201)
    const asked = stranger.asked.size
    expect(asked).toBeGreaterThan(0)
    expect((await world.server.request('DELETE', '/v1/issuers/stranger')).status).toBe(204)
    expect((await world.show(stranger.token('github-actions'))).status).toBe(403)
    expect(stranger.asked.size).toBe(asked)
    await stranger.close()
  })

  test('vouches for nobody of another issuer, with a key of the same name', async () => {
    const stranger = await startIssuer({ audience: 'countersign:test', now: () => (seconds() + 1) * 1000 })
    const pair = { ...stranger.key, id: world.issuer.key.id }
    const reply = await world.show(signToken(pair, claims()))
    expect(await reply.json()).toMatchObject({ code: 'identity-token-invalid' })
    await stranger.close()
  })
})

describe('T-60: who asks what the server trusts', () => {
  test('is told nothing of the rules by a token that the issuer did not sign', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const forged = pairOf('RS256', world.issuer.key.id, privateKey)
    const answers = await Promise.all(
      ['74123456', '1'].map(async (id) => {
        const reply = await world.show(signToken(forged, claims({ repository_id: id })))
        return JSON.stringify({ ...((await reply.json()) as object), requestId: '' })
      }),
    )
    expect(answers[0]).toBe(answers[1])
    // Red control: to one that it signed they are told apart.
    expect((await world.show(signed({ repository_id: '1' }))).status).toBe(403)
    expect((await world.show(signed({}))).status).toBe(201)
  })
})
