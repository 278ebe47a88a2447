import { canonicalJson, CodedError, fromUtf8, type JsonObject, type JsonValue, parseJson } from '@countersign/core'
import { type IssuerRule, readIssuerRule } from '@countersign/identity'
import type { IssuerStore, KnownIssuer } from '../issuer-store.ts'
import { administer, type Administrator } from './administer.ts'
import type { Deps } from './deps.ts'

/** Seconds that a session lasts: at least, where the rule does not say, and at most. */
const SHORTEST_SESSION = 60
const DEFAULT_SESSION = 3600
const LONGEST_SESSION = 12 * 3600
/** Most rules of a tenant in force. */
const MAX_RULES = 1_000
/** How long the rules of an issuer may be remembered: another server may have removed one. */
const REMEMBERED_MS = 2_000
const MAX_REMEMBERED = 1_000

/** A rule with what the tenant grants under it. */
export interface TenantRule {
  readonly tenant: string
  readonly serial: number
  readonly rule: IssuerRule
  /** Seconds that a session lasts. */
  readonly session: number
}

/** A rule as administrators see it. */
export interface ShownRule extends IssuerRule {
  readonly session: number
  readonly addedAt: string
  readonly addedBy: string
  readonly removedAt: string | null
}

/** The rules in force, by issuer, over all tenants. */
export class IssuerRules {
  readonly #store: IssuerStore
  readonly #clock: () => number
  readonly #held = new Map<string, { rules: readonly TenantRule[]; until: number }>()

  /** `clock` in milliseconds, monotonic. */
  constructor(store: IssuerStore, clock: () => number) {
    this.#store = store
    this.#clock = clock
  }

  async of(issuer: string): Promise<readonly TenantRule[]> {
    const held = this.#held.get(issuer)
    if (held !== undefined && this.#clock() < held.until) return held.rules
    // A rule never changes, and an owner of a thousand repositories has a thousand of them.
    const read = new Map(held?.rules.map((rule) => [rule.serial, rule]))
    const rules = (await this.#store.of(issuer)).flatMap((known) => read.get(known.serial) ?? opened(known) ?? [])
    // Only what a rule names: whoever invents issuers must not fill the memory.
    if (rules.length > 0) {
      if (this.#held.size >= MAX_REMEMBERED) this.#held.clear()
      this.#held.set(issuer, { rules, until: this.#clock() + REMEMBERED_MS })
    }
    return rules
  }

  /** To be called when rules have changed. */
  forget(): void {
    this.#held.clear()
  }
}

/** Lets tokens of an issuer in from now on. `value` is a rule as JSON, with `session` beside. Throws `issuer-invalid`. */
export async function addIssuer(deps: Deps, who: Administrator, value: JsonObject): Promise<ShownRule> {
  const { tenant } = who
  const { rule, session } = readRule(value)
  const text = fromUtf8(canonicalJson({ ...rule, session } as unknown as JsonValue))
  const known = {
    tenant,
    id: rule.id,
    issuer: rule.issuer,
    rule: text,
    addedAt: deps.now(),
    addedBy: who.by.id,
    removedAt: null,
  }
  try {
    await administer(deps, who, { act: 'issuer.added', issuer: known, most: MAX_RULES })
  } finally {
    // Also where it failed: it may have been written all the same.
    deps.issuerRules.forget()
  }
  const held = (await listIssuers(deps, tenant)).find(({ id, removedAt }) => id === rule.id && removedAt === null)
  if (held === undefined) throw new CodedError('not-found', 'the rule was removed meanwhile')
  return held
}

/** A tenant's rules, those removed too, oldest first. */
export async function listIssuers(deps: Deps, tenant: string): Promise<readonly ShownRule[]> {
  const known = await deps.store.issuers.list(tenant)
  return known.flatMap((one) => {
    const { addedAt, addedBy, removedAt } = one
    const rule = opened(one)
    return rule === null ? [] : [{ ...rule.rule, session: rule.session, addedAt, addedBy, removedAt }]
  })
}

/** Ends a rule, and every session under it, from now on. Throws `not-found`. */
export async function removeIssuer(deps: Deps, who: Administrator, id: string): Promise<void> {
  try {
    const known = await administer(deps, who, { act: 'issuer.removed', id })
    if (!known) throw new CodedError('not-found', 'there is no such issuer rule')
  } finally {
    deps.issuerRules.forget()
  }
}

function readRule(value: JsonObject): Pick<TenantRule, 'rule' | 'session'> {
  const { session = DEFAULT_SESSION, ...rest } = value
  if (typeof session !== 'number' || !(session >= SHORTEST_SESSION && session <= LONGEST_SESSION)) {
    throw new CodedError(
      'issuer-invalid',
      `session is not a number of seconds from ${SHORTEST_SESSION} to ${LONGEST_SESSION}`,
    )
  }
  return { rule: readIssuerRule(rest), session }
}

/** Null for one that is no rule by now: it lets nobody in. */
function opened({ tenant, serial, rule }: KnownIssuer): TenantRule | null {
  try {
    return { tenant, serial, ...readRule(parseJson(rule) as JsonObject) }
  } catch (error) {
    if (error instanceof CodedError) return null
    throw error
  }
}
