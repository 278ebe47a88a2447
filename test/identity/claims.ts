import type { JsonObject, JsonValue } from '@countersign/core'
import type { IssuerRule, SystemName } from '@countersign/identity'

const HEAD = '7a3f0e5c1b2d4f6a8c9e0b1d2f3a4c5e6f708192'
const ORG = '11111111-2222-4333-8444-555555555555'
const PROJECT = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee'
const UUID = (digit: string) =>
  `${digit.repeat(8)}-${digit.repeat(4)}-4${digit.repeat(3)}-8${digit.repeat(3)}-${digit.repeat(12)}`

/** The commit that all recorded tokens are of. */
export const RECORDED_COMMIT = HEAD

interface Recorded {
  /** The issuer that the system has in the world. */
  readonly issuer: string
  /** Claims as the system writes them, without `iss`, `aud`, `iat`, `nbf`, `exp` and `jti`. */
  readonly claims: JsonObject
  /** What a rule for it would pin. */
  readonly pins: readonly (readonly [name: string, value: string])[]
  /** Seconds for which its tokens live. */
  readonly lifetime: number
  /** Whether its tokens have `nbf`, and `jti`. */
  readonly has: { readonly nbf: boolean; readonly jti: boolean }
  /** For one that is always the same. */
  readonly audience?: string
}

const ALL = { nbf: true, jti: true }

