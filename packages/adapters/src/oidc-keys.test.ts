import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Code, JsonObject, JsonValue } from '@countersign/core'
import { discoveryOf, type LocalIssuer, makePair, send, startIssuer } from '../../../test/identity/local-issuer.ts'
import { KEYS_GRACE_MS, KEYS_TTL_MS, oidcKeys, RETRY_MS, UNKNOWN_KEY_MS } from './oidc-keys.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const DISCOVERY = '/.well-known/openid-configuration'

let issuer: LocalIssuer
let time = 1_800_000_000_000
const now = () => time
beforeEach(async () => {
  issuer = await startIssuer({ algorithm: 'ES256' })
})
afterEach(() => issuer.close())

const asked = () => [issuer.asked.get(DISCOVERY) ?? 0, issuer.asked.get('/keys') ?? 0]
/** Answers the discovery document with changes, and the key set as it is. */
function lie(changes: Readonly<Record<string, JsonValue>>): void {
  const { jwk } = issuer.key
  issuer.answer = (path, response) =>
    path === DISCOVERY
      ? send(response, 200, { ...discoveryOf(issuer.url), ...changes })
      : send(response, 200, { keys: [jwk] })
}

describe('keys', () => {
  test('are fetched once and kept for a while', async () => {
    const keys = oidcKeys({ now })
    const { id } = issuer.key
    for (let i = 0; i < 3; i++) expect((await keys.keysOf(issuer.url, id)).keys.has(id)).toBe(true)
    expect(asked()).toEqual([1, 1])
    time += KEYS_TTL_MS
    await keys.keysOf(issuer.url, id)
    expect(asked()).toEqual([2, 2])
  })

  test('are fetched once for all who ask at the same time', async () => {
    const keys = oidcKeys({ now })
    await Promise.all(Array.from({ length: 50 }, () => keys.keysOf(issuer.url, issuer.key.id)))
    expect(asked()).toEqual([1, 1])
  })

  test('are fetched again for a new name, and at most once in a while', async () => {
    const keys = oidcKeys({ now })
    await keys.keysOf(issuer.url, issuer.key.id)
    const { id } = issuer.rotate()
    time += UNKNOWN_KEY_MS
    expect((await keys.keysOf(issuer.url, id)).keys.has(id)).toBe(true)
    expect(asked()).toEqual([2, 2])
    for (let i = 0; i < 100; i++) {
      expect((await keys.keysOf(issuer.url, `made-up-${i}`)).keys.has(`made-up-${i}`)).toBe(false)
    }
    expect(asked()).toEqual([2, 2])
    time += UNKNOWN_KEY_MS
    await keys.keysOf(issuer.url, 'made-up')
    expect(asked()).toEqual([3, 3])
  })

  test('that are taken back are gone when the time is up', async () => {
    const keys = oidcKeys({ now })
    const old = issuer.key.id
    await keys.keysOf(issuer.url, old)
    const { id } = issuer.rotate()
    issuer.retire(old)
    time += KEYS_TTL_MS
    const found = await keys.keysOf(issuer.url, id)
    expect([...found.keys.keys()]).toEqual([id])
  })

  test('that are there are used while the issuer is down, and for a day', async () => {
    const keys = oidcKeys({ now })
    const { id } = issuer.key
    await keys.keysOf(issuer.url, id)
    issuer.answer = (_, response) => send(response, 503, {})
    time += KEYS_GRACE_MS - 1
    expect((await keys.keysOf(issuer.url, id)).keys.has(id)).toBe(true)
    time += 1
    await expect(keys.keysOf(issuer.url, id)).rejects.toEqual(coded('issuer-unreachable'))
    issuer.answer = null
    time += RETRY_MS
    expect((await keys.keysOf(issuer.url, id)).keys.has(id)).toBe(true)
  })

  test('are not asked for again at once where that failed', async () => {
    issuer.answer = (_, response) => send(response, 503, {})
    const keys = oidcKeys({ now })
    for (let i = 0; i < 10; i++) {
      await expect(keys.keysOf(issuer.url, 'a')).rejects.toEqual(coded('issuer-unreachable'))
    }
    expect(asked()).toEqual([1, 0])
    issuer.answer = null
    time += RETRY_MS
    await keys.keysOf(issuer.url, 'a')
    expect(asked()).toEqual([2, 1])
  })

  test('are fetched again when the clock was set back', async () => {
    const keys = oidcKeys({ now })
    await keys.keysOf(issuer.url, issuer.key.id)
    time -= 3_600_000
    await keys.keysOf(issuer.url, issuer.key.id)
    expect(asked()).toEqual([2, 2])
  })

  test('of an issuer with a path and a slash at its end are found below it', async () => {
    const other = await startIssuer({ algorithm: 'ES256', path: '/org/1' })
    const document = { ...discoveryOf(other.url), issuer: `${other.url}/` } as JsonObject
    const { jwk } = other.key
    other.answer = (path, response) =>
      path === DISCOVERY ? send(response, 200, document) : send(response, 200, { keys: [jwk] })
    const found = await oidcKeys({ now }).keysOf(`${other.url}/`, other.key.id)
    expect(found.keys.size).toBe(1)
    expect([...other.asked]).toEqual([
      [DISCOVERY, 1],
      ['/keys', 1],
    ])
    await other.close()
  })
})

