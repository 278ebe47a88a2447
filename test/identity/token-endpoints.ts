import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { signAwsRequest } from '../../packages/adapters/src/aws-sigv4.ts'

/** What a system would sign: the token of this job, for an audience. */
export type Mint = (audience: string) => Promise<string> | string

/** One question that a fake was asked, so that a test can see that it was asked as the system wants it. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Reply {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Secrets of the job, by what they open; each a text that must turn up nowhere. */
export const canary = (name: string) => `canary-${name}-${randomBytes(12).toString('hex')}`

/**
 * The places where CI systems and platforms hand out tokens, on loopback, each as strict as the real one: the wrong
 * method, path, secret or header gets what the real one answers.
 */
export class TokenEndpoints {
  readonly asked: Asked[] = []
  /** Takes the place of what would be answered, once for each. */
  readonly instead: (Reply | 'hang' | 'drop')[] = []
  readonly secrets: Readonly<Record<'github' | 'azure' | 'buildkite' | 'circleci' | 'aws' | 'awsToken' | 'app', string>>
  readonly #server = createServer((request, response) => void this.#serve(request, response))
  readonly #mints = new Map<string, Mint>()

  constructor() {
    const of = (name: string) => canary(name)
    this.secrets = {
      github: of('github'),
      azure: of('azure'),
      buildkite: of('buildkite'),
      circleci: of('circleci'),
      aws: of('aws'),
      awsToken: of('aws-token'),
      app: of('app'),
    }
  }

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get url(): string {
    return `http://${this.host}`
  }

  /** Which token each system gives from now on; one that is not named gives none. */
  mint(system: string, mint: Mint): this {
    this.#mints.set(system, mint)
    return this
  }

  /** The variables that a job with the permission `id-token: write` has. */
  github(): Record<string, string> {
    return {
      GITHUB_ACTIONS: 'true',
      ACTIONS_ID_TOKEN_REQUEST_URL: `${this.url}/github/idtoken?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: this.secrets.github,
    }
  }

  azurePipelines(): Record<string, string> {
    return {
      TF_BUILD: 'True',
      BUILD_BUILDURI: 'vstfs:///Build/Build/42',
      SYSTEM_OIDCREQUESTURI: `${this.url}/acme/_apis/distributedtask/hubs/build/plans/p/jobs/j/oidctoken`,
      SYSTEM_ACCESSTOKEN: this.secrets.azure,
    }
  }

  google(): Record<string, string> {
    return { GCE_METADATA_HOST: this.host }
  }

  aws(): Record<string, string> {
    return {
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_STS: this.url,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${this.url}/v2/credentials/role`,
    }
  }

  azureMachine(): Record<string, string> {
    return { AZURE_POD_IDENTITY_AUTHORITY_HOST: this.url }
  }

  azureApp(): Record<string, string> {
    return { IDENTITY_ENDPOINT: `${this.url}/msi/token`, IDENTITY_HEADER: this.secrets.app }
  }

  /** Puts `circleci` and `buildkite-agent` into a directory for `PATH`; they ask here, as the real ones ask home. */
  programs(directory: string): Record<string, string> {
    mkdirSync(directory, { recursive: true })
    for (const [name, source] of [
      ['circleci', CIRCLECI],
      ['buildkite-agent', BUILDKITE],
    ] as const) {
      const path = join(directory, name)
      writeFileSync(path, `#!${process.execPath}\n${source}`)
      chmodSync(path, 0o755)
    }
    return {
      BUILDKITE_AGENT_ENDPOINT: `${this.url}/v3`,
      BUILDKITE_AGENT_ACCESS_TOKEN: this.secrets.buildkite,
      BUILDKITE_JOB_ID: 'job-1',
      CIRCLE_TASK_API: `${this.url}/circle`,
      CIRCLE_TASK_TOKEN: this.secrets.circleci,
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const part of request) body += String(part)
    const { method = '', url = '/', headers } = request
    this.asked.push({ method, path: url, headers, body })
    const instead = this.instead.shift()
    if (instead === 'hang') return
    if (instead === 'drop') return void request.socket.destroy()
    const reply = instead ?? (await this.#answer({ method, path: url, headers, body }))
    response.writeHead(reply.status, reply.headers).end(reply.body)
  }

  #answer(asked: Asked): Reply | Promise<Reply> {
    const url = new URL(asked.path, this.url)
    const { pathname } = url
    if (pathname === '/github/idtoken') return this.#github(asked, url)
    if (pathname.endsWith('/oidctoken')) return this.#azurePipelines(asked, url)
    if (pathname.startsWith('/computeMetadata/')) return this.#google(asked, url)
    if (pathname === '/v2/credentials/role') return this.#credentials()
    if (pathname.startsWith('/metadata/identity/') || pathname === '/msi/token') return this.#azure(asked, url)
    if (pathname === '/v3/jobs/job-1/oidc/tokens') return this.#buildkite(asked)
    if (pathname === '/circle/oidc') return this.#circleci(asked)
    return pathname === '/' ? this.#sts(asked) : { status: 404, body: 'no such thing' }
  }

