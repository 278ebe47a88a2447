import { base64, concat, parsePublicKey, sha256, spkiOf } from '@countersign/core'
import { type AzureCloud, azureTokens } from './azure-credentials.ts'
import { isLoopback } from './http.ts'
import { bytesOf, callKms, type KmsRefusal, type KmsService, nonsense } from './kms-call.ts'
import { type KmsDoor, KmsFaults, setting } from './kms-door.ts'
import type { HeldKey } from './kms-signer.ts'
import type { KmsUri } from './kms-uri.ts'
import { objectOf } from './http.ts'

const VERSION = '7.4'
const LOGIN = 'https://login.microsoftonline.com'
/** Where vaults are, whose tokens they take, and who gives these. No token goes to a vault elsewhere. */
const CLOUDS: Readonly<Record<string, string>> = {
  'vault.azure.net': LOGIN,
  'managedhsm.azure.net': LOGIN,
  'vault.azure.cn': 'https://login.chinacloudapi.cn',
  'managedhsm.azure.cn': 'https://login.chinacloudapi.cn',
  'vault.usgovcloudapi.net': 'https://login.microsoftonline.us',
  'managedhsm.usgovcloudapi.net': 'https://login.microsoftonline.us',
}

/**
 * A P-256 key in Azure Key Vault or Managed HSM (REST 7.4). Where no version is named, that of now is signed with until
 * the end, whatever is made meanwhile.
 */
export async function openAzureKey(
  { vault, key, version: asked }: Extract<KmsUri, { service: 'azure' }>,
  door: KmsDoor,
): Promise<HeldKey> {
  const faults = new KmsFaults(door)
  const { base, cloud } = vaultAt(vault, faults)
  const service: KmsService = {
    name: 'Key Vault',
    door,
    faults,
    tokens: azureTokens(cloud, door, faults),
    header: (token) => [['authorization', `Bearer ${token}`]],
    explain: (refusal) => explain(refusal, setting(door, 'AZURE_TENANT_ID')),
  }
  const at = (path: string) => new URL(`/keys/${path}?api-version=${VERSION}`, base)
  const read = at(asked === null ? key : `${key}/${asked}`)
  const told = await callKms(read, null, service)
  const jwk = objectOf(told['key'])
  const name = nameIn(jwk?.['kid'], base)
  if (jwk === null || name === null) throw nonsense(read, service)
  if (name.key.toLowerCase() !== key.toLowerCase() || (asked !== null && name.version !== asked)) {
    throw faults.invalid(`${vault} gave another key for ${key}`)
  }
  const pinned = `${key}/${name.version}`
  const { kty, crv, key_ops: operations } = jwk
  if ((kty !== 'EC' && kty !== 'EC-HSM') || crv !== 'P-256') {
    throw faults.invalid(
      `the key ${pinned} is not of the curve P-256`,
      'Name a key of the type EC or EC-HSM with the curve P-256.',
    )
  }
  if (Array.isArray(operations) && !operations.includes('sign')) {
    throw faults.invalid(
      `the key ${pinned} is not for signing`,
      'Allow the operation sign on the key, or name another.',
    )
  }
  if (objectOf(told['attributes'])?.['enabled'] === false) {
    throw faults.invalid(`the key ${pinned} is disabled`, 'Enable this version of the key, or name another.')
  }
  const point = [bytesOf(jwk['x'], 'base64url'), bytesOf(jwk['y'], 'base64url')]
  const publicKey = publicKeyAt(point)
  if (publicKey === null) throw faults.invalid(`the public key that ${vault} gave for ${pinned} is none of its kind`)

  const sign = at(`${pinned}/sign`)
  return {
    name: `${vault}/${pinned}`,
    publicKey,
    async sign(message) {
      const value = urlText(sha256(message))
      const reply = await callKms(sign, { alg: 'ES256', value }, service)
      const raw = bytesOf(reply['value'], 'base64url')
      if (raw === null) throw nonsense(sign, service)
      const by = nameIn(reply['kid'], base)
      if (by?.version !== name.version || by.key.toLowerCase() !== key.toLowerCase()) {
        throw faults.refused(
          `${vault} signed with another key than ${pinned}`,
          'Find out what answers there; nothing was published.',
        )
      }
      // As JWS has it (RFC 7518 §3.4); what is no such thing does not verify either.
      return raw.length === 64 ? derOf(raw) : raw
    },
  }
}

