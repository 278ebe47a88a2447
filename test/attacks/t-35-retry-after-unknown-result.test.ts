import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { serve } from '@hono/node-server'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CodedError } from '@countersign/core'
import { writeBundle, writeReceipt } from '@countersign/formats'
import { createApp } from '../../server/app.ts'
import type { Store } from '../../server/store.ts'
import { honestRun, type Run, seal, signStep } from '../pipeline.ts'
import { codeOf, openTestServer, type TestServer, token } from '../server.ts'

// T-35: the reply is lost, and the client cannot know whether the step was accepted. It sends it again, and gets what
// it would have got: one row, one receipt, the same bytes.

let server: TestServer
let run: Run
afterEach(() => server.close())

async function openWith(wrap?: (store: Store) => Store): Promise<void> {
  server = await openTestServer(wrap === undefined ? {} : { wrap })
  run = honestRun()
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
}

const KEYS: readonly (readonly [string, Record<string, string>])[] = [
  ['without an idempotency key', {}],
  ['with its idempotency key', { 'idempotency-key': 'first-try' }],
]

function count(table: 'attestations' | 'idempotency' | 'edges' | 'subjects' | 'chains'): number {
  const db = new Database(server.file, { readonly: true })
  try {
    return (db.prepare(`SELECT count(*) AS n FROM "${table}"`).get() as { n: number }).n
  } finally {
    db.close()
  }
}

/** The receipt of what is stored, and what a reply with it is, byte for byte. */
async function stored(): Promise<string> {
  const [step] = await server.chain(run.chain.id)
  const proof = server.deps.log.prove('acme', step!.link)!
  return new TextDecoder().decode(writeReceipt({ proof }))
}
const receiptIn = (text: string) =>
  text.slice(text.indexOf('"receipt":') + '"receipt":'.length, text.lastIndexOf(',"bundle":'))

describe('T-35: over a connection that is cut', () => {
  let http: ReturnType<typeof serve>
  beforeEach(async () => {
    await openWith()
    const app = createApp({ deps: server.deps, log: () => undefined, clock: () => 0, stopping: () => false })
    http = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, overrideGlobalObjects: false })
    await once(http, 'listening')
  })
  afterEach(() => void http.close())

  /** Sends a step, and goes without waiting for the reply. */
  async function sendAndGo(headers: Record<string, string>, whole: boolean): Promise<void> {
    const body = writeBundle(run.source.bundle)
    const socket = connect((http.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    const head = [
      'POST /v1/attestations HTTP/1.1',
      'host: localhost',
      `authorization: Bearer ${token('acme')}`,
      `content-length: ${body.length}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n`)
    await new Promise((sent) => socket.write(whole ? body : body.subarray(0, -1), sent))
    if (whole) await once(socket, 'data')
    socket.destroy()
  }

  for (const [name, headers] of KEYS) {
    test(`${name}: the same receipt, one row`, async () => {
      await sendAndGo(headers, true)
      expect(count('attestations')).toBe(1)
      const before = await stored()
      const replies = []
      for (const again of [headers, headers, {}, { 'idempotency-key': 'second-try' }]) {
        const reply = await server.append(run.source.bundle, { headers: again as Record<string, string> })
        expect(reply.status).toBe(200)
        replies.push(await reply.text())
      }
      expect(new Set(replies).size).toBe(1)
      expect(receiptIn(replies[0]!)).toBe(before)
      expect(await stored()).toBe(before)
      expect(['attestations', 'chains', 'subjects', 'edges'].map((table) => count(table as 'edges'))).toEqual([
        1, 1, 1, 0,
      ])
    })

    test(`${name}: a request that never came whole did nothing`, async () => {
      await sendAndGo(headers, false)
      expect(count('attestations')).toBe(0)
      const reply = await server.append(run.source.bundle, { headers })
      expect(reply.status).toBe(201)
      expect([count('attestations'), (await server.store.inbox('acme', 10, null)).items]).toEqual([1, []])
    })
  }
})

describe('T-35: where the store itself does not know', () => {
  const failing = (persisted: boolean) => (store: Store) => {
    let left = 1
    const append: Store['append'] = async (...given) => {
      if (left-- <= 0) return store.append(...given)
      if (persisted) await store.append(...given)
      throw new CodedError('store-failed', 'injected')
    }
    return new Proxy(store, {
      get(target, name: keyof Store) {
        const own = target[name]
        if (name === 'append') return append
        return typeof own === 'function' ? own.bind(target) : own
      },
    })
  }
  for (const persisted of [true, false]) {
    for (const [name, headers] of KEYS) {
      test(`${name}, ${persisted ? 'written' : 'not written'}: 503 first, then the one receipt`, async () => {
        await openWith(failing(persisted))
        expect(await codeOf(server.append(run.source.bundle, { headers }))).toBe('store-failed')
        const second = await server.append(run.source.bundle, { headers })
        expect(second.status).toBe(persisted ? 200 : 201)
        const text = await second.text()
        const third = await server.append(run.source.bundle, { headers })
        expect([third.status, await third.text()]).toEqual([200, text])
        expect(receiptIn(text)).toBe(await stored())
        expect([count('attestations'), count('idempotency')]).toEqual([1, Object.keys(headers).length])
      })
    }
  }

  test('at the same moment, 64 times: one is told that it was first, all have one receipt', async () => {
    await openWith()
    const replies = await Promise.all(
      Array.from({ length: 64 }, (_, i) =>
        server.append(run.source.bundle, i % 2 === 0 ? {} : { headers: { 'idempotency-key': 'the-same' } }),
      ),
    )
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(63)
    expect(new Set(await Promise.all(replies.map((reply) => reply.text()))).size).toBe(1)
    expect(count('attestations')).toBe(1)
  })
})

describe('T-35: what is no retry', () => {
  beforeEach(() => openWith())

  test('red control: a client that signs anew instead of sending again is refused its own place', async () => {
    expect((await server.append(run.source.bundle)).status).toBe(201)
    const { subject } = run.source.statement
    const anew = signStep(run.who.github, { chain: run.chain, name: 'source', subject })
    expect(anew.link).not.toBe(run.source.link)
    expect(await codeOf(server.append(anew.bundle))).toBe('place-taken')
    // The same statement signed once more is the same step: the link is over what is signed.
    expect((await server.append(seal(run.who.github, run.source.bundle.envelope.payload))).status).toBe(200)
    expect(count('attestations')).toBe(1)
  })

  test('red control: another step is another row, and another receipt', async () => {
    const first = await (await server.append(run.source.bundle)).text()
    const second = await (await server.append(run.build.bundle)).text()
    expect(receiptIn(second)).not.toBe(receiptIn(first))
    expect(count('attestations')).toBe(2)
  })

  test('an idempotency key stays with its request, also with one whose reply was lost', async () => {
    const headers = { 'idempotency-key': 'first-try' }
    expect((await server.append(run.source.bundle, { headers })).status).toBe(201)
    expect(await codeOf(server.append(run.build.bundle, { headers }))).toBe('idempotency-conflict')
    expect((await server.append(run.source.bundle, { headers })).status).toBe(200)
    expect(count('attestations')).toBe(1)
  })

  test('late stays as it was first said: the receipt has it', async () => {
    const first = await (await server.append(run.source.bundle, { query: '?late=1' })).text()
    const again = await server.append(run.source.bundle)
    expect([again.status, await again.text()]).toEqual([200, first])
    expect(first).toContain('"late":true')
  })
})
