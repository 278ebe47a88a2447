import { createServer, type RequestListener, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { type Code, fromUtf8, utf8 } from '@countersign/core'
import { MAX_ADD_CHECKPOINT_BYTES } from '@countersign/formats'
import { askForCosignature, type WitnessAnswer } from '@countersign/log'
import { logSigner, storedLog } from '../../log/src/stored.test-kit.ts'
import { checkpointAt, proofFrom, spokenTo, witnessOf, witnessSigner } from '../../log/src/witness.test-kit.ts'
import { nodeCrypto } from './crypto-node.ts'
import { httpWitness } from './witness-http.ts'
import { serveWitness, type WitnessServer } from './witness-server.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const { key } = witnessSigner('witness.example/w')
const ok: WitnessAnswer = { status: 200, type: 'text/plain', body: utf8('ok\n') }

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A witness of ours that gives this answer. */
async function serve(answer: (body: Uint8Array) => Promise<WitnessAnswer>) {
  const failures: unknown[] = []
  const server = await serveWitness({ host: '127.0.0.1', port: 0, answer, failed: (error) => failures.push(error) })
  closing.push(() => server.stop())
  return { ...server, failures, url: `http://127.0.0.1:${server.port}` }
}

/** Somebody else's, who does as he likes. */
async function other(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => (server.closeAllConnections(), server.close()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a log and its witness speak through both', async () => {
  const signer = logSigner('log.example/a')
  const deps = witnessOf('log.example/a', [signer.key])
  const { url } = await serve(spokenTo(deps).addCheckpoint)
  const witness = httpWitness({ key: deps.key, url: `${url}/` })
  const log = storedLog()
  for (const entry of ['1', '2', '3']) {
    log.add([utf8(entry), utf8(`${entry}b`)])
    const checkpoint = checkpointAt(log, signer, log.entries.length)
    const prove = proofFrom(log, checkpoint)
    const line = await askForCosignature({ witness, checkpoint, known: null, prove, crypto: nodeCrypto })
    expect(line.name).toBe(deps.key.name)
  }
})

describe('the client', () => {
  test('gives what is answered, and sends nothing but the body', async () => {
    const seen: unknown[] = []
    const url = await other((request, response) => {
      seen.push([request.method, request.url, request.headers['content-length'], request.headers.authorization])
      response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('7\n')
    })
    const answer = await httpWitness({ key, url: `${url}/below` }).addCheckpoint(utf8('body'))
    expect([answer.status, answer.type, fromUtf8(answer.body)]).toEqual([409, 'text/x.tlog.size', '7\n'])
    expect(seen).toEqual([['POST', '/below/add-checkpoint', '4', undefined]])
  })

  test('follows no redirect (T-89)', async () => {
    let reached = false
    const target = await other((_, response) => {
      reached = true
      response.end()
    })
    const url = await other((_, response) => response.writeHead(307, { location: target }).end())
    const { status } = await httpWitness({ key, url }).addCheckpoint(utf8(''))
    expect([status >= 300 || status === 0, reached]).toEqual([true, false])
  })

  test.each<[what: string, code: Code, listener: RequestListener]>([
    ['an endless answer', 'server-answer', (_, response) => void endless(response)],
    [
      'a small answer that unpacks to a large one',
      'server-answer',
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10_000_000))),
    ],
    ['an answer that never begins', 'server-unreachable', () => undefined],
    ['one that never ends', 'server-unreachable', (_, response) => void response.writeHead(200).write('x')],
    ['a connection that breaks', 'server-unreachable', (request) => request.socket.destroy()],
  ])('bears %s (T-71)', async (_, code, listener) => {
    const url = await other(listener)
    const asked = httpWitness({ key, url, timeoutMs: 400 }).addCheckpoint(utf8(''))
    await expect(asked).rejects.toThrow(coded(code))
  })

  test('says so where nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    const asked = httpWitness({ key, url: `http://127.0.0.1:${port}` }).addCheckpoint(utf8(''))
    await expect(asked).rejects.toThrow(/did not answer: ECONNREFUSED/)
  })

  test.each([
    'witness.example',
    'ftp://witness.example/',
    'http://witness.example/',
    'http://127.0.0.1.witness.example/',
    'http://10.0.0.1/',
    'https://user:secret@witness.example/',
    'https://witness.example/?a=b',
    'https://witness.example/#a',
    'file:///etc/passwd',
  ])('takes no URL like %s', (url) => {
    expect(() => httpWitness({ key, url })).toThrow(coded('policy-invalid'))
    expect(() => httpWitness({ key, url: 'https://witness.example/w1/' })).not.toThrow()
    expect(() => httpWitness({ key, url: 'http://[::1]:8441' })).not.toThrow()
  })
})

