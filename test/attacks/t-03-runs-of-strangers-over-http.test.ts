import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '@countersign/core'
import { openTrusting, type Trusting } from '../identity/tenants.ts'

// T-03, T-15, T-16: a run that strangers set off, a machine that is not the CI system's, and a repository that has the
// name of one that is gone. The tokens are all good: what is in them decides, and never the environment.

let world: Trusting
beforeAll(async () => {
  world = await openTrusting()
  expect((await world.trust()).status).toBe(201)
})
afterAll(() => world.close())

const outcome = async (claims: JsonObject) => {
  const reply = await world.show(world.issuer.token('github-actions', claims))
  return [reply.status, reply.ok ? null : ((await reply.json()) as { code: string }).code]
}
const GRANTED = [201, null]
const REFUSED = [403, 'identity-refused']
const UNKNOWN = [403, 'issuer-unknown']

describe('T-03: the event of the token', () => {
  test.each([
    ['push', GRANTED],
    ['workflow_dispatch', GRANTED],
    ['schedule', GRANTED],
    ['pull_request', REFUSED],
    ['pull_request_target', REFUSED],
    ['workflow_run', REFUSED],
    ['issue_comment', REFUSED],
    ['an_event_of_next_year', REFUSED],
  ])('%s', async (event, expected) => {
    expect(await outcome({ event_name: event })).toEqual(expected)
  })

  test('a push to the ref of a pull request, and what has the head of one', async () => {
    expect(await outcome({ ref: 'refs/pull/7/merge' })).toEqual(REFUSED)
    expect(await outcome({ head_ref: 'evil' })).toEqual(REFUSED)
  })

  test('a refused run is told in the inbox, counted, and uses no token up', async () => {
    const token = world.issuer.token('github-actions', { event_name: 'pull_request_target' })
    for (let i = 0; i < 2; i++)
      expect(await (await world.show(token)).json()).toMatchObject({ code: 'identity-refused' })
    const { items } = (await (await world.server.request('GET', '/v1/inbox')).json()) as {
      items: { code: string; what: string; count: number }[]
    }
    const entry = items.find(({ what }) => what.includes('pull_request_target'))
    expect(entry).toMatchObject({ code: 'identity-refused', count: 3 })
    // Let in by another rule of the tenant that allows it: the token was not used up.
    await world.trust('github-actions', { id: 'forks-too', forks: 'allow', pullRequests: 'allow' })
    expect((await world.show(token)).status).toBe(201)
    expect((await world.server.request('DELETE', '/v1/issuers/forks-too')).status).toBe(204)
    expect(await outcome({ event_name: 'pull_request_target' })).toEqual(REFUSED)
  })

  test('what the caller says of his environment changes nothing', async () => {
    const token = world.issuer.token('github-actions', { event_name: 'pull_request_target' })
    const body = JSON.stringify({ token, event_name: 'push' })
    expect((await world.server.request('POST', '/v1/sessions', { token: null, body })).status).toBe(400)
    const headers = { 'x-github-event': 'push', 'github-event-name': 'push' }
    const reply = await world.server.request('POST', '/v1/sessions', {
      token: null,
      headers,
      body: JSON.stringify({ token }),
    })
    expect(await reply.json()).toMatchObject({ code: 'identity-refused' })
  })
})

describe('T-15: a machine that is not the CI system’s', () => {
  test('is taken, and refused where the rule says so', async () => {
    expect(await outcome({ runner_environment: 'self-hosted' })).toEqual(GRANTED)
    await world.trust('github-actions', {
      id: 'hosted-only',
      selfHosted: 'refuse',
      claims: [{ name: 'repository_id', value: '9' }],
    })
    expect(await outcome({ repository_id: '9', runner_environment: 'self-hosted' })).toEqual(REFUSED)
    expect(await outcome({ repository_id: '9', runner_environment: 'something-new' })).toEqual(REFUSED)
    expect(await outcome({ repository_id: '9' })).toEqual(GRANTED)
  })
})

describe('T-16: a repository with the name of another', () => {
  test('is a stranger: its number is another', async () => {
    expect(await outcome({ repository_id: '74123457' })).toEqual(UNKNOWN)
    expect(await outcome({ repository_id: '0074123456' })).toEqual(UNKNOWN)
    expect(await outcome({ repository_id: undefined as never })).toEqual(UNKNOWN)
  })

  test('keeps its rights under a new name, and under both forms of the subject', async () => {
    for (const sub of [
      'repo:acme/widget:ref:refs/heads/main',
      'repo:acme@1234567/widget@74123456:ref:refs/heads/main',
    ]) {
      expect([sub, ...(await outcome({ sub }))]).toEqual([sub, ...GRANTED])
    }
    const renamed = { repository: 'acme/gadget', sub: 'repo:acme/gadget:ref:refs/heads/main' }
    expect(await outcome(renamed)).toEqual(GRANTED)
  })

  test('no rule can be made of names alone', async () => {
    for (const claims of [
      [],
      [{ name: 'repository', value: 'acme/widget' }],
      [{ name: 'sub', value: 'repo:acme/widget:ref:refs/heads/main' }],
      [{ name: 'repository_owner', value: 'acme' }],
    ]) {
      const reply = await world.trust('github-actions', { id: 'by-name', claims })
      expect([claims, reply.status, await reply.json()]).toMatchObject([claims, 422, { code: 'issuer-invalid' }])
    }
    const more = [
      { name: 'repository_id', value: '5' },
      { name: 'repository', value: 'acme/five' },
    ]
    expect((await world.trust('github-actions', { id: 'by-both', claims: more })).status).toBe(201)
  })
})
