import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEvidence } from '@countersign/evidence'
import { isReceipt } from '@countersign/formats'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { Bench, type Ran } from './cli.ts'

const bench = new Bench()
const key = (name: string) => bench.path(`${name}.key`)
const contract = bench.path('contract.yaml')
let server: Server
let env: Record<string, string>
/** The artifact's directory as the last step left it, and its run. */
let shop: string
let chain: string

/** A server that nobody answers for, and a Node in which every way to a network throws. */
const OFFLINE = {
  COUNTERSIGN_URL: 'http://192.0.2.1:9',
  COUNTERSIGN_TOKEN: `cst_x_${'y'.repeat(32)}`,
  COUNTERSIGN_ALLOW_HTTP: '1',
}
const NO_NETWORK = `
import dns from 'node:dns'
import net from 'node:net'
import { syncBuiltinESMExports } from 'node:module'
const no = () => { console.error('NETWORK USED'); process.exit(99) }
globalThis.fetch = no
globalThis.WebSocket = no
net.Socket.prototype.connect = no
net.connect = no
net.createConnection = no
dns.lookup = no
syncBuiltinESMExports()
`

interface Said {
  readonly verdict: string
  readonly artifact: string | null
  readonly trust?: { readonly from: string; readonly root: string }
  readonly findings: readonly { readonly code: string }[]
  readonly refused: readonly { readonly code: string }[]
  readonly evidence?: {
    readonly file: string
    readonly html: string | null
    readonly trustRoot: string
    readonly chains: readonly string[]
    readonly lines: number
    readonly contracts: readonly string[]
    readonly missingContracts: readonly string[]
  }
}

const said = ({ out }: Ran) => JSON.parse(out) as Said
const errorOf = ({ out }: Ran) => (JSON.parse(out) as { error: { code: string } }).error.code
const at = (cwd: string, args: readonly string[], settings: Record<string, string> = {}) =>
  bench.cli(cwd, [...args, '--format', 'json'], settings)
const exported = (cwd: string, args: readonly string[], settings: Record<string, string> = {}) =>
  at(cwd, ['evidence', 'export', ...args], settings)
/** As an auditor would: a machine that knows of no server and reaches none. */
const offline = (cwd: string, args: readonly string[]) =>
  at(cwd, args, { ...OFFLINE, NODE_OPTIONS: `--import=${bench.path('no-network.mjs')}` })
/** A directory that holds the artifact alone. */
function alone(name: string): string {
  const path = bench.dir(name)
  cpSync(join(shop, 'app.tgz'), join(path, 'app.tgz'))
  return path
}
const read = (path: string) => parseEvidence(new Uint8Array(readFileSync(path)))

async function logOf({ url, token }: Server): Promise<{ vkey: string; origin: string }> {
  const reply = await fetch(`${url}/v1/server`, { headers: { authorization: `Bearer ${token}` } })
  return (await reply.json()) as { vkey: string; origin: string }
}

function contractText(): string {
  const pem = (name: string) => readFileSync(`${key(name)}.pub`, 'utf8').replace(/-----[A-Z ]+-----|\s/g, '')
  return `contract: v1
pipeline: shop/web
revision: 1
signers:
  build: ${pem('build')}
  test: ${pem('test')}
steps:
  build:
    signers: [build]
    products: [app.tgz]
  test:
    after: [build]
    signers: [test]
final: test
`
}

beforeAll(async () => {
  server = await startServer(bench.dir('server'))
  env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: bench.path('spool') }
  writeFileSync(bench.path('no-network.mjs'), NO_NETWORK)
  for (const name of ['build', 'test', 'stranger']) {
    expect(bench.cli(bench.root, ['key', 'new', key(name)]).code).toBe(0)
    expect(bench.cli(bench.root, ['key', 'enroll', `${key(name)}.pub`, '--name', name], env).code).toBe(0)
  }
  writeFileSync(contract, contractText())
  expect(bench.cli(bench.root, ['contract', 'publish', contract], env).code).toBe(0)
  const repo = bench.checkout('repo', { 'main.js': 'console.log(1)\n' })
  const build = ['run', '--json', '--step', 'build', '--contract', contract, '--key', key('build')]
  expect(bench.cli(repo, [...build, '--products', 'app.tgz', '--', 'tar', 'czf', 'app.tgz', 'main.js'], env).code).toBe(
    0,
  )
  shop = bench.dir('shop')
  cpSync(join(repo, 'app.tgz'), join(shop, 'app.tgz'))
  const check = ['run', '--json', '--step', 'test', '--key', key('test'), '--materials', 'app.tgz', '--', 'true']
  const tested = bench.cli(shop, check, env)
  expect(tested.code).toBe(0)
  chain = (JSON.parse(tested.err) as { chain: string }).chain
})
afterAll(async () => {
  await server.stop()
  bench.remove()
})

