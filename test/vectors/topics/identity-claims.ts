import type { Code, JsonObject, JsonValue } from '@countersign/core'
import type { Identity } from '@countersign/formats/identity'
import type { IssuerRule, SystemName, TokenRun } from '@countersign/identity'
import { claimsOf, RECORDED, RECORDED_COMMIT as HEAD, ruleFor } from '../../identity/claims.ts'
import { AUDIENCE, KEY, KEYS, NOW } from './identity-token.ts'
import { tokenOf } from './token-signers.ts'
import type { Topic } from './topic.ts'

// What the claims of each system mean. A token is signed as it should be; one claim is changed, and the vector says
// what comes of it.

const INVALID = 'identity-token-invalid'
const REFUSED = 'identity-refused'

interface Expected {
  readonly subject: Identity['subject']
  readonly grade: 'A' | 'C'
  readonly run: TokenRun | null
  /** Those that are not null, without issuer and subject of the token. */
  readonly facts: Partial<Identity>
}

type Overrides = Readonly<Record<string, JsonValue | undefined>>

/** Claims that change, the code (null where it stays good), and what changes in the rule or in what is expected. */
type Mutation = readonly [
  name: string,
  overrides: Overrides,
  error: Code | null,
  changes?: {
    readonly rule?: Partial<IssuerRule>
    readonly identity?: Partial<Identity>
    readonly run?: TokenRun | null
    readonly upstream?: string
    readonly grade?: 'A' | 'C'
  },
]

function vectorsOf(system: SystemName, expected: Expected, mutations: readonly Mutation[]): Record<string, object> {
  const vectors: Record<string, object> = {}
  const all: readonly Mutation[] = [['good', {}, null], ...mutations]
  for (const [name, overrides, error, changes = {}] of all) {
    const claims = claimsOf(system, { audience: AUDIENCE, now: NOW, overrides })
    const token = tokenOf(KEY, claims)
    const rule = ruleFor(system, changes.rule)
    const question = { audience: AUDIENCE, now: NOW, rule, keys: { keys: KEYS }, token, claims }
    const id = `${system}-${name}`
    if (Object.hasOwn(vectors, id)) throw new Error(`two vectors are named ${id}`)
    if (error !== null) {
      vectors[id] = { error, ...question }
      continue
    }
    const facts = { ...expected.facts, ...changes.identity }
    const known = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null))
    vectors[id] = {
      ...question,
      identity: {
        subject: expected.subject,
        issuer: RECORDED[system].issuer,
        tokenSubject: claims['sub'],
        ...known,
      },
      grade: changes.grade ?? expected.grade,
      run: changes.run === undefined ? expected.run : changes.run,
      upstream: changes.upstream === undefined ? null : { event: changes.upstream },
    }
  }
  return vectors
}

const uri = (value: string) => ({ kind: 'uri', value }) as const
const UUID = (digit: string) =>
  `${digit.repeat(8)}-${digit.repeat(4)}-4${digit.repeat(3)}-8${digit.repeat(3)}-${digit.repeat(12)}`
const missing = (...names: readonly string[]): Mutation[] =>
  names.map((name) => [`without-${plain(name)}`, { [name]: undefined }, INVALID] as const)
const plain = (name: string) => name.replaceAll('_', '-').replaceAll('/', '-').toLowerCase()
const allow = (...names: readonly ('pullRequests' | 'forks' | 'sshRerun')[]) => ({
  rule: Object.fromEntries(names.map((name) => [name, 'allow'])),
})

const WORKFLOW = 'https://github.com/acme/widget/.github/workflows/release.yml@refs/heads/main'
const CALLEE = 'acme/reusable/.github/workflows/build.yml@refs/tags/v2'

