import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { outboundAddresses, outboundPost, outboundUrl } from '@countersign/adapters/outbound-post'
import { isPublicAddress } from '@countersign/adapters/public-address'
import { CodedError } from '@countersign/core'
import { codeOf, openTestServer, type TestServer } from '../server.ts'

/** T-89: somebody names an address, and has the server ask for him where he cannot ask himself. */

/** What each name leads to, as a name server of the attacker's says. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'public.example': ['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946'],
  'private.example': ['10.0.0.5'],
  'both.example': ['93.184.216.34', '192.168.1.1'],
  'six.example': ['2606:2800:220:1::1', 'fd00::1'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'metadata.example': ['169.254.169.254'],
  'nat.example': ['64:ff9b::a9fe:a9fe'],
  localhost: ['127.0.0.1', '::1'],
  'localhost.': ['127.0.0.1'],
  'a.localhost': ['127.0.0.1'],
  'metadata.google.internal': ['169.254.169.254'],
  'alibaba.example': ['100.100.100.200'],
  'zone.example': ['fe80::1%eth0'],
  'nonsense.example': ['not an address'],
}
const resolve = (host: string) => Promise.resolve(NAMES[host] ?? [])

const REFUSED = [
  // This machine, however it is spelt.
  'https://127.0.0.1/',
  'https://127.1/',
  'https://127.0.0.1:8440/v1/keys',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0177.0.0.1/',
  'https://0x7f.1/',
  'https://127.255.255.254/',
  'https://①②⑦.⓪.⓪.①/',
  'https://0.0.0.0/',
  'https://0/',
  'https://localhost/',
  'https://localhost./',
  'https://a.localhost/',
  'https://LOCALHOST/',
  'https://[::1]/',
  'https://[::]/',
  'https://[0:0:0:0:0:0:0:1]/',
  // IPv4 by another name: mapped, compatible, translated, 6to4, Teredo.
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[::ffff:a00:1]/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://[::127.0.0.1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[64:ff9b::a9fe:a9fe]/',
  'https://[64:ff9b:1::a00:1]/',
  'https://[2002:7f00:1::]/',
  'https://[2002:a00:1::1]/',
  'https://[2001::1]/',
  // Networks of their own.
  'https://10.0.0.1/',
  'https://10.255.255.255/',
  'https://172.16.0.1/',
  'https://172.31.255.255/',
  'https://192.168.0.1/',
  'https://3232235521/',
  'https://100.64.0.1/',
  'https://[fc00::1]/',
  'https://[fd12:3456:789a::1]/',
  'https://[fec0::1]/',
  // The metadata of clouds, and the link.
  'https://169.254.169.254/latest/meta-data/',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://169.254.170.2/v2/credentials',
  'https://100.100.100.200/',
  'https://192.0.0.192/',
  'https://[fe80::1]/',
  'https://[fd00:ec2::254]/',
  'https://metadata.google.internal/',
  // Groups, and what nobody has.
  'https://224.0.0.1/',
  'https://239.255.255.250/',
  'https://255.255.255.255/',
  'https://240.0.0.1/',
  'https://[ff02::1]/',
  'https://198.18.0.1/',
  'https://192.0.2.1/',
  'https://198.51.100.1/',
  'https://203.0.113.1/',
  'https://[2001:db8::1]/',
  // Names that lead there, one of their addresses at least.
  'https://private.example/',
  'https://both.example/',
  'https://six.example/',
  'https://mapped.example/',
  'https://metadata.example/',
  'https://nat.example/',
  'https://alibaba.example/',
  'https://zone.example/',
  'https://nonsense.example/',
  // Not https, or more than an address.
  'http://public.example/',
  'ftp://public.example/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_SET',
  'https://user:password@public.example/',
  'https://public.example@127.0.0.1/',
  'https://public.example/#fragment',
  'https://',
  'not a URL',
  `https://public.example/${'a'.repeat(2_000)}`,
]
const TAKEN = [
  'https://public.example/hook?key=1',
  'https://public.example:8443/',
  'https://93.184.216.34/',
  'https://1.1.1.1/',
  'https://172.32.0.1/',
  'https://[2606:2800:220:1::1]/',
]

const codes = async (url: string, allowed: readonly string[] = []) => {
  try {
    await outboundAddresses(outboundUrl(url, allowed), allowed, resolve)
    return 'taken'
  } catch (error) {
    return error instanceof CodedError ? error.code : 'internal'
  }
}

/** What sends, with something else in the place of what looks at addresses. */
async function without(check: { isPublicAddress: (address: string) => boolean }) {
  vi.resetModules()
  vi.doMock('../../packages/adapters/src/public-address.ts', async (original) => ({
    ...(await original<object>()),
    ...check,
  }))
  try {
    return await import('@countersign/adapters/outbound-post')
  } finally {
    vi.doUnmock('../../packages/adapters/src/public-address.ts')
  }
}