describe('an issuer that lies', () => {
  const bomb = gzipSync(Buffer.alloc(2_000_000, ' '))
  const refused = async (what: RegExp, timeoutMs = 5_000) => {
    const keys = oidcKeys({ now, timeoutMs })
    await expect(keys.keysOf(issuer.url, issuer.key.id)).rejects.toEqual(coded('issuer-unreachable'))
    await expect(keys.keysOf(issuer.url, issuer.key.id)).rejects.toThrow(what)
  }

  test('is believed where it does not (control)', async () => {
    lie({})
    expect((await oidcKeys({ now }).keysOf(issuer.url, issuer.key.id)).keys.size).toBe(1)
  })

  test.each<[what: string, issuer: (url: string) => JsonValue]>([
    ['is another', () => 'https://token.actions.githubusercontent.com'],
    ['has a slash more', (url) => `${url}/`],
    ['is a list', (url) => [url]],
    ['is nothing', () => null],
  ])('whose document %s gives no keys', async (_, of) => {
    lie({ issuer: of(issuer.url) })
    await refused(/of another issuer|no discovery document/)
    expect(issuer.asked.get('/keys')).toBeUndefined()
  })

  test.each([
    'https://169.254.169.254/latest/meta-data',
    'http://169.254.169.254/latest/meta-data',
    'https://keys.example/',
    'file:///etc/passwd',
    'ftp://127.0.0.1/keys',
    '/keys',
    'http://user:secret@127.0.0.1/keys',
    '',
  ])('with its keys at %j is not followed', async (address) => {
    lie({ jwks_uri: address })
    await refused(/address that is not asked|no discovery document/)
    expect(issuer.asked.get('/keys')).toBeUndefined()
  })

  test.each([DISCOVERY, '/keys'])('that redirects from %s is not followed (T-89)', async (from) => {
    let reached = 0
    const target: Server = createServer((_, response) => {
      reached++
      send(response, 200, {})
    }).listen(0, '127.0.0.1')
    await once(target, 'listening')
    const location = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`
    issuer.answer = (path, response) =>
      path === from ? response.writeHead(302, { location }).end() : send(response, 200, discoveryOf(issuer.url))
    await refused(/status 302/)
    expect(reached).toBe(0)
    target.close()
  })

  test.each([DISCOVERY, '/keys'])('with an endless answer at %s is not read to its end (T-71)', async (endless) => {
    issuer.answer = (path, response) => {
      if (path !== endless) return send(response, 200, discoveryOf(issuer.url))
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    }
    await refused(/exceeds \d+ bytes/)
  })

  test.each([DISCOVERY, '/keys'])('that never answers at %s is given up', async (silent) => {
    issuer.answer = (path, response) => {
      if (path !== silent) send(response, 200, discoveryOf(issuer.url))
      else response.writeHead(200).write('{')
    }
    await refused(/no answer in time/, 200)
  })

  test.each([
    ['not JSON', 'keys'],
    ['two lists', '{"keys":[],"keys":[]}'],
    ['no list', '{"keys":{}}'],
    ['too many', JSON.stringify({ keys: Array.from({ length: 101 }, () => ({})) })],
  ])('whose key set is %s gives none', async (_, body) => {
    issuer.answer = (path, response) =>
      path === DISCOVERY ? send(response, 200, discoveryOf(issuer.url)) : response.end(body)
    await refused(/cannot be read/)
  })

  test('does not take the place of the keys that are there', async () => {
    const keys = oidcKeys({ now })
    const { id } = issuer.key
    await keys.keysOf(issuer.url, id)
    const foreign = makePair('ES256', id)
    issuer.answer = (path, response) =>
      path === DISCOVERY
        ? send(response, 200, { ...discoveryOf(issuer.url), issuer: 'https://other.example' })
        : send(response, 200, { keys: [foreign.jwk] })
    time += KEYS_TTL_MS
    const found = await keys.keysOf(issuer.url, id)
    expect(found.keys.get(id)?.jwk).toMatchObject({ x: issuer.key.jwk['x'] })
  })
})

test.each([
  'http://keys.example',
  'ftp://127.0.0.1',
  'https://user@host.example',
  'https://host.example/?a',
  'nonsense',
])('nothing is sent to %s', async (address) => {
  const never = () => Promise.reject(new Error('it was asked'))
  await expect(oidcKeys({ now, fetch: never }).keysOf(address, 'a')).rejects.toThrow(/not an https URL/)
})

test('an issuer at large may have its keys at another host by name, and at no address', async () => {
  const home = 'https://issuer.example'
  const at = (address: string) => {
    const asked: string[] = []
    const answer = (url: string | URL | Request): Promise<Response> => {
      asked.push(String(url))
      const document = { issuer: home, jwks_uri: address }
      return Promise.resolve(Response.json(asked.length === 1 ? document : { keys: [issuer.key.jwk] }))
    }
    const keys = oidcKeys({ now, fetch: answer })
    return keys.keysOf(home, issuer.key.id).then(
      () => asked,
      () => null,
    )
  }
  expect(await at('https://www.keys.example/v3/certs')).toEqual([
    `${home}${DISCOVERY}`,
    'https://www.keys.example/v3/certs',
  ])
  for (const address of [
    'https://169.254.169.254/keys',
    'https://[fd00:ec2::254]/keys',
    'https://localhost/keys',
    'https://2130706433/keys',
    'https://metadata.google.internal/keys',
    'http://www.keys.example/keys',
  ]) {
    expect(await at(address), address).toBeNull()
  }
})
