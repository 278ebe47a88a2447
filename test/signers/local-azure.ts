import { randomBytes } from 'node:crypto'
import { p256 } from '@noble/curves/nist.js'
import { bent, signDigest } from './local-gcp.ts'
import {
  type Asked,
  type LocalKeys,
  newVersion,
  type Reply,
  type ServiceMode,
  startLocalService,
  type Version,
} from './local-service.ts'

export interface LocalAzure extends LocalKeys {
  readonly url: string
  mode: ServiceMode
  /** Whose vault it is. */
  readonly tenant: string
  readonly client: string
  readonly clientSecret: string
  /** A token of another issuer that stands for the application. */
  readonly assertion: string
  readonly tokensAsked: string[]
  readonly tokens: Set<string>
  change: ((reply: Record<string, unknown>) => Record<string, unknown>) | null
  /** Address of a new key's first version. */
  create(name: string, change?: Record<string, unknown>): string
  /** A vault address of the key without a version. */
  readonly newest: string
}

const RESOURCE = 'https://vault.azure.net'
const TENANT = '11111111-2222-4333-8444-555555555555'
const CLIENT = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee'

/** Key Vault on loopback: REST 7.4 with its challenge, and the token services of Azure that lead to it. */
export async function startLocalAzure(): Promise<LocalAzure> {
  interface Held extends Version {
    readonly id: string
    readonly change: Record<string, unknown>
  }
  const keys = new Map<string, Held[]>()
  const asked: string[] = []
  const other = newVersion()
  const service = await startLocalService(handle, ({ path }) => (path.startsWith('/keys/') ? azure.mode : 'honest'))

  function handle(request: Asked): Reply {
    return request.path.startsWith('/keys/') ? vault(request) : token(request)
  }

  function vault({ method, path, headers, body }: Asked): Reply {
    asked.push(`${method} ${path}`)
    const { mode } = azure
    const said = FAULTS[mode]
    if (said !== undefined) return { ...refusal(...said), headers: challenge }
    const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
    if (bearer === undefined || !azure.tokens.has(bearer))
      return { ...refusal(401, 'Unauthorized'), headers: challenge }
    const [, name = '', id, verb] =
      /^\/keys\/([A-Za-z0-9-]+)(?:\/([0-9a-f]{32}))?(\/sign)?\?api-version=7\.4$/.exec(path) ?? []
    const versions = keys.get(name) ?? []
    const held = id === undefined ? versions.at(-1) : versions.find((one) => one.id === id)
    if (held === undefined) return refusal(404, 'KeyNotFound')
    const reply = verb === undefined ? keyOf(name, held) : signatureOf(name, held, JSON.parse(body) as Input)
    return reply === null ? refusal(400, 'BadParameter') : { status: 200, body: azure.change?.(reply) ?? reply }
  }

  function keyOf(name: string, { publicKey, id, change }: Held) {
    const { raw } = publicKey
    const [x, y] = [raw.subarray(1, 33), raw.subarray(33)].map((part) => Buffer.from(part).toString('base64url'))
    const key = { kid: kid(name, id), kty: 'EC', key_ops: ['sign', 'verify'], crv: 'P-256', x, y, ...change }
    return {
      key,
      attributes: { enabled: true, created: 1_700_000_000, updated: 1_700_000_000, recoveryLevel: 'Recoverable' },
    }
  }

  function signatureOf(name: string, held: Held, { alg, value }: Input) {
    const digest = Buffer.from(value, 'base64url')
    if (alg !== 'ES256' || digest.length !== 32 || value.includes('=')) return null
    const lies = azure.mode === 'other-version' || azure.mode === 'said-other'
    const raw = p256.Signature.fromBytes(signDigest(lies ? other : held, digest), 'der').toBytes('compact')
    const by = azure.mode === 'said-other' ? 'f'.repeat(32) : held.id
    return {
      kid: kid(name, by),
      value: azure.mode === 'no-base64' ? 'not base64!' : bent(raw, azure.mode).toString('base64url'),
    }
  }

  function token({ method, path, headers, body }: Asked): Reply {
    const url = new URL(path, service.url)
    const fields = new URLSearchParams(body)
    azure.tokensAsked.push(`${method} ${url.pathname}`)
    const given = { token_type: 'Bearer', expires_in: 3_599, access_token: [...azure.tokens][0] }
    const no = { status: 400, body: { error: 'invalid_client' } }
    const resource = url.searchParams.get('resource') === RESOURCE
    switch (url.pathname) {
      case `/${TENANT}/oauth2/v2.0/token`: {
        const secret = fields.get('client_secret') === azure.clientSecret
        const type = fields.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
        const proven = secret || (type && fields.get('client_assertion') === azure.assertion)
        const good = fields.get('grant_type') === 'client_credentials' && fields.get('scope') === `${RESOURCE}/.default`
        return proven && good && fields.get('client_id') === CLIENT ? { status: 200, body: given } : no
      }
      case '/metadata/identity/oauth2/token':
        // It answers with text where others answer with numbers.
        return headers['metadata'] === 'true' && resource && url.searchParams.get('api-version') === '2018-02-01'
          ? { status: 200, body: { ...given, expires_in: '3599' } }
          : no
      case '/msi/token':
        return headers['x-identity-header'] === 'platform-header' && resource
          ? {
              status: 200,
              body: { ...given, expires_in: undefined, expires_on: String(Math.floor(Date.now() / 1000) + 3_599) },
            }
          : no
      default:
        return refusal(404, 'KeyNotFound')
    }
  }

  const kid = (name: string, id: string) => `${service.url}/keys/${name}/${id}`
  const challenge = {
    'www-authenticate': `Bearer authorization="https://login.microsoftonline.com/${TENANT}", resource="${RESOURCE}"`,
  }
  const TOKEN = 'eyJ0eXAi.local.access-token'
  const add = (name: string, change: Record<string, unknown> = {}) => {
    const held = { ...newVersion(), id: randomBytes(16).toString('hex'), change }
    keys.set(name, [...(keys.get(name) ?? []), held])
    return `azurekms://${service.host}/${name}/${held.id}`
  }
  const azure: LocalAzure = {
    url: service.url,
    uri: add('build'),
    newest: `azurekms://${service.host}/build`,
    env: { AZURE_ACCESS_TOKEN: TOKEN },
    secrets: [TOKEN, 'client/secret~1', 'assertion.of.the-run', 'platform-header'],
    mode: 'honest',
    asked,
    otherVersion: other.publicKey,
    unfit: [
      add('p384', { crv: 'P-384' }),
      add('rsa', { kty: 'RSA', crv: undefined }),
      add('wrap', { key_ops: ['wrapKey'] }),
      add('bent', { x: Buffer.alloc(32, 1).toString('base64url') }),
    ],
    tenant: TENANT,
    client: CLIENT,
    clientSecret: 'client/secret~1',
    assertion: 'assertion.of.the-run',
    tokensAsked: [],
    tokens: new Set([TOKEN]),
    change: null,
    create: add,
    rotate: () => void add('build'),
    close: () => service.close(),
  }
  return azure
}

interface Input {
  readonly alg: string
  readonly value: string
}

const FAULTS: Partial<Record<ServiceMode, readonly [status: number, code: string, inner?: string]>> = {
  denied: [403, 'Forbidden', 'ForbiddenByRbac'],
  absent: [404, 'KeyNotFound'],
  disabled: [403, 'Forbidden', 'KeyDisabled'],
  throttled: [429, 'Throttled'],
  broken: [500, 'InternalServerError'],
  expired: [401, 'Unauthorized'],
}

function refusal(status: number, code: string, inner?: string): Reply {
  return {
    status,
    body: { error: { code, message: 'no', ...(inner === undefined ? {} : { innererror: { code: inner } }) } },
  }
}
