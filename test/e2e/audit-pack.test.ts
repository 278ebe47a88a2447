import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { Bench, type Ran } from './cli.ts'

/** A period handed to an auditor: exported from a server, verified where there is none. */

const bench = new Bench()
const key = (name: string) => bench.path(`${name}.key`)
const contract = bench.path('contract.yaml')
const pack = bench.path('pack.tar')
/** A Node in which every way to a network throws. */
const NO_NETWORK = `
import dns from 'node:dns'
import net from 'node:net'
import { syncBuiltinESMExports } from 'node:module'
const no = () => { console.error('NETWORK USED'); process.exit(99) }
globalThis.fetch = no
net.Socket.prototype.connect = no
net.connect = no
net.createConnection = no
dns.lookup = no
syncBuiltinESMExports()
`
const OFFLINE = {
  COUNTERSIGN_URL: 'http://192.0.2.1:9',
  COUNTERSIGN_TOKEN: `cst_x_${'y'.repeat(32)}`,
  COUNTERSIGN_ALLOW_HTTP: '1',
  NODE_OPTIONS: `--import=${bench.path('no-network.mjs')}`,
}
let server: Server
let env: Record<string, string>
let exported: Ran
const day = new Date().toISOString().slice(0, 10)

interface Said {
  readonly verdict: string
  readonly trust: string
  readonly pack: { readonly manifest: string; readonly server: { readonly size: number } }
  readonly believed: { readonly proven: number; readonly log: boolean } | null
  readonly findings: readonly { readonly code: string }[]
  readonly figures: {
    readonly runs: object
    readonly decisions: object
    readonly refusals: number
    readonly environments: readonly { readonly environment: string; readonly backed: number; readonly summed: number }[]
  }
}
const said = ({ out }: Ran) => JSON.parse(out) as Said
/** As an auditor would: a machine that knows of no server and reaches none. */
const verify = (args: readonly string[], file = pack) =>
  bench.cli(bench.root, ['audit', 'verify', file, '--format', 'json', ...args], OFFLINE)

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
  for (const name of ['build', 'test', 'audit', 'stranger', 'inspector'])
    bench.cli(bench.root, ['key', 'new', key(name)])
  for (const name of ['build', 'test', 'inspector'])
    bench.cli(bench.root, ['key', 'enroll', `${key(name)}.pub`, '--name', name], env)
  writeFileSync(contract, contractText())
  expect(bench.cli(bench.root, ['contract', 'publish', contract], env).code).toBe(0)
  const repo = bench.checkout('repo', { 'main.js': 'console.log(1)\n' })
  const build = ['run', '--step', 'build', '--contract', contract, '--key', key('build'), '--products', 'app.tgz']
  const tested = ['run', '--step', 'test', '--materials', 'app.tgz', '--key']
  const gate = ['gate', 'app.tgz', '--remote', '--pipeline', 'shop/web', '--environment']
  // One run that is whole, and one whose last step a stranger signed.
  bench.cli(repo, [...build, '--', 'tar', 'czf', 'app.tgz', 'main.js'], env)
  bench.cli(repo, [...tested, key('test'), '--', 'true'], env)
  expect(bench.cli(repo, [...gate, 'production', '--vsa', bench.path('vsa.json')], env).code).toBe(0)
  // One dispute that is taken back, and one that is open.
  const note = (...more: readonly string[]) =>
    bench.cli(repo, ['note', '--format', 'json', '--key', key('inspector'), ...more], env)
  const first = JSON.parse(note('app.tgz', '--dispute', '--text', 'taken back since').out) as { id: string }
  expect(note('--withdraw', first.id, '--text', 'I was wrong').code).toBe(0)
  expect(note('app.tgz', '--dispute', '--text', 'tested on <b>another</b> machine').code).toBe(0)
  const other = bench.checkout('other', { 'main.js': 'console.log(2)\n' })
  bench.cli(other, [...build, '--', 'tar', 'czf', 'app.tgz', 'main.js'], env)
  expect(bench.cli(other, [...gate, 'staging'], env).code).toBe(1)
  expect(bench.cli(other, [...tested, key('stranger'), '--', 'true'], env).code).toBe(1)
  const more = ['--key', key('audit'), '--out', pack, '--vsa', bench.path('vsa.json'), '--format', 'json']
  exported = bench.cli(bench.root, ['audit', 'export', '--since', day, '--until', day, ...more], env)
  for (const [scope, code] of [
    ['shop/web', 0],
    ['shop/other', 2],
  ] as const) {
    const out = bench.path(`${scope.replace('/', '-')}.tar`)
    const scoped = ['--since', day, '--until', day, '--pipeline', scope, '--key', key('audit'), '--out', out]
    expect(bench.cli(bench.root, ['audit', 'export', ...scoped], env).code).toBe(code)
  }
  await server.stop()
})
afterAll(() => bench.remove())

