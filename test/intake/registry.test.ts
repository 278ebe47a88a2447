import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseOciReference } from '@countersign/adapters/oci-reference'
import { OciRepository } from '@countersign/adapters/oci-registry'
import { dockerCredentials, dockerHelper } from '@countersign/adapters/oci-credentials'
import { type Code, utf8 } from '@countersign/core'
import { afterEach, describe, expect, test } from 'vitest'
import { LocalRegistry, type RegistryOptions } from './local-registry.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const LOGIN = { username: 'shop', password: 'p:ass' }
const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function registry(options: RegistryOptions = {}, credentials: typeof LOGIN | null = null) {
  const local = await new LocalRegistry(options).open()
  open.push(local)
  const digest = local.image('shop/web', '1.0')
  const reference = parseOciReference(`${local.host}/shop/web:1.0`)
  return { local, digest, repository: new OciRepository(reference, { credentials }) }
}
const FILE = { artifactType: 'application/x-test', content: utf8('proof\n'), annotations: { title: 'proof' } }

describe('what is attached to an image', () => {
  test.each([
    ['a registry that lists it', {}],
    ['a registry that does not', { referrers: false }],
    ['a registry with a login', { login: { kind: 'basic' as const, ...LOGIN } }],
    ['a registry with tokens', { login: { kind: 'bearer' as const, ...LOGIN } }],
  ])('is found again: %s', async (_, options) => {
    const { digest, local, repository } = await registry(options, LOGIN)
    const subject = await repository.resolve('1.0')
    expect(subject.digest).toBe(digest)
    const first = await repository.attach(subject, FILE)
    const second = await repository.attach(subject, { ...FILE, artifactType: 'application/x-other' })
    // Twice is once.
    await repository.attach(subject, FILE)
    const all = await repository.referrers(digest, null)
    expect(all.map((one) => one.digest).toSorted()).toEqual([first.digest, second.digest].toSorted())
    expect(await repository.referrers(digest, 'application/x-other')).toMatchObject([{ digest: second.digest }])
    expect(await repository.fetch(first, 1000)).toEqual(FILE.content)
    expect(local.manifests.has(`shop/web ${digest.replace(':', '-')}`)).toBe('referrers' in options)
  })

  test('is not fetched where it is too large, or of another digest', async () => {
    const { local, repository } = await registry()
    const made = await repository.attach(await repository.resolve('1.0'), FILE)
    await expect(repository.fetch(made, 5)).rejects.toThrow(coded('service-answer'))
    for (const [digest, bytes] of local.blobs) {
      if (bytes.toString() === 'proof\n') local.blobs.set(digest, Buffer.from('Proof\n'))
    }
    await expect(repository.fetch(made, 1000)).rejects.toThrow(coded('service-answer'))
    const name = `shop/web ${made.digest}`
    local.manifests.set(name, { ...local.manifests.get(name)!, bytes: Buffer.from('{}') })
    await expect(repository.fetch(made, 1000)).rejects.toThrow(coded('service-answer'))
  })

  test('is fetched from elsewhere as nobody', async () => {
    const seen: (string | undefined)[] = []
    const elsewhere = createServer((request, response) => {
      seen.push(request.headers.authorization)
      response.end('proof\n')
    })
    await new Promise<void>((done) => elsewhere.listen(0, '127.0.0.1', done))
    open.push({ close: () => elsewhere.close() })
    const blobsAt = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`
    const { local, repository } = await registry({ login: { kind: 'bearer', ...LOGIN }, blobsAt }, LOGIN)
    const made = await repository.attach(await repository.resolve('1.0'), FILE)
    expect(await repository.fetch(made, 1000)).toEqual(FILE.content)
    expect(seen).toEqual([undefined])
    expect(local.asked.some(({ authorization }) => authorization === 'Bearer let-in')).toBe(true)
  })

  test('without a login, or with a wrong one, is refused', async () => {
    for (const kind of ['basic', 'bearer'] as const) {
      const { repository } = await registry({ login: { kind, ...LOGIN } })
      await expect(repository.resolve('1.0')).rejects.toThrow(coded('service-refused'))
      const wrong = await registry({ login: { kind, ...LOGIN } }, { ...LOGIN, password: 'other' })
      await expect(wrong.repository.resolve('1.0')).rejects.toThrow(coded('service-refused'))
    }
  })

  test('where a registry sends us to log in is asked only over https, or on this machine', async () => {
    const asked: string[] = []
    const told = async (realm: string) => {
      const reference = parseOciReference('registry.example.com/shop/web:1')
      const fetch = async (url: URL | string | Request) => {
        asked.push(String(url))
        const headers = { 'www-authenticate': `Bearer realm="${realm}",service="x"` }
        return new Response('', { status: 401, headers })
      }
      const repository = new OciRepository(reference, { credentials: LOGIN, fetch: fetch as typeof globalThis.fetch })
      await expect(repository.resolve('1')).rejects.toThrow(expect.objectContaining({ name: 'CodedError' }))
      return asked.splice(0)
    }
    const [manifest] = await told('')
    expect(manifest).toBe('https://registry.example.com/v2/shop/web/manifests/1')
    for (const realm of [
      'http://evil.example/token',
      'http://127.0.0.1/token',
      'https://a:b@evil.example',
      'file:///x',
    ]) {
      expect(await told(realm)).toEqual([manifest])
    }
    expect(await told('https://auth.example.com/token')).toEqual([manifest, 'https://auth.example.com/token?service=x'])
  })
})

describe('names of images', () => {
  test.each([
    ['ghcr.io/shop/web:1.2', 'https://ghcr.io', 'shop/web', '1.2'],
    [`oci://ghcr.io/shop/web:1@sha256:${'a1'.repeat(32)}`, 'https://ghcr.io', 'shop/web', `sha256:${'a1'.repeat(32)}`],
    ['localhost:5000/web:x', 'http://localhost:5000', 'web', 'x'],
    ['registry.example:5000/a/b/c:x', 'https://registry.example:5000', 'a/b/c', 'x'],
  ])('%s', (text, origin, repository, reference) => {
    expect(parseOciReference(text)).toMatchObject({ origin, repository, reference })
  })

  test.each([
    'web:1',
    'shop/web:1',
    'ghcr.io/shop/web',
    'ghcr.io/Shop/web:1',
    'ghcr.io/shop/../web:1',
    'ghcr.io/shop/web@sha256:12',
    `ghcr.io/shop/web@sha512:${'a1'.repeat(64)}`,
    'ghcr.io/shop/web:a/b',
    'user@ghcr.io/shop/web:1',
    'ghcr.io?x/shop/web:1',
    'localhos\nt:5000/web:1',
    '0x7f.1:5000/web:1',
    'GHCR.io/shop/web:1',
    '',
  ])('%s is none', (text) => {
    expect(() => parseOciReference(text)).toThrow(coded('usage'))
  })
})