function vaultAt(vault: string, faults: KmsFaults): { readonly base: URL; readonly cloud: AzureCloud } {
  const suffix = Object.keys(CLOUDS).find((one) => vault.endsWith(`.${one}`))
  if (suffix !== undefined && /^[a-z0-9-]{1,127}\.[a-z0-9.]+$/.test(vault)) {
    return { base: new URL(`https://${vault}`), cloud: { resource: `https://${suffix}`, authority: CLOUDS[suffix]! } }
  }
  const base = new URL(`http://${vault}`)
  if (isLoopback(base)) return { base, cloud: { resource: 'https://vault.azure.net', authority: LOGIN } }
  throw faults.invalid(
    `${vault} is no vault of Azure`,
    `Name it as NAME.${Object.keys(CLOUDS).slice(0, 2).join(' or NAME.')}.`,
  )
}

/** Name and version in the address of a key; null for what is none, or of another vault. */
function nameIn(kid: unknown, base: URL): { readonly key: string; readonly version: string } | null {
  const url = typeof kid === 'string' ? URL.parse(kid) : null
  if (url === null || url.host !== base.host) return null
  const [, key, version] = /^\/keys\/([A-Za-z0-9-]{1,127})\/([0-9a-f]{32})$/.exec(url.pathname) ?? []
  return key === undefined || version === undefined ? null : { key, version }
}

function publicKeyAt(point: readonly (Uint8Array | null)[]) {
  const [x, y] = point
  if (x?.length !== 32 || y?.length !== 32) return null
  try {
    return parsePublicKey(spkiOf('ecdsa-p256', concat(Uint8Array.of(4), x, y)))
  } catch {
    return null
  }
}

/** Ecdsa-Sig-Value (RFC 3279 §2.2.3) of r‖s. */
function derOf(raw: Uint8Array): Uint8Array {
  const [r, s] = [integerOf(raw.subarray(0, 32)), integerOf(raw.subarray(32))]
  return concat(Uint8Array.of(0x30, r.length + s.length), r, s)
}

function integerOf(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0)
  const digits = first < 0 ? Uint8Array.of(0) : bytes.subarray(first)
  // The first bit is the sign.
  const sign = digits[0]! >= 0x80 ? Uint8Array.of(0) : new Uint8Array()
  return concat(Uint8Array.of(0x02, sign.length + digits.length), sign, digits)
}

function urlText(bytes: Uint8Array): string {
  return base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

const SIGN_RIGHT =
  'Give whoever the credentials are of keys/get and keys/sign on this key: the role Key Vault Crypto User, or Managed HSM Crypto User.'
const FIX: Readonly<Record<string, string>> = {
  Unauthorized:
    'Give credentials of the tenant that the vault is in: AZURE_TENANT_ID with AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE, or a managed identity.',
  Forbidden: SIGN_RIGHT,
  ForbiddenByRbac: SIGN_RIGHT,
  ForbiddenByPolicy: SIGN_RIGHT,
  ForbiddenByFirewall: 'Let the firewall of the vault pass the network of this machine.',
  ForbiddenByConnection: 'The vault is reached over its private endpoint only: run where that is.',
  KeyNotFound: 'Check vault, key and version.',
  KeyDisabled: 'Enable this version of the key, or name another.',
  KeyExpired: 'Name a version that is not expired.',
  KeyNotYetValid: 'Name a version that is valid by now.',
  KeyOperationForbidden: 'Allow the operation sign on the key, or name another.',
}

function explain({ status, headers, members }: KmsRefusal, tenant: string | null) {
  const error = objectOf(members?.['error'])
  const said = [objectOf(error?.['innererror'])?.['code'], error?.['code']]
  const bare = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'KeyNotFound' }[status]
  // Not the message: what answers there could repeat a token in it.
  const code = said.find((one): one is string => typeof one === 'string' && Object.hasOwn(FIX, one)) ?? bare
  if (code === undefined) return { what: 'an error', fix: 'See in the diagnostic log of the vault what was wrong.' }
  if (code !== 'Unauthorized') return { what: code, fix: FIX[code]! }
  const home = tenantIn(headers.get('www-authenticate'))
  // Told, and never asked: a vault that could name who gets the credentials would get them.
  const elsewhere = home !== null && tenant !== null && home !== tenant.toLowerCase()
  return { what: elsewhere ? `${code}; it takes tokens of the tenant ${home}` : code, fix: FIX[code]! }
}

/** The tenant that a challenge names: `Bearer authorization="https://…/TENANT", resource="…"`. */
function tenantIn(challenge: string | null): string | null {
  const said = /\bauthorization(?:_uri)?="https:\/\/[a-z0-9.]{1,80}\/([0-9A-Fa-f-]{36})"/.exec(challenge ?? '')
  return said?.[1]?.toLowerCase() ?? null
}
