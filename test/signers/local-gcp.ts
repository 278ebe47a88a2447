import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { publicKeyPem } from '@countersign/core'
import { p256 } from '@noble/curves/nist.js'
import {
  type Asked,
  type LocalKeys,
  newVersion,
  type Reply,
  type ServiceMode,
  startLocalService,
  type Version,
} from './local-service.ts'

export interface LocalGcp extends LocalKeys {
  readonly url: string
  mode: ServiceMode
  /** A service account key, as Google gives it out. */
  readonly serviceAccount: Readonly<Record<string, string>>
  /** The subject token that is taken for one of Google's. */
  readonly subject: string
  /** Who asked for access tokens, oldest first: the path, and the grant where there is one. */
  readonly tokensAsked: string[]
  /** Access tokens that are taken. */
  readonly tokens: Set<string>
  /** Answers of keys and signatures are changed by it. */
  change: ((reply: Record<string, unknown>) => Record<string, unknown>) | null
  /** Address of a key with this algorithm. */
  create(algorithm: keyof typeof KINDS, name: string): string
}

const KINDS = {
  EC_SIGN_P256_SHA256: 'ecdsa-p256',
  EC_SIGN_ED25519: 'ed25519',
  EC_SIGN_P384_SHA384: 'ecdsa-p256',
  GOOGLE_SYMMETRIC_ENCRYPTION: 'ecdsa-p256',
} as const
const RING = 'projects/acme/locations/europe-west3/keyRings/builds'
const EMAIL = 'builder@acme.iam.gserviceaccount.com'

