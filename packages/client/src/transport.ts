import { CodedError, type JsonValue, parseJson } from '@countersign/core'
import { plainText } from './plain-text.ts'
import { refusalOf } from './problem.ts'

export interface TransportOptions {
  /** The server's base URL. `https`, or `http` to this machine only, unless `allowHttp`. */
  readonly url: string
  /**
   * API token, or who has one, asked before each try. It goes into one header and nowhere else: no error, no log. Null
   * where none is needed.
   */
  readonly token: string | (() => Promise<string>) | null
  readonly fetch?: Fetch
  /** Longest time for one try, body included; milliseconds, 15,000 by default. */
  readonly timeoutMs?: number
  readonly retry?: RetryOptions
  readonly allowHttp?: boolean
  /** How to wait between tries. */
  readonly wait?: (ms: number) => Promise<void>
}

/** What is used of `fetch`. Follows no redirect, and unpacks what came packed. */
export type Fetch = (
  url: string,
  request: {
    readonly method: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: Uint8Array<ArrayBuffer>
    readonly redirect: 'manual'
    readonly signal: AbortSignal
  },
) => Promise<Fetched>

/** The answer as it begins. Its body ends, or throws; whoever stops reading it needs no more of the connection. */
export interface Fetched {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body: AsyncIterable<Uint8Array> | null
}

/** Exponential waits with full jitter. */
export interface RetryOptions {
  /** Tries in all; 3 by default, 1 never repeats. */
  readonly attempts?: number
  /** Longest first wait, milliseconds; doubles with each try. 250 by default. */
  readonly baseMs?: number
  /** A longer `Retry-After` is not waited for; milliseconds, 30,000 by default. */
  readonly maxMs?: number
}

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the base URL, encoded. */
  readonly path: string
  readonly body?: { readonly type: string; readonly bytes: Uint8Array }
  /** Most bytes of the answer, unpacked; 16 MiB by default. */
  readonly maxBytes?: number
  /** False where doing it twice differs from doing it once. */
  readonly repeatable?: boolean
  /** A status that is an answer too, where it comes with plain JSON and not with a problem. */
  readonly alsoAnswer?: number
}

/** A request whose answer goes on. */
export interface Opening {
  /** Below the base URL, encoded. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly bytes: Uint8Array
  readonly etag: string | null
}

const MAX_ANSWER_BYTES = 16 * 1024 * 1024
const MAX_PROBLEM_BYTES = 1024 * 1024

/** One server behind HTTP: bounded, patient within limits, and strict about what comes back. */
export class Transport {
  readonly #base: string
  readonly #token: () => Promise<string | null>
  readonly #fetch: Fetch
  readonly #timeoutMs: number
  readonly #retry: Required<RetryOptions>
  readonly #wait: (ms: number) => Promise<void>

  /** Throws `usage` for a URL that is not fit, `token-missing` for a token that is none. */
  constructor(options: TransportOptions) {
    this.#base = baseOf(options.url, options.allowHttp ?? false)
    const { token } = options
    if (typeof token === 'string') checkToken(token)
    this.#token = typeof token === 'function' ? token : () => Promise.resolve(token)
    this.#fetch = options.fetch ?? fetch
    this.#timeoutMs = options.timeoutMs ?? 15_000
    this.#retry = { attempts: 3, baseMs: 250, maxMs: 30_000, ...options.retry }
    this.#wait = options.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)))
  }

  /**
   * The answer to a request that succeeded. Repeats after network failures, timeouts, 429, 502, 503 and 504.
   * Throws `ServerRefusal`, `server-unreachable`, or `server-answer`.
   */
  async send(request: Request): Promise<Answer> {
    const attempts = request.repeatable === false ? 1 : this.#retry.attempts
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#try(request)
      if ('answer' in outcome) return outcome.answer
      const wait = this.#waitAfter(attempt, outcome.retryAfterMs)
      if (!outcome.repeat || attempt >= attempts || wait === null) throw outcome.error
      await this.#wait(wait)
    }
  }

