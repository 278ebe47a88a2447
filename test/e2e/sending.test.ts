import { once } from 'node:events'
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isDisclosure, isReceipt, parseChainFile } from '@countersign/formats'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { Bench } from './cli.ts'
import { Front } from './front.ts'

const bench = new Bench()
const key = bench.path('build.key')
const spool = bench.path('spool')
let server: Server
let env: Record<string, string>
/** The same, through what stands in front of the server. */
let through: Record<string, string>
let front: Front

beforeAll(async () => {
  server = await startServer(bench.dir('server'))
  env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: spool }
  expect(bench.cli(bench.root, ['key', 'new', key]).code).toBe(0)
  expect(bench.cli(bench.root, ['key', 'enroll', `${key}.pub`, '--name', 'build'], env).code).toBe(0)
  front = await Front.before(server.url)
  through = { ...env, COUNTERSIGN_URL: front.url }
})
beforeEach(() => {
  front.answer = () => null
  rmSync(spool, { recursive: true, force: true })
})
afterAll(async () => {
  front.stop()
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
  front.answer = (request) => {
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
    front.answer = (request) => {
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
  front.answer = (request) => {
    if (request.startsWith('POST /v1/lookups')) return { status: 200, body: { chains: [] } }
    if (request.startsWith('GET /v1/chains/')) return { status: 404, body: { code: 'not-found' } }
    return isAppend(request) && request.includes('late') ? { status: 403, body: { code: 'token-scope' } } : null
  }
  const args = ['run', '--json', '--step', 'test', '--key', key, '--materials', 'b.txt', '--', 'true']
  const ran = await bench.cliLater(next, args, through)
  expect(JSON.parse(ran.err)).toMatchObject({ spooled: null, receipt: { late: false } })
  expect(waiting()).toEqual([])
})
