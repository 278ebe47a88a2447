import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAIN, startServer, type Server } from '../demo/world.ts'
import { Bench } from './cli.ts'

const bench = new Bench()
const key = bench.path('build.key')
let server: Server
let env: Record<string, string>
/** Where the last step of a run is, and what its verdict is asked for. */
let next: string
let built: { link: string; chain: string }

const data = bench.path('server', 'data')
const settings = () => ({ COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token })

beforeAll(async () => {
  server = await startServer(bench.dir('server'))
  env = { ...settings(), COUNTERSIGN_SPOOL: bench.path('spool') }
  expect(bench.cli(bench.root, ['key', 'new', key]).code).toBe(0)
  expect(bench.cli(bench.root, ['key', 'enroll', `${key}.pub`, '--name', 'build'], env).code).toBe(0)
  const repo = bench.checkout('repo', { 'a.txt': 'built\n' })
  const run = (cwd: string, step: string, more: readonly string[]) => {
    const ran = bench.cli(
      cwd,
      ['run', '--json', '--step', step, '--key', key, ...more, '--', 'echo', `secret of ${step}`],
      env,
    )
    expect([ran.code, ran.err.split('\n').length]).toEqual([0, 2])
    return JSON.parse(ran.err) as typeof built
  }
  built = run(repo, 'build', ['--pipeline', 'p', '--products', 'a.txt'])
  next = bench.dir('next')
  cpSync(join(repo, 'a.txt'), join(next, 'a.txt'))
  run(next, 'test', ['--materials', 'a.txt'])
})
afterAll(async () => {
  await server.stop()
  bench.remove()
})

const verify = (more: readonly string[] = []) => bench.cli(next, ['verify', 'a.txt', '--format', 'json', ...more], env)
const verdictOf = (ran: { out: string; code: number | null }) => {
  const { verdict, findings, criteria } = JSON.parse(ran.out) as {
    verdict: string
    findings: { code: string }[]
    criteria: { name: string; detail: string }[]
  }
  const withheld = criteria.find(({ name }) => name === 'withheld')?.detail
  return {
    code: ran.code,
    verdict,
    codes: findings.map(({ code }) => code),
    ...(withheld === undefined ? {} : { withheld }),
  }
}
const filesIn = (dir: string) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)))

describe('a chain file of which a step is withheld', () => {
  test('still verifies, with no server, for whoever takes the word of the steps after it', async () => {
    const chainFile = join(next, 'a.txt.chain.jsonl')
    const whole = readFileSync(chainFile, 'utf8')
    const vkey = (
      (await (
        await fetch(`${server.url}/v1/server`, { headers: { authorization: `Bearer ${server.token}` } })
      ).json()) as { vkey: string }
    ).vkey
    writeFileSync(join(next, 'log.vkey'), `${vkey}\n`)
    const out = bench.cli(next, ['withhold', 'a.txt.chain.jsonl', '--step', 'build', '-o', 'public.jsonl'])
    expect([out.code, out.out]).toEqual([0, expect.stringContaining('build')])
    const text = readFileSync(join(next, 'public.jsonl'), 'utf8')
    // The payload is in the whole file, as base64 from the start of the bundle's payload on.
    const [bundle] = whole.split('\n').filter((line) => line.includes('dsseEnvelope'))
    const payload = /"payload":"([^"]{400})/.exec(bundle!)![1]!
    expect([whole.includes(payload.slice(100)), text.includes(payload.slice(100))]).toEqual([true, false])
    const trust = ['--trust', `build=${key}.pub`, 'log.vkey', '--offline', '--chain', 'public.jsonl']
    // Else what is beside the artifact would be read as well, and show it.
    rmSync(chainFile)
    expect(verdictOf(verify(trust))).toMatchObject({ code: 2, verdict: 'unknown', codes: ['step-withheld'] })
    const taken = verdictOf(verify([...trust, '--allow-withheld']))
    expect(taken).toMatchObject({
      code: 0,
      verdict: 'pass',
      withheld: expect.stringContaining('predecessor build') as string,
    })
    expect(bench.cli(next, ['gate', 'a.txt', ...trust], env).code).toBe(2)
    const seen = bench.cli(next, ['inspect', 'public.jsonl'])
    expect([seen.code, seen.out]).toEqual([0, expect.stringContaining('step that is withheld')])
    writeFileSync(chainFile, whole)
  })

  test('what is not in the file, or has no receipt, is not left out of it', () => {
    const withhold = (...more: string[]) => bench.cli(next, ['withhold', 'a.txt.chain.jsonl', ...more, '-o', 'x.jsonl'])
    expect([withhold('--step', 'biuld').code, withhold('--link', 'f'.repeat(64)).code]).toEqual([1, 1])
    expect([withhold().code, withhold('--link', 'x').code]).toEqual([2, 2])
    const bundles = readFileSync(join(next, 'a.txt.chain.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('dsseEnvelope'))
    writeFileSync(join(next, 'bare.jsonl'), `${bundles.join('\n')}\n`)
    const bare = bench.cli(next, ['withhold', 'bare.jsonl', '--step', 'build', '-o', 'x.jsonl'])
    expect([bare.code, bare.err]).toEqual([1, expect.stringContaining('receipt-missing')])
    expect(readdirSync(next)).not.toContain('x.jsonl')
  })
})

