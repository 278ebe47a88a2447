import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { JsonObject } from '@countersign/core'
import { CONFIRMED_SYSTEMS, type ConfirmedSystem } from '@countersign/identity'
import { openProviders } from '../../server/provider-kinds.ts'
import { readProviderSettings } from '../../server/provider-settings.ts'
import { RECORDED_COMMIT } from '../identity/claims.ts'
import { type LocalIssuer, startIssuer } from '../identity/local-issuer.ts'
import { BUILD_ARN, BUILD_NAME, LocalProviders } from '../identity/local-providers.ts'
import { openTestServer, type TestServer, token as apiToken } from '../server.ts'
import { ruleOf } from '../identity/tenants.ts'

// T-14: a job of a workload identity says which run it is of, and its provider is asked. Whoever names somebody else's
// run, or one that is over, gets nothing; whoever makes the provider silent gets no more than his token says.

let root: string
let issuer: LocalIssuer
let providers: LocalProviders
let server: TestServer

beforeAll(async () => {
  issuer = await startIssuer({ audience: 'countersign:test' })
  providers = await LocalProviders.start()
})
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-t14-'))
})
afterEach(async () => {
  providers.reset()
  await server.close()
  rmSync(root, { recursive: true, force: true })
})
afterAll(async () => {
  await issuer.close()
  providers.stop()
})

const now = () => new Date().toISOString()
async function open(more: object = {}): Promise<void> {
  const file = providers.write(root, () => issuer.url, more)
  const asked = await openProviders(readProviderSettings({ file, env: {} }), Date.now)
  server = await openTestServer({ providers: asked, now, tenants: ['acme', 'other'] })
}
async function trust(system: ConfirmedSystem, more: JsonObject = {}, tenant = 'acme'): Promise<void> {
  // What an issuer on this machine does not imply.
  const pages = system === 'gitlab-ci' ? { url: 'https://gitlab.com' } : {}
  const body = JSON.stringify({ ...ruleOf(system, issuer), ...pages, ...more })
  const { status } = await server.request('POST', '/v1/issuers', { token: apiToken(tenant), body })
  expect(status).toBe(201)
}

const AWS = 'https://sts.amazonaws.com/'
/** CodeBuild of a role that may not say which build it is. */
const untagged = () => ({ [AWS]: { aws_account: '123456789012', source_region: 'eu-central-1' } })
let made = 0
const mint = (system: ConfirmedSystem, claims = {}) => issuer.token(system, { jti: `t-${++made}`, ...claims })
const RUN: Readonly<Partial<Record<ConfirmedSystem, string>>> = { 'google-cloud-build': BUILD_NAME }

interface Answer {
  readonly status: number
  readonly code: string | null
  readonly grade: string | null
  readonly identity: JsonObject | null
  readonly reason: string | null
  readonly session: string | null
}

async function show(
  system: ConfirmedSystem,
  {
    token = mint(system),
    run = RUN[system] ?? null,
    session,
  }: { token?: string; run?: string | null; session?: string | null } = {},
): Promise<Answer> {
  const body = JSON.stringify({ token, ...(run === null ? {} : { run }) })
  const headers: Record<string, string> = typeof session === 'string' ? { authorization: `Bearer ${session}` } : {}
  const reply = await server.request('POST', '/v1/sessions', { token: null, headers, body })
  const said = (await reply.json()) as {
    accessToken?: string
    code?: string
    grade?: string
    identity?: JsonObject
    confirmation?: { reason: { code: string } | null } | null
  }
  return {
    status: reply.status,
    code: said.code ?? null,
    grade: said.grade ?? null,
    identity: said.identity ?? null,
    reason: said.confirmation?.reason?.code ?? null,
    session: said.accessToken ?? null,
  }
}

const MISMATCH = { status: 422, code: 'identity-mismatch' }

