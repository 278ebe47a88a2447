import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { Bench } from './cli.ts'

// The life of a key as its owner lives it: a server that is a process, and the command line.

const bench = new Bench()
const key = (name: string) => bench.path(`${name}.key`)
let server: Server
let env: Record<string, string>

beforeAll(async () => {
  server = await startServer(bench.dir('server'))
  env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: bench.path('spool') }
})
afterAll(async () => {
  await server.stop()
  bench.remove()
})

const cli = (...args: readonly string[]) => bench.cli(bench.root, args, env)
function json<T>(...args: readonly string[]): T {
  const ran = cli(...args, '--format', 'json')
  if (ran.out === '') throw new Error(ran.err)
  return JSON.parse(ran.out) as T
}
const made = (name: string, type = 'p256') => json<{ keyId: string }>('key', 'new', key(name), '--type', type).keyId
const run = (cwd: string, step: string, by: string, more: readonly string[]) =>
  bench.cli(cwd, ['run', '--json', '--step', step, '--key', key(by), ...more, '--', 'true'], env)

/** A checkout in which `build` makes a file, and `test` receives it. */
function chain(name: string, builder: string, tester: string) {
  const repo = bench.checkout(name, { 'a.txt': `${name}\n` })
  const built = run(repo, 'build', builder, ['--pipeline', 'p', '--products', 'a.txt'])
  const next = bench.dir(`${name}-next`)
  for (const file of ['a.txt', 'a.txt.chain.jsonl']) cpSync(join(repo, file), join(next, file))
  const tested = run(next, 'test', tester, ['--materials', 'a.txt'])
  expect([built.code, tested.code]).toEqual([0, 0])
  const links = [built, tested].map(({ err }) => (JSON.parse(err) as { link: string }).link)
  return { next, links }
}

const verdict = (next: string, ...more: readonly string[]) => {
  const ran = bench.cli(next, ['verify', 'a.txt', '--format', 'json', ...more], env)
  return (JSON.parse(ran.out) as { verdict: string }).verdict
}
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))

describe('enrolment by code', () => {
  test('lets one key in, with no token, once', () => {
    const { code, id } = json<{ code: string; id: string }>('key', 'invite', '--name', 'runner', '--for', '1h')
    expect(code.startsWith(`cse_${id}_`)).toBe(true)
    const keyId = made('runner')
    made('late', 'ed25519')
    const bare = { COUNTERSIGN_URL: server.url }
    const enroll = (name: string, ...more: readonly string[]) =>
      bench.cli(bench.root, ['key', 'enroll', key(name), '--code', code, ...more], bare)
    const public_ = bench.cli(bench.root, ['key', 'enroll', `${key('runner')}.pub`, '--code', code], bare)
    expect([public_.code, public_.err.includes('private')]).toEqual([2, true])
    const first = enroll('runner', '--format', 'json')
    expect([first.code, JSON.parse(first.out)]).toEqual([0, { name: 'runner', keyId }])
    // The same again, when the answer was lost.
    expect(enroll('runner').code).toBe(0)
    const second = enroll('late')
    expect([second.code, second.err.includes('enrolment-invalid')]).toEqual([1, true])
    const never = bench.cli(
      bench.root,
      ['key', 'enroll', key('late'), '--code', `cse_${'0'.repeat(12)}_${'0'.repeat(64)}`],
      bare,
    )
    expect(never.code).toBe(1)
    expect(never.err).toBe(second.err)
    const { events } = json<{ events: object[] }>('key', 'show', keyId)
    expect(events).toMatchObject([{ kind: 'enrolled', by: `code ${id}`, proven: true, replaces: null }])
    expect(cli('key', 'show', keyId.slice(0, 10)).out).toContain('proven to hold its private half')
    expect(cli('key', 'enroll', key('late'), '--name', 'x', '--code', code).code).toBe(2)
    expect(cli('key', 'enroll', key('late')).code).toBe(2)
    expect(cli('key', 'invite', '--name', 'x', '--for', 'soon').code).toBe(2)
    expect(cli('key', 'invite', '--name', 'x', '--uses', '0').code).toBe(2)
  })
})

