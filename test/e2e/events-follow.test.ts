import { createServer, request as requestTo } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { Bench } from './cli.ts'

const bench = new Bench()
let server: Server
const ALL = 1_000

beforeAll(async () => {
  server = await startServer(bench.dir('server'))
})
afterAll(async () => {
  await server.stop()
  bench.remove()
})

/** Has something refused, each time something else: an event each. */
async function refuse(from: number, to: number): Promise<void> {
  for (let i = from; i < to; i += 20) {
    const some = Array.from({ length: Math.min(20, to - i) }, (_, n) => i + n)
    await Promise.all(
      some.map(async (n) => {
        const headers = { authorization: `Bearer ${server.token}` }
        const reply = await fetch(`${server.url}/v1/attestations`, { method: 'POST', headers, body: `noise ${n}` })
        expect(reply.status).toBe(422)
        await reply.arrayBuffer()
      }),
    )
  }
}

function follow(url: string, cursor: string | null = null) {
  const env = { COUNTERSIGN_URL: url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: bench.path('spool') }
  const begin = cursor === null ? [] : ['--cursor', cursor]
  const args = ['events', '--follow', ...begin, '--type', 'step.refused', '--format', 'json']
  const child = bench.start(bench.root, args, env)
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  return {
    ids: () =>
      out
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as { eventId: string }).eventId),
    err: () => err,
    stop: () => child.kill('SIGTERM'),
  }
}

/** Stands before the server, and lets no stream through, as some do; counts what is asked of it. */
async function withoutStreams() {
  const asked: string[] = []
  const proxy = createServer((request, response) => {
    const { accept = '' } = request.headers
    asked.push(accept)
    const to = new URL(request.url!, server.url)
    const headers = { ...request.headers, host: to.host, accept: 'application/json' }
    const onward = requestTo(to, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.writeHead(502).end())
    request.pipe(onward)
  })
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked, close: () => proxy.close() }
}

test('who follows misses nothing and is told nothing twice, though the server is started again meanwhile', async () => {
  const port = new URL(server.url).port
  const first = follow(server.url, 'r0')
  const proxy = await withoutStreams()
  const paged = follow(proxy.url, 'r0')
  await refuse(0, 300)
  await expect.poll(() => first.ids().length, { timeout: 60_000 }).toBeGreaterThan(0)
  for (const [from, to] of [
    [300, 600],
    [600, ALL],
  ] as const) {
    // In the middle of what it tells.
    await server.stop()
    // Away for as long as it takes to be noticed.
    await expect.poll(first.err).toContain('it is asked again')
    server = await startServer(bench.dir('server'), ['--port', port])
    await refuse(from, to)
  }
  const expected = Array.from({ length: ALL }, (_, n) => `r${n + 1}`)
  for (const one of [first, paged]) {
    await expect.poll(() => one.ids().length, { timeout: 90_000, interval: 250 }).toBeGreaterThanOrEqual(ALL)
    expect(one.ids()).toEqual(expected)
    one.stop()
  }
  // One who is let have no stream asks for pages, and for a stream now and then only.
  expect(proxy.asked.filter((accept) => accept === 'text/event-stream').length).toBeLessThan(5)
  proxy.close()
}, 240_000)
