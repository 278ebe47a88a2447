import type { ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseContract } from '@countersign/contract'
import { utf8 } from '@countersign/core'
import { parseAllDocuments } from 'yaml'
import { type Server, startServer } from '../../demo/world.ts'
import { Bench } from '../../e2e/cli.ts'
import { Api } from '../../e2e/server.ts'
import { TlsAuthority } from '../../gates/tls.ts'
import { LocalRegistry } from '../../intake/local-registry.ts'
import { contractText, file, newChainId, parties, received, sha256, signStep, source } from '../../pipeline.ts'
import { chartValues, renderChart } from '../../workflows/chart.ts'
import { GO_MISSING } from '../go.ts'
import { freePort, KubeApi, ownAddress, programs, type Reply } from './cluster.ts'

// The webhook in a cluster: kube-apiserver and etcd as they are published, the chart as Helm installs it, the server and the
// webhook as processes, a registry. No kubelet: what is admitted is what is asked.

const CHART = join(import.meta.dirname, '..', '..', '..', 'workflows', 'kubernetes', 'chart')
const REPOSITORY = 'shop/web'
const NAMESPACE = 'countersign'

const bench = new Bench()
const kube = new KubeApi(bench.dir('kube'))
let server: Server | null = null
let registry: LocalRegistry
let webhook: ChildProcess
/** Starts the webhook; it stays where it is. */
let startWebhook: () => Promise<void>
/** Names of images, by what their digest is. */
let good: string
let strange: string
let api: Api

const read = (text: string) =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as { kind: string; metadata: { name: string } } | null)
    .filter((one) => one !== null)
    .toSorted((a, b) => `${a.kind} ${a.metadata.name}`.localeCompare(`${b.kind} ${b.metadata.name}`))

/** A run whose every step vouches for the image. */
async function prove(digest: string): Promise<void> {
  const who = parties()
  for (const one of [who.github, who.codebuild, who.cloudbuild, who.azure]) await api.enrol(one)
  const bytes = utf8(contractText(who))
  const headers = { authorization: `Bearer ${api.token}` }
  const put = await fetch(`${api.url}/v1/contracts/shop/web`, { method: 'PUT', headers, body: Buffer.from(bytes) })
  expect(put.status).toBe(200)
  const chain = { id: newChainId(), pipeline: 'shop/web', contract: parseContract(bytes).digest }
  const image = { ...file('dist/app.tgz', ''), digest: { sha256: digest.slice('sha256:'.length) } }
  const commit = source('image')
  const steps = [signStep(who.github, { chain, name: 'source', subject: [commit] })]
  for (const [i, [name, by]] of (
    [
      ['build', who.codebuild],
      ['test', who.cloudbuild],
      ['deploy', who.azure],
    ] as const
  ).entries()) {
    const before = steps.at(-1)!
    const previous = [{ link: before.link, step: before.statement.predicate.step.name }]
    const materials = [received(i === 0 ? commit : image, before.link)]
    steps.push(signStep(by, { chain, name, previous, materials, subject: [image], minute: 2 * i + 2 }))
  }
  for (const step of steps) expect((await api.append(step)).status).toBe(201)
}

let made = 0
const pod = (image: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `pod-${++made}` },
  spec: { containers: [{ name: 'main', image }], ...more },
})
const pods = (namespace: string) => `/api/v1/namespaces/${namespace}/pods`
const create = (image: string, namespace = 'shop', more: object = {}, query = '') =>
  kube.ask('POST', `${pods(namespace)}${query}`, pod(image, more))
const namespace = async (name: string, labels: object = {}) => {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
  expect((await kube.ask('POST', '/api/v1/namespaces', body)).status).toBe(201)
}
const denied = ({ status, body }: Reply, code = 'ARTIFACT-UNPROVEN') => {
  expect([status, body.message]).toEqual([403, expect.stringContaining(code)])
  expect(body.message).toContain('admission webhook "')
}
const admitted = ({ status, body }: Reply) => {
  expect([status, body.message]).toEqual([201, undefined])
  return body
}
const decided = async () =>
  ((await (await api.ask('/v1/decisions?limit=200')).json()) as { items: { decision: string; requester: string }[] })
    .items