describe('a key that was stolen', () => {
  test('what the log had before stays good, what it had since does not, and what follows is named', async () => {
    const stolen = made('stolen')
    made('tester', 'ed25519')
    expect(cli('key', 'enroll', key('stolen'), '--name', 'builder').code).toBe(0)
    expect(cli('key', 'enroll', `${key('tester')}.pub`, '--name', 'tester').code).toBe(0)
    const before = chain('before', 'stolen', 'tester')
    await pause(20)
    const since = new Date().toISOString()
    await pause(20)
    const after = chain('after', 'stolen', 'tester')
    expect([verdict(before.next), verdict(after.next)]).toEqual(['pass', 'pass'])

    expect(cli('key', 'affected', 'builder', '--since', since).code).toBe(1)
    // Bad times are said, and nothing is revoked.
    expect(cli('key', 'revoke', stolen, '--since', 'yesterday').code).toBe(2)
    expect(cli('key', 'revoke', stolen, '--reason', 'boredom').code).toBe(2)
    expect(cli('key', 'revoke', 'f'.repeat(64)).code).toBe(1)
    const revoked = json<object>('key', 'revoke', stolen, '--since', since, '--reason', 'compromised')
    expect(revoked).toMatchObject({ name: 'builder', state: 'revoked', revokedAt: since, reason: 'compromised' })

    expect([verdict(before.next), verdict(after.next)]).toEqual(['pass', 'fail'])
    const affected = json<{ steps: { link: string; after: string | null; artifacts: object[] }[] }>(
      'key',
      'affected',
      stolen,
    )
    expect(affected).toMatchObject({ since, signed: 1, following: 1, chains: 1 })
    expect(affected.steps.map(({ link, after: of }) => [link, of])).toEqual([
      [after.links[0], null],
      [after.links[1], after.links[0]],
    ])
    expect(affected.steps[0]!.artifacts).toMatchObject([{ name: 'source' }, { name: 'a.txt' }])
    const text = cli('key', 'affected', 'builder').out
    expect(text).toContain('1 step signed with it, 1 goes on from them, in 1 chain')

    // Nothing goes on from what is bad, and nothing more is signed with it.
    const lint = run(after.next, 'lint', 'tester', ['--materials', 'a.txt'])
    expect([lint.code, lint.err.includes('signer-revoked')]).toEqual([1, true])
    const repo = bench.checkout('too-late', { 'a.txt': 'too late\n' })
    const ran = run(repo, 'build', 'stolen', ['--pipeline', 'p', '--products', 'a.txt'])
    expect([ran.code, (JSON.parse(ran.err) as { refused: object }).refused]).toMatchObject([
      1,
      { code: 'signer-revoked' },
    ])

    // It turns out to be older; the other way it does not go.
    const earlier = '2026-01-01T00:00:00.000Z'
    expect(cli('key', 'revoke', stolen, '--since', new Date().toISOString()).code).toBe(1)
    expect(cli('key', 'revoke', stolen, '--since', '2026-01-01').code).toBe(0)
    expect([verdict(before.next), verdict(after.next)]).toEqual(['fail', 'fail'])
    const timeline = json<{ events: { kind: string }[] }>('key', 'show', stolen)
    expect(timeline).toMatchObject({ revokedAt: earlier, reason: 'compromised', steps: 2 })
    expect(timeline.events.map(({ kind }) => kind)).toEqual(['enrolled', 'revoked', 'revoked'])
  })

  test('is refused offline too, by the list that was taken along, however it dates its steps', async () => {
    const own = made('own')
    expect(cli('key', 'enroll', key('own'), '--name', 'own').code).toBe(0)
    const good = chain('good', 'own', 'tester')
    await pause(20)
    expect(cli('key', 'revoke', own).code).toBe(0)
    const list = bench.path('revoked.json')
    writeFileSync(list, cli('key', 'list', '--revoked').out)
    expect(readFileSync(list, 'utf8')).toContain(own)
    const vkey = bench.path('log.vkey')
    const facts = await fetch(`${server.url}/v1/server`, { headers: { authorization: `Bearer ${server.token}` } })
    writeFileSync(vkey, ((await facts.json()) as { vkey: string }).vkey)
    const trust = [`own=${key('own')}.pub`, `tester=${key('tester')}.pub`]
    const offline = (...more: readonly string[]) => verdict(good.next, '--offline', '--trust', ...trust, ...more)
    expect(offline('--revoked', list)).toBe('fail')
    // With the log's key its receipts count, and it had them before.
    expect(offline(vkey, '--revoked', list)).toBe('pass')
    expect(offline()).toBe('pass')
    // The thief signs at home and dates it back: nothing says so but the step.
    const repo = bench.checkout('home', { 'a.txt': 'home\n' })
    const args = ['run', '--step', 'build', '--pipeline', 'p', '--key', key('own'), '--products', 'a.txt', '--offline']
    expect(bench.cli(repo, [...args, '--', 'true']).code).toBe(0)
    expect(verdict(repo, '--offline', '--trust', ...trust, vkey, '--revoked', list)).toBe('fail')
    expect(verdict(repo, '--trust', ...trust)).toBe('fail')
    expect(verdict(repo, '--offline', '--trust', ...trust)).toBe('pass')
    writeFileSync(list, readFileSync(list, 'utf8').slice(0, -9))
    expect(bench.cli(repo, ['verify', 'a.txt', '--offline', '--trust', ...trust, '--revoked', list]).code).toBe(1)
  })
})

