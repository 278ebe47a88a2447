import {
  base64,
  CodedError,
  fromBase64,
  type JsonObject,
  parsePublicKey,
  type PublicKey,
  sha256,
  utf8,
} from '@countersign/core'
import type { Signer } from '@countersign/sign'
import type { AwsCredentialsProvider } from './aws-credentials.ts'
import { askAws, AWS_TIMEOUT_MS, awsEndpoint, type AwsHttp } from './aws-http.ts'
import { signAwsRequest } from './aws-sigv4.ts'
import { nodeCrypto } from './crypto-node.ts'
import { membersOf } from './http.ts'
import { AS_ANCHOR, type KmsCodes } from './kms-door.ts'

export interface AwsKmsOptions {
  /** ARN, id or alias of the key. An ARN or id is one key for ever; an alias can be moved to another. */
  readonly key: string
  readonly region: string
  /** `https`, or `http` to this machine; null for AWS's own in the region. */
  readonly endpoint: string | null
  readonly credentials: AwsCredentialsProvider
  /** Milliseconds since 1970. AWS refuses a request that is five minutes off. */
  readonly now: () => number
  /** For one request, answer included; 5,000 by default. */
  readonly timeoutMs?: number
  readonly fetch?: typeof fetch
  /** What faults are called: those of an anchor by default. */
  readonly codes?: KmsCodes
}

/** Kinds of keys that are of use, as AWS names them. */
export type AwsKeySpec = 'ECC_NIST_P256' | 'ECC_SECG_P256K1'

/** A key that AWS KMS holds, once it is known. What it signs is verified before anybody sees it (T-68). */
export interface AwsKmsKey {
  /** Its ARN, or id where a service says no more: what is signed with from now on, also where an alias is moved. */
  readonly id: string
  readonly spec: AwsKeySpec
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array
  readonly codes: KmsCodes
  /** ECDSA of a 32-byte digest, DER as AWS returned it; not verified yet. */
  sign(digest: Uint8Array): Promise<Uint8Array>
  /** Asks whether it would sign, without a signature being made. Throws what `sign` throws. */
  tryOut(): Promise<void>
}

const ALGORITHM = 'ECDSA_SHA_256'
const KEY_ID = /^(?:arn:aws[a-z-]{0,20}:kms:[a-z0-9-]{1,32}:\d{12}:key\/)?[A-Za-z0-9-]{1,128}$/

/**
 * Asks KMS for a key and holds it against what it is to be. Throws `unreachable` of its codes where it may
 * pass, `invalid` where only a person can help; neither says a secret.
 */
export async function openAwsKmsKey(options: AwsKmsOptions, spec: AwsKeySpec): Promise<AwsKmsKey> {
  const kms = new Kms(options)
  const { codes } = kms
  const told = await kms.call('GetPublicKey', { KeyId: options.key })
  const { KeyId: id, KeyUsage, SigningAlgorithms, PublicKey } = told
  const found = told['KeySpec'] ?? told['CustomerMasterKeySpec']
  if (typeof id !== 'string' || !KEY_ID.test(id)) throw kms.nonsense('GetPublicKey')
  if (!isSame(options.key, id)) throw kms.setup(`gave another key for ${options.key}`)
  if (found !== spec || KeyUsage !== 'SIGN_VERIFY') {
    const other = typeof found === 'string' && /^[A-Z0-9_]{1,40}$/.test(found) ? found : 'of another kind'
    const what = found === spec ? 'is not for signing' : `is ${other}, not ${spec}`
    throw new CodedError(codes.invalid, `the key ${id} ${what}`, {
      fix: `Name a key with the specification ${spec} and the usage SIGN_VERIFY.`,
    })
  }
  if (!Array.isArray(SigningAlgorithms) || !SigningAlgorithms.includes(ALGORITHM)) throw kms.nonsense('GetPublicKey')
  const spki = kms.bytes('GetPublicKey', PublicKey)
  const request = { KeyId: id, MessageType: 'DIGEST', SigningAlgorithm: ALGORITHM }
  return {
    id,
    spec,
    spki,
    codes,
    async sign(digest) {
      const reply = await kms.call('Sign', { ...request, Message: base64(digest) })
      return kms.bytes('Sign', reply['Signature'])
    },
    async tryOut() {
      // A hash of words that nothing else is signed for, should a service sign all the same.
      const Message = base64(sha256(utf8('countersign: may this key sign?')))
      try {
        await kms.call('Sign', { ...request, Message, DryRun: true })
      } catch (error) {
        if (!(error instanceof KmsRefusal && error.type === DRY_RUN)) throw error
      }
    },
  }
}

