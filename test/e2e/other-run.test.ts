import { cpSync } from 'node:fs'
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
  return JSON.parse(ran.err) as { chain: string; warnings: string[] }
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
