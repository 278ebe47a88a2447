import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at } from '../pipeline.ts'
import { newPerson, ORIGIN, postCode, signIn } from '../people.ts'
import { codeOf, openTestServer, type TestServer, token } from '../server.ts'

// T-96: a link that signs in is used twice, too late, by whatever looks at links on the way, or read out of a backup.

let server: TestServer
let now = Date.parse(at(60))

beforeAll(async () => {
  server = await openTestServer({ publicUrl: ORIGIN, now: () => new Date(now).toISOString() })
})
afterAll(() => server.close())

const refused = async (code: string) => {
  const reply = await postCode(server, code)
  const { code: why, detail } = (await reply.json()) as { code: string; detail: string }
  return [reply.status, why, detail]
}

describe('T-96: links that sign in', () => {
  test('once: of many at a time one gets in', async () => {
    const { link } = await newPerson(server, 'viewer')
    const replies = await Promise.all(Array.from({ length: 8 }, () => postCode(server, link.code)))
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, ...Array<number>(7).fill(401)])
    expect(await codeOf(postCode(server, link.code))).toBe('sign-in-invalid')
  })

  test('by no look at it: the code stands where no server sees it, and no GET takes it', async () => {
    const { link } = await newPerson(server, 'viewer')
    expect(link.url).toBe(`${ORIGIN}/sign-in#${link.code}`)
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT']) {
      // The page itself is a file, whatever is asked for beside it.
      await server.request(method, `/sign-in?code=${link.code}`, { token: null })
      for (const path of [`/v1/sign-in/link?code=${link.code}`, '/v1/sign-in/link'])
        expect((await server.request(method, path, { token: null })).status).toBeGreaterThanOrEqual(400)
    }
    expect((await postCode(server, link.code)).status).toBe(200)
  })

  test('for half an hour, not after another was made, and not for who was removed', async () => {
    const [late, again, gone] = [
      await newPerson(server, 'viewer'),
      await newPerson(server, 'viewer'),
      await newPerson(server, 'viewer'),
    ]
    const made = await server.request('POST', `/v1/people/${again.id}/links`)
    const { code } = (await made.json()) as { code: string }
    expect((await server.request('DELETE', `/v1/people/${gone.id}`)).status).toBe(204)
    now += 30 * 60_000
    const nobody = `csl_${'0'.repeat(12)}_${'0'.repeat(64)}`
    const wrong = `${late.link.code.slice(0, -64)}${'0'.repeat(64)}`
    const all = [late.link.code, again.link.code, gone.link.code, nobody, wrong, 'csl', '']
    // One answer for all of them: which there are is nobody's business.
    const answers = await Promise.all(all.map(refused))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(answers[0]!.slice(0, 2)).toEqual([401, 'sign-in-invalid'])
    now -= 60_000
    // Red control.
    expect((await postCode(server, code)).status).toBe(200)
    expect((await postCode(server, late.link.code)).status).toBe(200)
  })

  test('neither links nor cookies are in the database, or in what the audit log tells', async () => {
    const { link } = await newPerson(server, 'viewer')
    const { cookie } = await signIn(server, 'admin')
    const files = ['', '-wal'].map((end) => readFileSync(`${server.file}${end}`).toString('latin1')).join()
    const told = await (await server.request('GET', '/v1/audit?limit=200')).text()
    for (const secret of [link.code, cookie].map((text) => text.slice(-64))) {
      for (const spelling of [secret, Buffer.from(secret, 'hex').toString('latin1')]) {
        expect(files.includes(spelling)).toBe(false)
        expect(told.includes(spelling)).toBe(false)
      }
    }
    // Red control: what is there is found so.
    expect(files.includes(link.code.slice(4, 16))).toBe(true)
  })
})

describe('T-96: tokens that end', () => {
  test('count until then, and no longer, however often they were used before', async () => {
    const make = (lifetime: unknown) =>
      server.request('POST', '/v1/tokens', { body: JSON.stringify({ scopes: ['read'], lifetime }) })
    const made = (await (await make(3600)).json()) as { id: string; token: string; expiresAt: string }
    expect(made.expiresAt).toBe(new Date(now + 3_600_000).toISOString())
    const look = () => server.request('GET', '/v1/keys', { token: made.token })
    expect((await look()).status).toBe(200)
    now += 3_600_000
    expect(await codeOf(look())).toBe('token-missing')
    expect((await server.request('GET', '/v1/keys', { token: token('acme') })).status).toBe(200)
    now -= 3_600_000
    for (const bad of [0, 59, 1.5, '60', 40_000_000, -60, true]) expect((await make(bad)).status).toBe(400)
    for (const good of [60, null]) expect((await make(good)).status).toBe(201)
  })
})
