import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { hasControl, type JsonValue, publicKeyPem, utf8 } from '@countersign/core'
import { type Receipt, writeBundle, writeChainFile, writeReceipt, writeVkey } from '@countersign/formats'
import { countersign, honestRun, logKeyOf, party, type Run } from '../../../test/pipeline.ts'
import { type Client, createClient, mayPass, type RetryOptions, ServerRefusal } from './index.ts'

const TOKEN = 'cst_secret-token-0123'
const ENROLLED = { enrolledAt: '2026-11-01T12:00:00.000Z', reason: null, steps: 0, lastUsedAt: null }
const rejects = (running: Promise<unknown>, code: string) =>
  expect(running).rejects.toThrow(expect.objectContaining({ code }))

type Handler = (request: IncomingMessage & { text: string }, response: ServerResponse) => void

const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A server that answers as it is told, and what it was asked. */
async function serve(handler: Handler): Promise<{ url: string; asked: string[]; waits: number[]; client: Client }> {
  const asked: string[] = []
  const waits: number[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => (text += String(chunk)))
    request.on('end', () => {
      asked.push(`${request.method} ${request.url}`)
      handler(Object.assign(request, { text }), response)
    })
  })
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, asked, waits, client: clientOf(url, waits) }
}

function clientOf(url: string, waits: number[] = [], more: { timeoutMs?: number; retry?: RetryOptions } = {}): Client {
  const wait = (ms: number) => {
    waits.push(ms)
    return Promise.resolve()
  }
  return createClient({ url, token: TOKEN, wait, ...more })
}

