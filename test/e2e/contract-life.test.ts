import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { Bench } from './cli.ts'

const bench = new Bench()
const key = (name: string) => bench.path(`${name}.key`)
let server: Server
let env: Record<string, string>
let repo: string

const publicKey = (name: string) =>
  readFileSync(`${key(name)}.pub`, 'utf8')
    .replace(/-----[^-]+-----/g, '')
    .replaceAll('\n', '')

const contract = (revision: number, more = '') => `contract: v1
pipeline: shop
revision: ${revision}
signers:
  ci: ${publicKey('ci')}
maintainers:
  threshold: 2
  of:
    ann: ${publicKey('ann')}
    bob: ${publicKey('bob')}
${more}steps:
  build:
    signers: [ci]
    products: [app]
  scan:
    after: [build]
    signers: [ci]
  release:
    after: [scan]
    signers: [ci]
final: release
`

beforeAll(async () => {
  server = await startServer(bench.dir('server'))
  env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: bench.path('spool') }
  for (const name of ['ci', 'ann', 'bob', 'eve']) expect(bench.cli(bench.root, ['key', 'new', key(name)]).code).toBe(0)
  expect(bench.cli(bench.root, ['key', 'enroll', `${key('ci')}.pub`, '--name', 'ci'], env).code).toBe(0)
  repo = bench.checkout('repo', { app: 'app\n' })
})
afterAll(async () => {
  await server.stop()
  bench.remove()
})

const cli = (args: readonly string[], cwd = bench.root) => bench.cli(cwd, args, env)
const json = (args: readonly string[], cwd = bench.root) =>
  JSON.parse(cli([...args, '--format', 'json'], cwd).out) as never

test('a contract is signed by two, published, listed, and changed by no fewer', () => {
  bench.write('contract.yaml', contract(1))
  expect(cli(['contract', 'publish', 'contract.yaml']).err).toContain('contract-unsigned')
  const first = cli(['contract', 'sign', 'contract.yaml', '--key', key('ann')])
  expect([first.code, first.out]).toEqual([
    0,
    expect.stringContaining('1 of 2 maintainers have signed (ann); may yet: bob'),
  ])
  expect(cli(['contract', 'publish', 'contract.signed.json']).err).toContain('contract-unsigned')
  // What too few have signed is no contract to anybody else either.
  expect(cli(['gate', join(repo, 'app'), '--contract', 'contract.signed.json']).err).toContain('contract-unsigned')
  // Who is none of them would wait for what never comes; nothing is written.
  const before = readFileSync(bench.path('contract.signed.json'), 'utf8')
  const eve = cli(['contract', 'sign', 'contract.signed.json', '--key', key('eve')])
  expect([eve.code, eve.err]).toEqual([1, expect.stringContaining('signer-not-allowed')])
  expect(eve.err).toContain('none of the maintainers: ann, bob')
  expect(readFileSync(bench.path('contract.signed.json'), 'utf8')).toBe(before)
  const both = json(['contract', 'sign', 'contract.signed.json', '--key', key('bob')])
  expect(both).toMatchObject({ revision: 1, signedBy: ['ann', 'bob'], enough: true })
  const published = cli(['contract', 'publish', 'contract.signed.json'])
  expect([published.code, published.err]).toEqual([0, ''])
  expect(json(['contract', 'list', 'shop'])).toMatchObject([{ revision: 1, signatures: 2, index: 2 }])
  expect(json(['contract', 'show', 'shop'])).toMatchObject({
    revision: 1,
    maintainers: { threshold: 2, of: ['ann', 'bob'] },
    signedBy: ['ann', 'bob'],
    loggedAt: expect.stringMatching(/Z$/),
  })
  expect(cli(['contract', 'show', 'shop']).out).toBe(contract(1))

  bench.write('next.yaml', contract(2, 'clockToleranceSeconds: 86400\n').replace('threshold: 2', 'threshold: 1'))
  const diff = cli(['contract', 'diff', 'contract.signed.json', 'next.yaml', '--only-tighten'])
  expect(diff.code).toBe(1)
  expect(diff.out).toMatch(/- loosened +clockToleranceSeconds +was 300, is 86400/)
  expect(diff.out).toMatch(/- loosened +maintainers.threshold +was 2, is 1/)
  expect(diff.out).toContain('✗ not only tightened: 2 loosened\n')
  bench.write('other.yaml', contract(2).replace('[app]', '[other]'))
  const changed = cli(['contract', 'diff', 'contract.yaml', 'other.yaml', '--only-tighten'])
  expect([changed.code, changed.out]).toEqual([
    1,
    expect.stringContaining('✗ not only tightened: 1 changed, which may let something pass that did not\n'),
  ])
  // What is signed is linted as what it signs.
  const linted = cli(['contract', 'lint', 'contract.signed.json'])
  expect([linted.code, linted.out]).toEqual([0, cli(['contract', 'lint', 'contract.yaml']).out])
  bench.write(
    'bad.signed.json',
    readFileSync(bench.path('contract.signed.json'), 'utf8').replace('payload', 'payloadd'),
  )
  expect(cli(['contract', 'lint', 'bad.signed.json']).code).not.toBe(0)
  // Who leaves is a maintainer of the one in force alone.
  bench.write(
    'left.yaml',
    contract(2)
      .replace(/ {4}ann: .*\n/, '')
      .replace('threshold: 2', 'threshold: 1'),
  )
  expect(cli(['contract', 'sign', 'left.yaml', '--key', key('ann')]).code).toBe(1)
  const follows = ['contract', 'sign', 'left.yaml', '--follows', 'contract.yaml']
  expect(cli([...follows, '--key', key('ann')]).code).toBe(0)
  expect(cli([...follows, '--key', key('eve')]).err).toContain('signer-not-allowed')
  cli(['contract', 'sign', 'next.yaml', '--key', key('bob')])
  expect(cli(['contract', 'publish', 'next.signed.json']).err).toContain(
    'of revision 1, 1 of 2 maintainers have signed (bob)',
  )
  expect(cli(['contract', 'graph', 'contract.yaml', '--format', 'mermaid']).out).toContain('s1 --> s2')
})

