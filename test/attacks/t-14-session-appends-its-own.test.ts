import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StepPredicate } from '@countersign/formats'
import type { Identity } from '@countersign/formats/identity'
import { vouchingOf } from '../../server/verbs/vouching.ts'
import { type Opened, openTrusting, type Trusting } from '../identity/tenants.ts'
import { CA, claiming, claimsOf, issued, signUnder, workflow } from '../keyless.ts'
import { at, file, newChainId } from '../pipeline.ts'
import { codeOf, token } from '../server.ts'

// T-07, T-14 over HTTP: a step that is sent with a session is one that the session's own run signed, and says of itself
// what its certificate says.

let world: Trusting
let session: Opened
beforeAll(async () => {
  const own = { authorities: () => [CA.trusted], hasIssued: async (tenant: string) => tenant === 'acme' }
  world = await openTrusting({
    now: () => at(5),
    tenants: ['acme', 'other'],
    vouching: () => vouchingOf(own, [], () => []),
  })
  await world.trust()
  session = await world.session()
})
afterAll(() => world.close())

type RunnerOf = (identity: Identity) => Partial<StepPredicate['runner']>
const honest: RunnerOf = (identity) => ({ system: 'github-actions', identity: claimsOf(identity) })

/** Signs a step under a certificate for the identity, and sends it. */
async function send(facts: Partial<Identity> = {}, runner = honest, accessToken = session.accessToken) {
  const identity = workflow('build', { issuer: world.issuer.url, sourceRepositoryIdentifier: '74123456', ...facts })
  const chain = { id: newChainId(), pipeline: 'p', contract: null }
  const made = claiming({ chain, name: 'build', minute: 2, subject: [file('a', 'a')] }, runner(identity))
  const { bundle } = signUnder(issued({ identity, minute: 1 }), made)
  const reply = await world.server.append(bundle, { headers: { authorization: `Bearer ${accessToken}` } })
  return reply.ok ? reply.status : [reply.status, await codeOf(reply)]
}

describe('T-07: a session', () => {
  test('appends the steps of its own repository, whatever ran there and whatever it is called', async () => {
    expect(await send()).toBe(201)
    const uri = 'https://github.com/acme/renamed/.github/workflows/test.yml@refs/heads/x'
    expect(await send({ subject: { kind: 'uri', value: uri }, buildConfigURI: uri })).toBe(201)
  })

  test('and those of no other', async () => {
    const refused = [403, 'token-scope']
    expect(await send({ sourceRepositoryIdentifier: '74123457' })).toEqual(refused)
    expect(await send({ issuer: 'https://gitlab.com' })).toEqual(refused)
    expect(await send({ sourceRepositoryIdentifier: null })).toEqual(refused)
    // Red control: an API token of the tenant may.
    expect(await send({ sourceRepositoryIdentifier: '74123457' }, honest, token('acme'))).toBe(201)
  })
})

describe('T-14: a step that says it ran elsewhere', () => {
  test.each([
    ['on another CI system', (identity) => ({ ...honest(identity), system: 'gitlab-ci' })],
    ['on no CI system', (identity) => ({ ...honest(identity), system: 'local' })],
    [
      'of another repository',
      (identity) => ({ ...honest(identity), identity: { ...claimsOf(identity), sourceRepositoryIdentifier: '1' } }),
    ],
    [
      'at another ref',
      (identity) => ({ ...honest(identity), identity: { ...claimsOf(identity), sourceRepositoryRef: 'refs/heads/x' } }),
    ],
    [
      'in another run',
      (identity) => ({ ...honest(identity), identity: { ...claimsOf(identity), runInvocationURI: 'https://ci/1' } }),
    ],
  ] as [string, RunnerOf][])('%s is refused', async (_, runner) => {
    expect(await send({}, runner)).toEqual([422, 'identity-mismatch'])
  })

  test('red control: with what its certificate says, or with nothing, it is taken', async () => {
    expect(await send({}, honest)).toBe(201)
    expect(await send({}, () => ({ system: 'github-actions', identity: null }))).toBe(201)
  })
})
