import { CodedError } from '@countersign/core'

/** Longest time for one request, answer included; milliseconds. */
const TIMEOUT_MS = 10_000

export interface OtsHttpOptions {
  readonly fetch?: typeof fetch
  /** Milliseconds for one request, answer included; 10,000 by default. */
  readonly timeoutMs?: number
}

export interface OtsAnswer {
  readonly status: number
  readonly body: Uint8Array
}

/** Somebody else's HTTP service, who may answer what he likes. */
export interface OtsService {
  /** What to call it: host, and path where it has one. */
  readonly name: string
  readonly url: string
  /**
   * One request below its URL. Throws `anchor-unreachable` where no whole answer of at most `max` bytes comes in time.
   * Redirects are not followed.
   */
  ask(
    path: string,
    max: number,
    more?: { readonly accept?: string; readonly type?: string; readonly body?: Uint8Array },
  ): Promise<OtsAnswer>
}

/** A service below a URL: `https`, or `http` to this machine only. Throws `usage` for any other. */
export function otsService(text: string, what: string, options: OtsHttpOptions = {}): OtsService {
  const url = otsUrl(text)
  if (url === null) {
    throw new CodedError('usage', `the URL of ${what} is not https with a host and a path alone`, {
      fix: 'Give an https URL without user, query and fragment; plain http is for services on this machine.',
    })
  }
  const name = url.replace(/^https?:\/\//, '')
  const send = options.fetch ?? fetch
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  return {
    name,
    url,
    async ask(path, max, { accept, type, body } = {}) {
      const headers: Record<string, string> = { 'user-agent': 'countersign' }
      if (accept !== undefined) headers['accept'] = accept
      if (type !== undefined) headers['content-type'] = type
      try {
        const response = await send(`${url}${path}`, {
          headers,
          // A redirect could lead to what only this machine can reach (T-89).
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
          ...(body === undefined ? {} : { method: 'POST', body: body as Uint8Array<ArrayBuffer> }),
        })
        return { status: response.status, body: await bodyOf(response, max, name) }
      } catch (cause) {
        if (cause instanceof CodedError) throw cause
        throw new CodedError('anchor-unreachable', `${name} did not answer: ${reasonOf(cause)}`, { cause })
      }
    },
  }
}

/** A URL without what it ends in; null for one that nothing is sent to. */
export function otsUrl(text: string): string | null {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return null
  const loopback = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) return null
  return url.origin + url.pathname.replace(/\/+$/, '')
}

async function bodyOf(response: Response, max: number, name: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    // Counted after unpacking: a small body can unpack to an endless one (T-71).
    if (size > max) throw new CodedError('anchor-unreachable', `the answer of ${name} exceeds ${max} bytes`)
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
