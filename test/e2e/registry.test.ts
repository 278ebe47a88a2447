import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LocalRegistry } from '../intake/local-registry.ts'
import { Bench } from './cli.ts'

const bench = new Bench()
const key = bench.path('build.key')
const trust = ['--trust', `build=${key}.pub`]
const registry = new LocalRegistry({ referrers: false, login: { kind: 'bearer', username: 'shop', password: 'pass' } })
let digest = ''
let image = ''
let env: Record<string, string>

beforeAll(async () => {
  await registry.open()
  digest = registry.image('shop/web', '1.0')
  image = `${registry.host}/shop/web:1.0`
  const auth = Buffer.from('shop:pass').toString('base64')
  bench.write('docker/config.json', JSON.stringify({ auths: { [registry.host]: { auth } } }))
  env = { DOCKER_CONFIG: bench.path('docker') }
  expect(bench.cli(bench.root, ['key', 'new', key]).code).toBe(0)
})
afterAll(async () => {
  await registry.close()
  bench.remove()
})

/** A chain whose product is what these bytes are: for an image, its manifest. */
function chainOf(directory: string, bytes: Uint8Array): void {
  bench.write(`${directory}/made`, bytes)
  const args = ['run', '--step', 'build', '--pipeline', 'shop/web', '--key', key, '--no-git', '--products', 'image']
  expect(bench.cli(bench.path(directory), [...args, '--', 'cp', 'made', 'image'])).toMatchObject({ code: 0 })
  const provenance = ['provenance', 'image', ...trust, '--key', key]
  expect(bench.cli(bench.path(directory), provenance)).toMatchObject({ code: 0 })
}

test('a chain and its provenance travel with an image, and verify where they are found', async () => {
  chainOf('made', registry.manifests.get('shop/web 1.0')!.bytes)
  const files = ['image.chain.jsonl', 'image.provenance.sigstore.json']
  const attached = await bench.cliLater(bench.path('made'), ['attach', image, ...files], env)
  expect(attached).toMatchObject({ code: 0, err: '' })
  const next = bench.dir('next')
  const found = await bench.cliLater(next, ['discover', image, '--out', 'proof', '--format', 'json'], env)
  expect(found).toMatchObject({ code: 0, err: '' })
  const told = JSON.parse(found.out)
  expect(told.subject).toBe(digest)
  expect(told.found.map(({ artifactType }: { artifactType: string }) => artifactType).toSorted()).toEqual([
    'application/vnd.countersign.chain.v1+jsonl',
    'application/vnd.dev.sigstore.bundle.v0.3+json',
  ])
  const chain = readdirSync(`${next}/proof`).find((name) => name.endsWith('.chain.jsonl'))!
  expect(readFileSync(`${next}/proof/${chain}`)).toEqual(readFileSync(bench.path('made', 'image.chain.jsonl')))
  const verified = bench.cli(next, ['verify', digest, '--chain', `proof/${chain}`, ...trust])
  expect(verified).toMatchObject({ code: 0 })
})

test('what is about another image is neither attached nor fetched', async () => {
  chainOf('other', Buffer.from('another image'))
  const file = 'image.chain.jsonl'
  const refused = await bench.cliLater(bench.path('other'), ['attach', image, file, '--format', 'json'], env)
  expect(refused.code).toBe(1)
  expect(JSON.parse(refused.out).error.code).toBe('artifact-mismatch')
  // Whoever may push, and is not so careful.
  const name = `shop/web ${digest.replace(':', '-')}`
  const before = registry.manifests.get(name)!
  for (const [blob, bytes] of registry.blobs) {
    if (bytes.toString().startsWith('{"dsseEnvelope"'))
      registry.blobs.set(blob, Buffer.from('{"bomFormat":"CycloneDX"}'))
  }
  const swapped = await bench.cliLater(bench.dir('swapped'), ['discover', image, '--format', 'json'], env)
  expect(swapped.code).toBe(1)
  expect(JSON.parse(swapped.out).found).toMatchObject([{ fault: 'service-answer' }, { fault: 'service-answer' }])
  expect(registry.manifests.get(name)).toBe(before)
})
