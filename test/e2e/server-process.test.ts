import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type JsonValue, publicKeyPem } from '@countersign/core'
import { readReceipt, type Receipt, writeBundle } from '@countersign/formats'
import { MAIN } from '../demo/world.ts'
import { file, newChainId, party, type Signed, signStep } from '../pipeline.ts'
import { some, THOROUGH } from '../thorough.ts'

const root = mkdtempSync(join(tmpdir(), 'countersign-process-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

interface Running {
  readonly url: string
  readonly token: string
  readonly child: ReturnType<typeof spawn>
  readonly log: () => string
  readonly ended: Promise<number | null>
}

async function start(dir: string, ...args: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, [MAIN, '--json', '--port', '0', '--data', dir, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (chunk) => (log += String(chunk)))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk) => resolve(String(chunk)))
    child.once('exit', () => reject(new Error(log)))
  })
  return { ...(JSON.parse(line) as { url: string; token: string }), child, log: () => log, ended }
}

/** What must never change of what was acknowledged; the checkpoint over it is a newer one each time. */
interface Acknowledged {
  readonly index: number
  readonly opening: Receipt['opening']
  readonly entry: number
}

async function acknowledgedIn(reply: Response): Promise<Acknowledged> {
  const { index, receipt } = (await reply.json()) as { index: number; receipt: JsonValue }
  const { opening, proof } = readReceipt(receipt)
  return { index, opening, entry: proof.index }
}

