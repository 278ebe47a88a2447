import { createHmac, timingSafeEqual } from 'node:crypto'
import { CodedError } from '@countersign/core'
import type { PersonSession } from './people.ts'

/** A session as a browser shows it; nothing of it is verified. */
export interface ShownSession {
  readonly id: string
  readonly secret: string
}

/** How long somebody stays signed in, milliseconds: unused, and at most. A provider is asked again each day. */
export const LIFE: Readonly<Record<PersonSession['by'], { readonly idle: number; readonly longest: number }>> = {
  link: { idle: 86_400_000, longest: 7 * 86_400_000 },
  provider: { idle: 2 * 3_600_000, longest: 12 * 3_600_000 },
}
/** How often it is written down that a session is used; milliseconds. */
export const TOUCH_MS = 60_000

const COOKIE = 'countersign_session'
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whether browsers reach the server by https alone, as it says of itself. */
function isSecure(publicUrl: string | null): boolean {
  return publicUrl?.startsWith('https:') === true
}

/**
 * The name of a cookie. With `__Host-` no other host of the domain, and no page by http, can plant one (RFC 6265bis
 * §4.1.3.2): whoever signs in elsewhere must not end up as somebody else.
 */
export function cookieName(publicUrl: string | null, name = COOKIE): string {
  return isSecure(publicUrl) ? `__Host-${name}` : name
}

/** A `Set-Cookie` header; `seconds` 0 takes the cookie away. */
export function setCookie(publicUrl: string | null, { name = COOKIE, value, seconds, sameSite }: SetCookie): string {
  const secure = isSecure(publicUrl) ? '; Secure' : ''
  return `${cookieName(publicUrl, name)}=${value}; Path=/; HttpOnly; SameSite=${sameSite}; Max-Age=${seconds}${secure}`
}

interface SetCookie {
  readonly name?: string
  readonly value: string
  readonly seconds: number
  readonly sameSite: 'Strict' | 'Lax'
}

/** The values of a cookie in a `Cookie` header: a browser that was given two sends both. */
export function cookiesIn(header: string | undefined, name: string): readonly string[] {
  return (header ?? '').split(';').flatMap((pair) => {
    const at = pair.indexOf('=')
    return at > 0 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : []
  })
}

/** The session in a `Cookie` header; null where there is none. One that could be two, or is no session, is nobody's. */
export function sessionIn(header: string | undefined, publicUrl: string | null): ShownSession | null {
  const values = cookiesIn(header, cookieName(publicUrl))
  if (values.length === 0) return null
  const match = /^([0-9a-f]{24})_([0-9a-f]{64})$/.exec(values[0]!)
  return match === null || values.length > 1 ? { id: '', secret: '' } : { id: match[1]!, secret: match[2]! }
}

/** What a page shows with whatever changes something: only one that may read `GET /v1/me` has it. */
export function csrfOf({ secret }: ShownSession): string {
  return createHmac('sha256', secret).update('countersign csrf v1').digest('hex')
}

/** What of a request says which page sent it. */
export interface Sent {
  readonly method: string
  readonly site: string | undefined
  readonly origin: string | undefined
  readonly host: string | undefined
}

/**
 * Refuses what no page of this server sent: another site's page, a sibling host's, one that says nothing of itself.
 * Throws `request-forged`.
 */
export function checkOwnPage({ method, site, origin, host }: Sent, publicUrl: string | null): void {
  const safe = SAFE.has(method)
  // A browser that says it is believed: no page can set it. By hand somebody may look, and change nothing.
  const asked = site === undefined ? safe || origin !== undefined : site === 'same-origin' || (safe && site === 'none')
  const from = origin === undefined || originOf(origin) === ownOrigin(host, publicUrl)
  if (!asked || !from) throw new CodedError('request-forged', 'the request does not come from a page of this server')
}

/** Throws `request-forged` where what changes something lacks what its session's pages have. */
export function checkCsrf(method: string, header: string | undefined, shown: ShownSession): void {
  if (SAFE.has(method)) return
  const given = Buffer.from(header ?? '')
  const expected = Buffer.from(csrfOf(shown))
  if (given.length === expected.length && timingSafeEqual(given, expected)) return
  throw new CodedError('request-forged', 'x-countersign-csrf is not what GET /v1/me gives')
}

/** Whether a session is over; `now` in milliseconds since 1970. */
export function isOver({ seenAt, idle, expiresAt }: PersonSession, now: number): boolean {
  return now >= expiresAt || now >= seenAt + idle
}

/** The origin of the pages of this server: as it says of itself, else as it was asked; null where nobody can tell. */
export function ownOrigin(host: string | undefined, publicUrl: string | null): string | null {
  return publicUrl === null ? hostOf(host) : originOf(publicUrl)
}

function originOf(text: string): string | null {
  return URL.parse(text)?.origin ?? null
}

/** Where the server was not told how it is reached, it is reached as it was asked. Behind nothing: it speaks http. */
function hostOf(host: string | undefined): string | null {
  return host === undefined ? null : originOf(`http://${host}`)
}
