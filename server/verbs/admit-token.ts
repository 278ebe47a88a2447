import { CodedError, type JsonObject, utf8 } from '@countersign/core'
import {
  type IssuerKeys,
  readToken,
  type TokenCrypto,
  type UnverifiedToken,
  type VerifiedToken,
  verifyIdentityToken,
} from '@countersign/identity'
import type { Presented } from '../access.ts'
import type { Session, UsedToken } from '../issuer-store.ts'
import type { Confirmation, Confirmed, ConfirmedToken } from './confirm-token.ts'
import type { Deps } from './deps.ts'
import { identityDigest } from './holder.ts'
import type { TenantRule } from './issuer-rules.ts'
import { keepTokenRefusal } from './keep-token-refusal.ts'
import { resumeSession } from './resume-session.ts'

/** Port: the keys of issuers as they are now. Asked for issuers that a rule in force names, and for no other. */
export interface IssuerKeySource {
  /**
   * `keyId` is the one that is looked for: where it is not known, the issuer may be asked anew. Throws
   * `issuer-unreachable`.
   */
  keysOf(issuer: string, keyId: string): Promise<IssuerKeys>
}

/** Who showed an identity token, and by whose rule he was let in. */
export interface Admitted {
  readonly rule: TenantRule
  readonly token: VerifiedToken
}

/** The same, as far as its provider confirmed it. */
export interface AdmittedToken {
  readonly rule: TenantRule
  readonly token: ConfirmedToken
  /** Null where no provider was to be asked. */
  readonly confirmation: Confirmation | null
  /** The session that it opened before; null where it was shown for the first time. */
  readonly resumed: Session | null
}

/** What a rule makes of a token. */
export type Judged = { readonly rule: TenantRule } & (
  | { readonly token: VerifiedToken; readonly refusal: null }
  | { readonly token: null; readonly refusal: CodedError }
)

/**
 * The audience of tokens for a server; those for one tenant of it have the tenant's name behind a slash. It begins as no
 * name of another service does: clients ask for the audience that a server names, and a server that has fallen must not
 * gather tokens for a cloud.
 */
export function ownAudience(origin: string): string {
  return `countersign:${origin}`
}

/**
 * Lets an identity token in, once: finds the tenant whose rules take it, and uses it up, durably, before anything is
 * granted (T-07). Then, and not before, its provider is asked, where the rule wants that: so each token is worth one
 * request, whoever shows it how often. `run` is what the job calls its run, and believed in nothing. A token that was
 * used is let in again with the session that it opened, `presented` beside it, for the very same identity.
 *
 * Throws `identity-token-invalid`, `identity-token-expired`, `identity-token-used`, `identity-refused`,
 * `identity-mismatch`, `issuer-unknown`, `issuer-unreachable` and `provider-unreachable`, none of which holds the token.
 */
export async function admitToken(
  deps: Deps,
  text: string,
  run: string | null,
  presented: Presented | null = null,
): Promise<AdmittedToken> {
  try {
    const admitted = await admit(deps, text, run, presented)
    deps.metrics.token(admitted.resumed === null ? 'admitted' : 'resumed')
    return admitted
  } catch (error) {
    deps.metrics.token(error instanceof CodedError ? error.code : 'internal')
    throw error
  }
}

async function admit(
  deps: Deps,
  text: string,
  run: string | null,
  presented: Presented | null,
): Promise<AdmittedToken> {
  const judged = await judgeToken(deps, text)
  const admitted = admittedOf(judged)
  if (admitted instanceof CodedError) {
    if (admitted.code === 'identity-refused') await keepRefused(deps, judged)
    throw admitted
  }
  const { rule, token } = admitted
  // What cannot be confirmed whatever the provider says must not use the token up.
  const confirm = deps.confirmations.plan(rule, token, run)
  const use = useOf(deps, token)
  const first = await deps.store.issuers.use(use, Date.parse(deps.now()))
  const resumed = first ? null : await resumeSession(deps, rule, use, presented)
  if (!first && resumed === null) {
    const { value } = token.identity.subject
    const used = new CodedError('identity-token-used', `a token of ${value} was shown a second time`)
    await keepTokenRefusal(deps, rule.tenant, used, token.tokenId)
    throw used
  }
  try {
    const confirmed = await confirm()
    return { rule, ...(resumed === null ? confirmed : asBefore(deps, admitted, confirmed, resumed)), resumed }
  } catch (error) {
    // Somebody claims a run that is not his, or that is over.
    const isKept = error instanceof CodedError && ['identity-mismatch', 'identity-refused'].includes(error.code)
    if (isKept) await keepTokenRefusal(deps, rule.tenant, error, `${rule.serial} ${error.what}`)
    throw error
  }
}

/**
 * Whom the session was opened for, as the token and its provider say it now. A provider that did not answer then changes
 * nothing by answering now; one that no longer says the same has another run, or a job names another.
 */
function asBefore({ crypto }: Deps, { rule, token }: Admitted, confirmed: Confirmed, session: Session): Confirmed {
  if (identityDigest(confirmed.token, crypto) === session.identity) return confirmed
  const reason = confirmed.confirmation?.reason ?? null
  if (rule.rule.confirm !== 'demand' && identityDigest(token, crypto) === session.identity) {
    return { token, confirmation: { confirmed: false, reason: reason ?? UNCONFIRMED } }
  }
  throw (
    reason ?? new CodedError('identity-mismatch', 'the token is shown for another run than the one its session is of')
  )
}

