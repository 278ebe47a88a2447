import { certificateUri } from './certificate-uri.ts'
import { type ClaimsReader, identityOf } from './reading.ts'

/** Buildkite. Its tokens name the commit and no repository; the pipeline says which that is. */
export const buildkite: ClaimsReader = (it, rule) => {
  const pipeline = `${rule.url ?? 'https://buildkite.com'}/${it.segment('organization_slug')}/${it.segment('pipeline_slug')}`
  const number = it.decimal('build_number')
  const job = it.uuid('job_id')
  const runner = it.optional('runner_environment')
  const source = it.optional('build_source')
  const branch = it.optional('build_branch')
  const commit = it.text('build_commit')
  return {
    identity: {
      ...identityOf(it, { kind: 'uri', value: certificateUri(pipeline) }),
      runnerEnvironment: runner,
      // A build can be asked for with HEAD or a branch in its place, and then says nothing that stays.
      sourceRepositoryDigest: /^[0-9a-f]{40}$|^[0-9a-f]{64}$/.test(commit) ? commit : null,
      buildTrigger: source,
      runInvocationURI: `${pipeline}/builds/${number}#${job}`,
    },
    run: { id: it.optional('build_id') ?? number, attempt: null, job },
    upstream: source === 'trigger_job' ? { event: source } : null,
    best: 'C',
    reasons: {
      pullRequests: null,
      // No ref of Git holds a colon: it stands between the owner of a fork and his branch.
      forks: branch?.includes(':') === true ? `the branch ${branch} is of a fork` : null,
      selfHosted: runner === 'buildkite-hosted' ? null : `the runner is ${runner ?? 'not named'}`,
      sshRerun: null,
    },
  }
}
