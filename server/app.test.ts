import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CATALOGUE, type Code, CodedError, publicKeyPem } from '@countersign/core'
import { writeBundle, writeSignedContract } from '@countersign/formats'
import { letThrough, signContract, waitingIn } from '../test/acts.ts'
import { ledgerAnchor, memoryLedger } from '../test/anchors/local-file.ts'
import { type LocalIssuer, ruleFor, startIssuer } from '../test/identity/local-issuer.ts'
import { packRequests } from '../test/packs.ts'
import { ORIGIN, peopleRequests, signInRule, stubProvider } from '../test/people.ts'
import { at, honestRun, party, possession, type Run } from '../test/pipeline.ts'
import { asking, certifiedStep, certify, fulcioRequest } from '../test/identity/asking.ts'
import { webhookRequests } from '../test/hook.ts'
import { remarkRequests } from '../test/remarks.ts'
import { codeOf, openTestServer, SECRET, type TestServer, token } from '../test/server.ts'
import { createApp } from './app.ts'
import { openapi } from './openapi.ts'
import { PAGES } from './routes/pages.ts'
import { statusOf } from './problems.ts'

let server: TestServer
let run: Run
let issuer: LocalIssuer
/** Of a certificate that was issued. */
let serial: string
let routes: { method: string; path: string }[]

beforeAll(async () => {
  const before = () => {
    throw new CodedError('anchor-refused', 'injected')
  }
  server = await openTestServer({
    tenants: ['acme', 'other'],
    publicUrl: ORIGIN,
    signIn: [stubProvider({ sub: '1', hd: 'corp.example' }, [signInRule({ hd: 'corp.example' })])],
    anchors: [
      { anchor: ledgerAnchor({ ledger: memoryLedger() }), alarmAfter: 1_000 },
      { anchor: ledgerAnchor({ name: 'dead', ledger: memoryLedger(), before }), alarmAfter: 1_000 },
    ],
    events: { outbound: { post: () => Promise.resolve({ status: 204, retryAfterMs: null }), check: async () => {} } },
  })
  issuer = await startIssuer({ audience: 'countersign:test', now: () => Date.parse(at(60)) })
  run = honestRun()
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  const signed = signContract(new TextDecoder().decode(run.contractBytes), [run.who.github])
  const put = await server.request('PUT', '/v1/contracts/shop/web', { body: writeSignedContract(signed) })
  expect(put.status).toBe(200)
  for (const step of run.steps) expect((await server.append(step.bundle)).status).toBe(201)
  expect((await server.request('POST', '/v1/attestations', { body: 'noise' })).status).toBe(422)
  expect((await server.request('POST', '/v1/statements', { body: '{}' })).status).toBe(201)
  for (const lane of server.deps.anchors.lanes) await lane.run()
  ;({ serial } = await certify(server))
  await certifiedStep(server)
  const app = createApp({ deps: server.deps, log: () => undefined, clock: () => 0, stopping: () => false })
  const all = app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => ({ method, path }))
  routes = [...new Map(all.map((route) => [`${route.method} ${route.path}`, route])).values()]
})
afterAll(() => Promise.all([server.close(), issuer.close()]))

