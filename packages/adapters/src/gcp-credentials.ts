import { createPrivateKey, sign } from 'node:crypto'
import { type CodedError, type JsonObject, utf8 } from '@countersign/core'
import {
  type AccessTokens,
  askForJson,
  askForToken,
  askThisMachine,
  formQuestion,
  type FreshToken,
  givenToken,
  keptTokens,
  lineIn,
  textIn,
  tokenFile,
} from './access-token.ts'
import { ask, hostOf, isLoopback, membersOf, objectOf } from './http.ts'
import { isSecretText, KMS_TIMEOUT_MS, type KmsDoor, type KmsFaults, MAX_KMS_BYTES, setting } from './kms-door.ts'

/** Of a key service; what else is asked for is said. */
const SCOPE = 'https://www.googleapis.com/auth/cloudkms'
const WIDE_SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
const FILE = 'GOOGLE_APPLICATION_CREDENTIALS'
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
/** Seconds that an assertion lives, which is used at once. */
const ASSERTION_SECONDS = 300

/**
 * Access tokens for Google Cloud, as Google's own tools look for them: `GOOGLE_OAUTH_ACCESS_TOKEN` or
 * `CLOUDSDK_AUTH_ACCESS_TOKEN`; `CLOUDSDK_AUTH_ACCESS_TOKEN_FILE`; the file that `GOOGLE_APPLICATION_CREDENTIALS`
 * names (service account, workload identity federation, authorized user); else the metadata server of the machine.
 */
export function gcpTokens(door: KmsDoor, faults: KmsFaults, scope: string = SCOPE): AccessTokens {
  const given = setting(door, 'GOOGLE_OAUTH_ACCESS_TOKEN', 'CLOUDSDK_AUTH_ACCESS_TOKEN')
  if (given !== null) {
    if (!isSecretText(given)) throw faults.invalid('the access token in the environment is none')
    return givenToken(given)
  }
  const kept = setting(door, 'CLOUDSDK_AUTH_ACCESS_TOKEN_FILE')
  if (kept !== null) return tokenFile(() => lineIn(kept, 'CLOUDSDK_AUTH_ACCESS_TOKEN_FILE', faults))
  const path = setting(door, FILE)
  const from: Google = { door, faults, scope }
  // The file is read again each time: what renews a federated identity writes it anew.
  return keptTokens(path === null ? () => fromMetadata(from) : () => fromFile(path, from), door.now)
}

interface Google {
  readonly door: KmsDoor
  readonly faults: KmsFaults
  /** What the tokens are for (OAuth 2.0). */
  readonly scope: string
}

async function fromFile(path: string, google: Google): Promise<FreshToken> {
  const { faults } = google
  const members = membersOf(await textIn(path, FILE, faults))
  switch (members?.['type']) {
    case 'service_account':
      return fromServiceAccount(members, google)
    case 'external_account':
      return fromFederation(members, google)
    case 'authorized_user':
      return fromUser(members, google)
    default:
      throw faults.invalid(
        `the file that ${FILE} names is of no kind that countersign reads`,
        'Use a service account key, a configuration of workload identity federation, or what gcloud auth application-default login wrote.',
      )
  }
}

/** A signed assertion for an access token (RFC 7523 §2.1). */
async function fromServiceAccount(members: JsonObject, { door, faults, scope }: Google): Promise<FreshToken> {
  const { client_email: email, private_key: pem, private_key_id: keyId } = members
  const url = googleUrl(members['token_uri'], 'token_uri', faults)
  if (!isSecretText(email) || typeof pem !== 'string') throw unfit('client_email and private_key', faults)
  const at = Math.floor(door.now() / 1000)
  const header = { alg: 'RS256', typ: 'JWT', ...(isSecretText(keyId) ? { kid: keyId } : {}) }
  const claims = { iss: email, scope, aud: url.href, iat: at, exp: at + ASSERTION_SECONDS }
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const assertion = `${text}.${Buffer.from(signed(text, pem, faults)).toString('base64url')}`
  return askForToken(url, formQuestion({ grant_type: JWT_BEARER, assertion }), {
    door,
    faults,
    refused: (status) =>
      faults.invalid(
        `${hostOf(url)} gave no token for the service account (status ${status})`,
        'Check that the key of the service account is not deleted or disabled, and this machine’s clock.',
      ),
  })
}

