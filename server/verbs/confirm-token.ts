import { CodedError } from '@countersign/core'
import { confirmIdentity, type ProviderConfirmation, type ProviderRun, type VerifiedToken } from '@countersign/identity'
import type { Metrics } from '../metrics.ts'
import type { TenantRule } from './issuer-rules.ts'

/** A provider, and for whose tokens it may be asked. */
export interface AskedProvider {
  /** Exact URL of the issuer. */
  readonly issuer: string
  /** Null for every tenant. */
  readonly tenant: string | null
  /** Id of a rule of that tenant; null for every one. */
  readonly rule: string | null
  /** For one confirmation, waiting for its turn included; milliseconds. */
  readonly timeoutMs: number
  readonly provider: ProviderConfirmation
}

/** Who showed a token, with what its provider added. */
export interface ConfirmedToken extends Omit<VerifiedToken, 'grade'> {
  readonly grade: 'A' | 'B' | 'C'
}

/** What came of asking, where that was to be done. */
export interface Confirmation {
  readonly confirmed: boolean
  /** Why not. */
  readonly reason: CodedError | null
}

export interface Confirmed {
  readonly token: ConfirmedToken
  /** Null where no provider is to be asked. */
  readonly confirmation: Confirmation | null
}

/** What is yet to be asked. Made before a token is used up, and asked after. */
export type Planned = () => Promise<Confirmed>

/** Requests at once, of a tenant and of all; and how many of a tenant wait for their turn. */
const OF_TENANT = 8
const OF_ALL = 64
const MAX_WAITING = 128

/** The providers that a server may ask about runs, and the bounds in which it does. */
export class Confirmations {
  readonly #providers: readonly AskedProvider[]
  readonly #metrics: Pick<Metrics, 'confirmation'>
  readonly #turns = new Turns()

  /** Of several providers that fit a rule the first is asked. */
  constructor(providers: readonly AskedProvider[], metrics: Pick<Metrics, 'confirmation'>) {
    this.#providers = providers
    this.#metrics = metrics
  }

  /**
   * What is to be asked of a token that a rule takes; `claimed` is what the job calls its run. Asks nothing yet. Throws
   * `identity-refused` where the rule demands a word that nobody can give.
   */
  plan({ rule, tenant }: TenantRule, token: VerifiedToken, claimed: string | null): Planned {
    const demanded = rule.confirm === 'demand'
    const unasked = (confirmation: Confirmation | null) => () => Promise.resolve({ token, confirmation })
    if (rule.confirm === 'off') return unasked(null)
    const asked = this.#providers.find(
      (one) =>
        one.provider.system === rule.system &&
        one.issuer === rule.issuer &&
        (one.tenant ?? tenant) === tenant &&
        (one.rule ?? rule.id) === rule.id,
    )
    if (asked === undefined) {
      if (!demanded) return unasked(null)
      throw new CodedError('identity-refused', `the rule ${rule.id} demands the provider’s word, and none is set up`, {
        fix: 'Let an administrator of the server name the provider: npm start -- --providers FILE',
      })
    }
    // What the token names comes first: its holder could name any run.
    if (token.run === null && claimed === null) {
      const reason = new CodedError('identity-refused', 'neither the token nor the job says which run it is of', {
        fix: 'Sign with countersign run --keyless, which says so, or name it: "run" beside the token.',
      })
      if (demanded) throw reason
      this.#metrics.confirmation(rule.system, 'unnamed')
      return unasked({ confirmed: false, reason })
    }
    return () => this.#confirm(asked, { rule, tenant }, token, claimed)
  }

  async #confirm(
    asked: AskedProvider,
    { rule, tenant }: Pick<TenantRule, 'rule' | 'tenant'>,
    token: VerifiedToken,
    claimed: string | null,
  ): Promise<Confirmed> {
    const count = (outcome: Parameters<Metrics['confirmation']>[1]) => this.#metrics.confirmation(rule.system, outcome)
    try {
      const told = await this.#ask(asked, tenant, token, claimed)
      const { identity, run, grade } = confirmIdentity(token, rule, told)
      if (grade === 'C') {
        throw new CodedError(UNCONFIRMED, 'the provider does not say of which repository and commit the run is')
      }
      count('confirmed')
      return { token: { ...token, identity, run, grade }, confirmation: { confirmed: true, reason: null } }
    } catch (error) {
      count(error instanceof CodedError ? error.code : 'internal')
      const mayPass = error instanceof CodedError && error.code === UNCONFIRMED && rule.confirm !== 'demand'
      if (!mayPass) throw error
      return { token, confirmation: { confirmed: false, reason: error } }
    }
  }

  /** One request, when it is its turn, in the time that there is for both. */
  async #ask(
    { provider, timeoutMs }: AskedProvider,
    tenant: string,
    token: VerifiedToken,
    claimed: string | null,
  ): Promise<ProviderRun> {
    const late = timer(timeoutMs)
    try {
      const turn = await this.#turns.take(tenant, late.over)
      if (turn === null)
        throw new CodedError(UNCONFIRMED, 'too many runs of this tenant wait for the word of providers')
      // The turn lasts as long as the request does, also when nobody waits for it any longer.
      const asking = async () => provider.ask(token, claimed)
      const told = asking().finally(turn)
      return await Promise.race([
        told,
        late.over.then(() => {
          throw new CodedError(UNCONFIRMED, `the provider did not answer within ${timeoutMs / 1000} s`)
        }),
      ])
    } finally {
      late.stop()
    }
  }
}

/** The one fault that leaves a token what it was: nobody has said anything against it. */
const UNCONFIRMED = 'provider-unreachable'

function timer(ms: number): { readonly over: Promise<void>; readonly stop: () => void } {
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const timeout = setTimeout(resolve, ms)
  return { over, stop: () => clearTimeout(timeout) }
}

/** Who may ask now, in the order in which they came; no tenant takes the turns of all. */
class Turns {
  #busy = 0
  readonly #ofTenant = new Map<string, number>()
  readonly #waiting: { readonly tenant: string; readonly go: () => void }[] = []

  /** What gives the turn back; null where none comes before it is `over`, or too many wait already. */
  async take(tenant: string, over: Promise<void>): Promise<(() => void) | null> {
    const back = () => this.#give(tenant)
    if (this.#isFree(tenant)) {
      this.#occupy(tenant)
      return back
    }
    if (this.#waiting.filter((one) => one.tenant === tenant).length >= MAX_WAITING) return null
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const one = { tenant, go: () => resolve(true) }
    this.#waiting.push(one)
    void over.then(() => {
      const at = this.#waiting.indexOf(one)
      if (at !== -1) this.#waiting.splice(at, 1)
      resolve(false)
    })
    return (await promise) ? back : null
  }

  #isFree(tenant: string): boolean {
    return this.#busy < OF_ALL && (this.#ofTenant.get(tenant) ?? 0) < OF_TENANT
  }

  #occupy(tenant: string): void {
    this.#busy++
    this.#ofTenant.set(tenant, (this.#ofTenant.get(tenant) ?? 0) + 1)
  }

  #give(tenant: string): void {
    this.#busy--
    const left = this.#ofTenant.get(tenant)! - 1
    if (left === 0) this.#ofTenant.delete(tenant)
    else this.#ofTenant.set(tenant, left)
    const at = this.#waiting.findIndex((one) => this.#isFree(one.tenant))
    const [next] = at === -1 ? [] : this.#waiting.splice(at, 1)
    if (next === undefined) return
    this.#occupy(next.tenant)
    next.go()
  }
}