/** The route as OpenAPI writes it. */
const documented = (path: string) => path.replace(/\{\.\+\}/, '').replace(/:([A-Za-z]+)/g, '{$1}')
const concrete = () => ({
  '/v1/attestations': `/v1/attestations?pipeline=shop/web`,
  '/v1/attestations/{link}': `/v1/attestations/${run.build.link}`,
  '/v1/attestations/{link}/proof': `/v1/attestations/${run.build.link}/proof`,
  '/v1/log/tile/entries/{path}': '/v1/log/tile/entries/000.p/1',
  '/tile/{path}': '/tile/0/000.p/1',
  '/sha3/tile/{path}': '/sha3/tile/0/000.p/1',
  '/v1/runs/{chain}': `/v1/runs/${run.chain.id}`,
  '/v1/chains/{id}': `/v1/chains/${run.chain.id}`,
  '/v1/chains/{id}/head': `/v1/chains/${run.chain.id}/head?statement=0`,
  '/v1/chains/{id}/coverage': `/v1/chains/${run.chain.id}/coverage`,
  '/statements/{number}': '/statements/latest',
  '/statements/{number}/anchors': '/statements/0/anchors',
  '/statements/{number}/anchors/{anchor}': '/statements/0/anchors/ledger',
  '/v1/anchors/{number}': '/v1/anchors/0',
  '/v1/anchors/{number}/{anchor}/retry': '/v1/anchors/0/dead/retry',
  '/v1/contracts/{pipeline}': '/v1/contracts/shop/web',
  '/v1/contracts/by-digest/{digest}': `/v1/contracts/by-digest/${run.contract.digest}`,
  '/v1/contracts/by-digest/{digest}/signed': `/v1/contracts/by-digest/${run.contract.digest}/signed`,
  '/v1/inbox/{id}/body': '/v1/inbox/1/body',
  '/v1/keys/{keyId}': `/v1/keys/${run.who.github.publicKey.keyId}`,
  '/v1/affected': '/v1/affected?authority=test',
  '/v1/keys/{keyId}/affected': `/v1/keys/${run.who.github.publicKey.keyId}/affected`,
  '/v1/certificates/{serial}': `/v1/certificates/${serial}`,
  '/v1/issuers/{rule}': '/v1/issuers/github-actions-rule',
  '/v1/keys/{keyId}/revoke': `/v1/keys/${party('x').publicKey.keyId}/revoke`,
  '/v1/keys/{keyId}/rotate': `/v1/keys/${party('x').publicKey.keyId}/rotate`,
  '/v1/invitations/{id}/withdraw': '/v1/invitations/000000000000/withdraw',
})
const pathOf = (path: string) => (concrete() as Record<string, string>)[documented(path)] ?? path

describe('access (T-90, T-95, T-96)', () => {
  it('there are routes to check', () =>
    expect(routes.filter(({ path }) => path.startsWith('/v1')).length).toBeGreaterThan(10))

  it('every route under /v1 is closed without a valid token', async () => {
    const bad = [
      null,
      '',
      'x',
      `cst_acmeall_${'t'.repeat(32)}`,
      `cst_nobody_${SECRET}`,
      `cst_acmeall_${SECRET}x`,
      `CST_acmeall_${SECRET}`,
    ]
    const open = ['/v1/audience', '/v1/sessions', '/v1/enrolments']
    const isOpen = (path: string) => open.includes(path) || path.startsWith('/v1/sign-in')
    for (const { method, path } of routes.filter((route) => route.path.startsWith('/v1') && !isOpen(route.path))) {
      for (const given of bad) {
        const reply = await server.request(method, pathOf(path), { token: given })
        expect([method, path, given, reply.status]).toEqual([method, path, given, 401])
        expect(await codeOf(reply)).toBe('token-missing')
      }
    }
    // Red control: the right token opens the same routes.
    expect((await server.request('GET', '/v1/keys')).status).toBe(200)
  })

  it('a token does what its scopes say, and no more', async () => {
    const body = JSON.stringify({ name: 'x', publicKey: publicKeyPem(party('x').publicKey) })
    const cases: [string, string, string | undefined, string[]][] = [
      ['GET', '/v1/keys', undefined, ['all', 'read']],
      ['GET', `/v1/chains/${run.chain.id}`, undefined, ['all', 'read']],
      ['GET', '/v1/inbox', undefined, ['all', 'read']],
      ['POST', '/v1/keys', body, ['all']],
      ['PUT', '/v1/contracts/shop/web', new TextDecoder().decode(run.contractBytes), ['all']],
      ['POST', '/v1/attestations', new TextDecoder().decode(writeBundle(run.build.bundle)), ['all', 'append']],
    ]
    for (const [method, path, sent, allowed] of cases) {
      for (const scope of ['all', 'append', 'read']) {
        const reply = await server.request(method, path, {
          token: token('acme', scope),
          ...(sent === undefined ? {} : { body: sent }),
        })
        expect([method, path, scope, reply.ok]).toEqual([method, path, scope, allowed.includes(scope)])
        if (!reply.ok) expect(await codeOf(reply)).toBe('token-scope')
      }
    }
  })

  it('another tenant sees nothing of this one', async () => {
    const foreign = { token: token('other') }
    for (const path of [
      `/v1/attestations/${run.build.link}`,
      `/v1/chains/${run.chain.id}`,
      '/v1/contracts/shop/web',
      `/v1/contracts/by-digest/${run.contract.digest}`,
      `/v1/contracts/by-digest/${run.contract.digest}/signed`,
      '/v1/inbox/1/body',
    ]) {
      expect([path, (await server.request('GET', path)).status]).toEqual([path, 200])
      expect([path, (await server.request('GET', path, foreign)).status]).toEqual([path, 404])
    }
    expect((await server.request('POST', `/v1/keys/${run.who.github.publicKey.keyId}/revoke`, foreign)).status).toBe(
      404,
    )
    for (const query of [`artifact=${run.app.digest.sha256}`, `chain=${run.chain.id}`, 'pipeline=shop/web']) {
      expect(await (await server.request('GET', `/v1/attestations?${query}`, foreign)).json()).toEqual({
        items: [],
        next: null,
      })
    }
    expect(await (await server.request('GET', '/v1/inbox', foreign)).json()).toEqual({ items: [], next: null })
    expect(await (await server.request('GET', '/v1/keys', foreign)).json()).toEqual({ items: [] })
    expect(await codeOf(server.append(run.source.bundle, { tenant: 'other' }))).toBe('signer-unknown')
  })
})

