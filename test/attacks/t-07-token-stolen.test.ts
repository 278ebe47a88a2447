import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CodedError } from '@countersign/core'
import type { Store } from '../../server/store.ts'
import { openTrusting, type Trusting } from '../identity/tenants.ts'
import { at, file, newChainId, party, signStep } from '../pipeline.ts'
import { codeOf, openTestServer } from '../server.ts'

// T-07: an identity token that somebody read in the memory of a runner, in a log or on the wire. It counts once, lives
// for minutes, is for this server alone, and what was granted for it is no more than its own identity may.

let root: string
let minute: number
let world: Trusting
/** What the store does with a token that is used up. */
let fault: 'lost' | 'persisted' | null

const wrap = (store: Store): Store => {
  const use: Store['issuers']['use'] = async (...given) => {
    if (fault === 'lost') throw new CodedError('store-failed', 'injected')
    const first = await store.issuers.use(...given)
    if (fault === 'persisted') throw new CodedError('store-failed', 'injected')
    return first
  }
  return new Proxy(store, {
    get(target, name: keyof Store) {
      if (name === 'issuers') return { ...store.issuers, use }
      const member: unknown = target[name]
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'countersign-t07-'))
  minute = 60
  fault = null
  world = await openTrusting({ directory: root, now: () => at(minute), tenants: ['acme', 'other'] })
  expect((await world.trust()).status).toBe(201)
})
afterEach(async () => {
  await world.close()
  rmSync(root, { recursive: true, force: true })
})

const stolen = () => world.issuer.token('github-actions')
const statusAndCode = async (reply: Response) => [reply.status, reply.ok ? null : await codeOf(reply)]
const USED = [401, 'identity-token-used']

describe('T-07: a token that is shown a second time', () => {
  test('is refused, and its owner is told in the inbox, without the token', async () => {
    const token = stolen()
    expect((await world.show(token)).status).toBe(201)
    for (let i = 0; i < 2; i++) expect(await statusAndCode(await world.show(token))).toEqual(USED)
    const inbox = await (await world.server.request('GET', '/v1/inbox')).text()
    expect(JSON.parse(inbox)).toMatchObject({ items: [{ code: 'identity-token-used', count: 2, kept: false }] })
    for (const part of token.split('.')) expect(inbox).not.toContain(part)
    // Red control: another token of the same run is taken.
    expect((await world.show(stolen())).status).toBe(201)
  })

  test('of any number at once one wins', async () => {
    const token = stolen()
    const replies = await Promise.all(Array.from({ length: 12 }, () => world.show(token)))
    const outcomes = await Promise.all(replies.map(statusAndCode))
    expect(outcomes.filter(([status]) => status === 201)).toHaveLength(1)
    expect(outcomes.filter(([, code]) => code === 'identity-token-used')).toHaveLength(11)
  })

  test('is refused by the server after a restart too', async () => {
    const token = stolen()
    expect((await world.show(token)).status).toBe(201)
    await world.server.close()
    const again = await openTestServer({ directory: root, now: () => at(minute) })
    const show = (shown: string) =>
      again.request('POST', '/v1/sessions', { token: null, body: JSON.stringify({ token: shown }) })
    expect(await statusAndCode(await show(token))).toEqual(USED)
    expect((await show(stolen())).status).toBe(201)
    await again.close()
    world = await openTrusting({ directory: root, now: () => at(minute) })
  })

  test('is the same token by its id, whatever else its issuer writes, and with another signature over it', async () => {
    const claims = world.issuer.claimsOf('github-actions')
    expect((await world.show(world.issuer.sign(claims))).status).toBe(201)
    // A later expiry, another order of the claims, a header of another spelling.
    const { jti, ...rest } = claims
    for (const again of [
      world.issuer.sign({ ...claims, exp: (claims['exp'] as number) + 60 }),
      world.issuer.sign({ jti: jti!, ...rest }),
      world.issuer.sign(claims, { typ: undefined }),
    ]) {
      expect(await statusAndCode(await world.show(again))).toEqual(USED)
    }
  })

  test('that has no id is known by what is signed, and never by its signature, which has a twin', async () => {
    const own = await openTrusting({ issuer: { algorithm: 'ES384' } })
    await own.trust('aws-codebuild')
    const token = own.issuer.token('aws-codebuild', { jti: undefined })
    const twin = twinOf(token)
    expect(twin).not.toBe(token)
    expect((await own.show(twin)).status).toBe(201)
    expect(await statusAndCode(await own.show(token))).toEqual(USED)
    expect(await statusAndCode(await own.show(twin))).toEqual(USED)
    await own.close()
  })

  test('after its end is refused for its age, and stays used where a clock goes back', async () => {
    const token = stolen()
    expect((await world.show(token)).status).toBe(201)
    minute += 30
    expect(await statusAndCode(await world.show(token))).toEqual([401, 'identity-token-expired'])
    minute += 20 * 60
    expect((await world.show(world.issuer.token('github-actions'))).status).toBe(201)
    minute = 60
    expect(await statusAndCode(await world.show(token))).toEqual(USED)
  })
})