test('logins are those that docker keeps in its file', () => {
  const auth = Buffer.from('shop:p:ass').toString('base64')
  const config = utf8(JSON.stringify({ auths: { 'ghcr.io': { auth }, 'a.example': {} }, credsStore: 'evil' }))
  expect(dockerCredentials(config, 'ghcr.io')).toEqual(LOGIN)
  expect(dockerCredentials(config, 'a.example')).toBeNull()
  expect(dockerCredentials(config, 'b.example')).toBeNull()
  expect(() => dockerCredentials(utf8('{'), 'ghcr.io')).toThrow(coded('usage'))
})

test('or in the program that it names for one registry, or for all', () => {
  const helper = (config: object, host = 'ghcr.io') => dockerHelper(utf8(JSON.stringify(config)), host)
  const both = { credHelpers: { 'ghcr.io': 'own', 'https://index.docker.io/v1/': 'hub' }, credsStore: 'all' }
  expect(helper(both)).toEqual({ program: 'docker-credential-own', server: 'ghcr.io' })
  expect(helper(both, 'quay.io')).toEqual({ program: 'docker-credential-all', server: 'quay.io' })
  expect(helper(both, 'docker.io')).toEqual({ program: 'docker-credential-hub', server: 'https://index.docker.io/v1/' })
  for (const none of [{}, { credsStore: '' }, { credHelpers: { 'a.example': 'x' } }]) expect(helper(none)).toBeNull()
  for (const name of ['../evil', '/bin/sh', '-c', 'a b', 'a\nb', 7, 'a'.repeat(65)]) {
    expect(() => helper({ credsStore: name })).toThrow(coded('usage'))
  }
})