describe('hostile requests', () => {
  it('a body above the bound is refused by its announcement, and by its bytes when it announces none (T-94)', async () => {
    const announced = await server.request('POST', '/v1/attestations', {
      body: 'x',
      headers: { 'content-length': String(9 * 1024 * 1024) },
    })
    expect(await codeOf(announced)).toBe('input-too-large')
    let sent = 0
    const chunk = new Uint8Array(1024 * 1024)
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += chunk.length
        controller.enqueue(chunk)
      },
    })
    const app = createApp({ deps: server.deps, log: () => undefined, clock: () => 0, stopping: () => false })
    const init = {
      method: 'POST',
      headers: { authorization: `Bearer ${token('acme')}` },
      body: endless,
      duplex: 'half',
    }
    const reply = await app.request('/v1/attestations', init as RequestInit)
    expect(reply.status).toBe(413)
    expect(sent).toBeLessThan(16 * 1024 * 1024)
  })

  it('many bodies at once are bounded together', async () => {
    // Each sends seven megabytes and then nothing more.
    const stalled = () => {
      let sent = 0
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          if (sent++ >= 7) return new Promise(() => undefined)
          controller.enqueue(new Uint8Array(1024 * 1024))
          return undefined
        },
      })
    }
    const app = createApp({ deps: server.deps, log: () => undefined, clock: () => 0, stopping: () => false })
    const init = () => ({
      method: 'POST',
      headers: { authorization: `Bearer ${token('acme')}` },
      body: stalled(),
      duplex: 'half',
    })
    const replies = Array.from({ length: 32 }, () =>
      Promise.resolve(app.request('/v1/attestations', init() as RequestInit)),
    )
    const first = await Promise.race(replies)
    expect(first.status).toBe(503)
    expect(await codeOf(first)).toBe('server-busy')
  })

  it.each([
    ['GET', '/v1/attestations', 'request-invalid'],
    ['GET', '/v1/attestations?artifact=zz', 'request-invalid'],
    ['GET', `/v1/attestations?chain=${'a'.repeat(32)}&pipeline=p`, 'request-invalid'],
    ['GET', '/v1/attestations?pipeline=p&limit=0', 'request-invalid'],
    ['GET', '/v1/attestations?pipeline=p&limit=9999', 'request-invalid'],
    ['GET', '/v1/attestations?pipeline=p&cursor=%27', 'request-invalid'],
    ['GET', '/v1/attestations/abc', 'request-invalid'],
    ['GET', '/v1/chains/..%2f..%2fetc%2fpasswd', 'request-invalid'],
    ['GET', '/v1/nothing', 'method-unknown'],
    ['DELETE', '/v1/keys', 'method-unknown'],
    ['GET', '/nothing', 'method-unknown'],
    ['GET', '/docs/..%2fpackage.json', 'method-unknown'],
    ['GET', '/docs/package.json', 'method-unknown'],
  ])('%s %s: %s', async (method, path, code) => {
    const reply = await server.request(method, path)
    expect(reply.headers.get('content-type')).toBe('application/problem+json')
    expect(await codeOf(reply)).toBe(code)
  })

  it.each([
    ['{}', 'request-invalid'],
    ['{"digests":"x"}', 'request-invalid'],
    ['{"digests":["x"]}', 'request-invalid'],
    ['{"digests":[],"more":1}', 'request-invalid'],
    ['{"__proto__":[]}', 'json-invalid'],
    ['[]', 'request-invalid'],
    ['', 'json-invalid'],
  ])('a look-up of %s: %s', async (body, code) => {
    expect(await codeOf(server.request('POST', '/v1/lookups', { body }))).toBe(code)
  })

  it('what it did not expect leaves as internal, without its details', async () => {
    const real = server.store.keys
    server.store.keys = () => Promise.reject(new TypeError('secret /etc/shadow detail'))
    const reply = await server.request('GET', '/v1/keys')
    server.store.keys = real
    const text = await reply.text()
    expect(reply.status).toBe(500)
    expect(text).not.toContain('shadow')
    expect(JSON.parse(text)).toMatchObject({ code: 'internal' })
  })

  it('a store that only a restart mends makes the process unhealthy', async () => {
    const real = server.store.alive
    expect((await server.request('GET', '/healthz', { token: null })).status).toBe(200)
    server.store.alive = () => false
    const reply = await server.request('GET', '/healthz', { token: null })
    server.store.alive = real
    expect([reply.status, await reply.json()]).toEqual([503, { status: 'store-failed' }])
  })

  it('headers keep pages from being framed, sniffed or scripted by others', async () => {
    const { headers } = await server.request('GET', '/docs', { token: null })
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(headers.get('content-security-policy')).not.toContain("script-src 'unsafe")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
  })
})

