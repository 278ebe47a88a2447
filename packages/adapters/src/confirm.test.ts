import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Code } from '@countersign/core'
import {
  type ConfirmedIdentity,
  confirmIdentity,
  type IssuerRule,
  type ProviderConfirmation,
  type SystemName,
} from '@countersign/identity'
import { verified } from '../../../test/identity/asked.ts'
import { RECORDED_COMMIT as HEAD, ruleFor } from '../../../test/identity/claims.ts'
import { signAwsRequest } from './aws-sigv4.ts'
import { cloudbuildConfirmation } from './confirm-cloudbuild.ts'
import { codebuildConfirmation } from './confirm-codebuild.ts'
import { githubConfirmation } from './confirm-github.ts'
import { gitlabConfirmation } from './confirm-gitlab.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const NOW = Date.parse('2026-11-20T12:00:00.000Z')
const CREDENTIALS = { accessKeyId: 'AKIALOCAL', secretAccessKey: 'local/secret+key', sessionToken: null }

/** What was asked, and what is answered. */
let asked: { method: string; path: string; headers: IncomingMessage['headers']; body: string }[] = []
let answer: (response: ServerResponse) => void
let url: string
const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    const body = Buffer.concat(parts).toString()
    asked.push({ method: request.method!, path: request.url!, headers: request.headers, body })
    answer(response)
  })
})
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  asked = []
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const says = (body: object, status = 200) => {
  answer = (response) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
const awsCredentials = { current: () => Promise.resolve(CREDENTIALS), forget: () => false }
const providers: Readonly<Record<string, (timeoutMs?: number) => ProviderConfirmation>> = {
  'github-actions': (timeoutMs = 5_000) => githubConfirmation({ api: url, token: 'gh-secret', timeoutMs }),
  'gitlab-ci': (timeoutMs = 5_000) => gitlabConfirmation({ url, token: 'gl-secret', timeoutMs }),
  'aws-codebuild': (timeoutMs = 5_000) =>
    codebuildConfirmation({ credentials: awsCredentials, endpoint: url, now: () => NOW, timeoutMs }),
  'google-cloud-build': (timeoutMs = 5_000) =>
    cloudbuildConfirmation({ accessToken: () => Promise.resolve('gc-secret'), endpoint: url, timeoutMs }),
}

const BUILD_ARN = 'arn:aws:codebuild:eu-central-1:123456789012:build/widget:99999999-9999-4999-8999-999999999999'
const BUILD_NAME = 'projects/acme-build/locations/europe-west3/builds/11111111-2222-4333-8444-555555555555'
const CLAIMED: Readonly<Record<string, string>> = { 'google-cloud-build': BUILD_NAME }

/** What each provider says of the recorded runs. */
const TOLD = {
  'github-actions': {
    id: 9876543210,
    run_attempt: 1,
    status: 'in_progress',
    event: 'push',
    head_sha: HEAD,
    repository: { id: 74123456, html_url: 'https://github.com/acme/widget' },
    head_repository: { id: 74123456 },
  },
  'gitlab-ci': {
    id: 302,
    status: 'running',
    coverage: 98.5,
    commit: { id: HEAD },
    pipeline: { id: 574, project_id: 20 },
    web_url: 'https://gitlab.com/acme/widget/-/jobs/302',
  },
  'aws-codebuild': {
    arn: BUILD_ARN,
    startTime: 1795176000.123,
    buildStatus: 'IN_PROGRESS',
    serviceRole: 'arn:aws:iam::123456789012:role/codebuild-widget',
    source: { type: 'GITHUB', location: 'https://github.com/acme/widget.git' },
    sourceVersion: `refs/heads/main^{${HEAD}}`,
    resolvedSourceVersion: HEAD,
    initiator: 'GitHub-Hookshot/1',
  },
  'google-cloud-build': {
    id: '11111111-2222-4333-8444-555555555555',
    status: 'WORKING',
    serviceAccount: 'projects/acme-build/serviceAccounts/builder@acme-build.iam.gserviceaccount.com',
    buildTriggerId: '7',
    source: { gitSource: { url: 'https://github.com/acme/widget.git' } },
    sourceProvenance: { resolvedGitSource: { url: 'https://github.com/acme/widget.git', revision: HEAD } },
    substitutions: { COMMIT_SHA: 'f'.repeat(40), REPO_FULL_NAME: 'mallory/widget' },
  },
} as const
type System = keyof typeof TOLD
const SYSTEMS = Object.keys(TOLD) as System[]
const wrapped = (system: System, told: object) => (system === 'aws-codebuild' ? { builds: [told] } : told)

async function confirmed(
  system: System,
  changes: object = {},
  {
    rule: ruleChanges = {},
    claims = {},
    claimed = CLAIMED[system] ?? null,
  }: {
    rule?: Partial<IssuerRule>
    claims?: Parameters<typeof verified>[1]
    claimed?: string | null
  } = {},
): Promise<ConfirmedIdentity> {
  says(wrapped(system, { ...TOLD[system], ...changes }))
  const rule = ruleFor(system as SystemName, ruleChanges)
  const token = verified(system, claims, ruleChanges)
  return confirmIdentity(token, rule, await providers[system]!().ask(token, claimed))
}

describe('the provider', () => {
  test.each([
    ['github-actions', 'A'],
    ['gitlab-ci', 'A'],
    ['aws-codebuild', 'B'],
    ['google-cloud-build', 'B'],
  ] as const)('%s confirms a run, which is then of grade %s', async (system, grade) => {
    expect(verified(system).grade).toBe(grade === 'B' ? 'C' : grade)
    const { identity, ...rest } = await confirmed(system)
    expect(rest.grade).toBe(grade)
    expect(identity).toMatchObject({ sourceRepositoryDigest: HEAD })
    expect(identity.sourceRepositoryURI).toMatch(/^https:\/\/git(?:hub|lab)\.com\/acme\/widget$/)
    expect(identity.subject).toEqual(verified(system).identity.subject)
  })

  test('GitHub is asked for the attempt, with the token in a header', async () => {
    await confirmed('github-actions')
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({ path: '/repos/acme/widget/actions/runs/9876543210/attempts/1', method: 'GET' })
    expect(asked[0]!.headers).toMatchObject({ authorization: 'Bearer gh-secret', 'user-agent': 'countersign' })
  })

  test('GitLab is asked for the job of the project by its id', async () => {
    await confirmed('gitlab-ci')
    expect(asked[0]).toMatchObject({ path: '/api/v4/projects/20/jobs/302' })
    expect(asked[0]!.headers['private-token']).toBe('gl-secret')
  })

  test('CodeBuild is asked for the build, signed for the region of it', async () => {
    const { identity, run } = await confirmed('aws-codebuild')
    const [{ path, method, headers, body }] = asked as [(typeof asked)[0]]
    expect({ path, method, body }).toEqual({ path: '/', method: 'POST', body: JSON.stringify({ ids: [BUILD_ARN] }) })
    const signed = ['host', 'content-type', 'x-amz-target'].map((name) => [name, String(headers[name])] as const)
    const request = { method: 'POST', headers: signed, body: Buffer.from(body) }
    const scope = { region: 'eu-central-1', service: 'codebuild', credentials: CREDENTIALS, at: NOW }
    expect(Object.fromEntries(signAwsRequest(request, scope))).toMatchObject({ authorization: headers.authorization })
    expect(run.id).toBe(BUILD_ARN)
    expect(identity).toMatchObject({
      sourceRepositoryRef: 'refs/heads/main',
      runInvocationURI: BUILD_ARN,
      buildConfigURI: 'arn:aws:codebuild:eu-central-1:123456789012:project/widget',
    })
  })

  test('Cloud Build is asked for the build that the job names, and its substitutions are not believed', async () => {
    const { identity, run } = await confirmed('google-cloud-build')
    expect(asked[0]).toMatchObject({ path: `/v1/${BUILD_NAME}` })
    expect(asked[0]!.headers.authorization).toBe('Bearer gc-secret')
    expect(run).toEqual({ id: BUILD_NAME, attempt: null, job: null })
    expect(identity).toMatchObject({ sourceRepositoryDigest: HEAD, buildTrigger: 'trigger' })
  })
})

describe('a run is not confirmed', () => {
  const mismatch = coded('identity-mismatch')

  test.each<[System, object]>([
    ['github-actions', { status: 'completed' }],
    ['github-actions', { status: 'queued' }],
    ['github-actions', { id: 1 }],
    ['github-actions', { run_attempt: 2 }],
    ['github-actions', { head_sha: 'f'.repeat(40) }],
    ['github-actions', { event: 'workflow_dispatch' }],
    [
      'github-actions',
      { repository: { id: 1, html_url: 'https://github.com/acme/widget' }, head_repository: { id: 1 } },
    ],
    ['gitlab-ci', { status: 'success' }],
    ['gitlab-ci', { id: 303 }],
    ['gitlab-ci', { pipeline: { id: 574, project_id: 21 } }],
    ['gitlab-ci', { commit: { id: 'f'.repeat(40) } }],
    ['gitlab-ci', { web_url: 'https://gitlab.com/mallory/widget/-/jobs/302' }],
    ['aws-codebuild', { buildStatus: 'SUCCEEDED' }],
    ['aws-codebuild', { serviceRole: 'arn:aws:iam::123456789012:role/other' }],
    ['google-cloud-build', { status: 'SUCCESS' }],
    ['google-cloud-build', { serviceAccount: 'projects/p/serviceAccounts/other@acme-build.iam.gserviceaccount.com' }],
    ['google-cloud-build', { serviceAccount: undefined }],
  ])('%s that says %j', async (system, changes) => {
    await expect(confirmed(system, changes)).rejects.toEqual(mismatch)
    await expect(confirmed(system)).resolves.toBeDefined()
  })

  test.each(SYSTEMS)('of %s that it does not know', async (system) => {
    says(
      system === 'aws-codebuild' ? { builds: [], buildsNotFound: [BUILD_ARN] } : {},
      system === 'aws-codebuild' ? 200 : 404,
    )
    // GitHub and GitLab say the same of what these credentials may not see.
    const hidden = system === 'github-actions' || system === 'gitlab-ci'
    await expect(providers[system]!().ask(verified(system), CLAIMED[system] ?? null)).rejects.toEqual(
      hidden ? coded('provider-unreachable') : mismatch,
    )
  })

  test.each([
    null,
    '',
    'latest',
    `${BUILD_NAME}/../x`,
    `${BUILD_NAME}?alt=media`,
    BUILD_NAME.replace('acme-build', '..'),
  ])('of Cloud Build where the job calls it %j', async (claimed) => {
    says(TOLD['google-cloud-build'])
    await expect(providers['google-cloud-build']!().ask(verified('google-cloud-build'), claimed)).rejects.toEqual(
      mismatch,
    )
    expect(asked).toEqual([])
  })

  test('of CodeBuild where the job names another build than the token', async () => {
    // What the token says comes first.
    await confirmed('aws-codebuild', {}, { claimed: BUILD_ARN.replace('widget', 'other') })
    expect(asked[0]!.body).toContain(BUILD_ARN)
  })

  test('of a pull request from another repository, where the rule refuses that', async () => {
    const pull = { event: 'pull_request', head_sha: 'f'.repeat(40) }
    const claims = { event_name: 'pull_request', ref: 'refs/pull/7/merge', head_ref: 'topic' }
    const rule = { pullRequests: 'allow' } as const
    for (const head_repository of [{ id: 666 }, null]) {
      const changes = { ...pull, head_repository }
      await expect(confirmed('github-actions', changes, { claims, rule })).rejects.toEqual(coded('identity-refused'))
      const forks = { ...rule, forks: 'allow' } as const
      await expect(confirmed('github-actions', changes, { claims, rule: forks })).resolves.toBeDefined()
    }
    await expect(confirmed('github-actions', pull, { claims, rule })).resolves.toBeDefined()
  })

  test('of CodeBuild for a pull request, where the rule refuses that', async () => {
    const changes = { sourceVersion: 'pr/7' }
    await expect(confirmed('aws-codebuild', changes)).rejects.toEqual(coded('identity-refused'))
    await expect(confirmed('aws-codebuild', changes, { rule: { pullRequests: 'allow' } })).resolves.toBeDefined()
  })
})

test.each<[System, object]>([
  ['aws-codebuild', { source: { type: 'S3', location: 'bucket/widget.zip' } }],
  ['aws-codebuild', { source: { type: 'GITHUB', location: 'https://user:secret@github.com/acme/widget' } }],
  ['aws-codebuild', { resolvedSourceVersion: 'main' }],
  ['google-cloud-build', { sourceProvenance: {} }],
  ['google-cloud-build', { sourceProvenance: { resolvedStorageSource: { bucket: 'b' } } }],
])('the grade stays C where %s says %j', async (system, changes) => {
  expect((await confirmed(system, changes)).grade).toBe('C')
})

describe('a provider that lies or fails', () => {
  const bomb = gzipSync(Buffer.alloc(4_000_000, ' '))
  const failures: [what: string, fail: (response: ServerResponse) => unknown, timeoutMs?: number][] = [
    ['refuses', (response) => response.writeHead(403).end('{}')],
    ['is broken', (response) => response.writeHead(500).end('{}')],
    ['redirects', (response) => response.writeHead(302, { location: `${url}/elsewhere` }).end()],
    ['answers with something else', (response) => response.end('<html>')],
    ['answers with a list', (response) => response.end('[]')],
    ['answers with nothing in it', (response) => response.end('{}')],
    ['answers without an end', (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)],
    ['does not answer', () => undefined, 150],
    ['breaks off', (response) => response.destroy()],
  ]
  describe.each(SYSTEMS)('%s', (system) => {
    test.each<(typeof failures)[0]>(failures)('that %s', async (_, fail, timeoutMs) => {
      answer = (response) => void fail(response)
      const asking = providers[system]!(timeoutMs).ask(verified(system), CLAIMED[system] ?? null)
      await expect(asking).rejects.toEqual(coded('provider-unreachable'))
      await asking.catch((error: Error) => expect(`${error.message} ${String(error.cause)}`).not.toMatch(/secret/))
      expect(asked).toHaveLength(1)
    })
  })
})

test('no provider is asked in clear, but on this machine', () => {
  const options = { token: 'a' }
  for (const address of ['http://api.github.com', 'https://a@api.github.com', 'ftp://127.0.0.1', 'https://a/?b']) {
    expect(() => githubConfirmation({ ...options, api: address }), address).toThrow(coded('provider-unreachable'))
    expect(() => gitlabConfirmation({ ...options, url: address }), address).toThrow(coded('provider-unreachable'))
  }
})
