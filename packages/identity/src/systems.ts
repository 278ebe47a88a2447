/** CI systems whose tokens are understood; the names are those of `runner.system` in a step. */
export type CiSystemName =
  | 'github-actions'
  | 'gitlab-ci'
  | 'circleci'
  | 'buildkite'
  | 'azure-pipelines'
  | 'google-cloud-build'
  | 'aws-codebuild'
  | 'jenkins'

/** What else has an identity of its own: a workload on a platform, or a person (`oidc`). */
export type WorkloadName = 'aws' | 'gcp' | 'azure' | 'kubernetes' | 'spiffe' | 'oidc'

export type SystemName = CiSystemName | WorkloadName

/** Signature algorithms of JWS (RFC 7518 §3.1, RFC 8037) that any issuer may be known by. Never `none`, never HMAC. */
export type JwsAlgorithm = 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'ES256' | 'ES384' | 'EdDSA'

/** What is known of a system before any of its tokens is seen. */
export interface SystemTraits {
  /** With which its tokens are signed; a token is never asked. */
  readonly algorithms: readonly JwsAlgorithm[]
  /** The audience that all its tokens have, whatever is asked for; null where one can be asked for. */
  readonly audience: string | null
  /** Longest life of a token, seconds. */
  readonly lifetime: number
  /** Whether it may have this issuer. Those of loopback addresses are everybody's. */
  readonly hasIssuer: (url: URL) => boolean
  /** Whether strangers have runs or workloads at this issuer, so that a rule must pin one of `pins`. */
  readonly isShared: (url: URL) => boolean
  /** Claims that no stranger, no rename and no successor of a name can have. */
  readonly pins: readonly string[]
  /** Claims that no rule may count on, each with the reason. */
  readonly unfit: Readonly<Record<string, string>>
  /** Whether a token says on whose machine its job runs. */
  readonly tellsRunner: boolean
  /**
   * True where each request makes a token with an id of its own. Elsewhere a job, or a machine for a while, has one
   * token: whoever counts each token once must give it something longer-lived in return.
   */
  readonly fresh: boolean
}

const MINUTE = 60
const HOUR = 60 * MINUTE
const GUID = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}'
const ALL: readonly JwsAlgorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA']

const RENAMED = 'its form changed in July 2026, and names change hands; pin repository_id or repository_owner_id'

const always = () => true
const never = () => false
/** Of a URL as the URL standard writes it, so a host alone ends in a slash. */
const matching = (pattern: RegExp) => (url: URL) => pattern.test(url.href)
const at = (...issuers: readonly string[]) => {
  const hrefs = issuers.map((issuer) => new URL(issuer).href)
  return (url: URL) => hrefs.includes(url.href)
}

/** Entra ID: each directory has issuers of its own. */
const isEntra = matching(
  new RegExp(`^https://(?:sts\\.windows\\.net/${GUID}/|login\\.microsoftonline\\.(?:com|us)/${GUID}/v2\\.0)$`),
)
const GOOGLE = at('https://accounts.google.com')
const AWS = matching(/^https:\/\/[a-z0-9-]{1,63}\.tokens\.sts\.global\.api\.aws\/$/)

const CI: Pick<SystemTraits, 'algorithms' | 'audience' | 'lifetime' | 'unfit'> = {
  algorithms: ['RS256'],
  audience: null,
  lifetime: HOUR + 5 * MINUTE,
  unfit: {},
}

