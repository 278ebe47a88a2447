import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { serveWebhook } from '@countersign/adapters/webhook-server'
import { mutate, validate } from '../../packages/cli/src/kubernetes/admit.ts'
import { provide } from '../../packages/cli/src/kubernetes/external-data.ts'
import { at, honestRun, party, type Run, sha256 } from '../pipeline.ts'
import { openTestServer, type TestServer } from '../server.ts'
import { clientOf, clusterOf, patchOf, pod, responseOf, review } from './cluster.ts'
import { ask, TlsAuthority } from './tls.ts'

let server: TestServer
let run: Run
let now: string
/** The digest of the image is that of the app: the pipeline made it. */
let good: string
const STRANGE = `ghcr.io/shop/web@sha256:${sha256('strange')}`
const POLICY = {
  rules: [{ images: ['ghcr.io/shop/**'], pipeline: 'shop/web' }],
  exempt: ['registry.k8s.io/**'],
  environment: 'production',
}

beforeAll(async () => {
  now = at(60)
  server = await openTestServer({ now: () => now })
  run = honestRun()
  good = `ghcr.io/shop/web@sha256:${run.app.digest.sha256}`
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
  for (const { bundle } of run.steps) expect((await server.append(bundle)).status).toBe(201)
})
afterAll(() => server.close())

const never = () => {
  throw new Error('nobody asks the registry')
}
const cluster = (policy: object = POLICY) => clusterOf(server, policy, never)

