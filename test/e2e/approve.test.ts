import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer } from '../demo/world.ts'
import { Bench } from './cli.ts'

const bench = new Bench()
const contract = bench.path('contract.yaml')
const key = (name: string) => bench.path(`${name}.key`)
const JUNIT = '<testsuite tests="2"><testcase name="a"/><testcase name="b"/></testsuite>'

beforeAll(() => {
  const signers = ['ci', 'ana', 'ben', 'release'].map((name) => {
    expect(bench.cli(bench.root, ['key', 'new', key(name)]).code).toBe(0)
    const pem = readFileSync(`${key(name)}.pub`, 'utf8')
      .trim()
      .split('\n')
    return `  ${name}: |\n${pem.map((line) => `    ${line}`).join('\n')}`
  })
  writeFileSync(
    contract,
    `contract: v1
pipeline: shop/web
revision: 1
signers:
${signers.join('\n')}
people:
  ben-the-second: [ben]
steps:
  build:
    signers: [ci]
    products: [app]
    evidence: { tests: passed }
    conditions: ['products.all(p, p.name == "app")']
  approve:
    after: [build]
    signers: [ana, ben]
    approvals: 2
  deploy:
    after: [build, approve]
    signers: [release]
final: deploy
`,
  )
  expect(bench.cli(bench.root, ['contract', 'lint', contract]).code).toBe(0)
})
afterAll(() => bench.remove())

const sign = (by: string) => ['--contract', contract, '--key', key(by)]
const step = (by: string, name: string, ...more: readonly string[]) =>
  ['record', '--step', name, ...sign(by), '--no-git', ...more] as const

/** A copy of the artifact and its chain, where somebody else works. */
function handed(from: string, to: string): string {
  const cwd = bench.dir(to)
  for (const file of ['app', 'app.chain.jsonl']) cpSync(join(from, file), join(cwd, file))
  return cwd
}

test('two people approve what was built, and only then it is deployed', () => {
  const built = bench.dir('built')
  writeFileSync(join(built, 'app'), 'app\n')
  writeFileSync(join(built, 'junit.xml'), JUNIT)
  expect(bench.cli(built, step('ci', 'build', '--products', 'app')).code).toBe(0)
  // Without the results of its tests the build is none under this contract.
  const untested = bench.cli(handed(built, 'untested'), ['approve', 'app', ...sign('ana')])
  expect(untested).toMatchObject({ code: 1 })
  expect(untested.err).toContain('evidence-missing')

  expect(bench.cli(built, step('ci', 'build', '--products', 'app', '--evidence', 'junit.xml')).code).toBe(0)
  const [anas, bens] = [handed(built, 'ana'), handed(built, 'ben')]
  const ana = bench.cli(anas, ['approve', 'app', ...sign('ana'), '--format', 'json'])
  expect(JSON.parse(ana.out)).toMatchObject({ approved: true, as: 'ana' })
  const alone = bench.cli(handed(anas, 'early'), step('release', 'deploy', '--materials', 'app'))
  expect(alone).toMatchObject({ code: 1 })
  expect(alone.err).toContain('approval-missing: step approve has the approval of 1 person, and 2 must')

  expect(bench.cli(bens, ['approve', 'app', ...sign('ben')]).code).toBe(0)
  const deployed = handed(anas, 'deployed')
  const previous = ['--previous', join(bens, 'app.chain.jsonl')]
  expect(bench.cli(deployed, step('release', 'deploy', '--materials', 'app', ...previous)).code).toBe(0)
  const verified = bench.cli(deployed, ['verify', 'app', '--contract', contract, '--format', 'json'])
  expect(JSON.parse(verified.out)).toMatchObject({ verdict: 'pass' })
  expect(verified.out).toContain('ben-the-second')
})

test('who approves in one directory after another takes nobody out of the chain file', () => {
  const cwd = handed(bench.path('built'), 'together')
  expect(bench.cli(cwd, ['approve', 'app', ...sign('ana')]).code).toBe(0)
  expect(bench.cli(cwd, ['approve', 'app', ...sign('ben')]).code).toBe(0)
  const file = readFileSync(join(cwd, 'app.chain.jsonl'), 'utf8').trimEnd().split('\n')
  expect(new Set(file).size).toBe(file.length)
  const deployed = bench.cli(cwd, step('release', 'deploy', '--materials', 'app'))
  expect(deployed).toMatchObject({ code: 0 })
  expect(bench.cli(cwd, ['verify', 'app', '--contract', contract]).code).toBe(0)
})