const ORDER = BigInt(
  '0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
)

/** The same token under the other signature that ECDSA has for it. */
function twinOf(token: string): string {
  const [head, body, mark] = token.split('.') as [string, string, string]
  const signature = Buffer.from(mark, 'base64url')
  const s = BigInt(`0x${signature.subarray(48).toString('hex')}`)
  const twin = Buffer.from((ORDER - s).toString(16).padStart(96, '0'), 'hex')
  return `${head}.${body}.${Buffer.concat([signature.subarray(0, 48), twin]).toString('base64url')}`
}

describe('T-07: a disk that fails between the token and what is granted for it', () => {
  const faulty = async () => {
    await world.server.close()
    await world.issuer.close()
    world = await openTrusting({ directory: root, now: () => at(minute), wrap })
    expect((await world.trust('github-actions', { id: 'again' })).status).toBe(201)
  }

  test.each(['lost', 'persisted'] as const)(
    '%s: nothing is granted, and one that was written is used up',
    async (kind) => {
      await faulty()
      const token = stolen()
      fault = kind
      expect(await statusAndCode(await world.show(token))).toEqual([503, 'store-failed'])
      fault = null
      const again = await statusAndCode(await world.show(token))
      expect(again).toEqual(kind === 'lost' ? [201, null] : USED)
      expect((await world.show(stolen())).status).toBe(201)
    },
  )
})

