import { CodedError, type JsonObject, parseJson } from '@countersign/core'

/** How a system is asked for a token. */
export interface TokenHttp {
  readonly fetch?: typeof fetch
  /** Longest time for one try, answer included; milliseconds, 10,000 by default. */
  readonly timeoutMs?: number
  /** Longest wait before the second try; milliseconds, 300 by default, doubled before the third. */
  readonly waitMs?: number
}

export interface TokenQuestion {
  readonly url: URL
  readonly method: 'GET' | 'POST'
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: string
}

export interface TokenReply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

const ATTEMPTS = 3
const MAX_ANSWER_BYTES = 65_536
const LOOPBACK = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/

/** Says what a system did not give, and what is to be done about it there. Without a cause: that could hold a secret. */
export function unavailable(what: string, fix?: string): CodedError {
  return new CodedError('identity-unavailable', what, fix === undefined ? {} : { fix })
}

/** No whole answer came; another try may get one. */
class Unanswered extends CodedError {
  constructor(what: string) {
    super('identity-unavailable', what, { fix: 'Check the network of the job, then try again.' })
  }
}

/**
 * One bounded answer, whatever its status; asked for again after a failed connection, 429 and 5xx. Redirects are not
 * followed. Throws `identity-unavailable`, which says the host and nothing that was sent.
 */
export async function askForToken(question: TokenQuestion, http: TokenHttp): Promise<TokenReply> {
  for (let attempt = 1; ; attempt++) {
    const last = attempt === ATTEMPTS
    try {
      const reply = await ask(question, http)
      if (last || (reply.status < 500 && reply.status !== 429)) return reply
    } catch (error) {
      if (last || !(error instanceof Unanswered)) throw error
    }
    const ms = (http.waitMs ?? 300) * 2 ** (attempt - 1)
    await new Promise((resolve) => setTimeout(resolve, ms / 2 + (Math.random() * ms) / 2))
  }
}

async function ask({ url, method, headers, body }: TokenQuestion, http: TokenHttp): Promise<TokenReply> {
  try {
    const response = await (http.fetch ?? fetch)(url, {
      method,
      headers: headers.map(([name, value]) => [name, value]),
      ...(body === undefined ? {} : { body }),
      // A redirect would take what the job may ask for tokens with elsewhere (T-89).
      redirect: 'manual',
      signal: AbortSignal.timeout(http.timeoutMs ?? 10_000),
    })
    return { status: response.status, headers: response.headers, text: await textOf(response, url.host) }
  } catch (error) {
    if (error instanceof CodedError) throw error
    throw new Unanswered(`${url.host} did not answer: ${reasonOf(error)}`)
  }
}

async function textOf(response: Response, host: string): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    // Counted after unpacking: a small body can unpack to an endless one (T-71).
    if (size > MAX_ANSWER_BYTES) throw unavailable(`the answer of ${host} exceeds ${MAX_ANSWER_BYTES} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'no answer in time'
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'the request failed'
}

/**
 * The address that an environment gives: `https`, or `http` to this machine and the `clear` hosts, which the platform
 * itself answers for. Not quoted where it is none, for it may hold a secret. Throws `identity-unavailable`.
 */
export function addressIn(name: string, text: string, clear: readonly string[] = []): URL {
  const url = URL.parse(text)
  const good =
    url !== null &&
    (url.protocol === 'https:' ||
      (url.protocol === 'http:' && (LOOPBACK.test(url.hostname) || clear.includes(url.hostname))))
  if (!good || url.username !== '' || url.password !== '') {
    throw unavailable(`${name} is not an https address`, `See who sets ${name} in this job; only the CI system may.`)
  }
  return url
}

/** The token in a member of a JSON answer. Throws `identity-unavailable`, without what was answered. */
export function tokenIn(reply: TokenReply, member: string, host: string): string {
  const token = membersOf(reply.text)?.[member]
  if (!isToken(token)) throw unavailable(`${host} answered something else than a token`)
  return token
}

/** The members of a JSON object; null for everything else. */
export function membersOf(text: string): JsonObject | null {
  try {
    const value = parseJson(text, { maxBytes: MAX_ANSWER_BYTES, maxDepth: 16 })
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
  } catch {
    return null
  }
}

/** Longest token that is taken. */
export const MAX_TOKEN = 32_768

/** Whether it looks like a compact JWS (RFC 7515 §3.1), so that it can be a header and holds nothing else. */
export function isToken(text: unknown): text is string {
  return (
    typeof text === 'string' &&
    text.length <= MAX_TOKEN &&
    /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(text)
  )
}

/** What goes into `Authorization: Bearer`: printable ASCII, or fetch would say it in its error. */
export function isBearer(text: string): boolean {
  return text.length <= MAX_TOKEN && /^[\x21-\x7e]+$/.test(text)
}
