import { RECORDED_COMMIT as HEAD } from '../../identity/claims.ts'
import { allow, INVALID, missing, REFUSED, uri, UUID, vectorsOf } from './claims-of.ts'
import { AUDIENCE } from './identity-token.ts'

const C = (name: string) => `oidc.circleci.com/${name}`
const API = 'https://circleci.com/api/v2'
const DEFINITION = `${API}/projects/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee/pipeline-definitions/${UUID('2')}`
export const circleci = vectorsOf(
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
export const buildkite = vectorsOf(
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
export const azurePipelines = vectorsOf(
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
export const serviceConnection = {
  'azure-pipelines-service-connection': {
    ...vectorsOf(
      'azure-pipelines',
      { subject: uri('https://dev.azure.com/acme/widget/release-to-azure'), grade: 'C', run: null, facts: {} },
      [['good-connection', { sub: 'sc://acme/widget/release-to-azure' }, null]],
    )['azure-pipelines-good-connection'],
  },
}

const JOB = 'https://jenkins.example/job/widget/'
export const jenkins = vectorsOf(
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
