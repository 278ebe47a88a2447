import { CodedError, type ErrorReport } from '@countersign/core'
import { admittedOf, type Judged, judgeToken, useOf } from './admit-token.ts'
import type { Confirmation, ConfirmedToken } from './confirm-token.ts'
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
  readonly token: ConfirmedToken | null
  /** Null where no provider was to be asked, or nothing came of it. */
  readonly confirmation: Confirmation | null
  /** Whether it was used already. */
  readonly used: boolean
}

/** What is wrong with a token, rather than with us or with the way to its issuer. */
const OF_THE_TOKEN: ReadonlySet<string> = new Set(['identity-token-invalid', 'issuer-unknown'])

/**
 * Says what the tenant's rules make of a token, and its provider, where the rule wants that. Uses nothing up, and keeps
 * nothing. `run` is what the job calls its run.
 */
export async function tryToken(deps: Deps, tenant: string, text: string, run: string | null): Promise<Tried> {
  let all: readonly Judged[]
  try {
    all = await judgeToken(deps, text)
  } catch (error) {
    if (!(error instanceof CodedError) || !OF_THE_TOKEN.has(error.code)) throw error
    return { ...NOBODY, refusal: error.report(), rules: [] }
  }
  const own = all.filter(({ rule }) => rule.tenant === tenant)
  const rules = own.map(({ rule, refusal }) => ({ id: rule.rule.id, refusal: refusal?.report() ?? null }))
  // Over all tenants: another's rule that takes it too stands in its way.
  const admitted = own.some(({ token }) => token !== null) ? admittedOf(all) : admittedOf(own)
  if (admitted instanceof CodedError) {
    return { ...NOBODY, refusal: admitted.report(), rules }
  }
  const { rule, token } = admitted
  const used = await deps.store.issuers.used(useOf(deps, token))
  const tried = { rule: rule.rule.id, refusal: null, rules, token, confirmation: null, used }
  if (used) {
    return { ...tried, refusal: new CodedError('identity-token-used', 'the token was shown before').report() }
  }
  try {
    return { ...tried, ...(await deps.confirmations.plan(rule, token, run)()) }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return { ...tried, refusal: error.report() }
  }
}

const NOBODY = { rule: null, token: null, confirmation: null, used: false } as const
