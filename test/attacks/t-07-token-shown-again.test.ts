import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { JsonObject } from '@countersign/core'
import { MAX_SHOWN } from '../../server/verbs/resume-session.ts'
import { asking, fulcioRequest } from '../identity/asking.ts'
import { type LocalIssuer, startIssuer } from '../identity/local-issuer.ts'
import { AUDIENCE, ruleOf } from '../identity/tenants.ts'
import { at } from '../pipeline.ts'
import { openTestServer, type TestServer, token as apiToken } from '../server.ts'

// T-07: a platform gives its job the same token again, so the server takes it again: from whoever shows the session that
// this very token opened, and from nobody else. Whoever has read the token alone comes too late, as before.

const clock = { minute: 60 }
const now = () => at(clock.minute)
let root: string
let server: TestServer
let issuer: LocalIssuer

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'countersign-t07-'))
  issuer = await startIssuer({ audience: AUDIENCE, now: () => Date.parse(now()) })
  server = await openTestServer({ directory: root, now, tenants: ['acme', 'other'] })
})
beforeEach(async () => {
  clock.minute = 60
  expect((await trust()).status).toBe(201)
})
afterAll(async () => {
  await server.close()
  await issuer.close()
  rmSync(root, { recursive: true, force: true })
})

const trust = (more: JsonObject = {}, tenant = 'acme') =>
  server.request('POST', '/v1/issuers', {
    token: apiToken(tenant),
    body: JSON.stringify({ ...ruleOf('jenkins', issuer), ...more }),
  })

interface Granted {
  readonly status: number
  readonly accessToken: string
  readonly expiresAt: string
  readonly certificates?: readonly string[]
  readonly [more: string]: unknown
}

let made = 0
const mint = (more: JsonObject = {}) => issuer.token('jenkins', { jti: `again-${++made}`, ...more })
/** Shows a token, for a new key unless it is for none; with a session where one is named. */
async function show(
  token: string,
  { session, key = true, run }: { session?: string; key?: boolean; run?: string } = {},
): Promise<Granted> {
  const { publicKey, proof } = asking(token)
  const body = { token, ...(key ? { publicKey, proof } : {}), ...(run === undefined ? {} : { run }) }
  const headers = session === undefined ? {} : { authorization: `Bearer ${session}` }
  const reply = await server.request('POST', '/v1/sessions', {
    token: null,
    headers,
    body: JSON.stringify(body),
  })
  return { ...((await reply.json()) as Granted), status: reply.status }
}
const USED = { status: 401, code: 'identity-token-used' }
const leaf = ({ certificates }: Granted) => new X509Certificate(certificates![0]!)

describe('T-07: the session that a token opened, shown with it', () => {
  test('gives a further certificate for a further key, and the session; it is logged like the first', async () => {
    const token = mint()
    const first = await show(token)
    expect(first).toMatchObject({ status: 201, tenant: 'acme' })
    clock.minute += 30
    const before = server.deps.log.size
    const again = await show(token, { session: first.accessToken })
    const { accessToken, expiresAt, identity, grade, rule } = first
    expect(again).toMatchObject({ status: 200, tenant: 'acme', accessToken, expiresAt, identity, grade, rule })
    expect(server.deps.log.size).toBe(before + 1)
    const [one, two] = [leaf(first), leaf(again)]
    expect(two.subjectAltName).toBe(one.subjectAltName)
    expect(two.publicKey.equals(one.publicKey)).toBe(false)
    expect(Date.parse(two.validTo) - Date.parse(two.validFrom)).toBe(600_000)
    expect(Date.parse(two.validFrom)).toBe(Date.parse(at(90)))
    // And access alone, to be sure that it lasts.
    expect(await show(token, { session: accessToken, key: false })).toMatchObject({ status: 200, expiresAt })
  })

  test('a session opened without a key has one certified later', async () => {
    const token = mint()
    const { accessToken } = await show(token, { key: false })
    expect(leaf(await show(token, { session: accessToken })).ca).toBe(false)
  })

  test('of any number at once all are served', async () => {
    const token = mint()
    const { accessToken } = await show(token, { key: false })
    const all = await Promise.all(Array.from({ length: 8 }, () => show(token, { session: accessToken })))
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200))
    expect(new Set(all.map((one) => leaf(one).serialNumber)).size).toBe(8)
  })

  test('also after a restart', async () => {
    const token = mint()
    const { accessToken } = await show(token, { key: false })
    await server.close()
    server = await openTestServer({ directory: root, now })
    expect(await show(token)).toMatchObject(USED)
    expect(await show(token, { session: accessToken })).toMatchObject({ status: 200 })
  })

  test('a key that is not proven is refused, and counts for nothing', async () => {
    const token = mint()
    const { accessToken } = await show(token, { key: false })
    const { publicKey } = asking(token)
    const { proof } = asking(token)
    const reply = await server.request('POST', '/v1/sessions', {
      token: null,
      headers: { authorization: `Bearer ${accessToken}` },
      body: JSON.stringify({ token, publicKey, proof }),
    })
    expect(await reply.json()).toMatchObject({ code: 'signature-invalid' })
    expect(await show(token, { session: accessToken })).toMatchObject({ status: 200 })
  })
})

