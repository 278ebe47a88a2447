import {
  base64,
  type CodedError,
  type JsonObject,
  type KeyAlgorithm,
  readPublicKey,
  sha256,
  utf8,
} from '@countersign/core'
import { crc32c } from './crc32c.ts'
import { gcpTokens } from './gcp-credentials.ts'
import { addressIn, hostOf, objectOf } from './http.ts'
import { bytesOf, callKms, type KmsRefusal, type KmsService, nonsense } from './kms-call.ts'
import { type KmsDoor, KmsFaults, setting } from './kms-door.ts'
import type { HeldKey } from './kms-signer.ts'

/** Cloud KMS's own names for what verifies here, and what is sent to be signed. */
const ALGORITHMS: Readonly<Record<string, KeyAlgorithm>> = {
  EC_SIGN_P256_SHA256: 'ecdsa-p256',
  EC_SIGN_ED25519: 'ed25519',
}
/** Most bytes that Cloud KMS signs as they are (its quotas). */
const MAX_DATA = 65_536

/**
 * A key version in Google Cloud KMS (REST v1). Every answer is held against its CRC-32C and against the version's name:
 * Cloud KMS says under both what it sent and what it signed with.
 */
export async function openGcpKey(version: string, door: KmsDoor): Promise<HeldKey> {
  const faults = new KmsFaults(door)
  const base = endpointIn(door, faults)
  const service: KmsService = {
    name: 'Cloud KMS',
    door,
    faults,
    tokens: gcpTokens(door, faults),
    header: (token) => [['authorization', `Bearer ${token}`]],
    explain,
  }
  const read = new URL(`/v1/${version}/publicKey`, base)
  const told = await callKms(read, null, service)
  const { name, algorithm, pem } = told
  if (typeof pem !== 'string') throw nonsense(read, service)
  if (!sums(told['pemCrc32c'], utf8(pem))) throw damaged(read, faults)
  if (name !== version) throw faults.invalid(`${hostOf(read)} gave another key for ${version}`)
  const expected = typeof algorithm === 'string' && Object.hasOwn(ALGORITHMS, algorithm) ? ALGORITHMS[algorithm]! : null
  if (expected === null) throw otherKind(version, algorithm, faults)
  const publicKey = keyIn(pem)
  if (publicKey?.algorithm !== expected) {
    throw faults.invalid(`the public key that Cloud KMS gave for ${version} is none of its kind`)
  }

  const sign = new URL(`/v1/${version}:asymmetricSign`, base)
  return {
    name: version,
    publicKey,
    async sign(message) {
      const whole = expected === 'ed25519'
      if (whole && message.length > MAX_DATA) {
        throw faults.invalid(
          `Cloud KMS signs at most ${MAX_DATA} bytes with Ed25519, and this is ${message.length}`,
          'Use a key with the algorithm EC_SIGN_P256_SHA256.',
        )
      }
      const data = whole ? message : sha256(message)
      const sum = String(crc32c(data))
      const input: JsonObject = whole
        ? { data: base64(data), dataCrc32c: sum }
        : { digest: { sha256: base64(data) }, digestCrc32c: sum }
      const reply = await callKms(sign, input, service)
      const signature = bytesOf(reply['signature'])
      if (signature === null) throw nonsense(sign, service)
      // Without that word it may have signed what was damaged on the way to it.
      const received = reply[whole ? 'verifiedDataCrc32c' : 'verifiedDigestCrc32c'] === true
      if (!received || !sums(reply['signatureCrc32c'], signature)) throw damaged(sign, faults)
      if (reply['name'] !== version) {
        throw faults.refused(
          `Cloud KMS signed with another version than ${version}`,
          'Find out what answers there; nothing was published.',
        )
      }
      return signature
    },
  }
}

/** Google's own, or a private one, as gcloud is told it. */
function endpointIn(door: KmsDoor, faults: KmsFaults): URL {
  const name = 'CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS'
  const url = addressIn(setting(door, name) ?? 'https://cloudkms.googleapis.com', { path: false })
  if (typeof url === 'string') throw faults.invalid(`the address in ${name} ${url}`)
  return url
}

/** An Int64Value of protobuf's JSON: decimal text, by some as a number. */
function sums(value: unknown, bytes: Uint8Array): boolean {
  const text = typeof value === 'number' ? String(value) : value
  return text === String(crc32c(bytes))
}

function damaged(url: URL, faults: KmsFaults): CodedError {
  return faults.unreachable(`what ${hostOf(url)} sent, or got, was damaged on the way: its CRC-32C is another`)
}

function keyIn(pem: string) {
  try {
    return readPublicKey(pem)
  } catch {
    return null
  }
}

function otherKind(version: string, algorithm: unknown, faults: KmsFaults): CodedError {
  const known = typeof algorithm === 'string' && /^[A-Z0-9_]{1,60}$/.test(algorithm) ? algorithm : 'of no known kind'
  return faults.invalid(
    `the key ${version} is ${known}`,
    `Name a version with the algorithm ${Object.keys(ALGORITHMS).join(' or ')}.`,
  )
}

/** Codes of google.rpc.Code that say something to a person. */
const FIX: Readonly<Record<string, string>> = {
  UNAUTHENTICATED:
    'Give credentials that are valid: GOOGLE_APPLICATION_CREDENTIALS, GOOGLE_OAUTH_ACCESS_TOKEN, or a service account of the machine.',
  PERMISSION_DENIED: 'Give whoever the credentials are of the role roles/cloudkms.signerVerifier on this key.',
  NOT_FOUND: 'Check project, location, key ring, key and version.',
  FAILED_PRECONDITION: 'Enable the version of the key, or name another: a disabled or destroyed one does not sign.',
  INVALID_ARGUMENT: 'Name a key with the purpose ASYMMETRIC_SIGN.',
}

function explain({ status, members }: KmsRefusal) {
  const said = objectOf(members?.['error'])?.['status']
  const bare = { 401: 'UNAUTHENTICATED', 403: 'PERMISSION_DENIED', 404: 'NOT_FOUND' }[status]
  // Not the message: what answers there could repeat a token in it.
  const code = typeof said === 'string' && Object.hasOwn(FIX, said) ? said : bare
  if (code === undefined) return { what: 'an error', fix: 'See in the audit log of the project what was wrong.' }
  return { what: code, fix: FIX[code]! }
}
