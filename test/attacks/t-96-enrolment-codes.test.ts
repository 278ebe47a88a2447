import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { publicKeyPem } from '@countersign/core'
import { createApp } from '../../server/app.ts'
import { at, type Party, party, possession } from '../pipeline.ts'
import { codeOf, openTestServer, type TestServer, token } from '../server.ts'

// Codes that let a key in (T-96): guessed, replayed, stolen on their way, raced, and used against another tenant.

interface Invited {
  readonly id: string
  readonly code: string
}

let server: TestServer
let now: number
/** The bound on attempts is by this clock: each test has its own second, and its own app. */
let app: ReturnType<typeof createApp>
let ms: number
beforeEach(async () => {
  now = 0
  ms = 0
  server = await openTestServer({ tenants: ['acme', 'other'], now: () => at(now) })
  app = createApp({ deps: server.deps, log: () => undefined, clock: () => ms, stopping: () => false })
})
afterEach(() => server.close())

async function invite(more: { tenant?: string; uses?: number; name?: string } = {}): Promise<Invited> {
  const body = JSON.stringify({ name: more.name ?? 'runner', lifetime: 3600, uses: more.uses ?? 1 })
  const reply = await server.request('POST', '/v1/invitations', { token: token(more.tenant ?? 'acme'), body })
  expect(reply.status).toBe(201)
  return (await reply.json()) as Invited
}

const send = (body: object) =>
  Promise.resolve(app.request('/v1/enrolments', { method: 'POST', body: JSON.stringify(body) }))
const enrol = (by: Party, { id, code }: Invited, more: object = {}) =>
  send({ code, publicKey: publicKeyPem(by.publicKey), proof: possession(by, id), ...more })
const names = async (tenant = 'acme') => (await server.store.keys(tenant)).map(({ name }) => name)

/** All that a caller sees, but for the id of the request. */
async function seen(reply: Response): Promise<unknown> {
  const body = { ...((await reply.json()) as object), requestId: '' }
  return { status: reply.status, headers: [...reply.headers].filter(([name]) => name !== 'x-request-id'), body }
}

describe('a code that lets no key in', () => {
  test('is refused in the same words, whyever', async () => {
    const [used, expired, old] = [await invite(), await invite(), await invite()]
    expect((await enrol(party('first'), used)).status).toBe(201)
    now = 59
    const [fresh, withdrawn] = [await invite(), await invite()]
    await server.request('POST', `/v1/invitations/${withdrawn.id}/withdraw`)
    now = 61
    const wrong = { id: fresh.id, code: `cse_${fresh.id}_${'0'.repeat(64)}` }
    const swapped = { id: fresh.id, code: `cse_${fresh.id}_${used.code.slice(-64)}` }
    const unknown = { id: '0'.repeat(12), code: `cse_${'0'.repeat(12)}_${old.code.slice(-64)}` }
    const answers = new Set<string>()
    for (const one of [used, expired, old, withdrawn, wrong, swapped, unknown]) {
      answers.add(JSON.stringify(await seen(await enrol(party('x'), one))))
    }
    expect(answers.size).toBe(1)
    expect([...answers][0]).toContain('enrolment-invalid')
    expect(await names()).toEqual(['runner'])
    // Positive control.
    expect((await enrol(party('x'), fresh)).status).toBe(201)
  })

  test('as is what is no code at all', async () => {
    const by = party('x')
    const good = await invite()
    const secret = good.code.slice(-64)
    const bad = [
      '',
      good.id,
      good.code.toUpperCase(),
      ` ${good.code}`,
      `${good.code}0`,
      `cst_${good.id}_${secret}`,
      `cse_${good.id}_`,
      `cse_${good.id}%_${secret}`,
      token('acme'),
    ]
    for (const code of bad)
      expect([code, await codeOf(enrol(by, { ...good, code }))]).toEqual([code, 'enrolment-invalid'])
    for (const code of [null, 1, [good.code], { code: good.code }]) {
      expect(await codeOf(enrol(by, good, { code }))).toBe('enrolment-invalid')
    }
    expect(await codeOf(enrol(by, good, { name: 'admin' }))).toBe('request-invalid')
    expect(await names()).toEqual([])
  })
})

