import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseLogStatement } from '@countersign/formats'
import { bundleIn } from '../../server/rolldown.config.ts'
import { writeLedgerSettings } from '../anchors/ledger-settings.ts'
import { fileLedger, verifyLine } from '../anchors/local-file.ts'
import { file, newChainId, party, signStep } from '../pipeline.ts'
import { Bench } from './cli.ts'
import { Api } from './server.ts'
import { THOROUGH } from '../thorough.ts'

const LEDGERS = join(import.meta.dirname, '..', 'anchors', 'ledger-kinds.ts')
const NAMES = ['rekor', 'tsa:local', 'eip155:31337', 'opentimestamps']
const root = mkdtempSync(join(tmpdir(), 'countersign-anchors-'))
// Below a node_modules, where it finds what is not bundled.
const built = mkdtempSync(join(import.meta.dirname, '..', '..', 'node_modules', 'countersign-ledgers-'))
beforeAll(async () => {
  const server = bundleIn(built)
  const ledgers = { name: 'ledgers', resolveId: (name: string) => (name === './anchor-kinds.ts' ? LEDGERS : null) }
  await build({ ...server, plugins: [ledgers, ...server.plugins], logLevel: 'silent' })
})
afterAll(() => {
  for (const directory of [root, built]) rmSync(directory, { recursive: true, force: true })
})

interface Running extends Api {
  readonly log: () => string
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

/** A house with a server whose anchors are ledgers beside it. */
class House {
  readonly directory: string
  readonly settings: string

  constructor(name: string) {
    this.directory = join(root, name)
    mkdirSync(join(this.directory, 'ledgers'), { recursive: true })
    this.settings = writeLedgerSettings(join(this.directory, 'settings'))
  }

  ledger(name: string) {
    return fileLedger(`${this.path(name)}.ledger`)
  }

  path(name: string): string {
    return join(this.directory, 'ledgers', name.replaceAll(':', '-'))
  }

  async start(args: readonly string[] = ['--anchors', this.settings]): Promise<Running> {
    const data = join(this.directory, 'data')
    const env = { ...process.env, COUNTERSIGN_TEST_LEDGERS: join(this.directory, 'ledgers') }
    const main = join(built, 'main.js')
    const child = spawn(process.execPath, [main, '--json', '--port', '0', '--data', data, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    })
    let log = ''
    child.stderr.on('data', (chunk) => (log += String(chunk)))
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (chunk) => resolve(String(chunk)))
      child.once('exit', () => reject(new Error(log)))
    })
    const api = new Api(JSON.parse(line) as { url: string; token: string })
    return Object.assign(api, {
      log: () => log,
      end: (signal: 'SIGTERM' | 'SIGKILL') => (child.kill(signal), ended),
    })
  }
}

const by = party('build', 'ed25519')
const step = () =>
  signStep(by, {
    chain: { id: newChainId(), pipeline: 'p', contract: null },
    name: 'build',
    subject: [file('a', String(Math.random()))],
  })
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function state(server: Running): Promise<void> {
  expect((await server.append(step())).status).toBe(201)
  expect((await server.ask('/v1/statements', '{}')).status).toBe(201)
  await server.ask('/v1/anchors/drive', '{}')
}

interface Entry {
  readonly anchor: string
  readonly phase: string
  readonly costs: readonly { amount: string }[]
}

const entriesOf = async (server: Running, number: number) =>
  ((await (await server.ask(`/v1/anchors/${number}`)).json()) as { anchors: Entry[] }).anchors

test.runIf(THOROUGH)(
  'kill -9 again and again: every statement is in every anchor, once, with its proof',
  async () => {
    const house = new House('killed')
    let server = await house.start()
    await server.enrol(by)
    const periods = 6
    for (let round = 0; round < periods; round++) {
      await state(server)
      // Before, in and after moves of all kinds.
      await pause(17 * round * round)
      await server.end('SIGKILL')
      server = await house.start()
    }
    for (let number = 0; number < periods; number++) {
      await expect
        .poll(async () => (await entriesOf(server, number)).map(({ phase }) => phase), { timeout: 30_000 })
        .toEqual(['final', 'final', 'final', 'final'])
      const { note } = parseLogStatement(await server.bytes(`/statements/${number}`))
      for (const name of NAMES) {
        const proof = await server.bytes(`/statements/${number}/anchors/${name}`)
        verifyLine(proof, new TextEncoder().encode(note.text), house.ledger(name))
      }
      for (const { costs } of await entriesOf(server, number)) expect(costs).toEqual([{ unit: 'line', amount: '1' }])
    }
    for (const name of NAMES) expect(house.ledger(name).lines()).toHaveLength(periods)
    expect(await server.end('SIGTERM')).toBe(0)
  },
  60_000,
)

