import { CodedError, parseJson } from '@countersign/core'
import { Shape } from '@countersign/formats'
import { isIssuerUrl, type IssuerKeys, isLoopback, MAX_KEYS_BYTES, readIssuerKeys } from '@countersign/identity'
import { boundedBytes, reasonOf } from './http.ts'

/** Milliseconds for which keys are used without asking again; a key that is taken back counts for so long. */
export const KEYS_TTL_MS = 600_000
/** Least milliseconds between two requests for the sake of a key that is not there: whoever makes up names sets off no more. */
export const UNKNOWN_KEY_MS = 30_000
/** Milliseconds for which the last keys are used while an issuer does not answer. */
export const KEYS_GRACE_MS = 86_400_000
/** Least milliseconds from a failure to the next request. */
export const RETRY_MS = 5_000
/** Longest time for both requests, answers included; milliseconds. */
const TIMEOUT_MS = 5_000
const MAX_DISCOVERY_BYTES = 65_536
const MAX_ISSUERS = 1_000
const CODE = 'issuer-unreachable'

export interface OidcKeysOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly timeoutMs?: number
  readonly fetch?: typeof fetch
}

/** The keys of issuers, fetched from themselves and kept. */
export interface OidcKeys {
  /**
   * The keys of an issuer, in which one of this name should be. Ask only for issuers that a rule names: each is sent
   * requests. Throws `issuer-unreachable`.
   */
  keysOf(issuer: string, keyId: string): Promise<IssuerKeys>
}

interface Kept {
  readonly keys: IssuerKeys
  readonly at: number
}

interface Entry {
  kept: Kept | null
  /** When it was last asked, and what came of it; null before. */
  asked: { readonly at: number; readonly failure: CodedError | null } | null
  asking: Promise<void> | null
}

/** Keys by OpenID Connect Discovery: `https`, or `http` to this machine; no redirects; bounded in size and time. */
export function oidcKeys({ now, ...options }: OidcKeysOptions): OidcKeys {
  const http: Http = { fetch: options.fetch ?? fetch, timeoutMs: options.timeoutMs ?? TIMEOUT_MS }
  const entries = new Map<string, Entry>()

  function entryOf(issuer: string): Entry {
    const entry = entries.get(issuer) ?? { kept: null, asked: null, asking: null }
    // The one that was asked for longest ago goes first.
    entries.delete(issuer)
    entries.set(issuer, entry)
    const [oldest] = entries.keys()
    if (entries.size > MAX_ISSUERS && oldest !== undefined) entries.delete(oldest)
    return entry
  }

  async function ask(issuer: string, entry: Entry): Promise<void> {
    try {
      const keys = await fetchKeys(issuer, http)
      entry.kept = { keys, at: now() }
      entry.asked = { at: now(), failure: null }
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      entry.asked = { at: now(), failure: error }
    } finally {
      entry.asking = null
    }
  }

  return {
    async keysOf(issuer, keyId) {
      const entry = entryOf(issuer)
      if (isDue(entry, keyId, now())) await (entry.asking ??= ask(issuer, entry))
      const { kept, asked } = entry
      if (kept !== null && isWithin(kept.at, KEYS_GRACE_MS, now())) return kept.keys
      throw asked?.failure ?? new CodedError(CODE, `the keys of ${issuer} are too old`)
    },
  }
}

function isDue({ kept, asked, asking }: Entry, keyId: string, now: number): boolean {
  const fresh = kept !== null && isWithin(kept.at, KEYS_TTL_MS, now)
  const known = kept !== null && (kept.keys.keys.has(keyId) || kept.keys.unfit.has(keyId))
  if (fresh && known) return false
  if (asking !== null || asked === null) return true
  if (asked.failure !== null) return !isWithin(asked.at, RETRY_MS, now)
  return !fresh || !isWithin(asked.at, UNKNOWN_KEY_MS, now)
}

/** Whether a time is less than a span ago. One that lies ahead is not: the clock was set back. */
function isWithin(time: number, span: number, now: number): boolean {
  return now >= time && now - time < span
}

interface Http {
  readonly fetch: typeof fetch
  readonly timeoutMs: number
}

async function fetchKeys(issuer: string, http: Http): Promise<IssuerKeys> {
  if (!isIssuerUrl(issuer)) throw unreachable(`${issuer} is not an https URL of a host and a path`)
  const signal = AbortSignal.timeout(http.timeoutMs)
  const document = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const where = keysUrl(issuer, await bytesOf(document, MAX_DISCOVERY_BYTES, http, signal))
  const body = await bytesOf(where, MAX_KEYS_BYTES, http, signal)
  try {
    return readIssuerKeys(body)
  } catch (cause) {
    throw unreachable(`${issuer} has keys that cannot be read: ${reasonOf(cause)}`, cause)
  }
}

/** `jwks_uri` of a discovery document (OpenID Connect Discovery §4.2, §4.3), which must be of this issuer. */
function keysUrl(issuer: string, body: Uint8Array): string {
  let named: string
  let where: string
  try {
    const value = parseJson(body, { maxBytes: MAX_DISCOVERY_BYTES, maxDepth: 16 })
    const members = new Shape(CODE, value, 'the discovery document').members()
    named = new Shape(CODE, members['issuer'], 'issuer').text(1024)
    where = new Shape(CODE, members['jwks_uri'], 'jwks_uri').text(1024)
  } catch (cause) {
    throw unreachable(`${issuer} has no discovery document that can be read: ${faultOf(cause)}`, cause)
  }
  // Otherwise one issuer could hand out the keys of another.
  if (named !== issuer) throw unreachable(`the discovery document of ${issuer} is of another issuer`)
  const [home, url] = [new URL(issuer), URL.parse(where)]
  const good = url !== null && url.username === '' && url.password === '' && url.hash === '' && mayLeadTo(home, url)
  if (!good) throw unreachable(`${issuer} has its keys at an address that is not asked`)
  return url.href
}

/** Its own host, or another by name: an address of the network that the server is in would be somebody else's (T-89). */
function mayLeadTo(home: URL, url: URL): boolean {
  if (isLoopback(home)) return isLoopback(url) && (url.protocol === 'http:' || url.protocol === 'https:')
  if (url.protocol !== 'https:') return false
  const isAddress = url.hostname.startsWith('[') || /^[0-9.]+$/.test(url.hostname)
  const isName = !isAddress && url.hostname.includes('.') && !/\.(?:localhost|local|internal)\.?$/.test(url.hostname)
  return url.host === home.host || isName
}

async function bytesOf(url: string, maxBytes: number, http: Http, signal: AbortSignal): Promise<Uint8Array> {
  const { host } = new URL(url)
  try {
    const response = await http.fetch(url, { headers: { accept: 'application/json' }, redirect: 'manual', signal })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw unreachable(`${host} answered with status ${response.status}`)
    }
    const bytes = await boundedBytes(response, maxBytes)
    if (bytes === null) throw unreachable(`the answer of ${host} exceeds ${maxBytes} bytes`)
    return bytes
  } catch (cause) {
    if (cause instanceof CodedError) throw cause
    throw unreachable(`${host} did not answer: ${reasonOf(cause)}`, cause)
  }
}

function unreachable(what: string, cause?: unknown): CodedError {
  return new CodedError(CODE, what, cause === undefined ? {} : { cause })
}

function faultOf(error: unknown): string {
  return error instanceof CodedError ? error.what : reasonOf(error)
}
