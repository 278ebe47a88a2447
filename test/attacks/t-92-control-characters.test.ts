import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pino } from 'pino'
import { canonicalJson, CodedError, publicKeyPem } from '@countersign/core'
import { type Client, createClient, plainText, ServerRefusal } from '@countersign/client'
import { writeBundle } from '@countersign/formats'
import { createApp, type RequestLog } from '../../server/app.ts'
import { openapi } from '../../server/openapi.ts'
import { Bench } from '../e2e/cli.ts'
import { honestRun, party, type Run, seal } from '../pipeline.ts'
import { openTestServer, type TestServer, token } from '../server.ts'
import { fresh, replaced, texts } from './texts.ts'

// T-92: text that is not only read: it moves a terminal's cursor, turns a line around, or runs in a browser.

const HOSTILE: Readonly<Record<string, string>> = {
  'clears the screen': '\u001b[2J\u001b[1;1H',
  'says passed in green': '\u001b[32m✓ VERIFIED\u001b[0m',
  'sets the window title': '\u001b]0;pwned\u0007',
  'writes the clipboard': '\u001b]52;c;cm0gLXJmIC8=\u001b\\',
  'makes a link': '\u001b]8;;https://evil.test\u001b\\here\u001b]8;;\u001b\\',
  'the same in one character': '\u009b2J',
  'overwrites its line': 'refused\rVERIFIED',
  'begins a line': 'a\n{"level":30,"msg":"all is well"}',
  'rubs out': 'evil\b\b\b\bgood',
  'ends in null': 'a\u0000b',
  'turns around': 'a\u202egpj.exe',
  isolates: '\u2066evil\u2069',
  'separates lines': 'a\u2028b\u2029c\u0085d',
  'is a script': '<script>alert(document.domain)</script>',
  'is an image': '"><img src=x onerror=alert(1)>',
  'closes what it is in': '</script></title></textarea>--><svg onload=alert(1)>',
  'is a template': '{{constructor.constructor("alert(1)")()}}${7*7}<%= 7*7 %>',
}
/** What no terminal may get: controls, but for the end of a line, and marks that turn text around. */
// eslint-disable-next-line no-control-regex
const ACTIVE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/
const isHtml = (text: string) => text.includes('<')

let server: TestServer
let run: Run
let client: Client
const lines: string[] = []

beforeAll(async () => {
  server = await openTestServer()
  run = honestRun()
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  // As main.ts logs, into memory.
  const logger = pino({ level: 'debug', base: null }, { write: (line: string) => void lines.push(line) })
  const log = ({ error, ...entry }: RequestLog) => logger.info({ ...entry, err: error }, 'request')
  const app = createApp({ deps: server.deps, log, clock: () => 0, stopping: () => false })
  client = createClient({
    url: 'http://localhost',
    token: token('acme'),
    fetch: (url, init) =>
      Promise.resolve(app.request(new URL(url as string).href.slice('http://localhost'.length), init)),
  })
})
afterAll(() => server.close())

/** Fails for an answer that is more than text to whoever shows it, whatever it was asked with. */
async function expectInert(what: unknown, reply: Response): Promise<string> {
  const text = await reply.text()
  const type = reply.headers.get('content-type')
  expect([what, type, reply.headers.get('x-content-type-options')]).toEqual([
    what,
    expect.stringMatching(/^application\/(?:json|problem\+json|yaml|octet-stream|vnd\.countersign\.chain\.v1\+jsonl)$/),
    'nosniff',
  ])
  for (const [name, value] of reply.headers)
    expect([what, name, ACTIVE.test(value) || isHtml(value)]).toEqual([what, name, false])
  return text
}

const json = (value: unknown) => ({ body: JSON.stringify(value) })