describe('on the command line', () => {
  test('now, list, show, retry and doctor tell the same story', async () => {
    const house = new House('cli')
    const bench = new Bench()
    const server = await house.start()
    await server.enrol(by)
    const env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token }
    const cli = (...args: string[]) => bench.cli(bench.root, ['anchor', ...args], env)

    expect(cli('doctor')).toMatchObject({ code: 0, out: expect.stringContaining('✓  reachable  answers') as string })
    expect((await server.append(step())).status).toBe(201)
    const now = cli('now', '--wait')
    expect([now.code, now.err]).toEqual([0, ''])
    expect(now.out).toMatch(/^statement 0\n(?: {2}\S+ +✓ final +\S+ {2}1 line\n){4}$/)
    expect(cli('list').out).toMatch(
      /^ +eip155:31337 +opentimestamps +rekor +tsa:local\n0 +✓ final +✓ final +✓ final +✓ final\n/,
    )
    bench.write('0.rekor.json', cli('show', '0', 'rekor').out)
    const { note } = parseLogStatement(await server.bytes('/statements/0'))
    verifyLine(readFileSync(bench.path('0.rekor.json')), new TextEncoder().encode(note.text), house.ledger('rekor'))

    writeFileSync(`${house.path('rekor')}.down`, '')
    writeFileSync(`${house.path('tsa:local')}.refuses`, '')
    expect((await server.append(step())).status).toBe(201)
    const refused = cli('now', '--wait', 'tsa:local', '--format', 'json')
    expect([refused.code, JSON.parse(refused.out)]).toMatchObject([
      1,
      { number: 1, made: true, anchors: [{ anchor: 'tsa:local', dead: { code: 'anchor-refused' } }] },
    ])
    expect(cli('now', '--wait', 'rekor', '--timeout', '1')).toMatchObject({
      code: 2,
      out: expect.stringMatching(/as before[^]*rekor +○ pending ! +\S+ tr[a-z]+ since \S+: rekor is down/) as string,
    })
    expect(cli('doctor')).toMatchObject({ code: 1, out: expect.stringContaining('anchor-unreachable') as string })
    const list = cli('list').out
    expect(list).toMatch(/^1 .*✓ final .*○ pending ! .*✗ anchor-refused$/m)
    expect(list).toContain('✗ tsa:local: a statement is not tried any longer')
    expect(cli('show', '1').out).toContain('countersign anchor retry 1 tsa:local')
    expect(cli('show', '1', 'rekor')).toMatchObject({
      code: 1,
      err: expect.stringContaining('is pending in') as string,
    })

    rmSync(`${house.path('tsa:local')}.refuses`)
    rmSync(`${house.path('rekor')}.down`)
    expect(cli('retry', '1', 'tsa:local').code).toBe(0)
    expect(cli('now', '--wait', '--timeout', '30').code).toBe(0)
    expect(cli('retry', '9', 'rekor')).toMatchObject({ code: 1, err: expect.stringContaining('not-found') as string })
    for (const wrong of [
      ['show', 'x'],
      ['now', '--timeout', 'x'],
      ['now', '--wait', 'none'],
      ['retry', '1'],
    ]) {
      expect([wrong, cli(...wrong).code]).toEqual([wrong, 2])
    }
    expect(cli('--help').out).toContain('doctor')
    await server.end('SIGTERM')
    bench.remove()
  }, 60_000)
})

test.runIf(THOROUGH)(
  'without settings nothing leaves the house, and with them again what was missed is made up for',
  async () => {
    const house = new House('off')
    let server = await house.start()
    await server.enrol(by)
    await state(server)
    await expect
      .poll(async () => (await entriesOf(server, 0)).map(({ phase }) => phase))
      .toEqual(Array(4).fill('final'))
    await server.end('SIGTERM')

    server = await house.start([])
    await state(server)
    await pause(300)
    for (const name of NAMES) expect(house.ledger(name).lines()).toHaveLength(1)
    expect(await entriesOf(server, 1)).toEqual([])
    // What was proven is there for everybody all the same.
    expect((await server.ask('/statements/0/anchors/rekor')).status).toBe(200)
    const bench = new Bench()
    const env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token }
    for (const command of ['doctor', 'now']) {
      const ran = bench.cli(bench.root, ['anchor', command], env)
      expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('no anchor set up') as string })
    }
    expect(bench.cli(bench.root, ['anchor', 'list'], env).out).toContain('off, proves up to')
    bench.remove()
    await server.end('SIGTERM')

    server = await house.start()
    for (const number of [0, 1]) {
      await expect
        .poll(async () => (await entriesOf(server, number)).map(({ phase }) => phase))
        .toEqual(Array(4).fill('final'))
    }
    await server.end('SIGTERM')
  },
  60_000,
)

test('settings that cannot be meant end the start, and tell no secret', async () => {
  const house = new House('wrong')
  const wrong = (text: string) => {
    writeFileSync(join(house.directory, 'wrong.json'), text)
    return house.start(['--anchors', join(house.directory, 'wrong.json')])
  }
  await expect(wrong('{"anchors":[{"kind":"notary"}]}')).rejects.toThrow('of no kind there is')
  await expect(house.start(['--anchors', join(house.directory, 'none.json')])).rejects.toThrow('file-missing')
  const key = 'ee'.repeat(31)
  writeFileSync(join(house.directory, 'key'), key)
  const ethereum = { kind: 'ethereum', chainId: 1, rpcs: ['https://a.example', 'https://b.example'], feeCap: '1' }
  const failed = await wrong(JSON.stringify({ anchors: [{ ...ethereum, key: { file: 'key' } }] })).catch(String)
  expect(failed).toContain('does not lead to 64 hex digits')
  expect(failed).not.toContain(key)
})
