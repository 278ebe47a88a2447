import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { Bench } from './cli.ts'
import { Front } from './front.ts'

const bench = new Bench()
const key = bench.path('build.key')
const spool = bench.path('spool')
let server: Server
let env: Record<string, string>
/** Whatever is to be appended it takes, and never answers. */
let front: Front
let taken: () => void

beforeAll(async () => {
  server = await startServer(bench.dir('server'))
  env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: spool }
  expect(bench.cli(bench.root, ['key', 'new', key]).code).toBe(0)
  expect(bench.cli(bench.root, ['key', 'enroll', `${key}.pub`, '--name', 'build'], env).code).toBe(0)
  front = await Front.before(server.url)
  front.answer = (request) => {
    if (request !== 'POST /v1/attestations') return null
    taken()
    return 'never'
  }
})
afterAll(async () => {
  front.stop()
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
    const slow = { ...env, COUNTERSIGN_URL: front.url }
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
