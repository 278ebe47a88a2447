import { EventEmitter } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { writeVkey } from '@countersign/formats'
import { gateRemote, type RemoteGateOptions } from '../../packages/cli/src/commands/gate-remote.ts'
import { githubApp } from '../../packages/cli/src/commands/github.ts'
import { kubernetesWebhook } from '../../packages/cli/src/commands/kubernetes.ts'
import type { Context } from '../../packages/cli/src/context.ts'
import { honestRun, logKeyOf, party, type Run, sha256 } from '../pipeline.ts'
import { openTestServer, type TestServer, token } from '../server.ts'
import { pod, responseOf, review } from './cluster.ts'
import { APP_ID, FakeGithub, headersOf, REPOSITORY, SECRET } from './fake-github.ts'
import { contextFor } from './four-gates.ts'
import { ask, TlsAuthority } from './tls.ts'

// The commands as they are started, in this process, against the server over HTTP.

let server: TestServer
let run: Run
let http: Server
let url: string
let directory: string
/** What is done to the gate's answers on their way. */
let bend: (reply: { status: number; body: Record<string, unknown> }) => { status: number; body: unknown }

beforeAll(async () => {
  server = await openTestServer()
  run = honestRun()
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
  for (const { bundle } of run.steps) expect((await server.append(bundle)).status).toBe(201)
  http = createServer((request, response) => {
    void (async () => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const headers = { authorization: String(request.headers.authorization) }
      const body = parts.length === 0 ? {} : { body: new Uint8Array(Buffer.concat(parts)) }
      const reply = await server.request(request.method!, request.url!, { token: null, headers, ...body })
      let [status, text] = [reply.status, await reply.text()]
      if (request.url === '/v1/gate' && status !== 401) {
        const bent = bend({ status, body: JSON.parse(text) as Record<string, unknown> })
        ;[status, text] = [bent.status, JSON.stringify(bent.body)]
      }
      response.writeHead(status, { 'content-type': reply.headers.get('content-type') ?? 'text/plain' }).end(text)
    })()
  })
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  directory = mkdtempSync(join(tmpdir(), 'countersign-remote-'))
  writeFileSync(join(directory, 'contract.yaml'), run.contractBytes)
  writeFileSync(join(directory, 'log.vkey'), writeVkey(server.deps.log.keys[0]))
  writeFileSync(join(directory, 'other.vkey'), writeVkey(logKeyOf(party('test', 'ed25519'))))
})
afterAll(async () => {
  http.closeAllConnections()
  await new Promise((done) => http.close(done))
  rmSync(directory, { recursive: true, force: true })
  await server.close()
})
beforeEach(() => {
  bend = (reply) => reply
})

const context = (out: { text: string }, settings: object = {}): Context => {
  const made = contextFor(directory, server.deps.now(), out)
  return { ...made, settings: { ...made.settings, url, token: token('acme', 'read'), ...settings } }
}
const gate = async (
  options: Partial<RemoteGateOptions> = {},
  artifact = run.app.digest.sha256,
  settings: object = {},
) => {
  const out = { text: '' }
  const all = { contract: 'contract.yaml', format: 'text', ...options }
  try {
    return { code: await gateRemote(context(out, settings), `sha256:${artifact}`, all), out: out.text }
  } catch (error) {
    return { code: 2, out: String(error) }
  }
}

