import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { Bench } from './cli.ts'

const bench = new Bench()
const key = bench.path('build.key')
const spool = bench.path('spool')
let server: Server
let env: Record<string, string>
/** In front of the server: whatever is to be appended it takes, and never answers. */
let front: HttpServer
let taken: () => void
/** Answers everything with this status, where it is set. */
let busy: number | null = null

beforeAll(async () => {
  server = await startServer(bench.dir('server'))
  env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: spool }
  expect(bench.cli(bench.root, ['key', 'new', key]).code).toBe(0)
  expect(bench.cli(bench.root, ['key', 'enroll', `${key}.pub`, '--name', 'build'], env).code).toBe(0)
  front = createServer((request, response) => {
    if (busy !== null) return response.writeHead(busy).end()
    if (request.method === 'POST' && request.url === '/v1/attestations') return taken()
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { host: _, ...headers } = request.headers as Record<string, string>
      const body = request.method === 'GET' ? {} : { body: Buffer.concat(chunks) }
      void fetch(server.url + request.url!, { method: request.method!, headers, ...body }).then(async (reply) => {
        response.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') ?? '' })
        response.end(Buffer.from(await reply.arrayBuffer()))
      })
    })
  }).listen(0, '127.0.0.1')
  await once(front, 'listening')
})
afterAll(async () => {
  front.closeAllConnections()
  front.close()
  await server.stop()
  bench.remove()
})

const waiting = () => (existsSync(spool) ? readdirSync(spool).filter((name) => name.endsWith('.json')) : [])

test.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
  'a step whose job is cancelled (%s) while the server takes its time is not lost',
  async (signal) => {
    const cwd = bench.checkout(`job-${signal}`, { 'a.txt': signal })
    const arrived = new Promise<void>((done) => (taken = done))
    const args = ['run', '--step', 'build', '--pipeline', 'p', '--key', key, '--products', 'b.txt', '--']
    const { port } = front.address() as AddressInfo
    const slow = { ...env, COUNTERSIGN_URL: `http://127.0.0.1:${port}` }
    const child = bench.start(cwd, [...args, 'cp', 'a.txt', 'b.txt'], slow)
    await arrived
    child.kill(signal)
    await once(child, 'exit')
    expect(waiting()).toHaveLength(1)
    expect(bench.cli(bench.root, ['upload'], env)).toMatchObject({ code: 0 })
    expect(waiting()).toEqual([])
    expect(bench.cli(cwd, ['verify', 'b.txt'], env)).toMatchObject({ code: 0 })
  },
)

test.each([500, 429])(
  'a server that answers everybody with %i is as good as down: the step goes on, and waits',
  async (status) => {
    busy = status
    const cwd = bench.checkout(`busy-${status}`, { 'a.txt': `${status}` })
    const args = ['run', '--step', 'build', '--pipeline', 'p', '--key', key, '--products', 'b.txt', '--']
    const { port } = front.address() as AddressInfo
    const ran = await bench.cliLater(cwd, [...args, 'cp', 'a.txt', 'b.txt'], {
      ...env,
      COUNTERSIGN_URL: `http://127.0.0.1:${port}`,
    })
    busy = null
    expect(ran).toMatchObject({ code: 0, err: expect.stringContaining('send it with: countersign upload') as string })
    expect(bench.cli(bench.root, ['upload'], env)).toMatchObject({ code: 0 })
    expect(waiting()).toEqual([])
  },
)

test('where the server has a step, and its chain file cannot be written, nobody is told to run it again', () => {
  const cwd = bench.checkout('unwritable', { 'a.txt': 'unwritable' })
  mkdirSync(join(cwd, 'b.txt.chain.jsonl'))
  const args = ['run', '--step', 'build', '--pipeline', 'p', '--key', key, '--products', 'b.txt', '--']
  const ran = bench.cli(cwd, [...args, 'cp', 'a.txt', 'b.txt'], env)
  expect([ran.code, ran.err]).toEqual([
    1,
    expect.stringMatching(/; the server has the step\n[^]*fix {2}Nothing is to be run/),
  ])
  expect(waiting()).toEqual([])
  rmdirSync(join(cwd, 'b.txt.chain.jsonl'))
  expect(bench.cli(cwd, ['verify', 'b.txt'], env)).toMatchObject({ code: 0 })
})

test('a step that the server has taken, or refused, waits no more', () => {
  const cwd = bench.checkout('answered', { 'a.txt': 'answered' })
  const run = (signer: string, ...more: readonly string[]) =>
    bench.cli(cwd, ['run', '--step', 'build', '--pipeline', 'p', '--key', signer, ...more, '--', 'true'], env)
  expect(run(key).code).toBe(0)
  expect(waiting()).toEqual([])
  const stranger = bench.path('stranger.key')
  bench.cli(bench.root, ['key', 'new', stranger])
  expect(run(stranger, '--attempt', '2').code).toBe(1)
  expect(waiting()).toEqual([])
  const refused = readdirSync(join(spool, 'refused')).filter((name) => name.endsWith('.reason.json'))
  expect(refused.map((name) => readFileSync(join(spool, 'refused', name), 'utf8'))).toEqual([
    expect.stringContaining('signer-unknown'),
  ])
})