describe('T-14: a run is confirmed', () => {
  test.each([
    ['github-actions', 'A'],
    ['gitlab-ci', 'A'],
    ['aws-codebuild', 'B'],
    ['google-cloud-build', 'B'],
  ] as const)('of %s, by one request, for grade %s', async (system, grade) => {
    await open()
    await trust(system, { confirm: 'demand' })
    expect(await show(system)).toMatchObject({
      status: 201,
      grade,
      reason: null,
      identity: {
        sourceRepositoryURI: 'https://github.com/acme/widget'.replace('hub', system === 'gitlab-ci' ? 'lab' : 'hub'),
        sourceRepositoryDigest: RECORDED_COMMIT,
        runInvocationURI: expect.stringMatching(/./) as string,
      },
    })
    expect(providers.asked).toHaveLength(1)
  })

  test('for each token once, however often it is shown, and for none that does not verify', async () => {
    await open()
    await trust('aws-codebuild')
    const token = mint('aws-codebuild')
    const all = await Promise.all(Array.from({ length: 12 }, () => show('aws-codebuild', { token })))
    expect(all.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(all.filter(({ code }) => code === 'identity-token-used')).toHaveLength(11)
    expect(await show('aws-codebuild', { token: `${token.slice(0, -4)}AAAA` })).toMatchObject({ status: 401 })
    expect(await show('aws-codebuild', { token: mint('aws-codebuild', { sub: `${ROLE}-other` }) })).toMatchObject({
      code: 'issuer-unknown',
    })
    expect(providers.asked).toEqual([BUILD_ARN])
  })

  test('not where the rule has it off, nor for tokens of an issuer that the settings do not name', async () => {
    await open()
    await trust('aws-codebuild', { confirm: 'off' })
    expect(await show('aws-codebuild')).toMatchObject({ status: 201, grade: 'C', reason: null })
    // Whoever vouches for himself must not have us ask a provider about others, with our credentials.
    const own = await startIssuer({ audience: 'countersign:test' })
    const body = JSON.stringify({ ...ruleOf('gitlab-ci', own), url: 'https://gitlab.com' })
    await server.request('POST', '/v1/issuers', { token: apiToken('other'), body })
    expect(await show('gitlab-ci', { token: own.token('gitlab-ci') })).toMatchObject({ status: 201, reason: null })
    await own.close()
    expect(providers.asked).toEqual([])
  })

  test('with the credentials of one tenant, or of one of its rules, for that one only', async () => {
    await open({ tenant: 'acme', rule: 'mine' })
    await trust('aws-codebuild', { id: 'mine' })
    await trust('google-cloud-build', { id: 'another' })
    expect(await show('aws-codebuild')).toMatchObject({ grade: 'B' })
    expect(await show('google-cloud-build')).toMatchObject({ grade: 'C', reason: null })
    await server.request('DELETE', '/v1/issuers/mine', { token: apiToken('acme') })
    await trust('aws-codebuild', { id: 'mine' }, 'other')
    expect(await show('aws-codebuild')).toMatchObject({ grade: 'C', reason: null })
    expect(providers.asked).toHaveLength(1)
  })
})

const ROLE = 'arn:aws:iam::123456789012:role/codebuild-widget'

describe('T-14: a run of somebody else', () => {
  const OTHER = BUILD_ARN.replace('widget', 'other')
  const other = (changes: object) => {
    providers.runs['aws-codebuild'][OTHER] = { ...providers.run('aws-codebuild'), arn: OTHER, ...changes }
  }
  const claiming = (run: string) => show('aws-codebuild', { token: mint('aws-codebuild', untagged()), run })

  test.each(['try', 'demand'])('is refused where it runs as another role, with %s', async (confirm) => {
    await open()
    await trust('aws-codebuild', { confirm })
    other({ serviceRole: 'arn:aws:iam::123456789012:role/codebuild-other' })
    expect(await claiming(OTHER)).toMatchObject(MISMATCH)
    // Red control: its own.
    expect(await claiming(BUILD_ARN)).toMatchObject({ status: 201, grade: 'B' })
    const inbox = await (await server.request('GET', '/v1/inbox')).text()
    expect(JSON.parse(inbox)).toMatchObject({ items: [{ code: 'identity-mismatch', count: 1 }] })
  })

  test('is not even asked for where the token says which build it is', async () => {
    await open()
    await trust('aws-codebuild')
    other({ source: { type: 'GITHUB', location: 'https://github.com/acme/other' } })
    const answer = await show('aws-codebuild', { run: OTHER })
    expect(answer.identity).toMatchObject({ sourceRepositoryURI: 'https://github.com/acme/widget' })
    expect(providers.asked).toEqual([BUILD_ARN])
  })

  test('is taken where both share a role, and no token says which it is: the limit that SPEC names', async () => {
    await open()
    await trust('aws-codebuild')
    other({ source: { type: 'GITHUB', location: 'https://github.com/acme/other' } })
    expect((await claiming(OTHER)).identity).toMatchObject({ sourceRepositoryURI: 'https://github.com/acme/other' })
  })

  test.each<[ConfirmedSystem, object]>([
    ['google-cloud-build', { serviceAccount: 'projects/p/serviceAccounts/other@acme-build.iam.gserviceaccount.com' }],
    ['google-cloud-build', { status: 'SUCCESS' }],
    ['google-cloud-build', { status: 'QUEUED' }],
    ['aws-codebuild', { buildStatus: 'SUCCEEDED' }],
    ['github-actions', { status: 'completed' }],
    ['github-actions', { head_sha: 'f'.repeat(40) }],
    ['github-actions', { repository: { id: 1, html_url: 'https://github.com/mallory/widget' } }],
    ['gitlab-ci', { status: 'success' }],
    ['gitlab-ci', { commit: { id: 'f'.repeat(40) } }],
    ['gitlab-ci', { pipeline: { id: 574, project_id: 21 } }],
  ])('is refused where %s says %j, also where a word is only tried for', async (system, changes) => {
    await open()
    await trust(system)
    Object.assign(providers.run(system), changes)
    expect(await show(system)).toMatchObject(MISMATCH)
    providers.reset()
    expect(await show(system)).toMatchObject({ status: 201 })
  })

  test('that no provider knows, or that is no name of one, is refused', async () => {
    await open()
    await trust('google-cloud-build')
    for (const run of [BUILD_NAME.replace('0a1b', 'ffff'), 'projects/../../x', `${BUILD_NAME}?alt=media`, 'latest']) {
      expect(await show('google-cloud-build', { run })).toMatchObject(MISMATCH)
    }
    expect(providers.asked).toHaveLength(1)
    expect(await show('google-cloud-build')).toMatchObject({ grade: 'B' })
  })
})

describe('T-14: a token that is shown again, with the session that it opened', () => {
  const AGAIN = BUILD_ARN.replace('99999999-9999', '11111111-1111')

  test('is for the run that it was for: another build of the same role is refused', async () => {
    await open()
    await trust('aws-codebuild')
    const other = { arn: AGAIN, sourceVersion: 'main', resolvedSourceVersion: 'e'.repeat(40) }
    providers.runs['aws-codebuild'][AGAIN] = { ...providers.run('aws-codebuild'), ...other }
    const token = mint('aws-codebuild', untagged())
    const first = await show('aws-codebuild', { token, run: BUILD_ARN })
    expect(first).toMatchObject({ status: 201, grade: 'B' })
    const { session } = first
    expect(await show('aws-codebuild', { token, run: AGAIN, session })).toMatchObject(MISMATCH)
    expect(await show('aws-codebuild', { token, run: null, session })).toMatchObject({ code: 'identity-refused' })
    // Red control: the other run is one that a token of its own is taken for.
    const own = mint('aws-codebuild', untagged())
    expect(await show('aws-codebuild', { token: own, run: AGAIN })).toMatchObject({ status: 201, grade: 'B' })
    const again = await show('aws-codebuild', { token, run: BUILD_ARN, session })
    expect(again).toEqual({ ...first, status: 200 })
  })

  test('is neither worth less where its provider is silent now, nor more where it was silent then', async () => {
    await open({ timeout: 1 })
    await trust('aws-codebuild')
    const silent = (response: ServerResponse) => response.writeHead(500).end()
    const [strong, weak] = [untagged(), untagged()].map((claims) => mint('aws-codebuild', claims)) as [string, string]
    const first = await show('aws-codebuild', { token: strong, run: BUILD_ARN })
    providers.answer = silent
    const then = await show('aws-codebuild', { token: weak, run: BUILD_ARN })
    expect([first.grade, then.grade]).toEqual(['B', 'C'])
    const { session } = first
    expect(await show('aws-codebuild', { token: strong, run: BUILD_ARN, session })).toMatchObject({
      status: 503,
      code: 'provider-unreachable',
    })
    providers.answer = null
    const again = await show('aws-codebuild', { token: weak, run: BUILD_ARN, session: then.session })
    expect(again).toEqual({ ...then, status: 200 })
    expect(again.reason).toBe('provider-unreachable')
    expect(await show('aws-codebuild', { token: strong, run: BUILD_ARN, session })).toEqual({ ...first, status: 200 })
  })

  test('asks its provider only for who has both', async () => {
    await open()
    await trust('aws-codebuild')
    const token = mint('aws-codebuild')
    const { session } = await show('aws-codebuild', { token })
    const other = await show('aws-codebuild')
    expect(providers.asked).toHaveLength(2)
    for (const wrong of [null, other.session, session!.replace(/.$/, 'x')]) {
      expect(await show('aws-codebuild', { token, session: wrong })).toMatchObject({ code: 'identity-token-used' })
    }
    expect(providers.asked).toHaveLength(2)
    expect(await show('aws-codebuild', { token, session })).toMatchObject({ status: 200 })
    expect(providers.asked).toHaveLength(3)
  })
})

describe('T-14: where no word can be had', () => {
  const bomb = gzipSync(Buffer.alloc(4_000_000, ' '))
  const failures: readonly (readonly [what: string, answer: (response: ServerResponse) => unknown])[] = [
    ['is broken', (response) => response.writeHead(500).end('{}')],
    ['refuses', (response) => response.writeHead(403).end('{}')],
    ['redirects', (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()],
    ['answers with something else', (response) => response.end('<html>')],
    ['answers with nothing in it', (response) => response.end('{}')],
    ['answers without an end', (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)],
    ['breaks off', (response) => response.destroy()],
    ['does not answer', () => undefined],
  ]

  test.each(failures)('since the provider %s, the grade stays, and what is demanded is refused', async (_, answer) => {
    await open({ timeout: 1 })
    for (const system of CONFIRMED_SYSTEMS) await trust(system)
    providers.answer = answer
    for (const system of CONFIRMED_SYSTEMS) {
      const said = await show(system)
      expect(said, system).toMatchObject({ status: 201, reason: 'provider-unreachable' })
      expect(said.grade).toBe(['aws-codebuild', 'google-cloud-build'].includes(system) ? 'C' : 'A')
    }
    for (const { id } of CONFIRMED_SYSTEMS.map((system) => ruleOf(system, issuer))) {
      await server.request('DELETE', `/v1/issuers/${id}`, { token: apiToken('acme') })
    }
    for (const system of CONFIRMED_SYSTEMS) await trust(system, { confirm: 'demand' })
    for (const system of CONFIRMED_SYSTEMS) {
      const token = mint(system)
      expect(await show(system, { token })).toMatchObject({ status: 503, code: 'provider-unreachable' })
      // It is used up all the same: each token is worth one request.
      expect(await show(system, { token })).toMatchObject({ status: 401, code: 'identity-token-used' })
    }
    providers.answer = null
    for (const system of CONFIRMED_SYSTEMS) expect(await show(system), system).toMatchObject({ status: 201 })
  })

  test('since the job names no run, what is demanded is refused, and its token is not used up', async () => {
    await open()
    await trust('google-cloud-build', { confirm: 'demand' })
    const token = mint('google-cloud-build')
    expect(await show('google-cloud-build', { token, run: null })).toMatchObject({
      status: 403,
      code: 'identity-refused',
    })
    expect(await show('google-cloud-build', { token })).toMatchObject({ status: 201, grade: 'B' })
  })

  test('since the provider knows too little of it, the grade stays', async () => {
    await open()
    await trust('aws-codebuild')
    Object.assign(providers.run('aws-codebuild'), { source: { type: 'S3', location: 'bucket/widget.zip' } })
    expect(await show('aws-codebuild')).toMatchObject({ grade: 'C', reason: 'provider-unreachable' })
  })

  test('since none is set up, a rule that demands it refuses, and others do not ask', async () => {
    server = await openTestServer({ now })
    await trust('aws-codebuild', { confirm: 'demand' })
    const token = mint('aws-codebuild')
    expect(await show('aws-codebuild', { token })).toMatchObject({ status: 403, code: 'identity-refused' })
    await server.request('DELETE', '/v1/issuers/aws-codebuild-rule', { token: apiToken('acme') })
    await trust('aws-codebuild')
    expect(await show('aws-codebuild', { token })).toMatchObject({ status: 201, grade: 'C', reason: null })
  })

  test('many at once wait for their turn, and no tenant takes the turns of another', async () => {
    await open({ timeout: 2 })
    await trust('aws-codebuild')
    await trust('google-cloud-build', {}, 'other')
    let open_ = 0
    let most = 0
    providers.answer = (response) => {
      most = Math.max(most, ++open_)
      setTimeout(() => {
        open_--
        response.end(JSON.stringify({ builds: [providers.run('aws-codebuild')] }))
      }, 50)
    }
    const many = await Promise.all(Array.from({ length: 40 }, () => show('aws-codebuild')))
    expect(many.every(({ grade }) => grade === 'B')).toBe(true)
    expect(most).toBe(8)
    providers.answer = (response) => {
      const { url } = response.req
      if (url?.startsWith('/google') === true) response.end(JSON.stringify(providers.run('google-cloud-build')))
    }
    const stuck = Array.from({ length: 20 }, () => show('aws-codebuild'))
    expect(await show('google-cloud-build')).toMatchObject({ grade: 'B' })
    expect((await Promise.all(stuck)).every(({ grade, status }) => status === 201 && grade === 'C')).toBe(true)
  })
})

test('a token of a provider is read again each time, and is in no answer, metric or inbox', async () => {
  await open()
  await trust('gitlab-ci', { confirm: 'demand' })
  writeFileSync(join(root, 'gitlab.secret'), 'old-canary')
  const refused = await show('gitlab-ci')
  expect(refused).toMatchObject({ status: 503, code: 'provider-unreachable' })
  writeFileSync(join(root, 'gitlab.secret'), '')
  expect(await show('gitlab-ci')).toMatchObject({ status: 503, code: 'provider-unreachable' })
  writeFileSync(join(root, 'gitlab.secret'), providers.secrets.gitlab)
  expect(await show('gitlab-ci')).toMatchObject({ status: 201 })
  const places = [
    JSON.stringify(refused),
    await server.deps.metrics.text(),
    await (await server.request('GET', '/v1/inbox')).text(),
  ]
  expect(places[1]).toContain('countersign_confirmations_total{system="gitlab-ci",outcome="provider-unreachable"} 2')
  expect(places[1]).toContain('countersign_confirmations_total{system="gitlab-ci",outcome="confirmed"} 1')
  for (const place of places) expect(place).not.toContain('canary')
})
