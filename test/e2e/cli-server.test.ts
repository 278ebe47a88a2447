import { cpSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { Bench, type Ran } from './cli.ts'

const bench = new Bench()
const key = (name: string) => bench.path(`${name}.key`)
let server: Server
let env: Record<string, string>

beforeAll(async () => {
  server = await startServer(bench.dir('server'))
  env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: bench.path('spool') }
  for (const name of ['build', 'test']) {
    expect(bench.cli(bench.root, ['key', 'new', key(name)]).code).toBe(0)
    expect(bench.cli(bench.root, ['key', 'enroll', `${key(name)}.pub`, '--name', name], env).code).toBe(0)
  }
})
afterAll(async () => {
  await server.stop()
  bench.remove()
})

const waiting = () => readdirSync(bench.path('spool')).filter((name) => name.endsWith('.json'))
const run = (cwd: string, step: string, by: string, more: readonly string[], settings: Record<string, string> = env) =>
  bench.cli(cwd, ['run', '--json', '--step', step, '--key', key(by), ...more, '--', 'true'], settings)

describe('with a server', () => {
  test('predecessors are found by what was handed over, with no file and no token', () => {
    const repo = bench.checkout('found', { 'a.txt': 'found\n' })
    expect(run(repo, 'build', 'build', ['--pipeline', 'p', '--products', 'a.txt']).code).toBe(0)
    const next = bench.dir('found-next')
    cpSync(join(repo, 'a.txt'), join(next, 'renamed.txt'))
    const ran = run(next, 'test', 'test', ['--materials', 'renamed.txt'])
    expect(ran.code).toBe(0)
    const said = JSON.parse(ran.err) as { previous: { step: string }[]; receipt: { late: boolean } }
    expect(said).toMatchObject({ previous: [{ step: 'build' }], receipt: { late: false } })
    const verified = bench.cli(next, ['verify', 'renamed.txt', '--format', 'json'], env)
    expect(JSON.parse(verified.out)).toMatchObject({ verdict: 'pass' })
  })

  test('or carried by COUNTERSIGN_CHAIN', () => {
    const repo = bench.checkout('carried', { 'a.txt': 'carried\n' })
    const built = JSON.parse(run(repo, 'build', 'build', ['--pipeline', 'p', '--products', 'a.txt']).err) as {
      token: string
      chain: string
    }
    const next = bench.dir('carried-next')
    cpSync(join(repo, 'a.txt'), join(next, 'a.txt'))
    const ran = run(next, 'test', 'test', ['--materials', 'a.txt'], { ...env, COUNTERSIGN_CHAIN: built.token })
    expect(JSON.parse(ran.err)).toMatchObject({ chain: built.chain, previous: [{ step: 'build' }] })
    const foreign = built.token.replace(/\.[0-9a-f]{64}$/, `.${'0'.repeat(64)}`)
    const other = run(next, 'lint', 'test', ['--materials', 'a.txt'], { ...env, COUNTERSIGN_CHAIN: foreign })
    expect(other.code).toBe(1)
    expect(other.err).toContain('previous-missing')
  })

  test('the key that signs is no part of the source, wherever it lies', () => {
    const repo = bench.checkout('keyed', { 'a.txt': 'keyed\n' })
    const clone = bench.dir('keyed-clone')
    cpSync(repo, clone, { recursive: true })
    cpSync(key('build'), join(repo, 'own.key'))
    cpSync(`${key('build')}.pub`, join(repo, 'own.key.pub'))
    expect(bench.cli(repo, ['record', '--step', 'source', '--pipeline', 'p', '--key', 'own.key'], env).code).toBe(0)
    expect(run(clone, 'build', 'test', ['--products', 'a.txt']).code).toBe(0)
  })

  test('a planted file in the checkout is not the source that was vouched for', () => {
    const repo = bench.checkout('planted', { 'a.txt': 'planted\n' })
    expect(bench.cli(repo, ['record', '--step', 'source', '--pipeline', 'p', '--key', key('build')], env).code).toBe(0)
    const clean = bench.dir('planted-clean')
    cpSync(repo, clean, { recursive: true })
    expect(run(clean, 'build', 'test', ['--products', 'a.txt']).code).toBe(0)
    const dirty = bench.dir('planted-dirty')
    cpSync(repo, dirty, { recursive: true })
    writeFileSync(join(dirty, 'planted.js'), 'evil()')
    const ran = run(dirty, 'lint', 'test', ['--products', 'a.txt'])
    expect(ran.code).toBe(1)
    expect(ran.err).toContain('material-swapped')
  })

  test('what was signed while the server was down is uploaded later, in order, and marked late', () => {
    const down = { ...env, COUNTERSIGN_URL: 'http://127.0.0.1:9' }
    const repo = bench.checkout('late', { 'a.txt': 'late\n' })
    expect(run(repo, 'build', 'build', ['--pipeline', 'p', '--products', 'a.txt'], down).code).toBe(0)
    const next = bench.dir('late-next')
    for (const name of ['a.txt', 'a.txt.chain.jsonl']) cpSync(join(repo, name), join(next, name))
    const trust = ['--trust', `build=${key('build')}.pub`]
    expect(run(next, 'test', 'test', ['--materials', 'a.txt', ...trust], down).code).toBe(0)
    expect(waiting()).toHaveLength(2)
    const sent = bench.cli(bench.root, ['upload', '--format', 'json'], env)
    expect(sent.code).toBe(0)
    expect((JSON.parse(sent.out) as { uploaded: { late: boolean }[] }).uploaded.map((u) => u.late)).toEqual([
      true,
      true,
    ])
    expect(waiting()).toEqual([])
    const verified = bench.cli(bench.dir('empty'), ['verify', join(next, 'a.txt'), '--format', 'json'], env)
    expect(JSON.parse(verified.out)).toMatchObject({ verdict: 'pass' })
  })

  test('what cannot be found without the server is blamed on the server that does not answer', () => {
    const down = { ...env, COUNTERSIGN_URL: 'http://127.0.0.1:9' }
    const codes = ({ code, err }: Ran) => {
      expect(code).toBe(1)
      return (JSON.parse(err) as { findings: { code: string }[] }).findings.map((finding) => finding.code)
    }
    const repo = bench.checkout('blamed', { 'a.txt': 'blamed\n' })
    const built = run(repo, 'build', 'build', ['--pipeline', 'p', '--products', 'a.txt'])
    const { token } = JSON.parse(built.err) as { token: string }
    const next = bench.dir('blamed-next')
    cpSync(join(repo, 'a.txt'), join(next, 'a.txt'))
    const carried = (settings: Record<string, string>) => ({ ...settings, COUNTERSIGN_CHAIN: token })
    const unnamed = run(next, 'test', 'test', ['--materials', 'a.txt'], carried(down))
    expect(unnamed.code).toBe(2)
    expect(JSON.parse(unnamed.err)).toMatchObject({
      error: { code: 'server-unreachable', fix: expect.stringContaining('--pipeline') },
    })
    const named = ['--pipeline', 'p', '--materials', 'a.txt']
    const nothing = run(next, 'test', 'test', named, carried(down))
    expect(codes(nothing).slice(0, 2)).toEqual(['server-unreachable', 'previous-missing'])
    cpSync(join(repo, 'a.txt.chain.jsonl'), join(next, 'a.txt.chain.jsonl'))
    const unknown = run(next, 'test', 'test', named, down)
    expect(codes(unknown).slice(0, 2)).toEqual(['server-unreachable', 'signer-unknown'])
    // Red control: with the server both are found.
    expect(run(next, 'test', 'test', ['--materials', 'a.txt'], carried(env)).code).toBe(0)
  })

  // Who was cut off builds on what is another's place by then: the file alone cannot tell (T-34).
  test('what the server has of a run counts beside the chain file', () => {
    const down = { ...env, COUNTERSIGN_URL: 'http://127.0.0.1:9', COUNTERSIGN_SPOOL: bench.path('raced-spool') }
    const repo = bench.checkout('raced', { 'a.txt': 'raced\n' })
    expect(run(repo, 'build', 'build', ['--pipeline', 'p', '--products', 'a.txt']).code).toBe(0)
    const trust = ['build', 'test'].flatMap((name) => ['--trust', `${name}=${key(name)}.pub`])
    const pack = (name: string, settings: Record<string, string>) => {
      const cwd = bench.dir(`raced-${name}`)
      for (const file of ['a.txt', 'a.txt.chain.jsonl']) cpSync(join(repo, file), join(cwd, file))
      writeFileSync(join(cwd, 'out'), name)
      expect(run(cwd, 'pack', 'test', ['--materials', 'a.txt', '--products', 'out', ...trust], settings).code).toBe(0)
      return cwd
    }
    const [lost] = [pack('lost', down), pack('won', env)]
    const verified = (...more: readonly string[]) => {
      const { out } = bench.cli(lost, ['verify', 'out', ...trust, '--format', 'json', ...more], env)
      const { verdict, findings } = JSON.parse(out) as { verdict: string; findings: { code: string }[] }
      return [verdict, ...findings.map(({ code }) => code)]
    }
    expect(verified()).toEqual(['fail', 'place-taken'])
    const next = run(lost, 'deploy', 'test', ['--materials', 'out', ...trust])
    expect([next.code, next.err]).toEqual([1, expect.stringContaining('place-taken')])
    // Red control: nobody is asked. Where somebody is, and does not answer, nothing is known.
    expect(verified('--offline')).toEqual(['pass'])
    expect(bench.cli(lost, ['verify', 'out', ...trust], down).code).toBe(2)
  })

  test('a dispute shows, though the chain file says nothing of it', () => {
    const repo = bench.checkout('disputed', { 'a.txt': 'disputed\n' })
    const built = run(repo, 'build', 'build', ['--pipeline', 'p', '--products', 'a.txt'])
    const { link } = JSON.parse(built.err) as { link: string }
    const dispute = ['note', link, '--dispute', '--text', 'not so', '--key', key('test')]
    expect(bench.cli(repo, dispute, env).code).toBe(0)
    for (const command of ['verify', 'tree'])
      expect(bench.cli(repo, [command, 'a.txt'], env).out).toContain('1 open dispute')
  })

  test('predecessors that only travelled by file are uploaded before their successor', async () => {
    const repo = bench.checkout('byfile', { 'a.txt': 'by file\n' })
    expect(run(repo, 'build', 'build', ['--pipeline', 'p', '--products', 'a.txt', '--offline']).code).toBe(0)
    const next = bench.dir('byfile-next')
    for (const name of ['a.txt', 'a.txt.chain.jsonl']) cpSync(join(repo, name), join(next, name))
    const refusals = async () => {
      const reply = await fetch(`${server.url}/v1/inbox`, { headers: { authorization: `Bearer ${server.token}` } })
      return ((await reply.json()) as { items: object[] }).items.length
    }
    const before = await refusals()
    const ran = run(next, 'test', 'test', ['--materials', 'a.txt'])
    expect(JSON.parse(ran.err)).toMatchObject({ refused: null, spooled: null, receipt: { late: false } })
    expect(waiting()).toEqual([])
    // An honest hand-over is no incident.
    expect(await refusals()).toBe(before)
  })

  test('a step that the server refuses ends in its reason, is kept, and is handed on to nobody', () => {
    const stranger = bench.path('stranger.key')
    bench.cli(bench.root, ['key', 'new', stranger])
    const repo = bench.checkout('refused', { 'a.txt': 'refused\n' })
    const args = [
      'run',
      '--json',
      '--step',
      'build',
      '--pipeline',
      'p',
      '--key',
      stranger,
      '--products',
      'a.txt',
      '--',
      'true',
    ]
    const ran = bench.cli(repo, args, env)
    expect(ran.code).toBe(1)
    expect(JSON.parse(ran.err)).toMatchObject({ refused: { code: 'signer-unknown' }, chainFiles: [] })
    expect(readdirSync(bench.path('spool', 'refused'))).toHaveLength(2)
    expect(readdirSync(repo)).not.toContain('a.txt.chain.jsonl')
  })

  test('a token that is made may do what it was made for, until it is revoked', () => {
    const token = (...args: readonly string[]) => bench.cli(bench.root, ['token', ...args], env)
    const made = token('new', '--scope', 'read')
    expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^cst_[0-9a-f]{12}_[0-9a-f]{64}\n$/)])
    const id = made.out.split('_')[1]!
    const own = { ...env, COUNTERSIGN_TOKEN: made.out.trim() }
    const asOwn = (...args: readonly string[]) => bench.cli(bench.root, args, own)
    expect(asOwn('key', 'list')).toMatchObject({ code: 0, out: expect.stringContaining('build') as unknown })
    const refused = asOwn('token', 'new', '--scope', 'admin')
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('token-scope')])
    expect(asOwn('token', 'revoke', id).code).toBe(1)
    const listed = JSON.parse(token('list', '--format', 'json').out) as { items: { id: string; scopes: string[] }[] }
    const createdAt = expect.any(String) as unknown
    expect(listed.items).toContainEqual({ id, scopes: ['read'], createdAt, expiresAt: null })
    expect(token('list').out).toContain(id)
    expect(token('list').out).not.toContain(made.out.trim().split('_')[2])
    expect(token('new', '--scope', 'all').code).toBe(2)
    expect(token('revoke', id)).toMatchObject({ code: 0, out: expect.stringContaining(`${id} is revoked`) as unknown })
    const again = token('revoke', id, '--format', 'json')
    expect([again.code, JSON.parse(again.out)]).toEqual([
      1,
      { error: expect.objectContaining({ code: 'not-found' }) as unknown },
    ])
    const over = JSON.parse(token('list', '--format', 'json').out) as { items: { id: string }[] }
    expect(over.items.map((one) => one.id)).not.toContain(id)
  })

  test('what the server holds is looked up, listed, and compared', async () => {
    const cli = (...args: readonly string[]) => bench.cli(bench.root, args, env)
    const [one, two] = ['left', 'right'].map((name) => {
      const repo = bench.checkout(name, { 'a.txt': `${name}\n` })
      const ran = run(repo, 'build', 'build', ['--pipeline', 'compared', '--products', 'a.txt'])
      const { chain } = JSON.parse(ran.err) as { chain: string }
      return { chain, file: join(repo, 'a.txt.chain.jsonl') }
    }) as [{ chain: string; file: string }, { chain: string; file: string }]
    const trust = ['--trust', `build=${key('build')}.pub`, '--offline', '--format', 'json']
    const compared = cli('diff', one.file, two.file, ...trust)
    expect([compared.code, JSON.parse(compared.out)]).toEqual([
      1,
      expect.objectContaining({
        alike: false,
        runs: [one, two].map(({ chain }) => ({ chain, pipeline: 'compared', refused: 0 })),
      }) as unknown,
    ])
    const { steps } = JSON.parse(compared.out) as { steps: { differences: { group: string; name: string }[] }[] }
    expect(steps[0]!.differences.map(({ group, name }) => [group, name])).toContainEqual(['output', 'a.txt'])
    expect(steps[0]!.differences.map(({ group }) => group)).not.toContain('runner')
    expect(cli('diff', one.file, one.file, ...trust).code).toBe(0)
    expect(cli('diff', one.chain, two.chain)).toMatchObject({
      code: 1,
      out: expect.stringContaining('a.txt') as unknown,
    })
    // A signature of somebody who is not believed is not compared.
    const strange = cli('diff', one.file, two.file, '--trust', `build=${key('test')}.pub`, '--offline')
    expect([strange.code, strange.err]).toEqual([1, expect.stringContaining('signer-unknown') as unknown])
    expect(cli('diff', one.file, 'nothing', ...trust).code).toBe(2)

    expect(cli('search', one.chain)).toMatchObject({ code: 0, out: expect.stringContaining('compared') as unknown })
    const found = JSON.parse(cli('search', one.chain.slice(0, 12), '--format', 'json').out) as { items: object[] }
    expect(found.items).toMatchObject([{ kind: 'run', title: one.chain, href: `/run/${one.chain}` }])
    expect(cli('search', 'f'.repeat(64)).code).toBe(1)
    expect(cli('search', 'prod@{some day}')).toMatchObject({ code: 1 })

    // Counted behind the log, moments later.
    let listed: { items: { chain: string }[]; behind: number }
    do listed = JSON.parse(cli('runs', '--pipeline', 'compared', '--format', 'json').out) as typeof listed
    while (listed.behind > 0)
    expect(listed.items.map(({ chain }) => chain)).toEqual([two.chain, one.chain])
    const first = cli('runs', '--pipeline', 'compared', '--limit', '1')
    expect([first.code, first.out]).toEqual([0, expect.stringContaining(two.chain) as unknown])
    expect(first.err).toContain('--cursor')
    expect(cli('runs', '--limit', '0').code).toBe(2)

    const gated = ['gate', one.file.replace('.chain.jsonl', ''), '--remote', '--pipeline', 'compared']
    expect(cli(...gated, '--environment', 'prod').code).toBe(1)
    expect(cli('deploys', '--environment', 'prod')).toMatchObject({
      code: 0,
      out: expect.stringContaining('deny') as unknown,
    })
    const then = cli('deploys', '--environment', 'prod', '--at', 'now', '--format', 'json')
    expect([then.code, JSON.parse(then.out)]).toEqual([
      0,
      expect.objectContaining({ items: [], next: null }) as unknown,
    ])
    expect(cli('deploys', '--at', 'now').code).toBe(2)
  })

  test('a wrong token is said before anything runs', () => {
    const repo = bench.checkout('token', { 'a.txt': 'token\n' })
    const wrong = { ...env, COUNTERSIGN_TOKEN: `cst_x_${'y'.repeat(32)}` }
    const ran = bench.cli(
      repo,
      ['run', '--step', 'build', '--pipeline', 'p', '--key', key('build'), '--', 'touch', 'ran'],
      wrong,
    )
    expect(ran.code).not.toBe(0)
    expect(ran.err).toContain('token-missing')
    expect(readdirSync(repo)).not.toContain('ran')
  })
})
