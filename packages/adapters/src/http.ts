import { CodedError, type JsonObject, parseJson } from '@countersign/core'

/** Where a request goes, and how long and how much may come back. */
export interface Service {
  /** Who is asked, as errors name it; its host by default. */
  readonly name?: string
  /** For one request, answer included; milliseconds. */
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly fetch?: typeof fetch
  /** What is thrown where no whole answer comes (`no-answer`), or one that is `too-large`. It never says what was sent. */
  readonly fault: (what: string, why: 'no-answer' | 'too-large') => CodedError
}

export interface Question {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT'
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly body?: Uint8Array | string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
}

/**
 * One request and its bounded answer, whatever its status. Redirects are not followed. Throws the service's own fault,
 * without a cause: that could hold the headers, and with them a secret.
 */
export async function ask(url: URL | string, { method = 'GET', headers = [], body }: Question, service: Service) {
  const { timeoutMs, maxBytes, fault } = service
  const name = service.name ?? hostOf(url)
  const send = service.fetch ?? fetch
  try {
    const response = await send(url, {
      method,
      headers: headers.map(([key, value]) => [key, value]),
      ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> | string }),
      // A redirect could take what was sent elsewhere, and lead to what only this machine can reach (T-89).
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const read = await boundedBytes(response, maxBytes)
    if (read === null) throw fault(`the answer of ${name} exceeds ${maxBytes} bytes`, 'too-large')
    return { status: response.status, headers: response.headers, body: read } satisfies Answer
  } catch (error) {
    if (error instanceof CodedError) throw error
    throw fault(`${name} did not answer: ${reasonOf(error)}`, 'no-answer')
  }
}

/** A body of at most so many bytes; null for a longer one, which is read no further. */
export async function boundedBytes(response: Response, maxBytes: number): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    // Counted after unpacking: a small body can unpack to an endless one (T-71).
    if (size > maxBytes) return null
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

/** Why no answer came, in a word of Node's that repeats nothing of the request. */
export function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'no answer in time'
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'the request failed'
}

const LOOPBACK = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/

/** Whether a URL leads to this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.test(hostname)
}

/** Why nothing is sent to an address: what its sentence goes on with. */
export type AddressFault =
  | 'is not a URL'
  | 'has more than a host'
  | 'has more than a host and a path'
  | 'is not https; plain http is for this machine'

/**
 * An address that something is sent to: `https`, or `http` to this machine; a host, and a path where one is allowed.
 * Else what is wrong with it.
 */
export function addressIn(text: string, { path }: { readonly path: boolean }): URL | AddressFault {
  const url = URL.parse(text)
  if (url === null) return 'is not a URL'
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (!plain || !(path || url.pathname === '/')) {
    return path ? 'has more than a host and a path' : 'has more than a host'
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url))) {
    return 'is not https; plain http is for this machine'
  }
  return url
}

/** Host of an address, for people; never its user, path or query. */
export function hostOf(url: URL | string): string {
  return (typeof url === 'string' ? URL.parse(url)?.host : url.host) ?? 'the service'
}

/** The members of a JSON object, strictly read; null for everything else. */
export function membersOf(body: Uint8Array | string): JsonObject | null {
  try {
    return objectOf(parseJson(body, { maxDepth: 16 }))
  } catch {
    return null
  }
}

/** A value that is a JSON object; null for any other. */
export function objectOf(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}