const post = (server: Running, path: string, body: string | Uint8Array) =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}` },
    body: Buffer.from(body),
  })

const by = party('build')
const enrol = (server: Running) =>
  post(server, '/v1/keys', JSON.stringify({ name: 'build', publicKey: publicKeyPem(by.publicKey) }))
const step = (n: number): Signed =>
  signStep(by, {
    chain: { id: newChainId(), pipeline: 'p', contract: null },
    name: 'build',
    subject: [file('a', `${n}`)],
  })

describe('the server as a process', () => {
  test('makes its key and token on the first run, for its owner only, and finds them on the next', async () => {
    const dir = join(root, 'first')
    const first = await start(dir)
    for (const name of ['server.key', 'token', 'countersign.db', 'countersign.db-wal'])
      expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(dir, 'token'), 'utf8').trim()).toBe(first.token)
    expect((await enrol(first)).status).toBe(201)
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    const second = await start(dir)
    expect(second.token).toBe(first.token)
    expect((await post(second, '/v1/attestations', writeBundle(step(0).bundle))).status).toBe(201)
    second.child.kill('SIGINT')
    expect(await second.ended).toBe(0)
    expect(first.log() + second.log()).not.toContain(first.token.split('_')[2])
  })

  test('prints lines on its first run that record and verify a step as they stand', async () => {
    const child = spawn(process.execPath, [MAIN, '--port', '0', '--data', join(root, 'a welcome')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const text = await new Promise<string>((resolve) => {
      let said = ''
      child.stdout.on('data', (chunk) => {
        said += String(chunk)
        if (said.includes('countersign verify')) resolve(said)
      })
    })
    const cwd = mkdtempSync(join(tmpdir(), 'countersign-welcome-'))
    const lines = text.slice(text.indexOf('  export'), text.indexOf('\nSign in as admin'))
    const git = 'git init -q && git -c user.name=a -c user.email=a@b.example commit -q --allow-empty -m first'
    const ran = spawnSync('bash', ['-c', `set -e\nshopt -s expand_aliases\n${git}\n${lines}`], {
      cwd,
      encoding: 'utf8',
    })
    expect([ran.status, ran.stdout.trimEnd().split('\n').at(-1)]).toEqual([
      0,
      expect.stringContaining('VERIFIED  hello.txt'),
    ])
    rmSync(cwd, { recursive: true, force: true })
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('exit', resolve))
  })

  test('does not make another key, or another token, beside what is there', async () => {
    const dir = join(root, 'halves')
    const server = await start(dir)
    server.child.kill('SIGTERM')
    await server.ended
    for (const lost of ['server.key', 'countersign.db']) {
      renameSync(join(dir, lost), join(dir, 'away'))
      const failing = spawn(process.execPath, [MAIN, '--port', '0', '--data', dir], { stdio: 'ignore' })
      expect([lost, await new Promise((resolve) => failing.once('exit', resolve))]).toEqual([lost, 2])
      renameSync(join(dir, 'away'), join(dir, lost))
    }
    const again = await start(dir)
    again.child.kill('SIGTERM')
    expect(await again.ended).toBe(0)
  })

  test('a first run that came to nothing is the first run still', async () => {
    const dir = join(root, 'taken')
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const failed = spawnSync(process.execPath, [MAIN, '--port', `${port}`, '--data', dir], { encoding: 'utf8' })
    other.close()
    expect([failed.status, failed.stdout]).toEqual([2, ''])
    const child = spawn(process.execPath, [MAIN, '--port', '0', '--data', dir], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [said] = (await once(child.stdout, 'data')) as [Buffer]
    child.kill('SIGTERM')
    await once(child, 'exit')
    expect(String(said)).toMatch(/Sign in as admin[^]*countersign run --step build/)
  })

  test('a token that is gone is made anew, and nobody else', async () => {
    const dir = join(root, 'tokenless')
    const before = await start(dir)
    before.child.kill('SIGTERM')
    await before.ended
    rmSync(join(dir, 'token'))
    const after = await start(dir)
    expect(after.token).not.toBe(before.token)
    expect(after).not.toHaveProperty('signIn')
    expect((await enrol(after)).status).toBe(201)
    after.child.kill('SIGTERM')
    expect(await after.ended).toBe(0)
  })

  test.runIf(THOROUGH)(
    'killed under load, it has everything that it acknowledged, once, and goes on (T-75)',
    {
      timeout: 60_000,
    },
    async () => {
      const dir = join(root, 'killed')
      const acknowledged = new Map<string, Acknowledged>()
      const steps: Signed[] = []
      for (let round = 0; round < 4; round++) {
        const server = await start(dir)
        if (round === 0) await enrol(server)
        // In the middle of the answers and of what is asked meanwhile.
        let answers = 10 + 15 * round
        const sending = Array.from({ length: 16 }, async (_, i) => {
          for (let n = 0; n < 50; n++) {
            const signed = step(round * 10_000 + i * 100 + n)
            steps.push(signed)
            const reply = await post(server, '/v1/attestations', writeBundle(signed.bundle))
            if (reply.status === 201) acknowledged.set(signed.link, await acknowledgedIn(reply))
            if (--answers === 0) server.child.kill('SIGKILL')
          }
        })
        await Promise.allSettled(sending)
        await server.ended
      }
      const server = await start(dir)
      expect(acknowledged.size).toBeGreaterThan(20)
      const indices = new Set<number>()
      for (const signed of steps.filter(({ link }) => acknowledged.has(link))) {
        const reply = await post(server, '/v1/attestations', writeBundle(signed.bundle))
        expect(reply.status).toBe(200)
        const body = await acknowledgedIn(reply)
        expect(body).toEqual(acknowledged.get(signed.link))
        expect(indices.has(body.index)).toBe(false)
        indices.add(body.index)
      }
      server.child.kill('SIGTERM')
      expect(await server.ended).toBe(0)
    },
  )

  test('answers what it has begun before it stops, and turns the rest away', async () => {
    const server = await start(join(root, 'graceful'))
    await enrol(server)
    const sending = Array.from({ length: 32 }, (_, n) =>
      post(server, '/v1/attestations', writeBundle(step(n).bundle)).then((reply) => reply.status),
    )
    await Promise.race(sending)
    server.child.kill('SIGTERM')
    const outcomes = await Promise.allSettled(sending)
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') expect([201, 503]).toContain(outcome.value)
    expect(outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value === 201)).toBe(true)
    expect(await server.ended).toBe(0)
  })

  test('stops without waiting for uploads that do not end, and answers nothing to them', async () => {
    const server = await start(join(root, 'unfinished'))
    const { port } = new URL(server.url)
    const sockets = await Promise.all(
      [
        '',
        'POST /v1/attestations HTTP/1.1\r\nhost: x\r\n',
        `POST /v1/attestations HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${server.token}\r\ncontent-length: 100\r\n\r\n{`,
      ].map(async (text) => {
        const socket = connect(Number(port), '127.0.0.1')
        let said = ''
        socket.on('data', (chunk) => (said += String(chunk))).on('error', () => undefined)
        await once(socket, 'connect')
        socket.write(text)
        return { said: () => said }
      }),
    )
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    expect(sockets.map(({ said }) => said())).toEqual(['', '', ''])
    // It says so where it had to give up on somebody.
    expect(server.log()).not.toContain('not given in time')
  })

  test('says what is wrong with its port, its options and its data', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    const run = async (...args: readonly string[]) => {
      const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
      let said = ''
      child.stderr.on('data', (chunk) => (said += String(chunk)))
      const code = await new Promise((resolve) => child.once('exit', resolve))
      return { code, said }
    }
    const busy = await run('--port', String(port), '--data', join(root, 'busy'))
    expect(busy.code).toBe(2)
    expect(busy.said).toMatch(/✗ usage: 127\.0\.0\.1:\d+ is in use\n {2}why .*\n {2}fix .*--port/)
    taken.close()
    expect(await run('--nonsense')).toMatchObject({ code: 2, said: expect.stringContaining('usage') as string })
    for (const listen of ['8440', ':8440', '::8440', 'host:port']) {
      const bad = spawn(process.execPath, [MAIN], {
        stdio: 'ignore',
        env: { ...process.env, COUNTERSIGN_LISTEN: listen },
      })
      expect(await new Promise((resolve) => bad.once('exit', resolve))).toBe(2)
    }
  })

  const garbage = join(root, 'garbage')
  mkdirSync(join(garbage, 'keys'), { recursive: true })
  for (const name of ['countersign.db', 'noise']) writeFileSync(join(garbage, name), 'noise '.repeat(2000))
  test.each<[string, readonly string[], RegExp, RegExp]>([
    ['a port', ['--port', '99999'], /usage: 99999 is not a port/, /from 1 to 65535, or 0/],
    ['a host', ['--host', '999.1.1.1', '--port', '0'], /usage: 999\.1\.1\.1 is neither an address nor/, /--host/],
    [
      'a directory below a file',
      ['--data', '/dev/null/x'],
      /directory \/dev\/null\/x .* not a directory/,
      /--data DIR/,
    ],
    ['a directory below /proc', ['--data', '/proc/1/x/y'], /directory \/proc\/1\/x\/y .* ENOENT/, /--data DIR/],
    [
      'a database of garbage',
      ['--data', garbage],
      /garbage\/countersign\.db .* not a database/,
      /backup .* --data DIR/,
    ],
    ['a keyring of garbage', ['--keys', join(garbage, 'noise')], /keyring .*\/noise .* not a database/, /--keys FILE/],
    ['a lock of garbage', ['--lock', join(garbage, 'noise')], /lock .*\/noise .* not a database/, /--lock FILE/],
  ])('ends at once, and says what to do, for %s that is none', async (what, args, said, fix) => {
    const defaults = ['--port', '0', '--data', join(root, `none-${what.replaceAll(/\W/g, '-')}`)]
    const ran = spawnSync(process.execPath, [MAIN, ...defaults, ...args], { encoding: 'utf8', timeout: 20_000 })
    expect([ran.status, ran.stdout]).toEqual([2, ''])
    const [first, , last] = ran.stderr.trimEnd().split('\n')
    expect(first).toMatch(said)
    expect(last).toMatch(fix)
  })

  test('names its own passphrase where its keys do not open', async () => {
    const dir = join(root, 'locked')
    const child = spawn(process.execPath, [MAIN, '--port', '0', '--data', dir], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, COUNTERSIGN_SERVER_KEY_PASSPHRASE: 'right' },
    })
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    await once(child, 'exit')
    for (const given of some(1, [{ COUNTERSIGN_SERVER_KEY_PASSPHRASE: 'wrong' }, {}])) {
      const env = { ...process.env, ...given }
      const ran = spawnSync(process.execPath, [MAIN, '--port', '0', '--data', dir], { encoding: 'utf8', env })
      expect([ran.status, ran.stderr]).toEqual([
        2,
        expect.stringMatching(/key-passphrase: .*server\.key[^]*Set COUNTERSIGN_SERVER_KEY_PASSPHRASE/),
      ])
    }
  })

  test('waits for the server before it on its directory, however that ends', async () => {
    const dir = join(root, 'one')
    const first = await start(dir)
    const child = spawn(process.execPath, [MAIN, '--json', '--port', '0', '--data', dir], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let announced = ''
    child.stdout.on('data', (chunk) => (announced += String(chunk)))
    const [told] = (await once(child.stderr, 'data')) as [Buffer]
    expect(String(told)).toContain('another server serves this data directory')
    expect((await enrol(first)).status).toBe(201)
    expect(announced).toBe('')
    first.child.kill('SIGKILL')
    await once(child.stdout, 'data')
    const second = JSON.parse(announced) as Pick<Running, 'url' | 'token'>
    expect((await post({ ...first, ...second }, '/v1/attestations', writeBundle(step(1).bundle))).status).toBe(201)
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
})
