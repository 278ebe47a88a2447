import { CodedError, hasControl, type JsonObject, type JsonValue, parseJson } from '@countersign/core'
import { addressIn, ask, type Question } from './http.ts'

const CODE = 'provider-unreachable'
/** Longest time for one request, answer included; milliseconds. */
const TIMEOUT_MS = 5_000
/** A run of GitHub takes some dozen kilobytes. */
const MAX_ANSWER_BYTES = 1 << 20

export interface ConfirmOptions {
  /** For one request, answer included; 5,000 by default. */
  readonly timeoutMs?: number
  readonly fetch?: typeof fetch
}

/**
 * What a provider answers; null where it knows nothing by that name. Redirects are not followed. Throws
 * `provider-unreachable`, which says the host and never what was sent.
 */
export async function askProvider(url: URL, question: Question, options: ConfirmOptions): Promise<JsonObject | null> {
  const { host } = url
  const { status, body } = await ask(url, question, {
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    maxBytes: MAX_ANSWER_BYTES,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    fault: (what) => new CodedError(CODE, what),
  })
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
  const url = addressIn(text, { path: true })
  if (typeof url === 'string') throw new CodedError(CODE, `the address of a provider ${url}`)
  return url.origin + url.pathname.replace(/\/+$/, '')
}

export function nonsense(host: string): never {
  throw new CodedError(CODE, `${host} answered something else than what it was asked for`)
}

export function unknownRun(host: string): CodedError {
  return new CodedError('identity-mismatch', `${host} knows no such run`)
}

/** Of providers that say the same of what is not there and of what these credentials may not see. */
export function hiddenRun(host: string): CodedError {
  return new CodedError(CODE, `${host} knows no such run, or does not show it to these credentials`)
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