describe('the validating webhook', () => {
  test('admits what is proven and denies what is not, with code, reason, fix and a link', async () => {
    const deps = cluster()
    const yes = responseOf(await validate(deps, 'enforce', review(pod([good]))))
    expect(yes).toMatchObject({ uid: '705ab4f5-6393-11e8-b7cc-42010a800002', allowed: true })
    expect(yes.auditAnnotations).toEqual({ mode: 'enforce', decisions: `${good} allow` })
    const no = responseOf(await validate(deps, 'enforce', review(pod([good, STRANGE]))))
    expect(no).toMatchObject({ allowed: false, status: { code: 403 } })
    expect(no.status!.message).toMatch(
      /ARTIFACT-UNPROVEN: .+: .+: .+ https:\/\/countersign\.dev\/problems\/artifact-unproven/,
    )
    expect(deps.logged).toMatchObject([
      { decision: 'deny', namespace: 'shop', image: STRANGE, code: 'artifact-unproven' },
    ])
    expect(deps.resolved).toEqual([])
  })

  test('judges each list of containers, and image volumes', async () => {
    const shapes: object[] = [
      { initContainers: [{ name: 'i', image: STRANGE }] },
      { ephemeralContainers: [{ name: 'e', image: STRANGE }] },
      { volumes: [{ name: 'v', image: { reference: STRANGE } }] },
    ]
    for (const more of shapes) {
      const { allowed } = responseOf(await validate(cluster(), 'enforce', review(pod([good], more))))
      expect([Object.keys(more), allowed]).toEqual([Object.keys(more), false])
      const fine = JSON.parse(JSON.stringify(more).replaceAll(STRANGE, good)) as object
      expect(responseOf(await validate(cluster(), 'enforce', review(pod([good], fine)))).allowed).toBe(true)
    }
  })

  test('judges what an update brings, and nothing that runs already', async () => {
    const update = (object: object, oldObject: object) => review(object, { operation: 'UPDATE', oldObject })
    const deps = cluster()
    const old = pod([STRANGE])
    expect(responseOf(await validate(deps, 'enforce', update(pod([STRANGE]), old))).allowed).toBe(true)
    expect(responseOf(await validate(deps, 'enforce', update(pod([STRANGE]), pod([good])))).allowed).toBe(false)
    const debug = pod([good], { ephemeralContainers: [{ name: 'debug', image: STRANGE }] })
    const body = review(debug, { operation: 'UPDATE', subResource: 'ephemeralcontainers', oldObject: pod([good]) })
    expect(responseOf(await validate(deps, 'enforce', body)).allowed).toBe(false)
    // What an object is said to have been on its creation counts for nothing.
    expect(responseOf(await validate(deps, 'enforce', review(pod([STRANGE]), { oldObject: old }))).allowed).toBe(false)
  })

  test('warns about the objects that make pods, and denies none of them', async () => {
    const template = { spec: { containers: [{ name: 'c', image: STRANGE }] } }
    const kinds: [string, string, object][] = [
      ['apps/v1', 'Deployment', { template }],
      ['apps/v1', 'StatefulSet', { template }],
      ['apps/v1', 'DaemonSet', { template }],
      ['apps/v1', 'ReplicaSet', { template }],
      ['batch/v1', 'Job', { template }],
      ['batch/v1', 'CronJob', { jobTemplate: { spec: { template } } }],
      ['v1', 'ReplicationController', { template }],
    ]
    for (const [apiVersion, kind, spec] of kinds) {
      const body = review({ apiVersion, kind, metadata: {}, spec })
      const { allowed, warnings } = responseOf(await validate(cluster(), 'enforce', body))
      expect([kind, allowed, warnings?.length]).toEqual([kind, true, 1])
      expect(warnings![0]).toContain('artifact-unproven')
      expect(warnings![0]!.length).toBeLessThanOrEqual(256)
    }
  })

  test('observes, warns and enforces as the label says, or stricter as the policy says', async () => {
    const body = review(pod([STRANGE]))
    const seen = async (mode: 'observe' | 'warn' | 'enforce', policy: object = POLICY) => {
      const { allowed, warnings, auditAnnotations } = responseOf(await validate(cluster(policy), mode, body))
      return { allowed, warned: warnings?.length ?? 0, mode: auditAnnotations!['mode'] }
    }
    expect(await seen('observe')).toEqual({ allowed: true, warned: 0, mode: 'observe' })
    expect(await seen('warn')).toEqual({ allowed: true, warned: 1, mode: 'warn' })
    expect(await seen('enforce')).toEqual({ allowed: false, warned: 0, mode: 'enforce' })
    // Whoever may label a namespace lowers nothing that the policy names.
    const floor = { ...POLICY, namespaces: { shop: 'enforce' } }
    expect(await seen('observe', floor)).toEqual({ allowed: false, warned: 0, mode: 'enforce' })
    expect(await seen('enforce', { ...POLICY, namespaces: { shop: 'observe' } })).toMatchObject({ mode: 'enforce' })
  })

  test('denies images that no rule names, and admits those that are exempt', async () => {
    const seen = async (image: string) => {
      const { allowed, status } = responseOf(await validate(cluster(), 'enforce', review(pod([image]))))
      return [allowed, status?.message.split(': ')[1] ?? null]
    }
    expect(await seen('registry.k8s.io/pause:3.10')).toEqual([true, null])
    for (const image of [
      'nginx',
      `docker.io/library/nginx@sha256:${run.app.digest.sha256}`,
      'registry.k8s.io.evil.example/x:1',
    ]) {
      expect([image, ...(await seen(image))]).toEqual([image, false, 'IMAGE-UNRULED'])
    }
    expect(await seen('ghcr.io/shop/web:1.2')).toEqual([false, 'IMAGE-UNPINNED'])
    expect(await seen('ghcr.io/Shop/../web')).toEqual([false, 'USAGE'])
  })

  test('admits nothing that it cannot read', async () => {
    const text = (body: Uint8Array) => new TextDecoder().decode(body)
    const honest = text(review(pod([good])))
    const bad: [string, string][] = [
      ['', ''],
      ['no JSON', honest.slice(0, -3)],
      ['key twice', honest.replace('"dryRun":false', '"dryRun":false,"operation":"DELETE"')],
      ['another version', honest.replace('admission.k8s.io/v1', 'admission.k8s.io/v1beta1')],
      ['another kind', honest.replace('"kind":"AdmissionReview"', '"kind":"ConversionReview"')],
      ['no request', '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}'],
      ['no object', text(review(pod([good]), { object: null }))],
      ['a kind that is not judged', text(review({ apiVersion: 'v1', kind: 'Secret', data: {} }))],
      ['no containers’ list', text(review(pod([], { containers: { image: good } })))],
      ['a container of no image', text(review(pod([], { containers: [{ name: 'a' }] })))],
      ['an image that is no text', text(review(pod([], { containers: [{ name: 'a', image: [good] }] })))],
      ['too many images', text(review(pod(Array.from({ length: 300 }, (_, i) => `ghcr.io/shop/w${i}`))))],
      ['too deep', honest.replace('"options":{', `"options":{"a":${'['.repeat(99)}${']'.repeat(99)},`)],
    ]
    for (const [name, body] of bad) {
      const { allowed, status } = responseOf(await validate(cluster(), 'enforce', new TextEncoder().encode(body)))
      expect([name, allowed, status!.message.startsWith('ADMISSION-INVALID')]).toEqual([name, false, true])
    }
    expect(responseOf(await validate(cluster(), 'enforce', new TextEncoder().encode(honest))).allowed).toBe(true)
    // A deletion, or a request for a port, brings no image.
    expect(
      responseOf(await validate(cluster(), 'enforce', review(pod([STRANGE]), { operation: 'DELETE' }))).allowed,
    ).toBe(true)
  })
})