describe('T-92: what refuses hostile text quotes it harmlessly', () => {
  test('in every field, path, query and header', async () => {
    const pem = publicKeyPem(party('x').publicKey)
    const yaml = new TextDecoder().decode(run.contractBytes)
    const quoted: string[] = []
    for (const [what, evil] of Object.entries(HOSTILE)) {
      const encoded = encodeURIComponent(evil)
      const asked: [string, string, { body?: string; headers?: Record<string, string> }][] = [
        ['GET', `/v1/${encoded}`, {}],
        ['GET', `/v1/attestations/${encoded}`, {}],
        ['GET', `/v1/attestations?pipeline=${encoded}`, {}],
        ['GET', `/v1/attestations?pipeline=p&cursor=${encoded}`, {}],
        ['GET', `/v1/attestations?pipeline=p&limit=${encoded}`, {}],
        ['GET', `/v1/attestations?${encoded}=1`, {}],
        ['GET', `/v1/chains/${encoded}`, {}],
        ['GET', `/v1/contracts/${encoded}`, {}],
        ['GET', `/v1/contracts/by-digest/${encoded}`, {}],
        ['GET', `/v1/inbox/${encoded}/body`, {}],
        ['GET', `/v1/inbox?cursor=${encoded}`, {}],
        ['POST', `/v1/keys/${encoded}/revoke`, {}],
        ['POST', `/v1/attestations?late=${encoded}`, json({})],
        ['POST', '/v1/keys', json({ name: evil, publicKey: pem })],
        ['POST', '/v1/keys', json({ name: 'x', publicKey: evil })],
        ['POST', '/v1/keys', json({ name: 'x', publicKey: pem, [evil]: 1 })],
        ['POST', '/v1/lookups', json({ digests: [evil] })],
        ['POST', '/v1/lookups', { body: evil }],
        ['POST', '/v1/lookups', { body: `{"digests":[],"digests":${JSON.stringify(evil)}}` }],
        ['POST', '/v1/lookups', { body: `{${JSON.stringify(evil)}:1,${JSON.stringify(evil)}:1}` }],
        ['POST', '/v1/attestations', { body: evil }],
        ['POST', '/v1/attestations', json({ [evil]: evil })],
        ['POST', '/v1/attestations', json({ mediaType: evil })],
        ['PUT', '/v1/contracts/shop/web', { body: evil }],
        ['PUT', '/v1/contracts/shop/web', { body: yaml.replace('shop/web', evil) }],
        ['PUT', '/v1/contracts/shop/web', { body: yaml.replace('shop/web', JSON.stringify(evil)) }],
        ['PUT', '/v1/contracts/shop/web', { body: yaml.replace('  build:', `  ${JSON.stringify(evil)}:`) }],
        ['PUT', '/v1/contracts/shop/web', { body: `${yaml}${JSON.stringify(evil)}: 1\n` }],
      ]
      for (const [method, path, more] of asked) {
        const text = await expectInert([what, method, path], await server.request(method, path, more))
        expect([what, method, path, more.body, ACTIVE.exec(text)]).toEqual([what, method, path, more.body, null])
        quoted.push(text)
      }
    }
    // Red control: some of them do quote what they were asked with, so there was something to see.
    expect(quoted.filter(isHtml).length).toBeGreaterThan(0)
    expect(quoted.filter((text) => text.includes('\\u001b')).length).toBeGreaterThan(0)
  })
})