test('what the contract refuses is let through by two, on record, and told by whoever judges', () => {
  const run = (step: string, more: readonly string[], cwd = repo) =>
    bench.cli(cwd, ['run', '--json', '--step', step, '--key', key('ci'), ...more, '--', 'true'], {
      ...env,
      COUNTERSIGN_CONTRACT: bench.path('contract.signed.json'),
    })
  const built = run('build', ['--products', 'app'])
  expect([built.code, built.err]).toEqual([0, expect.stringContaining('"chain"')])
  const { chain } = JSON.parse(built.err) as { chain: string }
  const ready = bench.dir('ready')
  cpSync(join(repo, 'app'), join(ready, 'app'))
  const release = () => run('release', ['--materials', 'app'], ready)
  expect(release().err).toContain('step-skipped')

  const make = ['deviate', 'new', chain, '--contract', 'contract.signed.json', '--skip', 'scan', '-o', 'd.json']
  expect(cli([...make, '--key', key('ann')]).err).toContain('no reason is given')
  // What the run has made so far names it as well, at the server and offline.
  const skip = ['--contract', bench.path('contract.signed.json'), '--skip', 'scan', '--reason', 'INC-42']
  const more = [...skip, '--key', key('ann'), '-o', bench.path('by-file.json'), '--format', 'json']
  for (const [at, where] of [
    [repo, '--offline'],
    [ready, '--for=8h'],
  ] as const) {
    const byFile = cli(['deviate', 'new', 'app', where, ...more], at)
    expect([byFile.code, JSON.parse(byFile.out)]).toMatchObject([0, { deviation: { chain, artifact: null } }])
  }
  bench.write('unknown', 'nobody made it\n')
  expect(cli(['deviate', 'new', 'unknown', ...more]).out).toContain('no run has it')
  const evil = cli([...make, '--key', key('eve'), '--reason', 'mine'])
  expect([evil.code, evil.err]).toEqual([1, expect.stringContaining('none of the maintainers: ann, bob')])
  const made = cli([...make, '--key', key('ann'), '--reason', 'scanner down, INC-42', '--for', '8h'])
  expect([made.code, made.err]).toEqual([0, ''])
  expect(cli(['deviate', 'append', 'd.json']).err).toContain('deviation-unsigned')
  const named = ['deviate', 'sign', 'd.json', '--contract', 'contract.yaml']
  expect(cli([...named, '--key', key('eve')]).err).toContain('signer-not-allowed')
  // Without the contract nobody says so here; it does not count all the same.
  cli(['deviate', 'sign', 'd.json', '--key', key('eve')])
  expect(cli(['deviate', 'append', 'd.json']).err).toContain('deviation-unsigned')
  expect(cli([...named, '--key', key('bob')]).code).toBe(0)
  const appended = cli(['deviate', 'append', 'd.json'])
  expect([appended.code, appended.out]).toEqual([0, expect.stringContaining('logged as leaf')])

  const released = release()
  expect([released.code, released.err]).toEqual([0, expect.stringContaining('"receipt"')])
  // Where no contract is named it is the run's own, and its maintainers'.
  const bare = cli(['verify', join(ready, 'app')])
  expect([bare.code, bare.out]).toEqual([0, expect.stringContaining('✓ VERIFIED, BY DEVIATION')])
  expect(bare.out).toContain('believing the keys of the contract that the run is bound to')
  const drawn = cli(['tree', join(ready, 'app')])
  expect([drawn.code, drawn.out]).toEqual([0, expect.stringContaining('✓ release')])
  const gate = cli(['gate', join(ready, 'app'), '--contract', 'contract.yaml'])
  expect([gate.code, gate.out]).toEqual([0, expect.stringContaining('ALLOW, BY DEVIATION')])
  expect(gate.out).toContain('scanner down, INC-42')
  // Offline too: the deviation is in the file beside the artifact, and in evidence.
  const offline = bench.cli(ready, ['gate', 'app', '--contract', bench.path('contract.yaml'), '--format', 'json'])
  expect(JSON.parse(offline.out)).toMatchObject({
    verdict: 'pass',
    deviations: [{ by: ['ann', 'bob'], chain, reason: 'scanner down, INC-42' }],
  })
  const evidence = ['evidence', 'export', 'app', '--contract', bench.path('contract.yaml'), '-o', 'app.evidence.json']
  expect(cli(evidence, ready).code).toBe(0)
  const judged = bench.cli(ready, [
    'gate',
    'app',
    '--evidence',
    'app.evidence.json',
    '--contract',
    bench.path('contract.yaml'),
  ])
  expect([judged.code, judged.out]).toEqual([0, expect.stringContaining('BY DEVIATION')])
  expect(cli(['inspect', 'app.chain.jsonl'], ready).out).toContain('step-skipped at scan')
  cpSync(join(ready, 'app.chain.jsonl'), join(ready, 'kept.jsonl'))
  // Red control: without it nothing passes.
  const lines = readFileSync(join(ready, 'app.chain.jsonl'), 'utf8').split('\n')
  bench.write('ready/app.chain.jsonl', lines.filter((line) => !line.includes('signed-deviation')).join('\n'))
  expect(bench.cli(ready, ['gate', 'app', '--contract', bench.path('contract.yaml')]).code).toBe(1)
})