function json(response: ServerResponse, status: number, body: JsonValue, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

function problem(
  response: ServerResponse,
  status: number,
  body: JsonValue,
  headers: Record<string, string> = {},
): void {
  json(response, status, body, { 'content-type': 'application/problem+json', ...headers })
}

let countersigned: Receipt

function reply(run: Run, receiptFor = run.build): JsonValue {
  const receipt = JSON.parse(
    new TextDecoder().decode(
      writeReceipt(receiptFor === run.build ? countersigned : countersign(run.who.server, receiptFor, 7)),
    ),
  ) as JsonValue
  return { link: receiptFor.link, chain: run.chain.id, index: 7, late: false, receipt, later: 'field' }
}

const LISTED = {
  link: 'a'.repeat(64),
  chain: 'b'.repeat(32),
  pipeline: 'shop/web',
  step: 'build',
  attempt: 1,
  matrix: null,
  signer: 'codebuild',
  succeeded: true,
  acceptedAt: '2026-11-01T12:00:00.000Z',
  index: 3,
}

describe('requests', () => {
  const run = honestRun()
  countersigned = countersign(run.who.server, run.build, 7)

  it('appends, and returns the receipt for that very attestation', async () => {
    const { client, asked } = await serve((request, response) => {
      expect(request.headers.authorization).toBe(`Bearer ${TOKEN}`)
      expect(request.headers['content-type']).toBe('application/json')
      expect(request.text).toBe(new TextDecoder().decode(writeBundle(run.build.bundle)))
      json(response, 201, reply(run))
    })
    const appended = await client.append(run.build.bundle)
    expect(appended).toMatchObject({ link: run.build.link, chain: run.chain.id, index: 7, late: false, created: true })
    await client.append(run.build.bundle, { late: true })
    expect(asked).toEqual(['POST /v1/attestations', 'POST /v1/attestations?late=1'])
  })

  it('refuses a receipt for another attestation', async () => {
    const { client } = await serve((_, response) => json(response, 201, reply(run, run.test)))
    await rejects(client.append(run.build.bundle), 'server-answer')
  })

  it('tells an attestation that was known already', async () => {
    const { client } = await serve((_, response) => json(response, 200, reply(run)))
    expect((await client.append(run.build.bundle)).created).toBe(false)
  })

  it('fetches an attestation, and refuses another in its place', async () => {
    const bundle = JSON.parse(new TextDecoder().decode(writeBundle(run.build.bundle))) as JsonValue
    const { client } = await serve((_, response) => json(response, 200, { ...(reply(run) as object), bundle }))
    expect((await client.attestation(run.build.link)).receipt).toEqual(countersigned)
    await rejects(client.attestation(run.test.link), 'server-answer')
  })

  it('searches page by page', async () => {
    const { client, asked } = await serve((_, response) => json(response, 200, { items: [LISTED], next: 'c2' }))
    const page = await client.search({ pipeline: 'shop/web & more', limit: 5, cursor: 'c1' })
    expect(page).toEqual({ items: [{ ...LISTED, erased: null }], next: 'c2' })
    expect(asked).toEqual(['GET /v1/attestations?pipeline=shop%2Fweb+%26+more&limit=5&cursor=c1'])
  })

  it('looks digests up in portions, each once, and joins the chains newest first', async () => {
    const sizes: number[] = []
    const [one, two] = ['1'.repeat(32), '2'.repeat(32)]
    const { client } = await serve((request, response) => {
      sizes.push((JSON.parse(request.text) as { digests: string[] }).digests.length)
      const links = [String(sizes.length).repeat(64)]
      const chains = [{ chain: one, pipeline: 'p', index: 4, links }]
      json(response, 200, {
        chains: sizes.length === 2 ? [...chains, { chain: two, pipeline: 'p', index: 9, links }] : chains,
      })
    })
    const digests = Array.from({ length: 1500 }, (_, i) => i.toString(16).padStart(64, '0'))
    const found = await client.lookup([...digests, ...digests.slice(0, 10)])
    expect(sizes).toEqual([1000, 500])
    expect(found.map(({ chain }) => chain)).toEqual([two, one])
    expect(found[1]!.links).toEqual(['1'.repeat(64), '2'.repeat(64)])
    expect(await client.lookup([])).toEqual([])
  })

  it('fetches chains as bundles', async () => {
    const { client, asked } = await serve((_, response) => {
      response
        .writeHead(200, { 'content-type': 'application/vnd.countersign.chain.v1+jsonl' })
        .end(writeChainFile(run.lines))
    })
    expect(await client.chain(run.chain.id)).toEqual(run.lines)
    expect(asked).toEqual([`GET /v1/chains/${run.chain.id}`])
    const broken = await serve((_, response) => response.end('<html>'))
    await rejects(broken.client.chain(run.chain.id), 'server-answer')
  })

  it('fetches contracts as bytes, and checks the digest it asked for', async () => {
    const { client, asked } = await serve((_, response) => response.end(run.contractBytes))
    expect(await client.contract('shop/web')).toEqual(new Uint8Array(run.contractBytes))
    expect(await client.contractByDigest(run.contract.digest)).toEqual(new Uint8Array(run.contractBytes))
    await rejects(client.contractByDigest('0'.repeat(64)), 'server-answer')
    await client.publishContract('shop/web', utf8('contract: v1\n'))
    expect(asked[3]).toBe('PUT /v1/contracts/shop%2Fweb')
  })

  it('reads keys and server facts, and refuses keys that are none', async () => {
    const key = party('server').publicKey
    const pem = publicKeyPem(key)
    const log = logKeyOf(party('log.example', 'ed25519'))
    const vkey = writeVkey(log)
    const { client } = await serve((request, response) => {
      if (request.url === '/v1/server')
        json(response, 200, { origin: 'log.example', vkey, next: null, retired: [], version: '1' })
      else
        json(response, 200, { items: [{ keyId: key.keyId, name: 'ci', publicKey: pem, revokedAt: null, ...ENROLLED }] })
    })
    expect((await client.server()).key).toEqual(log)
    expect(await client.keys()).toMatchObject([{ name: 'ci', revokedAt: null, publicKey: { keyId: key.keyId } }])
    for (const facts of [
      { origin: 'log.example', vkey: 'x' },
      { origin: 'another.example', vkey },
    ]) {
      const bad = await serve((_, response) => json(response, 200, { ...facts, version: '1' }))
      await rejects(bad.client.server(), 'server-answer')
    }
  })

  it('reads a key only under its own id', async () => {
    const [key, other] = [party('a').publicKey, party('b').publicKey]
    const item = { keyId: other.keyId, name: 'ci', publicKey: publicKeyPem(key), revokedAt: null, ...ENROLLED }
    const { client } = await serve((_, response) => json(response, 200, { items: [item] }))
    await rejects(client.keys(), 'server-answer')
  })

  it('keeps the path of a server behind a prefix', async () => {
    const { url, asked } = await serve((_, response) => json(response, 200, { items: [], next: null }))
    await clientOf(`${url}/countersign/`).inbox('a b')
    expect(asked).toEqual(['GET /countersign/v1/inbox?cursor=a+b'])
  })
})

async function passing(status: number, code: string): Promise<boolean> {
  const { url } = await serve((_, response) => problem(response, status, { code, detail: 'x' }))
  const error = await clientOf(url, [], { retry: { attempts: 1 } })
    .server()
    .catch((e: unknown) => e)
  return mayPass(error as ServerRefusal)
}

describe('refusals', () => {
  const REFUSAL = {
    type: 'about:blank',
    title: 'Conflict',
    status: 409,
    code: 'place-taken',
    detail: 'step build is taken',
    fix: 'Record it as attempt 2.',
    requestId: 'r-1',
    findings: [{ code: 'place-taken', what: 'one' }, { code: 'no-such-code', what: 'two' }, 'junk'],
  }

  it('keep the code, the reason and the fix, and are not repeated', async () => {
    const { client, asked } = await serve((_, response) => problem(response, 409, REFUSAL))
    const error = await client.server().catch((e: unknown) => e)
    expect(error).toBeInstanceOf(ServerRefusal)
    expect(error).toMatchObject({
      code: 'place-taken',
      what: 'step build is taken',
      fix: 'Record it as attempt 2.',
      status: 409,
      requestId: 'r-1',
    })
    expect((error as ServerRefusal).findings.map(({ what }) => what)).toEqual(['one'])
    expect(asked).toHaveLength(1)
  })

  it('with a code we do not know become server-answer', async () => {
    for (const code of ['rm-rf', 'constructor', '__proto__', 7]) {
      const { client } = await serve((_, response) => problem(response, 422, { code, detail: 'said' }))
      await rejects(client.server(), 'server-answer')
    }
  })

  it('reach no terminal with escapes in them (T-92)', async () => {
    const evil = '\u001b[2Jall fine\u202e\nnot'
    const body = {
      ...REFUSAL,
      detail: evil,
      fix: evil,
      requestId: evil,
      findings: [{ code: 'place-taken', what: evil }],
    }
    const { client } = await serve((_, response) => problem(response, 409, body))
    const error = (await client.server().catch((e: unknown) => e)) as ServerRefusal
    for (const text of [error.what, error.fix, error.message, error.requestId, error.findings[0]!.what]) {
      expect(text).toContain('all fine not')
      expect(hasControl(text!)).toBe(false)
    }
    const listed = await serve((_, response) => json(response, 200, { items: [{ ...LISTED, step: evil }], next: null }))
    expect((await listed.client.search({ pipeline: 'p' })).items[0]!.step).toBe('all fine not')
  })

  it.each([
    ['HTML', 'text/html', '<html>'],
    ['broken JSON', 'application/problem+json', '{'],
    ['duplicate keys', 'application/problem+json', '{"code":"place-taken","code":"internal"}'],
    ['nothing', 'application/problem+json', ''],
    ['a list', 'application/problem+json', '[]'],
  ])('that are %s become server-answer', async (_name, type, body) => {
    const { client } = await serve((_, response) => response.writeHead(404, { 'content-type': type }).end(body))
    await rejects(client.server(), 'server-answer')
  })

  it('say whether another try may pass', async () => {
    expect(await passing(409, 'place-taken')).toBe(false)
    expect(await passing(422, 'signature-invalid')).toBe(false)
    expect(await passing(413, 'input-too-large')).toBe(false)
    expect(await passing(401, 'token-missing')).toBe(true)
    expect(await passing(403, 'token-scope')).toBe(true)
    expect(await passing(503, 'server-busy')).toBe(true)
    expect(await passing(500, 'internal')).toBe(true)
    expect(await passing(404, 'no-such-code')).toBe(true)
  })
})

describe('answers that are not the protocol', () => {
  it.each([
    ['HTML', 200, 'text/html', '<html>'],
    ['an empty body', 200, 'application/json', ''],
    ['duplicate keys', 200, 'application/json', '{"origin":"a","origin":"b"}'],
    ['another shape', 200, 'application/json', '{"origin":7}'],
    ['no content', 204, 'application/json', ''],
  ])('are refused: %s', async (_name, status, type, body) => {
    const { client } = await serve((_, response) => response.writeHead(status, { 'content-type': type }).end(body))
    await rejects(client.server(), 'server-answer')
  })

  it('redirects are not followed, and the token goes nowhere else', async () => {
    const elsewhere = await serve((_, response) => json(response, 200, {}))
    for (const status of [301, 302, 303, 307, 308]) {
      const { client } = await serve((_, response) => response.writeHead(status, { location: elsewhere.url }).end())
      await rejects(client.server(), 'server-answer')
    }
    expect(elsewhere.asked).toEqual([])
  })

  it('endless bodies are cut off, also where they come packed small (T-71)', async () => {
    const endless = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const chunk = Buffer.alloc(1 << 20, 32)
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      }
      response.on('drain', more)
      more()
    })
    await rejects(endless.client.server(), 'server-answer')
    const { gzipSync } = await import('node:zlib')
    const bomb = gzipSync(Buffer.alloc(40 << 20, 32))
    expect(bomb.length).toBeLessThan(1 << 20)
    const packed = await serve((_, response) => packedJson(response, bomb))
    await rejects(packed.client.server(), 'server-answer')
  })
})

