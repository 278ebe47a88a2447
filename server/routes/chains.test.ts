import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { serve } from '@hono/node-server'
import Database from 'better-sqlite3'
import { parseReceipt } from '@countersign/formats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CodedError } from '@countersign/core'
import { honestRun } from '../../test/pipeline.ts'
import { codeOf, openTestServer, type TestServer, token } from '../../test/server.ts'
import { createApp, type RequestLog } from '../app.ts'
import type { ChainStep } from '../store.ts'
import { keyringBeside, KeyringReader, seal } from '../stores/sqlite/keyring.ts'
import { rounds } from '../../test/thorough.ts'

const STEPS = rounds(5_000, 20_000)
const LONG = 'c'.repeat(32)
/** What the route and the store may hold of a chain that is being sent. */
const AHEAD = 1024 * 1024

let server: TestServer
let http: ReturnType<typeof serve>
let port: number
const logged: RequestLog[] = []
/** What has left the store, and who still holds it. */
let given = { bytes: 0, open: 0 }
let failAfter = Infinity

beforeAll(async () => {
  server = await openTestServer()
  const run = honestRun()
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
  for (const { bundle } of run.steps) expect((await server.append(bundle)).status).toBe(201)
  const db = new Database(server.file)
  // Longer than anybody signs in a test: the rows are made of one, each with bytes of its own.
  const keyring = new KeyringReader(keyringBeside(server.file))
  const { key } = db.prepare('SELECT key FROM attestations WHERE "index" = 0').get() as { key: number }
  const insert = db.prepare(
    `INSERT INTO attestations (tenant, "index", link, chain, pipeline, step, attempt, matrix, place, nonce, signer,
       key_id, system, succeeded, finished_at, accepted_at, late, subjects, bundle, leaf, key, signed_under)
     SELECT tenant, 1000 + @i, @link, @chain, pipeline, step, attempt, matrix,
       'place ' || @i, 'nonce ' || @i, signer, key_id, system, succeeded, finished_at, accepted_at, late, subjects,
       @bundle, leaf, key, signed_under
     FROM attestations WHERE tenant = 'acme' AND "index" = 0`,
  )
  db.transaction(() => {
    for (let i = 1; i <= STEPS; i++) {
      const link = i.toString(16).padStart(64, '0')
      const bundle = Buffer.from(JSON.stringify({ step: i, is: 'b'.repeat(4000) }))
      insert.run({ i, link, chain: LONG, bundle: seal(keyring.get(key)!, { tenant: 'acme', name: link }, bundle) })
    }
  })()
  keyring.close()
  db.prepare(`INSERT INTO chains (tenant, id, pipeline, blind) VALUES ('acme', ?, 'p', randomblob(32))`).run(LONG)
  db.close()
  const real = server.store.chain.bind(server.store)
  server.store.chain = (tenant, chain) => watched(real(tenant, chain))
  const app = createApp({
    deps: server.deps,
    log: (entry) => logged.push(entry),
    clock: () => performance.now(),
    stopping: () => false,
  })
  http = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, overrideGlobalObjects: false })
  await once(http, 'listening')
  port = (http.address() as AddressInfo).port
})
afterAll(async () => {
  http.close()
  await server.close()
})

async function* watched(steps: AsyncIterable<ChainStep>): AsyncIterable<ChainStep> {
  given.open++
  try {
    let count = 0
    for await (const step of steps) {
      if (count++ >= failAfter) throw new CodedError('store-failed', 'injected')
      given.bytes += step.bundle!.length
      yield step
    }
  } finally {
    given.open--
  }
}

const stepIn = (text: string) => (JSON.parse(text) as { step: number }).step
const linkIn = (text: string) => Number.parseInt(parseReceipt(text).opening.link, 16)

async function open(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(
    `GET /v1/chains/${LONG} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token('acme')}\r\nconnection: close\r\n\r\n`,
  )
  return socket
}

const until = async (what: () => boolean) => {
  while (!what()) await new Promise((next) => setTimeout(next, 5))
}

