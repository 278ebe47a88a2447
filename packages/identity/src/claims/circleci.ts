import { certificateUri } from './certificate-uri.ts'
import { type ClaimsReader, identityOf } from './reading.ts'

const API = 'https://circleci.com/api/v2'
/** With the slash that Fulcio's own pages have, so that its paths have two. */
const APP = 'https://app.circleci.com/'
const claim = (name: string) => `oidc.circleci.com/${name}`

/** CircleCI. Its tokens name no commit and no machine. */
export const circleci: ClaimsReader = (it) => {
  const project = it.uuid(claim('project-id'))
  const definition = `${API}/projects/${project}/pipeline-definitions/${it.uuid(claim('pipeline-definition-id'))}`
  const pipeline = it.uuid(claim('pipeline-id'))
  const workflow = it.uuid(claim('workflow-id'))
  const job = it.uuid(claim('job-id'))
  const overShell = it.flag(claim('ssh-rerun'))
  const ref = it.optional(claim('vcs-ref'))
  return {
    identity: {
      ...identityOf(it, { kind: 'uri', value: certificateUri(definition) }),
      buildSignerURI: definition,
      runnerEnvironment: overShell === true ? 'ssh-rerun' : null,
      sourceRepositoryURI: it.optional(claim('vcs-origin')),
      sourceRepositoryRef: ref,
      buildConfigURI: `${API}/pipeline/${pipeline}/config`,
      runInvocationURI: `${APP}/workflow/${workflow}/job/${job}`,
    },
    run: { id: pipeline, attempt: null, job },
    upstream: null,
    best: 'C',
    reasons: {
      pullRequests: null,
      // The branch of a pull request is named so only where it is in a fork.
      forks: /^refs\/(?:heads\/)?pull\/[0-9]+(?:\/|$)/.test(ref ?? '') ? `the ref ${ref} is of a fork` : null,
      selfHosted: null,
      sshRerun:
        overShell === null
          ? 'the token does not say whether it was run again over a shell'
          : overShell
            ? 'the job was run again over a shell'
            : null,
    },
  }
}