describe('the mutating webhook', () => {
  test('puts the digest behind each tag, wherever it is, and asks for each tag once', async () => {
    const digest = `sha256:${run.app.digest.sha256}`
    const deps = clusterOf(server, POLICY, () => digest)
    const object = pod(['ghcr.io/shop/web:1.2', good, 'registry.k8s.io/pause:3.10', 'nginx'], {
      initContainers: [{ name: 'i', image: 'ghcr.io/shop/web:1.2' }],
      volumes: [{ name: 'v', image: { reference: 'ghcr.io/shop/web' } }],
    })
    const answer = await mutate(deps, review(object))
    expect(patchOf(answer)).toEqual([
      { op: 'replace', path: '/spec/initContainers/0/image', value: `ghcr.io/shop/web:1.2@${digest}` },
      { op: 'replace', path: '/spec/containers/0/image', value: `ghcr.io/shop/web:1.2@${digest}` },
      { op: 'replace', path: '/spec/volumes/0/image/reference', value: `ghcr.io/shop/web@${digest}` },
    ])
    expect(deps.resolved).toEqual(['ghcr.io/shop/web:1.2', 'ghcr.io/shop/web'])
    // And what it made is what is admitted.
    const pinned = pod([`ghcr.io/shop/web:1.2@${digest}`])
    expect(responseOf(await validate(deps, 'enforce', review(pinned))).allowed).toBe(true)
  })

  test('leaves what it cannot resolve, and that is denied', async () => {
    const deps = clusterOf(server, POLICY, () => Promise.reject(new Error('registry down')))
    const answer = await mutate(deps, review(pod(['ghcr.io/shop/web:1.2'])))
    expect(responseOf(answer)).toMatchObject({ allowed: true })
    expect(patchOf(answer)).toEqual([])
    expect(responseOf(await validate(deps, 'enforce', review(pod(['ghcr.io/shop/web:1.2'])))).allowed).toBe(false)
  })

  test('asks no registry that no rule names', async () => {
    const deps = cluster()
    const answer = await mutate(deps, review(pod(['169.254.169.254/latest/meta-data:1', 'evil.example/a:1'])))
    expect([responseOf(answer).allowed, patchOf(answer), deps.resolved]).toEqual([true, [], []])
  })
})

