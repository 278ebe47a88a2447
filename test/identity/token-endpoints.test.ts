import { createServer as createHttp2 } from 'node:http2'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { isFor, unverifiedClaims } from '@countersign/adapters/identity-claims'
import {
  detectIdentitySystem,
  IDENTITY_SYSTEMS,
  identitySystem,
  type IdentitySystem,
  identityTokens,
} from '@countersign/adapters/identity-detect'
import { CodedError } from '@countersign/core'
import { canary, TokenEndpoints, unsignedToken } from './token-endpoints.ts'

const AUDIENCE = 'https://countersign.example'
const mint = (audience: string) => unsignedToken({ iss: 'https://issuer.example', aud: audience, sub: 'job' })
const HTTP = { waitMs: 1, timeoutMs: 1000 }

let endpoints: TokenEndpoints
let directory: string
let bin: string
let programs: Record<string, string>
const root = () => join(directory, 'workspace')

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-identity-'))
  mkdirSync(root())
  bin = join(directory, 'bin')
})
beforeEach(async () => {
  endpoints?.stop()
  endpoints = await new TokenEndpoints().start()
  for (const system of ['github-actions', 'azure-pipelines', 'google-cloud-build', 'aws-codebuild', 'azure']) {
    endpoints.mint(system, mint)
  }
  endpoints.mint('buildkite', mint).mint('circleci', mint)
  programs = endpoints.programs(bin)
})
afterAll(() => {
  endpoints.stop()
  rmSync(directory, { recursive: true, force: true })
})

const tokensOf = (system: IdentitySystem, environment: Record<string, string>) =>
  identityTokens(system, { environment, root: root(), now: () => Date.now(), http: HTTP })
const withPath = (more: Record<string, string> = {}) => ({ PATH: [bin, '/usr/bin', '/bin'].join(delimiter), ...more })

async function failure(asked: Promise<string>): Promise<CodedError> {
  const error: unknown = await asked.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CodedError)
  expect((error as CodedError).code).toBe('identity-unavailable')
  const told = JSON.stringify((error as CodedError).report()) + String((error as CodedError).cause ?? '')
  for (const secret of Object.values(endpoints.secrets)) expect(told).not.toContain(secret)
  expect(told).not.toContain('canary')
  return error as CodedError
}