test('under a contract a gate asks its server which keys are revoked, and says unknown where it cannot', async () => {
  const pinned = made('pinned')
  expect(cli('key', 'enroll', key('pinned'), '--name', 'pinned').code).toBe(0)
  const base64 = (name: string) => readFileSync(`${key(name)}.pub`, 'utf8').replace(/-.*-|\n/g, '')
  const contract = bench.write(
    'contract.yaml',
    [
      'contract: v1',
      'pipeline: pinned',
      'revision: 1',
      `signers: { pinned: ${base64('pinned')}, tester: ${base64('tester')} }`,
      'steps:',
      '  source: { signers: [pinned] }',
      '  build: { signers: [tester], after: [source], products: [a.txt] }',
      'final: build',
      '',
    ].join('\n'),
  )
  expect(cli('contract', 'publish', contract).code).toBe(0)
  const next = bench.checkout('pinned', { 'a.txt': 'pinned\n' })
  const bound = ['--contract', contract]
  const begun = bench.cli(next, ['record', '--step', 'source', '--key', key('pinned'), ...bound], env)
  expect(begun.err + begun.out).not.toContain('✗')
  expect(run(next, 'build', 'tester', ['--products', 'a.txt', ...bound]).err).toContain('"refused":null')
  const gate = (settings: Record<string, string>, ...more: readonly string[]) =>
    bench.cli(next, ['gate', 'a.txt', ...bound, ...more], settings)
  const down = { ...env, COUNTERSIGN_URL: 'http://127.0.0.1:9' }
  expect([gate(env).code, gate(down).code, gate(down, '--offline').code, gate({}).code]).toEqual([0, 2, 0, 0])
  await pause(20)
  expect(cli('key', 'revoke', pinned).code).toBe(0)
  // The contract names no log: the time is that of the server that told of the revocation, and so are the receipts.
  const still = gate(env)
  expect([still.code, still.out.includes('less what is revoked')]).toEqual([0, true])
  expect(cli('key', 'revoke', pinned, '--since', '2026-01-01').code).toBe(0)
  const denied = gate(env)
  expect([denied.code, denied.out.includes('signer-revoked')]).toEqual([1, true])
  // Whoever asks nobody does not know.
  expect(gate(env, '--offline').code).toBe(0)
})

test('rotation: both sign for a while, and what the old one signed stays good', async () => {
  const old = made('old')
  const young = made('young', 'ed25519')
  expect(cli('key', 'enroll', key('old'), '--name', 'rotating').code).toBe(0)
  const before = chain('rotate-before', 'old', 'tester')
  const rotated = json<{ revokedAt: string }>('key', 'rotate', 'rotating', key('young'), '--overlap', '1h')
  expect(rotated).toMatchObject({ name: 'rotating', from: old, to: young })
  const both = [chain('rotate-old', 'old', 'tester'), chain('rotate-new', 'young', 'tester')]
  const list = json<{ keyId: string; state: string; steps: number }[]>('key', 'list')
  expect(list.filter(({ keyId }) => keyId === old || keyId === young)).toMatchObject([
    { name: 'rotating', state: 'ending', reason: 'rotated', steps: 2, revokedAt: rotated.revokedAt },
    { name: 'rotating', state: 'active', steps: 1 },
  ])
  const table = cli('key', 'list').out
  expect(table).toMatch(/^NAME +KEY +STATE/)
  expect(table).toContain(`until ${rotated.revokedAt} (rotated)`)
  // Now there are two of the name.
  expect(cli('key', 'revoke', 'rotating').code).toBe(2)
  await pause(20)
  expect(cli('key', 'revoke', old, '--reason', 'retired').code).toBe(0)
  for (const { next } of [before, ...both]) expect(verdict(next)).toBe('pass')
  const repo = bench.checkout('rotate-late', { 'a.txt': 'rotate late\n' })
  expect(run(repo, 'build', 'old', ['--pipeline', 'p', '--products', 'a.txt']).code).toBe(1)
  expect(run(repo, 'build', 'young', ['--pipeline', 'p', '--products', 'a.txt']).code).toBe(0)
})
