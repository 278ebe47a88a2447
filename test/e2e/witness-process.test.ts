import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseCheckpoint } from '@countersign/formats'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { append, ask, beginLog, runLog, seen, startLog, startWitness, writePolicy } from '../witnesses.ts'
import { Bench } from './cli.ts'
import { THOROUGH } from '../thorough.ts'

const root = mkdtempSync(join(tmpdir(), 'countersign-witness-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const running: { end(signal: 'SIGKILL'): Promise<unknown> }[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.end('SIGKILL')))
})
function kept<T extends { end(signal: 'SIGKILL'): Promise<unknown> }>(one: T): T {
  running.push(one)
  return one
}

async function world(name: string, quorum: number | 'none') {
  const dir = join(root, name)
  const log = await beginLog(join(dir, 'log'))
  const witnesses = [
    kept(await startWitness(join(dir, 'w0'), log)),
    kept(await startWitness(join(dir, 'w1'), log, '--name', 'witness.example/w1')),
  ]
  const policy = writePolicy(join(dir, 'policy'), witnesses, quorum)
  const server = kept(await startLog(join(dir, 'log'), '--witness-policy', policy))
  return { dir, log, witnesses, policy, server }
}
const OTHER_LOG = 'example.com/behind-the-sofa+f8fa5254+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea'
const portOf = (url: string) => new URL(url).host

describe('a server and two witnesses, as processes', () => {
  test.runIf(THOROUGH)('quorum 1: one may go, and comes back', { timeout: 60_000 }, async () => {
    const { dir, log, witnesses, server } = await world('one', 1)
    expect(await append(server, '1')).toBe(201)
    await expect.poll(() => seen(server, log, witnesses)).toEqual([1, 2])
    await witnesses[0]!.end('SIGKILL')
    expect(await append(server, '2')).toBe(201)
    expect(await seen(server, log, witnesses)).toEqual([2, 1])
    // Who verifies asks for more than the log does.
    const bench = new Bench()
    const verdictOn = (content: string, quorum: number | 'none') => {
      const policy = writePolicy(bench.path(`${quorum}.policy`), witnesses, quorum)
      const args = ['verify', createHash('sha256').update(content).digest('hex'), '--witness-policy', policy]
      return bench.cli(bench.root, args, { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token })
    }
    expect(verdictOn('2', 1)).toMatchObject({ code: 0, out: expect.stringContaining('witnesses') as string })
    expect(verdictOn('2', 2)).toMatchObject({ code: 1, out: expect.stringContaining('cosignature-missing') as string })
    expect(verdictOn('2', 'none').code).toBe(0)
    const back = kept(await startWitness(join(dir, 'w0'), log, '--listen', portOf(witnesses[0]!.url)))
    expect(back.vkey).toBe(witnesses[0]!.vkey)
    await expect.poll(() => seen(server, log, witnesses), { timeout: 15_000 }).toEqual([2, 2])
    expect(verdictOn('2', 2).code).toBe(0)
    bench.remove()
    const metrics = await (await ask(server, '/metrics')).text()
    expect(metrics).toContain('\nprocess_cpu_seconds_total ')
    expect(metrics).toMatch(/^countersign_witness_requests_total\{witness="w0",outcome="failed"\} [1-9]/m)
    expect(metrics).toMatch(/^countersign_witness_up\{witness="w0"\} 1$/m)
    expect(await server.end('SIGTERM')).toBe(0)
    expect(server.log()).toContain('"witness":"w0"')
  })

  test('quorum 2: without one of them nothing is acknowledged; when it is back, all is', {
    timeout: 60_000,
  }, async () => {
    const { dir, log, witnesses, server } = await world('two', 2)
    expect(await append(server, '1')).toBe(201)
    expect(await seen(server, log, witnesses)).toEqual([1, 2])
    await witnesses[1]!.end('SIGKILL')
    expect(await append(server, '2')).toBe(503)
    expect(await seen(server, log, witnesses)).toEqual([1, 2])
    expect((await ask(server, '/readyz')).status).toBe(503)
    // What is asked for while it is known that they are too few is not made to wait.
    expect(await append(server, '3')).toBe(503)

    const back = await startWitness(
      join(dir, 'w1'),
      log,
      '--name',
      'witness.example/w1',
      '--listen',
      portOf(witnesses[1]!.url),
    )
    kept(back)
    await expect.poll(() => seen(server, log, witnesses), { timeout: 15_000 }).toEqual([2, 2])
    expect((await ask(server, '/readyz')).status).toBe(200)
    expect(await append(server, '4')).toBe(201)
    expect(await seen(server, log, witnesses)).toEqual([3, 2])
    expect(await server.end('SIGTERM')).toBe(0)
  })

  test.runIf(THOROUGH)('from fail open to fail closed is one line in the policy', { timeout: 60_000 }, async () => {
    const { dir, log, witnesses, policy, server } = await world('switch', 'none')
    await witnesses[0]!.end('SIGTERM')
    await witnesses[1]!.end('SIGTERM')
    expect(await append(server, '1')).toBe(201)
    expect(await seen(server, log, witnesses)).toEqual([1, 0])
    await server.end('SIGTERM')
    writeFileSync(policy, readFileSync(policy, 'utf8').replace('quorum none', 'quorum w1'))
    const closed = kept(await startLog(join(dir, 'log'), '--witness-policy', policy))
    expect((await ask(closed, '/checkpoint')).status).toBe(503)
    expect(await append(closed, '2')).toBe(503)
    const listen = ['--name', 'witness.example/w1', '--listen', portOf(witnesses[1]!.url)]
    kept(await startWitness(join(dir, 'w1'), log, ...listen))
    await expect.poll(async () => (await ask(closed, '/checkpoint')).status, { timeout: 15_000 }).toBe(200)
    expect(await seen(closed, log, witnesses)).toEqual([1, 1])
    expect(await append(closed, '2')).toBe(201)
  })

  test.runIf(THOROUGH)(
    'a witness that is killed again and again cosigns one history',
    { timeout: 60_000 },
    async () => {
      const { dir, log, witnesses, server } = await world('killed', 'none')
      let witness = witnesses[0]!
      const listen = ['--listen', portOf(witness.url)]
      for (let round = 0; round < 4; round++) {
        const load = Promise.all(Array.from({ length: 30 }, (_, i) => append(server, `${round} ${i}`)))
        await new Promise((resolve) => setTimeout(resolve, 40 * round))
        await witness.end('SIGKILL')
        expect(new Set(await load)).toEqual(new Set([201]))
        witness = kept(await startWitness(join(dir, 'w0'), log, ...listen))
      }
      await expect.poll(() => seen(server, log, witnesses), { timeout: 15_000 }).toEqual([120, 2])
      expect((await ask(server, '/healthz')).status).toBe(200)
    },
  )
})