describe('an audit pack', () => {
  test('has the runs, decisions and refusals of the period', () => {
    expect([exported.code, exported.err]).toEqual([0, ''])
    expect(said(exported).figures).toMatchObject({
      runs: { listed: 2, held: 2, proven: 1, failed: 1, missing: 0 },
      decisions: { allow: 1, deny: 1, backed: 1, summed: 1 },
      refusals: 1,
      environments: [
        { environment: 'production', backed: 1, summed: 1 },
        { environment: 'staging', backed: 0, summed: 0 },
      ],
    })
  })

  test('has the notes of its runs, and its report lists the disputes that are open', () => {
    const text = readFileSync(pack, 'utf8')
    const report = text.slice(text.indexOf('<!doctype html>'), text.indexOf('</html>'))
    expect(report).toContain('open dispute')
    expect(report).toContain('inspector disputes artifact: tested on &lt;b&gt;another&lt;/b&gt; machine')
    expect(report).not.toContain('taken back since')
    // Red control: what was taken back is in the evidence all the same.
    expect(text.match(/countersign\.note\.v1/g)).toHaveLength(3)
  })

  test('verifies with no server and no network, under whom the auditor believes', () => {
    const ran = verify(['--trust', `${key('audit')}.pub`, '--contract', contract])
    expect([ran.code, ran.err]).toEqual([0, ''])
    const { figures } = said(exported)
    expect(said(ran)).toMatchObject({ verdict: 'pass', trust: 'caller', believed: { proven: 1, log: false }, figures })
    expect(said(verify([]))).toMatchObject({ verdict: 'pass', trust: 'pack', believed: null })
    // Red control: what asks a server does not get through.
    expect(
      bench.cli(
        bench.root,
        ['audit', 'export', '--since', day, '--until', day, '--key', key('audit'), '--out', 'x.tar'],
        OFFLINE,
      ).code,
    ).toBe(99)
  })

  test('is refused under keys of others, and where a byte is another', () => {
    const stranger = verify(['--trust', `${key('stranger')}.pub`])
    expect([stranger.code, said(stranger).findings[0]!.code]).toEqual([1, 'signer-unknown'])
    const untrusted = verify(['--trust', `${key('audit')}.pub`])
    expect([untrusted.code, said(untrusted).findings[0]!.code]).toEqual([1, 'pack-untrusted'])
    const bytes = readFileSync(pack)
    bytes[bytes.indexOf('runs listed')]! ^= 1
    writeFileSync(bench.path('altered.tar'), bytes)
    const altered = verify(['--report', bench.path('altered')], bench.path('altered.tar'))
    expect([altered.code, said(altered).findings[0]!.code]).toEqual([1, 'pack-altered'])
    expect(existsSync(bench.path('altered'))).toBe(false)
    expect(verify([], bench.path('not-there.tar')).code).toBe(2)
  })

  test('is taken apart where that is asked, into what verifies file by file', () => {
    const out = bench.path('taken-apart')
    expect(verify(['--report', out]).code).toBe(0)
    expect(readdirSync(out).toSorted()).toEqual(
      // biome-ignore format: a list of names
      ['acts', 'contracts', 'listed', 'manifest.json', 'manifest.sigstore.json', 'report.html', 'runs', 'vsas'],
    )
    const codes = readdirSync(join(out, 'runs')).map((file) => {
      const args = ['verify', '--evidence', join(out, 'runs', file), '--contract', contract]
      return bench.cli(bench.root, args, OFFLINE).code
    })
    expect(codes.toSorted()).toEqual([0, 1])
    // What is there is never written over.
    expect(verify(['--report', out]).code).toBe(2)
  })

  test('leaves nothing behind where it cannot be made', () => {
    expect(existsSync(bench.path('shop-web.tar'))).toBe(true)
    expect(readdirSync(bench.root).filter((name) => /shop-other|\.tmp$/.test(name))).toEqual([])
    cpSync(pack, bench.path('kept.tar'))
    const more = ['--key', key('audit'), '--out', bench.path('kept.tar')]
    const gone = bench.cli(bench.root, ['audit', 'export', '--since', day, '--until', day, ...more], {
      ...env,
      COUNTERSIGN_URL: 'http://127.0.0.1:1',
    })
    expect(gone.code).toBe(2)
    expect(readFileSync(bench.path('kept.tar'))).toEqual(readFileSync(pack))
  })

  test('wants days, in order, and pipelines by name', () => {
    const ask = (args: readonly string[]) =>
      bench.cli(bench.root, ['audit', 'export', '--key', key('audit'), '--out', 'x.tar', ...args], env).code
    expect(ask(['--since', '2026-11-31', '--until', day])).toBe(2)
    expect(ask(['--since', '2026-11-02', '--until', '2026-10-30'])).toBe(2)
    expect(ask(['--since', day, '--until', day, '--pipeline', 'no name'])).toBe(2)
    expect(ask(['--since', day])).toBe(2)
  })
})