const github = vectorsOf(
  'github-actions',
  {
    subject: uri(WORKFLOW),
    grade: 'A',
    run: { id: '9876543210', attempt: 1, job: '31415926535' },
    facts: {
      buildSignerURI: WORKFLOW,
      buildSignerDigest: HEAD,
      runnerEnvironment: 'github-hosted',
      sourceRepositoryURI: 'https://github.com/acme/widget',
      sourceRepositoryDigest: HEAD,
      sourceRepositoryRef: 'refs/heads/main',
      sourceRepositoryIdentifier: '74123456',
      sourceRepositoryOwnerURI: 'https://github.com/acme',
      sourceRepositoryOwnerIdentifier: '1234567',
      buildConfigURI: WORKFLOW,
      buildConfigDigest: HEAD,
      buildTrigger: 'push',
      runInvocationURI: 'https://github.com/acme/widget/actions/runs/9876543210/attempts/1',
      sourceRepositoryVisibilityAtSigning: 'public',
    },
  },
  [
    ['sub-immutable', { sub: 'repo:acme@1234567/widget@74123456:ref:refs/heads/main' }, null],
    ['sub-customised', { sub: 'repository_owner:acme:job_workflow_ref:x' }, null],
    [
      'environment',
      { environment: 'production', sub: 'repo:acme/widget:environment:production' },
      null,
      { identity: { deploymentEnvironment: 'production' } },
    ],
    [
      'second-attempt',
      { run_attempt: '2' },
      null,
      {
        identity: { runInvocationURI: 'https://github.com/acme/widget/actions/runs/9876543210/attempts/2' },
        run: { id: '9876543210', attempt: 2, job: '31415926535' },
      },
    ],
    [
      'reusable-workflow',
      { job_workflow_ref: CALLEE, job_workflow_sha: 'b'.repeat(40) },
      null,
      {
        identity: {
          subject: uri(`https://github.com/${CALLEE}`),
          buildSignerURI: `https://github.com/${CALLEE}`,
          buildSignerDigest: 'b'.repeat(40),
        },
      },
    ],
    [
      'branch-beyond-ascii',
      {
        ref: 'refs/heads/für',
        job_workflow_ref: 'acme/widget/.github/workflows/release.yml@refs/heads/für',
      },
      null,
      {
        identity: {
          subject: uri('https://github.com/acme/widget/.github/workflows/release.yml@refs/heads/f%C3%BCr'),
          buildSignerURI: 'https://github.com/acme/widget/.github/workflows/release.yml@refs/heads/für',
          sourceRepositoryRef: 'refs/heads/für',
        },
      },
    ],
    [
      'enterprise-server',
      {},
      null,
      {
        rule: { url: 'https://git.acme.example' },
        identity: Object.fromEntries(
          Object.entries({
            subject: null,
            buildSignerURI: WORKFLOW,
            sourceRepositoryURI: 'https://github.com/acme/widget',
            sourceRepositoryOwnerURI: 'https://github.com/acme',
            buildConfigURI: WORKFLOW,
            runInvocationURI: 'https://github.com/acme/widget/actions/runs/9876543210/attempts/1',
          }).map(([name, value]) => [
            name,
            value === null
              ? uri(WORKFLOW.replace('github.com', 'git.acme.example'))
              : value.replace('github.com', 'git.acme.example'),
          ]),
        ),
      },
    ],
    ['without-run-of-its-job', { check_run_id: undefined }, null, { run: { id: '9876543210', attempt: 1, job: null } }],
    ['digest-of-the-callee-unknown', { job_workflow_sha: '' }, null, { identity: { buildSignerDigest: null } }],
    ['self-hosted', { runner_environment: 'self-hosted' }, null, { identity: { runnerEnvironment: 'self-hosted' } }],
    ['self-hosted-refused', { runner_environment: 'self-hosted' }, REFUSED, { rule: { selfHosted: 'refuse' } }],
    ['unknown-runner-refused', { runner_environment: 'github-hosted ' }, REFUSED, { rule: { selfHosted: 'refuse' } }],
    [
      'pull-request',
      { event_name: 'pull_request', ref: 'refs/pull/7/merge', head_ref: 'main', base_ref: 'main' },
      REFUSED,
    ],
    [
      'pull-request-allowed',
      { event_name: 'pull_request', ref: 'refs/pull/7/merge', head_ref: 'topic', base_ref: 'main' },
      null,
      {
        ...allow('pullRequests'),
        identity: { buildTrigger: 'pull_request', sourceRepositoryRef: 'refs/pull/7/merge' },
      },
    ],
    ['pull-request-review', { event_name: 'pull_request_review', ref: 'refs/pull/7/merge' }, REFUSED],
    ['pull-request-by-its-ref', { ref: 'refs/pull/7/head' }, REFUSED],
    ['pull-request-by-its-head', { head_ref: 'topic', base_ref: 'main' }, REFUSED],
    ['pull-request-target', { event_name: 'pull_request_target', head_ref: 'main', base_ref: 'main' }, REFUSED],
    [
      'pull-request-target-where-pull-requests-are-allowed',
      { event_name: 'pull_request_target', head_ref: 'main', base_ref: 'main' },
      REFUSED,
      allow('pullRequests'),
    ],
    [
      'pull-request-target-allowed',
      { event_name: 'pull_request_target', head_ref: 'main', base_ref: 'main' },
      null,
      { ...allow('forks'), identity: { buildTrigger: 'pull_request_target' } },
    ],
    ['workflow-run', { event_name: 'workflow_run' }, REFUSED],
    [
      'workflow-run-allowed',
      { event_name: 'workflow_run' },
      null,
      { ...allow('forks'), identity: { buildTrigger: 'workflow_run' }, upstream: 'workflow_run' },
    ],
    ['issue-comment', { event_name: 'issue_comment' }, REFUSED],
    ['event-of-tomorrow', { event_name: 'sneeze' }, REFUSED],
    ['dispatch', { event_name: 'workflow_dispatch' }, null, { identity: { buildTrigger: 'workflow_dispatch' } }],
    [
      'repository-dispatch',
      { event_name: 'repository_dispatch' },
      null,
      { identity: { buildTrigger: 'repository_dispatch' }, upstream: 'repository_dispatch' },
    ],
    ['schedule', { event_name: 'schedule' }, null, { identity: { buildTrigger: 'schedule' } }],
    ['other-id-same-name', { repository_id: '99999999' }, 'issuer-unknown'],
    ['id-as-a-number', { repository_id: 74123456 }, null],
    ['id-with-a-zero-before', { repository_id: '074123456' }, 'issuer-unknown'],
    ['owner-id-not-decimal', { repository_owner_id: '0x12d687' }, INVALID],
    ['owner-id-with-a-sign', { repository_owner_id: '+1234567' }, INVALID],
    ['owner-id-in-other-digits', { repository_owner_id: '١٢٣' }, INVALID],
    ['run-id-not-decimal', { run_id: '9876543210 ' }, INVALID],
    ['attempt-zero', { run_attempt: '0' }, INVALID],
    ['commit-short', { sha: '7a3f0e5' }, INVALID],
    ['commit-upper-case', { sha: HEAD.toUpperCase() }, INVALID],
    ['repository-with-a-way-up', { repository: 'acme/../widget' }, INVALID],
    ['repository-with-a-question-mark', { repository: 'acme/widget?x' }, INVALID],
    ['repository-with-a-fragment', { repository: 'acme/widget#x' }, INVALID],
    ['signer-with-a-line-break', { job_workflow_ref: 'acme/widget\n' }, INVALID],
    ['signer-with-a-mark-of-direction', { job_workflow_ref: 'acme/\u202ewidget' }, INVALID],
    ['signer-with-half-a-percent', { job_workflow_ref: 'acme/widget/x.yml@refs/heads/50%' }, INVALID],
    ['signer-too-long', { job_workflow_ref: 'a'.repeat(2049) }, INVALID],
    ['environment-a-number', { environment: 1 }, INVALID],
    ...missing(
      'repository',
      'repository_owner',
      'repository_owner_id',
      'ref',
      'sha',
      'workflow_ref',
      'job_workflow_ref',
      'run_id',
      'run_attempt',
      'event_name',
      'runner_environment',
    ),
  ],
)