describe.skipIf(GO_MISSING)('a cluster', () => {
  beforeAll(async () => {
    programs.build()
    const [own] = await Promise.all([startServer(bench.dir('server')), kube.start()])
    server = own
    api = new Api(own)
    registry = await new LocalRegistry().open()
    const evil = registry.image('evil/web', 'x')
    const proven = registry.image(REPOSITORY, '1.2')
    for (const tag of [evil, 'evil']) {
      registry.manifests.set(`${REPOSITORY} ${tag}`, registry.manifests.get(`evil/web ${evil}`)!)
    }
    const name = `${registry.host}/${REPOSITORY}`
    ;[good, strange] = [`${name}@${proven}`, `${name}@sha256:${sha256('strange')}`]
    await prove(proven)
    const authority = new TlsAuthority()
    const tls = authority.issue(`countersign-webhook.${NAMESPACE}.svc`)
    const { vkey } = (await (await api.ask('/v1/server')).json()) as { vkey: string }
    const policy = {
      rules: [{ images: [`${registry.host}/shop/**`], pipeline: 'shop/web' }],
      exempt: ['registry.k8s.io/**'],
      namespaces: { production: 'enforce' },
      environment: 'production',
      maxAge: 5,
    }
    for (const [written, text] of Object.entries({
      'tls.crt': tls.cert,
      'tls.key': tls.key,
      'log.vkey': vkey,
      'webhook.json': JSON.stringify(policy),
    })) {
      writeFileSync(bench.path(written), text)
    }
    const [address, port] = [ownAddress(), await freePort()]
    const made = JSON.parse(
      bench.cli(bench.root, ['token', 'new', '--scope', 'read', '--format', 'json'], {
        COUNTERSIGN_URL: api.url,
        COUNTERSIGN_TOKEN: api.token,
      }).out,
    ) as { token: string }
    startWebhook = async () => {
      mkdirSync(bench.path('cache'), { recursive: true })
      webhook = bench.start(
        bench.root,
        [
          'kubernetes',
          'webhook',
          '--config=webhook.json',
          '--trust=log.vkey',
          '--cache=cache',
          '--tls-cert=tls.crt',
          '--tls-key=tls.key',
          `--listen=${address}:${port}`,
          '--format=json',
        ],
        { COUNTERSIGN_URL: api.url, COUNTERSIGN_TOKEN: made.token },
      )
      const [out, err] = ['', ['']]
      webhook.stderr!.on('data', (text) => err.push(String(text)))
      await new Promise<void>((done, failed) => {
        webhook.stdout!.once('data', () => done())
        webhook.once('exit', () => failed(new Error(`the webhook ended: ${out}${err.join('')}`)))
      })
    }
    await startWebhook()
    bench.write(
      'mine.json',
      JSON.stringify({
        policy,
        url: api.url,
        logKey: vkey,
        caBundle: Buffer.from(authority.cert).toString('base64'),
      }),
    )
    kube.helm(
      'install',
      'countersign',
      CHART,
      '--namespace',
      NAMESPACE,
      '--create-namespace',
      '--values',
      bench.path('mine.json'),
    )
    // Nothing here makes the pods of the deployment, nor finds them: they are where the process listens.
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'webhook', labels: { 'kubernetes.io/service-name': 'countersign-webhook' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports: [{ name: 'https', port, protocol: 'TCP' }],
    }
    const path = `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`
    expect((await kube.ask('POST', path, slice)).status).toBe(201)
    await namespace('shop')
    await namespace('observed', { 'countersign.dev/gate': 'observe' })
    await namespace('warned', { 'countersign.dev/gate': 'warn' })
    await namespace('production', { 'countersign.dev/gate': 'observe' })
    // Webhooks are in force a moment after they were made.
    let status = 0
    for (let i = 0; i < 150 && status !== 403; i++) {
      await wait(200)
      ;({ status } = await create(strange))
    }
    expect(status).toBe(403)
  })
  afterAll(async () => {
    webhook?.kill('SIGKILL')
    await kube.stop()
    await server?.stop()
    await registry?.close()
    bench.remove()
  })

  test('takes every manifest as it lies there, and Helm renders what lies there', async () => {
    expect(kube.helm('lint', CHART, '--strict')).toContain('0 chart(s) failed')
    const rendered = kube.helm('template', 'countersign', CHART, '--namespace', NAMESPACE)
    expect(read(rendered)).toEqual(read(renderChart(chartValues(), NAMESPACE)))
    const paths: Readonly<Record<string, string>> = {
      ServiceAccount: `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`,
      ConfigMap: `/api/v1/namespaces/${NAMESPACE}/configmaps`,
      Service: `/api/v1/namespaces/${NAMESPACE}/services`,
      Deployment: `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`,
      PodDisruptionBudget: `/apis/policy/v1/namespaces/${NAMESPACE}/poddisruptionbudgets`,
      ValidatingWebhookConfiguration: '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
      MutatingWebhookConfiguration: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    }
    for (const manifest of read(rendered)) {
      const url = `${paths[manifest.kind]}?dryRun=All&fieldValidation=Strict`
      const other = { ...manifest, metadata: { ...manifest.metadata, name: `${manifest.metadata.name}-again` } }
      const { status, body } = await kube.ask('POST', url, other)
      expect([manifest.kind, status, body.message]).toEqual([manifest.kind, 201, undefined])
      // Control: strict means that a field which is not one is refused.
      expect((await kube.ask('POST', url, { ...other, sepc: {} })).status).toBe(400)
    }
  })

  test('admits what is proven and denies what is not: containers, init containers, image volumes', async () => {
    const places = (image: string): readonly object[] => [
      { containers: [{ name: 'a', image }] },
      { initContainers: [{ name: 'i', image }] },
      { volumes: [{ name: 'v', image: { reference: image } }] },
    ]
    for (const more of places(good)) admitted(await create(good, 'shop', more))
    for (const more of places(strange)) denied(await create(good, 'shop', more))
    denied(await create('registry.example/other/web:1'), 'IMAGE-UNRULED')
    admitted(await create('registry.k8s.io/pause:3.10'))
  })

  test('ephemeral containers of a pod that runs (T-100)', async () => {
    const { metadata } = admitted(await create(good))
    const attach = (image: string) =>
      kube.ask(
        'PATCH',
        `${pods('shop')}/${metadata!.name}/ephemeralcontainers`,
        { spec: { ephemeralContainers: [{ name: `debug-${++made}`, image }] } },
        'application/strategic-merge-patch+json',
      )
    denied(await attach(strange))
    const { status, body } = await attach(good)
    expect([status, body.spec!.ephemeralContainers!.map(({ image }) => image)]).toEqual([200, [good]])
  })

  test('an update that brings another image; none that brings none (T-100)', async () => {
    const patch = (space: string, name: string, body: object) =>
      kube.ask('PATCH', `${pods(space)}/${name}`, body, 'application/strategic-merge-patch+json')
    const to = (image: string) => ({ spec: { containers: [{ name: 'main', image }] } })
    const { name } = admitted(await create(good)).metadata!
    denied(await patch('shop', name, to(strange)))
    expect((await patch('shop', name, to('registry.k8s.io/pause:3.10'))).status).toBe(200)
    // What was let in while it was observed may be labelled when it is enforced; and not changed for the worse.
    const old = admitted(await create(strange, 'observed')).metadata!.name
    const enforce = { metadata: { labels: { 'countersign.dev/gate': null } } }
    const relabel = (body: object) =>
      kube.ask('PATCH', '/api/v1/namespaces/observed', body, 'application/merge-patch+json')
    expect((await relabel(enforce)).status).toBe(200)
    await expect.poll(async () => (await create(strange, 'observed')).status, { timeout: 30_000 }).toBe(403)
    expect((await patch('observed', old, { metadata: { labels: { a: 'b' } } })).status).toBe(200)
    denied(await patch('observed', old, to(strange.replace(/@.*/, `@sha256:${sha256('stranger')}`))))
    await relabel({ metadata: { labels: { 'countersign.dev/gate': 'observe' } } })
    await expect.poll(async () => (await create(strange, 'observed')).status, { timeout: 30_000 }).toBe(201)
  })

  test('a tag becomes what it means, before it is judged and for good (T-98)', async () => {
    const tagged = `${registry.host}/${REPOSITORY}:1.2`
    const digest = good.split('@')[1]!
    const { metadata, spec } = admitted(
      await create(tagged, 'shop', {
        initContainers: [{ name: 'i', image: tagged }],
        volumes: [{ name: 'v', image: { reference: tagged } }],
      }),
    )
    const pinned = `${tagged}@${digest}`
    const images = [spec!.containers![0]!.image, spec!.initContainers![0]!.image, spec!.volumes![0]!.image!.reference]
    expect(images).toEqual([pinned, pinned, pinned])
    // Moved, it is another image: the pod that runs has its own, and a new one is denied.
    const kept = registry.manifests.get(`${REPOSITORY} 1.2`)!
    registry.manifests.set(`${REPOSITORY} 1.2`, registry.manifests.get(`${REPOSITORY} evil`)!)
    denied(await create(tagged))
    const again = await kube.ask('GET', `${pods('shop')}/${metadata!.name}`)
    expect(again.body.spec!.containers![0]!.image).toBe(pinned)
    registry.manifests.set(`${REPOSITORY} 1.2`, kept)
    admitted(await create(tagged))
    denied(await create(`${registry.host}/${REPOSITORY}:none`), 'IMAGE-UNPINNED')
  })

  test('observes, warns and enforces as namespaces are labelled; some no label lowers, some are left alone', async () => {
    const seen = await create(strange, 'observed')
    admitted(seen)
    expect(seen.warnings).toEqual([])
    const told = await create(strange, 'warned')
    admitted(told)
    expect(told.warnings).toEqual([expect.stringContaining('artifact-unproven')])
    denied(await create(strange, 'production'))
    admitted(await create(strange, 'kube-system'))
    admitted(await create(strange, NAMESPACE))
    await expect
      .poll(() => kube.audited(pods('observed')).flatMap(({ annotations = {} }) => Object.entries(annotations)))
      .toContainEqual(['observe.countersign.dev/decisions', `${strange} deny artifact-unproven`])
  })

  test('warns of a deployment, and denies the pods that it would make', async () => {
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: strange }] } }
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { selector: { matchLabels: { app: 'web' } }, template },
    }
    const reply = await kube.ask('POST', '/apis/apps/v1/namespaces/shop/deployments', deployment)
    admitted(reply)
    expect(reply.warnings).toEqual([expect.stringContaining('artifact-unproven')])
  })

  test('a dry run is judged, and recorded by nobody', async () => {
    const before = (await decided()).length
    // None of these is known from before.
    await wait(5_500)
    admitted(await create(good, 'shop', {}, '?dryRun=All'))
    denied(await create(strange, 'shop', {}, '?dryRun=All'))
    expect((await decided()).length).toBe(before)
    admitted(await create(good))
    expect((await decided()).length).toBe(before + 1)
    expect((await decided())[0]).toMatchObject({
      decision: 'allow',
      requester: expect.stringMatching(/^kubernetes shop\/pod-\d+ by admin$/),
    })
  })

  test('the webhook being down nothing is let in where it enforces, and it comes up again (T-97)', async () => {
    webhook.kill('SIGTERM')
    await new Promise((done) => webhook.once('exit', done))
    for (const [space, image] of [
      ['shop', good],
      ['production', good],
      ['shop', 'registry.k8s.io/pause:3.10'],
    ] as const) {
      const { status, body } = await create(image, space)
      expect([space, status, body.message]).toEqual([space, 500, expect.stringContaining('failed calling webhook')])
    }
    // What the webhook needs to come up, and what was never enforced.
    admitted(await create(strange, 'kube-system'))
    admitted(await create(strange, NAMESPACE))
    admitted(await create(strange, 'observed'))
    await startWebhook()
    admitted(await create(good))
    denied(await create(strange))
  })

  test('the server being down, what it allowed counts a while, and nothing else is let in', async () => {
    admitted(await create(good))
    await server!.stop()
    server = null
    admitted(await create(good))
    denied(await create(strange.replace(/@.*/, `@sha256:${sha256('another')}`)), 'EVIDENCE-UNAVAILABLE')
    await wait(6_000)
    denied(await create(good), 'EVIDENCE-UNAVAILABLE')
  })
})
