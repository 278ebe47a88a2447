import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { Bench } from './cli.ts'
import { Front } from './front.ts'

const CONTRACT = (publicKey: string) => `contract: v1
pipeline: p
revision: 1
signers: { build: ${publicKey} }
steps:
  build: { signers: [build], products: [b.txt] }
  test: { after: [build], signers: [build], materials: [{ from: build, match: [b.txt, source] }] }
  deploy: { after: [build, test], signers: [build], materials: [{ from: build, match: [b.txt, source] }] }
final: deploy
`
const BUSY = { status: 429, body: { code: 'server-busy', detail: 'too much to do', fix: 'later' } }

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
  front = await Front.before(server.url)
  env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: spool }
  through = { ...env, COUNTERSIGN_URL: front.url }
  expect(bench.cli(bench.root, ['key', 'new', key]).code).toBe(0)
  expect(bench.cli(bench.root, ['key', 'enroll', `${key}.pub`, '--name', 'build'], env).code).toBe(0)
})
beforeEach(() => {
  front.answer = () => null
})
afterAll(async () => {
  front.stop()
  await server.stop()
  bench.remove()
})

const step = (name: string, ...more: readonly string[]) => ['run', '--step', name, '--key', key, ...more]
const waiting = () => (existsSync(spool) ? readdirSync(spool).filter((name) => name.endsWith('.json')) : [])

test.each([500, 429])(
  'a server that answers everybody with %i is as good as down: it is told, the step goes on, and waits',
  async (status) => {
    front.answer = () => ({ status, body: {} })
    const cwd = bench.checkout(`busy-${status}`, { 'a.txt': `${status}` })
    const building = step('build', '--pipeline', 'free', '--products', 'b.txt', '--', 'cp', 'a.txt', 'b.txt')
    const ran = await bench.cliLater(cwd, building, through)
    expect(ran.code).toBe(0)
    const [first] = ran.err.split('\n')
    expect(first).toContain(`${status}`)
    expect(first).toContain('what came by file alone is checked, and under no contract')
    expect(ran.err).toContain('send it with: countersign upload')
    const told = await bench.cliLater(cwd, [...step('test', '--json', '--materials', 'b.txt'), '--', 'true'], through)
    expect([told.code, JSON.parse(told.err)]).toEqual([
      0,
      expect.objectContaining({ warnings: [expect.stringContaining('what came by file alone')] }),
    ])
    expect(bench.cli(bench.root, ['upload'], env)).toMatchObject({ code: 0 })
    expect(waiting()).toEqual([])
  },
)

test('a step that failed and waits is told to whoever records another in its place, and is the one that counts', async () => {
  const cwd = bench.checkout('twice', { 'a.txt': 'twice' })
  const built = step('build', '--pipeline', 'free', '--products', 'b.txt', '--', 'cp', 'a.txt', 'b.txt')
  expect(bench.cli(cwd, built, env)).toMatchObject({ code: 0 })
  front.answer = () => ({ status: 503, body: {} })
  const tested = async (attempt: string, command: string) => {
    const args = step('test', '--json', '--attempt', attempt, '--materials', 'b.txt', '--', command)
    const ran = await bench.cliLater(cwd, args, through)
    const { link, warnings } = JSON.parse(ran.err) as { link: string; warnings: string[] }
    return { code: ran.code, link, told: warnings.filter((one) => one.includes('waits in')) }
  }
  const failed = await tested('1', 'false')
  expect(failed).toMatchObject({ code: 1, told: [] })
  const again = await tested('1', 'true')
  const told = `step test, which failed, waits in ${spool} to be sent (${failed.link.slice(0, 12)})`
  expect(again).toMatchObject({ code: 0, told: [expect.stringContaining(told) as string] })
  expect(await tested('2', 'true')).toMatchObject({ code: 0, told: [] })
  const sent = bench.cli(bench.root, ['upload', '--format', 'json'], env)
  expect([sent.code, JSON.parse(sent.out)]).toEqual([
    1,
    expect.objectContaining({ refused: [expect.objectContaining({ link: again.link, code: 'place-taken' })] }),
  ])
})

describe('under a contract that the server holds', () => {
  let built: string
  beforeAll(() => {
    const pem = readFileSync(`${key}.pub`, 'utf8')
    bench.write('p.yaml', CONTRACT(pem.replace(/-----[A-Z ]+-----|\s/g, '')))
    expect(bench.cli(bench.root, ['contract', 'publish', 'p.yaml'], env)).toMatchObject({ code: 0 })
    built = bench.checkout('built', { 'a.txt': 'built' })
    const building = step('build', '--pipeline', 'p', '--products', 'b.txt', '--', 'cp', 'a.txt', 'b.txt')
    expect(bench.cli(built, building, env)).toMatchObject({ code: 0 })
  })

  const asked = new Set<string>()
  /** A deploy of other bytes than were built, beside the chain of those or without, while the server is too busy for requests that begin so. */
  async function deploySwapped(name: string, busy: string, beside = true) {
    front.answer = (request) => {
      asked.add(request)
      return request.startsWith(busy) ? BUSY : null
    }
    const cwd = bench.dir(name)
    writeFileSync(join(cwd, 'b.txt'), 'swapped')
    if (beside) cpSync(join(built, 'b.txt.chain.jsonl'), join(cwd, 'b.txt.chain.jsonl'))
    const args = step('deploy', '--json', '--no-git', '--pipeline', 'p', '--materials', 'b.txt')
    const ran = await bench.cliLater(cwd, [...args, '--', 'touch', 'deployed'], through)
    const { findings = [], warnings = [] } = JSON.parse(ran.err) as {
      findings?: { code: string }[]
      warnings?: string[]
    }
    return { code: ran.code, codes: findings.map(({ code }) => code), warnings, ran: existsSync(join(cwd, 'deployed')) }
  }

  test.each(['nothing', 'POST /v1/lookups', 'GET /v1/keys'])('a swap is refused, too busy for %s', async (busy) => {
    const done = await deploySwapped(`swapped-${busy.replaceAll(/\W/g, '-')}`, busy)
    expect(done).toMatchObject({ code: 1, ran: false })
    expect(done.codes).toEqual(expect.arrayContaining(['material-swapped', 'step-skipped']))
    if (busy === 'nothing') return
    expect(done.codes).toContain('server-busy')
    expect([...asked].some((request) => request.startsWith(busy))).toBe(true)
  })

  test('too busy to say what the contract is, it is told that there is none, and refuses the step when it is sent', async () => {
    const done = await deploySwapped('uncontracted', 'GET /v1/contracts', false)
    expect(done).toMatchObject({ code: 0, ran: true })
    expect(done.warnings).toEqual([expect.stringContaining('under no contract (--contract FILE names it)')])
    const sent = bench.cli(bench.root, ['upload', '--format', 'json'], env)
    expect([sent.code, JSON.parse(sent.out)]).toEqual([
      1,
      expect.objectContaining({ refused: [expect.objectContaining({ code: 'contract-missing' })] }),
    ])
  })
})
