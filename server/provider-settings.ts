import { dirname } from 'node:path'
import { type AwsCredentialSource, awsCredentialSource } from '@countersign/adapters/aws-credentials'
import { CodedError, parseJson } from '@countersign/core'
import { type ObjectShape, Shape } from '@countersign/formats'
import { CONFIRMED_SYSTEMS, type ConfirmedSystem, isIssuerUrl } from '@countersign/identity'
import { type Place, readNamed, secretOf } from './secret-setting.ts'

/** For whose tokens a provider may be asked. */
interface Asked {
  /** Exact URL of the issuer: whoever vouches for himself must not have a provider asked about others. */
  readonly issuer: string
  /** Null for every tenant. */
  readonly tenant: string | null
  /** Id of a rule of that tenant; null for every one. */
  readonly rule: string | null
  /** For one confirmation, all that it takes included; milliseconds. */
  readonly timeoutMs: number
}

/** A secret as it is now: a file may hold another one by then. Throws `provider-unreachable`. Never to be shown, kept or logged. */
export type Secret = () => string

export interface GithubProvider extends Asked {
  readonly system: 'github-actions'
  readonly api: string
  readonly token: Secret
}

export interface GitlabProvider extends Asked {
  readonly system: 'gitlab-ci'
  readonly url: string
  readonly token: Secret
}

export interface CodebuildProvider extends Asked {
  readonly system: 'aws-codebuild'
  /** Null for AWS's own, in the region of each build. */
  readonly endpoint: string | null
  /** May hold a secret access key. Never to be shown, kept or logged. */
  readonly credentials: AwsCredentialSource
}

export interface CloudbuildProvider extends Asked {
  readonly system: 'google-cloud-build'
  /** Null for Google's own. */
  readonly endpoint: string | null
  /** An access token, or the environment in which Google's own tools would find one. */
  readonly access: { readonly token: Secret } | { readonly env: Place['env'] }
}

export type ProviderSettings = GithubProvider | GitlabProvider | CodebuildProvider | CloudbuildProvider

export interface ProviderSettingsInput {
  readonly file: string
  /** What the environment holds; the settings name what of it is theirs. */
  readonly env: Place['env']
}

const CODE = 'provider-setup-invalid'
const MAX_PROVIDERS = 100
const MAX_BYTES = 65_536
/** Seconds. */
const LONGEST = 5
const COMMON = ['issuer', 'tenant', 'rule', 'timeout'] as const
const GITHUB = { api: 'https://api.github.com', issuer: 'https://token.actions.githubusercontent.com' }

/**
 * The providers that a settings file lets a server ask about runs: strict JSON, `{"providers": [{"system": …}]}`. Secrets
 * are never in it: it says which file or which variable holds them. Throws `file-missing`, `input-too-large`,
 * `provider-setup-invalid` with the place of the fault, and what `parseJson` throws.
 */
export function readProviderSettings({ file, env }: ProviderSettingsInput): ProviderSettings[] {
  const place: Place = { directory: dirname(file), env, whose: 'the provider settings' }
  const value = parseJson(readNamed(file, MAX_BYTES, place))
  const providers = new Shape(CODE, value, 'the provider settings').object(['providers']).get('providers')
  return providers.array(MAX_PROVIDERS).map((it) => READ[systemOf(it)](it, place))
}

const READ: Readonly<Record<ConfirmedSystem, (it: Shape, place: Place) => ProviderSettings>> = {
  'github-actions'(it, place) {
    const object = it.object(['system', 'token'], [...COMMON, 'api'])
    const api = object.has('api') ? addressOf(object.get('api')) : GITHUB.api
    const token = tokenOf(object.get('token'), place)
    // Whose tokens an API of another place is to be asked about, nobody can guess.
    const issuer = api === GITHUB.api ? GITHUB.issuer : null
    return { system: 'github-actions', ...askedOf(object, issuer), api, token }
  },
  'gitlab-ci'(it, place) {
    const object = it.object(['system', 'token'], [...COMMON, 'url'])
    const url = object.has('url') ? addressOf(object.get('url')) : 'https://gitlab.com'
    return { system: 'gitlab-ci', ...askedOf(object, url), url, token: tokenOf(object.get('token'), place) }
  },
  'aws-codebuild'(it, place) {
    // Each account has an issuer of its own.
    const object = it.object(['system', 'issuer'], [...COMMON, 'endpoint', 'credentials'])
    const endpoint = object.has('endpoint') ? addressOf(object.get('endpoint')) : null
    return { system: 'aws-codebuild', ...askedOf(object, null), endpoint, credentials: awsOf(object, place) }
  },
  'google-cloud-build'(it, place) {
    const object = it.object(['system'], [...COMMON, 'endpoint', 'token'])
    const endpoint = object.has('endpoint') ? addressOf(object.get('endpoint')) : null
    const access = object.has('token') ? { token: tokenOf(object.get('token'), place) } : { env: place.env }
    return { system: 'google-cloud-build', ...askedOf(object, 'https://accounts.google.com'), endpoint, access }
  },
}

function systemOf(it: Shape): ConfirmedSystem {
  const { system } = it.members()
  const known = CONFIRMED_SYSTEMS.find((one) => one === system)
  return known ?? it.fail(`is of none of ${CONFIRMED_SYSTEMS.join(', ')}`)
}

function askedOf(object: ObjectShape, otherwise: string | null): Asked {
  const issuer = object.has('issuer') ? object.text('issuer', 1024) : (otherwise ?? object.text('issuer', 1024))
  if (!isIssuerUrl(issuer)) object.get('issuer').fail('is not an https URL of a host and a path, as it is in tokens')
  const tenant = object.has('tenant') ? object.text('tenant', 64) : null
  const rule = object.has('rule') ? object.text('rule', 64) : null
  if (rule !== null && tenant === null)
    object.get('rule').fail('is of no tenant: name it, for each has rules of its own')
  const seconds = object.has('timeout') ? object.integer('timeout', 1, LONGEST) : LONGEST
  return { issuer, tenant, rule, timeoutMs: seconds * 1000 }
}

/** `https`, or `http` to this machine; without a slash at its end. */
function addressOf(it: Shape): string {
  const text = it.text(1024)
  return isIssuerUrl(text) && !text.endsWith('/')
    ? text
    : it.fail('is not an https URL of a host and a path, without a slash at its end')
}

function tokenOf(it: Shape, place: Place): Secret {
  const read = () => {
    const text = secretOf(it, place)
    // What it is instead is nobody's business.
    return isToken(text) ? text : it.fail('does not lead to a token')
  }
  read()
  return () => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      throw new CodedError('provider-unreachable', error.what)
    }
  }
}

function awsOf(object: ObjectShape, place: Place): AwsCredentialSource {
  if (!object.has('credentials'))
    return awsCredentialSource(place.env, { unreachable: CODE, invalid: CODE, refused: CODE })
  const it = object.get('credentials').object(['accessKeyId', 'secretAccessKey'], ['sessionToken'])
  const of = (name: string) => {
    const text = secretOf(it.get(name), place)
    return isToken(text) ? text : it.get(name).fail('does not lead to credentials of AWS')
  }
  return {
    from: 'environment',
    accessKeyId: of('accessKeyId'),
    secretAccessKey: of('secretAccessKey'),
    sessionToken: it.has('sessionToken') ? of('sessionToken') : null,
  }
}

/** What can be a header: printable ASCII without spaces. */
function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}