describe('gate --remote', () => {
  test('says what the server says, and under whose key', async () => {
    expect(await gate()).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^✓ ALLOW .+ decision \d+\n {2}believing the key that http/) as unknown,
    })
    expect(await gate({ trust: ['log.vkey'] })).toMatchObject({
      code: 0,
      out: expect.stringContaining('the keys given with --trust') as unknown,
    })
    const no = await gate({}, sha256('strange'))
    expect(no).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^✗ artifact-unproven: [\s\S]+ fix [\s\S]+✗ DENY/) as unknown,
    })
    const { contract: _, ...named } = {
      contract: 'x',
      pipeline: 'shop/web',
      environment: 'production',
      vsa: 'app.vsa.json',
    }
    const out = { text: '' }
    expect(await gateRemote(context(out), `sha256:${run.app.digest.sha256}`, { ...named, format: 'json' })).toBe(0)
    expect(JSON.parse(out.text.split('\n').find((line) => line.startsWith('{'))!)).toMatchObject({
      decision: 'allow',
      contract: run.contract.digest,
    })
    expect(JSON.parse(readFileSync(join(directory, 'app.vsa.json'), 'utf8'))).toMatchObject({
      payloadType: 'application/vnd.in-toto+json',
    })
  })

  test('T-97: lets nothing through by an answer that does not fit together', async () => {
    const other = await gateAnswer(sha256('strange'))
    const good = await gateAnswer(run.app.digest.sha256)
    const bends: Record<string, typeof bend> = {
      'another artifact’s answer': () => ({ status: 200, body: { ...other, decision: 'allow', reason: null } }),
      'another artifact’s summary': ({ body }) => ({ status: 200, body: { ...body, vsa: other['vsa'] } }),
      'no summary': ({ body }) => ({ status: 200, body: { ...body, vsa: null } }),
      'a summary that nobody signed': ({ body }) => ({
        status: 200,
        body: { ...body, vsa: { ...(body['vsa'] as object), signatures: [{ sig: 'AAAA' }] } },
      }),
      'allow with 403': ({ body }) => ({ status: 403, body }),
      'deny with 200': ({ body }) => ({ status: 200, body: { ...body, decision: 'deny' } }),
      'a word that is none': ({ body }) => ({ status: 200, body: { ...body, decision: 'ALLOW' } }),
      'a reason against it': ({ body }) => ({
        status: 200,
        body: { ...body, reason: { code: 'step-failed', what: 'x', why: 'x', fix: 'x' } },
      }),
      nothing: () => ({ status: 200, body: {} }),
      'a list': ({ body }) => ({ status: 200, body: [body] }),
      unknown: ({ body }) => ({
        status: 403,
        body: { ...body, decision: 'unknown', reason: { code: 'step-withheld', what: 'x', why: 'x', fix: 'x' } },
      }),
      'an error of the server': () => ({ status: 500, body: good }),
    }
    for (const [name, one] of Object.entries(bends)) {
      bend = one
      expect([name, (await gate()).code]).toEqual([name, 2])
    }
    bend = (reply) => reply
    expect((await gate()).code).toBe(0)
    expect((await gate({ trust: ['other.vkey'] })).out).toContain('signature-invalid')
    expect((await gate({}, undefined, { url: 'http://127.0.0.1:1' })).code).toBe(2)
    expect((await gate({}, undefined, { token: 'cst_nobody_0123456789abcdef' })).code).toBe(2)
  })

  test('takes no option that only a verdict of its own can use', async () => {
    for (const stray of [
      { chain: ['x'] },
      { offline: true },
      { allowWithheld: true },
      { requireAnchors: 'rekor' },
      { evidence: 'x' },
      { baseline: 'x' },
    ]) {
      expect((await gate(stray)).out).toMatch(/usage: the server judges/)
    }
    // Nor one that is set for all: the server would not hear of it.
    expect((await gate({}, undefined, { baseline: 'x' })).out).toMatch(/usage: the server judges/)
    const out = { text: '' }
    await expect(gateRemote(context(out), run.app.digest.sha256, { format: 'text' })).rejects.toThrow(/judge under/)
  })
})

async function gateAnswer(artifact: string): Promise<Record<string, unknown>> {
  const body = JSON.stringify({ artifact, contract: run.contract.digest })
  return (await (await server.request('POST', '/v1/gate', { body })).json()) as Record<string, unknown>
}

/** A command that serves until it is stopped: where it listens, and how it is stopped. */
async function serving(start: (context: Context) => Promise<number>) {
  const signals = new EventEmitter()
  const out = { text: '' }
  const done = start({ ...context(out), signals: signals as unknown as Context['signals'] })
  done.catch(() => undefined)
  await expect.poll(() => out.text).toContain('"url"')
  const { url: at } = JSON.parse(out.text.split('\n').find((line) => line.includes('"url"'))!) as { url: string }
  return {
    url: new URL(at),
    out,
    stop: async () => {
      signals.emit('SIGTERM')
      expect(await done).toBe(0)
    },
  }
}

