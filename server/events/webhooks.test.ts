import { createHmac, createPublicKey, verify } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { verifyWebhook } from '@countersign/client'
import { Hook } from '../../test/hook.ts'
import { at, honestRun, type Run } from '../../test/pipeline.ts'
import { codeOf, openTestServer, type TestServer, token } from '../../test/server.ts'

let server: TestServer
let hook: Hook
let run: Run
let now = Date.parse(at(60))
const PACE = { firstMs: 1_000, longestMs: 60_000, tries: 3, disableMs: 3_600_000 }

const opened = (directory?: string) =>
  openTestServer({
    tenants: ['acme', 'other'],
    now: () => new Date(now).toISOString(),
    allowed: [hook.host],
    events: { pace: PACE },
    ...(directory === undefined ? {} : { directory }),
  })
beforeEach(async () => {
  now = Date.parse(at(60))
  hook = await Hook.open()
  server = await opened()
  await server.deps.events.webhooks.start()
  run = honestRun()
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
})
afterEach(async () => {
  await hook.close()
  await server.close()
})

interface Listed {
  readonly id: string
  readonly url: string
  readonly state: string
  readonly fault: string | null
  readonly events: string[]
  readonly publicKey: string
  readonly secret: string
}
interface Listing {
  readonly event: string
  readonly state: string
  readonly tries: number
  readonly status: number | null
}
const post = (path: string, value: object, own = token('acme')) =>
  server.request('POST', `/v1/webhooks${path}`, { token: own, body: JSON.stringify(value) })
const add = async (more: object = {}) => {
  const types = ['step.*', 'contract.*', 'webhook.*']
  const reply = await post('', { url: `http://${hook.host}/in?key=1`, types, ...more })
  expect(reply.status).toBe(201)
  return (await reply.json()) as Listed
}
const list = async (own = token('acme')) =>
  ((await (await server.request('GET', '/v1/webhooks', { token: own })).json()) as { items: Listed[] }).items
const deliveries = async (id: string) =>
  ((await (await server.request('GET', `/v1/webhooks/${id}/deliveries`)).json()) as { items: Listing[] }).items
const accept = async (step: number, one = run) => {
  expect((await server.append(one.steps[step]!.bundle)).status).toBe(201)
}
/** Lets the lanes go on until they rest. */
const settle = async () => {
  server.deps.events.pulse.wake()
  await server.deps.events.webhooks.rested()
}