describe('T-92: what is kept comes back as plain text', () => {
  test('every text of a step', async () => {
    const kept = new Set<string>()
    const active = new Set<string>()
    for (const [what, evil] of Object.entries(HOSTILE)) {
      for (const place of texts(fresh())) {
        const payload = canonicalJson(replaced(fresh(), place, evil))
        const reply = await server.append(seal(run.who.github, payload))
        const accepted = reply.ok
        const text = await expectInert([what, place], reply)
        expect([what, place, ACTIVE.exec(text)]).toEqual([what, place, null])
        if (!accepted) continue
        const { link } = JSON.parse(text) as { link: string }
        kept.add(place.join('.'))
        if (ACTIVE.test(evil)) active.add(place.join('.'))
        const found = await expectInert([what, place], await server.request('GET', `/v1/attestations/${link}`))
        expect([what, place, ACTIVE.exec(found)]).toEqual([what, place, null])
      }
    }
    // Red control: there are free texts, and what is only words for a browser may stand in them.
    expect(kept.size).toBeGreaterThan(3)
    // A command, its environment and what a tool calls its version may hold anything, and are signed as they are; they
    // are nowhere but in the payload. All else has no such characters in it.
    expect([...active].toSorted()).toEqual([
      'predicate.invocation.argv.0',
      'predicate.invocation.argv.1',
      'predicate.invocation.environment.CI',
      'predicate.runner.tools.node',
    ])
  })

  test('every body that was refused, in the inbox and as a download', async () => {
    const { items } = await client.inbox()
    expect(items.length).toBeGreaterThan(20)
    for (const item of items) {
      for (const text of Object.values(item)) expect([text, ACTIVE.test(text ?? '')]).toEqual([text, false])
    }
    const raw = await expectInert('inbox', await server.request('GET', '/v1/inbox'))
    expect(ACTIVE.exec(raw)).toBeNull()
    const [{ id }] = (JSON.parse(raw) as { items: { id: number }[] }).items as [{ id: number }]
    const { headers } = await server.request('GET', `/v1/inbox/${id}/body`)
    expect([headers.get('content-disposition'), headers.get('content-security-policy')]).toEqual([
      `attachment; filename="refused-${id}.bin"`,
      "default-src 'none'; sandbox",
    ])
  })
})

describe('T-92: what is shown on a terminal', () => {
  test('problems, as the client tells them', async () => {
    for (const [what, evil] of Object.entries(HOSTILE)) {
      const asked = [
        () => client.contract(evil),
        () => client.enrol(evil, party('x').publicKey),
        () => client.attestation(evil),
        () => client.inbox(evil),
        () => client.search({ pipeline: evil }),
        () => client.publishContract('shop/web', new TextEncoder().encode(evil)),
      ]
      for (const ask of asked) {
        const error: unknown = await ask().then(
          () => null,
          (refused: unknown) => refused,
        )
        expect([what, error instanceof CodedError]).toEqual([what, true])
        const { report, message } = { report: (error as CodedError).report(), message: (error as CodedError).message }
        for (const text of [...Object.values(report), message])
          expect([what, text, ACTIVE.test(text)]).toEqual([what, text, false])
        if (error instanceof ServerRefusal) expect(error.requestId).toMatch(/^[0-9a-f-]{36}$/)
      }
    }
  })

  test('a server that is an enemy itself: what it says is made plain', async () => {
    for (const [what, evil] of Object.entries(HOSTILE)) {
      const body = JSON.stringify({
        code: 'not-found',
        detail: evil,
        fix: evil,
        requestId: evil,
        findings: [{ code: 'usage', what: evil, fix: evil }],
      })
      const enemy = createClient({
        url: 'http://localhost',
        token: token('acme'),
        fetch: () =>
          Promise.resolve(new Response(body, { status: 404, headers: { 'content-type': 'application/problem+json' } })),
      })
      const error = (await enemy.keys().catch((refused: unknown) => refused)) as ServerRefusal
      const said = [
        error.what,
        error.fix,
        error.message,
        error.requestId!,
        ...error.findings.flatMap((f) => [f.what, f.fix]),
      ]
      for (const text of said) expect([what, text, ACTIVE.test(text)]).toEqual([what, text, false])
      expect([what, ACTIVE.test(plainText(evil))]).toEqual([what, false])
    }
    // Red control: most of these texts are what they say.
    expect(Object.values(HOSTILE).filter((evil) => ACTIVE.test(evil) || evil.includes('\n')).length).toBe(13)
  })

  test('a step whose command is hostile, as the command line shows it', () => {
    const bench = new Bench()
    try {
      const steps = Object.values(HOSTILE).flatMap((evil) =>
        [
          ['argv', '1'],
          ['environment', 'CI'],
        ].map((place) => {
          const step = replaced(fresh(), ['predicate', 'invocation', ...place], evil)
          return `${new TextDecoder().decode(writeBundle(seal(run.who.github, canonicalJson(step))))}\n`
        }),
      )
      bench.write('steps.chain.jsonl', steps.join(''))
      const ran = bench.cli(bench.root, ['inspect', 'steps.chain.jsonl'])
      expect([ran.code, ran.out.match(/alert\(1\)/g)!.length > 1]).toEqual([0, true])
      expect(ACTIVE.exec(ran.out + ran.err)).toBeNull()
    } finally {
      bench.remove()
    }
  })

  test('the log: one line a request, whatever it was asked with', () => {
    expect(lines.length).toBeGreaterThan(60)
    for (const line of lines) {
      expect(line.endsWith('\n')).toBe(true)
      expect([line, ACTIVE.test(line), line.slice(0, -1).includes('\n')]).toEqual([line, false, false])
      expect((JSON.parse(line) as { msg: string }).msg).toBe('request')
      expect(isHtml(line)).toBe(false)
    }
  })
})

