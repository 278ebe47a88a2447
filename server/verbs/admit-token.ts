import { type Code, CodedError, hex, utf8 } from '@countersign/core'
import {
  audienceOf,
  type IssuerKeys,
  type IssuerRule,
  mayFit,
  openToken,
  readToken,
  type TokenCrypto,
  type UnverifiedToken,
  type VerifiedToken,
  checkToken,
} from '@countersign/identity'
import type { Deps } from './deps.ts'
import type { TenantRule } from './issuer-rules.ts'
import { keepTokenRefusal } from './keep-token-refusal.ts'

/** Port: an issuer's keys as they are now; asked only for issuers that a rule names. Throws `issuer-unreachable`. */
export interface IssuerKeySource {
  /** `keyId` is the one that is looked for: where it is not among those known, the issuer is asked again. */
  keys(issuer: string, keyId: string): Promise<IssuerKeys>
}

/** What identity tokens are held against. */
export interface TokenDeps {
  readonly issuerKeys: IssuerKeySource
  readonly tokenCrypto: TokenCrypto
}

/** Who shows an identity token, and by which tenant's rule. */
export interface Admitted {
  readonly tenant: string
  readonly rule: TenantRule
  readonly token: VerifiedToken
}

/** What one rule makes of a token. */
export interface Judged {
  readonly rule: TenantRule
  /** Null where it lets the token in. */
  readonly refusal: CodedError | null
  readonly token: VerifiedToken | null
}

/** What a server's own audience begins with: no other service takes a token of it, whatever its name. */
const OWN = 'countersign:'

/** The audience that tokens for this server have; a tenant's own has its name behind a slash. */
export function ownAudience(origin: string): string {
  return OWN + origin
}

/**
 * Lets an identity token in, once: finds whose rule takes it, and uses it up, durably. Throws `identity-token-invalid`,
 * `identity-token-expired`, `identity-token-used`, `identity-refused`, `issuer-unknown` and `issuer-unreachable`; none of
 * them holds any of the token but what it says of its run.
 */
export async function admitToken(deps: Deps, text: string): Promise<Admitted> {
  try {
    const admitted = await admit(deps, text)
    deps.metrics.token('admitted')
    return admitted
  } catch (error) {
    if (error instanceof CodedError) deps.metrics.token(error.code)
    throw error
  }
}

async function admit(deps: Deps, text: string): Promise<Admitted> {
  const now = Date.parse(deps.now())
  const judged = await judgeToken(deps, readToken(text))
  const { rule, token } = await only(deps, judged)
  const first = await deps.store.issuers.use(useOf(token), now)
  if (first) return { tenant: rule.tenant, rule, token }
  const again = new CodedError('identity-token-used', `a token of ${token.identity.subject.value} was shown again`)
  await keepTokenRefusal(deps, rule.tenant, again, token.tokenId)
  throw again
}

/** How a token is remembered once it was used. */
export function useOf({ identity, tokenId, expiresAt }: VerifiedToken) {
  return { issuer: identity.issuer, hash: sha(tokenId), expiresAt }
}