describe('webhooks', () => {
  test('are told what happens from then on, each event once, signed as Standard Webhooks are', async () => {
    await accept(0)
    const made = await add()
    expect(made).toMatchObject({ state: 'on', url: `http://${hook.host}/in?…` })
    await accept(1)
    await accept(2)
    await settle()
    await settle()
    expect(hook.events.map(({ id }) => id).toSorted()).toEqual(['s1', 's2'])
    const [call] = hook.calls
    expect(call).toMatchObject({ path: '/in?key=1', headers: { 'content-type': 'application/cloudevents+json' } })
    const id = call!.headers['webhook-id'] as string
    const time = call!.headers['webhook-timestamp'] as string
    expect([id, time]).toEqual([expect.stringMatching(/^msg_[0-9a-f]{32}$/), String(now / 1000)])
    const [v1, v1a] = (call!.headers['webhook-signature'] as string).split(' ')
    const signed = `${id}.${time}.${call!.body}`
    const secret = Buffer.from(made.secret.slice('whsec_'.length), 'base64')
    expect(v1).toBe(`v1,${createHmac('sha256', secret).update(signed).digest('base64')}`)
    const x = Buffer.from(made.publicKey.slice('whpk_'.length), 'base64').toString('base64url')
    const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } })
    expect(verify(null, Buffer.from(signed), key, Buffer.from(v1a!.slice('v1a,'.length), 'base64'))).toBe(true)
    expect((await deliveries(made.id)).map(({ state, status }) => [state, status])).toEqual([
      ['delivered', 204],
      ['delivered', 204],
    ])
  })

  test('tell only what is asked for, and nothing of others', async () => {
    await add({ types: ['step.refused', 'conflict'] })
    await server.enrol([run.who.github], 'other')
    await accept(0)
    await server.request('POST', '/v1/attestations', { body: 'refused' })
    await server.request('POST', '/v1/attestations', { body: 'refused elsewhere', token: token('other') })
    await settle()
    expect(hook.events.map(({ type }) => type)).toEqual(['dev.countersign.step.refused'])
  })

  test('lose nothing where the endpoint is down, and hold nobody up', async () => {
    const dead = await add()
    await add({ url: `http://127.0.0.1:${hook.port}/well` })
    hook.answer = ({ path }) => (path.startsWith('/in') ? { status: 503 } : { status: 200 })
    for (const step of [0, 1, 2, 3]) {
      await accept(step)
      await settle()
    }
    const well = () =>
      hook.calls.filter(({ path }) => path === '/well').map(({ body }) => (JSON.parse(body) as { id: string }).id)
    expect(well()).toEqual(['s0', 's1', 's2', 's3'])
    // One try, and then it is left alone for a while.
    expect(hook.calls.filter(({ path }) => path !== '/well').length).toBe(1)
    expect((await list())[0]).toMatchObject({ id: dead.id, state: 'failing', fault: 'it answered HTTP 503' })
    hook.answer = () => ({ status: 200 })
    now += 60_000
    await settle()
    await settle()
    const told = hook.calls
      .filter(({ path }) => path !== '/well')
      .map(({ body }) => (JSON.parse(body) as { id: string }).id)
    expect([...new Set(told)].toSorted()).toEqual(['s0', 's1', 's2', 's3'])
    expect(told.filter((id) => id === 's0').length).toBe(2)
    // Sent again it is the same message at another time (T-96).
    const same = hook.calls.filter(({ path, body }) => path !== '/well' && body.includes('"id":"s0"'))
    expect(same[0]!.headers['webhook-id']).toBe(same[1]!.headers['webhook-id'])
    expect(same[0]!.headers['webhook-timestamp']).not.toBe(same[1]!.headers['webhook-timestamp'])
    expect((await list())[0]).toMatchObject({ state: 'on', fault: null })
  })

  test('keep what is refused as dead letters, tell the others meanwhile, and tell it again when asked', async () => {
    const made = await add()
    hook.answer = ({ body }) => ({ status: body.includes('"id":"s0"') ? 422 : 200 })
    for (const step of [0, 1]) await accept(step)
    await settle()
    for (let i = 0; i < 3; i++) {
      now += 120_000
      await settle()
    }
    expect((await deliveries(made.id)).map(({ event, state, tries }) => [event, state, tries]).toSorted()).toEqual([
      ['s0', 'dead', 3],
      ['s1', 'delivered', 1],
    ])
    hook.answer = () => ({ status: 200 })
    now += 3_600_000
    await settle()
    expect(hook.calls.length).toBe(4)
    expect(await (await post(`/${made.id}/replay`, { dead: true })).json()).toEqual({ waiting: 1 })
    await settle()
    expect((await deliveries(made.id)).every(({ state }) => state === 'delivered')).toBe(true)
    // And everything since a time.
    expect((await post(`/${made.id}/replay`, { since: at(59) })).status).toBe(200)
    await settle()
    expect(hook.events.slice(5).map(({ id }) => id)).toEqual(expect.arrayContaining(['s0', 's1', 'c1']))
    for (const wrong of [{}, { dead: false }, { dead: true, since: at(0) }, { events: [7] }, { since: 'now' }])
      expect(await codeOf(post(`/${made.id}/replay`, wrong))).toBe('request-invalid')
  })

  test('are turned off after long failure, which is told, and go on from there when they are turned on', async () => {
    const made = await add({ types: ['step.accepted'] })
    await add({ url: `http://${hook.host}/watch`, types: ['webhook.disabled'] })
    hook.answer = ({ path }) => ({ status: path === '/watch' ? 200 : 500 })
    await accept(0)
    await settle()
    for (let i = 0; i < 4; i++) {
      now += PACE.disableMs / 2
      await settle()
    }
    await settle()
    const tries = hook.calls.filter(({ path }) => path !== '/watch').length
    expect(await list()).toMatchObject([{ state: 'off', fault: 'it answered HTTP 500' }, { state: 'on' }])
    expect(
      hook.calls.filter(({ path }) => path === '/watch').map(({ body }) => JSON.parse(body) as object),
    ).toMatchObject([{ type: 'dev.countersign.webhook.disabled', data: { webhook: made.id } }])
    await accept(1)
    await settle()
    expect(hook.calls.filter(({ path }) => path !== '/watch').length).toBe(tries)
    hook.answer = () => ({ status: 200 })
    await post(`/${made.id}/replay`, { dead: true })
    await settle()
    expect(new Set(hook.events.slice(tries).map(({ id }) => id))).toEqual(
      new Set([expect.stringMatching(/^n/), 's0', 's1']),
    )
  })

  test('stop at once where the endpoint is gone', async () => {
    await add()
    hook.answer = () => ({ status: 410 })
    await accept(0)
    await settle()
    expect(await list()).toMatchObject([{ state: 'off' }])
  })

  test('go on where they were after a restart, and after a crash with the same ids', async () => {
    const made = await add()
    await accept(0)
    await settle()
    expect(hook.events.map(({ id }) => id)).toEqual(['s0'])
    // What was told is not written down any more: the store is as it was.
    const store = server.deps.store.events.webhooks
    const { told } = store
    const cut = new Promise<void>((done) => {
      store.told = () => {
        done()
        return new Promise(() => undefined)
      }
    })
    await accept(1)
    server.deps.events.pulse.wake()
    await hook.called(2)
    await cut
    store.told = told
    const [held] = await store.list('acme')
    expect(held!.progress.cursor).toMatch(/^s1r/)
    const id = hook.calls[1]!.headers['webhook-id']
    await post(`/${made.id}/rotate`, {})
    await hook.called(3)
    expect(hook.calls[2]!.headers['webhook-id']).toBe(id)
    expect(hook.events.map((event) => event.id)).toEqual(['s0', 's1', 's1'])
  })

  test('rotate their secrets: both count for a day, and then the new one', async () => {
    const made = await add()
    const { secret } = (await (await post(`/${made.id}/rotate`, {})).json()) as { secret: string }
    const by = async (secrets: string[]) => {
      const { headers, body } = hook.calls.at(-1)!
      const request = {
        headers: { get: (name: string) => headers[name] as string },
        body: new TextEncoder().encode(body),
      }
      return verifyWebhook(request, secrets, now).then(
        () => true,
        () => false,
      )
    }
    await post(`/${made.id}/test`, {})
    expect([await by([made.secret]), await by([secret]), await by([`whsec_${'A'.repeat(44)}`])]).toEqual([
      true,
      true,
      false,
    ])
    now += 25 * 3_600_000
    await post(`/${made.id}/test`, {})
    expect([await by([made.secret]), await by([secret])]).toEqual([false, true])
  })

  test('are tested, listed and removed by their own tenant alone', async () => {
    const made = await add()
    expect(await (await post(`/${made.id}/test`, {})).json()).toEqual({ ok: true, status: 204, fault: null })
    expect(hook.events).toMatchObject([{ type: 'dev.countersign.webhook.test', subject: made.id }])
    expect(JSON.stringify(await list())).not.toContain(made.secret)
    expect(await list(token('other'))).toEqual([])
    for (const path of ['/test', '/rotate'])
      expect(await codeOf(post(`/${made.id}${path}`, {}, token('other')))).toBe('not-found')
    expect(await codeOf(post(`/${made.id}/replay`, { dead: true }, token('other')))).toBe('not-found')
    const remove = (own: string) => server.request('DELETE', `/v1/webhooks/${made.id}`, { token: own })
    expect(await codeOf(remove(token('other')))).toBe('not-found')
    expect(await codeOf(remove(token('acme', 'read')))).toBe('token-scope')
    expect((await remove(token('acme'))).status).toBe(204)
    await accept(0)
    await settle()
    expect(hook.calls.length).toBe(1)
  })

  test('keep no secret that the database alone gives away', async () => {
    const made = await add()
    const [held] = await server.deps.store.events.webhooks.list('acme')
    expect(held!.own.secrets[0]!.secret).toBe(made.secret)
    const { default: Database } = await import('better-sqlite3')
    const db = new Database(server.file, { readonly: true })
    const { sealed } = db.prepare<[], { sealed: Buffer }>('SELECT sealed FROM webhooks').get()!
    db.close()
    expect(sealed.includes('whsec_')).toBe(false)
    expect(sealed.includes('/in')).toBe(false)
  })

  test('are as many as there may be', async () => {
    for (let i = 0; i < 20; i++) await add()
    expect(await codeOf(post('', { url: `http://${hook.host}/` }))).toBe('request-invalid')
    for (const wrong of [
      {},
      { url: 7 },
      { url: `http://${hook.host}/`, types: ['no'] },
      { url: `http://${hook.host}/`, format: 'fax' },
    ])
      expect(await codeOf(post('', wrong))).toBe('request-invalid')
    expect(await codeOf(post('', { url: 'mailto:a@example.com' }))).toBe('request-invalid')
  })
})
