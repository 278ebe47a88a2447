import { CodedError, type JsonObject, parseJson } from '@countersign/core'

/** Longest time for one request, answer included; milliseconds. */
export const AWS_TIMEOUT_MS = 5_000
/** Signatures, public keys and credentials are some kilobytes at most. */
const MAX_ANSWER_BYTES = 65_536

const LOOPBACK = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/

export interface AwsHttp {
  readonly fetch: typeof fetch
  readonly timeoutMs: number
}

export interface AwsReply {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
}

export interface AwsQuestion {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: Uint8Array
}

/**
 * One request and its bounded answer, whatever its status. Redirects are not followed. Throws `anchor-unreachable`,
 * which says the host and never what was sent.
 */
export async function askAws(url: URL, { method, headers, body }: AwsQuestion, http: AwsHttp): Promise<AwsReply> {
  try {
    const response = await http.fetch(url, {
      method,
      headers: headers.map(([name, value]) => [name, value]),
      ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
      // A redirect could take signed headers elsewhere, and lead to what only this machine can reach (T-89).
      redirect: 'manual',
      signal: AbortSignal.timeout(http.timeoutMs),
    })
    return { status: response.status, headers: response.headers, body: await bytesOf(response, url.host) }
  } catch (error) {
    if (error instanceof CodedError) throw error
    // The cause may hold the headers: it stays here.
    throw unreachable(`${url.host} did not answer: ${reasonOf(error)}`)
  }
}

/** `https`, or `http` to this machine; a host and nothing else. Throws `anchor-setup-invalid`. */
export function awsEndpoint(text: string): URL {
  const invalid = (what: string) => new CodedError('anchor-setup-invalid', `the endpoint of AWS KMS ${what}`)
  const url = URL.parse(text)
  if (url === null) throw invalid('is not a URL')
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (!plain || url.pathname !== '/') throw invalid('has more than a host')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.test(url.hostname))) {
    throw invalid('is not https; plain http is for this machine')
  }
  return url
}

/** Whether a URL leads to this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.test(hostname)
}

/** The members of a JSON object; null for everything else. */
export function membersOf(body: Uint8Array): JsonObject | null {
  try {
    const value = parseJson(body, { maxBytes: MAX_ANSWER_BYTES, maxDepth: 8 })
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
  } catch {
    return null
  }
}

export function unreachable(what: string): CodedError {
  return new CodedError('anchor-unreachable', what)
}

async function bytesOf(response: Response, host: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    // Counted after unpacking: a small body can unpack to an endless one (T-71).
    if (size > MAX_ANSWER_BYTES) throw unreachable(`the answer of ${host} exceeds ${MAX_ANSWER_BYTES} bytes`)
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
