import { CodedError } from '@countersign/core'
import { addressIn, ask } from './http.ts'

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
  return {
    name,
    url,
    async ask(path, max, { accept, type, body } = {}) {
      const headers: [string, string][] = [['user-agent', 'countersign']]
      if (accept !== undefined) headers.push(['accept', accept])
      if (type !== undefined) headers.push(['content-type', type])
      const question = body === undefined ? { headers } : { method: 'POST' as const, headers, body }
      return ask(`${url}${path}`, question, {
        name,
        timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
        maxBytes: max,
        ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
        fault: (fault) => new CodedError('anchor-unreachable', fault),
      })
    },
  }
}

/** A URL without what it ends in; null for one that nothing is sent to. */
export function otsUrl(text: string): string | null {
  const url = addressIn(text, { path: true })
  if (typeof url === 'string') return null
  return url.origin + url.pathname.replace(/\/+$/, '')
}