describe('evidence of an artifact', () => {
  test('out of the server alone verifies with no network at all, under a contract of one’s own', () => {
    const cwd = alone('from-server')
    const out = said(exported(cwd, ['app.tgz'], env))
    expect(out).toMatchObject({
      verdict: 'pass',
      evidence: {
        file: join(cwd, 'app.tgz.evidence.json'),
        html: null,
        chains: [chain],
        lines: 4,
        missingContracts: [],
      },
    })
    expect(out.evidence!.contracts.length).toBe(1)
    expect(readdirSync(cwd).toSorted()).toEqual(['app.tgz', 'app.tgz.evidence.json'])
    const judged = offline(cwd, ['verify', 'app.tgz', '--evidence', 'app.tgz.evidence.json', '--contract', contract])
    expect([judged.code, judged.err]).toEqual([0, ''])
    expect(said(judged)).toMatchObject({ verdict: 'pass', trust: { from: 'caller' } })
    const gated = offline(cwd, ['gate', 'app.tgz', '--evidence', 'app.tgz.evidence.json', '--contract', contract])
    expect([gated.code, gated.err]).toEqual([0, ''])
    // Red control: without evidence the same command does go to the network.
    const online = offline(cwd, ['verify', 'app.tgz'])
    expect([online.code, online.err]).toEqual([99, 'NETWORK USED\n'])
  })

  test('verifies in a network namespace with no interface', () => {
    const cwd = alone('namespace')
    expect(exported(cwd, ['app.tgz'], env).code).toBe(0)
    const script = 'exec "$0" "$@"'
    const cli = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'dist', 'countersign.js')
    const args = [cli, 'verify', 'app.tgz', '--evidence', 'app.tgz.evidence.json', '--contract', contract]
    const unshared = spawnSync('unshare', ['-rn', 'sh', '-c', script, process.execPath, ...args], {
      cwd,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', HOME: bench.root, ...OFFLINE },
    })
    // Where the machine lets nobody make a namespace, the test above is all there is.
    if (unshared.error === undefined && !/unshare/.test(unshared.stderr)) expect(unshared.status).toBe(0)
  })

  test('holds what belongs to it and nothing else: no other key, no other run', () => {
    const cwd = alone('only')
    const repo = bench.checkout('other', { 'other.js': 'console.log(2)\n' })
    const other = ['run', '--step', 'build', '--contract', contract, '--key', key('build'), '--products', 'app.tgz']
    expect(bench.cli(repo, [...other, '--', 'tar', 'czf', 'app.tgz', 'other.js'], env).code).toBe(0)
    expect(exported(cwd, ['app.tgz'], env).code).toBe(0)
    const { subject, lines, trust, contracts } = read(join(cwd, 'app.tgz.evidence.json'))
    expect(subject.chains).toEqual([chain])
    expect(lines.filter(isReceipt).length).toBe(2)
    expect(trust.signers.map(({ name }) => name).toSorted()).toEqual(['build', 'test'])
    expect(trust.logs.length).toBe(1)
    expect(contracts.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([readFileSync(contract, 'utf8')])
    const text = readFileSync(join(cwd, 'app.tgz.evidence.json'), 'utf8')
    expect(text).not.toContain(server.token)
    expect(text).not.toContain('stranger')
  })

  test('is found in chain files as well, with no server', () => {
    const cwd = bench.dir('files')
    for (const name of ['app.tgz', 'app.tgz.chain.jsonl']) cpSync(join(shop, name), join(cwd, name))
    const out = said(exported(cwd, ['app.tgz', '--contract', contract, '-o', 'out/proof.json']))
    expect(out).toMatchObject({ verdict: 'pass', evidence: { file: join(cwd, 'out', 'proof.json') } })
    expect(offline(cwd, ['verify', 'app.tgz', '--evidence', 'out/proof.json', '--contract', contract]).code).toBe(0)
    const trust = ['build', 'test'].flatMap((name) => ['--trust', `${name}=${key(name)}.pub`])
    const bare = said(exported(cwd, ['app.tgz', ...trust]))
    // Nobody gave the contract that the run is bound to, and that is said.
    expect(bare.evidence).toMatchObject({ contracts: [], missingContracts: [expect.stringMatching(/^[0-9a-f]{64}$/)] })
    expect(errorOf(exported(cwd, ['app.tgz']))).toBe('trust-missing')
  })

  test('has the receipts of a log that the contract does not name, out of the server and out of the file', async () => {
    const { vkey, origin } = await logOf(server)
    const policy = bench.write('log.policy', `log ${vkey}\nquorum none\n`)
    const cwd = bench.dir('beside-the-file')
    for (const name of ['app.tgz', 'app.tgz.chain.jsonl']) cpSync(join(shop, name), join(cwd, name))
    for (const [where, settings] of [
      [alone('from-the-log'), env],
      [cwd, {}],
    ] as const) {
      const judged = at(where, ['verify', 'app.tgz', '--contract', contract, '--witness-policy', policy], settings)
      expect([judged.code, said(judged)]).toMatchObject([0, { verdict: 'pass' }])
    }
    // Where nobody believes the log, what it says is told to be there.
    const { steps } = JSON.parse(at(cwd, ['verify', 'app.tgz', '--contract', contract]).out) as { steps: unknown }
    const unjudged = { countersigners: [], unjudged: [origin] }
    expect(steps).toMatchObject([unjudged, unjudged])
    const { out } = bench.cli(cwd, ['verify', 'app.tgz', '--contract', contract])
    expect(out.split('\n').filter((line) => line.endsWith(`receipt of ${origin}, not judged`))).toHaveLength(2)
  })

  test('of a digest, and of a whole run, is judged as what it is about', () => {
    const cwd = bench.dir('run')
    const run = said(exported(cwd, [chain], env))
    expect(run).toMatchObject({
      verdict: 'pass',
      artifact: null,
      evidence: { file: join(cwd, `${chain}.evidence.json`) },
    })
    const judged = offline(cwd, ['verify', '--evidence', `${chain}.evidence.json`, '--contract', contract])
    expect([judged.code, said(judged).artifact]).toEqual([0, null])
    // Its lines prove each artifact of it too.
    const app = join(shop, 'app.tgz')
    expect(offline(cwd, ['verify', app, '--evidence', `${chain}.evidence.json`, '--contract', contract]).code).toBe(0)
    const digest = said(offline(cwd, ['verify', app, '--evidence', `${chain}.evidence.json`])).artifact!
    expect(said(exported(cwd, [digest, '-o', 'digest.json'], env))).toMatchObject({ verdict: 'pass', artifact: digest })
    expect(said(offline(cwd, ['verify', '--evidence', 'digest.json']))).toMatchObject({
      verdict: 'pass',
      artifact: digest,
    })
  })

  test('with a page writes one file that names nothing outside itself', () => {
    const cwd = alone('page')
    const out = said(exported(cwd, ['app.tgz', '--html', 'app.html'], env))
    expect(out.evidence!.html).toBe(join(cwd, 'app.html'))
    const html = readFileSync(join(cwd, 'app.html'), 'utf8')
    expect(html).toContain(`>${readFileSync(join(cwd, 'app.tgz.evidence.json')).toString('base64')}</script>`)
    expect(html).not.toMatch(/\ssrc=|<link|<img|@import|url\(/)
    expect(html.length).toBeLessThan(580_000)
  })
})

describe('evidence of what does not verify', () => {
  test('is written all the same, and says so to all', () => {
    const cwd = alone('swapped')
    cpSync(join(shop, 'app.tgz.chain.jsonl'), join(cwd, 'app.tgz.chain.jsonl'))
    appendFileSync(join(cwd, 'app.tgz'), 'x')
    const ran = exported(cwd, ['app.tgz', '--contract', contract, '--html', 'app.html'])
    expect([ran.code, said(ran).verdict]).toEqual([1, 'fail'])
    expect(said(ran).findings[0]!.code).toBe('artifact-unproven')
    const judged = offline(cwd, ['verify', '--evidence', 'app.tgz.evidence.json', '--contract', contract])
    expect([judged.code, said(judged).findings[0]!.code]).toEqual([1, 'artifact-unproven'])
    expect(existsSync(join(cwd, 'app.html'))).toBe(true)
  })

  test('keeps the line that was changed', () => {
    const cwd = alone('changed')
    const lines = readFileSync(join(shop, 'app.tgz.chain.jsonl'), 'utf8')
    writeFileSync(
      join(cwd, 'app.tgz.chain.jsonl'),
      lines.replace(
        /"sig":"(.{20})(.)/,
        (_, start: string, next: string) => `"sig":"${start}${next === 'A' ? 'B' : 'A'}`,
      ),
    )
    const ran = exported(cwd, ['app.tgz', '--contract', contract])
    expect(ran.code).toBe(1)
    expect(said(ran).refused.map(({ code }) => code)).toContain('signature-invalid')
    const judged = said(offline(cwd, ['verify', '--evidence', 'app.tgz.evidence.json', '--contract', contract]))
    expect(judged.refused.map(({ code }) => code)).toContain('signature-invalid')
  })

  test('of nothing at all is not written', () => {
    const cwd = bench.dir('nothing')
    writeFileSync(join(cwd, 'unknown.bin'), 'unknown')
    const none = exported(cwd, ['unknown.bin'], env)
    expect([none.code, errorOf(none)]).toEqual([2, 'evidence-unavailable'])
    const down = exported(cwd, ['unknown.bin'], { ...env, COUNTERSIGN_URL: 'http://127.0.0.1:9' })
    expect([down.code, errorOf(down)]).toEqual([2, 'evidence-unavailable'])
    expect(exported(cwd, ['0'.repeat(32)], env).code).toBe(2)
    expect(readdirSync(cwd)).toEqual(['unknown.bin'])
  })

  test('a file that is no evidence is said to be none', () => {
    const cwd = alone('none')
    writeFileSync(join(cwd, 'bad.json'), '{}')
    const bad = offline(cwd, ['verify', 'app.tgz', '--evidence', 'bad.json', '--contract', contract])
    expect([bad.code, errorOf(bad)]).toEqual([1, 'evidence-invalid'])
    const missing = offline(cwd, ['verify', 'app.tgz', '--evidence', 'gone.json', '--contract', contract])
    expect([missing.code, errorOf(missing)]).toEqual([2, 'file-missing'])
  })
})

describe('the command line', () => {
  test('never writes over what the evidence is of, nor one file over the other', () => {
    const cwd = alone('over')
    const before = readFileSync(join(cwd, 'app.tgz'))
    mkdirSync(join(cwd, 'sub'))
    for (const args of [
      ['-o', 'app.tgz'],
      ['-o', './sub/../app.tgz'],
      ['--html', 'app.tgz'],
      ['-o', 'same', '--html', 'same'],
    ]) {
      const ran = exported(cwd, ['app.tgz', ...args], env)
      expect([args, ran.code, errorOf(ran)]).toEqual([args, 2, 'usage'])
    }
    expect(readFileSync(join(cwd, 'app.tgz'))).toEqual(before)
  })

  test.each([
    [['verify']],
    [['verify', 'app.tgz', '--trust-root', 'a'.repeat(64)]],
    [['verify', 'app.tgz', '--evidence', 'app.tgz.evidence.json', '--chain', 'app.tgz.chain.jsonl']],
    [['verify', 'app.tgz', '--evidence', 'app.tgz.evidence.json', '--trust-root', 'abc']],
  ])('refuses %j as wrong usage', (args) => {
    const cwd = alone('usage')
    expect(exported(cwd, ['app.tgz'], env).code).toBe(0)
    const ran = offline(cwd, args)
    expect([ran.code, errorOf(ran)]).toEqual([2, 'usage'])
  })

  test('tells people what they need: verdict, files, trust root, and whose word it is', () => {
    const cwd = alone('people')
    const out = bench.cli(cwd, ['evidence', 'export', 'app.tgz', '--html', 'app.html'], env)
    expect(out.out).toMatch(/✓ VERIFIED {2}app\.tgz/)
    expect(out.out).toMatch(/app\.tgz\.evidence\.json {2}2 steps, 2 receipts, [\d,]+ bytes/)
    const [, root] = /trust root {2}(sha256:[0-9a-f]{64})/.exec(out.out)!
    const own = bench.cli(cwd, ['verify', '--evidence', 'app.tgz.evidence.json'])
    expect(own.out).toContain('VERIFIED, BUT ONLY UNDER ITS OWN KEYS')
    expect(own.out).toContain(root)
    const pinned = bench.cli(cwd, ['verify', '--evidence', 'app.tgz.evidence.json', '--trust-root', root!])
    expect(pinned.out).toMatch(/✓ VERIFIED {2}sha256:/)
    expect(bench.cli(cwd, ['gate', 'app.tgz', '--evidence', 'app.tgz.evidence.json', '--trust-root', root!]).code).toBe(
      0,
    )
  })
})
