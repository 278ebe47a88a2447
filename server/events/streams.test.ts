import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EventClient } from '../../test/event-stream.ts'
import { honestRun, type Run } from '../../test/pipeline.ts'
import { codeOf, openTestServer, type TestServer, token } from '../../test/server.ts'

let server: TestServer
let run: Run
const clients: EventClient[] = []

beforeEach(async () => {
  const bounds = { ofTenant: 2, all: 3, heartbeat: 20, life: 3_600_000 }
  server = await openTestServer({ tenants: ['acme', 'other', 'third'], events: { bounds } })
  run = honestRun()
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close().catch(() => undefined)
  await server.close()
})

const open = (headers: Record<string, string> = {}, own = token('acme'), query = '?type=step.*,key.*') =>
  server.request('GET', `/v1/events${query}`, { token: own, headers: { accept: 'text/event-stream', ...headers } })
const follow = async (...given: Parameters<typeof open>) => {
  const response = await open(...given)
  expect(response.status).toBe(200)
  const client = new EventClient(response)
  clients.push(client)
  return client
}
/** The next that tells something. */
const told = async (client: EventClient) => {
  for (;;) {
    const block = await client.next()
    if (block === null || block.data !== null) return block
  }
}
const append = async (step: number, one = run) => {
  expect((await server.append(one.steps[step]!.bundle)).status).toBe(201)
  server.deps.events.pulse.beat()
}

describe('a stream of events', () => {
  test('tells what happens from now on, and is alive in between', async () => {
    const response = await open()
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const client = new EventClient(response)
    clients.push(client)
    const first = await client.next()
    expect(first).toMatchObject({ id: expect.stringMatching(/^s0r1/), data: null })
    await append(0)
    expect((await told(client))?.data).toMatchObject({ id: 's0', type: 'dev.countersign.step.accepted' })
    expect(await client.next()).toEqual({ id: null, data: null })
    await append(1)
    expect((await told(client))?.data?.id).toBe('s1')
  })

  test('goes on from the last event that came, or where it began where none did', async () => {
    const one = await follow()
    const begun = (await one.next())!.id!
    await append(0)
    const last = (await told(one))!.id!
    await one.close()
    await append(1)
    await append(2)
    for (const [from, ids] of [
      [last, ['s1', 's2']],
      [begun, ['s0', 's1', 's2']],
    ] as const) {
      const again = await follow({ 'last-event-id': from })
      const got: string[] = []
      while (got.length < ids.length) got.push((await told(again))!.data!.id)
      expect(got).toEqual(ids)
      await again.close()
    }
    expect(await codeOf(open({ 'last-event-id': 'made up' }))).toBe('request-invalid')
  })

  test('is of one tenant, of what is asked for, and one of a few', async () => {
    await follow({}, token('acme'), '?type=erased')
    const foreign = await follow({}, token('other'))
    const own = await follow({}, token('acme'))
    expect(await codeOf(open())).toBe('server-busy')
    // Of others there is room neither: those are all.
    expect(await codeOf(open({}, token('third')))).toBe('server-busy')
    await append(0)
    expect((await told(own))!.data!.id).toBe('s0')
    await own.close()
    await follow({}, token('third'))
    await server.enrol([run.who.github], 'other')
    server.deps.events.pulse.beat()
    expect((await told(foreign))!.data!.type).toBe('dev.countersign.key.enrolled')
  })

  test('is not open for whoever asks for its head alone', async () => {
    const headers = { accept: 'text/event-stream' }
    for (let i = 0; i < 4; i++) expect((await server.request('HEAD', '/v1/events', { headers })).status).toBe(200)
    expect(server.deps.events.streams.size).toBe(0)
    // Others have their places.
    await (await follow()).close()
  })

  test('reads nothing ahead of a client that does not read', async () => {
    const response = await open()
    const before = server.deps.events.reader.page.bind(server.deps.events.reader)
    let pages = 0
    server.deps.events.reader.page = (...given) => {
      pages++
      return before(...given)
    }
    for (let i = 0; i < 4; i++) await append(i)
    await new Promise((done) => setTimeout(done, 60))
    expect(pages).toBe(0)
    const client = new EventClient(response)
    clients.push(client)
    for (let i = 0; i < 4; i++) expect((await told(client))!.data!.id).toBe(`s${i}`)
    expect(pages).toBe(1)
  })

  test('ends when its token does', async () => {
    const made = (await (
      await server.request('POST', '/v1/tokens', { body: JSON.stringify({ scopes: ['read'] }) })
    ).json()) as { id: string; token: string }
    const client = await follow({}, made.token)
    expect(await client.next()).not.toBeNull()
    await server.request('DELETE', `/v1/tokens/${made.id}`)
    const begun = performance.now()
    while ((await client.next()) !== null) expect(performance.now() - begun).toBeLessThan(10_000)
    expect(server.deps.events.streams.size).toBe(0)
  })

  test('ends when its token does, however much happens meanwhile, to whomever', async () => {
    const made = (await (
      await server.request('POST', '/v1/tokens', { body: JSON.stringify({ scopes: ['read'] }) })
    ).json()) as { id: string; token: string }
    const client = await follow({}, made.token)
    expect(await client.next()).not.toBeNull()
    await server.request('DELETE', `/v1/tokens/${made.id}`)
    // What somebody else writes wakes every stream, here long before its next sign of life.
    const busy = setInterval(() => server.deps.events.pulse.wake(), 4)
    try {
      const late = new Promise<'open'>((open) => setTimeout(() => open('open'), 8_000).unref())
      const ended = (async () => {
        while ((await client.next()) !== null);
        return 'ended'
      })()
      expect(await Promise.race([ended, late])).toBe('ended')
    } finally {
      clearInterval(busy)
    }
    expect(server.deps.events.streams.size).toBe(0)
  })

  test('tells nothing more to whoever may not read, though there is always more to tell', async () => {
    const made = (await (
      await server.request('POST', '/v1/tokens', { body: JSON.stringify({ scopes: ['read'] }) })
    ).json()) as { id: string; token: string }
    const client = await follow({}, made.token)
    await client.next()
    // As if something happened at every moment, for as long as anybody listens.
    await append(0)
    const { reader } = server.deps.events
    const page = reader.page.bind(reader)
    reader.page = async (tenant, from, ...rest) => {
      await new Promise((done) => setTimeout(done, 2))
      return page(tenant, { ...from, steps: 0 }, ...rest)
    }
    await server.request('DELETE', `/v1/tokens/${made.id}`)
    const begun = performance.now()
    while ((await client.next()) !== null) expect(performance.now() - begun).toBeLessThan(8_000)
    expect(server.deps.events.streams.size).toBe(0)
  })

  test('ends cleanly when the server stops', async () => {
    const clients = [await follow(), await follow({}, token('other'))]
    await append(0)
    server.deps.events.endStreams()
    for (const client of clients) while ((await client.next()) !== null);
    expect(server.deps.events.streams.size).toBe(0)
    expect(await codeOf(open())).toBe('server-stopping')
  })
})
