import { createHash, randomBytes } from 'node:crypto'
import { CodedError, type JsonObject } from '@countersign/core'
import { RateBound } from './rate-bound.ts'
import { Refused } from './refused.ts'
import type { Role } from './roles.ts'

/** Whom a provider vouches for, that is let in, and as what. Every condition that it has must hold; it has one at least. */
export interface SignInRule {
  readonly tenant: string
  readonly role: Role
  /** Any of these addresses, lower-case, which the provider has verified. */
  readonly emails: readonly string[] | null
  /** Any of these domains, lower-case, of an address that the provider has verified. */
  readonly domains: readonly string[] | null
  /** Any of these groups. */
  readonly groups: readonly string[] | null
  /** Google's `hd`: the domain of the account, exactly. */
  readonly hd: string | null
  /** Any of these, exactly. */
  readonly subjects: readonly string[] | null
}

/** What an answer of a provider must hold up against. */
export interface SignInChecks {
  readonly state: string
  readonly nonce: string
  /** Of the code challenge (RFC 7636). */
  readonly verifier: string
}

/** Somebody who says who people are, by OpenID Connect. */
export interface SignInProvider {
  /** In the paths of its routes. */
  readonly name: string
  /** What people read. */
  readonly title: string
  readonly issuer: string
  /** Claim that holds the groups. */
  readonly groupsClaim: string
  /** The first that holds counts. */
  readonly rules: readonly SignInRule[]
  /** Where a browser is sent to sign in. Throws `issuer-unreachable`. */
  begin(returnTo: string, checks: SignInChecks): Promise<URL>
  /**
   * Claims of the ID token, verified, in return for the address that a browser came back to. Throws `sign-in-invalid` and
   * `issuer-unreachable`.
   */
  finish(cameBackTo: URL, checks: SignInChecks): Promise<JsonObject>
}

interface Begun extends SignInChecks {
  readonly provider: string
  /** The page that was asked for. */
  readonly page: string
  /** Milliseconds, monotonic. */
  readonly until: number
}

/** How often one person may sign in at once, and then a second: each time is a leaf of the log. */
const OWN_BURST = 20
const OWN_PER_SECOND = 1 / 300
/** People whose own bound is remembered. */
const MAX_BOUNDS = 10_000

/** How long somebody may take at the provider; milliseconds. */
export const SIGN_IN_MS = 10 * 60_000
/** Most that may be under way; as many as the routes let begin in that time. */
const MAX_BEGUN = 40_000

/**
 * Those who were sent to a provider and did not come back yet: kept here and not in the browser, so that each comes back
 * once. What is forgotten at a restart is begun again.
 */
export class SignIns {
  readonly providers: readonly SignInProvider[]
  readonly #clock: () => number
  readonly #begun = new Map<string, Begun>()
  readonly #bounds = new Map<string, RateBound>()
  /** Those that were refused. */
  readonly refused: Refused

  /** `clock` in milliseconds, monotonic. */
  constructor(providers: readonly SignInProvider[], clock: () => number) {
    this.providers = providers
    this.#clock = clock
    this.refused = new Refused(clock)
  }

  /** One time more that somebody signs in who may. Throws `server-busy` where that is too often. */
  again(person: string): void {
    const held = this.#bounds.get(person) ?? new RateBound(OWN_PER_SECOND, OWN_BURST, this.#clock)
    // The oldest goes, who has signed in the longest ago.
    this.#bounds.delete(person)
    if (this.#bounds.size >= MAX_BOUNDS) this.#bounds.delete(this.#bounds.keys().next().value ?? '')
    this.#bounds.set(person, held)
    held.take('sign-ins of one person')
  }

  /** Throws `not-found`. */
  provider(name: string): SignInProvider {
    const provider = this.providers.find((one) => one.name === name)
    if (provider === undefined) throw new CodedError('not-found', 'nobody signs in by that name')
    return provider
  }

  /** Gives what the browser keeps and shows again. */
  begin(provider: string, page: string): { readonly secret: string; readonly checks: SignInChecks } {
    this.#forget()
    if (this.#begun.size >= MAX_BEGUN) throw new CodedError('server-busy', 'too many sign in at once')
    const [secret, state, nonce, verifier] = [chance(), chance(), chance(), chance()]
    const checks = { state, nonce, verifier }
    this.#begun.set(keyOf(secret), { ...checks, provider, page, until: this.#clock() + SIGN_IN_MS })
    return { secret, checks }
  }

  /**
   * What was begun in this browser, once: whoever comes again, with another's answer, or from somewhere else, has begun
   * nothing. Throws `sign-in-invalid`.
   */
  take(secret: string | null, provider: string, state: string | null): SignInChecks & { readonly page: string } {
    const key = secret === null ? '' : keyOf(secret)
    const begun = this.#begun.get(key)
    this.#begun.delete(key)
    if (begun === undefined || begun.provider !== provider || begun.state !== state || this.#clock() >= begun.until) {
      throw new CodedError('sign-in-invalid', 'this browser has not begun to sign in so, or too long ago')
    }
    return begun
  }

  #forget(): void {
    const now = this.#clock()
    for (const [key, { until }] of this.#begun) {
      if (until > now) return
      this.#begun.delete(key)
    }
  }
}

function chance(): string {
  return randomBytes(32).toString('base64url')
}

function keyOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/** Whom a rule lets in, of all that a provider says of them; null for nobody. */
export function admitted(
  { rules, groupsClaim }: Pick<SignInProvider, 'rules' | 'groupsClaim'>,
  claims: JsonObject,
): SignInRule | null {
  const { email, email_verified: verified, hd, sub } = claims
  // An address that nobody has verified is whatever somebody typed.
  const address = typeof email === 'string' && verified === true ? email.toLowerCase() : null
  const listed = claims[groupsClaim]
  const groups = Array.isArray(listed) ? listed : []
  const holds = (rule: SignInRule) => {
    const conditions = [
      rule.emails === null || (address !== null && rule.emails.includes(address)),
      rule.domains === null || (address !== null && rule.domains.includes(address.slice(address.lastIndexOf('@') + 1))),
      rule.groups === null || rule.groups.some((group) => groups.includes(group)),
      rule.hd === null || rule.hd === hd,
      rule.subjects === null || (typeof sub === 'string' && rule.subjects.includes(sub)),
    ]
    return conditions.every(Boolean)
  }
  return rules.find(holds) ?? null
}

/**
 * The page that somebody is led back to: a path of this server's own pages, and nothing that a browser would read as an
 * address of somebody else's, or as a route of the API.
 */
export function pageOf(asked: string | undefined): string {
  if (asked === undefined || asked.length > 1024 || !/^\/(?![/\\])[\x21-\x7e]*$/.test(asked)) return '/'
  const url = URL.parse(asked, 'http://here.invalid')
  if (url === null || url.origin !== 'http://here.invalid' || asked.includes('\\')) return '/'
  const path = `${url.pathname}${url.search}`
  return /^\/(?!\/|v1(?:\/|$)|api(?:\/|$))/i.test(path) ? path : '/'
}