describe('a code that somebody else has seen', () => {
  test('does not let another key in once it was used, and the same one only again', async () => {
    const [owner, thief] = [party('owner'), party('thief')]
    const invited = await invite()
    expect((await enrol(owner, invited)).status).toBe(201)
    expect(await codeOf(enrol(thief, invited))).toBe('enrolment-invalid')
    const again = await enrol(owner, invited)
    expect([again.status, await again.json()]).toEqual([201, { keyId: owner.publicKey.keyId, name: 'runner' }])
    expect(await names()).toEqual(['runner'])
  })

  test('does not enrol a key that its sender does not hold, nor by a proof from elsewhere', async () => {
    const [owner, thief] = [party('owner', 'ed25519'), party('thief', 'ed25519')]
    const [one, two] = [await invite(), await invite({ uses: 2 })]
    const key = publicKeyPem(owner.publicKey)
    // The key of another under a name of his own: he would claim what that one signs.
    const proofs: readonly [string, string][] = [
      ['of his own key', possession(thief, one.id)],
      ['of his own key, over the other', possession(thief, one.id, owner.publicKey.keyId)],
      ['for another code', possession(owner, two.id)],
      ['for an administrator', possession(owner, null)],
      ['bent', possession(owner, one.id).replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))],
      ['empty', ''],
    ]
    for (const [what, proof] of proofs) {
      expect([what, await codeOf(send({ code: one.code, publicKey: key, proof }))]).toEqual([what, 'signature-invalid'])
    }
    // Whether the code is good is not told by it.
    const never = { id: one.id, code: `cse_${one.id}_${'0'.repeat(64)}` }
    expect(await codeOf(enrol(owner, never, { proof: possession(thief, one.id) }))).toBe('signature-invalid')
    expect(await names()).toEqual([])
    expect((await enrol(owner, one)).status).toBe(201)
  })

  test('has one winner, however many come at once', async () => {
    const invited = await invite()
    const parties = Array.from({ length: 16 }, (_, i) => party(`p${i}`))
    const replies = await Promise.all(parties.map((by) => enrol(by, invited)))
    const statuses = replies.map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(1)
    expect(statuses.filter((status) => status === 401)).toHaveLength(15)
    const [winner] = await server.store.keys('acme')
    expect(winner!.key.keyId).toBe(parties[statuses.indexOf(201)]!.publicKey.keyId)
    expect(await names()).toHaveLength(1)
  })

  test('is good for enrolling and for nothing else, in the tenant that made it', async () => {
    const invited = await invite()
    for (const given of [invited.code, invited.code.replace('cse_', 'cst_')]) {
      expect((await server.request('GET', '/v1/keys', { token: given })).status).toBe(401)
    }
    const by = party('x')
    const body = { code: invited.code, publicKey: publicKeyPem(by.publicKey), proof: possession(by, invited.id) }
    const reply = await app.request('/v1/enrolments', {
      method: 'POST',
      headers: { authorization: `Bearer ${token('other')}`, 'x-tenant': 'other' },
      body: JSON.stringify(body),
    })
    expect(reply.status).toBe(201)
    expect([await names(), await names('other')]).toEqual([['runner'], []])
    // The other tenant neither sees nor ends it.
    const open = await invite()
    const foreign = { token: token('other') }
    expect(await (await server.request('GET', '/v1/invitations', foreign)).json()).toEqual({ items: [] })
    expect((await server.request('POST', `/v1/invitations/${open.id}/withdraw`, foreign)).status).toBe(404)
    for (const scope of ['read', 'append']) {
      const held = { token: token('acme', scope), body: JSON.stringify({ name: 'x', lifetime: 60, uses: 1 }) }
      expect(await codeOf(server.request('POST', '/v1/invitations', held))).toBe('token-scope')
    }
    expect((await enrol(party('y'), open)).status).toBe(201)
  })

  test('is nowhere once it was shown', async () => {
    const invited = await invite()
    const secret = invited.code.slice(-64)
    const listed = await (await server.request('GET', '/v1/invitations')).text()
    expect([listed.includes(invited.id), listed.includes(secret)]).toEqual([true, false])
    await enrol(party('x'), invited)
    await server.store.ready()
    for (const file of [server.file, `${server.file}-wal`]) {
      const bytes = readFileSync(file)
      expect([bytes.includes(secret), bytes.includes(Buffer.from(secret, 'hex'))]).toEqual([false, false])
    }
    // Red control: its id is there.
    expect(readFileSync(`${server.file}-wal`).includes(invited.id)).toBe(true)
  })
})

describe('guessing codes', () => {
  test('is bounded by the second, and gives way again', async () => {
    const by = party('x')
    const good = await invite()
    const guess = { id: good.id, code: `cse_${good.id}_${'1'.repeat(64)}` }
    const codes: string[] = []
    for (let i = 0; i < 100; i++) codes.push(await codeOf(enrol(by, guess)))
    expect(codes.filter((code) => code === 'enrolment-invalid')).toHaveLength(60)
    expect(codes.slice(60).every((code) => code === 'server-busy')).toBe(true)
    const busy = await enrol(by, good)
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '1'])
    ms += 1_000
    const after: string[] = []
    for (let i = 0; i < 30; i++) after.push(await codeOf(enrol(by, guess)))
    expect(after.filter((code) => code === 'enrolment-invalid')).toHaveLength(20)
    // However many wrong ones there were, the right one is right.
    ms += 1_000
    expect((await enrol(by, good)).status).toBe(201)
  })
})