/** Looks at the first address that it is shown, and at no other. */
function firstAlone(): (address: string) => boolean {
  let shown = 0
  return (address) => shown++ > 0 || isPublicAddress(address)
}

describe('T-89 addresses', () => {
  test('into the house are refused, however they are written', async () => {
    expect(REFUSED.length).toBeGreaterThanOrEqual(60)
    const got = await Promise.all(REFUSED.map(async (url) => [url, await codes(url)]))
    expect(got).toEqual(REFUSED.map((url) => [url, 'address-refused']))
  })

  test('of the public internet are taken', async () => {
    const got = await Promise.all(TAKEN.map(async (url) => [url, await codes(url)]))
    expect(got).toEqual(TAKEN.map((url) => [url, 'taken']))
  })

  test('are taken where nobody looks at what they resolve to (red control)', async () => {
    const unchecked = await without({ isPublicAddress: () => true })
    const { outboundAddresses: addresses, outboundUrl: read } = unchecked
    const taken = async (url: string) => {
      try {
        return (await addresses(read(url, []), [], resolve)).length > 0
      } catch {
        return false
      }
    }
    const got = await Promise.all(REFUSED.map(async (url) => [url, await taken(url)] as const))
    // All that are refused for where they lead; the others are no URL that anybody may name.
    const led = got.filter(([, one]) => one).map(([url]) => url)
    expect(led.length).toBeGreaterThan(30)
    for (const url of [
      'https://private.example/',
      'https://both.example/',
      'https://[::ffff:7f00:1]/',
      'https://[64:ff9b::a9fe:a9fe]/',
      'https://169.254.169.254/',
    ])
      expect([url, await taken(url)]).toEqual([url, true])
    // And where the first address is looked at alone.
    const first = await without({ isPublicAddress: firstAlone() })
    expect(await first.outboundAddresses(new URL('https://both.example/'), [], resolve)).toContain(
      NAMES['both.example']!.at(-1),
    )
  })

  test('that an operator allows may be inside, but neither the link nor nobody', async () => {
    const allowed = ['private.example', '127.0.0.1:8080', 'metadata.example', '169.254.169.254', '[::ffff:a9fe:a9fe]']
    expect(await codes('https://private.example/', allowed)).toBe('taken')
    expect(await codes('http://private.example:8080/', allowed)).toBe('taken')
    expect(await codes('http://127.0.0.1:8080/', allowed)).toBe('taken')
    for (const url of [
      'http://127.0.0.1:8081/',
      'https://metadata.example/',
      'https://169.254.169.254/',
      'https://[::ffff:a9fe:a9fe]/',
      'https://both.example/',
    ])
      expect([url, await codes(url, allowed)]).toEqual([url, 'address-refused'])
  })
})