/** Cloud KMS on loopback: REST v1 with its checksums, and the token services of Google that lead to it. */
export async function startLocalGcp(): Promise<LocalGcp> {
  const account = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const keys = new Map<string, Version & { readonly algorithm: keyof typeof KINDS }>()
  const asked: string[] = []
  const other = newVersion()
  const service = await startLocalService(handle, ({ path }) => (isKms(path) ? gcp.mode : 'honest'))

  function handle(request: Asked): Reply {
    return isKms(request.path) ? kms(request) : token(request)
  }

  function kms({ method, path, headers, body }: Asked): Reply {
    asked.push(`${method} ${path}`)
    const { mode } = gcp
    const said = FAULTS[mode]
    if (said !== undefined) return refusal(...said)
    const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
    if (bearer === undefined || !gcp.tokens.has(bearer)) return refusal(401, 'UNAUTHENTICATED')
    const [, name = '', verb] = /^\/v1\/(projects\/[^?]+?)(\/publicKey|:asymmetricSign)(?:\?|$)/.exec(path) ?? []
    const held = keys.get(name)
    if (held === undefined) return refusal(404, 'NOT_FOUND')
    const reply = verb === '/publicKey' ? publicKeyOf(name, held) : signatureOf(name, held, JSON.parse(body) as Input)
    return reply === null ? refusal(400, 'INVALID_ARGUMENT') : { status: 200, body: gcp.change?.(reply) ?? reply }
  }

  function publicKeyOf(name: string, { publicKey, algorithm }: Version & { algorithm: string }) {
    const pem = publicKeyPem(publicKey)
    return { pem, algorithm, pemCrc32c: checksum(Buffer.from(pem)), name, protectionLevel: 'HSM' }
  }

  function signatureOf(name: string, held: Version, { data, dataCrc32c, digest, digestCrc32c }: Input) {
    const lies = gcp.mode === 'other-version' || gcp.mode === 'said-other'
    const whole = held.publicKey.algorithm === 'ed25519'
    const bytes = Buffer.from((whole ? data : digest?.sha256) ?? '', 'base64')
    if (checksum(bytes) !== (whole ? dataCrc32c : digestCrc32c) || (!whole && bytes.length !== 32)) return null
    const by = lies ? other : held
    const good = whole && !lies ? new Uint8Array(sign(null, bytes, held.privateKey)) : signDigest(by, bytes)
    const signature = bent(good, gcp.mode)
    return {
      signature: gcp.mode === 'no-base64' ? 'not base64!' : signature.toString('base64'),
      signatureCrc32c: checksum(signature),
      [whole ? 'verifiedDataCrc32c' : 'verifiedDigestCrc32c']: true,
      name: gcp.mode === 'said-other' ? name.replace(/\d+$/, '9') : name,
      protectionLevel: 'HSM',
    }
  }

  function token({ method, path, headers, body }: Asked): Reply {
    const fields = new URLSearchParams(body)
    gcp.tokensAsked.push(`${path} ${fields.get('grant_type') ?? ''}`.trim())
    const given = { access_token: [...gcp.tokens][0], expires_in: 3_599, token_type: 'Bearer' }
    const no = { status: 400, body: { error: 'invalid_grant' } }
    switch (path) {
      case '/computeMetadata/v1/instance/service-accounts/default/token':
        return headers['metadata-flavor'] === 'Google' ? { status: 200, body: given } : { status: 403, body: {} }
      case '/token': {
        const user = fields.get('refresh_token') === 'refresh-me' && fields.get('client_secret') === 'client-secret'
        return user || isOwn(fields.get('assertion') ?? '') ? { status: 200, body: given } : no
      }
      case '/v1/token': {
        const good =
          fields.get('subject_token') === gcp.subject &&
          (fields.get('audience') ?? '').startsWith('//iam.googleapis.com/')
        const scope = fields.get('scope') ?? ''
        // For a service account's token this one is only shown on the way.
        const wide = scope.endsWith('/cloud-platform')
        return good
          ? { status: 200, body: { ...given, access_token: wide ? 'federated-token' : given.access_token } }
          : no
      }
      case `/v1/projects/-/serviceAccounts/${EMAIL}:generateAccessToken`: {
        if (headers.authorization !== 'Bearer federated-token') return refusal(403, 'PERMISSION_DENIED')
        const expireTime = new Date(Date.now() + 3_600_000).toISOString()
        return { status: 200, body: { accessToken: given.access_token, expireTime } }
      }
      case '/subject':
        return headers.authorization === 'Bearer ask-for-it' && method === 'GET'
          ? { status: 200, body: { value: gcp.subject } }
          : { status: 401, body: {} }
      default:
        return refusal(404, 'NOT_FOUND')
    }
  }

  /** RFC 7523 §3: signed by the account, for this service, and not for long. */
  function isOwn(assertion: string): boolean {
    const [head = '', claims = '', signature = ''] = assertion.split('.')
    const key = createPublicKey(account.publicKey.export({ type: 'spki', format: 'pem' }))
    if (!verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'))) return false
    const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, string | number>
    const now = Date.now() / 1000
    const timely = Number(said['iat']) <= now + 1 && Number(said['exp']) > now && Number(said['exp']) <= now + 3_600
    const scoped = said['scope'] === 'https://www.googleapis.com/auth/cloudkms'
    return timely && scoped && said['iss'] === EMAIL && said['aud'] === `${service.url}/token`
  }

  const TOKEN = 'ya29.local-access-token'
  const pem = account.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const gcp: LocalGcp = {
    url: service.url,
    uri: '',
    env: { CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS: `${service.url}/`, GOOGLE_OAUTH_ACCESS_TOKEN: TOKEN },
    secrets: [TOKEN, 'client-secret', 'refresh-me', 'federated-token', 'ask-for-it', pem.split('\n')[3]!],
    mode: 'honest',
    asked,
    otherVersion: other.publicKey,
    unfit: [],
    serviceAccount: {
      type: 'service_account',
      client_email: EMAIL,
      private_key_id: '0123456789abcdef',
      private_key: pem,
      token_uri: `${service.url}/token`,
    },
    subject: 'subject.token.of-the-run',
    tokensAsked: [],
    tokens: new Set([TOKEN]),
    change: null,
    create(algorithm, name) {
      const version = `${RING}/cryptoKeys/${name}/cryptoKeyVersions/1`
      keys.set(version, { ...newVersion(KINDS[algorithm]), algorithm })
      return `gcpkms://${version}`
    },
    rotate() {
      keys.set(`${RING}/cryptoKeys/build/cryptoKeyVersions/2`, { ...newVersion(), algorithm: 'EC_SIGN_P256_SHA256' })
    },
    close: () => service.close(),
  }
  const unfit = [gcp.create('EC_SIGN_P384_SHA384', 'p384'), gcp.create('GOOGLE_SYMMETRIC_ENCRYPTION', 'symmetric')]
  return Object.assign(gcp, { uri: gcp.create('EC_SIGN_P256_SHA256', 'build'), unfit })
}

interface Input {
  readonly data?: string
  readonly dataCrc32c?: string
  readonly digest?: { readonly sha256?: string }
  readonly digestCrc32c?: string
}

const FAULTS: Partial<Record<ServiceMode, readonly [status: number, code: string]>> = {
  denied: [403, 'PERMISSION_DENIED'],
  absent: [404, 'NOT_FOUND'],
  disabled: [400, 'FAILED_PRECONDITION'],
  throttled: [429, 'RESOURCE_EXHAUSTED'],
  broken: [500, 'INTERNAL'],
  expired: [401, 'UNAUTHENTICATED'],
}

function refusal(status: number, code: string): Reply {
  return { status, body: { error: { code: status, message: 'no', status: code } } }
}

function isKms(path: string): boolean {
  return path.includes('/cryptoKeys/')
}

/** ECDSA over a digest as it is. */
export function signDigest({ privateKey }: Version, digest: Uint8Array): Uint8Array {
  const scalar = new Uint8Array(Buffer.from(privateKey.export({ format: 'jwk' }).d!, 'base64url'))
  const made = p256.sign(digest, scalar, { prehash: false, lowS: false })
  return p256.Signature.fromBytes(made).toBytes('der')
}

/** A signature as a service answers it that lies. */
export function bent(signature: Uint8Array, mode: ServiceMode): Buffer {
  if (mode === 'malformed') return Buffer.from([...signature, 0])
  return Buffer.from(mode === 'short' ? signature.subarray(0, 8) : signature)
}

/** CRC-32C, bit by bit. */
function checksum(bytes: Uint8Array): string {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return String((crc ^ 0xffffffff) >>> 0)
}
