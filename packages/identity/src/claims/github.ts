import type { IssuerRule } from '../rule.ts'
import { certificateUri } from './certificate-uri.ts'
import { type ClaimsReader, identityOf } from './reading.ts'

/** Events that only somebody with write access, or a schedule of his, can set off, with code that is in the repository. */
// biome-ignore format: a list of names
const OWN_EVENTS: readonly string[] = [
  'branch_protection_rule', 'create', 'delete', 'deployment', 'deployment_status', 'label', 'merge_group', 'milestone',
  'page_build', 'public', 'push', 'registry_package', 'release', 'repository_dispatch', 'schedule', 'workflow_dispatch',
]
const PULL_REQUESTS: readonly string[] = ['pull_request', 'pull_request_review', 'pull_request_review_comment']

/**
 * GitHub Actions. `sub` is read by nobody: it names the repository in two forms, one of which a successor of the name
 * has as well. A token does not say what repository a pull request comes from, so every event that can run beside code
 * from outside counts as one that does.
 */
export const github: ClaimsReader = (it, rule) => {
  const url = serverOf(rule)
  const repository = `${url}/${it.path('repository')}`
  const event = it.text('event_name')
  const ref = it.text('ref')
  const signer = `${url}/${it.text('job_workflow_ref')}`
  const runner = it.text('runner_environment')
  const run = it.decimal('run_id')
  const attempt = it.count('run_attempt')
  return {
    identity: {
      ...identityOf(it, { kind: 'uri', value: certificateUri(signer) }),
      buildSignerURI: signer,
      buildSignerDigest: it.optionalCommit('job_workflow_sha'),
      runnerEnvironment: runner,
      sourceRepositoryURI: repository,
      sourceRepositoryDigest: it.commit('sha'),
      sourceRepositoryRef: ref,
      sourceRepositoryIdentifier: it.decimal('repository_id'),
      sourceRepositoryOwnerURI: `${url}/${it.segment('repository_owner')}`,
      sourceRepositoryOwnerIdentifier: it.decimal('repository_owner_id'),
      buildConfigURI: `${url}/${it.text('workflow_ref')}`,
      buildConfigDigest: it.optionalCommit('workflow_sha'),
      buildTrigger: event,
      runInvocationURI: `${repository}/actions/runs/${run}/attempts/${attempt}`,
      sourceRepositoryVisibilityAtSigning: it.optional('repository_visibility'),
      deploymentEnvironment: it.optional('environment'),
    },
    run: { id: run, attempt, job: it.optionalDecimal('check_run_id') },
    upstream: event === 'workflow_run' || event === 'repository_dispatch' ? { event } : null,
    best: 'A',
    reasons: {
      pullRequests: pullRequestOf(event, ref, it.optional('head_ref')),
      forks:
        OWN_EVENTS.includes(event) || PULL_REQUESTS.includes(event)
          ? null
          : `the event ${event} can be set off from outside of the repository`,
      selfHosted: runner === 'github-hosted' ? null : `the runner is ${runner}`,
      sshRerun: null,
    },
  }
}

function pullRequestOf(event: string, ref: string, head: string | null): string | null {
  if (PULL_REQUESTS.includes(event)) return `the event is ${event}`
  if (ref.startsWith('refs/pull/')) return `the ref ${ref} is of a pull request`
  // It has a head without being one of a pull request; its own switch decides.
  return head !== null && event !== 'pull_request_target' ? 'the run has the head of a pull request' : null
}

/** Where the repositories of an issuer are. */
function serverOf({ issuer, url }: IssuerRule): string {
  if (url !== null) return url
  const { host, origin, pathname } = new URL(issuer)
  if (pathname === '/_services/token') return origin
  const cloud = /^token\.actions\.([a-z0-9-]+\.ghe\.com)$/.exec(host)?.[1]
  if (cloud !== undefined) return `https://${cloud}`
  return 'https://github.com'
}
