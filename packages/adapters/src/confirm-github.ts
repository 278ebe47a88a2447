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
  repositoryOf,
  textOf,
  unknownRun,
} from './confirm-http.ts'

export interface GithubConfirmOptions extends ConfirmOptions {
  /** `https://api.github.com`, or `https://HOST/api/v3`. */
  readonly api: string
  /** A token that may read Actions. */
  readonly token: string
}

/** Events whose run is over another commit than the one its token names. */
const OTHER_COMMIT = ['pull_request', 'pull_request_target', 'pull_request_review', 'pull_request_review_comment']

/**
 * GitHub Actions: the attempt of the run that a token names (REST, “Get a workflow run attempt”). It says what no token
 * does: which repository the code of a pull request comes from. Throws `provider-unreachable` for its address.
 */
export function githubConfirmation({ api, token, ...options }: GithubConfirmOptions): ProviderConfirmation {
  const base = apiOf(api)
  const headers = [
    ['accept', 'application/vnd.github+json'],
    ['authorization', `Bearer ${token}`],
    ['user-agent', 'countersign'],
    ['x-github-api-version', '2022-11-28'],
  ] as const
  return {
    system: 'github-actions',
    async ask({ identity, run, claims }) {
      const { host } = new URL(base)
      if (run === null) throw unknownRun(host)
      const repository = textOf(claims['repository']) ?? nonsense(host)
      const name = repository.split('/').map(encodeURIComponent).join('/')
      const url = new URL(`${base}/repos/${name}/actions/runs/${run.id}/attempts/${run.attempt ?? 1}`)
      const told = await askProvider(url, { headers }, options)
      if (told === null) throw hiddenRun(host)
      const [own, head] = [membersOf(told['repository']), membersOf(told['head_repository'])]
      const id = idOf(told['id']) ?? nonsense(host)
      const event = textOf(told['event']) ?? nonsense(host)
      const isFork = head === null || idOf(head['id']) !== idOf(own?.['id'])
      const attempt = idOf(told['run_attempt']) ?? nonsense(host)
      return {
        run: { id, attempt: Number(attempt), job: null },
        isRunning: told['status'] === 'in_progress',
        subject: null,
        facts: {
          sourceRepositoryURI: repositoryOf(own?.['html_url']) ?? nonsense(host),
          sourceRepositoryIdentifier: idOf(own?.['id']) ?? nonsense(host),
          sourceRepositoryDigest: OTHER_COMMIT.includes(event)
            ? identity.sourceRepositoryDigest
            : (commitOf(told['head_sha']) ?? nonsense(host)),
          buildTrigger: event,
        },
        reasons: { forks: isFork ? `${host} says that its code is of another repository` : null },
      }
    },
  }
}
