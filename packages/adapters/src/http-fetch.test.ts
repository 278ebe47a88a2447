import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { type Client, createClient, type Fetch } from '@countersign/client'
import type { CodedError } from '@countersign/core'
import { certificate, knownRsaKey, knownRsaPrivateKey } from '../../../test/anchors/certificates.ts'
import { logKeyOf, party } from '../../../test/pipeline.ts'
import { writeVkey } from '@countersign/formats'
import { httpFetch } from './http-fetch.ts'

const closing: (() => unknown)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function serve(server: Server, scheme = 'http'): Promise<string> {
  server.listen(0, '127.0.0.1')
  closing.push(() => (server.closeAllConnections(), server.close()))
  await once(server, 'listening')
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const clientOf = (url: string, fetch: Fetch, timeoutMs = 15_000): Client =>
  createClient({ url, token: 'cst_secret', fetch, timeoutMs, retry: { attempts: 1 } })

const FACTS = { origin: 's', vkey: writeVkey(logKeyOf(party('s', 'ed25519'))), version: '1' }
const facts = Buffer.from(JSON.stringify({ ...FACTS, next: null, retired: [] }))
const packed = { 'content-type': 'application/json', 'content-encoding': 'gzip' }

/** What the client says of an answer that it cannot take. */
async function refusal(asked: Promise<unknown>): Promise<readonly [code: string, what: string]> {
  const { code, what } = (await asked.then(
    () => ({ code: 'none', what: '' }),
    (error: unknown) => error,
  )) as CodedError
  return [code, what.replace(/127\.0\.0\.1:\d+/, 'HOST')]
}

describe('a client takes by it what it takes by fetch', () => {
  test.each<[what: string, headers: Record<string, string>, body: Uint8Array]>([
    ['plain', { 'content-type': 'application/json' }, facts],
    ['packed', packed, gzipSync(facts)],
  ])('an answer that is %s', async (_, headers, body) => {
    const seen: unknown[] = []
    const url = await serve(
      createServer((request, response) => {
        const { authorization, accept, 'content-length': length } = request.headers
        seen.push([request.method, request.url, authorization, accept, length])
        response.writeHead(200, headers).end(body)
      }),
    )
    for (const fetch of [httpFetch, globalThis.fetch]) {
      expect(await clientOf(url, fetch).server()).toMatchObject({ origin: FACTS.origin })
    }
    expect(seen[0]).toEqual(seen[1])
  })

  test('what is sent, byte by byte', async () => {
    const bytes = Buffer.from('contract: v1 ☂\n')
    const got: unknown[] = []
    const url = await serve(
      createServer(async (request, response) => {
        const { 'content-type': type, 'content-length': length } = request.headers
        got.push([request.method, request.url, type, length, Buffer.concat(await request.toArray()).toString()])
        response.writeHead(204).end()
      }),
    )
    for (const fetch of [httpFetch, globalThis.fetch]) await clientOf(url, fetch).publishContract('shop/web', bytes)
    expect(got[0]).toEqual(['PUT', '/v1/contracts/shop%2Fweb', 'application/yaml', '17', bytes.toString()])
    expect(got[1]).toEqual(got[0])
  })
})

describe('it refuses by it what it refuses by fetch', () => {
  const elsewhere: string[] = []
  test.each<
    [what: string, refused: readonly [code: string, what: string], listener: RequestListener, timeoutMs?: number]
  >([
    [
      'a small answer that unpacks to a large one',
      ['server-answer', "the server's answer exceeds 16777216 bytes"],
      (_, to) => void to.writeHead(200, packed).end(gzipSync(Buffer.alloc(40 << 20))),
    ],
    ['an endless answer', ['server-answer', "the server's answer exceeds 16777216 bytes"], (_, to) => void endless(to)],
    ['an answer that never begins', ['server-unreachable', 'http://HOST: no answer in time'], () => undefined, 100],
    [
      'one that never ends',
      ['server-unreachable', 'http://HOST: no answer in time'],
      (_, to) => void to.writeHead(200).write('{'),
      100,
    ],
    [
      'a redirect',
      ['server-answer', 'GET /v1/server was redirected; redirects are not followed'],
      (_, to) => void to.writeHead(307, { location: '/elsewhere' }).end(facts),
    ],
    [
      'the excuse of a gateway',
      ['server-unreachable', 'GET /v1/server was answered with HTTP 502 by a gateway'],
      (_, to) => void to.writeHead(502).end('<html>'),
    ],
  ])('%s', async (_, refused, listener, timeoutMs) => {
    const url = await serve(
      createServer((request, response) => {
        if (request.url === '/elsewhere') elsewhere.push(request.url)
        listener(request, response)
      }),
    )
    expect(await refusal(clientOf(url, httpFetch, timeoutMs).server())).toEqual(refused)
    expect(await refusal(clientOf(url, globalThis.fetch, timeoutMs).server())).toEqual(refused)
    expect(elsewhere).toEqual([])
  })

  // They name it differently.
  test.each<[what: string, listener: RequestListener]>([
    ['a connection that breaks', (request) => void request.socket.destroy()],
    ['an answer that breaks off', (_, to) => cutOff(to, { 'content-length': '100' }, '{')],
    ['noise for a packed answer', (_, to) => void to.writeHead(200, packed).end(facts)],
    ['no HTTP', (request) => void request.socket.end('220 mail.example ESMTP\r\n')],
  ])('%s', async (_, listener) => {
    const url = await serve(createServer(listener))
    for (const fetch of [httpFetch, globalThis.fetch]) {
      expect((await refusal(clientOf(url, fetch).server()))[0]).toBe('server-unreachable')
    }
  })

  test('a port where nobody listens', async () => {
    const url = await serve(createServer())
    closing.pop()!()
    for (const fetch of [httpFetch, globalThis.fetch]) {
      expect((await refusal(clientOf(url, fetch).server()))[1]).toMatch(/^http:\/\/HOST: connection refused$/)
    }
  })

  test('a certificate that nobody vouches for', async () => {
    const cert = certificate({ name: '127.0.0.1', key: knownRsaKey(), issuer: null, purposes: null })
    const key = knownRsaPrivateKey().export({ type: 'pkcs8', format: 'pem' })
    const reached: unknown[] = []
    const secure = createSecureServer({ key, cert: pem(cert.der) }, (request, to) => {
      reached.push(request.url)
      to.end(facts)
    })
    const url = await serve(secure, 'https')
    for (const fetch of [httpFetch, globalThis.fetch]) {
      const said = await refusal(clientOf(url, fetch).server())
      expect(said).toEqual(['server-unreachable', 'https://HOST: its certificate is self-signed'])
    }
    expect(reached).toEqual([])
  })
})

test.each<[what: string, encoding: string, body: Uint8Array]>([
  // Of which fetch takes what there is.
  ['a packed answer that breaks off', 'gzip', gzipSync(facts).subarray(0, -9)],
  ['an answer in an encoding that was not asked for', 'br', brotliCompressSync(facts)],
])('%s is none', async (_, encoding, body) => {
  const url = await serve(
    createServer((_request, to) => void to.writeHead(200, { 'content-encoding': encoding }).end(body)),
  )
  expect((await refusal(clientOf(url, httpFetch).server()))[0]).toBe('server-unreachable')
})

const pem = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`

function cutOff(to: ServerResponse, headers: Record<string, string>, body: string): void {
  to.writeHead(200, headers).write(body, () => to.socket!.destroySoon())
}

function endless(to: ServerResponse): void {
  const more = () => {
    while (!to.destroyed && to.write(Buffer.alloc(1 << 20, 32)));
  }
  to.writeHead(200).on('drain', more)
  more()
}
