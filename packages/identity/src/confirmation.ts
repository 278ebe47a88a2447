import { CodedError } from '@countersign/core'
import { gradeOf, type Identity } from '@countersign/formats/identity'
import type { Reading, TokenRun } from './claims/reading.ts'
import type { IssuerRule } from './rule.ts'
import type { ConfirmedSystem } from './systems.ts'
import { checkSwitches, type VerifiedToken } from './token.ts'

/** Facts that a provider may add to what a token says. */
export type ConfirmedFacts = Partial<Omit<Identity, 'subject' | 'issuer' | 'tokenSubject'>>

/** What a provider says of a run. */
export interface ProviderRun {
  readonly run: TokenRun
  /** False for one that is over, or has not begun: its job asks for nothing. */
  readonly isRunning: boolean
  /** As whom its jobs run, in the words of the token's subject; null where the token itself names the run. */
  readonly subject: string | null
  readonly facts: ConfirmedFacts
  /** Why a rule may refuse it, beside what the token says. */
  readonly reasons: Partial<Reading['reasons']>
}

/** Port: a provider's own API, asked of a run that a token names, or that its holder does. */
export interface ProviderConfirmation {
  readonly system: ConfirmedSystem
  /**
   * The run of a token. `claimed` is what the job calls it; it is asked where the token names none, and believed in
   * nothing. Throws `provider-unreachable`, and `identity-mismatch` where the provider knows no such run.
   */
  ask(token: VerifiedToken, claimed: string | null): Promise<ProviderRun>
}

/** An identity with what its provider added. */
export interface ConfirmedIdentity {
  readonly identity: Identity
  readonly run: TokenRun
  /** B where repository, commit and run are there now; else what it was. */
  readonly grade: 'A' | 'B' | 'C'
}

/**
 * What a token and its provider say together. Throws `identity-mismatch` where they contradict one another, where the run
 * is not running, and where it runs as somebody else; `identity-refused` for what the rule refuses.
 */
export function confirmIdentity(token: VerifiedToken, rule: IssuerRule, told: ProviderRun): ConfirmedIdentity {
  if (!told.isRunning) throw mismatch('the run is not running')
  if (token.run !== null) {
    checkSame('run', token.run.id, told.run.id)
    checkSame('attempt', token.run.attempt, told.run.attempt)
    checkSame('job', token.run.job, told.run.job)
  }
  const { subject } = token.identity
  // The holder of any identity could name somebody else's run.
  const isOwn = told.subject === null ? token.run !== null : told.subject === subject.value
  if (!isOwn) throw mismatch('the run does not have the identity of the token')
  const identity: Record<string, unknown> = { ...token.identity }
  for (const [fact, value] of Object.entries(told.facts)) {
    if (value === null || value === undefined) continue
    checkSame(fact, identity[fact] as string | null, value)
    identity[fact] = value
  }
  checkSwitches(told.reasons, rule)
  const confirmed = identity as unknown as Identity
  const run = {
    id: told.run.id,
    attempt: token.run?.attempt ?? told.run.attempt,
    job: token.run?.job ?? told.run.job,
  }
  const grade = token.grade === 'A' ? 'A' : gradeOf(confirmed) === 'A' ? 'B' : 'C'
  return { identity: confirmed, run, grade }
}

function checkSame<T>(name: string, token: T | null, provider: T | null): void {
  if (token === null || provider === null || token === provider) return
  throw mismatch(`the token and the provider do not agree on ${name}`)
}

function mismatch(what: string): CodedError {
  return new CodedError('identity-mismatch', what)
}