function packedJson(response: ServerResponse, bytes: Uint8Array): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bytes)
}

describe('repetition', () => {
  const FACTS = { origin: 's', vkey: writeVkey(logKeyOf(party('s', 'ed25519'))), next: null, retired: [], version: '1' }

  it.each([429, 502, 503, 504])('after %i, and then with success', async (status) => {
    let tries = 0
    const { client, asked, waits } = await serve((_, response) => {
      if (++tries < 3) problem(response, status, { code: 'server-busy', detail: 'later' })
      else json(response, 200, FACTS)
    })
    await client.server()
    expect(asked).toHaveLength(3)
    expect(waits[0]).toBeLessThanOrEqual(250)
    expect(waits[1]).toBeLessThanOrEqual(500)
  })

  it('gives up with what the server said, or that a gateway said it', async () => {
    const busy = await serve((_, response) => problem(response, 503, { code: 'server-busy', detail: 'later' }))
    await rejects(busy.client.server(), 'server-busy')
    expect(busy.asked).toHaveLength(3)
    const gateway = await serve((_, response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<html>'))
    await rejects(gateway.client.server(), 'server-unreachable')
  })

  it('waits as long as Retry-After says, but not for ever', async () => {
    let tries = 0
    const { client, waits } = await serve((_, response) => {
      if (++tries === 1) problem(response, 503, { code: 'server-busy' }, { 'retry-after': '7' })
      else json(response, 200, FACTS)
    })
    await client.server()
    expect(waits[0]).toBeGreaterThanOrEqual(7000)
    expect(waits[0]).toBeLessThan(7300)
    const slow = await serve((_, response) =>
      problem(response, 503, { code: 'server-busy' }, { 'retry-after': '3600' }),
    )
    await rejects(slow.client.server(), 'server-busy')
    expect(slow.asked).toHaveLength(1)
  })

  it('not after 500 or 409', async () => {
    for (const [status, code] of [
      [500, 'internal'],
      [409, 'place-taken'],
    ] as const) {
      const { client, asked } = await serve((_, response) => problem(response, status, { code }))
      await rejects(client.server(), code)
      expect(asked).toHaveLength(1)
    }
  })

  it('not of what differs when done twice', async () => {
    const { client, asked } = await serve((_, response) => problem(response, 503, { code: 'server-busy' }))
    await rejects(client.enrol('ci', party('ci').publicKey), 'server-busy')
    await rejects(client.revoke('a'.repeat(64)), 'server-busy')
    expect(asked).toHaveLength(2)
  })

  it('of a connection that broke, as often as it may; then says so', async () => {
    const { client, asked } = await serve((request) => request.socket.destroy())
    await rejects(client.server(), 'server-unreachable')
    expect(asked).toHaveLength(3)
  })

  it('of a body that broke off', async () => {
    let tries = 0
    const { client } = await serve((_, response) => {
      if (++tries > 1) return json(response, 200, FACTS)
      response.writeHead(200, { 'content-length': '100' })
      response.write('{')
      return response.socket!.destroySoon()
    })
    await client.server()
    expect(tries).toBe(2)
  })

  it('of silence, one time limit each', async () => {
    const { url, asked } = await serve(() => undefined)
    await rejects(clientOf(url, [], { timeoutMs: 40, retry: { attempts: 2 } }).server(), 'server-unreachable')
    expect(asked).toHaveLength(2)
    const dripping = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{')
    })
    const client = clientOf(dripping.url, [], { timeoutMs: 40, retry: { attempts: 1 } })
    await rejects(client.server(), 'server-unreachable')
  })

  it('of a port where nobody listens', async () => {
    const { url } = await serve(() => undefined)
    const server = open.pop()!
    await new Promise((resolve) => server.close(resolve))
    const error = await clientOf(url)
      .server()
      .catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'server-unreachable', what: `${url}: connection refused` })
  })
})