async function endless(response: Parameters<RequestListener>[1]): Promise<void> {
  response.writeHead(200)
  while (response.write('x'.repeat(10_000))) await new Promise((next) => setImmediate(next))
}

describe('the server', () => {
  test('serves one route and one method', async () => {
    const { url } = await serve(() => Promise.resolve(ok))
    const status = async (path: string, method: string) => (await fetch(`${url}${path}`, { method })).status
    expect(await status('/add-checkpoint', 'POST')).toBe(200)
    for (const method of ['GET', 'PUT', 'DELETE']) expect(await status('/add-checkpoint', method)).toBe(405)
    for (const path of ['/', '/add-checkpoint/', '/add-checkpoint?a', '/x/add-checkpoint']) {
      expect([path, await status(path, 'POST')]).toEqual([path, 404])
    }
  })

  test('holds no body that is too large, announced or not (T-94)', async () => {
    let most = 0
    const { url } = await serve((body) => {
      most = Math.max(most, body.length)
      return Promise.resolve(ok)
    })
    const post = async (body: NonNullable<RequestInit['body']>, more = {}) => {
      const reply = await fetch(`${url}/add-checkpoint`, { method: 'POST', body, ...more }).catch(() => null)
      return reply?.status ?? null
    }
    const large = new Uint8Array(MAX_ADD_CHECKPOINT_BYTES + 1)
    expect(await post(large.subarray(1))).toBe(200)
    // Where the answer comes while the client still sends, it may see the connection end first.
    expect([413, null]).toContain(await post(large))
    const stream = new Blob([large]).stream()
    expect([413, null]).toContain(await post(stream, { duplex: 'half' }))
    expect(most).toBe(MAX_ADD_CHECKPOINT_BYTES)
    expect(await post('again')).toBe(200)
  })

  test('turns away what it cannot hold, and takes it again later', async () => {
    let release: (() => void) | null = null
    const held = new Promise<void>((done) => (release = done))
    const { url } = await serve(async () => (await held, ok))
    const post = async () => (await fetch(`${url}/add-checkpoint`, { method: 'POST', body: 'x' })).status
    const first = Array.from({ length: 32 }, post)
    await expect.poll(post).toBe(503)
    release!()
    expect(new Set(await Promise.all(first))).toEqual(new Set([200]))
    expect(await post()).toBe(200)
  })

  test('says nothing of what went wrong within', async () => {
    const { url, failures } = await serve(() => Promise.reject(new Error('secret')))
    const reply = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: 'x' })
    expect([reply.status, await reply.text(), failures.length]).toEqual([500, '', 1])
  })

  test('answers what was begun before it stops', async () => {
    let release: (() => void) | null = null
    const held = new Promise<void>((done) => (release = done))
    const server = await serve(async () => (await held, ok))
    const asked = fetch(`${server.url}/add-checkpoint`, { method: 'POST', body: 'x' })
    await new Promise((resolve) => setTimeout(resolve, 50))
    const stopped = server.stop()
    release!()
    expect((await asked).status).toBe(200)
    await stopped
    await expect(fetch(server.url)).rejects.toThrow()
  })

  test('is not held by who sends nothing', async () => {
    const server: WitnessServer = await serveWitness({
      host: '127.0.0.1',
      port: 0,
      answer: () => Promise.resolve(ok),
      failed: () => undefined,
    })
    const idle = connect(server.port, '127.0.0.1')
    await once(idle, 'connect')
    await server.stop()
    idle.destroy()
  })

  test('says where it cannot listen', async () => {
    const { port } = await serve(() => Promise.resolve(ok))
    const again = serveWitness({ host: '127.0.0.1', port, answer: () => Promise.resolve(ok), failed: () => undefined })
    await expect(again).rejects.toThrow(coded('usage'))
  })
})