test('kubernetes webhook admits and denies over TLS, and stops when it is told to', async () => {
  const authority = new TlsAuthority()
  const own = authority.issue()
  const policy = { rules: [{ images: ['ghcr.io/shop/**'], pipeline: 'shop/web' }], environment: 'production' }
  for (const [name, text] of Object.entries({
    'tls.crt': own.cert,
    'tls.key': own.key,
    'webhook.json': JSON.stringify(policy),
  })) {
    writeFileSync(join(directory, name), text)
  }
  const options = {
    config: 'webhook.json',
    trust: ['log.vkey'],
    tlsCert: 'tls.crt',
    tlsKey: 'tls.key',
    cache: 'cache',
    listen: '127.0.0.1:0',
    format: 'json',
  }
  const webhook = await serving((context) => kubernetesWebhook(context, options))
  const port = Number(webhook.url.port)
  for (const [digest, allowed] of [
    [run.app.digest.sha256, true],
    [sha256('strange'), false],
  ] as const) {
    const { text } = await ask(
      port,
      '/validate/enforce?timeout=5s',
      review(pod([`ghcr.io/shop/web@sha256:${digest}`])),
      { ca: authority.cert },
    )
    expect(responseOf(JSON.parse(text) as object).allowed).toBe(allowed)
  }
  await webhook.stop()
  // A server that does not answer now may later: it is told of.
  const alone = await serving((made) => {
    const settings = { ...made.settings, url: 'http://127.0.0.1:1' }
    return kubernetesWebhook({ ...made, settings }, options)
  })
  expect(alone.out.text).toContain('server-unreachable')
  await alone.stop()
  await expect(kubernetesWebhook(context({ text: '' }, { token: null }), options)).rejects.toThrow(/none is set/)
  // What would have it deny everything is said when it is started.
  const started = (settings: object, more: object = {}) =>
    kubernetesWebhook(context({ text: '' }, settings), { ...options, ...more }).then(
      () => 'started',
      (error: { code?: string; what?: string }) => `${error.code}: ${error.what}`,
    )
  writeFileSync(join(directory, 'other.key'), authority.issue().key)
  writeFileSync(join(directory, 'no.pem'), 'no PEM')
  expect(await started({}, { tlsKey: 'other.key' })).toBe('usage: the key for TLS is not that of the certificate')
  expect(await started({}, { tlsKey: 'no.pem' })).toContain('usage: the certificate for TLS, or its key, is not PEM')
  expect(await started({}, { tlsCert: 'no.pem' })).toContain('usage: the certificate for TLS, or its key, is not PEM')
  expect(await started({ token: 'cst_nobody_0123456789abcdef' })).toContain('token-missing')
  expect(await started({ token: token('acme', 'append') })).toContain('token-scope')
})

test('github app takes deliveries on this machine, and keeps what it could not tell', async () => {
  const github = new FakeGithub()
  const sha = run.source.statement.subject[0]!.digest['gitCommit']!
  // Nobody answers there.
  const api = 'http://127.0.0.1:1'
  const config = { appId: APP_ID, api, rules: [{ repository: REPOSITORY.id, pipeline: 'shop/web' }] }
  for (const [name, text] of Object.entries({
    'app.pem': github.privateKey,
    secret: `${SECRET}\n`,
    'app.json': JSON.stringify(config),
  })) {
    writeFileSync(join(directory, name), text)
  }
  const options = {
    config: 'app.json',
    trust: ['log.vkey'],
    privateKey: 'app.pem',
    webhookSecret: 'secret',
    state: 'state',
    listen: '127.0.0.1:0',
    format: 'json',
  }
  const app = await serving((context) => githubApp(context, options))
  const { body } = github.delivery(sha)
  const text = new TextDecoder().decode(body).replaceAll('https://api.github.com', api)
  const post = (headers: Record<string, string>) => fetch(app.url, { method: 'POST', headers, body: text })
  expect((await post(headersOf(text, 'another secret, and a long one'))).status).toBe(401)
  expect((await post(headersOf(text))).status).toBe(202)
  await expect.poll(() => app.out.text).toMatch(/"decision":"allow"[\s\S]+service-unreachable/)
  expect((await post(headersOf(text))).status).toBe(200)
  await app.stop()
  await expect(githubApp(context({ text: '' }), { ...options, listen: '0.0.0.0:0' })).rejects.toThrow(
    /this machine alone/,
  )
})
