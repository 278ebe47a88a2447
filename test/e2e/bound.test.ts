import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { Bench } from './cli.ts'

const bench = new Bench()
const key = (name: string) => bench.path(`${name}.key`)
const publicKey = (name: string) => readFileSync(`${key(name)}.pub`, 'utf8').replace(/-----[^-]+-----|\s/g, '')
let server: Server
let env: Record<string, string>

const contract = (revision: number) => `contract: v1
pipeline: shop
revision: ${revision}
attempts: carry
signers: { ci: ${publicKey('ci')}, rel: ${publicKey('rel')} }
steps:
  source: { signers: [ci], products: [src] }
  build: { after: [source], signers: [ci], materials: [{ from: source, match: [src] }], products: ["app-*"], matrix: [linux, mac] }
  test: { after: [build], signers: [ci], materials: [{ from: build, match: ["app-*"] }] }
  deploy: { after: [test], signers: [rel], materials: [{ from: test, match: ["app-*"] }] }
final: deploy
`

const SOURCE = () => `contract: v1
pipeline: ours
revision: 1
signers: { ci: ${publicKey('ci')} }
steps:
  source: { signers: [ci], materials: [{ outside: "lib-*" }] }
final: source
`

beforeAll(async () => {
  server = await startServer(bench.dir('server'))
  env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: bench.path('spool') }
  for (const name of ['ci', 'rel', 'other']) {
    expect(bench.cli(bench.root, ['key', 'new', key(name)]).code).toBe(0)
    expect(bench.cli(bench.root, ['key', 'enroll', `${key(name)}.pub`, '--name', name], env).code).toBe(0)
  }
})
afterAll(async () => {
  await server.stop()
  bench.remove()
})

const cli = (cwd: string, args: readonly string[]) => bench.cli(cwd, args, env)
function step(cwd: string, by: string, name: string, more: readonly string[], command: readonly string[] = ['true']) {
  return cli(cwd, ['run', '--step', name, '--no-git', '--key', key(by), ...more, '--', ...command])
}
function verified(cwd: string, artifact: string, more: readonly string[] = []) {
  const ran = cli(cwd, ['verify', artifact, '--format', 'json', ...more])
  const { verdict, upTo, unjudgedContract, findings, criteria } = JSON.parse(ran.out) as {
    verdict: string
    upTo: string | null
    unjudgedContract: string | null
    findings: { code: string }[]
    criteria: { name: string; detail: string }[]
  }
  const told = Object.fromEntries(criteria.map(({ name, detail }) => [name, detail]))
  return { verdict, upTo, unjudgedContract, codes: findings.map(({ code }) => code), told }
}

test('without a contract a run is judged by its own, as far as it has come', () => {
  const cwd = bench.dir('river')
  bench.write('contract.yaml', contract(1))
  bench.write('river/src', 'src')
  expect(cli(bench.root, ['contract', 'publish', 'contract.yaml']).code).toBe(0)
  expect(step(cwd, 'ci', 'source', ['--pipeline', 'shop', '--products', 'src']).code).toBe(0)
  for (const job of ['linux', 'mac']) {
    const made = ['--matrix', job, '--materials', 'src', '--products', `app-${job}`]
    expect(step(cwd, 'ci', 'build', made, ['sh', '-c', `echo ${job} > app-${job}`]).code).toBe(0)
  }
  // Each job of a matrix has made something of its own.
  expect(verified(cwd, 'app-linux')).toMatchObject({ verdict: 'pass', upTo: 'build', unjudgedContract: null })
  const shown = cli(cwd, ['verify', 'app-linux'])
  expect([shown.code, shown.out]).toEqual([0, expect.stringContaining('✓ VERIFIED, AS FAR AS build  app-linux')])
  expect(shown.out).toContain('a gate denies it')
  expect(cli(cwd, ['gate', 'app-linux', '--contract', '../contract.yaml']).code).toBe(1)

  const both = ['--materials', 'app-linux', 'app-mac']
  expect(step(cwd, 'ci', 'test', both, ['false']).code).toBe(1)
  expect(verified(cwd, 'app-linux')).toMatchObject({ verdict: 'fail', upTo: 'test', codes: ['step-failed'] })
  expect(step(cwd, 'ci', 'test', ['--attempt', '2', ...both]).code).toBe(0)
  expect(verified(cwd, 'app-linux')).toMatchObject({ verdict: 'pass', upTo: 'test' })
  expect(step(cwd, 'rel', 'deploy', ['--attempt', '2', ...both]).code).toBe(0)
  expect(verified(cwd, 'app-linux')).toMatchObject({ verdict: 'pass', upTo: null, codes: [] })
  expect(cli(cwd, ['tree', 'app-linux'])).toMatchObject({
    code: 0,
    out: expect.not.stringContaining('attempt-mixed') as string,
  })

  // Red control: who names keys, or asks no server, has only those, and is told so. They do not know that attempts carry.
  const trust = ['--trust', `ci=${key('ci')}.pub`, `rel=${key('rel')}.pub`]
  for (const alone of [trust, [...trust, '--offline']]) {
    expect(verified(cwd, 'app-linux', alone)).toMatchObject({ verdict: 'fail', codes: ['attempt-mixed'] })
    const { out } = cli(cwd, ['verify', 'app-linux', ...alone])
    expect(out).toMatch(
      /! The run is bound to a contract.*\n {2}countersign contract show [0-9a-f]{64} > contract.yaml/,
    )
  }
})

