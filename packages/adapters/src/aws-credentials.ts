import { readFile } from 'node:fs/promises'
import { CodedError, fromUtf8, type JsonObject } from '@countersign/core'
import { askAws, AWS_TIMEOUT_MS, type AwsHttp, unreachable } from './aws-http.ts'
import type { AwsCredentials } from './aws-sigv4.ts'
import { isLoopback, membersOf } from './http.ts'
import { AS_ANCHOR, isSecretText, type KmsCodes } from './kms-door.ts'

/** Where credentials come from, as AWS's own tools look for them. */
export type AwsCredentialSource =
  | ({ readonly from: 'environment' } & AwsCredentials)
  /** ECS and EKS: an agent beside the container, which may ask for a token; a file of it is read each time. */
  | {
      readonly from: 'container'
      readonly url: string
      readonly token: string | null
      readonly tokenFile: string | null
    }
  /** EC2: the instance's metadata service, version 2. */
  | { readonly from: 'instance'; readonly url: string }

export interface AwsCredentialsProvider {
  /** Those of now. Throws `unreachable` and `invalid` of its codes, never with a secret. */
  current(): Promise<AwsCredentials>
  /** Whether others may come in the place of these, which AWS calls expired. */
  forget(): boolean
}

export interface AwsCredentialsOptions {
  readonly source: AwsCredentialSource
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly timeoutMs?: number
  readonly fetch?: typeof fetch
  /** What faults are called: those of an anchor by default. */
  readonly codes?: KmsCodes
}

/** Where the agents of ECS and EKS are; elsewhere a token would go over the network in clear. */
const AGENTS = ['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]']
const INSTANCE = 'http://169.254.169.254'
/** Milliseconds before their end at which new ones are asked for. */
const EARLY = 300_000

/**
 * The source that an environment names: `AWS_ACCESS_KEY_ID` with `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, then
 * `AWS_CONTAINER_CREDENTIALS_FULL_URI` or `…_RELATIVE_URI` with `AWS_CONTAINER_AUTHORIZATION_TOKEN` or `…_TOKEN_FILE`,
 * then the instance, unless `AWS_EC2_METADATA_DISABLED` is `true`. Throws `invalid` of its codes.
 */
export function awsCredentialSource(
  env: Readonly<Record<string, string | undefined>>,
  codes: KmsCodes = AS_ANCHOR,
): AwsCredentialSource {
  const get = (name: string) => {
    const value = (env[name] ?? '').trim()
    return value === '' ? null : value
  }
  const accessKeyId = get('AWS_ACCESS_KEY_ID')
  const secretAccessKey = get('AWS_SECRET_ACCESS_KEY')
  if (accessKeyId !== null && secretAccessKey !== null) {
    const found = { accessKeyId, secretAccessKey, sessionToken: get('AWS_SESSION_TOKEN') }
    if (!areCredentials(found)) throw invalid('the credentials in the environment cannot be ones of AWS', codes)
    return { from: 'environment', ...found }
  }
  if (accessKeyId !== null || secretAccessKey !== null) {
    throw invalid('only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set', codes)
  }
  const relative = get('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI')
  const url = relative === null ? get('AWS_CONTAINER_CREDENTIALS_FULL_URI') : `http://${AGENTS[0]}${relative}`
  if (url !== null) {
    agentUrl(url, codes)
    const tokenFile = get('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE')
    return { from: 'container', url, token: get('AWS_CONTAINER_AUTHORIZATION_TOKEN'), tokenFile }
  }
  if (get('AWS_EC2_METADATA_DISABLED')?.toLowerCase() === 'true')
    throw invalid('there are no credentials for AWS', codes)
  return { from: 'instance', url: INSTANCE }
}

/** Credentials out of a source, kept until shortly before they end. */
export function awsCredentials({ source, now, ...options }: AwsCredentialsOptions): AwsCredentialsProvider {
  if (source.from === 'environment') {
    const { accessKeyId, secretAccessKey, sessionToken } = source
    return {
      current: () => Promise.resolve({ accessKeyId, secretAccessKey, sessionToken }),
      forget: () => false,
    }
  }
  const codes = options.codes ?? AS_ANCHOR
  const http: AwsHttp = { fetch: options.fetch ?? fetch, timeoutMs: options.timeoutMs ?? AWS_TIMEOUT_MS, codes }
  let kept: Fetched | null = null
  let asking: Promise<Fetched> | null = null
  return {
    async current() {
      if (kept !== null && now() < kept.until - EARLY) return kept.credentials
      asking ??= (source.from === 'container' ? fromContainer(source, http) : fromInstance(source.url, http)).finally(
        () => {
          asking = null
        },
      )
      kept = await asking
      return kept.credentials
    },
    forget() {
      kept = null
      return true
    },
  }
}