test('who approves again approves no other run of the same bytes', () => {
  const [one, other] = [bench.dir('one'), bench.dir('other')]
  for (const cwd of [one, other]) {
    for (const [name, text] of [
      ['app', 'same\n'],
      ['junit.xml', JUNIT],
    ] as const)
      writeFileSync(join(cwd, name), text)
    expect(bench.cli(cwd, step('ci', 'build', '--products', 'app', '--evidence', 'junit.xml')).code).toBe(0)
  }
  const again = ['approve', 'app', ...sign('ana'), '--previous', join(other, 'app.chain.jsonl')]
  const asked = bench.cli(one, again)
  expect([asked.code, asked.err]).toEqual([2, expect.stringContaining('2 runs made what is to be approved')])
  const [, id = ''] = /--chain ID\. Newest first: [0-9a-f]{32}, ([0-9a-f]{32})/.exec(asked.err) ?? []
  const named = bench.cli(one, [...again, '--chain', id, '--format', 'json'])
  expect(JSON.parse(named.out)).toMatchObject({ approved: true, recorded: { chain: id } })
  // Neither this run nor, in its place, the other.
  const twice = bench.cli(one, [...again, '--chain', id])
  expect([twice.code, twice.err]).toEqual([1, expect.stringContaining('place-taken')])
  const alone = bench.cli(one, ['approve', 'app', ...sign('ana')])
  expect([alone.code, alone.err]).toEqual([
    1,
    expect.stringMatching(/place-taken.*[^]*fix {2}Of each person one approval/),
  ])
})

test('whoever may not approve is told so, and who approves must be known', () => {
  const built = bench.path('built')
  const stranger = bench.cli(handed(built, 'stranger'), ['approve', 'app', ...sign('release')])
  expect(stranger).toMatchObject({ code: 1 })
  expect(stranger.err).toContain(
    'signer-not-allowed: the key is of nobody who may approve approve: ana, ben-the-second',
  )
  const forged = bench.cli(handed(built, 'forged'), ['approve', 'app', ...sign('release'), '--as', 'ana'])
  expect(forged.code).toBe(0)
  const verdict = bench.cli(bench.path('forged'), ['verify', 'app', '--contract', contract])
  expect(verdict.code).toBe(1)
  const json = ['--as', 'ana', '--format', 'json']
  const told = bench.cli(handed(built, 'forged-json'), ['approve', 'app', ...sign('release'), ...json])
  expect(told).toMatchObject({ code: 0, err: '' })
  const warnings = [expect.stringContaining('(signer-not-allowed)') as string]
  expect(JSON.parse(told.out)).toMatchObject({ recorded: { warnings } })
})

test('where no contract is named it is the one that the run is bound to at the server', async () => {
  const server = await startServer(bench.dir('server'))
  try {
    const env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: bench.path('spool') }
    const cli = (cwd: string, args: readonly string[]) => bench.cli(cwd, args, env)
    for (const name of ['ci', 'ana', 'ben'])
      expect(cli(bench.root, ['key', 'enroll', `${key(name)}.pub`, '--name', name]).code).toBe(0)
    expect(cli(bench.root, ['contract', 'publish', contract]).code).toBe(0)
    const cwd = bench.dir('published')
    writeFileSync(join(cwd, 'app'), 'published\n')
    writeFileSync(join(cwd, 'junit.xml'), JUNIT)
    const record = ['record', '--step', 'build', '--pipeline', 'shop/web', '--key', key('ci'), '--no-git']
    const built = cli(cwd, [...record, '--products', 'app', '--evidence', 'junit.xml', '--json'])
    const { link } = JSON.parse(built.err) as { link: string }

    const approve = (target: string, by: string) => cli(cwd, ['approve', target, '--key', key(by), '--format', 'json'])
    expect(JSON.parse(approve('app', 'ana').out)).toMatchObject({ approved: true, as: 'ana' })
    expect(JSON.parse(approve(link, 'ben').out)).toMatchObject({ approved: true, as: 'ben-the-second' })
    expect(approve(link, 'release').out).toContain('signer-not-allowed')
    // A run that is bound to none has none.
    writeFileSync(join(cwd, 'free'), 'free\n')
    expect(cli(cwd, [...record, '--pipeline', 'free', '--products', 'free']).code).toBe(0)
    expect(approve('free', 'ana')).toMatchObject({
      code: 2,
      out: expect.stringContaining('no contract says') as string,
    })
  } finally {
    await server.stop()
  }
})