test.runIf(THOROUGH)('a policy that cannot be kept is refused at the start', { timeout: 60_000 }, async () => {
  const dir = join(root, 'refused')
  const log = await beginLog(join(dir, 'log'))
  const witness = await startWitness(join(dir, 'w'), log)
  await witness.end('SIGTERM')
  const one = `witness w ${witness.vkey}`
  for (const [code, text] of [
    ['policy-invalid', 'quorum none\n'],
    ['policy-invalid', `${one}\nquorum w\n`],
    ['policy-invalid', `${one} http://10.0.0.1/\nquorum w\n`],
    ['policy-invalid', `${one} https://w.example/\n`],
    ['policy-invalid', `log ${OTHER_LOG}\n${one} https://w.example/\nquorum w\n`],
    ['input-too-large', '#'.repeat(70_000)],
    ['file-missing', null],
  ] as const) {
    const file = join(dir, 'policy')
    rmSync(file, { force: true })
    if (text !== null) writeFileSync(file, text)
    const { status, stderr } = runLog(join(dir, 'log'), '--witness-policy', file)
    expect([status, stderr]).toEqual([2, expect.stringContaining(`✗ ${code}: `)])
  }
})

test.runIf(THOROUGH)('a partner has his own mirror, and cosigns only what is in it', { timeout: 60_000 }, async () => {
  const dir = join(root, 'mirror')
  const log = await beginLog(join(dir, 'log'))
  const first = await startLog(join(dir, 'log'))
  const url = first.url
  await first.end('SIGTERM')
  const mirror = join(dir, 'mirror')
  const witness = kept(await startWitness(join(dir, 'w'), log, '--mirror', mirror, '--from', url))
  const policy = writePolicy(join(dir, 'policy'), [witness], 1)
  const listen = ['--witness-policy', policy, '--port', new URL(url).port]
  // A quorum of one that looks first: it must find the tiles of what nobody was shown yet.
  const server = kept(await startLog(join(dir, 'log'), ...listen))
  // It has what the log began with only from the server that waits for it.
  await expect.poll(async () => (await ask(server, '/checkpoint')).status).toBe(200)
  const statuses = await Promise.all(Array.from({ length: 300 }, (_, i) => append(server, `${i}`)))
  expect(new Set(statuses)).toEqual(new Set([201]))
  expect(await seen(server, log, [witness])).toEqual([300, 1])
  for (const path of [
    'tile/0/000',
    'tile/0/001.p/46',
    'tile/1/000.p/1',
    'sha3/tile/0/001.p/46',
    'sha3/tile/1/000.p/1',
  ]) {
    const served = new Uint8Array(await (await ask(server, `/${path}`)).arrayBuffer())
    expect([path, new Uint8Array(readFileSync(join(mirror, path)))]).toEqual([path, served])
  }
  const copied = parseCheckpoint(new Uint8Array(readFileSync(join(mirror, 'checkpoint'))))
  expect(copied.size).toBe(302)
  expect(copied.note.signatures).toHaveLength(1)
  // Red control: where it cannot look, it does not cosign.
  await witness.end('SIGKILL')
  const blind = ['--mirror', mirror, '--from', 'http://127.0.0.1:9', '--listen', portOf(witness.url)]
  kept(await startWitness(join(dir, 'w'), log, ...blind))
  expect(await append(server, 'unseen')).toBe(503)
})