function signed(text: string, pem: string, faults: KmsFaults): Uint8Array {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'rsa') return sign('sha256', utf8(text), key)
  } catch {
    // Without the cause, which could hold the key.
  }
  throw unfit('a private_key of RSA in PEM', faults)
}

/** Workload identity federation: another issuer's token for one of Google's (RFC 8693), and that for a service account's. */
async function fromFederation(members: JsonObject, google: Google): Promise<FreshToken> {
  const { door, faults, scope } = google
  const { audience, subject_token_type: type, service_account_impersonation_url: impersonated } = members
  const url = googleUrl(members['token_url'], 'token_url', faults)
  if (!isSecretText(audience) || !isSecretText(type)) throw unfit('audience and subject_token_type', faults)
  const serviceAccount =
    impersonated === undefined ? null : googleUrl(impersonated, 'service_account_impersonation_url', faults)
  const subject = await subjectToken(objectOf(members['credential_source']), google)
  const federated = await askForToken(
    url,
    formQuestion({
      grant_type: TOKEN_EXCHANGE,
      audience,
      // The service account's own token is bound to its scope; the one in between may ask for it.
      scope: serviceAccount === null ? scope : WIDE_SCOPE,
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      subject_token_type: type,
      subject_token: subject,
    }),
    {
      door,
      faults,
      refused: (status) =>
        faults.invalid(
          `${hostOf(url)} gave no token for the identity of this run (status ${status})`,
          'Check issuer, audience and attribute condition of the workload identity provider.',
        ),
    },
  )
  return serviceAccount === null ? federated : impersonate(serviceAccount, federated.token, google)
}

async function impersonate(url: URL, token: string, { door, faults, scope }: Google): Promise<FreshToken> {
  const question = {
    method: 'POST',
    headers: [
      ['authorization', `Bearer ${token}`],
      ['content-type', 'application/json'],
    ],
    body: JSON.stringify({ scope: [scope], lifetime: '3600s' }),
  } as const
  const { status, members } = await askForJson(url, question, { door, faults })
  if (status >= 500 || status === 429) throw faults.unreachable(`${hostOf(url)} gave no token: status ${status}`)
  if (status !== 200) {
    throw faults.invalid(
      `${hostOf(url)} gave no token of the service account (status ${status})`,
      'Give the workload identity roles/iam.workloadIdentityUser on the service account.',
    )
  }
  const { accessToken, expireTime } = members ?? {}
  const until = typeof expireTime === 'string' ? Date.parse(expireTime) : Number.NaN
  if (!isSecretText(accessToken) || Number.isNaN(until)) {
    throw faults.unreachable(`${hostOf(url)} answered something else than a token`)
  }
  return { token: accessToken, until }
}

/** What another issuer says of this run: in a file, or behind a URL. */
async function subjectToken(
  source: JsonObject | null,
  { door, faults }: Pick<Google, 'door' | 'faults'>,
): Promise<string> {
  const { file, url, headers, format } = source ?? {}
  const shape = objectOf(format)
  const field = shape?.['type'] === 'json' ? shape['subject_token_field_name'] : null
  let text: string
  if (typeof file === 'string') text = await textIn(file, 'credential_source', faults)
  else if (typeof url === 'string') text = await textBehind(url, objectOf(headers), { door, faults })
  else {
    throw faults.invalid(
      `the credential_source in the file that ${FILE} names is neither a file nor a URL`,
      'Make the configuration for an OIDC provider; those that run a program, or sign for AWS, are not read.',
    )
  }
  const token = typeof field === 'string' ? membersOf(text)?.[field] : text.trim()
  if (!isSecretText(token)) throw faults.invalid('the credential_source gave no token')
  return token
}

