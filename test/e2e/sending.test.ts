import { once } from 'node:events'
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { isDisclosure, isReceipt, parseChainFile } from '@countersign/formats'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { Bench } from './cli.ts'

/** What is answered to a request in the server's place; `never` for nothing, null to let it through. */
type Answer = (request: string) => { readonly status: number; readonly body: object } | 'never' | null

const bench = new Bench()
const key = bench.path('build.key')
const spool = bench.path('spool')
let server: Server
let env: Record<string, string>
/** The same, through what stands in front of the server. */
let through: Record<string, string>
let front: HttpServer
let answer: Answer

beforeAll(async () => {
  server = await startServer(bench.dir('server'))
  env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: spool }
  expect(bench.cli(bench.root, ['key', 'new', key]).code).toBe(0)
  expect(bench.cli(bench.root, ['key', 'enroll', `${key}.pub`, '--name', 'build'], env).code).toBe(0)
  front = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const own = answer(`${request.method} ${request.url}`)
      if (own === 'never') return
      if (own !== null) {
        response.writeHead(own.status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(own.body))
        return
      }
      const { host: _, ...headers } = request.headers as Record<string, string>
      const body = request.method === 'GET' ? {} : { body: Buffer.concat(chunks) }
      void fetch(server.url + request.url!, { method: request.method!, headers, ...body }).then(async (reply) => {
        response.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') ?? '' })
        response.end(Buffer.from(await reply.arrayBuffer()))
      })
    })
  }).listen(0, '127.0.0.1')
  await once(front, 'listening')
  const { port } = front.address() as AddressInfo
  through = { ...env, COUNTERSIGN_URL: `http://127.0.0.1:${port}` }
})
beforeEach(() => {
  answer = () => null
  rmSync(spool, { recursive: true, force: true })
})
afterAll(async () => {
  front.closeAllConnections()
  front.close()
  await server.stop()
  bench.remove()
})

const isAppend = (request: string) => request.startsWith('POST /v1/attestations')
const waiting = () => readdirSync(spool).filter((name) => name.endsWith('.json'))
const AS_BUILD = ['run', '--json', '--step', 'build', '--pipeline', 'p', '--products', 'b.txt']
const building = (signer: string, ...more: readonly string[]) =>
  [AS_BUILD, ['--key', signer], more, ['--', 'cp', 'a.txt', 'b.txt']].flat()
const linesIn = (file: string) => parseChainFile(readFileSync(file))

test('what another job uploads while it is sent gets its receipt all the same, where the sending fails', async () => {
  const cwd = bench.checkout('beside', { 'a.txt': 'beside' })
  let isSent = false
  answer = (request) => {
    if (!isAppend(request)) return null
    if (!isSent) expect(bench.cli(bench.root, ['upload'], env).code).toBe(0)
    isSent = true
    return { status: 500, body: {} }
  }
  const ran = await bench.cliLater(cwd, building(key), through)
  expect([ran.code, JSON.parse(ran.err)]).toEqual([0, expect.objectContaining({ receipt: null })])
  expect(waiting()).toHaveLength(1)
  expect(bench.cli(bench.root, ['upload'], env).code).toBe(0)
  expect(readdirSync(spool, { recursive: true })).toEqual(['carried'])
  expect(linesIn(join(cwd, 'b.txt.chain.jsonl')).filter(isReceipt)).toHaveLength(1)
})

test('what opens a sealed step is there, though its job is killed while it is sent', async () => {
  const cwd = bench.checkout('sealed', { 'a.txt': 'sealed' })
  const arrived = new Promise<void>((done) => {
    answer = (request) => {
      if (!isAppend(request)) return null
      done()
      return 'never'
    }
  })
  const child = bench.start(cwd, building(key, '--seal', 'argv'), through)
  await arrived
  child.kill('SIGKILL')
  await once(child, 'exit')
  const [name] = waiting()
  const opens = join(spool, 'disclosed', name!.replace('.json', '.chain.jsonl'))
  expect(linesIn(opens).filter(isDisclosure)).toHaveLength(1)
})

test('where nobody can say which files a step went into, it is said where the step is', () => {
  const cwd = bench.checkout('carriers', { 'a.txt': 'carriers' })
  bench.write(join('spool', 'carried'), '')
  const ran = bench.cli(cwd, building(key, '--seal', 'argv'), { ...env, COUNTERSIGN_URL: 'http://127.0.0.1:1' })
  expect([ran.code, ran.err]).toEqual([1, expect.stringContaining(`the step is in ${spool}"`)])
  expect(waiting()).toHaveLength(1)
  expect(readdirSync(join(spool, 'disclosed'))).toHaveLength(1)
})

test('why a step is refused is told where it cannot be put with the refused', () => {
  const cwd = bench.checkout('unkept', { 'a.txt': 'unkept' })
  bench.write(join('spool', 'refused'), '')
  const stranger = bench.path('stranger.key')
  bench.cli(bench.root, ['key', 'new', stranger])
  const ran = bench.cli(cwd, building(stranger), env)
  expect([ran.code, JSON.parse(ran.err)]).toEqual([
    1,
    expect.objectContaining({ refused: expect.objectContaining({ code: 'signer-unknown' }) as object, spooled: spool }),
  ])
  expect(waiting()).toHaveLength(1)
})

test('a session that may not send the steps before, which the server has and did not tell of, sends its own', async () => {
  const repo = bench.checkout('by-file', { 'a.txt': 'by file' })
  expect(bench.cli(repo, building(key), env).code).toBe(0)
  const next = bench.dir('by-file-next')
  for (const name of ['b.txt', 'b.txt.chain.jsonl']) cpSync(join(repo, name), join(next, name))
  answer = (request) => {
    if (request.startsWith('POST /v1/lookups')) return { status: 200, body: { chains: [] } }
    if (request.startsWith('GET /v1/chains/')) return { status: 404, body: { code: 'not-found' } }
    return isAppend(request) && request.includes('late') ? { status: 403, body: { code: 'token-scope' } } : null
  }
  const args = ['run', '--json', '--step', 'test', '--key', key, '--materials', 'b.txt', '--', 'true']
  const ran = await bench.cliLater(next, args, through)
  expect(JSON.parse(ran.err)).toMatchObject({ spooled: null, receipt: { late: false } })
  expect(waiting()).toEqual([])
})