const CONFIG = 'https://gitlab.com/acme/widget//.gitlab-ci.yml@refs/heads/main'
const gitlab = vectorsOf(
  'gitlab-ci',
  {
    subject: uri(CONFIG),
    grade: 'A',
    run: { id: '574', attempt: null, job: '302' },
    facts: {
      buildSignerURI: CONFIG,
      buildSignerDigest: HEAD,
      runnerEnvironment: 'gitlab-hosted',
      sourceRepositoryURI: 'https://gitlab.com/acme/widget',
      sourceRepositoryDigest: HEAD,
      sourceRepositoryRef: 'refs/heads/main',
      sourceRepositoryIdentifier: '20',
      sourceRepositoryOwnerURI: 'https://gitlab.com/acme',
      sourceRepositoryOwnerIdentifier: '72',
      buildConfigURI: CONFIG,
      buildConfigDigest: HEAD,
      buildTrigger: 'push',
      runInvocationURI: 'https://gitlab.com/acme/widget/-/jobs/302',
      sourceRepositoryVisibilityAtSigning: 'public',
    },
  },
  [
    [
      'tag',
      { ref: 'v1.0', ref_type: 'tag', ref_path: 'refs/tags/v1.0' },
      null,
      { identity: { sourceRepositoryRef: 'refs/tags/v1.0' } },
    ],
    ['without-ref-path', { ref_path: undefined }, null],
    [
      'subgroup',
      { namespace_path: 'acme/tools' },
      null,
      { identity: { sourceRepositoryOwnerURI: 'https://gitlab.com/acme/tools' } },
    ],
    ['environment', { environment: 'prod' }, null, { identity: { deploymentEnvironment: 'prod' } }],
    [
      'configuration-from-elsewhere',
      { ci_config_sha: null },
      null,
      { identity: { buildSignerDigest: null, buildConfigDigest: null } },
    ],
    [
      'parent-pipeline',
      { pipeline_source: 'parent_pipeline' },
      null,
      { identity: { buildTrigger: 'parent_pipeline' }, upstream: 'parent_pipeline' },
    ],
    [
      'other-pipeline',
      { pipeline_source: 'pipeline' },
      null,
      { identity: { buildTrigger: 'pipeline' }, upstream: 'pipeline' },
    ],
    ['job-for-a-day', { exp: NOW / 1000 + 86_400 }, null],
    ['job-for-two-days', { exp: NOW / 1000 + 2 * 86_400 }, INVALID],
    ['self-hosted-refused', { runner_environment: 'self-hosted' }, REFUSED, { rule: { selfHosted: 'refuse' } }],
    ['runner-unknown-refused', { runner_environment: null }, REFUSED, { rule: { selfHosted: 'refuse' } }],
    ['merge-request', { pipeline_source: 'merge_request_event', ref_path: 'refs/merge-requests/7/head' }, REFUSED],
    [
      'merge-request-allowed',
      { pipeline_source: 'merge_request_event', ref: 'main', ref_path: 'refs/merge-requests/7/head' },
      null,
      {
        ...allow('pullRequests'),
        // Not refs/heads/main, although the branch of the fork has that name.
        identity: { buildTrigger: 'merge_request_event', sourceRepositoryRef: 'refs/merge-requests/7/head' },
      },
    ],
    ['merge-request-by-its-ref', { ref_path: 'refs/merge-requests/7/merge' }, REFUSED],
    ['external-pull-request', { pipeline_source: 'external_pull_request_event' }, REFUSED],
    ['ref-path-of-another-branch', { ref_path: 'refs/heads/other' }, INVALID],
    [
      'configuration-beyond-ascii',
      { ci_config_ref_uri: 'gítlab.com/acme/widget//.gitlab-ci.yml@refs/heads/main' },
      INVALID,
    ],
    ['configuration-with-a-user', { ci_config_ref_uri: 'gitlab.com@evil.example/a@refs/heads/main' }, INVALID],
    ['ref-type-unknown', { ref_type: 'note' }, INVALID],
    ['other-id-same-path', { project_id: '21' }, 'issuer-unknown'],
    ['project-id-as-a-number', { project_id: 20 }, null],
    ['namespace-id-not-decimal', { namespace_id: 'acme' }, INVALID],
    ['project-with-a-way-up', { project_path: 'acme/./widget' }, INVALID],
    ...missing(
      'project_path',
      'namespace_path',
      'namespace_id',
      'pipeline_source',
      'pipeline_id',
      'job_id',
      'ref',
      'ref_type',
      'sha',
      'ci_config_ref_uri',
    ),
  ],
)