describe('T-92: what is shown in a browser', () => {
  test('is two pages, which run and load only what is our own', async () => {
    const html = []
    const { paths } = openapi('0') as { paths: Record<string, object> }
    for (const path of [
      ...Object.keys(paths).filter((one) => !one.includes('{')),
      '/',
      '/nothing',
      '/docs/x',
      '/v1/x',
    ]) {
      const reply = await server.request('GET', path)
      if (/html|xml|svg/.test(reply.headers.get('content-type') ?? '')) html.push([path, reply] as const)
    }
    expect(html.map(([path]) => path)).toEqual(['/docs', '/'])
    const [[, page], [, dashboard]] = html as [(typeof html)[0], (typeof html)[0]]
    const policy = Object.fromEntries(
      page.headers
        .get('content-security-policy')!
        .split(';')
        .map((rule) => rule.trim().split(/ (.*)/).slice(0, 2) as [string, string]),
    )
    expect(policy).toMatchObject({
      'default-src': "'self'",
      'object-src': "'none'",
      'frame-ancestors': "'none'",
      'base-uri': "'none'",
      'form-action': "'none'",
    })
    // Scripts fall back on default-src; a policy of their own could only be laxer.
    expect(policy['script-src'] ?? "'self'").toBe("'self'")
    expect(Object.values(policy).some((sources) => /\*|unsafe-eval|https?:/.test(sources))).toBe(false)
    const text = await page.text()
    expect(/<script(?![^>]*src="\/docs\/)|\son[a-z]+=|javascript:|https?:\/\//i.test(text)).toBe(false)
    // The dashboard may do less yet, and makes no markup of a text.
    const stricter = dashboard.headers.get('content-security-policy')!
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "require-trusted-types-for 'script'",
    ])
      expect(stricter.split('; ')).toContain(rule)
    expect(/unsafe|\*|https?:|data:|blob:/.test(stricter)).toBe(false)
    const frame = await dashboard.text()
    expect(/<script(?![^>]*src="\/assets\/)|\son[a-z]+=|style=|javascript:|https?:\/\//i.test(frame)).toBe(false)
    for (const asset of ['/docs/start.js', '/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js']) {
      const reply = await server.request('GET', asset, { token: null })
      expect([asset, reply.headers.get('x-content-type-options')]).toEqual([asset, 'nosniff'])
      expect((await reply.arrayBuffer()).byteLength).toBeGreaterThan(50)
    }
  })

  test('and nothing that a path holds is in it', async () => {
    for (const evil of Object.values(HOSTILE)) {
      for (const path of [
        `/docs/${encodeURIComponent(evil)}`,
        `/docs?${encodeURIComponent(evil)}`,
        `/${encodeURIComponent(evil)}`,
      ]) {
        const reply = await server.request('GET', path, { token: null })
        const text = await reply.text()
        expect([path, ACTIVE.exec(text)]).toEqual([path, null])
        if (reply.status === 200) expect(text.includes('alert')).toBe(false)
        else expect(reply.headers.get('content-type')).toBe('application/problem+json')
      }
    }
  })

  test('an honest step, for comparison, is served as it always is', async () => {
    await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
    const reply = await server.request('POST', '/v1/attestations', { body: writeBundle(run.source.bundle) })
    expect(reply.status).toBe(201)
    await expectInert('chain', await server.request('GET', `/v1/chains/${run.chain.id}`))
    await expectInert('contract', await server.request('GET', '/v1/contracts/shop/web'))
  })
})
