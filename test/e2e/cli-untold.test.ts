import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Bench, CLI } from './cli.ts'

const bench = new Bench()
const key = bench.path('build.key')
const NOWHERE = { COUNTERSIGN_URL: 'http://127.0.0.1:9', COUNTERSIGN_TOKEN: 'cst_a_b' }
const environment = { PATH: process.env['PATH'] ?? '', HOME: bench.root }

beforeAll(() => {
  expect(bench.cli(bench.root, ['key', 'new', key]).code).toBe(0)
  bench.write('in.txt', 'in\n')
})
afterAll(() => bench.remove())

/** A step whose attestation waits in a spool of its own. */
function step(name: string, script: string): { args: readonly string[]; env: NodeJS.ProcessEnv } {
  const signing = ['--no-git', '--key', key, '--pipeline', 'p', '--materials', 'in.txt']
  return {
    args: ['run', '--step', name, ...signing, '--', 'sh', '-c', script],
    env: { ...environment, ...NOWHERE, COUNTERSIGN_SPOOL: bench.path(name) },
  }
}

/** The exit code that is signed in what waits there. */
function recordedExit(name: string): number {
  const [file] = readdirSync(bench.path(name)).filter((one) => one.endsWith('.json'))
  const { dsseEnvelope } = JSON.parse(readFileSync(bench.path(name, file!), 'utf8')) as {
    dsseEnvelope: { payload: string }
  }
  const { predicate } = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString()) as {
    predicate: { invocation: { exitCode: number } }
  }
  return predicate.invocation.exitCode
}

/** With a stream that is always full. */
function full(
  stream: 'stdout' | 'stderr',
  args: readonly string[],
  env: NodeJS.ProcessEnv = environment,
): { code: number | null; out: string; err: string } {
  const device = openSync('/dev/full', 'w')
  const stdio = ['ignore', ...['stdout', 'stderr'].map((one) => (one === stream ? device : 'pipe'))] as const
  const ran = spawnSync(process.execPath, [CLI, ...args], {
    cwd: bench.root,
    env,
    encoding: 'utf8',
    stdio: [...stdio] as ('ignore' | 'pipe' | number)[],
  })
  closeSync(device)
  return { code: ran.status, out: ran.stdout, err: ran.stderr }
}

const hasFull = existsSync('/dev/full')

describe('standard error that nobody takes', () => {
  test.each([
    ['fails', 'sleep .3; exit 7', 7],
    ['passes', 'sleep .3', 0],
  ])('a pipe that is closed: a command that %s is recorded, and its exit code stays', async (name, script, code) => {
    const { args, env } = step(name, script)
    const child = spawn(process.execPath, [CLI, ...args], { cwd: bench.root, env, stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr.destroy()
    expect(await new Promise((done) => child.once('exit', done))).toBe(code)
    expect(recordedExit(name)).toBe(code)
  })

  test.skipIf(!hasFull).each([
    ['fails-full', 'exit 7', 7],
    ['passes-full', 'true', 0],
  ])('a disk that is full: %s', (name, script, code) => {
    const { args, env } = step(name, script)
    expect(full('stderr', args, env).code).toBe(code)
    expect(recordedExit(name)).toBe(code)
  })

  test.skipIf(!hasFull)('wrong usage keeps its exit code', () => {
    expect(full('stderr', ['explain', 'nonsense']).code).toBe(2)
  })
})

describe.skipIf(!hasFull)('standard output that has no room', () => {
  const judged = ['out.txt', '--contract', 'contract.yaml']
  beforeAll(() => {
    const pem = readFileSync(`${key}.pub`, 'utf8').trim().replaceAll('\n', '\n    ')
    const steps = '  build: { signers: [build], products: [out.txt] }'
    const contract = `contract: v1\npipeline: p\nrevision: 1\nsigners:\n  build: |\n    ${pem}\nsteps:\n${steps}\nfinal: build\n`
    bench.write('contract.yaml', contract)
    bench.write('out.txt', 'out\n')
    const recorded = ['record', '--step', 'build', '--no-git', '--key', key, '--products', ...judged]
    expect(bench.cli(bench.root, recorded).code).toBe(0)
    expect(bench.cli(bench.root, ['gate', ...judged]).code).toBe(0)
  })

  test.each([
    [['verify', ...judged]],
    [['verify', ...judged, '--format', 'json']],
    [['gate', ...judged]],
    [['tree', ...judged]],
    [['inspect', 'out.txt.chain.jsonl']],
    [['explain', 'material-swapped']],
    [['contract', 'lint', 'contract.yaml']],
    [['--help']],
    [['run', '--help']],
  ])('%s', (args) => {
    const { code, err } = full('stdout', args)
    expect(err).toMatch(/^✗ file-write-failed: standard output cannot be written \(ENOSPC\)\n {2}why .*\n {2}fix .*\n$/)
    expect(code).toBe(2)
  })

  test('of what is wrapped is its own affair', () => {
    const { args, env } = step('loud', 'echo told; exit 7')
    expect(full('stdout', args, env).code).toBe(7)
    expect(recordedExit('loud')).toBe(7)
  })
})

test.skipIf(process.platform === 'win32')('standard output that is cut off is not taken for told', () => {
  const script = 'ulimit -f 8; exec "$0" "$1" explain > cut.txt'
  const ran = spawnSync('sh', ['-c', script, process.execPath, CLI], {
    cwd: bench.root,
    env: environment,
    encoding: 'utf8',
  })
  expect(ran.stderr).toMatch(/^✗ file-write-failed: standard output cannot be written \(EFBIG\)\n/)
  expect(ran.status).toBe(2)
  expect(statSync(bench.path('cut.txt')).size).toBeGreaterThan(0)
})

test('whoever reads no more ends it as SIGPIPE would', async () => {
  const child = spawn(process.execPath, [CLI, 'explain'], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let said = ''
  child.stderr.on('data', (text) => (said += String(text)))
  expect(await new Promise((done) => child.once('close', done))).toBe(141)
  expect(said).toBe('')
})