const C = (name: string) => `oidc.circleci.com/${name}`
const API = 'https://circleci.com/api/v2'
const DEFINITION = `${API}/projects/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee/pipeline-definitions/${UUID('2')}`
const circleci = vectorsOf(
  'circleci',
  {
    subject: uri(DEFINITION),
    grade: 'C',
    run: { id: UUID('1'), attempt: null, job: UUID('4') },
    facts: {
      buildSignerURI: DEFINITION,
      sourceRepositoryURI: 'github.com/acme/widget',
      sourceRepositoryRef: 'refs/heads/main',
      buildConfigURI: `${API}/pipeline/${UUID('1')}/config`,
      runInvocationURI: `https://app.circleci.com//workflow/${UUID('3')}/job/${UUID('4')}`,
    },
  },
  [
    ['over-a-shell', { [C('ssh-rerun')]: true }, REFUSED],
    ['over-a-shell-as-text', { [C('ssh-rerun')]: 'true' }, REFUSED],
    [
      'over-a-shell-allowed',
      { [C('ssh-rerun')]: true },
      null,
      { ...allow('sshRerun'), identity: { runnerEnvironment: 'ssh-rerun' } },
    ],
    ['over-a-shell-or-not', { [C('ssh-rerun')]: undefined }, REFUSED],
    ['over-a-shell-perhaps', { [C('ssh-rerun')]: 'no' }, INVALID],
    ['pull-request-of-a-fork', { [C('vcs-ref')]: 'refs/pull/7/head' }, REFUSED],
    ['branch-of-a-fork', { [C('vcs-ref')]: 'refs/heads/pull/7' }, REFUSED],
    [
      'branch-of-a-fork-allowed',
      { [C('vcs-ref')]: 'refs/heads/pull/7' },
      null,
      { ...allow('forks'), identity: { sourceRepositoryRef: 'refs/heads/pull/7' } },
    ],
    [
      'branch-that-looks-nearly-so',
      { [C('vcs-ref')]: 'refs/heads/pull/x' },
      null,
      { identity: { sourceRepositoryRef: 'refs/heads/pull/x' } },
    ],
    ['without-repository', { [C('vcs-origin')]: undefined }, null, { identity: { sourceRepositoryURI: null } }],
    ['other-project', { [C('project-id')]: UUID('0') }, 'issuer-unknown'],
    ['pipeline-not-a-uuid', { [C('pipeline-id')]: '../x' }, INVALID],
    ...missing(C('pipeline-id'), C('pipeline-definition-id'), C('workflow-id'), C('job-id')),
  ],
)

