import type { ProviderConfirmation } from '@countersign/identity'
import {
  apiOf,
  askProvider,
  commitOf,
  type ConfirmOptions,
  hiddenRun,
  idOf,
  membersOf,
  nonsense,
  textOf,
  unknownRun,
} from './confirm-http.ts'

export interface GitlabConfirmOptions extends ConfirmOptions {
  /** `https://gitlab.com`, or one's own. */
  readonly url: string
  /** A token with the scope `read_api`. */
  readonly token: string
}

/** GitLab CI: the job that a token names (REST, “Get a single job”). Throws `provider-unreachable` for its address. */
export function gitlabConfirmation({ url: at, token, ...options }: GitlabConfirmOptions): ProviderConfirmation {
  const base = apiOf(at)
  return {
    system: 'gitlab-ci',
    async ask({ identity, run }) {
      const { host } = new URL(base)
      const project = identity.sourceRepositoryIdentifier
      if (run === null || run.job === null || project === null) throw unknownRun(host)
      const url = new URL(`${base}/api/v4/projects/${encodeURIComponent(project)}/jobs/${run.job}`)
      const told = await askProvider(url, { headers: [['private-token', token]] }, options)
      if (told === null) throw hiddenRun(host)
      const pipeline = membersOf(told['pipeline'])
      const own = idOf(pipeline?.['project_id']) ?? nonsense(host)
      return {
        run: {
          id: idOf(pipeline?.['id']) ?? nonsense(host),
          attempt: null,
          job: idOf(told['id']) ?? nonsense(host),
        },
        isRunning: told['status'] === 'running',
        subject: null,
        facts: {
          sourceRepositoryIdentifier: own,
          sourceRepositoryDigest: commitOf(membersOf(told['commit'])?.['id']) ?? nonsense(host),
          runInvocationURI: textOf(told['web_url']) ?? nonsense(host),
        },
        reasons: {},
      }
    },
  }
}