interface Fetched {
  readonly credentials: AwsCredentials
  /** Milliseconds since 1970. */
  readonly until: number
}

async function fromContainer(
  { url, token, tokenFile }: Extract<AwsCredentialSource, { from: 'container' }>,
  http: AwsHttp,
): Promise<Fetched> {
  const { codes } = http
  const address = agentUrl(url, codes)
  const authorization = tokenFile === null ? token : await tokenIn(tokenFile, codes)
  const headers = authorization === null ? [] : ([['authorization', authorization]] as const)
  const { status, body } = await askAws(address, { method: 'GET', headers }, http)
  if (status !== 200) throw unreachable(`${address.host} gave no credentials: status ${status}`, codes)
  return fetchedOf(membersOf(body), address.host, codes)
}

/** Version 2 only: version 1 gives credentials to whoever can make this machine fetch a URL. */
async function fromInstance(base: string, http: AwsHttp): Promise<Fetched> {
  const { codes } = http
  const ask = async (method: 'GET' | 'PUT', path: string, header: readonly [string, string]) => {
    const url = new URL(path, base)
    const { status, body } = await askAws(url, { method, headers: [header] }, http)
    if (status === 404) throw invalid(`the instance has no role that ${url.host} would give credentials of`, codes)
    if (status !== 200) throw unreachable(`${url.host} gave no credentials: status ${status}`, codes)
    return body
  }
  const { host } = new URL(base)
  const seconds = ['x-aws-ec2-metadata-token-ttl-seconds', '300'] as const
  const token = lineOf(await ask('PUT', '/latest/api/token', seconds), host, codes)
  const header = ['x-aws-ec2-metadata-token', token] as const
  const roles = '/latest/meta-data/iam/security-credentials/'
  const role = lineOf(await ask('GET', roles, header), host, codes)
  if (!/^[A-Za-z0-9+=,.@_-]{1,128}$/.test(role)) throw unreachable(`${host} named no role`, codes)
  return fetchedOf(membersOf(await ask('GET', roles + encodeURIComponent(role), header)), host, codes)
}

function lineOf(body: Uint8Array, host: string, codes: KmsCodes): string {
  try {
    const text = fromUtf8(body).trim()
    if (isSecretText(text)) return text
  } catch {
    // Not text: told below.
  }
  throw unreachable(`${host} answered something else than a line`, codes)
}

function fetchedOf(members: JsonObject | null, host: string, codes: KmsCodes): Fetched {
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = members ?? {}
  const found = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token }
  const until = typeof Expiration === 'string' ? Date.parse(Expiration) : Number.NaN
  if (!areCredentials(found) || found.sessionToken === null || Number.isNaN(until)) {
    throw unreachable(`${host} answered something else than credentials`, codes)
  }
  return { credentials: found, until }
}

function areCredentials(it: { readonly [K in keyof AwsCredentials]: unknown }): it is AwsCredentials {
  const { accessKeyId, secretAccessKey, sessionToken } = it
  const good = typeof accessKeyId === 'string' && /^[A-Za-z0-9]{4,128}$/.test(accessKeyId)
  return good && isSecretText(secretAccessKey) && (sessionToken === null || isSecretText(sessionToken))
}

async function tokenIn(path: string, codes: KmsCodes): Promise<string> {
  let text: string
  try {
    text = (await readFile(path, 'utf8')).trim()
  } catch {
    throw invalid(`${path}, which AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names, cannot be read`, codes)
  }
  if (!isSecretText(text)) throw invalid(`${path} holds no token`, codes)
  return text
}

function agentUrl(text: string, codes: KmsCodes): URL {
  const url = URL.parse(text)
  const good = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isAgent(url)))
  if (!good || url.username !== '' || url.password !== '') {
    throw invalid(
      'the address that the environment names for credentials is neither https nor an agent of ECS or EKS',
      codes,
    )
  }
  return url
}

function isAgent(url: URL): boolean {
  return AGENTS.includes(url.hostname) || isLoopback(url)
}

function invalid(what: string, codes: KmsCodes): CodedError {
  return new CodedError(codes.invalid, what, {
    fix: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is given.',
  })
}