const PIPELINE = 'https://buildkite.com/acme/widget'
const buildkite = vectorsOf(
  'buildkite',
  {
    subject: uri(PIPELINE),
    grade: 'C',
    run: { id: UUID('7'), attempt: null, job: UUID('8') },
    facts: {
      runnerEnvironment: 'self-hosted',
      sourceRepositoryDigest: HEAD,
      buildTrigger: 'webhook',
      runInvocationURI: `${PIPELINE}/builds/41#${UUID('8')}`,
    },
  },
  [
    ['without-build-id', { build_id: undefined }, null, { run: { id: '41', attempt: null, job: UUID('8') } }],
    ['build-of-head', { build_commit: 'HEAD' }, null, { identity: { sourceRepositoryDigest: null } }],
    [
      'triggered',
      { build_source: 'trigger_job' },
      null,
      { identity: { buildTrigger: 'trigger_job' }, upstream: 'trigger_job' },
    ],
    ['branch-of-a-fork', { build_branch: 'mallory:main' }, REFUSED],
    ['branch-of-a-fork-allowed', { build_branch: 'mallory:main' }, null, allow('forks')],
    ['self-hosted-refused', {}, REFUSED, { rule: { selfHosted: 'refuse' } }],
    [
      'hosted',
      { runner_environment: 'buildkite-hosted' },
      null,
      { rule: { selfHosted: 'refuse' }, identity: { runnerEnvironment: 'buildkite-hosted' } },
    ],
    ['runner-unknown-refused', { runner_environment: undefined }, REFUSED, { rule: { selfHosted: 'refuse' } }],
    ['other-pipeline-same-slug', { pipeline_id: UUID('0') }, 'issuer-unknown'],
    ['slug-with-a-slash', { pipeline_slug: 'widget/builds' }, INVALID],
    ...missing('organization_slug', 'pipeline_slug', 'build_number', 'job_id', 'build_commit'),
  ],
)

