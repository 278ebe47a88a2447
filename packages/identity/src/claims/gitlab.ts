import { invalid } from '../jws.ts'
import { certificateUri } from './certificate-uri.ts'
import { type Claims, type ClaimsReader, identityOf } from './reading.ts'

const PULL_REQUESTS: readonly string[] = ['merge_request_event', 'external_pull_request_event']
const UPSTREAM: readonly string[] = ['pipeline', 'parent_pipeline', 'trigger']

/**
 * GitLab CI. The pipeline of a merge request can run in the target project over the branch of a fork, whose name may be
 * that of the target: it is named by its own ref, where Fulcio would name the branch.
 */
export const gitlab: ClaimsReader = (it, rule) => {
  const url = rule.url ?? rule.issuer.replace(/\/$/, '')
  const project = `${url}/${it.path('project_path')}`
  const event = it.text('pipeline_source')
  const config = `https://${it.text('ci_config_ref_uri')}`
  const runner = it.optional('runner_environment')
  const job = it.decimal('job_id')
  const { ref, reason } = refOf(it, event)
  return {
    identity: {
      ...identityOf(it, { kind: 'uri', value: certificateUri(config) }),
      buildSignerURI: config,
      buildSignerDigest: it.optionalCommit('ci_config_sha'),
      runnerEnvironment: runner,
      sourceRepositoryURI: project,
      sourceRepositoryDigest: it.commit('sha'),
      sourceRepositoryRef: ref,
      sourceRepositoryIdentifier: it.decimal('project_id'),
      sourceRepositoryOwnerURI: `${url}/${it.path('namespace_path')}`,
      sourceRepositoryOwnerIdentifier: it.decimal('namespace_id'),
      buildConfigURI: config,
      buildConfigDigest: it.optionalCommit('ci_config_sha'),
      buildTrigger: event,
      runInvocationURI: `${project}/-/jobs/${job}`,
      sourceRepositoryVisibilityAtSigning: it.optional('project_visibility'),
      deploymentEnvironment: it.optional('environment'),
    },
    run: { id: it.decimal('pipeline_id'), attempt: null, job },
    upstream: UPSTREAM.includes(event) ? { event } : null,
    best: 'A',
    reasons: {
      pullRequests: reason,
      forks: null,
      selfHosted: runner === 'gitlab-hosted' ? null : `the runner is ${runner ?? 'not named'}`,
      sshRerun: null,
    },
  }
}

function refOf(it: Claims, event: string): { ref: string; reason: string | null } {
  const type = it.text('ref_type')
  if (type !== 'branch' && type !== 'tag') throw invalid('the claim ref_type is not branch or tag')
  const plain = `refs/${type === 'branch' ? 'heads' : 'tags'}/${it.text('ref')}`
  const path = it.optional('ref_path') ?? plain
  const ofRequest = path.startsWith('refs/merge-requests/')
  if (path !== plain && !ofRequest) throw invalid('the claims ref and ref_path do not agree')
  if (PULL_REQUESTS.includes(event)) return { ref: path, reason: `the pipeline is of a ${event}` }
  return { ref: path, reason: ofRequest ? `the ref ${path} is of a merge request` : null }
}