/** Tokens in the shape in which each system makes them. */
export const RECORDED: Readonly<Record<SystemName, Recorded>> = {
  'github-actions': {
    issuer: 'https://token.actions.githubusercontent.com',
    lifetime: 300,
    has: ALL,
    pins: [['repository_id', '74123456']],
    claims: {
      sub: 'repo:acme/widget:ref:refs/heads/main',
      ref: 'refs/heads/main',
      sha: HEAD,
      repository: 'acme/widget',
      repository_owner: 'acme',
      repository_owner_id: '1234567',
      run_id: '9876543210',
      run_number: '41',
      run_attempt: '1',
      repository_visibility: 'public',
      repository_id: '74123456',
      actor_id: '583231',
      actor: 'octocat',
      workflow: 'release',
      head_ref: '',
      base_ref: '',
      event_name: 'push',
      ref_protected: 'true',
      ref_type: 'branch',
      workflow_ref: 'acme/widget/.github/workflows/release.yml@refs/heads/main',
      workflow_sha: HEAD,
      job_workflow_ref: 'acme/widget/.github/workflows/release.yml@refs/heads/main',
      job_workflow_sha: HEAD,
      runner_environment: 'github-hosted',
      check_run_id: '31415926535',
    },
  },
  'gitlab-ci': {
    issuer: 'https://gitlab.com',
    lifetime: 3600,
    has: ALL,
    pins: [['project_id', '20']],
    claims: {
      project_id: '20',
      project_path: 'acme/widget',
      namespace_id: '72',
      namespace_path: 'acme',
      user_id: '1',
      user_login: 'sample-user',
      user_email: 'sample-user@example.com',
      user_access_level: 'developer',
      user_identities: [{ provider: 'github', extern_uid: '2435223452345' }],
      pipeline_id: '574',
      pipeline_source: 'push',
      job_id: '302',
      ref: 'main',
      ref_type: 'branch',
      ref_path: 'refs/heads/main',
      ref_protected: 'true',
      groups_direct: ['acme'],
      runner_id: 1,
      runner_environment: 'gitlab-hosted',
      sha: HEAD,
      project_visibility: 'public',
      ci_config_ref_uri: 'gitlab.com/acme/widget//.gitlab-ci.yml@refs/heads/main',
      ci_config_sha: HEAD,
      sub: 'project_path:acme/widget:ref_type:branch:ref:main',
    },
  },
  circleci: {
    issuer: `https://oidc.circleci.com/org/${ORG}`,
    lifetime: 3600,
    has: { nbf: false, jti: false },
    pins: [['oidc.circleci.com/project-id', PROJECT]],
    claims: {
      sub: `org/${ORG}/project/${PROJECT}/user/${UUID('7')}/vcs-origin/github.com/acme/widget/vcs-ref/refs/heads/main`,
      'oidc.circleci.com/org-id': ORG,
      'oidc.circleci.com/project-id': PROJECT,
      'oidc.circleci.com/pipeline-id': UUID('1'),
      'oidc.circleci.com/pipeline-definition-id': UUID('2'),
      'oidc.circleci.com/workflow-id': UUID('3'),
      'oidc.circleci.com/job-id': UUID('4'),
      'oidc.circleci.com/context-ids': [UUID('5')],
      'oidc.circleci.com/ssh-rerun': false,
      'oidc.circleci.com/vcs-origin': 'github.com/acme/widget',
      'oidc.circleci.com/vcs-ref': 'refs/heads/main',
    },
  },
  buildkite: {
    issuer: 'https://agent.buildkite.com',
    lifetime: 300,
    has: { nbf: true, jti: false },
    pins: [['pipeline_id', UUID('6')]],
    claims: {
      sub: `organization:acme:pipeline:widget:ref:refs/heads/main:commit:${HEAD}:step:build`,
      organization_slug: 'acme',
      organization_id: ORG,
      pipeline_slug: 'widget',
      pipeline_id: UUID('6'),
      build_id: UUID('7'),
      build_number: 41,
      build_branch: 'main',
      build_tag: null,
      build_commit: HEAD,
      build_source: 'webhook',
      step_key: 'build',
      job_id: UUID('8'),
      agent_id: UUID('9'),
      runner_environment: 'self-hosted',
    },
  },
  'azure-pipelines': {
    issuer: `https://vstoken.dev.azure.com/${ORG}`,
    lifetime: 600,
    has: ALL,
    audience: 'api://AzureADTokenExchange',
    pins: [['prj_id', PROJECT]],
    claims: {
      sub: 'p://acme/Widget Works/release',
      org_id: ORG,
      prj_id: PROJECT,
      def_id: '12',
      rpo_id: UUID('6'),
      rpo_uri: 'https://github.com/acme/widget',
      rpo_ver: HEAD,
      rpo_ref: 'refs/heads/main',
      run_id: '4711',
    },
  },
  'google-cloud-build': {
    issuer: 'https://accounts.google.com',
    lifetime: 3600,
    has: { nbf: false, jti: false },
    pins: [['sub', '104892111111111111111']],
    claims: {
      azp: '104892111111111111111',
      email: 'builder@acme-build.iam.gserviceaccount.com',
      email_verified: true,
      sub: '104892111111111111111',
    },
  },
  'aws-codebuild': {
    issuer: `https://${ORG}.tokens.sts.global.api.aws`,
    lifetime: 300,
    has: { nbf: false, jti: true },
    pins: [['sub', 'arn:aws:iam::123456789012:role/codebuild-widget']],
    claims: {
      sub: 'arn:aws:iam::123456789012:role/codebuild-widget',
      'https://sts.amazonaws.com/': {
        aws_account: '123456789012',
        source_region: 'eu-central-1',
        org_id: 'o-abc1234567',
        principal_tags: { team: 'release' },
        request_tags: {
          'codebuild-build-arn': `arn:aws:codebuild:eu-central-1:123456789012:build/widget:${UUID('9')}`,
        },
      },
    },
  },
  jenkins: {
    issuer: 'https://jenkins.example/oidc',
    lifetime: 3600,
    has: { nbf: false, jti: false },
    pins: [['sub', 'https://jenkins.example/job/widget/']],
    claims: { sub: 'https://jenkins.example/job/widget/', build_number: 41 },
  },
  aws: {
    issuer: `https://${ORG}.tokens.sts.global.api.aws`,
    lifetime: 300,
    has: { nbf: false, jti: true },
    pins: [['sub', 'arn:aws:iam::123456789012:role/release']],
    claims: {
      sub: 'arn:aws:iam::123456789012:role/release',
      'https://sts.amazonaws.com/': { aws_account: '123456789012', source_region: 'eu-central-1' },
    },
  },
  gcp: {
    issuer: 'https://accounts.google.com',
    lifetime: 3600,
    has: { nbf: false, jti: false },
    pins: [['sub', '104892222222222222222']],
    claims: {
      azp: '104892222222222222222',
      email: 'release@acme-prod.iam.gserviceaccount.com',
      email_verified: true,
      google: {
        compute_engine: {
          instance_creation_timestamp: 1_790_000_000,
          instance_id: '4152637485960718293',
          instance_name: 'release-1',
          project_id: 'acme-prod',
          project_number: 738495016273,
          zone: 'europe-west3-a',
        },
      },
      sub: '104892222222222222222',
    },
  },
  azure: {
    issuer: `https://sts.windows.net/${ORG}/`,
    lifetime: 86_400,
    has: { nbf: true, jti: false },
    pins: [['oid', UUID('6')]],
    claims: {
      aio: 'E2ZgYOgp',
      appid: UUID('7'),
      appidacr: '2',
      idp: `https://sts.windows.net/${ORG}/`,
      idtyp: 'app',
      oid: UUID('6'),
      rh: '0.AAAA',
      sub: UUID('6'),
      tid: ORG,
      uti: 'pT5vBzA1o0S',
      ver: '1.0',
      xms_mirid: '/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/release',
    },
  },
  kubernetes: {
    issuer: `https://oidc.eks.eu-central-1.amazonaws.com/id/${'0A1B2C3D'.repeat(4)}`,
    lifetime: 3600,
    has: ALL,
    pins: [['kubernetes.io/serviceaccount/uid', UUID('6')]],
    claims: {
      'kubernetes.io': {
        namespace: 'ci',
        node: { name: 'node-1', uid: UUID('8') },
        pod: { name: 'build-1', uid: UUID('9') },
        serviceaccount: { name: 'builder', uid: UUID('6') },
      },
      sub: 'system:serviceaccount:ci:builder',
    },
  },
  spiffe: {
    issuer: 'https://spire.acme.example',
    lifetime: 300,
    has: { nbf: false, jti: false },
    pins: [['spiffe/trust-domain', 'acme.example']],
    claims: { sub: 'spiffe://acme.example/ci/builder' },
  },
  oidc: {
    issuer: 'https://login.acme.example',
    lifetime: 600,
    has: { nbf: false, jti: true },
    pins: [['sub', 'u-1024']],
    claims: { sub: 'u-1024', email: 'maintainer@acme.example', email_verified: true },
  },
}

