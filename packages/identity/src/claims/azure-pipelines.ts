import { invalid } from '../jws.ts'
import { certificateUri } from './certificate-uri.ts'
import { type ClaimsReader, identityOf, workload } from './reading.ts'

/**
 * Azure Pipelines. The token of a pipeline (`p://`) says what it builds; that of a service connection (`sc://`) says only
 * whose it is, and any pipeline may use it.
 */
export const azurePipelines: ClaimsReader = (it, rule) => {
  const subject = it.text('sub')
  const server = rule.url ?? 'https://dev.azure.com'
  if (!subject.startsWith('p://')) {
    const connection = /^sc:\/\/[^/]+\/[^/]+\/.+$/.test(subject) || /^\/eid1\/.+\/sc\/.+$/.test(subject)
    if (!connection) throw invalid('the claim sub is of no pipeline and of no service connection')
    const value = certificateUri(`${server}/${subject.replace(/^sc:\/\/|^\//, '')}`)
    return workload(it, { kind: 'uri', value })
  }
  const names = subject.slice('p://'.length).split('/')
  const [organisation, project] = names
  if (names.length < 3 || names.includes('')) throw invalid('the claim sub does not name a pipeline')
  const home = `${server}/${encodeURIComponent(organisation!)}/${encodeURIComponent(project!)}`
  const pipeline = `${home}/_build?definitionId=${it.decimal('def_id')}`
  const run = it.decimal('run_id')
  const ref = it.optional('rpo_ref')
  return {
    identity: {
      ...identityOf(it, { kind: 'uri', value: pipeline }),
      buildSignerURI: pipeline,
      sourceRepositoryURI: it.optional('rpo_uri'),
      sourceRepositoryDigest: it.optionalCommit('rpo_ver'),
      sourceRepositoryRef: ref,
      sourceRepositoryIdentifier: it.optional('rpo_id'),
      sourceRepositoryOwnerURI: home,
      sourceRepositoryOwnerIdentifier: it.uuid('prj_id'),
      buildConfigURI: pipeline,
      runInvocationURI: `${home}/_build/results?buildId=${run}`,
    },
    run: { id: run, attempt: null, job: null },
    upstream: null,
    best: 'A',
    reasons: {
      pullRequests: ref?.startsWith('refs/pull/') === true ? `the ref ${ref} is of a pull request` : null,
      forks: null,
      selfHosted: null,
      sshRerun: null,
    },
  }
}