describe('countersign erase', () => {
  test('asks somebody, or is told that nobody is asked', () => {
    const bare = bench.cli(next, ['erase', built.link, '--ground', 'a'], env)
    expect([bare.code, bare.err]).toEqual([2, expect.stringContaining('--yes')])
    expect(bench.cli(next, ['erase', 'x', '--ground', 'a', '--yes'], env).code).toBe(2)
    expect(bench.cli(next, ['erase', built.link, '--ground', 'a\nb', '--yes'], env).code).toBe(2)
    const unknown = bench.cli(next, ['erase', 'f'.repeat(64), '--ground', 'a', '--yes'], env)
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('not-found')])
    rmSync(join(next, 'a.txt.chain.jsonl'))
    expect(verdictOf(verify())).toMatchObject({ code: 0, verdict: 'pass' })
  })

  test('erases for good: no verdict passes over it, and the server says so', async () => {
    const args = ['erase', built.link, '--ground', 'GDPR, article 17', '--yes', '--format', 'json']
    const erased = bench.cli(next, args, env)
    expect(erased.code).toBe(0)
    const said = JSON.parse(erased.out) as { tombstone: number }
    expect(said).toMatchObject({ link: built.link, ground: 'GDPR, article 17', tombstone: 4 })
    const again = bench.cli(next, [...args, '--ground', 'another'], env)
    expect(JSON.parse(again.out)).toEqual(said)
    expect(verdictOf(verify())).toMatchObject({ code: 2, verdict: 'unknown', codes: ['step-withheld'] })
    const taken = verdictOf(verify(['--allow-withheld']))
    expect(taken).toMatchObject({ code: 0, withheld: expect.stringContaining('GDPR, article 17') as string })
    const tree = bench.cli(next, ['tree', 'a.txt'], env)
    expect([tree.code, tree.out]).toEqual([1, expect.stringContaining('step-withheld')])
    const gone = bench.cli(next, ['inspect', built.link], env)
    expect([gone.code, gone.err]).toEqual([1, expect.stringContaining('erased')])
    // A recorder stops too: the way back of what it was handed cannot be checked.
    const other = bench.dir('other')
    cpSync(join(next, 'a.txt'), join(other, 'a.txt'))
    const ran = bench.cli(other, ['run', '--step', 'deploy', '--key', key, '--materials', 'a.txt', '--', 'true'], env)
    expect([ran.code, ran.err]).toEqual([1, expect.stringContaining('step-withheld')])
  })

  test('and stays so when the server is stopped, checked and started', async () => {
    await server.stop()
    const fsck = spawnSync(process.execPath, [MAIN, '--fsck', '--data', data], { encoding: 'utf8' })
    expect([fsck.status, fsck.stdout]).toEqual([0, expect.stringContaining('6 entries')])
    const named = Buffer.from('secret of build').toString('base64').slice(2, -3)
    expect(filesIn(data).some((bytes) => bytes.includes('secret of build') || bytes.includes(named))).toBe(false)
    const keys = join(data, 'keys')
    cpSync(keys, bench.path('keys'), { recursive: true })
    rmSync(keys, { recursive: true })
    const start = (...more: string[]) =>
      spawnSync(process.execPath, [MAIN, '--port', '0', '--data', data, ...more], { encoding: 'utf8', timeout: 20_000 })
    const lost = start()
    expect([lost.status, lost.stderr]).toEqual([2, expect.stringContaining('keys-missing')])
    cpSync(bench.path('keys'), keys, { recursive: true })
    server = await startServer(bench.path('server'))
    env = { ...env, ...settings() }
    expect(verdictOf(verify())).toMatchObject({ code: 2, verdict: 'unknown', codes: ['step-withheld'] })
    expect(verdictOf(verify(['--allow-withheld']))).toMatchObject({ code: 0, verdict: 'pass' })
  })
})
