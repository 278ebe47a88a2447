import { addressIn, boundedBytes, hostOf, reasonOf } from '@countersign/adapters/http'
import { isGithubRepository } from '@countersign/adapters/github-attestations'
import { CodedError, parseJson } from '@countersign/core'

/** GitHub's API, and in whose name it is asked. */
export interface GithubApi {
  /** `GITHUB_API_URL`: `https://api.github.com`, or `https://HOST/api/v3`. */
  readonly url: string
  /** Null to ask as nobody. */
  readonly token: string | null
}

const COMMIT = { timeoutMs: 4000, maxBytes: 1000 }
const ATTESTATION = { timeoutMs: 15_000, maxBytes: 1 << 20 }
const MAX_BUNDLE_BYTES = 8 * 1024 * 1024

/**
 * The commit that a tag or a branch is at (docs.github.com, REST: commits); null where GitHub names none. Throws
 * `service-unreachable`, `service-refused` and `service-answer`.
 */
export async function commitAt(
  api: GithubApi,
  { repository, ref }: { readonly repository: string; readonly ref: string },
): Promise<string | null> {
  const names = namesOf(repository)
  const github = await open(api, COMMIT)
  const format = { mediaType: { format: 'sha' } }
  const { status, data } = await told(api, null, () => github.rest.repos.getCommit({ ...names, ref, ...format }))
  // In this form it is a text, whatever the types of the client say.
  const sha = String(data).trim()
  return status === 200 && /^[0-9a-f]{40}$/.test(sha) ? sha : null
}

/**
 * Gives a bundle to the attestations of a repository (REST, “Create an attestation”). Its id there. Throws
 * `service-unreachable`, `service-refused` and `service-answer`.
 */
export async function createAttestation(api: GithubApi, repository: string, content: Uint8Array): Promise<string> {
  const bundle = parseJson(content, { maxBytes: MAX_BUNDLE_BYTES }) as { [name: string]: unknown }
  const names = namesOf(repository)
  const github = await open(api, ATTESTATION)
  const permission = 'attestations: write'
  const { status, data } = await told(api, permission, () => github.rest.repos.createAttestation({ ...names, bundle }))
  const id: unknown = status === 201 ? (data as { readonly id?: unknown } | null)?.id : null
  if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0) return String(id)
  if (typeof id === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(id)) return id
  throw new CodedError('service-answer', `${hostOf(api.url)} did not say which attestation it made`)
}

interface Bounds {
  readonly timeoutMs: number
  readonly maxBytes: number
}

/** GitHub's own client, which finds the proxies of a runner. It is loaded here: most jobs have nothing to ask. */
async function open({ url, token }: GithubApi, bounds: Bounds) {
  const base = addressIn(url, { path: true })
  if (typeof base === 'string') throw new CodedError('usage', `the address of GitHub's API ${base}`)
  const { GitHub, defaults } = await import('./github-client.ts')
  const quiet = () => undefined
  return new GitHub({
    ...(token === null ? {} : { auth: token }),
    baseUrl: `${base.origin}${base.pathname.replace(/\/+$/, '')}`,
    userAgent: 'countersign',
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    request: { fetch: guarded(defaults.request!.fetch as typeof fetch, base, bounds) },
  })
}

/** The client's way out, to one host, in its time and with a bounded answer; where a redirect leads is not asked. */
function guarded(send: typeof fetch, { origin }: URL, { timeoutMs, maxBytes }: Bounds): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    if (url.origin !== origin) throw new CodedError('service-answer', `GitHub's API leads to ${url.host}`)
    const answer = await send(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
    const { status, headers } = answer
    const body = await boundedBytes(answer, maxBytes)
    if (body === null) throw new CodedError('service-answer', `the answer of ${url.host} exceeds ${maxBytes} bytes`)
    const empty = [101, 204, 205, 304].includes(status)
    return new Response(empty ? null : new Uint8Array(body), { status, headers: new Headers([...headers]) })
  }
}

/** What the client threw, in our words: its own hold what was sent, and with that a secret. */
async function told<T>(api: GithubApi, permission: string | null, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    const host = hostOf(api.url)
    const cause: unknown = error instanceof Error ? error.cause : null
    if (cause instanceof CodedError) throw cause
    const { status, response } = error as { readonly status?: unknown; readonly response?: unknown }
    if (response === undefined) {
      throw new CodedError('service-unreachable', `${host} did not answer: ${reasonOf(cause ?? error)}`)
    }
    const what = `${host} answered with status ${Number(status)}`
    if (status !== 401 && status !== 403) throw new CodedError('service-answer', what)
    const fix =
      permission === null ? {} : { fix: `Give the job the permission ${permission}, and the token of the job.` }
    throw new CodedError('service-refused', what, fix)
  }
}

function namesOf(repository: string): { readonly owner: string; readonly repo: string } {
  if (!isGithubRepository(repository)) throw new CodedError('usage', 'a repository is named OWNER/REPO')
  const [owner = '', repo = ''] = repository.split('/')
  return { owner, repo }
}
