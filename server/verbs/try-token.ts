import { CodedError, type ErrorReport } from '@countersign/core'
import type { VerifiedToken } from '@countersign/identity'
import { admittedOf, type Judged, judgeToken, useOf } from './admit-token.ts'
import type { Deps } from './deps.ts'

/** What would become of a token. */
export interface Tried {
  /** Id of the tenant's rule that would let it in; null where none would. */
  readonly rule: string | null
  /** Why not. */
  readonly refusal: ErrorReport | null
  /** What each of the tenant's rules for its issuer makes of it. */
  readonly rules: readonly { readonly id: string; readonly refusal: ErrorReport | null }[]
  /** Null where no rule takes it. */
  readonly token: VerifiedToken | null
  /** Whether it was used already. */
  readonly used: boolean
}

/** What is wrong with a token, rather than with us or with the way to its issuer. */
const OF_THE_TOKEN: ReadonlySet<string> = new Set(['identity-token-invalid', 'issuer-unknown'])

/** Says what the tenant's rules make of a token. Uses nothing up, and keeps nothing. */
export async function tryToken(deps: Deps, tenant: string, text: string): Promise<Tried> {
  let all: readonly Judged[]
  try {
    all = await judgeToken(deps, text)
  } catch (error) {
    if (!(error instanceof CodedError) || !OF_THE_TOKEN.has(error.code)) throw error
    return { rule: null, refusal: error.report(), rules: [], token: null, used: false }
  }
  const own = all.filter(({ rule }) => rule.tenant === tenant)
  const rules = own.map(({ rule, refusal }) => ({ id: rule.rule.id, refusal: refusal?.report() ?? null }))
  // Over all tenants: another's rule that takes it too stands in its way.
  const admitted = own.some(({ token }) => token !== null) ? admittedOf(all) : admittedOf(own)
  if (admitted instanceof CodedError) {
    return { rule: null, refusal: admitted.report(), rules, token: null, used: false }
  }
  const { rule, token } = admitted
  const used = await deps.store.issuers.used(useOf(deps, token))
  const again = used ? new CodedError('identity-token-used', 'the token was shown before').report() : null
  return { rule: rule.rule.id, refusal: again, rules, token, used }
}