  async #token(system: string, audience: string, answer: (token: string) => Reply): Promise<Reply> {
    const mint = this.#mints.get(system)
    return mint === undefined ? { status: 403, body: '{"message":"no"}' } : answer(await mint(audience))
  }

  /** actions/toolkit reads `.value`. */
  #github({ method, headers }: Asked, url: URL): Reply | Promise<Reply> {
    if (method !== 'GET' || url.searchParams.get('api-version') !== '2.0') return { status: 404, body: '' }
    if (headers.authorization !== `Bearer ${this.secrets.github}`) return { status: 401, body: '{"message":"no"}' }
    const audience = url.searchParams.get('audience') ?? 'https://github.com/acme'
    return this.#token('github-actions', audience, (value) => json({ value, count: value.length }))
  }

  #azurePipelines({ method, headers }: Asked, url: URL): Reply | Promise<Reply> {
    if (url.searchParams.get('api-version') !== '7.1-preview.1') return { status: 400, body: '{}' }
    if (method !== 'POST' || headers['content-type'] !== 'application/json') return { status: 405, body: '' }
    // Azure DevOps sends whoever does not sign in to its sign-in page.
    const signIn = { status: 302, body: '', headers: { location: 'https://login.example/' } }
    if (headers.authorization !== `Bearer ${this.secrets.azure}`) return signIn
    return this.#token('azure-pipelines', 'api://AzureADTokenExchange', (oidcToken) => json({ oidcToken }))
  }

  async #google({ headers }: Asked, url: URL): Promise<Reply> {
    const flavor = { 'metadata-flavor': 'Google' }
    if (headers['metadata-flavor'] !== 'Google' || headers['x-forwarded-for'] !== undefined) {
      return { status: 403, body: 'Missing Metadata-Flavor:Google header.' }
    }
    const audience = url.searchParams.get('audience')
    if (url.pathname !== '/computeMetadata/v1/instance/service-accounts/default/identity' || audience === null) {
      return { status: 404, body: '', headers: flavor }
    }
    const reply = await this.#token('google-cloud-build', audience, (token) => ({ status: 200, body: token }))
    return { ...reply, headers: flavor }
  }

  #credentials(): Reply {
    const Expiration = new Date(Date.now() + 3_600_000).toISOString()
    const { aws, awsToken } = this.secrets
    return json({ AccessKeyId: 'ASIAEXAMPLE', SecretAccessKey: aws, Token: awsToken, Expiration })
  }

  /** The Query protocol of STS; the signature is made again over what came. */
  async #sts({ method, headers, body }: Asked): Promise<Reply> {
    const form = new URLSearchParams(body)
    const refuse = (status: number, code: string) => ({
      status,
      body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${this.secrets.awsToken}</Message></Error></ErrorResponse>`,
    })
    if (method !== 'POST' || form.get('Action') !== 'GetWebIdentityToken' || form.get('Version') !== '2011-06-15') {
      return refuse(400, 'InvalidAction')
    }
    const date = String(headers['x-amz-date'])
    const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
    const { aws: secretAccessKey, awsToken: sessionToken } = this.secrets
    const signed = signAwsRequest(
      {
        method,
        headers: [
          ['host', this.host],
          ['content-type', String(headers['content-type'])],
        ],
        body: Buffer.from(body),
      },
      {
        region: 'eu-central-1',
        service: 'sts',
        credentials: { accessKeyId: 'ASIAEXAMPLE', secretAccessKey, sessionToken },
        at,
      },
    )
    const expected = signed.find(([name]) => name === 'authorization')?.[1]
    if (headers.authorization !== expected) return refuse(403, 'SignatureDoesNotMatch')
    if (headers['x-amz-security-token'] !== sessionToken) return refuse(403, 'InvalidClientTokenId')
    const audience = form.get('Audience.member.1')
    if (audience === null || !['RS256', 'ES384'].includes(form.get('SigningAlgorithm') ?? '')) {
      return refuse(400, 'ValidationError')
    }
    const tag = form.get('Tags.member.1.Key')
    if (tag !== null && !this.#mints.has('aws-tags')) return refuse(403, 'AccessDenied')
    if (!this.#mints.has('aws-codebuild')) return refuse(403, 'OutboundWebIdentityFederationDisabled')
    return this.#token(tag === null ? 'aws-codebuild' : 'aws-tags', audience, (token) => ({
      status: 200,
      body: `<GetWebIdentityTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n  <GetWebIdentityTokenResult>\n    <Expiration>2026-11-21T00:00:00Z</Expiration>\n    <WebIdentityToken>${token}</WebIdentityToken>\n  </GetWebIdentityTokenResult>\n  <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>\n</GetWebIdentityTokenResponse>`,
    }))
  }

  #azure({ method, headers }: Asked, url: URL): Reply | Promise<Reply> {
    const resource = url.searchParams.get('resource')
    const app = url.pathname === '/msi/token'
    const good = app
      ? headers['x-identity-header'] === this.secrets.app && url.searchParams.get('api-version') === '2019-08-01'
      : headers['metadata'] === 'true' && url.searchParams.get('api-version') === '2018-02-01'
    if (method !== 'GET' || !good || resource === null) return { status: 400, body: '{"error":"invalid_request"}' }
    return this.#token('azure', resource, (token) => json({ access_token: token, token_type: 'Bearer', resource }))
  }

  async #buildkite({ method, headers, body }: Asked): Promise<Reply> {
    if (method !== 'POST' || headers.authorization !== `Token ${this.secrets.buildkite}`)
      return { status: 401, body: '' }
    const { audience, claims } = JSON.parse(body) as { audience: string; claims: string[] }
    if (claims.join() !== 'organization_id,pipeline_id,build_id') return { status: 422, body: '' }
    return this.#token('buildkite', audience, (token) => json({ token }))
  }

  async #circleci({ headers, body }: Asked): Promise<Reply> {
    if (headers.authorization !== `Bearer ${this.secrets.circleci}`) return { status: 401, body: '' }
    return this.#token('circleci', (JSON.parse(body) as { aud: string }).aud, (token) => json({ token }))
  }
}

function json(value: object): Reply {
  return { status: 200, body: JSON.stringify(value), headers: { 'content-type': 'application/json' } }
}

/** A token that nobody would believe, for tests of how it is fetched. */
export function unsignedToken(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const head = `${part({ alg: 'RS256', kid: 'k', typ: 'JWT' })}.${part(claims)}`
  return `${head}.${createHmac('sha256', 'nobody').update(head).digest('base64url')}`
}

/** As the real one: `circleci run oidc get`, whose claims are JSON, and whose issuer is the organisation's unless it is told. */
const CIRCLECI = `
const [run, oidc, get, root, flag, claims, ...more] = process.argv.slice(2)
if ([run, oidc, get].join(' ') !== 'run oidc get' || root !== '--root-issuer' || flag !== '--claims' || more.length > 0) {
  process.stderr.write('unknown flag ' + process.env.CIRCLE_TASK_TOKEN)
  process.exit(2)
}
const reply = await fetch(process.env.CIRCLE_TASK_API + '/oidc', {
  method: 'POST', body: JSON.stringify(JSON.parse(claims)), headers: { authorization: 'Bearer ' + process.env.CIRCLE_TASK_TOKEN },
})
if (!reply.ok) { process.stderr.write('refused ' + process.env.CIRCLE_TASK_TOKEN); process.exit(1) }
process.stdout.write((await reply.json()).token)
export {}
`

/** As the real one: the claims as a list, the token on a line of its own. */
const BUILDKITE = `
const args = process.argv.slice(2)
const value = (flag) => args[args.indexOf(flag) + 1]
if (args.slice(0, 2).join(' ') !== 'oidc request-token') process.exit(1)
const reply = await fetch(process.env.BUILDKITE_AGENT_ENDPOINT + '/jobs/' + process.env.BUILDKITE_JOB_ID + '/oidc/tokens', {
  method: 'POST',
  body: JSON.stringify({ audience: value('--audience'), claims: value('--claim').split(',') }),
  headers: { authorization: 'Token ' + process.env.BUILDKITE_AGENT_ACCESS_TOKEN },
})
if (!reply.ok) { process.stderr.write('refused ' + process.env.BUILDKITE_AGENT_ACCESS_TOKEN); process.exit(1) }
process.stdout.write((await reply.json()).token + '\\n')
export {}
`
