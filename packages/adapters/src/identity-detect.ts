import { existsSync } from 'node:fs'
import type { Environment } from '@countersign/record'
import type { IdentityTokens } from '@countersign/sign'
import { claimedCi } from './ci-claimed.ts'
import { awsTokens } from './identity-aws.ts'
import { azureTokens } from './identity-azure.ts'
import { azurePipelinesTokens } from './identity-azure-pipelines.ts'
import { buildkiteTokens } from './identity-buildkite.ts'
import { circleciTokens } from './identity-circleci.ts'
import { githubTokens } from './identity-github.ts'
import { givenTokens, TOKEN_FILE_VARIABLE, TOKEN_VARIABLE } from './identity-given.ts'
import { googleTokens } from './identity-google.ts'
import type { TokenHttp } from './identity-http.ts'
import { spiffeTokens } from './identity-spiffe.ts'

/** Where the documentation has the projected token of a pod mounted. */
const KUBERNETES_TOKEN = '/var/run/secrets/countersign/token'

export interface IdentityOptions {
  readonly environment: Environment
  /** The workspace: no program in it is asked for a token. */
  readonly root: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly http?: TokenHttp
}

type Make = (options: IdentityOptions) => IdentityTokens

const given =
  (system: string, fix: (audience: string) => string, file?: string): Make =>
  ({ environment }) =>
    givenTokens({ system, environment, fix, ...(file === undefined ? {} : { file }) })

const MAKERS = {
  'github-actions': ({ environment, http }) => githubTokens(environment, http),
  'gitlab-ci': given(
    'gitlab-ci',
    (audience) =>
      `Let the job have one, in .gitlab-ci.yml: id_tokens: { ${TOKEN_VARIABLE}: { aud: ${JSON.stringify(audience)} } }`,
  ),
  circleci: ({ environment, root }) => circleciTokens(environment, root),
  buildkite: ({ environment, root }) => buildkiteTokens(environment, root),
  'azure-pipelines': ({ environment, http }) => azurePipelinesTokens(environment, http),
  'google-cloud-build': ({ environment, http }) => googleTokens('google-cloud-build', environment, http),
  'aws-codebuild': ({ environment, now, http }) => awsTokens('aws-codebuild', environment, { ...http, now }),
  jenkins: given(
    'jenkins',
    (audience) =>
      `Bind a credential of the OpenID Connect Provider plugin with the audience ${audience}: withCredentials([string(credentialsId: '…', variable: '${TOKEN_VARIABLE}')]), or file(…) as ${TOKEN_FILE_VARIABLE}.`,
  ),
  aws: ({ environment, now, http }) => awsTokens('aws', environment, { ...http, now }),
  gcp: ({ environment, http }) => googleTokens('gcp', environment, http),
  azure: ({ environment, http }) => azureTokens(environment, http),
  kubernetes: given(
    'kubernetes',
    (audience) =>
      `Mount a projected volume with serviceAccountToken: { audience: ${JSON.stringify(audience)}, path: token } at /var/run/secrets/countersign, or name its file: ${TOKEN_FILE_VARIABLE}.`,
    KUBERNETES_TOKEN,
  ),
  spiffe: (options) =>
    isSet(options.environment, TOKEN_VARIABLE, TOKEN_FILE_VARIABLE)
      ? given('spiffe', (audience) => `Have the helper of SPIFFE write a JWT-SVID for ${audience} there.`)(options)
      : spiffeTokens(options.environment),
  oidc: given(
    'oidc',
    (audience) => `Put a token for ${audience} into ${TOKEN_VARIABLE}, or name its file: ${TOKEN_FILE_VARIABLE}.`,
  ),
} as const satisfies Record<string, Make>

export type IdentitySystem = keyof typeof MAKERS

/** Systems and platforms that tokens can be had of; `oidc` is whoever puts one into the environment. */
export const IDENTITY_SYSTEMS = Object.keys(MAKERS) as readonly IdentitySystem[]

/** Short names of the same. */
const ALIASES: Readonly<Record<string, IdentitySystem>> = {
  github: 'github-actions',
  gitlab: 'gitlab-ci',
  'azure-devops': 'azure-pipelines',
  'cloud-build': 'google-cloud-build',
  codebuild: 'aws-codebuild',
  google: 'gcp',
}

/** The system of that name, null where there is none. */
export function identitySystem(name: string): IdentitySystem | null {
  return IDENTITY_SYSTEMS.find((one) => one === name) ?? (Object.hasOwn(ALIASES, name) ? ALIASES[name]! : null)
}

export function identityTokens(system: IdentitySystem, options: IdentityOptions): IdentityTokens {
  return MAKERS[system](options)
}

/** Whose environment this is, as far as its variables tell: a CI system, else a platform that names itself; else null. */
export function detectIdentitySystem(environment: Environment): IdentitySystem | null {
  const ci = claimedCi.detect(environment)
  if (ci !== null) return identitySystem(ci.system)
  if (isSet(environment, TOKEN_VARIABLE, TOKEN_FILE_VARIABLE)) return 'oidc'
  if (isSet(environment, 'SPIFFE_ENDPOINT_SOCKET')) return 'spiffe'
  if (isSet(environment, 'KUBERNETES_SERVICE_HOST') && existsSync(KUBERNETES_TOKEN)) return 'kubernetes'
  if (isSet(environment, 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI')) return 'aws'
  if (isSet(environment, 'IDENTITY_ENDPOINT')) return 'azure'
  return isSet(environment, 'K_SERVICE', 'CLOUD_RUN_JOB') ? 'gcp' : null
}

function isSet(environment: Environment, ...names: readonly string[]): boolean {
  return names.some((name) => (environment[name] ?? '') !== '')
}