const AZURE = 'https://dev.azure.com/acme/Widget%20Works'
const azurePipelines = vectorsOf(
  'azure-pipelines',
  {
    subject: uri(`${AZURE}/_build?definitionId=12`),
    grade: 'A',
    run: { id: '4711', attempt: null, job: null },
    facts: {
      buildSignerURI: `${AZURE}/_build?definitionId=12`,
      sourceRepositoryURI: 'https://github.com/acme/widget',
      sourceRepositoryDigest: HEAD,
      sourceRepositoryRef: 'refs/heads/main',
      sourceRepositoryIdentifier: UUID('6'),
      sourceRepositoryOwnerURI: AZURE,
      sourceRepositoryOwnerIdentifier: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee',
      buildConfigURI: `${AZURE}/_build?definitionId=12`,
      runInvocationURI: `${AZURE}/_build/results?buildId=4711`,
    },
  },
  [
    ['audience-of-the-server', { aud: AUDIENCE }, INVALID],
    ['without-commit', { rpo_ver: undefined }, null, { identity: { sourceRepositoryDigest: null }, grade: 'C' }],
    ['pull-request', { rpo_ref: 'refs/pull/7/merge' }, REFUSED],
    [
      'pull-request-allowed',
      { rpo_ref: 'refs/pull/7/merge' },
      null,
      { ...allow('pullRequests'), identity: { sourceRepositoryRef: 'refs/pull/7/merge' } },
    ],
    ['subject-short', { sub: 'p://acme/widget' }, INVALID],
    ['subject-with-an-empty-name', { sub: 'p://acme//release' }, INVALID],
    ['subject-of-nothing', { sub: 'acme' }, INVALID],
    ['other-project', { prj_id: UUID('0') }, 'issuer-unknown'],
    ['commit-not-hex', { rpo_ver: 'main' }, INVALID],
    ...missing('def_id', 'run_id'),
  ],
)
const serviceConnection = {
  'azure-pipelines-service-connection': {
    ...vectorsOf(
      'azure-pipelines',
      { subject: uri('https://dev.azure.com/acme/widget/release-to-azure'), grade: 'C', run: null, facts: {} },
      [['good-connection', { sub: 'sc://acme/widget/release-to-azure' }, null]],
    )['azure-pipelines-good-connection'],
  },
}