describe('the OpenAPI document', () => {
  const document = openapi('0') as {
    paths: Record<
      string,
      Record<string, { responses: Record<string, { content?: Record<string, { schema: object }> }> }>
    >
  }

  it('has every route, and only those', () => {
    // What people read is no API.
    const served = routes
      .filter(({ path }) => !PAGES.includes(path) && path !== '/assets/:file')
      .map(({ method, path }) => `${method} ${documented(path)}`)
      .filter((route) => !route.startsWith('GET /docs/'))
    const written = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(written.toSorted()).toEqual(served.toSorted())
  })

  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  /** With every object closed: what the document does not name is not answered either. */
  const closed = JSON.parse(JSON.stringify({ $id: 'doc', ...document }), (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'properties' in value
      ? { ...value, additionalProperties: false }
      : value,
  ) as typeof document
  ajv.addSchema(closed)

  /** Fails unless a reply is one of those that the document has for its route. */
  async function expectDescribed(method: string, path: string, reply: Response): Promise<void> {
    const { responses } = closed.paths[path]![method.toLowerCase()]!
    const described = (responses[String(reply.status)] ?? responses['default'])?.content
    const what = [method, path, reply.status]
    if (described === undefined) {
      expect([...what, await reply.text()]).toEqual([...what, ''])
      return
    }
    const [type] = (reply.headers.get('content-type') ?? '').split(';')
    expect([...what, ...Object.keys(described)]).toContain(type)
    if (!/^application\/(?:problem\+)?json$/.test(type!)) return
    const schema = JSON.stringify(described[type!]!.schema).replaceAll('"#/', '"doc#/')
    const valid = ajv.compile(JSON.parse(schema) as object)
    expect([...what, valid(await reply.json()), valid.errors]).toEqual([...what, true, null])
  }

  it('describes what the routes answer', async () => {
    const [ada, grace] = [party('ada'), party('grace')]
    const post = (path: string, body: object) => server.request('POST', path, { body: JSON.stringify(body) })
    const rule = { ...ruleFor('github-actions'), issuer: issuer.url }
    const good: Record<string, () => Promise<Response>[]> = {
      'POST /v1/attestations': () => {
        const fresh = honestRun({ who: run.who, commit: 'documented' }).source.bundle
        return [
          server.append(fresh),
          server.append(run.build.bundle),
          server.append(run.build.bundle, { query: '?late=1' }),
        ]
      },
      'POST /v1/attestations/{link}/erase': () => {
        const fresh = honestRun({ who: run.who, commit: 'erased' }).source
        const erase = () =>
          server.request('POST', `/v1/attestations/${fresh.link}/erase`, {
            body: JSON.stringify({ ground: 'asked for' }),
          })
        return [server.append(fresh.bundle).then(erase)]
      },
      'POST /v1/chains/{id}/proposals': () => [
        waitingIn(server, run.who).then(async (id) => {
          const held = await server.store.proposals.one('acme', id)
          return server.request('POST', `/v1/chains/${held!.chain}/proposals`, { body: held!.document })
        }),
      ],
      'GET /v1/proposals/{id}': () => [
        waitingIn(server, run.who).then((id) => server.request('GET', `/v1/proposals/${id}`)),
      ],
      'DELETE /v1/proposals/{id}': () => [
        waitingIn(server, run.who).then((id) => server.request('DELETE', `/v1/proposals/${id}`)),
      ],
      ...remarkRequests(server, run),
      'POST /v1/chains/{id}/deviations': () => [letThrough(server, run.who)],
      'POST /v1/gate': () => [post('/v1/gate', { artifact: run.app.digest.sha256, contract: run.contract.digest })],
      ...Object.fromEntries(
        Object.entries({
          search: [`q=${run.app.digest.sha256}`, `q=${run.chain.id.slice(0, 8)}`, 'q=shop'],
          'deploys/at': ['environment=production'],
          'deploys/strips': ['bucket=hour&since=2026-11-01&until=2026-11-03', 'bucket=day&since=2026-11-01'],
          'rules/heat': ['by=day&since=2026-11-01', 'by=pipeline&since=2026-11-01'],
        }).map(([path, queries]) => [
          `GET /v1/${path}`,
          () => queries.map((query) => server.request('GET', `/v1/${path}?${query}`)),
        ]),
      ),
      'POST /v1/lookups': () => [
        server.request('POST', '/v1/lookups', { body: JSON.stringify({ digests: [run.app.digest.sha256] }) }),
      ],
      'POST /v1/statements': () => [server.request('POST', '/v1/statements', { body: '{}' })],
      ...Object.fromEntries(
        ['/v1/anchors/check', '/v1/anchors/drive', '/v1/anchors/{number}/{anchor}/retry'].map((path) => [
          `POST ${path}`,
          () => [server.request('POST', pathOf(path), { body: '{}' })],
        ]),
      ),
      'POST /v1/issuers': () => [server.request('POST', '/v1/issuers', { body: JSON.stringify(rule) })],
      'POST /v1/issuers/test': () => [
        server.request('POST', '/v1/issuers/test', { body: JSON.stringify({ token: issuer.token('github-actions') }) }),
        server.request('POST', '/v1/issuers/test', { body: JSON.stringify({ token: 'none' }) }),
      ],
      'POST /api/v2/signingCert': () => [
        server.request('POST', '/v1/issuers', { body: JSON.stringify({ ...rule, id: 'another' }) }).then(() =>
          server.request('POST', '/api/v2/signingCert', {
            token: null,
            body: JSON.stringify(fulcioRequest(asking(issuer.token('github-actions')))),
          }),
        ),
      ],
      'POST /v1/sessions': () => [
        server.request('POST', '/v1/issuers', { body: JSON.stringify({ ...rule, id: 'another' }) }).then(() =>
          server.request('POST', '/v1/sessions', {
            token: null,
            body: JSON.stringify({ token: issuer.token('github-actions') }),
          }),
        ),
        server.request('POST', '/v1/issuers', { body: JSON.stringify({ ...rule, id: 'another' }) }).then(() => {
          const { token: shown, publicKey, proof } = asking(issuer.token('github-actions'))
          const body = JSON.stringify({ token: shown, publicKey, proof })
          return server.request('POST', '/v1/sessions', { token: null, body })
        }),
      ],
      'POST /v1/keys': () => [
        server.request('POST', '/v1/keys', {
          body: JSON.stringify({ name: 'ada', publicKey: publicKeyPem(ada.publicKey) }),
        }),
      ],
      'POST /v1/invitations': () => [post('/v1/invitations', { name: 'ada', lifetime: 3600, uses: 1 })],
      'POST /v1/invitations/{id}/withdraw': () => [
        post('/v1/invitations', { name: 'ada', lifetime: 3600, uses: 1 }).then(async (made) => {
          const { id } = (await made.json()) as { id: string }
          return post(`/v1/invitations/${id}/withdraw`, {})
        }),
      ],
      ...webhookRequests(server),
      'POST /v1/tokens': () => [post('/v1/tokens', { scopes: ['read'] })],
      'DELETE /v1/tokens/{id}': () => [server.request('DELETE', '/v1/tokens/acmeread')],
      'POST /v1/enrolments': () => [
        post('/v1/invitations', { name: 'grace', lifetime: 3600, uses: 1 }).then(async (made) => {
          const { id, code } = (await made.json()) as { id: string; code: string }
          return post('/v1/enrolments', {
            code,
            publicKey: publicKeyPem(grace.publicKey),
            proof: possession(grace, id),
          })
        }),
      ],
      'POST /v1/keys/{keyId}/rotate': () => [
        post(`/v1/keys/${run.who.github.publicKey.keyId}/rotate`, {
          publicKey: publicKeyPem(party('next').publicKey),
          overlap: 3600,
        }),
      ],
      'POST /v1/keys/{keyId}/revoke': () => [server.request('POST', `/v1/keys/${ada.publicKey.keyId}/revoke`)],
      ...peopleRequests(server),
      ...packRequests(server),
      'PUT /v1/contracts/{pipeline}': () => [
        server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes }),
      ],
    }
    await post('/v1/gate', { artifact: run.app.digest.sha256, pipeline: 'shop/web', environment: 'production' })
    while ((await server.store.views.count(1_000)) > 0);
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const method of Object.keys(methods).map((name) => name.toUpperCase())) {
        const send = good[`${method} ${path}`] ?? (() => [server.request(method, pathOf(path))])
        for (const sent of send()) {
          const reply = await sent
          expect([method, path, reply.status, reply.ok || reply.status === 303]).toEqual([
            method,
            path,
            reply.status,
            true,
          ])
          await expectDescribed(method, path, reply)
        }
        if (!path.startsWith('/v1')) continue
        // And what it answers to those whom it refuses, and to what nobody can mean.
        await expectDescribed(method, path, await server.request(method, pathOf(path), { token: null }))
        if (method !== 'GET') {
          const refused = await server.request(
            method,
            pathOf(path).replace(/[0-9a-f]{64}|github-actions-rule/, 'f'.repeat(64)),
            {
              body: '{',
            },
          )
          expect([method, path, refused.ok]).toEqual([method, path, false])
          await expectDescribed(method, path, refused)
        }
      }
    }
    const denied = await post('/v1/gate', { artifact: 'f'.repeat(64), pipeline: 'shop/web' })
    expect(denied.status).toBe(403)
    await expectDescribed('POST', '/v1/gate', denied)
    const findings = await server.append(run.build.bundle, { tenant: 'other' })
    await expectDescribed('POST', '/v1/attestations', findings)
  })

  it('maps every code to a status, once', () => {
    for (const code of Object.keys(CATALOGUE) as Code[]) expect([code, typeof statusOf(code)]).toEqual([code, 'number'])
    const text = readFileSync(join(import.meta.dirname, 'problems.ts'), 'utf8')
    const table = text.slice(text.indexOf('= statuses({'), text.indexOf('})'))
    const named = [...table.matchAll(/'([a-z0-9-]+)'/g)].map((match) => match[1]!)
    expect(named.toSorted()).toEqual(Object.keys(CATALOGUE).toSorted())
  })
})