const make =
  (url: string, token = TOKEN, allowHttp = false) =>
  () =>
    createClient({ url, token, allowHttp })
const throws = (work: () => unknown, code: string) => expect(work).toThrow(expect.objectContaining({ code }))

describe('settings', () => {
  it.each([
    'https://a.example',
    'https://a.example/prefix',
    'http://localhost:1',
    'http://127.8.0.1',
    'http://[::1]:8080',
  ])('take %s', (url) => {
    make(url)()
  })

  it.each([
    'http://a.example',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'ftp://a.example',
    'file:///etc/passwd',
    'a.example',
    '',
    'https://user:pass@a.example',
    'https://a.example?x=1',
    'https://a.example#x',
  ])('refuse %j', (url) => {
    throws(make(url), 'usage')
  })

  it('take plain http where it is allowed by name', () => {
    make('http://a.example', TOKEN, true)()
  })

  it('show no secret of the URL', () => {
    expect(make('https://user:hunter2@a.example')).toThrow(
      expect.objectContaining({ what: expect.not.stringContaining('hunter2') }),
    )
  })

  it.each(['', 'two words', 'line\nbreak', 'ü', 'x'.repeat(5000)])(
    'refuse the token %j without repeating it',
    (token) => {
      throws(make('https://a.example', token), 'token-missing')
      if (token.length > 1) expect(make('https://a.example', token)).not.toThrow(new RegExp(token.slice(0, 9)))
    },
  )

  it('no error holds the token', async () => {
    const { client } = await serve((_, response) => response.writeHead(404).end())
    const error = (await client.server().catch((e: unknown) => e)) as Error
    const gone = (await clientOf('http://127.0.0.1:1')
      .server()
      .catch((e: unknown) => e)) as Error
    for (const one of [error, gone]) {
      const { inspect } = await import('node:util')
      expect(inspect(one, { depth: 9, showHidden: true })).not.toContain(TOKEN)
    }
  })
})