test('what was built under an older contract is judged by that, and it is said that there is a newer one', () => {
  bench.write('next.yaml', contract(2).replace('[rel]', '[rel, ci]'))
  expect(cli(bench.root, ['contract', 'publish', 'next.yaml']).code).toBe(0)
  const { verdict, told } = verified(bench.path('river'), 'app-linux')
  expect([verdict, told['in force']]).toEqual(['pass', expect.stringContaining('revision 2 of shop is')])
  expect(told['contract']).toContain('shop revision 1')
})

test('another pipeline that began with the same source keeps no run from beginning, whoever signed it', () => {
  const theirs = bench.checkout('theirs', { 'a.txt': 'shared\n' })
  const begin = (cwd: string, by: string, more: readonly string[]) =>
    cli(cwd, ['run', '--step', 'source', '--key', key(by), ...more, '--', 'true'])
  expect(begin(theirs, 'other', ['--pipeline', 'theirs']).code).toBe(0)
  const ours = bench.dir('ours')
  cpSync(theirs, ours, { recursive: true })
  bench.write('source.yaml', SOURCE())
  expect(cli(bench.root, ['contract', 'publish', 'source.yaml']).code).toBe(0)
  // What was handed over by file is another thing: to begin beside that would hide it.
  const beside = begin(ours, 'ci', ['--pipeline', 'ours', '--previous', 'source.chain.jsonl'])
  expect([beside.code, beside.err]).toEqual([1, expect.stringContaining('signer-unknown')])
  rmSync(join(ours, 'source.chain.jsonl'))
  expect(begin(ours, 'ci', ['--pipeline', 'ours'])).toMatchObject({ code: 0 })
})

test('what others made may come in where the contract says so; without one it is of whom the step believes', () => {
  const lib = bench.dir('lib')
  bench.write('lib/lib-1', 'lib')
  const built = step(lib, 'other', 'lib', ['--pipeline', 'lib', '--products', 'lib-1'])
  expect(built.code).toBe(0)
  const second = step(lib, 'other', 'lib', ['--pipeline', 'lib', '--products', 'lib-2'], ['sh', '-c', 'echo 2 > lib-2'])
  expect(second.code).toBe(0)
  for (const name of ['lib-1', 'lib-2']) rmSync(join(lib, `${name}.chain.jsonl`))
  // The contract is that of the pipeline that was named, and not of the one that made the material.
  const take = ['--json', '--pipeline', 'ours', '--materials', 'lib-1', '--chain-out', 'ours.jsonl']
  const taken = step(lib, 'ci', 'source', take)
  expect(taken.code).toBe(0)
  const told = JSON.parse(taken.err) as Record<string, unknown>
  expect(told).toMatchObject({ pipeline: 'ours', contract: expect.stringMatching(/^[0-9a-f]{64}$/), previous: [] })
  const trusting = ['--pipeline', 'lib', '--materials', 'lib-2', '--trust', `${key('ci')}.pub`]
  // Red control: to begin anew would hide who made it.
  const refused = step(lib, 'rel', 'use', trusting)
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('signer-unknown')])
  expect(step(lib, 'rel', 'use', [...trusting, `other=${key('other')}.pub`])).toMatchObject({ code: 0 })
})

test('a step that takes of two pipelines is told to name its own', () => {
  const cwd = bench.dir('two')
  bench.write('two/b', 'two')
  expect(step(cwd, 'ci', 'base', ['--pipeline', 'base', '--products', 'b', '--chain-out', 'b.jsonl']).code).toBe(0)
  bench.write('two/c', 'three')
  expect(step(cwd, 'ci', 'base', ['--pipeline', 'cast', '--products', 'c', '--chain-out', 'c.jsonl']).code).toBe(0)
  const both = step(cwd, 'ci', 'join', ['--materials', 'b', 'c'])
  expect([both.code, both.err]).toEqual([
    1,
    expect.stringMatching(/was made by no predecessor, but by step base of run/),
  ])
  expect(both.err).toContain('Name the pipeline that the step is of (--pipeline NAME)')
})