describe('countersign witness', () => {
  const bench = new Bench()
  afterAll(() => bench.remove())

  test('says who it is and where, and stops when it is told to', async () => {
    const log = await beginLog(join(root, 'told'))
    const cwd = bench.dir('w')
    expect(bench.cli(cwd, ['key', 'new', 'witness.key', '--type', 'ed25519']).code).toBe(0)
    const args = ['witness', '--key', 'witness.key', '--log', log, '--state', 'state', '--listen', '127.0.0.1:0']
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const child = bench.start(cwd, args)
      const out = await new Promise<string>((resolve) => child.stdout.once('data', (chunk) => resolve(String(chunk))))
      expect(out).toMatch(/witness countersign-witness-[0-9a-f]{8} listens on http:\/\/127\.0\.0\.1:\d+/)
      const url = /http:\S+/.exec(out)![0]
      expect((await fetch(`${url}/add-checkpoint`, { method: 'POST', body: 'noise' })).status).toBe(400)
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill(signal)
      expect(await ended).toBe(0)
    }
  })

  test.each<[what: string, code: string, args: readonly string[]]>([
    ['a P-256 key', 'key-invalid', ['--key', 'p256.key']],
    ['a key that is not there', 'key-unreadable', ['--key', 'none.key']],
    ['noise for a log', 'key-invalid', ['--log', 'noise']],
    ['a name with a space', 'usage', ['--name', 'a b']],
    ['a mirror of nowhere', 'usage', ['--mirror', 'm']],
    ['an address without port', 'usage', ['--listen', '127.0.0.1']],
  ])('refuses %s', async (_, code, wrong) => {
    const cwd = bench.dir('w')
    bench.cli(cwd, ['key', 'new', 'witness.key', '--type', 'ed25519'])
    bench.cli(cwd, ['key', 'new', 'p256.key'])
    const args = [
      'witness',
      '--key',
      'witness.key',
      '--log',
      OTHER_LOG,
      '--state',
      'state',
      '--listen',
      '127.0.0.1:0',
      ...wrong,
    ]
    const ran = bench.cli(cwd, args)
    expect([ran.code === 0, ran.err]).toEqual([false, expect.stringContaining(code)])
  })
})