describe('a token is had from', () => {
  const cases: [IdentitySystem, () => Record<string, string>, string?][] = [
    ['github-actions', () => endpoints.github()],
    ['gitlab-ci', () => ({ GITLAB_CI: 'true', COUNTERSIGN_ID_TOKEN: mint(AUDIENCE) })],
    ['circleci', () => withPath({ CIRCLECI: 'true', ...programs })],
    ['buildkite', () => withPath({ BUILDKITE: 'true', ...programs })],
    ['azure-pipelines', () => endpoints.azurePipelines(), 'api://AzureADTokenExchange'],
    ['google-cloud-build', () => endpoints.google()],
    ['aws-codebuild', () => ({ CODEBUILD_BUILD_ID: 'b:1', ...endpoints.aws() })],
    ['jenkins', () => ({ JENKINS_URL: 'https://ci.example/', COUNTERSIGN_ID_TOKEN: `${mint(AUDIENCE)}\n` })],
    ['aws', () => endpoints.aws()],
    ['gcp', () => endpoints.google()],
    ['azure', () => endpoints.azureMachine()],
    ['azure', () => endpoints.azureApp()],
    ['kubernetes', () => ({ COUNTERSIGN_ID_TOKEN_FILE: file(mint(AUDIENCE)) })],
    ['spiffe', () => ({ COUNTERSIGN_ID_TOKEN_FILE: file(mint(AUDIENCE)) })],
    ['oidc', () => ({ COUNTERSIGN_ID_TOKEN_FILE: file(`${mint(AUDIENCE)}\n`) })],
  ]
  const file = (text: string) => {
    const path = join(directory, 'token')
    writeFileSync(path, text)
    return path
  }

  test.each(cases)('%s', async (system, environment, audience = AUDIENCE) => {
    const tokens = tokensOf(system, environment())
    expect(tokens.system).toBe(system)
    expect(tokens.audience ?? AUDIENCE).toBe(audience)
    const token = await tokens.token(audience)
    expect(isFor(token, audience)).toBe(true)
    expect(unverifiedClaims(token)).toMatchObject({ sub: 'job' })
  })

  test('every system there is', () => {
    expect(new Set(cases.map(([system]) => system))).toEqual(new Set(IDENTITY_SYSTEMS))
  })

  test('a workload of SPIFFE over the socket of its agent, by the Workload API', async () => {
    const socket = join(directory, 'agent.sock')
    const seen: { path: string; header: unknown; type: unknown; audience: string }[] = []
    const agent = createHttp2()
    const varint = (n: number) => (n < 128 ? [n] : [(n & 127) | 128, n >> 7])
    const part = (number: number, bytes: Buffer) =>
      Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes])
    agent.on('stream', (stream, headers) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const request = Buffer.concat(chunks)
        const audience = request.subarray(7).toString()
        seen.push({
          path: String(headers[':path']),
          header: headers['workload.spiffe.io'],
          type: headers['content-type'],
          audience,
        })
        const svid = Buffer.concat([
          part(1, Buffer.from('spiffe://example.org/build')),
          part(2, Buffer.from(mint(audience))),
        ])
        const message = part(1, svid)
        const head = Buffer.alloc(5)
        head.writeUInt32BE(message.length, 1)
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
        stream.end(Buffer.concat([head, message]))
      })
    })
    await new Promise<void>((done) => agent.listen(socket, done))
    try {
      const tokens = tokensOf('spiffe', { SPIFFE_ENDPOINT_SOCKET: `unix://${socket}` })
      expect(isFor(await tokens.token(AUDIENCE), AUDIENCE)).toBe(true)
      const path = '/SpiffeWorkloadAPI/FetchJWTSVID'
      expect(seen).toEqual([{ path, header: 'true', type: 'application/grpc', audience: AUDIENCE }])
      expect((await failure(tokensOf('spiffe', {}).token(AUDIENCE))).fix).toContain('SPIFFE_ENDPOINT_SOCKET')
    } finally {
      agent.close()
    }
    const gone = tokensOf('spiffe', { SPIFFE_ENDPOINT_SOCKET: `unix:${socket}.gone` })
    expect((await failure(gone.token(AUDIENCE))).what).toContain('does not answer')
  })
})

