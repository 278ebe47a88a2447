import { createHash } from 'node:crypto'
import { publicKeyPem } from '@countersign/core'
import { bent, signDigest } from './local-gcp.ts'
import {
  type Asked,
  type LocalKeys,
  newVersion,
  type Reply,
  type ServiceMode,
  signBytes,
  startLocalService,
  type Version,
} from './local-service.ts'

export interface LocalVault extends LocalKeys {
  readonly url: string
  mode: ServiceMode
  readonly token: string
  /** Where the engine is: mount, and namespace where there is one. */
  mount: string
  namespace: string | null
  change: ((data: Record<string, unknown>) => Record<string, unknown>) | null
  /** Address of a new key. */
  create(name: string, type: string): string
}

/** The transit engine of Vault and OpenBao on loopback, HTTP API v1. */
export async function startLocalVault(): Promise<LocalVault> {
  interface Held {
    readonly type: string
    readonly versions: Version[]
  }
  const keys = new Map<string, Held>()
  const asked: string[] = []
  const other = newVersion()
  const service = await startLocalService(handle, () => vault.mode)

  function handle({ method, path, headers, body }: Asked): Reply {
    asked.push(`${method} ${path} ${body}`.trim())
    const { mode } = vault
    const said = FAULTS[mode]
    if (said !== undefined) return { status: said[0], body: { errors: said.slice(1) } }
    const token = headers['x-vault-token'] === vault.token && headers['x-vault-request'] === 'true'
    if (!token || (headers['x-vault-namespace'] ?? null) !== vault.namespace) {
      return { status: 403, body: { errors: ['permission denied'] } }
    }
    const prefix = `/v1/${vault.mount}/`
    const [, verb, name = ''] = /^(keys|sign)\/([\w.-]+)$/.exec(path.slice(prefix.length)) ?? []
    const held = keys.get(name)
    if (!path.startsWith(prefix) || held === undefined) return { status: 404, body: { errors: [] } }
    const data = verb === 'keys' ? keyOf(name, held) : signatureOf(held, JSON.parse(body) as Input)
    if (data === null) return { status: 400, body: { errors: ['invalid request'] } }
    return {
      status: 200,
      body: { request_id: 'x', lease_id: '', renewable: false, data: vault.change?.(data) ?? data },
    }
  }

  function keyOf(name: string, { type, versions }: Held) {
    const entry = ({ publicKey }: Version) => ({
      name: type === 'ed25519' ? 'ed25519' : 'P-256',
      public_key: type === 'ed25519' ? Buffer.from(publicKey.raw).toString('base64') : publicKeyPem(publicKey),
      creation_time: '2026-11-21T12:00:00Z',
    })
    return {
      name,
      type,
      latest_version: versions.length,
      min_available_version: 0,
      derived: false,
      exportable: false,
      supports_signing: type !== 'aes256-gcm96',
      keys: Object.fromEntries(versions.map((version, i) => [String(i + 1), entry(version)])),
    }
  }

  function signatureOf({ type, versions }: Held, given: Input) {
    const number = given.key_version ?? versions.length
    const version = versions[number - 1]
    if (version === undefined) return null
    const lies = vault.mode === 'other-version' || vault.mode === 'said-other'
    const input = Buffer.from(given.input, 'base64')
    const prehashed = given.prehashed === true
    if (prehashed && (input.length !== 32 || given.hash_algorithm !== 'sha2-256')) return null
    if (type !== 'ed25519' && given.marshaling_algorithm !== 'asn1') return null
    const digest = prehashed ? input : createHash('sha256').update(input).digest()
    const good = type === 'ed25519' ? signBytes(version, input) : signDigest(lies ? other : version, digest)
    const text = vault.mode === 'no-base64' ? 'not base64!' : bent(good, vault.mode).toString('base64')
    const by = vault.mode === 'said-other' ? number + 1 : number
    return { signature: `vault:v${by}:${text}`, key_version: by }
  }

  const vault: LocalVault = {
    url: service.url,
    uri: 'hashivault://build',
    env: { VAULT_ADDR: service.url, VAULT_TOKEN: 'hvs.local-token' },
    secrets: ['hvs.local-token'],
    token: 'hvs.local-token',
    mode: 'honest',
    asked,
    otherVersion: other.publicKey,
    unfit: [],
    mount: 'transit',
    namespace: null,
    change: null,
    create(name, type) {
      keys.set(name, { type, versions: [newVersion(type === 'ed25519' ? 'ed25519' : 'ecdsa-p256')] })
      return `hashivault://${name}`
    },
    rotate: () => void keys.get('build')!.versions.push(newVersion()),
    close: () => service.close(),
  }
  vault.create('build', 'ecdsa-p256')
  const unfit = [vault.create('aes', 'aes256-gcm96'), vault.create('rsa', 'rsa-2048'), 'hashivault://build/versions/7']
  return Object.assign(vault, { unfit })
}

interface Input {
  readonly input: string
  readonly key_version?: number
  readonly prehashed?: boolean
  readonly hash_algorithm?: string
  readonly marshaling_algorithm?: string
}

const FAULTS: Partial<Record<ServiceMode, readonly [status: number, ...errors: string[]]>> = {
  denied: [403, 'permission denied'],
  absent: [404],
  disabled: [400, 'requested version for signing is less than the minimum encryption key version'],
  throttled: [429, 'request path "transit/sign/build": rate limit quota exceeded'],
  broken: [500, 'internal error'],
  expired: [403, 'permission denied', 'invalid token'],
}