describe('verdicts', () => {
  let directory: string
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'countersign-verdicts-'))))
  afterEach(() => {
    now = at(60)
    rmSync(directory, { recursive: true, force: true })
  })

  const kept = () => readdirSync(directory)
  const counted = () => {
    const client = clientOf(server)
    let asked = 0
    return {
      client: { gate: (question: Parameters<typeof client.gate>[0]) => (asked++, client.gate(question)) },
      asked: () => asked,
    }
  }
  const admitted = async (deps: ReturnType<typeof clusterOf>, images = [good]) =>
    responseOf(await validate(deps, 'enforce', review(pod(images)))).allowed
  const pinned = () => ({ ...POLICY, rules: [{ images: ['ghcr.io/shop/**'], contract: run.contract.digest }] })

  test('are asked for once, kept on disk as they were signed, and run out', async () => {
    const { client, asked } = counted()
    const deps = clusterOf(server, pinned(), never, { client, directory })
    expect([await admitted(deps), await admitted(deps), asked()]).toEqual([true, true, 1])
    await expect.poll(kept).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.vsa\.json$/)])
    // Another process, the server gone.
    const gone = { gate: () => Promise.reject(new Error('down')) }
    expect(await admitted(clusterOf(server, pinned(), never, { client: gone, directory }))).toBe(true)
    now = new Date(Date.parse(now) + 301_000).toISOString()
    expect(await admitted(clusterOf(server, pinned(), never, { client: gone, directory }))).toBe(false)
    expect([await admitted(deps), asked()]).toEqual([true, 2])
  })

  test('of a dry run are neither recorded nor kept: what is let in later is decided, and recorded', async () => {
    const { client, asked } = counted()
    const deps = clusterOf(server, POLICY, never, { client, directory })
    const recorded = async () => {
      const answer = await server.request('GET', '/v1/decisions?limit=200')
      return ((await answer.json()) as { items: unknown[] }).items.length
    }
    const before = await recorded()
    const dry = async (image: string) =>
      responseOf(await validate(deps, 'enforce', review(pod([image]), { dryRun: true }))).allowed
    expect([await dry(good), await dry(good), await dry(STRANGE), await dry(STRANGE)]).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect([asked(), await recorded(), kept()]).toEqual([4, before, []])
    expect([await admitted(deps), await admitted(deps, [STRANGE])]).toEqual([true, false])
    expect([asked(), await recorded()]).toEqual([6, before + 2])
    // What was decided in earnest will do for a dry run.
    expect([await dry(good), asked()]).toEqual([true, 6])
  })

  test('that somebody else put there count for nothing', async () => {
    const { client } = counted()
    expect(await admitted(clusterOf(server, pinned(), never, { client, directory }))).toBe(true)
    await expect.poll(kept).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.vsa\.json$/)])
    const [name] = kept()
    const text = readFileSync(join(directory, name!), 'utf8')
    const gone = { gate: () => Promise.reject(new Error('down')) }
    const tryWith = (content: string, more: object = {}, images = [good]) => {
      writeFileSync(join(directory, name!), content)
      return admitted(clusterOf(server, pinned(), never, { client: gone, directory, ...more }), images)
    }
    expect(await tryWith(text)).toBe(true)
    const { payload } = JSON.parse(text) as { payload: string }
    const other = Buffer.from(Buffer.from(payload, 'base64').toString().replace('PASSED', 'passed')).toString('base64')
    for (const content of ['', '{}', text.slice(1), text.replace(payload, other)])
      expect(await tryWith(content)).toBe(false)
    expect(await tryWith(text, { keys: [party('evil').publicKey] })).toBe(false)
    // Under the name of another image.
    const moved = clusterOf(server, pinned(), never, { client: gone, directory })
    expect(await admitted(moved, [STRANGE])).toBe(false)
  })
})

describe('the external data provider', () => {
  const provider = (keys: readonly unknown[], more: object = {}) =>
    new TextEncoder().encode(
      JSON.stringify({
        apiVersion: 'externaldata.gatekeeper.sh/v1beta1',
        kind: 'ProviderRequest',
        request: { keys },
        ...more,
      }),
    )

  test('answers each image with what it is, or why not', async () => {
    const deps = clusterOf(server, POLICY, () => `sha256:${run.app.digest.sha256}`)
    const keys = [good, STRANGE, 'ghcr.io/shop/web:1', 'evil.example/a:1', 'registry.k8s.io/pause:3.10', 'a b']
    const { response } = (await provide(deps, provider(keys))) as {
      response: { idempotent: boolean; systemError: string; items: { key: string; value: string; error: string }[] }
    }
    expect(response).toMatchObject({ idempotent: true, systemError: '' })
    expect(response.items.map(({ key, value, error }) => [key, value, error.split(':').slice(0, 2).join(':')])).toEqual(
      [
        [good, good, ''],
        [STRANGE, '', 'deny: artifact-unproven'],
        ['ghcr.io/shop/web:1', `ghcr.io/shop/web:1@sha256:${run.app.digest.sha256}`, ''],
        ['evil.example/a:1', '', 'deny: image-unruled'],
        ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10', ''],
        ['a b', '', 'deny: usage'],
      ],
    )
  })

  test('gives nothing for a request that it cannot read', async () => {
    for (const body of [
      provider([7]),
      provider([good], { kind: 'Provider' }),
      provider([good], { extra: 1 }),
      new Uint8Array(),
    ]) {
      const { response } = (await provide(cluster(), body)) as { response: { items: unknown[]; systemError: string } }
      expect(response.items).toEqual([])
      expect(response.systemError).not.toBe('')
    }
  })
})

