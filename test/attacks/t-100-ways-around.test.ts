import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { validate } from '../../packages/cli/src/kubernetes/admit.ts'
import { imagesOf } from '../../packages/cli/src/kubernetes/images.ts'
import { clusterOf, pod, responseOf, review } from '../gates/cluster.ts'
import { honestRun, type Run, sha256 } from '../pipeline.ts'
import { openTestServer, type TestServer } from '../server.ts'

// T-100: the ways around an admission webhook: every place that names an image, every operation that brings one, namespaces
// with another label, names that look like others. Which namespaces Kubernetes asks about: test/workflows/kubernetes.test.ts.

let server: TestServer
let run: Run
let good: string
const EVIL = `ghcr.io/shop/web@sha256:${sha256('evil')}`

beforeAll(async () => {
  server = await openTestServer()
  run = honestRun()
  good = `ghcr.io/shop/web@sha256:${run.app.digest.sha256}`
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
  for (const { bundle } of run.steps) expect((await server.append(bundle)).status).toBe(201)
})
afterAll(() => server.close())

const POLICY = {
  rules: [{ images: ['ghcr.io/shop/**'], pipeline: 'shop/web' }],
  exempt: ['registry.k8s.io/**'],
  namespaces: { production: 'enforce' },
  environment: 'production',
}
const admitted = async (
  object: object,
  more: Readonly<Record<string, unknown>> = {},
  mode: 'observe' | 'warn' | 'enforce' = 'enforce',
) => {
  const deps = clusterOf(server, POLICY, () => Promise.reject(new Error('nobody asks')))
  return responseOf(await validate(deps, mode, review(object, more))).allowed
}

/** Where a pod can name an image. */
const PLACES: readonly (readonly [string, (image: string) => object])[] = [
  ['containers', (image) => pod([image])],
  ['the second container', (image) => pod([good, image])],
  ['initContainers', (image) => pod([good], { initContainers: [{ name: 'i', image }] })],
  ['ephemeralContainers', (image) => pod([good], { ephemeralContainers: [{ name: 'e', image }] })],
  [
    'image volumes',
    (image) =>
      pod([good], {
        volumes: [
          { name: 'x', emptyDir: {} },
          { name: 'v', image: { reference: image } },
        ],
      }),
  ],
]
const OPERATIONS: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['CREATE', {}],
  ['UPDATE', { operation: 'UPDATE', oldObject: pod(['ghcr.io/shop/other:1']) }],
  [
    'UPDATE of ephemeral containers',
    { operation: 'UPDATE', subResource: 'ephemeralcontainers', oldObject: pod(['ghcr.io/shop/other:1']) },
  ],
  ['dry run', { dryRun: true }],
  ['a namespace of a policy, labelled down', { namespace: 'production' }],
]

describe('T-100: every place and operation', () => {
  test.each(PLACES)('%s', async (_, object) => {
    for (const [operation, more] of OPERATIONS) {
      const mode = more['namespace'] === 'production' ? 'observe' : 'enforce'
      expect([operation, await admitted(object(EVIL), more, mode)]).toEqual([operation, false])
      expect([operation, await admitted(object(good), more, mode)]).toEqual([operation, true])
    }
  })

  test('red control: without any one of these places it would be let in', () => {
    for (const [place, object] of PLACES) {
      const images = imagesOf('/Pod', JSON.parse(JSON.stringify(object(EVIL))) as never).map(({ image }) => image)
      expect([place, images.includes(EVIL)]).toEqual([place, true])
      const { spec } = object(EVIL) as { spec: Record<string, unknown> }
      const { containers, ...rest } = spec
      const others = JSON.stringify(place === 'containers' || place === 'the second container' ? containers : rest)
      expect([place, others.includes(EVIL)]).toEqual([place, true])
    }
  })
})

test('T-100: a name that looks like one that is let in is none', async () => {
  const digest = `@sha256:${run.app.digest.sha256}`
  const names = [
    `ghcr.io/shop-evil/web${digest}`,
    `ghcr.io.evil.example/shop/web${digest}`,
    `evil.example/ghcr.io/shop/web${digest}`,
    `shop/web${digest}`,
    `registry.k8s.io.evil.example/pause${digest}`,
    `evil.example:5000/registry.k8s.io/pause${digest}`,
    `registry.k8s.io@evil.example/pause${digest}`,
    `REGISTRY.K8S.IO/pause${digest}`,
    `ghcr.io/shop/../evil/web${digest}`,
    `ghcr.io//shop/web${digest}`,
    ` ghcr.io/shop/web${digest}`,
    `ghcr.io/shop/web${digest}${digest}`,
    `ghcr.io/shop/web@sha256:${run.app.digest.sha256.toUpperCase()}`,
    `ghcr.io/shop/web@sha512:${'0'.repeat(128)}`,
    '',
  ]
  for (const name of names) expect([name, await admitted(pod([name]))]).toEqual([name, false])
  expect(await admitted(pod([good]))).toBe(true)
})

test('T-100: what ran before an update is what its own object named, not what another container had', async () => {
  const old = pod([good], { initContainers: [{ name: 'i', image: EVIL }] })
  // It is in the pod already: nothing is pulled that was not.
  expect(await admitted(old, { operation: 'UPDATE', oldObject: old })).toBe(true)
  expect(await admitted(old, { operation: 'UPDATE', oldObject: pod([good]) })).toBe(false)
  expect(await admitted(old, { operation: 'UPDATE', oldObject: null })).toBe(false)
  expect(await admitted(old, { operation: 'CREATE', oldObject: old })).toBe(false)
})