describe(`a chain of ${STEPS} steps`, { timeout: 120_000 }, () => {
  it('comes whole, in its order, each step with its receipt, and little of it is held at a time', async () => {
    given = { bytes: 0, open: 0 }
    const reply = await server.request('GET', `/v1/chains/${LONG}`)
    expect([reply.status, reply.headers.get('content-type')]).toEqual([
      200,
      'application/vnd.countersign.chain.v1+jsonl',
    ])
    let [received, most, rest, line] = [0, 0, '', 0]
    for await (const chunk of reply.body!) {
      received += chunk.length
      most = Math.max(most, given.bytes - received)
      const lines = (rest + Buffer.from(chunk).toString()).split('\n')
      rest = lines.pop()!
      for (const text of lines) {
        const i = Math.floor(line / 2) + 1
        const found = line++ % 2 === 0 ? stepIn(text) : linkIn(text)
        if (found !== i) throw new Error(`line ${line} is ${text.slice(0, 80)}`)
      }
    }
    expect([line, rest]).toEqual([2 * STEPS, ''])
    expect(received).toBeGreaterThan(4_000 * STEPS)
    expect(most).toBeLessThan(AHEAD)
    expect(given.open).toBe(0)
  })

  it('is read from the store a little at a time', async () => {
    const held = () => process.memoryUsage().arrayBuffers
    const before = held()
    const steps = server.store.chain('acme', LONG)[Symbol.asyncIterator]()
    expect((await steps.next()).done).toBe(false)
    // All of it would be four thousand bytes a step.
    expect(held() - before).toBeLessThan(1_000 * STEPS)
    await steps.return?.()
  })

  it('waits for a client that does not read, and frees everything when it goes', async () => {
    given = { bytes: 0, open: 0 }
    const before = logged.length
    const socket = await open()
    await once(socket, 'data')
    socket.pause()
    let last = -1
    // Until the sockets' own buffers are full and nothing moves any more.
    while (last !== given.bytes) {
      last = given.bytes
      await new Promise((next) => setTimeout(next, 100))
    }
    expect(given.open).toBe(1)
    expect(given.bytes).toBeLessThan(40_000_000)
    socket.destroy()
    await until(() => given.open === 0)
    // Nothing more was read for somebody who has gone, and it is no fault of ours.
    expect(given.bytes).toBeLessThan(40_000_000)
    expect(logged.slice(before).filter(({ error }) => error !== undefined)).toEqual([])
  })

  it('breaks off when the store fails in the middle: half a chain never looks whole', async () => {
    given = { bytes: 0, open: 0 }
    failAfter = STEPS / 4
    const before = logged.length
    const socket = await open()
    let [bytes, end] = [0, '']
    for await (const chunk of socket.iterator({ destroyOnReturn: true })) {
      bytes += (chunk as Buffer).length
      end = (chunk as Buffer).subarray(-5).toString()
    }
    failAfter = Infinity
    expect(bytes).toBeGreaterThan(1_000_000)
    // A whole answer ends with a chunk of no bytes (RFC 9112 §7.1).
    expect(end).not.toBe('0\r\n\r\n')
    expect(given.open).toBe(0)
    expect(logged.slice(before)).toMatchObject([{ status: 200 }, { status: 500, route: '/v1/chains/:id' }])
    // Control: the same request is answered whole by the same server right after.
    const whole = await open()
    let last = ''
    for await (const chunk of whole) last = (last + (chunk as Buffer).subarray(-5).toString()).slice(-5)
    expect(last).toBe('0\r\n\r\n')
  })

  it('a store that fails at once is answered as ever, and so is a chain that is not there', async () => {
    failAfter = 0
    expect(await codeOf(server.request('GET', `/v1/chains/${LONG}`))).toBe('store-failed')
    failAfter = Infinity
    expect(await codeOf(server.request('GET', `/v1/chains/${'d'.repeat(32)}`))).toBe('not-found')
    expect(given.open).toBe(0)
  })
})