/** Whether a key is the one that was asked for; an alias may be any. */
function isSame(asked: string, id: string): boolean {
  if (/(?:^|:)alias\//.test(asked) || asked === id) return true
  const bare = (name: string) => name.slice(name.indexOf('/') + 1)
  // Two ARNs are of one account and region, or of two keys.
  return !(asked.includes('/') && id.includes('/')) && bare(asked) === bare(id)
}

/** A P-256 key as whatever signs. Throws `invalid` of its codes for a key that is none. */
export function awsKmsSigner(key: AwsKmsKey): Signer {
  const publicKey = p256Of(key)
  return {
    key: { kind: 'publicKey', hint: publicKey.keyId },
    publicKey,
    async sign(pae) {
      // KMS takes 4 kB of message, and any digest.
      const signature = await key.sign(sha256(pae))
      if (!nodeCrypto.verify(publicKey, pae, signature)) throw foreign(key)
      return signature
    },
  }
}

/** Throws `invalid` of its codes for a key that is none of P-256. */
export function p256Of({ spki, id, codes }: AwsKmsKey): PublicKey {
  try {
    const publicKey = parsePublicKey(spki)
    if (publicKey.algorithm === 'ecdsa-p256') return publicKey
  } catch {
    // Told below.
  }
  throw noKey(id, codes)
}

/** A public half that is none of the kind that the key was said to be. */
export function noKey(id: string, codes: KmsCodes): CodedError {
  return new CodedError(codes.invalid, `the public key that AWS KMS gave for ${id} is none of its kind`)
}

/** A signature that does not verify under the key (T-68). */
export function foreign({ id, codes }: AwsKmsKey): CodedError {
  return new CodedError(codes.refused, `AWS KMS returned what is no signature of ${id}`, {
    fix: 'Find out what answers at the endpoint; then put the statement back: countersign anchor retry',
  })
}

const DRY_RUN = 'DryRunOperationException'
/** What passes by itself; KMS and the layer before it. */
const PASSING = new Set([
  'DependencyTimeoutException',
  'InternalFailure',
  'InternalServiceException',
  'KMSInternalException',
  'KeyUnavailableException',
  'LimitExceededException',
  'RequestLimitExceeded',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
])
const PASSING_STATUS = new Set([408, 425, 429])
const FIX: Readonly<Record<string, string>> = {
  AccessDeniedException: 'Allow kms:GetPublicKey and kms:Sign on this key to whoever the credentials are of.',
  NotFoundException: 'Check key, region and account.',
  DisabledException: 'Enable the key, or name another.',
  KMSInvalidStateException: 'See in AWS what state the key is in; one that waits for its deletion does not sign.',
  ExpiredTokenException: 'Give credentials that are valid.',
  InvalidSignatureException: 'Check the secret access key and this machine’s clock.',
  UnrecognizedClientException: 'Check the access key, and the session token that belongs to it.',
}

/** What KMS answered instead of a result. */
class KmsRefusal extends CodedError {
  readonly type: string | null

  constructor(host: string, status: number, type: string | null, codes: KmsCodes) {
    const passing = type === null ? status >= 500 || PASSING_STATUS.has(status) : PASSING.has(type) || status >= 500
    // Not the message: what answers there could repeat a session token in it.
    const what = `${host} refused: ${type ?? 'an error'} (status ${status})`
    const denied = status === 401 || status === 403 ? FIX['AccessDeniedException'] : undefined
    const fix = passing ? undefined : (FIX[type ?? ''] ?? denied)
    super(passing ? codes.unreachable : codes.invalid, what, fix === undefined ? {} : { fix })
    this.type = type
  }
}

class Kms {
  readonly #options: AwsKmsOptions
  readonly #url: URL
  readonly #http: AwsHttp
  readonly codes: KmsCodes

  constructor(options: AwsKmsOptions) {
    const { region, codes = AS_ANCHOR } = options
    if (!/^[a-z0-9-]{1,32}$/.test(region)) throw new CodedError(codes.invalid, 'the region of AWS is no name')
    const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
    this.codes = codes
    this.#options = options
    this.#url = awsEndpoint(options.endpoint ?? `https://kms.${region}.${domain}`, codes)
    this.#http = { fetch: options.fetch ?? fetch, timeoutMs: options.timeoutMs ?? AWS_TIMEOUT_MS, codes }
  }

  async call(action: 'GetPublicKey' | 'Sign', input: JsonObject): Promise<JsonObject> {
    try {
      return await this.#ask(action, input)
    } catch (error) {
      const expired = error instanceof KmsRefusal && error.type === 'ExpiredTokenException'
      // A role's credentials can end before they said: then there are others by now.
      if (expired && this.#options.credentials.forget()) return this.#ask(action, input)
      throw error
    }
  }

  async #ask(action: string, input: JsonObject): Promise<JsonObject> {
    const { region, now } = this.#options
    const credentials = await this.#options.credentials.current()
    const body = utf8(JSON.stringify(input))
    const headers = [
      ['content-type', 'application/x-amz-json-1.1'],
      ['x-amz-target', `TrentService.${action}`],
    ] as const
    const added = signAwsRequest(
      { method: 'POST', headers: [['host', this.#url.host], ...headers], body },
      { region, service: 'kms', credentials, at: now() },
    )
    const reply = await askAws(this.#url, { method: 'POST', headers: [...headers, ...added], body }, this.#http)
    const members = membersOf(reply.body)
    if (reply.status === 200 && members !== null) return members
    if (reply.status === 200) throw this.nonsense(action)
    throw new KmsRefusal(this.#url.host, reply.status, typeOf(members, reply.headers), this.codes)
  }

  bytes(action: string, value: unknown): Uint8Array {
    try {
      if (typeof value === 'string') return fromBase64(value)
    } catch {
      // Told below.
    }
    throw this.nonsense(action)
  }

  nonsense(action: string): CodedError {
    const what = `${this.#url.host} answered ${action} with something else than KMS does`
    return new CodedError(this.codes.unreachable, what)
  }

  setup(what: string): CodedError {
    return new CodedError(this.codes.invalid, `${this.#url.host} ${what}`)
  }
}

/** The name of an error: `Name`, `namespace#Name` or `Name:address`. */
function typeOf(members: JsonObject | null, headers: Headers): string | null {
  const said = members?.['__type'] ?? headers.get('x-amzn-errortype')
  if (typeof said !== 'string') return null
  return /^(?:[A-Za-z0-9.]{1,80}#)?([A-Za-z]{4,48})(?::.{0,300})?$/.exec(said)?.[1] ?? null
}
