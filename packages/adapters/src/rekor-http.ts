import { CodedError, hasControl, parseJson } from '@countersign/core'
import { MAX_ANCHOR_BYTES } from '@countersign/formats/anchor'
import { addressIn, type Answer, ask } from './http.ts'

/** Rekor answers when the entry is under a published checkpoint: its clients are asked to wait for 20 s at least. */
export const REKOR_TIMEOUT_MS = 30_000

/** An answer of at most `MAX_ANCHOR_BYTES`, whatever its status. */
export type RekorReply = Answer

export interface RekorHttp {
  readonly fetch: typeof fetch
  readonly timeoutMs: number
}

/**
 * Asks a log. Redirects are not followed. Throws `anchor-unreachable` where no whole answer came in time, and
 * `anchor-refused` for one that is too large.
 */
export async function askRekor(url: string, request: object | null, http: RekorHttp): Promise<RekorReply> {
  const headers = [
    ['content-type', 'application/json'],
    ['accept', 'application/json'],
  ] as const
  const posted = { method: 'POST' as const, headers, body: JSON.stringify(request) }
  return ask(url, request === null ? {} : posted, {
    ...http,
    name: hostOf(url),
    maxBytes: MAX_ANCHOR_BYTES,
    fault: (what, why) => new CodedError(why === 'too-large' ? 'anchor-refused' : 'anchor-unreachable', what),
  })
}

/** Base address of a log, without a slash at the end: `https`, or `http` to this machine. Throws `anchor-setup-invalid`. */
export function rekorBaseOf(text: string): string {
  const url = addressIn(text, { path: true })
  if (typeof url === 'string') {
    throw new CodedError('anchor-setup-invalid', `the address of the Rekor log ${url}`)
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