describe('a job that may not ask is told what to do in its own system', () => {
  const cases: [IdentitySystem, () => Record<string, string>, RegExp][] = [
    ['github-actions', () => ({ GITHUB_ACTIONS: 'true' }), /permissions: \{ id-token: write/],
    [
      'gitlab-ci',
      () => ({ GITLAB_CI: 'true' }),
      /id_tokens: \{ COUNTERSIGN_ID_TOKEN: \{ aud: "https:\/\/countersign\.example"/,
    ],
    ['circleci', () => ({ PATH: '/nowhere' }), /COUNTERSIGN_AUDIENCE=\$CIRCLE_ORGANIZATION_ID/],
    ['buildkite', () => ({ PATH: '/nowhere' }), /variables of the job passed on/],
    ['azure-pipelines', () => ({ ...endpoints.azurePipelines(), SYSTEM_ACCESSTOKEN: '' }), /\$\(System\.AccessToken\)/],
    ['jenkins', () => ({}), /withCredentials/],
    ['kubernetes', () => ({}), /serviceAccountToken/],
    ['oidc', () => ({}), /COUNTERSIGN_ID_TOKEN/],
  ]
  test.each(cases)('%s', async (system, environment, fix) => {
    const audience = system === 'azure-pipelines' ? 'api://AzureADTokenExchange' : AUDIENCE
    expect((await failure(tokensOf(system, environment()).token(audience))).fix).toMatch(fix)
  })

  test.each<[IdentitySystem, (e: TokenEndpoints) => Record<string, string>, RegExp]>([
    ['github-actions', (e) => e.github(), /id-token: write/],
    ['azure-pipelines', (e) => e.azurePipelines(), /System\.AccessToken/],
    ['google-cloud-build', (e) => e.google(), /serviceAccountOpenIdTokenCreator/],
    ['aws-codebuild', (e) => ({ ...e.aws(), CODEBUILD_BUILD_ARN: 'arn:aws:codebuild:x' }), /enable-outbound/],
    ['azure', (e) => e.azureMachine(), /managed identity/],
    ['buildkite', (e) => withPath(e.programs(bin)), /mount it/],
    ['circleci', (e) => withPath(e.programs(bin)), /forks/],
  ])('%s, where the system refuses', async (system, environment, fix) => {
    const refusing = await new TokenEndpoints().start()
    endpoints.stop()
    endpoints = refusing
    const audience = system === 'azure-pipelines' ? 'api://AzureADTokenExchange' : AUDIENCE
    expect((await failure(tokensOf(system, environment(refusing)).token(audience))).fix).toMatch(fix)
  })
})

describe('it is asked for as the system wants it', () => {
  test('GitHub keeps its own query, and gets the audience as it is', async () => {
    await tokensOf('github-actions', endpoints.github()).token('https://a.example/?x=1&y')
    const [asked] = endpoints.asked
    expect(asked?.path).toContain('api-version=2.0&audience=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y')
  })

  test('AWS is told the build, where the role may say it', async () => {
    const env = { ...endpoints.aws(), CODEBUILD_BUILD_ARN: 'arn:aws:codebuild:eu-central-1:1:build/p:b' }
    await tokensOf('aws-codebuild', env).token(AUDIENCE)
    const forms = () => endpoints.asked.filter(({ path }) => path === '/').map(({ body }) => new URLSearchParams(body))
    expect(forms().map((form) => form.get('Tags.member.1.Value'))).toEqual([env.CODEBUILD_BUILD_ARN, null])
    endpoints.mint('aws-tags', mint)
    await tokensOf('aws-codebuild', env).token(AUDIENCE)
    expect(forms()).toHaveLength(3)
    expect(forms()[2]!.get('Tags.member.1.Key')).toBe('codebuild-build-arn')
  })

  test('a machine that is no metadata server is not believed', async () => {
    endpoints.instead.push({ status: 200, body: mint(AUDIENCE) })
    expect((await failure(tokensOf('gcp', endpoints.google()).token(AUDIENCE))).what).toContain('no metadata server')
  })
})

describe('nothing is trusted on the way', () => {
  const github = () => tokensOf('github-actions', endpoints.github()).token(AUDIENCE)

  test('a short outage passes, a long one does not', async () => {
    endpoints.instead.push({ status: 503, body: '' }, 'drop')
    expect(isFor(await github(), AUDIENCE)).toBe(true)
    endpoints.instead.push('drop', 'drop', 'drop')
    expect((await failure(github())).what).toContain('did not answer')
    expect(endpoints.asked).toHaveLength(6)
  })

  test('what does not answer is not waited for', async () => {
    endpoints.instead.push('hang', 'hang', 'hang')
    const tokens = identityTokens('github-actions', {
      environment: endpoints.github(),
      root: root(),
      now: () => 0,
      http: { waitMs: 1, timeoutMs: 50 },
    })
    expect((await failure(tokens.token(AUDIENCE))).what).toContain('no answer in time')
  })

  test('a redirect is not followed: it would take the job’s own secret along', async () => {
    const elsewhere = await new TokenEndpoints().start()
    endpoints.instead.push({ status: 302, body: '', headers: { location: `${elsewhere.url}/github/idtoken` } })
    expect((await failure(github())).what).toContain('status 302')
    expect(elsewhere.asked).toEqual([])
    elsewhere.stop()
  })

  test.each([
    ['no JSON', '<html>'],
    ['another member', '{"token":"a.b.c"}'],
    ['no token', '{"value":"hello world"}'],
    ['two values', '{"value":"a.b.c","value":"d.e.f"}'],
    ['a line too many', '{"value":"a.b.c\\nx: y"}'],
    ['an endless answer', `{"value":"${'a'.repeat(100_000)}.b.c"}`],
  ])('an answer with %s', async (_, body) => {
    endpoints.instead.push({ status: 200, body })
    await failure(github())
  })

  test.each([
    ['http elsewhere', { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://attacker.example/?x=1' }],
    ['no address', { ACTIONS_ID_TOKEN_REQUEST_URL: 'nowhere' }],
    ['a user in it', { ACTIONS_ID_TOKEN_REQUEST_URL: `https://${canary('user')}@attacker.example/` }],
    ['a secret over two lines', { ACTIONS_ID_TOKEN_REQUEST_TOKEN: `${canary('line')}\nx: y` }],
  ])('an address with %s', async (_, more) => {
    const tokens = tokensOf('github-actions', { ...endpoints.github(), ...more })
    await failure(tokens.token(AUDIENCE))
    expect(endpoints.asked).toEqual([])
  })

  test('a metadata server is on this machine or nowhere', async () => {
    await failure(tokensOf('gcp', { GCE_METADATA_HOST: 'attacker.example' }).token(AUDIENCE))
    await failure(tokensOf('gcp', { GCE_METADATA_HOST: 'attacker.example/x#' }).token(AUDIENCE))
    await failure(tokensOf('azure', { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://attacker.example' }).token(AUDIENCE))
    await failure(tokensOf('aws', { ...endpoints.aws(), AWS_ENDPOINT_URL_STS: 'http://a.example' }).token(AUDIENCE))
  })

  test('a token for others is not handed out (whom it is for would trust who has it)', async () => {
    const given = (token: string) => tokensOf('gitlab-ci', { COUNTERSIGN_ID_TOKEN: token }).token(AUDIENCE)
    const both = unsignedToken({ aud: [AUDIENCE, 'sts.amazonaws.com'] })
    for (const token of [mint('sts.amazonaws.com'), both, unsignedToken({}), 'a.b.c']) await failure(given(token))
    expect((await failure(given(mint('other')))).what).toContain('is for other, not for')
    const circle = { CIRCLE_OIDC_TOKEN_V2: mint('org-id'), PATH: '/nowhere' }
    await failure(tokensOf('circleci', circle).token(AUDIENCE))
    expect(await tokensOf('circleci', circle).token('org-id')).toBe(circle.CIRCLE_OIDC_TOKEN_V2)
  })

  test('a program that the workspace brought does not speak for the CI system (T-33)', async () => {
    const planted = join(root(), 'bin')
    endpoints.programs(planted)
    const inside = withPath({ ...programs, PATH: planted })
    expect((await failure(tokensOf('buildkite', inside).token(AUDIENCE))).what).toContain('not on PATH')
    // The same program, outside of it.
    const outside = withPath({ ...programs })
    expect(isFor(await tokensOf('buildkite', outside).token(AUDIENCE), AUDIENCE)).toBe(true)
  })

  test('what a program says beside the token stays with it', async () => {
    const own = join(directory, 'loud')
    mkdirSync(own, { recursive: true })
    const secret = canary('stdout')
    writeFileSync(join(own, 'circleci'), `#!/bin/sh\necho ${secret}\n`)
    chmodSync(join(own, 'circleci'), 0o755)
    const error = await failure(tokensOf('circleci', { PATH: `${own}:/bin` }).token(AUDIENCE))
    expect(error.what).toContain('something else than a token')
  })
})

describe('the system is found by its environment', () => {
  test.each<[IdentitySystem | null, () => Record<string, string>]>([
    ['github-actions', () => endpoints.github()],
    ['azure-pipelines', () => endpoints.azurePipelines()],
    ['gitlab-ci', () => ({ GITLAB_CI: 'true', COUNTERSIGN_ID_TOKEN: 'x' })],
    ['spiffe', () => ({ SPIFFE_ENDPOINT_SOCKET: 'unix:///x' })],
    ['aws', () => ({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/x' })],
    ['azure', () => endpoints.azureApp()],
    ['gcp', () => ({ K_SERVICE: 'web' })],
    ['oidc', () => ({ COUNTERSIGN_ID_TOKEN_FILE: '/x' })],
    [null, () => ({ HOME: '/root' })],
  ])('%s', (system, environment) => {
    expect(detectIdentitySystem(environment())).toBe(system)
  })

  test('or named, by its short name too', () => {
    expect(['github', 'codebuild', 'gcp', 'constructor', 'x'].map(identitySystem)).toEqual([
      'github-actions',
      'aws-codebuild',
      'gcp',
      null,
      null,
    ])
  })
})