  /**
   * The answer to a request that may go on for as long as it likes, when it has begun; asked once. Whoever aborts `signal`
   * ends it, and must: it has no time of its own. Throws as `send`, and what `signal` is aborted for.
   */
  async open({ path, headers, signal }: Opening): Promise<Fetched> {
    const token = await this.#token()
    if (token !== null) checkToken(token)
    const credentials: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
    try {
      const all = { ...headers, ...credentials }
      const response = await this.#fetch(this.#base + path, { method: 'GET', headers: all, redirect: 'manual', signal })
      const { status } = response
      if (status >= 200 && status < 300) {
        return { status, headers: response.headers, body: within(response, signal, this.#base) }
      }
      if (status === 0 || (status >= 300 && status < 400)) {
        await discard(response)
        throw new CodedError('server-answer', `GET ${path} was redirected; redirects are not followed`)
      }
      throw failureOf(status, await readBody(response, MAX_PROBLEM_BYTES), response, `GET ${path}`)
    } catch (cause) {
      throw failedWhile(signal, this.#base, cause)
    }
  }

  /** {@link send}, with the answer as strict JSON. */
  async json(request: Request): Promise<{ status: number; body: JsonValue }> {
    const { status, bytes } = await this.send(request)
    try {
      return { status, body: parseJson(bytes, { maxBytes: request.maxBytes ?? MAX_ANSWER_BYTES }) }
    } catch (cause) {
      throw new CodedError('server-answer', `${nameOf(request)} was not answered with JSON`, { cause })
    }
  }

  /** Milliseconds to wait; null when the server asks for longer than we would. */
  #waitAfter(attempt: number, retryAfterMs: number | null): number | null {
    const { baseMs, maxMs } = this.#retry
    const jitter = Math.random() * Math.min(maxMs, baseMs * 2 ** (attempt - 1))
    if (retryAfterMs === null) return jitter
    return retryAfterMs > maxMs ? null : retryAfterMs + Math.random() * baseMs
  }

  async #try(request: Request): Promise<Outcome> {
    const token = await this.#token()
    if (token !== null) checkToken(token)
    const signal = AbortSignal.timeout(this.#timeoutMs)
    let response: Fetched
    try {
      response = await this.#fetch(this.#base + request.path, {
        method: request.method,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          accept: 'application/json, application/problem+json, */*;q=0.1',
          ...(request.body === undefined ? {} : { 'content-type': request.body.type }),
        },
        ...(request.body === undefined ? {} : { body: request.body.bytes as Uint8Array<ArrayBuffer> }),
        // A redirect would carry the token, and the trust in this server, elsewhere.
        redirect: 'manual',
        signal,
      })
    } catch (cause) {
      return unreachable(this.#base, cause)
    }
    const { status } = response
    // A browser shows a redirect as status 0.
    if (status === 0 || (status >= 300 && status < 400)) {
      await discard(response)
      return final(new CodedError('server-answer', `${nameOf(request)} was redirected; redirects are not followed`))
    }
    try {
      const ok = (status >= 200 && status < 300) || (status === request.alsoAnswer && isJson(response))
      const bytes = await readBody(response, ok ? (request.maxBytes ?? MAX_ANSWER_BYTES) : MAX_PROBLEM_BYTES)
      if (ok) return { answer: { status, bytes, etag: response.headers.get('etag') } }
      const repeat = status === 429 || (status >= 502 && status <= 504)
      const error = failureOf(status, bytes, response, nameOf(request))
      return { error, repeat, retryAfterMs: retryAfter(response.headers.get('retry-after'), Date.now()) }
    } catch (cause) {
      if (cause instanceof CodedError) return final(cause)
      return unreachable(this.#base, cause)
    }
  }
}

async function* within({ body }: Fetched, signal: AbortSignal, base: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body ?? []
  } catch (cause) {
    throw failedWhile(signal, base, cause)
  }
}

/** Why it failed: as whoever aborted it says, where somebody did. */
function failedWhile(signal: AbortSignal, base: string, cause: unknown): CodedError {
  if (signal.aborted && signal.reason instanceof CodedError) return signal.reason
  if (cause instanceof CodedError) return cause
  return new CodedError('server-unreachable', `${base}: ${reasonOf(cause)}`, { cause })
}

type Outcome = { answer: Answer } | { error: CodedError; repeat: boolean; retryAfterMs: number | null }

function isJson({ headers }: Fetched): boolean {
  return /^application\/json\b/.test(headers.get('content-type') ?? '')
}

function final(error: CodedError): Outcome {
  return { error, repeat: false, retryAfterMs: null }
}

function unreachable(base: string, cause: unknown): Outcome {
  const error = new CodedError('server-unreachable', `${base}: ${reasonOf(cause)}`, { cause })
  return { error, repeat: true, retryAfterMs: null }
}

function failureOf(status: number, bytes: Uint8Array, response: Fetched, request: string): CodedError {
  const type = response.headers.get('content-type') ?? ''
  if (/^application\/(problem\+)?json\b/.test(type)) {
    try {
      return refusalOf(status, parseJson(bytes), request)
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
    }
  }
  // A gateway in front of a server that is down speaks for itself.
  if (status >= 502 && status <= 504) {
    return new CodedError('server-unreachable', `${request} was answered with HTTP ${status} by a gateway`)
  }
  return refusalOf(status, null, request)
}

async function readBody(response: Fetched, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    // Counted while it streams and after unpacking: a small gzip can be an endless body (T-71, T-94).
    if (length > maxBytes) throw new CodedError('server-answer', `the server's answer exceeds ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

async function discard({ body }: Fetched): Promise<void> {
  try {
    await body?.[Symbol.asyncIterator]().return?.()
  } catch {
    // The connection is closed then, which is all that was wanted.
  }
}

/** Milliseconds of a Retry-After header (RFC 9110 §10.2.3): seconds, or a date. */
function retryAfter(header: string | null, now: number): number | null {
  if (header === null) return null
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}

function checkToken(token: string): void {
  // A header would refuse other characters in an error that holds the token.
  if (/^[\x21-\x7e]{1,4096}$/.test(token)) return
  throw new CodedError('token-missing', token === '' ? 'no API token' : 'the API token is malformed')
}

function baseOf(text: string, allowHttp: boolean): string {
  let url: URL
  try {
    url = new URL(text)
  } catch (cause) {
    throw new CodedError('usage', `the server URL ${JSON.stringify(plainText(text, 100))} is not a URL`, { cause })
  }
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (!plain || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    // Not quoted: what stands before the @ is a secret.
    throw new CodedError('usage', 'the server URL is not a plain https URL', {
      fix: 'Write it as https://HOST[:PORT].',
    })
  }
  if (url.protocol === 'http:' && !allowHttp && !isLoopback(url.hostname)) {
    throw new CodedError('usage', `http to ${url.hostname} would show the token to the network`, {
      fix: 'Use https; plain http is for a server on this machine.',
    })
  }
  return url.origin + url.pathname.replace(/\/+$/, '')
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'no such host for now',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'no answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
  UND_ERR_SOCKET: 'connection closed',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'no answer in time'
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return Object.hasOwn(REASONS, code) ? REASONS[code]! : code === '' ? 'the request failed' : plainText(code, 60)
}

function nameOf(request: Request): string {
  return `${request.method} ${request.path.split('?', 1)[0]}`
}