describe('T-89 requests', () => {
  let inside: Server
  let port: number
  const asked: string[] = []

  beforeAll(async () => {
    inside = createServer((request, response) => {
      asked.push(`${request.headers.host} ${request.url}`)
      if (request.url === '/elsewhere') response.writeHead(302, { location: '/secret' }).end()
      else response.writeHead(200).end('x'.repeat(1_000_000))
    })
    await new Promise<void>((done) => inside.listen(0, '127.0.0.1', done))
    ;({ port } = inside.address() as AddressInfo)
  })
  afterAll(() => new Promise((done) => void inside.close(done)))

  const post = (
    url: string,
    more: { allowed?: readonly string[]; resolve?: (host: string) => Promise<readonly string[]> } = {},
  ) =>
    outboundPost({
      url: new URL(url),
      headers: {},
      body: new Uint8Array(),
      timeoutMs: 5_000,
      allowed: [],
      resolve,
      ...more,
    })

  test('go to the address that was checked, which is looked up once (rebinding)', async () => {
    let looked = 0
    // The second time it would lead elsewhere.
    const rebinding = () => Promise.resolve([['127.0.0.1'], ['192.0.2.1']][looked++] ?? ['192.0.2.1'])
    const allowed = [`hook.example:${port}`]
    expect(await post(`http://hook.example:${port}/in`, { allowed, resolve: rebinding })).toMatchObject({ status: 200 })
    // The name is nobody's, so that by any look-up but this one it would have come nowhere.
    expect([looked, asked.at(-1)]).toEqual([1, `hook.example:${port} /in`])
  })

  test('do not go where a redirect leads', async () => {
    const before = asked.length
    const allowed = [`127.0.0.1:${port}`]
    expect(await post(`http://127.0.0.1:${port}/elsewhere`, { allowed })).toMatchObject({ status: 302 })
    expect(asked.slice(before)).toEqual([`127.0.0.1:${port} /elsewhere`])
  })

  test('are not made at all where the address is refused, and say nothing of what is there', async () => {
    const before = asked.length
    const error = await post(`https://private.example:${port}/`).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'address-refused', what: 'private.example is not on the public internet' })
    await expect(post(`https://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'address-refused' })
    expect(asked.length).toBe(before)
  })

  test('reach what is there where the address is not checked (red control)', async () => {
    const { outboundPost: unchecked } = await without({ isPublicAddress: () => true })
    let reached = 0
    inside.on('connection', () => reached++)
    const post = (send: typeof outboundPost) =>
      send({
        url: new URL(`https://private.example:${port}/`),
        headers: {},
        body: new Uint8Array(),
        timeoutMs: 5_000,
        allowed: [],
        resolve: () => Promise.resolve(['127.0.0.1']),
      }).catch((error: unknown) => (error instanceof Error ? error.message : ''))
    expect(await post(outboundPost)).toContain('address-refused')
    expect(reached).toBe(0)
    expect(await post(unchecked)).not.toContain('address-refused')
    expect(reached).toBe(1)
  })
})

describe('T-89 webhooks', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await openTestServer()
  })
  afterAll(() => server.close())

  test('lead nowhere into the house, when they are added and when they are told', async () => {
    const add = (url: string) => server.request('POST', '/v1/webhooks', { body: JSON.stringify({ url }) })
    for (const url of [
      'https://127.0.0.1/',
      'https://169.254.169.254/',
      'http://93.184.216.34/',
      'https://[::ffff:10.0.0.1]/',
    ])
      expect([url, await codeOf(add(url))]).toEqual([url, 'address-refused'])
    const { webhooks } = server.deps.store.events
    expect(await webhooks.list('acme')).toEqual([])
    // What led elsewhere when it was added: it is checked again each time.
    expect((await add('https://93.184.216.34/')).status).toBe(201)
    const [held] = await webhooks.list('acme')
    const own = { ...held!.own, url: 'https://127.0.0.1/' }
    const by = { kind: 'token', id: 'acmeall', name: null } as const
    const doing = { act: 'webhook.rotated', id: held!.id, own } as const
    await server.store.administer({ tenant: 'acme', at: server.deps.now(), by, doing })
    const outcome = await (await server.request('POST', `/v1/webhooks/${held!.id}/test`, { body: '{}' })).json()
    expect(outcome).toEqual({
      ok: false,
      status: null,
      fault: 'address-refused: 127.0.0.1 is not on the public internet',
    })
  })
})