describe('T-07: whoever has the token, and not its session', () => {
  let token: string
  let own: string
  beforeEach(async () => {
    token = mint()
    own = (await show(token, { key: false })).accessToken
  })
  // The positive control: whatever was tried, the job itself goes on.
  afterEach(async () => {
    expect(await show(token, { session: own })).toMatchObject({ status: 200 })
  })

  test('comes too late, in the same words whatever he shows with it', async () => {
    const otherToken = mint()
    const other = (await show(otherToken, { key: false })).accessToken
    await trust({ id: 'theirs', claims: [{ name: 'sub', value: 'https://ci.example/job/x/' }] }, 'other')
    const foreign = mint({ sub: 'https://ci.example/job/x/' })
    const theirs = await show(foreign, { key: false })
    expect(theirs).toMatchObject({ status: 201, tenant: 'other' })
    const wrong = `${own.slice(0, -1)}${own.endsWith('0') ? '1' : '0'}`
    const said = new Set<string>()
    for (const session of [
      undefined,
      other,
      theirs.accessToken,
      wrong,
      `cst_s${'0'.repeat(24)}_${'0'.repeat(64)}`,
      // An API token, even an administrator's, opened nothing.
      apiToken('acme'),
      own.toUpperCase(),
      own.replace(/^cst_s[0-9a-f]{24}/, other.slice(0, 29)),
      'x',
    ]) {
      const { requestId: _, ...refused } = await show(token, session === undefined ? {} : { session })
      expect([session, refused]).toEqual([session, expect.objectContaining(USED)])
      said.add(JSON.stringify(refused))
    }
    expect(said.size).toBe(1)
    // Nor a token of the other tenant's that its issuer gave the same id.
    const twin = mint({ jti: `again-${made - 2}`, sub: 'https://ci.example/job/x/' })
    expect(await show(twin, { session: own })).toMatchObject(USED)
    // Nor does the other's session take what is not his.
    expect(await show(otherToken, { session: own })).toMatchObject(USED)
  })

  test('is told of in the inbox, and neither token nor session is in it', async () => {
    const { accessToken } = await show(mint(), { key: false })
    await show(token, { session: accessToken })
    const inbox = await (await server.request('GET', '/v1/inbox')).text()
    expect(inbox).toContain('identity-token-used')
    for (const part of [...token.split('.'), accessToken.split('_')[2]!]) expect(inbox).not.toContain(part)
  })

  test('has a fresh token taken as ever, whatever is shown with it: it opens a session of its own', async () => {
    const fresh = await show(mint(), { session: own })
    expect(fresh.status).toBe(201)
    expect(fresh.accessToken).not.toBe(own)
  })

  test('nor over Fulcio’s API, which takes a token once, session or not', async () => {
    const ask = (given: string, session: string) =>
      server.request('POST', '/api/v2/signingCert', {
        token: null,
        headers: { authorization: `Bearer ${session}` },
        body: JSON.stringify(fulcioRequest(asking(given))),
      })
    expect(await (await ask(token, own)).json()).toMatchObject({ code: 16 })
    // What was used there opened no session.
    const fresh = mint()
    expect((await ask(fresh, own)).status).toBe(200)
    expect(await show(fresh, { session: own })).toMatchObject(USED)
  })
})

describe('T-07: it ends', () => {
  test('with the session, for whoever has both', async () => {
    await trust({ id: 'short', session: 600, claims: [{ name: 'build_number', value: '7' }] })
    const token = mint({ build_number: 7, sub: 'https://ci.example/job/short/' })
    const { accessToken, expiresAt } = await show(token)
    expect(expiresAt).toBe(at(70))
    clock.minute = 69
    expect(await show(token, { session: accessToken })).toMatchObject({ status: 200, expiresAt })
    clock.minute = 70
    expect(await show(token, { session: accessToken })).toMatchObject(USED)
  })

  test('with the token, though the session lasts', async () => {
    await trust({ id: 'long', session: 43_200, claims: [{ name: 'build_number', value: '8' }] })
    const token = mint({ build_number: 8, sub: 'https://ci.example/job/long/' })
    const { accessToken } = await show(token)
    clock.minute = 119
    expect(await show(token, { session: accessToken })).toMatchObject({ status: 200 })
    clock.minute = 122
    expect(await show(token, { session: accessToken })).toMatchObject({ status: 401, code: 'identity-token-expired' })
    expect((await server.request('GET', '/v1/keys', { token: accessToken })).status).toBe(200)
  })

  test('with its rule, and does not come back with it', async () => {
    const token = mint()
    const { accessToken } = await show(token)
    expect((await server.request('DELETE', '/v1/issuers/jenkins-rule')).status).toBe(204)
    expect(await show(token, { session: accessToken })).toMatchObject({ status: 403, code: 'issuer-unknown' })
    expect((await trust()).status).toBe(201)
    expect(await show(token, { session: accessToken })).toMatchObject(USED)
    expect(await show(mint())).toMatchObject({ status: 201 })
  })

  test(`after ${MAX_SHOWN} times, of any number at once`, async () => {
    const token = mint()
    const { accessToken } = await show(token, { key: false })
    const all: Granted[] = []
    while (all.length < MAX_SHOWN + 8) {
      const some = Array.from({ length: 33 }, () => show(token, { session: accessToken, key: false }))
      all.push(...(await Promise.all(some)))
    }
    expect(all.filter(({ status }) => status === 200)).toHaveLength(MAX_SHOWN - 1)
    expect(all.at(-1)).toMatchObject(USED)
  })
})

test('T-07: no more is kept of a token and its session than digests', async () => {
  const token = mint()
  const { accessToken } = await show(token)
  await show(token, { session: accessToken })
  const held = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name)))
  const { jti } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { jti: string }
  expect(held.length).toBeGreaterThan(2)
  for (const bytes of held) {
    for (const secret of [accessToken.split('_')[2]!, jti]) expect(bytes.includes(secret)).toBe(false)
  }
})