const google = (system: 'google-cloud-build' | 'gcp', address: string) =>
  vectorsOf(system, { subject: { kind: 'email', value: address }, grade: 'C', run: null, facts: {} }, [
    ['address-not-verified', { email_verified: false }, INVALID],
    ['address-verified-or-not', { email_verified: undefined }, INVALID],
    ['address-of-a-person', { email: 'person@acme.example' }, INVALID],
    ['address-near-miss', { email: 'builder@evilgserviceaccount.com' }, INVALID],
    ['other-account-same-address', { sub: '1' }, 'issuer-unknown'],
    ...missing('email'),
  ])

const ROLE = 'arn:aws:iam::123456789012:role/codebuild-widget'
const STS = 'https://sts.amazonaws.com/'
const inSts = (changes: Overrides, system: 'aws' | 'aws-codebuild' = 'aws-codebuild'): Overrides => {
  const within = { ...(RECORDED[system].claims[STS] as JsonObject), ...changes }
  return { [STS]: Object.fromEntries(Object.entries(within).filter(([, value]) => value !== undefined)) as JsonObject }
}
const BUILD = `arn:aws:codebuild:eu-central-1:123456789012:build/widget:${UUID('9')}`
const tagged = (arn: string) => inSts({ request_tags: { 'codebuild-build-arn': arn } })
const codebuild = vectorsOf(
  'aws-codebuild',
  { subject: uri(ROLE), grade: 'C', run: { id: BUILD, attempt: null, job: null }, facts: {} },
  [
    ['without-build', inSts({ request_tags: undefined }), null, { run: null }],
    ['build-of-another-account', tagged(BUILD.replace('123456789012', '999999999999')), INVALID],
    ['build-that-is-none', tagged('latest'), INVALID],
    ['role-of-another-account', inSts({ aws_account: '999999999999' }), INVALID],
    ['other-role', { sub: 'arn:aws:iam::123456789012:role/other' }, 'issuer-unknown'],
    ['without-account', inSts({ aws_account: undefined }), INVALID],
    ...missing(STS).map(([, ...rest]) => ['without-sts', ...rest] as Mutation),
  ],
)
const aws = vectorsOf(
  'aws',
  { subject: uri('arn:aws:iam::123456789012:role/release'), grade: 'C', run: null, facts: {} },
  [
    ['tag-that-looks-like-a-build', inSts({ request_tags: { 'codebuild-build-arn': BUILD } }, 'aws'), null],
    ['pinned-by-account', {}, null, { rule: { claims: [{ name: `${STS}aws_account`, value: '123456789012' }] } }],
    [
      'tag-in-the-place-of-the-account',
      { ...inSts({ aws_account: undefined, request_tags: { aws_account: '123456789012' } }, 'aws') },
      'issuer-unknown',
      { rule: { claims: [{ name: `${STS}aws_account`, value: '123456789012' }] } },
    ],
  ],
)

const JOB = 'https://jenkins.example/job/widget/'
const jenkins = vectorsOf(
  'jenkins',
  {
    subject: uri(JOB),
    grade: 'C',
    run: { id: `${JOB}41/`, attempt: null, job: null },
    facts: { buildSignerURI: JOB, buildConfigURI: JOB, runInvocationURI: `${JOB}41/` },
  },
  [
    ['build-number-as-text', { build_number: '41' }, null],
    ['facts-of-its-environment', { repository: 'https://git.example/evil', commit: HEAD }, null],
    ['build-number-zero', { build_number: 0 }, INVALID],
    ['subject-not-a-url', { sub: 'widget' }, 'issuer-unknown'],
    ['subject-with-a-fragment', { sub: `${JOB}#x` }, INVALID, { rule: { claims: [] } }],
    ...missing('build_number'),
  ],
)

