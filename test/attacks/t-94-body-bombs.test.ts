import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, mkdtempSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { CONNECTION_LIMITS } from '../../server/connections.ts'
import { MAIN } from '../demo/world.ts'

// T-94: bodies that never end, that are not what they announce, or that come a byte at a time; against the process as
// it is started, for what it must not do is die or swell.

const MIB = 1024 * 1024
/** What the process may grow by while it is attacked, in MiB; a body that was held would be a gigabyte. */
const MAX_GROWTH = 64

interface Process {
  readonly url: URL
  readonly token: string
  /** Resident memory at its highest so far, MiB (proc(5), VmHWM). */
  peak(): number
  stop(): Promise<void>
  readonly log: () => string
}

const root = mkdtempSync(join(tmpdir(), 'countersign-bombs-'))
let server: Process
beforeAll(async () => {
  server = await start()
})
afterAll(async () => {
  await server.stop()
  rmSync(root, { recursive: true, force: true })
})

async function start(): Promise<Process> {
  const child = spawn(process.execPath, [MAIN, '--json', '--port', '0', '--data', join(root, 'data')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (chunk) => (log += String(chunk)))
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { url, token } = JSON.parse(line) as { url: string; token: string }
  return {
    url: new URL(url),
    token,
    log: () => log,
    peak: () => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024,
    async stop() {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

const HEAD = () => ['host: localhost', `authorization: Bearer ${server.token}`]

interface Raw {
  readonly socket: Socket
  readonly said: () => string
  readonly ended: Promise<void>
}

const opened: Socket[] = []
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy()
})

async function open(port: number, text = ''): Promise<Raw> {
  const socket = connect(port, '127.0.0.1')
  opened.push(socket)
  let said = ''
  socket.on('data', (chunk) => (said += String(chunk))).on('error', () => undefined)
  const ended = new Promise<void>((done) => socket.once('close', () => done()))
  await once(socket, 'connect')
  if (text !== '') socket.write(text)
  return { socket, said: () => said, ended }
}

const port = () => Number(server.url.port)
const until = async (what: () => boolean) => {
  while (!what()) await new Promise((next) => setTimeout(next, 5))
}
const alive = async () => expect((await fetch(new URL('/healthz', server.url))).status).toBe(200)
const post = (path: string, body: string) =>
  fetch(new URL(path, server.url), { method: 'POST', headers: { authorization: `Bearer ${server.token}` }, body })
const statusOf = (raw: Raw) => Number(/^HTTP\/1\.1 (\d+)/.exec(raw.said())?.[1])

/** Streams until it is all sent or the server has had enough. */
async function flood(
  headers: Record<string, string>,
  bytes: number,
): Promise<{ status: number; sent: number; code: string }> {
  const sending = request(new URL('/v1/attestations', server.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, ...headers },
  })
  const seen = { closed: false, status: 0, text: '' }
  sending.on('error', () => (seen.closed = true))
  sending.on('close', () => (seen.closed = true))
  sending.on('response', (response) => {
    seen.status = response.statusCode!
    response.on('data', (chunk) => (seen.text += String(chunk)))
    response.on('error', () => undefined)
  })
  const chunk = Buffer.alloc(256 * 1024, 0x20)
  let sent = 0
  while (sent < bytes && !seen.closed) {
    sent += chunk.length
    if (!sending.write(chunk))
      await Promise.race([once(sending, 'drain').catch(() => undefined), until(() => seen.closed)])
  }
  sending.destroy()
  await until(() => seen.closed)
  const code = /"code":"([a-z-]+)"/.exec(seen.text)?.[1] ?? ''
  return { status: seen.status, sent, code }
}

describe('T-94: a body without end', () => {
  test('1 GB in chunks, without a length: 413 after the bound, and no memory for it', { timeout: 60_000 }, async () => {
    const before = server.peak()
    const { status, sent, code } = await flood({ 'transfer-encoding': 'chunked' }, 1024 * MIB)
    expect([status, code]).toEqual([413, 'input-too-large'])
    expect(sent).toBeLessThan(256 * MIB)
    expect(server.peak() - before).toBeLessThan(MAX_GROWTH)
    await alive()
  })

  test('1 GB announced: 413 before a byte is read', async () => {
    const before = server.peak()
    const raw = await open(
      port(),
      ['POST /v1/attestations HTTP/1.1', ...HEAD(), `content-length: ${1024 * MIB}`, '', ''].join('\r\n'),
    )
    await until(() => raw.said().includes('input-too-large'))
    expect(statusOf(raw)).toBe(413)
    expect(server.peak() - before).toBeLessThan(MAX_GROWTH)
    await alive()
  })

  test('to every route that takes one, and without a token nothing is read at all', async () => {
    for (const [method, path, max] of [
      ['POST', '/v1/attestations', 8 * MIB],
      ['POST', '/v1/lookups', 128 * 1024],
      ['POST', '/v1/keys', 16 * 1024],
      ['PUT', '/v1/contracts/p', MIB],
    ] as const) {
      const chunk = `${(256 * 1024).toString(16)}\r\n${' '.repeat(256 * 1024)}\r\n`
      for (const [token, status] of [
        [server.token, 413],
        ['cst_x_', 401],
      ] as const) {
        const head = [
          `${method} ${path} HTTP/1.1`,
          'host: x',
          `authorization: Bearer ${token}`,
          'transfer-encoding: chunked',
          '',
          '',
        ]
        const raw = await open(port(), head.join('\r\n'))
        for (let sent = 0; sent <= max + 512 * 1024 && raw.said() === ''; sent += 256 * 1024) {
          await new Promise((next) => raw.socket.write(chunk, next))
        }
        await until(() => raw.said().includes('requestId'))
        expect([path, statusOf(raw)]).toEqual([path, status])
        raw.socket.destroy()
      }
    }
    await alive()
  })

  test("red control: hono's own limit, where it trusts the length that is announced, lets a chunked body by", async () => {
    // The shape of CVE-2026-44456: a check that looks at content-length only.
    const naive = new Hono()
    naive.post('/', async (c) => {
      if (Number(c.req.header('content-length') ?? 0) > 1000) return c.text('too large', 413)
      return c.text(String((await c.req.arrayBuffer()).byteLength))
    })
    const body = () =>
      new ReadableStream({
        pull(controller) {
          controller.enqueue(new Uint8Array(5000))
          controller.close()
        },
      })
    const init = () => ({ method: 'POST', body: body(), duplex: 'half' }) as RequestInit
    expect(await (await naive.request('/', init())).text()).toBe('5000')
    const counted = new Hono()
    counted.post('/', bodyLimit({ maxSize: 1000 }), async (c) => c.text(String((await c.req.arrayBuffer()).byteLength)))
    expect((await counted.request('/', init())).status).toBe(413)
  })

  test('headers without end are refused', async () => {
    const raw = await open(port(), 'GET /healthz HTTP/1.1\r\nhost: x\r\n')
    for (let i = 0; i < 200 && raw.said() === ''; i++) {
      await new Promise((next) => raw.socket.write(`x-${i}: ${'a'.repeat(1000)}\r\n`, next))
    }
    await raw.ended
    // The answer may be lost with the connection, for it is cut while more comes in.
    expect([431, 0]).toContain(statusOf(raw) || 0)
    await alive()
  })
})

describe('T-94: a length that lies', () => {
  test('less than is sent: the rest is another request, and a bad one', async () => {
    const raw = await open(
      port(),
      ['POST /v1/lookups HTTP/1.1', ...HEAD(), 'content-length: 14', '', '{"digests":[]}GARBAGE\r\n\r\n'].join('\r\n'),
    )
    await raw.ended
    // The bad one may end the connection before the good one is answered.
    const answers = raw.said().match(/HTTP\/1\.1 \d+/g)!
    expect([answers.at(-1), answers.length <= 2]).toEqual(['HTTP/1.1 400', true])
    expect(raw.said()).not.toContain('GARBAGE')
    await alive()
  })

  test.each([
    ['announced', 'content-length: 100', '{}'],
    ['announced, and large', `content-length: ${MIB}`, '{}'],
    ['in chunks', 'transfer-encoding: chunked', '2\r\n{}\r\n'],
  ])('more than is sent, %s: nothing is done, and it is no fault of ours', async (_, length, body) => {
    const before = server.log().length
    const raw = await open(port(), ['POST /v1/attestations HTTP/1.1', ...HEAD(), length, '', body].join('\r\n'))
    await new Promise((next) => setTimeout(next, 50))
    raw.socket.destroy()
    await until(() => server.log().slice(before).includes('/v1/attestations'))
    expect(server.log().slice(before)).toContain('"code":"request-invalid"')
    expect(server.log().slice(before)).not.toContain('"level":50')
    await alive()
  })

  test.each([
    ['both ways at once', ['content-length: 4', 'transfer-encoding: chunked']],
    ['twice', ['content-length: 4', 'content-length: 5']],
    ['a list', ['content-length: 4, 4']],
    ['negative', ['content-length: -1']],
    ['hexadecimal', ['content-length: 0x10']],
    ['with a sign', ['content-length: +4']],
    ['too large for a number', [`content-length: ${'9'.repeat(40)}`]],
    ['an encoding nobody knows', ['transfer-encoding: gzip']],
    ['an encoding after chunked', ['transfer-encoding: chunked, identity']],
  ])('%s: refused by the door, never guessed at (request smuggling)', async (_, lines) => {
    const raw = await open(
      port(),
      ['POST /v1/lookups HTTP/1.1', ...HEAD(), ...lines, '', '0\r\n\r\nGET /v1/keys HTTP/1.1\r\n\r\n'].join('\r\n'),
    )
    await raw.ended
    const answers = raw.said().match(/HTTP\/1\.1 \d+/g) ?? []
    expect(answers.length).toBeLessThanOrEqual(1)
    expect([400, 413]).toContain(statusOf(raw))
    await alive()
  })

  test('a chunk that says it is larger than memory', async () => {
    const raw = await open(
      port(),
      ['POST /v1/lookups HTTP/1.1', ...HEAD(), 'transfer-encoding: chunked', '', 'ffffffffffffffff1\r\n{}'].join(
        '\r\n',
      ),
    )
    await raw.ended
    expect([0, 400].includes(statusOf(raw) || 0)).toBe(true)
    await alive()
  })
})

describe('T-94: many at once', () => {
  test('stalled uploads share one budget, and small bodies get in beside them', { timeout: 60_000 }, async () => {
    const before = server.peak()
    const head = ['POST /v1/attestations HTTP/1.1', ...HEAD(), `content-length: ${8 * MIB}`, '', ''].join('\r\n')
    const part = Buffer.alloc(7 * MIB, 0x20)
    const stalled = await Promise.all(Array.from({ length: 40 }, () => open(port(), head)))
    for (const { socket } of stalled) socket.write(part)
    // 280 MiB would be held without a bound: those that are too many are told so, the others stall.
    await until(() => stalled.filter((raw) => raw.said() !== '').length >= 29)
    for (const raw of stalled.filter((one) => one.said() !== '')) {
      expect(statusOf(raw)).toBe(503)
      expect(raw.said()).toContain('"code":"server-busy"')
    }
    expect((await post('/v1/lookups', '{"digests":[]}')).status).toBe(200)
    expect(server.peak() - before).toBeLessThan(96 + 2 * MAX_GROWTH)
    for (const { socket } of stalled) socket.destroy()
    // Their room is given back.
    const body = ' '.repeat(4 * MIB)
    let last = 503
    while (last === 503) last = (await post('/v1/attestations', body)).status
    expect(last).toBe(422)
    await alive()
  })

  test('announcements alone take no room', async () => {
    const head = ['POST /v1/attestations HTTP/1.1', ...HEAD(), `content-length: ${8 * MIB}`, '', ''].join('\r\n')
    await Promise.all(Array.from({ length: 100 }, () => open(port(), head)))
    expect((await post('/v1/attestations', ' '.repeat(4 * MIB))).status).toBe(422)
  })
})

describe('T-94: a byte now and then (slow loris)', () => {
  const SOON = { headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 50 }
  let http: Server
  afterEach(() => {
    http.closeAllConnections()
    http.close()
  })

  async function listen(limits: object): Promise<number> {
    const app = new Hono().post('/', async (c) => c.text(String((await c.req.arrayBuffer()).byteLength)))
    http = serve({
      fetch: app.fetch,
      hostname: '127.0.0.1',
      port: 0,
      overrideGlobalObjects: false,
      createServer,
      serverOptions: limits,
    }) as Server
    await once(http, 'listening')
    return (http.address() as AddressInfo).port
  }
  const SLOW = ['POST / HTTP/1.1\r\nhost: x\r\n', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n']

  async function trickle({ socket }: Raw): Promise<void> {
    for (let i = 0; i < 1000 && !socket.destroyed; i++) {
      socket.write(i % 2 === 0 ? 'a' : 'b')
      await new Promise((next) => setTimeout(next, 20))
    }
  }

  test('is cut off when its time is over, however it dribbles', async () => {
    const at = await listen(SOON)
    for (const text of SLOW) {
      const raw = await open(at, text)
      void trickle(raw)
      await raw.ended
      expect([0, 408]).toContain(statusOf(raw) || 0)
    }
  })

  test('red control: without the limits it holds its connection', async () => {
    const at = await listen({ ...SOON, headersTimeout: 0, requestTimeout: 0 })
    const raws = await Promise.all(SLOW.map((text) => open(at, text)))
    for (const raw of raws) void trickle(raw)
    await new Promise((next) => setTimeout(next, 1_000))
    expect(raws.map(({ socket }) => socket.destroyed)).toEqual([false, false])
  })

  test('the server has limits, and they are bounds', () => {
    const { headersTimeout, requestTimeout, connectionsCheckingInterval, maxHeaderSize } = CONNECTION_LIMITS
    expect(headersTimeout).toBeLessThanOrEqual(requestTimeout)
    expect(requestTimeout).toBeLessThanOrEqual(60_000)
    expect(connectionsCheckingInterval).toBeLessThan(headersTimeout)
    expect(maxHeaderSize).toBeLessThanOrEqual(16 * 1024)
    for (const limit of Object.values(CONNECTION_LIMITS)) expect(limit).toBeGreaterThan(0)
  })
})
