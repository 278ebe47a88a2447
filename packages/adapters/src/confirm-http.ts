import { CodedError, hasControl, type JsonObject, type JsonValue, parseJson } from '@countersign/core'

const CODE = 'provider-unreachable'
/** Longest time for one request, answer included; milliseconds. */
const TIMEOUT_MS = 5_000
/** A run of GitHub takes some dozen kilobytes. */
const MAX_ANSWER_BYTES = 1 << 20
const LOOPBACK = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/

export interface ConfirmOptions {
  /** For one request, answer included; 5,000 by default. */
  readonly timeoutMs?: number
  readonly fetch?: typeof fetch
}

interface Question {
  readonly method?: 'GET' | 'POST'
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: Uint8Array
}

/**
 * What a provider answers; null where it knows nothing by that name. Redirects are not followed. Throws
 * `provider-unreachable`, which says the host and never what was sent.
 */
export async function askProvider(url: URL, question: Question, options: ConfirmOptions): Promise<JsonObject | null> {
  const { host } = url
  let status: number
  let body: Uint8Array
  try {
    const response = await (options.fetch ?? fetch)(url, {
      method: question.method ?? 'GET',
      headers: question.headers.map(([name, value]) => [name, value]),
      ...(question.body === undefined ? {} : { body: question.body as Uint8Array<ArrayBuffer> }),
      // A redirect could take the credentials elsewhere, and lead to what only this machine can reach (T-89).
      redirect: 'manual',
      signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
    })
    status = response.status
    body = await bytesOf(response, host)
  } catch (error) {
    if (error instanceof CodedError) throw error
    // The cause may hold the headers: it stays here.
    throw new CodedError(CODE, `${host} did not answer: ${reasonOf(error)}`)
  }
  if (status === 404) return null
  if (status !== 200) throw new CodedError(CODE, `${host} answered with status ${status}`)
  try {
    return membersOf(parseJson(body, { maxBytes: MAX_ANSWER_BYTES, maxDepth: 32 })) ?? nonsense(host)
  } catch (error) {
    if (error instanceof CodedError && error.code === CODE) throw error
    return nonsense(host)
  }
}

/** Base address of an API, without a slash at its end: `https`, or `http` to this machine. Throws `provider-unreachable`. */
export function apiOf(text: string): string {
  const url = URL.parse(text)
  const plain = url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname))
  if (!plain || !safe) throw new CodedError(CODE, 'the address of a provider is not an https URL of a host and a path')
  return url.origin + url.pathname.replace(/\/+$/, '')
}

export function nonsense(host: string): never {
  throw new CodedError(CODE, `${host} answered something else than what it was asked for`)
}

export function unknownRun(host: string): CodedError {
  return new CodedError('identity-mismatch', `${host} knows no such run`)
}

export function membersOf(value: JsonValue | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}

/** A text of 1 to 2048 characters without control characters; null for all else. */
export function textOf(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value !== '' && value.length <= 2048 && !hasControl(value) ? value : null
}

/** A number that is an id, in decimal; null for all else. */
export function idOf(value: JsonValue | undefined): string | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? String(value) : null
}

export function commitOf(value: JsonValue | undefined): string | null {
  const text = textOf(value)
  return text !== null && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text) ? text : null
}

/** URL of a repository as one browses it: without the `.git` that one clones it with. Null for what has a user in it. */
export function repositoryOf(value: JsonValue | undefined): string | null {
  const text = textOf(value)
  const url = text === null ? null : URL.parse(text)
  const plain = url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  return plain && url.protocol === 'https:' ? text!.replace(/\/$/, '').replace(/\.git$/, '') : null
}

async function bytesOf(response: Response, host: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    // Counted after unpacking: a small body can unpack to an endless one (T-71).
    if (size > MAX_ANSWER_BYTES) {
      throw new CodedError(CODE, `the answer of ${host} exceeds ${MAX_ANSWER_BYTES} bytes`)
    }
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'no answer in time'
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'the request failed'
}
