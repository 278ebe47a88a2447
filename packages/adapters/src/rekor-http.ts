import { CodedError, hasControl, parseJson } from '@countersign/core'
import { MAX_ANCHOR_BYTES } from '@countersign/formats/anchor'

/** Rekor answers when the entry is under a published checkpoint: its clients are asked to wait for 20 s at least. */
export const REKOR_TIMEOUT_MS = 30_000

const LOOPBACK = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/

/** An answer of at most `MAX_ANCHOR_BYTES`, whatever its status. */
export interface RekorReply {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
}

export interface RekorHttp {
  readonly fetch: typeof fetch
  readonly timeoutMs: number
}

/**
 * Asks a log. Redirects are not followed. Throws `anchor-unreachable` where no whole answer came in time, and
 * `anchor-refused` for one that is too large.
 */
export async function askRekor(url: string, request: object | null, http: RekorHttp): Promise<RekorReply> {
  const posted = { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json' } }
  // A redirect could lead to what only this machine can reach (T-89).
  const init = { redirect: 'manual', signal: AbortSignal.timeout(http.timeoutMs) } as const
  try {
    const response = await http.fetch(
      url,
      request === null ? init : { ...init, ...posted, body: JSON.stringify(request) },
    )
    return { status: response.status, headers: response.headers, body: await bodyOf(response, url) }
  } catch (cause) {
    if (cause instanceof CodedError) throw cause
    throw new CodedError('anchor-unreachable', `${hostOf(url)} did not answer: ${reasonOf(cause)}`, { cause })
  }
}

async function bodyOf(response: Response, url: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    // Counted after unpacking: a small body can unpack to an endless one (T-71).
    if (size > MAX_ANCHOR_BYTES) {
      throw new CodedError('anchor-refused', `${hostOf(url)} answered with more than ${MAX_ANCHOR_BYTES} bytes`)
    }
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

/** Base address of a log, without a slash at the end: `https`, or `http` to this machine. Throws `anchor-setup-invalid`. */
export function rekorBaseOf(text: string): string {
  const invalid = (what: string) => new CodedError('anchor-setup-invalid', `the address of the Rekor log ${what}`)
  const url = URL.parse(text)
  if (url === null) throw invalid('is not a URL')
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (!plain) throw invalid('has more than a host and a path')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.test(url.hostname))) {
    throw invalid('is not https; plain http is for a log on this machine')
  }
  return url.origin + url.pathname.replace(/\/+$/, '')
}

export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'the log'
}

/** What a log said along with a refusal, for the person who has to mend it; with a colon before, or nothing. */
export function saidBy({ status, headers, body }: RekorReply): string {
  const header = headers.get('x-http-error-message')
  const said = header ?? messageOf(body)
  const text = said === null || said === '' || hasControl(said) ? '' : ` “${said.slice(0, 200)}”`
  return `with status ${status}${text}`
}

function messageOf(body: Uint8Array): string | null {
  try {
    const value = parseJson(body, { maxBytes: 65_536, maxDepth: 8 })
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    const message = (value as Record<string, unknown>)['message']
    return typeof message === 'string' ? message : null
  } catch {
    return null
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'no answer in time'
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'the request failed'
}
