import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CERTIFIED, certifiedStep } from '../../test/identity/asking.ts'
import { file, newChainId, party, received, type Signed, signStep } from '../../test/pipeline.ts'
import { codeOf, openTestServer, type TestServer, token } from '../../test/server.ts'
import type { AffectedPage } from '../verbs/affected.ts'

const { issuer, subject } = CERTIFIED.identity

let server: TestServer
let first: Signed
let next: Signed
let other: Signed

beforeAll(async () => {
  server = await openTestServer({ tenants: ['acme', 'globex'] })
  const key = party('key')
  await server.enrol([key])
  first = await certifiedStep(server)
  const { chain, step } = first.statement.predicate
  next = signStep(key, {
    chain,
    name: 'test',
    minute: 2,
    previous: [{ link: first.link, step: step.name }],
    materials: [received(first.statement.subject[0]!, first.link)],
    subject: [file('report', 'report')],
  })
  other = signStep(key, {
    chain: { id: newChainId(), pipeline: 'other', contract: null },
    name: 'build',
    subject: [file('other', 'other')],
  })
  for (const { bundle } of [next, other]) expect((await server.append(bundle)).status).toBe(201)
})
afterAll(() => server.close())

async function page(query: Record<string, string>, tenant = 'acme'): Promise<AffectedPage> {
  const reply = await server.request('GET', `/v1/affected?${new URLSearchParams(query)}`, { token: token(tenant) })
  expect(reply.status, await reply.clone().text()).toBe(200)
  return (await reply.json()) as AffectedPage
}
const refused = (query: Record<string, string>, tenant = 'acme') =>
  codeOf(server.request('GET', `/v1/affected?${new URLSearchParams(query)}`, { token: token(tenant) }))
const rootId = () => server.deps.verified.vouching.authorities()[0]!.id

describe('GET /v1/affected', () => {
  test.each<[string, () => Record<string, string>]>([
    ['an authority, by its name', () => ({ authority: 'test' })],
    ['an authority, by its root', () => ({ authority: rootId() })],
    ['an issuer', () => ({ issuer })],
    ['a subject', () => ({ issuer, subject: subject.value })],
  ])('tells what %s vouched for, and what goes on from it', async (_, query) => {
    const { since, items, next: more } = await page(query())
    expect([since, more]).toEqual([null, null])
    expect(items.map(({ link, after }) => [link, after])).toEqual([
      [first.link, null],
      [next.link, first.link],
    ])
    expect(items[0]!.artifacts).toMatchObject([{ name: 'certified' }])
    // Page by page the same.
    const one = await page({ ...query(), limit: '1' })
    const rest = await page({ ...query(), limit: '1', cursor: one.next! })
    expect([one.items, rest.items].flat()).toEqual(items)
  })

  test('since a time, it tells of nothing that was accepted before', async () => {
    expect((await page({ issuer, since: '2030-01-01T00:00:00.000Z' })).items).toEqual([])
  })

  test('what nobody ever signed so is said, and whose authority it can be', async () => {
    for (const query of [
      { issuer: `${issuer}/` },
      { issuer, subject: 'somebody' },
      { issuer, repository: '1' },
      { authority: 'Test' },
      { authority: 'f'.repeat(64) },
    ]) {
      expect(await refused(query)).toBe('not-found')
    }
    const reply = await server.request('GET', '/v1/affected?authority=typo')
    expect(((await reply.json()) as { fix: string }).fix).toBe(`It is one of: test (${rootId()}).`)
    // Another tenant signed nothing under it.
    expect(await refused({ authority: 'test' }, 'globex')).toBe('not-found')
  })

  test('one signer is asked about, in one way', async () => {
    for (const query of [
      {},
      { subject: 'x' },
      { repository: '1' },
      { authority: 'test', issuer },
      { authority: 'test', subject: 'x' },
      { issuer, subject: 'x', repository: '1' },
      { issuer: '' },
      { issuer, subject: '' },
      { issuer: 'x'.repeat(4097) },
      { issuer, since: 'yesterday' },
      { issuer, cursor: 'x' },
    ]) {
      expect(await refused(query as Record<string, string>), JSON.stringify(query)).toBe('request-invalid')
    }
  })
})