const UNCONFIRMED = new CodedError('provider-unreachable', 'the session began without the word of the provider')

/** What every rule for its issuer makes of a token; uses nothing up. Throws where none can be asked. */
export async function judgeToken(deps: Deps, text: string): Promise<readonly Judged[]> {
  const token = readToken(text)
  const rules = await deps.issuerRules.of(token.issuer)
  // Before any key is fetched: whoever invents an issuer must not have us ask it (SSRF).
  if (rules.length === 0) throw new CodedError('issuer-unknown', 'no rule names the issuer of the token')
  const keys = await deps.issuerKeys.keysOf(token.issuer, token.keyId)
  const now = Date.parse(deps.now())
  const { crypto, verified } = once(deps.tokenCrypto)
  const judge = (rule: TenantRule): Judged => {
    const audience = audienceFor(deps.origin, rule.tenant, token.claims)
    try {
      const question = { token: text, issuer: rule.rule, keys, audience, now }
      return { rule, token: verifyIdentityToken(question, crypto), refusal: null }
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      return { rule, token: null, refusal: error }
    }
  }
  const bySystem = Object.values(Object.groupBy(rules, ({ rule }) => rule.system))
  return bySystem.flatMap((group) => {
    const [first, ...rest] = group
    const judged = judge(first!)
    // Which runs a rule takes is not told by anything but a token that the issuer signed.
    if (!verified()) return group.map((rule) => ({ ...judged, rule }))
    return [judged, ...rest.map((rule) => (mayFit(rule, token) ? judge(rule) : unfit(rule)))]
  })
}

/** How a token is remembered that was used. */
export function useOf(
  { crypto }: Pick<Deps, 'crypto'>,
  { identity, tokenId, expiresAt }: Pick<VerifiedToken, 'identity' | 'tokenId' | 'expiresAt'>,
): UsedToken {
  return { issuer: identity.issuer, hash: crypto.sha256(utf8(tokenId)), expiresAt }
}

/** The nearest a token came to being let in, where it was not. */
const NEAREST = ['identity-refused', 'identity-token-expired', 'identity-token-invalid', 'issuer-unknown'] as const

/** Who is let in, and by which rule: the oldest of the only tenant whose rules take the token. Else why nobody is. */
export function admittedOf(judged: readonly Judged[]): Admitted | CodedError {
  const fits = judged.flatMap(({ rule, token }) => (token === null ? [] : [{ rule, token }]))
  const tenants = new Set(fits.map(({ rule }) => rule.tenant))
  if (tenants.size > 1) {
    // Not which: they are strangers to one another.
    return new CodedError('issuer-unknown', `rules of ${tenants.size} tenants take a run like this one`, {
      fix: 'Ask for a token with the audience of the tenant: that of the server, a slash, and its name.',
    })
  }
  const [first] = fits.toSorted((a, b) => a.rule.serial - b.rule.serial)
  if (first !== undefined) return first
  const refusals = judged.flatMap(({ refusal }) => refusal ?? [])
  for (const code of NEAREST) {
    const refusal = refusals.find((one) => one.code === code)
    if (refusal !== undefined) return refusal
  }
  return new CodedError('issuer-unknown', 'no rule takes the token')
}

/** A run of a kind that must not sign asked to: whoever runs the pipeline should know. */
async function keepRefused(deps: Deps, judged: readonly Judged[]): Promise<void> {
  for (const { rule, refusal } of judged) {
    if (refusal?.code !== 'identity-refused') continue
    // One entry a rule and reason: many runs only count up.
    await keepTokenRefusal(deps, rule.tenant, refusal, `${rule.serial} ${refusal.what}`)
  }
}

/** The audience that a rule's tokens should have: the tenant's own where the token has that, else the server's. */
function audienceFor(origin: string, tenant: string, { aud }: JsonObject): string {
  const server = ownAudience(origin)
  const own = `${server}/${tenant}`
  const named = Array.isArray(aud) ? (aud as readonly unknown[])[0] : aud
  return named === own ? own : server
}

/** Many rules, one signature: it is checked once for each key and algorithm. */
function once(crypto: TokenCrypto): { readonly crypto: TokenCrypto; readonly verified: () => boolean } {
  const answers = new Map<string, boolean>()
  let last = false
  return {
    crypto: {
      verifyJws(algorithm, key, message, signature) {
        last = answers.get(algorithm) ?? crypto.verifyJws(algorithm, key, message, signature)
        answers.set(algorithm, last)
        return last
      },
    },
    verified: () => last,
  }
}

/** False where a claim is plainly another than the rule asks for: most rules of an issuer are for other repositories. */
function mayFit({ rule }: TenantRule, { claims }: UnverifiedToken): boolean {
  return rule.claims.every(({ name, value }) => {
    const claim = Object.hasOwn(claims, name) ? claims[name] : undefined
    return typeof claim !== 'string' || claim === value
  })
}

const OTHER_RUNS = new CodedError('issuer-unknown', 'no rule takes a run like this one')

function unfit(rule: TenantRule): Judged {
  return { rule, token: null, refusal: OTHER_RUNS }
}
