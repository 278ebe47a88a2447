import { canonicalJson, CodedError, isHex, type JsonObject, type JsonValue, parseJson } from '@countersign/core'
import { addressIn, ask, hostOf, type Question } from './http.ts'
import { unpackSnappy } from './snappy.ts'

/** Longest time for one request, answer included; milliseconds. */
const TIMEOUT_MS = 15_000
const MAX_BUNDLE_BYTES = 8 * 1024 * 1024
/** GitHub gives 100 a page at most, each of some 20 kB. */
const MAX_PAGE_BYTES = 64 * 1024 * 1024
const PER_PAGE = 30
const MAX_PAGES = 10

export interface GithubAttestations {
  /** `https://api.github.com`, or `https://HOST/api/v3`. */
  readonly api: string
  /** `OWNER/REPO`. */
  readonly repository: string
  /** May be null to read of a public repository. */
  readonly token: string | null
  readonly timeoutMs?: number
  readonly fetch?: typeof fetch
}

const OWNER = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$/
const NAME = /^[A-Za-z0-9._-]{1,100}$/

/** True for `OWNER/REPO` as GitHub has them. */
export function isGithubRepository(text: string): boolean {
  const [owner = '', name = '', ...more] = text.split('/')
  return more.length === 0 && OWNER.test(owner) && NAME.test(name) && name !== '.' && name !== '..'
}

/**
 * The bundles that a repository has for an artifact, as JSON text; none is verified (REST, “List attestations”). Bundles that
 * lie in GitHub's storage are fetched from there, without the token. Throws `service-unreachable`, `service-refused` and `service-answer`.
 */
export async function listGithubAttestations(from: GithubAttestations, sha256: string): Promise<Uint8Array[]> {
  if (!isHex(sha256, 64)) throw new CodedError('usage', 'an artifact is asked for by its SHA-256')
  const bundles: Uint8Array[] = []
  const path = `/attestations/sha256:${sha256}?per_page=${PER_PAGE}`
  let next: string | null = path
  for (let page = 0; next !== null; page++) {
    if (page === MAX_PAGES) throw answer(from, `has more than ${MAX_PAGES * PER_PAGE} attestations`)
    const url = addressOf(from, next)
    const { status, headers, body } = await asked(from, url, { headers: headersOf(from) }, MAX_PAGE_BYTES)
    if (status === 404) return bundles
    if (status !== 200) throw refused(from, status)
    for (const one of attestationsIn(from, body)) bundles.push(await bundleOf(from, one))
    next = nextPage(headers.get('link'), url, path)
  }
  return bundles
}

function addressOf(from: GithubAttestations, path: string): URL {
  const base = addressIn(from.api, { path: true })
  if (typeof base === 'string') throw new CodedError('usage', `the address of GitHub's API ${base}`)
  if (!isGithubRepository(from.repository)) throw new CodedError('usage', 'a repository is named OWNER/REPO')
  return new URL(`${base.origin}${base.pathname.replace(/\/+$/, '')}/repos/${from.repository}${path}`)
}

function headersOf({ token }: GithubAttestations): (readonly [string, string])[] {
  return [
    ['accept', 'application/vnd.github+json'],
    ['user-agent', 'countersign'],
    ['x-github-api-version', '2022-11-28'],
    ...(token === null ? [] : [['authorization', `Bearer ${token}`] as const]),
  ]
}

function asked(from: GithubAttestations, url: URL, question: Question, maxBytes: number) {
  return ask(url, question, {
    timeoutMs: from.timeoutMs ?? TIMEOUT_MS,
    maxBytes,
    ...(from.fetch === undefined ? {} : { fetch: from.fetch }),
    fault: (what, why) => new CodedError(why === 'too-large' ? 'service-answer' : 'service-unreachable', what),
  })
}

function attestationsIn(from: GithubAttestations, body: Uint8Array): JsonObject[] {
  const list = membersIn(from, body)['attestations']
  if (!Array.isArray(list) || list.length > 100) throw answer(from, 'answered without a list of attestations')
  return list.map((one) => objectOf(one) ?? fail(answer(from, 'listed something else than attestations')))
}

/** With the attestation, or where it points: GitHub gives what is large or many by an address that says nothing of who asks. */
async function bundleOf(from: GithubAttestations, { bundle, bundle_url: pointer }: JsonObject): Promise<Uint8Array> {
  const whole = objectOf(bundle)
  if (whole !== null) return canonicalJson(whole)
  const url = typeof pointer === 'string' ? URL.parse(pointer) : null
  const good = url !== null && url.username === '' && typeof addressIn(url.origin, { path: false }) !== 'string'
  if (!good) throw answer(from, 'points to no bundle')
  const { status, headers, body } = await asked(from, url, {}, MAX_BUNDLE_BYTES)
  if (status !== 200) throw new CodedError('service-answer', `${hostOf(url)} answered with status ${status}`)
  return headers.get('content-type') === 'application/x-snappy' ? unpackSnappy(body, MAX_BUNDLE_BYTES) : body
}

/** The cursor of the next page, put to the same address: a link leads wherever whoever wrote it likes. */
function nextPage(link: string | null, asked: URL, path: string): string | null {
  const found = /<([^<>]{1,2048})>;\s*rel="next"/.exec(link ?? '')?.[1]
  if (found === undefined) return null
  const after = URL.parse(found, asked.href)?.searchParams.get('after') ?? null
  return after === null || after.length > 500 ? null : `${path}&after=${encodeURIComponent(after)}`
}

function membersIn(from: GithubAttestations, body: Uint8Array): JsonObject {
  try {
    const told = objectOf(parseJson(body, { maxBytes: MAX_PAGE_BYTES }))
    if (told !== null) return told
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
  }
  throw answer(from, 'answered with no JSON object')
}

function objectOf(value: JsonValue | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}

function refused(from: GithubAttestations, status: number): CodedError {
  const what = `${hostOf(from.api)} answered with status ${status}`
  if (status !== 401 && status !== 403) return new CodedError('service-answer', what)
  return new CodedError('service-refused', what, {
    fix: 'Give the job the permission attestations: read, and its token in GITHUB_TOKEN.',
  })
}

function answer(from: GithubAttestations, what: string): CodedError {
  return new CodedError('service-answer', `${hostOf(from.api)} ${what}`)
}

function fail(error: CodedError): never {
  throw error
}
