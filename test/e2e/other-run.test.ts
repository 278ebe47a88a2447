import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { Bench } from './cli.ts'

const bench = new Bench()
const key = bench.path('build.key')
let server: Server
let env: Record<string, string>
const runs: Record<string, string> = {}

beforeAll(async () => {
  server = await startServer(bench.dir('server'))
  env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: bench.path('spool') }
  expect(bench.cli(bench.root, ['key', 'new', key]).code).toBe(0)
  expect(bench.cli(bench.root, ['key', 'enroll', `${key}.pub`, '--name', 'build'], env).code).toBe(0)
  for (const name of ['old', 'new', 'third']) {
    const cwd = bench.checkout(name, { 'a.txt': name })
    const ran = step(cwd, 'build', ['--products', 'dist/app', '--', 'sh', '-c', 'mkdir dist; cp a.txt dist/app'])
    runs[name] = ran.chain
  }
})
afterAll(async () => {
  await server.stop()
  bench.remove()
})

function step(cwd: string, name: string, more: readonly string[]) {
  const args = ['run', '--json', '--no-git', '--step', name, '--pipeline', 'p', '--key', key]
  const ran = bench.cli(cwd, [...args, ...more], env)
  expect([ran.code, ran.err]).toEqual([0, expect.stringContaining('"link"')])
  return JSON.parse(ran.err) as { chain: string; token: string; previous: unknown[]; warnings: string[] }
}

/** A deploy of the artifact of one run, beside the chain files of others. */
function deploy(name: string, artifact: string, files: readonly string[]) {
  const cwd = bench.dir(name)
  cpSync(join(bench.path(artifact), 'dist', 'app'), join(cwd, 'app'))
  const previous = files.flatMap((file) => ['--previous', join(bench.path(file), 'dist', 'app.chain.jsonl')])
  return step(cwd, name, [...previous, '--materials', 'app', '--', 'true'])
}

test('an artifact of before, in the place of the one that its chain file is about, is told', () => {
  const { chain, warnings } = deploy('rolled-back', 'old', ['new'])
  expect(chain).toBe(runs['old'])
  const [was, is] = [runs['new']!.slice(0, 12), runs['old']!.slice(0, 12)]
  expect(warnings).toEqual([
    `app is not what its chain file tells of (run ${was}), but of run ${is}: the step goes on in that`,
  ])
})

test.each<[string, string[]]>([
  ['with its own chain file', ['old']],
  ['with that of another run as well', ['old', 'third']],
  ['without any', []],
])('an artifact %s is as it should be', (_, files) => {
  expect(deploy(`fits-${files.length}`, 'old', files)).toMatchObject({ chain: runs['old'], warnings: [] })
})

test('a step that is tried again alone is told that it does not follow what was made before', () => {
  const cwd = bench.checkout('tried', { 'a.txt': 'tried' })
  const built = step(cwd, 'build', ['--products', 'app', '--', 'cp', 'a.txt', 'app'])
  const again = step(cwd, 'test', ['--attempt', '2', '--materials', 'app', '--', 'true'])
  expect(again).toMatchObject({ chain: built.chain, previous: [] })
  expect(again.warnings).toEqual([expect.stringMatching(/^app is of attempt 1 \(step build\), .*attempts: carry$/)])
  // With what it follows nothing is told.
  step(cwd, 'build', ['--attempt', '3', '--products', 'app', '--', 'cp', 'a.txt', 'app'])
  const whole = step(cwd, 'test', ['--attempt', '3', '--materials', 'app', '--', 'true'])
  expect(whole).toMatchObject({ previous: [{ step: 'build' }], warnings: [] })
})

test('what no predecessor made is said to be of another run, or of another attempt', () => {
  const cwd = bench.checkout('mixed', { 'a.txt': 'mixed', 'b.txt': 'other' })
  const built = step(cwd, 'build', ['--products', 'app', 'notes', '--', 'sh', '-c', 'cp a.txt app; echo > notes'])
  const other = step(cwd, 'lib', ['--products', 'lib', '--', 'cp', 'b.txt', 'lib'])
  const deploy = ['run', '--step', 'deploy', '--no-git', '--key', key]
  const refused = (token: string, more: readonly string[]) => {
    const ran = bench.cli(cwd, [...deploy, ...more, '--', 'true'], { ...env, COUNTERSIGN_CHAIN: token })
    expect(ran.code).toBe(1)
    return ran.err
  }
  const [ours, theirs] = [built.chain.slice(0, 12), other.chain.slice(0, 12)]
  expect(refused(built.token, ['--materials', 'app', 'lib'])).toContain(
    `material lib was made by no predecessor, but by step lib of run ${theirs}, and this is run ${ours}`,
  )
  const tried = step(cwd, 'test', [
    '--attempt',
    '2',
    '--materials',
    'notes',
    '--products',
    'log',
    '--',
    'cp',
    'b.txt',
    'log',
  ])
  expect(refused(tried.token, ['--attempt', '2', '--materials', 'app', 'log'])).toMatch(
    /material app was made by no predecessor, but by step build in attempt 1, and this is attempt 2\n.*\n.*fix {2}Run that again as attempt 2, too/,
  )
})

test('where runs of several pipelines have what was received, and none is named, it is said in which the step goes on', () => {
  const cwd = bench.checkout('mono', { 'a.txt': 'mono' })
  const began = ['web', 'api'].map((pipeline) => {
    const args = ['run', '--json', '--step', 'source', '--pipeline', pipeline, '--key', key, '--', 'true']
    const ran = bench.cli(cwd, args, env)
    expect(ran.code).toBe(0)
    rmSync(join(cwd, 'source.chain.jsonl'))
    return JSON.parse(ran.err) as { token: string }
  })
  const test = (name: string, more: readonly string[], token = '') => {
    const args = ['run', '--json', '--step', name, '--key', key, ...more, '--', 'true']
    const ran = bench.cli(cwd, args, { ...env, COUNTERSIGN_CHAIN: token })
    return JSON.parse(ran.err) as { pipeline: string; warnings: string[] }
  }
  const unnamed = test('unnamed', [])
  const other = unnamed.pipeline === 'web' ? 'api' : 'web'
  const told = `what was received is of ${other}, too: the step goes on in ${unnamed.pipeline}; --pipeline NAME says in which`
  expect(unnamed.warnings).toEqual([told])
  expect(test('named', ['--pipeline', 'web'])).toMatchObject({ pipeline: 'web', warnings: [] })
  expect(test('carried', [], began[1]!.token)).toMatchObject({ pipeline: 'api', warnings: [] })
})