test('a deviation waits at the server for the second signature, and is let in with it', () => {
  // Of a run that has not begun: it will be under the contract in force.
  const chain = 'd'.repeat(32)
  expect(cli(['deviate', 'list']).out).toBe('no deviation waits\n')
  const make = ['deviate', 'new', chain, '--contract', 'contract.signed.json', '--skip', 'scan', '--propose']
  const made = cli([...make, '--key', key('ann'), '--reason', 'scanner down, INC-43'])
  expect([made.code, made.out]).toEqual([0, expect.stringContaining('1 of 2 have signed (ann); may yet: bob')])
  expect(made.out).toMatch(/next {2}countersign deviate sign [0-9a-f]{12}/)
  const [, id] = /deviate sign ([0-9a-f]+)/.exec(made.out)!
  const listed = cli(['deviate', 'list', '--chain', chain])
  expect([listed.code, listed.out]).toEqual([0, expect.stringContaining('INC-43')])
  const { items } = JSON.parse(cli(['deviate', 'list', '--format', 'json']).out) as { items: object[] }
  expect(items).toMatchObject([{ chain, state: 'waiting', signedBy: ['ann'], open: ['bob'], threshold: 2 }])
  // One whom nobody names changes nothing, and neither does the first again.
  expect(cli(['deviate', 'sign', id!, '--key', key('eve')]).out).toContain('1 of 2')
  expect(cli(['deviate', 'sign', id!, '--key', key('ann')]).out).toContain('1 of 2')
  expect(cli(['deviate', 'sign', '0123456789ab', '--key', key('bob')]).err).toContain('no deviation that waits')
  const last = cli(['deviate', 'sign', id!, '--key', key('bob')])
  expect([last.code, last.out]).toEqual([0, expect.stringContaining('logged as leaf')])
  expect(cli(['deviate', 'list']).out).toBe('no deviation waits\n')
  const long = cli([...make, '--reason', 'again', '--for', '200d'])
  expect([long.code, long.err]).toEqual([
    2,
    expect.stringMatching(/--for 200d is longer than 90d\n.*\n.*90d is the most/),
  ])
  // From a file, and away again.
  const file = [...make.slice(0, -1), '-o', 'p.json', '--key', key('bob'), '--reason', 'again']
  expect(cli(file).code).toBe(0)
  const other = JSON.parse(cli(['deviate', 'propose', 'p.json', '--format', 'json']).out) as { id: string }
  expect(cli(['deviate', 'withdraw', other.id]).code).toBe(0)
  expect(cli(['deviate', 'list']).out).toBe('no deviation waits\n')
})

