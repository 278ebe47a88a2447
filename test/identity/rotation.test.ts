import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { KEYS_GRACE_MS, KEYS_TTL_MS, oidcKeys, RETRY_MS, UNKNOWN_KEY_MS } from '@countersign/adapters/oidc-keys'
import { codeOf } from '../server.ts'
import { send } from './local-issuer.ts'
import { openTrusting, type Trusting } from './tenants.ts'

// An issuer changes its keys, or is down, while the server goes on: by the clock of the keys alone.

let now: number
let world: Trusting
beforeEach(async () => {
  now = 1_000_000_000_000
  world = await openTrusting({ issuerKeys: oidcKeys({ now: () => now }) })
  expect((await world.trust()).status).toBe(201)
})
afterEach(() => world.close())

const outcome = async (token = world.issuer.token('github-actions')) => {
  const reply = await world.show(token)
  return reply.ok ? reply.status : codeOf(reply)
}
const down = () => (world.issuer.answer = (_, response) => send(response, 503, {}))

describe('keys of an issuer', () => {
  test('are asked for once, however many tokens come', async () => {
    await Promise.all(Array.from({ length: 5 }, () => outcome()))
    expect([...world.issuer.asked.values()]).toEqual([1, 1])
  })

  test('that are new are fetched when a token names one, and not more often than that is good for', async () => {
    expect(await outcome()).toBe(201)
    world.issuer.rotate()
    expect(await outcome()).toBe('identity-token-invalid')
    now += UNKNOWN_KEY_MS
    const asked = world.issuer.asked.get('/keys')
    expect(await outcome()).toBe(201)
    expect(world.issuer.asked.get('/keys')).toBe(asked! + 1)
    // Made-up names set off no more.
    for (let i = 0; i < 5; i++) {
      expect(await outcome(world.issuer.sign(world.issuer.claimsOf('github-actions'), { kid: `made-up-${i}` }))).toBe(
        'identity-token-invalid',
      )
    }
    expect(world.issuer.asked.get('/keys')).toBe(asked! + 1)
  })

  test('that were taken back count no more after a while', async () => {
    const old = world.issuer.key
    const token = () => world.issuer.token('github-actions')
    const signed = token()
    expect(await outcome()).toBe(201)
    world.issuer.rotate()
    world.issuer.retire(old.id)
    now += KEYS_TTL_MS
    expect(await outcome(signed)).toBe('identity-token-invalid')
    expect(await outcome()).toBe(201)
  })

  test('are used for a day where the issuer is down, and then nobody is let in', async () => {
    expect(await outcome()).toBe(201)
    down()
    now += KEYS_GRACE_MS - 1
    expect(await outcome()).toBe(201)
    now += 1
    const token = world.issuer.token('github-actions')
    expect(await outcome(token)).toBe('issuer-unreachable')
    // What could not be checked was not used up.
    world.issuer.answer = null
    now += RETRY_MS
    expect(await outcome(token)).toBe(201)
  })

  test('of another issuer are not taken from its discovery document', async () => {
    world.issuer.answer = (_, response) =>
      send(response, 200, {
        issuer: 'https://token.actions.githubusercontent.com',
        jwks_uri: `${world.issuer.url}/keys`,
      })
    expect(await outcome()).toBe('issuer-unreachable')
  })
})