async function textBehind(
  text: string,
  headers: JsonObject | null,
  { door, faults }: Pick<Google, 'door' | 'faults'>,
): Promise<string> {
  const url = URL.parse(text)
  const local = url !== null && (isLoopback(url) || url.hostname === '169.254.169.254')
  if (url === null || !(url.protocol === 'https:' || (url.protocol === 'http:' && local))) {
    throw faults.invalid('the URL of the credential_source is not https')
  }
  const lines = Object.entries(headers ?? {}).filter((line): line is [string, string] => typeof line[1] === 'string')
  const answer = await ask(
    url,
    { headers: lines },
    {
      timeoutMs: door.timeoutMs ?? KMS_TIMEOUT_MS,
      maxBytes: MAX_KMS_BYTES,
      ...(door.fetch === undefined ? {} : { fetch: door.fetch }),
      fault: faults.unreachable,
    },
  )
  if (answer.status !== 200) {
    throw faults.unreachable(`${hostOf(url)} gave no token for this run: status ${answer.status}`)
  }
  return Buffer.from(answer.body).toString('utf8')
}

async function fromUser(members: JsonObject, { door, faults }: Google): Promise<FreshToken> {
  const { client_id: id, client_secret: secret, refresh_token: token } = members
  if (!isSecretText(id) || !isSecretText(secret) || !isSecretText(token)) {
    throw unfit('client_id, client_secret and refresh_token', faults)
  }
  const url = googleUrl(members['token_uri'] ?? 'https://oauth2.googleapis.com/token', 'token_uri', faults)
  const fields = { grant_type: 'refresh_token', client_id: id, client_secret: secret, refresh_token: token }
  return askForToken(url, formQuestion(fields), {
    door,
    faults,
    refused: (status) =>
      faults.invalid(`${hostOf(url)} gave no token (status ${status})`, 'Run gcloud auth application-default login.'),
  })
}

/** The machine's own service account: Compute Engine, GKE, Cloud Build, Cloud Run. */
async function fromMetadata({ door, faults }: Google): Promise<FreshToken> {
  const host = setting(door, 'GCE_METADATA_HOST') ?? 'metadata.google.internal'
  const url = URL.parse(`http://${host}/computeMetadata/v1/instance/service-accounts/default/token`)
  const own = url !== null && ['metadata.google.internal', '169.254.169.254'].includes(url.hostname)
  if (url === null || !(own || isLoopback(url))) {
    throw faults.invalid('GCE_METADATA_HOST names no metadata server of this machine')
  }
  const otherwise = `Set ${FILE}, or run where a service account is attached.`
  return askThisMachine(
    url,
    // Without it the server does not answer: nobody can be made to send it by following a link.
    { headers: [['metadata-flavor', 'Google']] },
    {
      door,
      faults,
      refused: (status) =>
        faults.invalid(
          `the machine has no service account that ${hostOf(url)} would give a token of (status ${status})`,
          otherwise,
        ),
      otherwise,
    },
  )
}

/** Tokens and assertions go to Google alone, whatever the file says; or to this machine. */
function googleUrl(value: unknown, field: string, faults: KmsFaults): URL {
  const url = typeof value === 'string' ? URL.parse(value) : null
  const google = url !== null && url.protocol === 'https:' && /^[a-z0-9.-]+\.googleapis\.com$/.test(url.hostname)
  const local = url !== null && /^https?:$/.test(url.protocol) && isLoopback(url)
  if (url === null || !(google || local) || url.username !== '' || url.password !== '') {
    throw faults.invalid(`the ${field} in the file that ${FILE} names is no address of Google’s`)
  }
  return url
}

function unfit(what: string, faults: KmsFaults): CodedError {
  return faults.invalid(`the file that ${FILE} names lacks ${what}`)
}