test('a contract is learned from runs, and replayed over them and over others', () => {
  const env = { COUNTERSIGN_KEY: key('ci') }
  const runs = bench.dir('runs')
  for (const [version, by] of [
    ['1.0.0', 'ci'],
    ['1.0.1', 'ci'],
    ['1.1.0', 'eve'],
  ] as const) {
    const checkout = bench.checkout(`run-${version}`, { [`app-${version}.tgz`]: `app ${version}\n` })
    const step = (name: string, more: readonly string[], signer: string) =>
      bench.cli(
        checkout,
        ['run', '--step', name, '--pipeline', 'lib', '--key', key(signer), ...more, '--', 'true'],
        env,
      )
    expect(step('build', ['--products', `app-${version}.tgz`], 'ci').code).toBe(0)
    const trust = ['--trust', `ci=${key('ci')}.pub`]
    expect(step('release', ['--materials', `app-${version}.tgz`, ...trust], by).code).toBe(0)
    cpSync(join(checkout, `app-${version}.tgz.chain.jsonl`), join(runs, `${version}.chain.jsonl`))
  }
  const good = ['1.0.0', '1.0.1'].map((version) => join(runs, `${version}.chain.jsonl`))
  const learn = ['contract', 'learn', '--chain', ...good, '--trust', `ci=${key('ci')}.pub`, '-o', 'learned.yaml']
  const learned = bench.cli(bench.root, learn, env)
  expect([learned.code, learned.err]).toEqual([0, ''])
  const text = readFileSync(bench.path('learned.yaml'), 'utf8')
  expect(text).toContain('# Learned from 2 runs of lib')
  expect(text).toContain('products: ["app-*.tgz"]')
  expect(bench.cli(bench.root, ['contract', 'lint', 'learned.yaml', '--strict']).code).toBe(0)
  expect(bench.cli(bench.root, ['contract', 'replay', 'learned.yaml', '--chain', ...good]).out).toContain(
    'would have let all 2 runs through',
  )
  const replay = bench.cli(bench.root, ['contract', 'replay', 'learned.yaml', '--chain', runs, '--format', 'json'])
  expect(replay.code).toBe(1)
  expect(JSON.parse(replay.out)).toMatchObject({ runs: 3, passed: 2, blocked: 1, codes: { 'signer-unknown': 1 } })
  const told = bench.cli(bench.root, ['contract', 'replay', 'learned.yaml', '--chain', runs])
  expect(told.out).toContain('would have blocked 1 of 3 runs')
  const json = [...learn.slice(0, -2), '--format', 'json']
  const shown = JSON.parse(bench.cli(bench.root, json).out) as { contract: string }
  expect(shown).toMatchObject({
    file: null,
    runs: good.length,
    contract: readFileSync(bench.path('learned.yaml'), 'utf8'),
  })
  // What does not verify is nothing to learn from.
  const strange = ['contract', 'learn', '--chain', runs, '--trust', `ci=${key('ci')}.pub`]
  expect(bench.cli(bench.root, strange, env).err).toContain('signer-unknown')
  // At the server: the run that was let through would be blocked, for no deviation is from this contract.
  const served = cli(['contract', 'replay', 'contract.yaml', '--format', 'json'])
  expect(JSON.parse(served.out)).toMatchObject({ runs: 1, blocked: 1, codes: { 'step-skipped': 1 } })
})

test('an older contract is refused at the gate once the server has a newer one (T-99)', () => {
  const gate = (file: string, more: readonly string[] = []) =>
    cli([
      'gate',
      bench.path('ready', 'app'),
      '--chain',
      'kept.chain.jsonl',
      '--contract',
      file,
      '--format',
      'json',
      ...more,
    ])
  cpSync(bench.path('ready', 'kept.jsonl'), bench.path('kept.chain.jsonl'))
  expect(JSON.parse(gate('contract.yaml').out)).toMatchObject({ verdict: 'pass' })
  bench.write('next.yaml', contract(2, 'grace: none\n'))
  for (const name of ['ann', 'bob']) {
    cli(['contract', 'sign', name === 'ann' ? 'next.yaml' : 'next.signed.json', '--key', key(name)])
  }
  expect(cli(['contract', 'publish', 'next.signed.json']).code).toBe(0)
  const refused = gate('contract.yaml')
  expect([refused.code, JSON.parse(refused.out)]).toMatchObject([
    1,
    { verdict: 'fail', findings: [{ code: 'contract-superseded' }] },
  ])
  // Under the new one the run is of another contract; offline nobody knows of it.
  expect(JSON.parse(gate('next.signed.json').out)).toMatchObject({ verdict: 'fail' })
  expect(gate('contract.yaml', ['--offline']).code).toBe(0)
})