describe('T-07: what was granted, stolen in its place', () => {
  const step = (by = party('build')) =>
    signStep(by, {
      chain: { id: newChainId(), pipeline: 'p', contract: null },
      name: 'build',
      subject: [file('a', 'a')],
    })
  const ask = (path: string, token: string) => world.server.request('GET', path, { token })

  test('reads, and appends no step that another than its own identity signed', async () => {
    const by = party('build')
    await world.server.enrol([by])
    const { accessToken } = await world.session()
    expect((await ask('/v1/keys', accessToken)).status).toBe(200)
    const headers = { authorization: `Bearer ${accessToken}` }
    const signed = step(by)
    const reply = await world.server.append(signed.bundle, { headers })
    expect(await statusAndCode(reply)).toEqual([403, 'token-scope'])
    const inbox = (await (await world.server.request('GET', '/v1/inbox')).json()) as { items: object[] }
    expect(inbox.items).toMatchObject([{ code: 'token-scope', link: signed.link }])
    // Red control: with an API token the very same step is taken.
    expect((await world.server.append(signed.bundle)).status).toBe(201)
  })

  test('administers nothing', async () => {
    const { accessToken: token } = await world.session()
    for (const [method, path] of [
      ['GET', '/v1/issuers'],
      ['POST', '/v1/issuers'],
      ['POST', '/v1/keys'],
      ['DELETE', '/v1/issuers/github-actions-rule'],
    ] as const) {
      const reply = await world.server.request(method, path, { token, ...(method === 'POST' ? { body: '{}' } : {}) })
      expect([method, path, ...(await statusAndCode(reply))]).toEqual([method, path, 403, 'token-scope'])
    }
    expect((await ask('/v1/issuers', `cst_acmeall_${'s'.repeat(32)}`)).status).toBe(200)
  })

  test('ends by itself: an hour, or what the rule says', async () => {
    const { accessToken, expiresAt } = await world.session()
    expect(expiresAt).toBe(at(120))
    minute = 119
    expect((await ask('/v1/keys', accessToken)).status).toBe(200)
    minute = 120
    expect(await statusAndCode(await ask('/v1/keys', accessToken))).toEqual([401, 'token-missing'])
    // Whoever does not know the secret is not told that there ever was such a session.
    const wrong = `${accessToken.slice(0, -1)}${accessToken.endsWith('0') ? '1' : '0'}`
    const told = async (given: string) => ((await (await ask('/v1/keys', given)).json()) as { detail: string }).detail
    expect(await told(wrong)).toBe(await told('x'))
    expect(await told(accessToken)).not.toBe(await told('x'))
    await world.trust('github-actions', { id: 'short', session: 60, claims: [{ name: 'repository_id', value: '5' }] })
    const short = await world.session(world.issuer.token('github-actions', { repository_id: '5' }))
    expect(short.expiresAt).toBe(at(121))
  })

  test('ends with its rule, at once, and does not come back with it', async () => {
    const { accessToken } = await world.session()
    expect((await ask('/v1/keys', accessToken)).status).toBe(200)
    expect((await world.server.request('DELETE', '/v1/issuers/github-actions-rule')).status).toBe(204)
    expect((await ask('/v1/keys', accessToken)).status).toBe(401)
    expect(await statusAndCode(await world.show(stolen()))).toEqual([403, 'issuer-unknown'])
    expect((await world.trust()).status).toBe(201)
    expect((await ask('/v1/keys', accessToken)).status).toBe(401)
    expect((await ask('/v1/keys', (await world.session()).accessToken)).status).toBe(200)
  })

  test('is kept as a hash only, and of whom it was granted to a digest', async () => {
    const { accessToken } = await world.session()
    const [, , secret] = accessToken.split('_')
    const held = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name)))
    expect(held.length).toBeGreaterThan(2)
    for (const bytes of held) {
      expect(bytes.includes(secret!)).toBe(false)
      expect(bytes.includes('acme/widget')).toBe(false)
    }
  })
})

describe('T-07: a token that is for another service', () => {
  test('is refused, and not used up', async () => {
    for (const aud of [
      'sigstore',
      'sts.amazonaws.com',
      'test',
      'countersign:',
      'countersign:tes',
      'countersign:test/',
    ]) {
      const claims = world.issuer.claimsOf('github-actions', { aud })
      const reply = await world.show(world.issuer.sign(claims))
      expect([aud, ...(await statusAndCode(reply))]).toEqual([aud, 401, 'identity-token-invalid'])
      expect((await world.show(world.issuer.sign({ ...claims, aud: 'countersign:test' }))).status).toBe(201)
    }
    for (const aud of ['countersign:test/other', 'Countersign:test', 'countersign:test#', 'https://test']) {
      const reply = await world.show(world.issuer.token('github-actions', { aud }))
      expect([aud, await codeOf(reply)]).toEqual([aud, 'identity-token-invalid'])
    }
  })

  test('and so is one that is for us among others; the server and the tenant in its name are taken', async () => {
    for (const aud of [['countersign:test', 'sigstore'], [], 7, null]) {
      const reply = await world.show(world.issuer.token('github-actions', { aud }))
      expect(await codeOf(reply)).toBe('identity-token-invalid')
    }
    for (const aud of ['countersign:test', 'countersign:test/acme', ['countersign:test']]) {
      expect((await world.show(world.issuer.token('github-actions', { aud }))).status).toBe(201)
    }
  })
})