const azure = vectorsOf(
  'azure',
  {
    subject: uri(`https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/identities/${UUID('6')}`),
    grade: 'C',
    run: null,
    facts: {},
  },
  [
    ['without-kind', { idtyp: undefined }, null],
    ['person', { idtyp: 'user' }, INVALID],
    ['person-without-kind', { idtyp: undefined, sub: 'pairwise' }, INVALID],
    ['other-identity', { oid: UUID('0'), sub: UUID('0') }, 'issuer-unknown'],
    ...missing('tid'),
  ],
)

const K8S = RECORDED.kubernetes.claims['kubernetes.io'] as JsonObject
const kubernetes = vectorsOf(
  'kubernetes',
  { subject: uri('https://kubernetes.io/namespaces/ci/serviceaccounts/builder'), grade: 'C', run: null, facts: {} },
  [
    ['subject-of-another-account', { sub: 'system:serviceaccount:ci:admin' }, INVALID],
    [
      'other-account-same-name',
      { 'kubernetes.io': { ...K8S, serviceaccount: { name: 'builder', uid: UUID('0') } } },
      'issuer-unknown',
    ],
    ['namespace-with-a-slash', { 'kubernetes.io': { ...K8S, namespace: 'ci/serviceaccounts' } }, INVALID],
    ['account-a-text', { 'kubernetes.io': { ...K8S, serviceaccount: 'builder' } }, 'issuer-unknown'],
    [
      'without-account',
      { 'kubernetes.io': { namespace: 'ci' } },
      INVALID,
      { rule: { claims: [{ name: 'kubernetes.io/namespace', value: 'ci' }] } },
    ],
  ],
)

const spiffe = vectorsOf(
  'spiffe',
  { subject: uri('spiffe://acme.example/ci/builder'), grade: 'C', run: null, facts: {} },
  [
    ['other-trust-domain', { sub: 'spiffe://evil.example/ci/builder' }, 'issuer-unknown'],
    ['trust-domain-longer', { sub: 'spiffe://acme.example.evil/ci/builder' }, 'issuer-unknown'],
    ['path-with-a-way-up', { sub: 'spiffe://acme.example/ci/../admin' }, INVALID],
    ['path-with-an-end', { sub: 'spiffe://acme.example/ci/' }, INVALID],
    ['no-workload', { sub: 'spiffe://acme.example' }, INVALID],
  ],
)

const oidc = vectorsOf(
  'oidc',
  { subject: { kind: 'email', value: 'maintainer@acme.example' }, grade: 'C', run: null, facts: {} },
  [
    ['address-not-verified', { email_verified: false }, INVALID],
    ['address-verified-or-not', { email_verified: undefined }, INVALID],
    ['address-verified-as-a-number', { email_verified: 1 }, INVALID],
    ['address-verified-as-text', { email_verified: 'true' }, null],
    ['address-with-two-signs', { email: 'a@b@acme.example' }, INVALID],
    ['address-beyond-ascii', { email: 'mäintainer@acme.example' }, INVALID],
    ['address-with-a-name', { email: 'M <maintainer@acme.example>' }, INVALID],
    [
      'subject-a-uri',
      { email: undefined, sub: 'https://acme.example/people/1' },
      null,
      {
        rule: { claims: [{ name: 'sub', value: 'https://acme.example/people/1' }] },
        identity: { subject: uri('https://acme.example/people/1') },
      },
    ],
    ['subject-no-uri', { email: undefined }, INVALID],
    ['other-subject-same-address', { sub: 'u-1025' }, 'issuer-unknown'],
  ],
)

export const identityClaims: Topic = {
  name: 'identity-claims',
  vectors: {
    ...github,
    ...gitlab,
    ...circleci,
    ...buildkite,
    ...azurePipelines,
    ...serviceConnection,
    ...google('google-cloud-build', 'builder@acme-build.iam.gserviceaccount.com'),
    ...google('gcp', 'release@acme-prod.iam.gserviceaccount.com'),
    ...codebuild,
    ...aws,
    ...jenkins,
    ...azure,
    ...kubernetes,
    ...spiffe,
    ...oidc,
  },
}
