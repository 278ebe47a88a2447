import { CodedError, isHex, parseJson } from '@countersign/core'
import { addressIn, ask, hostOf, objectOf } from './http.ts'

/** Longest time for one request, answer included; milliseconds. */
const TIMEOUT_MS = 15_000
const MAX_BUNDLE_BYTES = 8 * 1024 * 1024
const MAX_LIST_BYTES = 1 << 20
const MAX_PAGES = 10
const MAX_ATTESTATIONS = 300

export interface GitlabAttestations {
  /** Address of the instance: `https://gitlab.com`. */
  readonly url: string
  /** Path with its groups, or id. */
  readonly project: string
  /** An access token; null to read of a public project. */
  readonly token: string | null
  readonly timeoutMs?: number
  readonly fetch?: typeof fetch
}

const PROJECT = /^(?:\d{1,18}|[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)+)$/

/**
 * The bundles that a project has for an artifact, as JSON text; none is verified (docs.gitlab.com, Attestations API, since
 * 18.7). Each is fetched by its number, never where a list points; where that redirects to its storage, without the token.
 * Throws `service-unreachable`, `service-refused` and `service-answer`.
 */
export async function listGitlabAttestations(from: GitlabAttestations, sha256: string): Promise<Uint8Array[]> {
  if (!isHex(sha256, 64)) throw new CodedError('usage', 'an artifact is asked for by its SHA-256')
  const numbers: number[] = []
  for (let page: string | null = '1'; page !== null; ) {
    const url = addressOf(from, `/attestations/${sha256}`)
    url.searchParams.set('page', page)
    const { status, headers, body } = await asked(from, url, MAX_LIST_BYTES)
    if (status === 404) break
    if (status !== 200) throw refused(from, status)
    numbers.push(...numbersIn(from, body))
    if (Number(page) >= MAX_PAGES || numbers.length > MAX_ATTESTATIONS) {
      throw answered(from, `has more than ${MAX_ATTESTATIONS} attestations`)
    }
    const next = headers.get('x-next-page') ?? ''
    page = /^\d{1,3}$/.test(next) && Number(next) > Number(page) ? next : null
  }
  const bundles: Uint8Array[] = []
  for (const number of numbers) bundles.push(await bundleOf(from, number))
  return bundles
}

/** Numbers of those that were signed: others were tried, and have no bundle. */
function numbersIn(from: GitlabAttestations, body: Uint8Array): number[] {
  let list: unknown
  try {
    list = parseJson(body, { maxBytes: MAX_LIST_BYTES })
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
  }
  if (!Array.isArray(list)) throw answered(from, 'answered without a list of attestations')
  return list.flatMap((one: unknown) => {
    const { iid, status } = objectOf(one) ?? {}
    if (typeof status === 'string' && status !== 'success') return []
    if (typeof iid === 'number' && Number.isSafeInteger(iid) && iid > 0) return [iid]
    throw answered(from, 'listed something else than attestations')
  })
}

async function bundleOf(from: GitlabAttestations, number: number): Promise<Uint8Array> {
  const url = addressOf(from, `/attestations/${number}/download`)
  const first = await asked(from, url, MAX_BUNDLE_BYTES)
  if (first.status === 200) return first.body
  if (![301, 302, 303, 307, 308].includes(first.status)) throw refused(from, first.status)
  const to = URL.parse(first.headers.get('location') ?? '', url.href)
  if (to === null || to.username !== '' || typeof addressIn(to.origin, { path: false }) === 'string') {
    throw answered(from, 'points to no bundle')
  }
  const stored = await asked({ ...from, token: null }, to, MAX_BUNDLE_BYTES)
  if (stored.status === 200) return stored.body
  throw new CodedError('service-answer', `${hostOf(to)} answered with status ${stored.status}`)
}

function addressOf({ url, project }: GitlabAttestations, path: string): URL {
  const base = addressIn(url, { path: true })
  if (typeof base === 'string') throw new CodedError('usage', `the address of GitLab ${base}`)
  if (!isGitlabProject(project)) throw new CodedError('usage', 'a project is named GROUP/PROJECT, or by its id')
  const instance = `${base.origin}${base.pathname.replace(/\/+$/, '')}`
  return new URL(`${instance}/api/v4/projects/${encodeURIComponent(project)}${path}`)
}

/** True for a path of groups and project as GitLab has them, or an id. */
export function isGitlabProject(text: string): boolean {
  return text.length <= 512 && PROJECT.test(text)
}

function asked({ token, timeoutMs = TIMEOUT_MS, fetch: own }: GitlabAttestations, url: URL, maxBytes: number) {
  const headers = [
    ['accept', 'application/json'],
    ['user-agent', 'countersign'],
    ...(token === null ? [] : [['private-token', token]]),
  ] as const
  return ask(
    url,
    { headers: headers as readonly (readonly [string, string])[] },
    {
      timeoutMs,
      maxBytes,
      ...(own === undefined ? {} : { fetch: own }),
      fault: (what, why) => new CodedError(why === 'too-large' ? 'service-answer' : 'service-unreachable', what),
    },
  )
}

function refused(from: GitlabAttestations, status: number): CodedError {
  const what = `${hostOf(from.url)} answered with status ${status}`
  if (status !== 401 && status !== 403) return new CodedError('service-answer', what)
  return new CodedError('service-refused', what, {
    fix: 'Give it an access token with the scope read_api of the project, in GITLAB_TOKEN.',
  })
}

function answered({ url }: GitlabAttestations, what: string): CodedError {
  return new CodedError('service-answer', `${hostOf(url)} ${what}`)
}
