import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { Bench } from './cli.ts'

const bench = new Bench()
const key = bench.path('build.key')
const trust = ['--trust', `build=${key}.pub`]
let server: Server
let env: Record<string, string>
let cwd: string

beforeAll(async () => {
  server = await startServer(bench.dir('server'))
  env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: bench.path('spool') }
  cwd = bench.checkout('repo', { 'a.txt': 'a\n' })
  expect(bench.cli(cwd, ['key', 'new', key]).code).toBe(0)
  expect(bench.cli(cwd, ['key', 'enroll', `${key}.pub`, '--name', 'build'], env).code).toBe(0)
  const build = [
    'run',
    '--step',
    'build',
    '--pipeline',
    'p',
    '--key',
    key,
    '--products',
    'app',
    '--',
    'cp',
    'a.txt',
    'app',
  ]
  expect(bench.cli(cwd, build, env).code).toBe(0)
})
afterAll(async () => {
  await server.stop()
  bench.remove()
})

test('a contract is learned from a run whose receipts are of a log that nobody here knows', () => {
  const learned = bench.cli(cwd, ['contract', 'learn', '--chain', 'app.chain.jsonl', ...trust])
  expect([learned.code, learned.err]).toEqual([0, ''])
  expect(learned.out).toContain('pipeline: p')
  // Of a signer that nobody knows nothing is learned.
  expect(bench.cli(cwd, ['key', 'new', bench.path('other.key')]).code).toBe(0)
  const strange = bench.cli(cwd, [
    'contract',
    'learn',
    '--chain',
    'app.chain.jsonl',
    '--trust',
    `${bench.path('other.key')}.pub`,
  ])
  expect([strange.code, strange.err]).toEqual([1, expect.stringContaining('signer-unknown')])
})

test('where all runs failed there is nothing to learn from, and that is why', () => {
  const failed = ['run', '--step', 'test', '--pipeline', 'failed', '--key', key, '--', 'false']
  expect(bench.cli(cwd, failed, env).code).toBe(1)
  const learned = bench.cli(cwd, ['contract', 'learn', '--pipeline', 'failed'], env)
  expect(learned.code).toBe(2)
  expect(learned.err).toMatch(
    /no runs to learn from: the one run there is has a step that failed\n.*\n.*fix {2}Run the pipeline/,
  )
})

test('a file that is no list of revoked keys is named', () => {
  bench.write('repo/bad.json', 'nope')
  const verified = bench.cli(cwd, ['verify', 'app', ...trust, '--revoked', 'bad.json'])
  expect([verified.code, verified.err]).toEqual([1, expect.stringContaining('json-invalid: bad.json: ')])
})

test('a gate at a server that is not there says how to judge without', () => {
  const away = { ...env, COUNTERSIGN_URL: 'http://127.0.0.1:9' }
  const gated = bench.cli(cwd, ['gate', 'app', '--remote', '--pipeline', 'p'], away)
  expect([gated.code, `${gated.out}${gated.err}`]).toEqual([
    2,
    expect.stringContaining('without --remote, with --offline'),
  ])
})

test('a key that is enrolled already is known by its name', () => {
  const again = bench.cli(cwd, ['key', 'enroll', `${key}.pub`, '--name', 'other'], env)
  expect([again.code, again.err]).toEqual([
    1,
    expect.stringMatching(/enrolled already, as build\n.*\n.*nothing is left to do/),
  ])
})

test('whoever used a command is not told how requests are written', () => {
  for (const args of [
    ['runs', '--since', 'yesterday'],
    ['search', ''],
  ]) {
    const told = bench.cli(cwd, args, env)
    expect([told.code, told.err]).toEqual([
      1,
      expect.stringMatching(/request-invalid: .*\n.*\n.*fix {2}Check what was given; --help/),
    ])
  }
  const directory = bench.cli(cwd, ['verify', 'app', ...trust, '--chain', '.git'])
  expect([directory.code, directory.err]).toEqual([
    1,
    expect.stringMatching(/file-special: .*\n.*\n.*fix {2}Name a regular file/),
  ])
})