export interface ClaimsOptions {
  /** The system's own in the world unless it is given. */
  readonly issuer?: string
  readonly audience?: string
  /** Milliseconds since 1970. */
  readonly now: number
  /** `jti`, for systems that have one. */
  readonly id?: string
  /** Put in the place of what is there; `undefined` takes a claim out. */
  readonly overrides?: Readonly<Record<string, JsonValue | undefined>>
}

/** The claims of a token of a system, made at a time. */
export function claimsOf(system: SystemName, options: ClaimsOptions): JsonObject {
  const recorded = RECORDED[system]
  const seconds = Math.floor(options.now / 1000)
  const audience = recorded.audience ?? options.audience ?? 'countersign'
  const claims: Record<string, JsonValue | undefined> = {
    ...recorded.claims,
    iss: options.issuer ?? recorded.issuer,
    // Kubernetes and SPIFFE always have a list.
    aud: system === 'kubernetes' || system === 'spiffe' ? [audience] : audience,
    iat: seconds,
    exp: seconds + recorded.lifetime,
    ...(recorded.has.nbf ? { nbf: seconds - (system === 'gitlab-ci' ? 5 : 0) } : {}),
    ...(recorded.has.jti ? { jti: options.id ?? '235b3a54-b797-45c7-ae9a-f72d7bc6ef5b' } : {}),
    ...options.overrides,
  }
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined)) as JsonObject
}

/** A rule that lets in the tokens that {@link claimsOf} makes. */
export function ruleFor(system: SystemName, changes: Partial<IssuerRule> = {}): IssuerRule {
  const { issuer, pins } = RECORDED[system]
  return {
    id: `${system}-rule`,
    system,
    issuer,
    audience: null,
    url: null,
    claims: pins.map(([name, value]) => ({ name, value })),
    pullRequests: 'refuse',
    forks: 'refuse',
    selfHosted: 'allow',
    sshRerun: 'refuse',
    confirm: 'try',
    ...changes,
  }
}