/** The systems, with what is fixed for each. */
export const SYSTEMS: Readonly<Record<SystemName, SystemTraits>> = {
  'github-actions': {
    ...CI,
    hasIssuer: matching(
      /^https:\/\/(?:token\.actions\.githubusercontent\.com\/[A-Za-z0-9-]{0,100}|token\.actions\.[a-z0-9-]{1,63}\.ghe\.com\/|[^/]+\/_services\/token)$/,
    ),
    isShared: always,
    pins: ['repository_id', 'repository_owner_id', 'enterprise_id'],
    unfit: { sub: RENAMED },
    tellsRunner: true,
    fresh: true,
  },
  'gitlab-ci': {
    ...CI,
    // A token lives as long as its job may.
    lifetime: 24 * HOUR + 5 * MINUTE,
    hasIssuer: always,
    isShared: at('https://gitlab.com'),
    pins: ['project_id', 'namespace_id'],
    unfit: {},
    tellsRunner: true,
    fresh: false,
  },
  circleci: {
    ...CI,
    hasIssuer: matching(new RegExp(`^https://(?:oidc\\.circleci\\.com/|[^/]+/org/${GUID})$`)),
    isShared: at('https://oidc.circleci.com'),
    pins: ['oidc.circleci.com/org-id', 'oidc.circleci.com/project-id'],
    tellsRunner: false,
    fresh: true,
  },
  buildkite: {
    ...CI,
    hasIssuer: at('https://agent.buildkite.com'),
    isShared: always,
    pins: ['organization_id', 'pipeline_id'],
    tellsRunner: true,
    fresh: true,
  },
  'azure-pipelines': {
    ...CI,
    audience: 'api://AzureADTokenExchange',
    hasIssuer: (url) => isEntra(url) || matching(new RegExp(`^https://vstoken\\.dev\\.azure\\.com/${GUID}$`))(url),
    isShared: never,
    pins: ['org_id', 'prj_id', 'def_id', 'rpo_id'],
    tellsRunner: false,
    fresh: true,
  },
  'google-cloud-build': {
    ...CI,
    hasIssuer: GOOGLE,
    isShared: always,
    pins: ['sub'],
    tellsRunner: false,
    fresh: false,
  },
  'aws-codebuild': {
    ...CI,
    algorithms: ['RS256', 'ES384'],
    hasIssuer: AWS,
    isShared: always,
    pins: ['sub'],
    tellsRunner: false,
    fresh: true,
  },
  jenkins: {
    ...CI,
    hasIssuer: always,
    isShared: never,
    pins: ['sub'],
    tellsRunner: false,
    fresh: true,
  },
  aws: {
    ...CI,
    algorithms: ['RS256', 'ES384'],
    hasIssuer: AWS,
    isShared: always,
    pins: ['sub', 'https://sts.amazonaws.com/aws_account'],
    tellsRunner: false,
    fresh: true,
  },
  gcp: { ...CI, hasIssuer: GOOGLE, isShared: always, pins: ['sub'], tellsRunner: false, fresh: false },
  azure: {
    ...CI,
    // Tokens of managed identities live for a day, and the platform keeps them.
    lifetime: 24 * HOUR + 5 * MINUTE,
    hasIssuer: isEntra,
    isShared: always,
    pins: ['oid', 'sub', 'xms_mirid'],
    tellsRunner: false,
    fresh: false,
  },
  kubernetes: {
    ...CI,
    algorithms: ['RS256', 'ES256', 'ES384'],
    hasIssuer: always,
    isShared: always,
    pins: ['sub', 'kubernetes.io/namespace', 'kubernetes.io/serviceaccount/uid'],
    tellsRunner: false,
    fresh: false,
  },
  spiffe: {
    ...CI,
    algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384'],
    hasIssuer: always,
    isShared: always,
    pins: ['sub', 'spiffe/trust-domain'],
    tellsRunner: false,
    fresh: false,
  },
  oidc: {
    ...CI,
    algorithms: ALL,
    hasIssuer: always,
    isShared: always,
    pins: ['sub', 'email', 'hd', 'tid'],
    tellsRunner: false,
    fresh: true,
  },
}

export const SYSTEM_NAMES = Object.keys(SYSTEMS) as readonly SystemName[]

/** Systems whose own API says what a run is, to whoever may ask it. */
export const CONFIRMED_SYSTEMS = ['github-actions', 'gitlab-ci', 'google-cloud-build', 'aws-codebuild'] as const

export type ConfirmedSystem = (typeof CONFIRMED_SYSTEMS)[number]

export function isSystemName(name: string): name is SystemName {
  return Object.hasOwn(SYSTEMS, name)
}
