import { invalid } from '../jws.ts'
import { certificateUri } from './certificate-uri.ts'
import { type ClaimsReader, identityOf } from './reading.ts'

/**
 * Jenkins with the plugin oidc-provider, as it comes. What an administrator adds is filled in from the environment of the
 * build, which its parameters reach: a rule may ask for it, and no fact comes from there.
 */
export const jenkins: ClaimsReader = (it) => {
  const job = it.text('sub')
  const url = URL.parse(job)
  const plain = url !== null && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
  if (!plain || !/^https?:$/.test(url.protocol)) throw invalid('the claim sub is not the URL of a job')
  const number = it.count('build_number')
  const home = job.endsWith('/') ? job : `${job}/`
  return {
    identity: {
      ...identityOf(it, { kind: 'uri', value: certificateUri(job) }),
      buildSignerURI: job,
      buildConfigURI: job,
      runInvocationURI: `${home}${number}/`,
    },
    run: { id: `${home}${number}/`, attempt: null, job: null },
    upstream: null,
    best: 'C',
    reasons: { pullRequests: null, forks: null, selfHosted: null, sshRerun: null },
  }
}