describe('over TLS', () => {
  test('answers whoever it should, and nobody else', async () => {
    const authority = new TlsAuthority()
    const own = authority.issue()
    const errors: unknown[] = []
    const deps = cluster()
    const enforce = async (body: Uint8Array) => ({ json: await validate(deps, 'enforce', body) })
    const serving = await serveWebhook({
      host: '127.0.0.1',
      port: 0,
      certified: () => ({ cert: Buffer.from(own.cert), key: Buffer.from(own.key) }),
      clientCa: Buffer.from(authority.cert),
      routes: new Map([
        ['/validate/enforce', { maxBytes: 100_000, answer: enforce }],
        ['/broken', { maxBytes: 100, answer: () => Promise.reject(new Error('broken')) }],
      ]),
      failed: (error) => errors.push(error),
    })
    try {
      const { port } = serving
      const ca = authority.cert
      const party = authority.issue('kube-apiserver')
      const yes = await ask(port, '/validate/enforce?timeout=5s', review(pod([good])), { ca, party })
      expect([yes.status, responseOf(JSON.parse(yes.text) as object).allowed]).toEqual([200, true])
      const no = await ask(port, '/validate/enforce', review(pod([STRANGE])), { ca, party })
      expect([no.status, responseOf(JSON.parse(no.text) as object).allowed]).toEqual([200, false])
      const stranger = new TlsAuthority('other').issue('kube-apiserver')
      expect((await ask(port, '/validate/enforce', review(pod([good])), { ca })).status).toBe(401)
      expect((await ask(port, '/validate/enforce', review(pod([good])), { ca, party: stranger })).status).toBe(401)
      expect((await ask(port, '/healthz', null, { ca, method: 'GET' })).status).toBe(200)
      expect((await ask(port, '/validate/enforce', null, { ca, party, method: 'GET' })).status).toBe(405)
      expect((await ask(port, '/validate', review(pod([good])), { ca, party })).status).toBe(404)
      expect((await ask(port, '/validate/enforce', 'x'.repeat(100_001), { ca, party })).status).toBe(413)
      expect([(await ask(port, '/broken', '{}', { ca, party })).status, errors.length]).toEqual([500, 1])
      await expect(ask(port, '/healthz', null, { ca: new TlsAuthority('other').cert, method: 'GET' })).rejects.toThrow()
    } finally {
      await serving.stop()
    }
  })

  test('asks for the same authority after its certificate was renewed', async () => {
    const authority = new TlsAuthority()
    const own = authority.issue()
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const serving = await serveWebhook({
      host: '127.0.0.1',
      port: 0,
      certified: () => ({ cert: Buffer.from(own.cert), key: Buffer.from(own.key) }),
      clientCa: Buffer.from(authority.cert),
      routes: new Map([['/x', { maxBytes: 100, answer: async () => ({ json: {} }) }]]),
      failed: () => undefined,
    })
    try {
      vi.advanceTimersByTime(120_000)
      const ca = authority.cert
      const party = authority.issue('kube-apiserver')
      expect((await ask(serving.port, '/x', '{}', { ca, party })).status).toBe(200)
      const stranger = new TlsAuthority('other').issue('kube-apiserver')
      expect((await ask(serving.port, '/x', '{}', { ca, party: stranger })).status).toBe(401)
    } finally {
      vi.useRealTimers()
      await serving.stop()
    }
  })
})
