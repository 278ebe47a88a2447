import type { Contract } from '@countersign/contract'
import type { ErrorReport } from '@countersign/core'
import type { Revocation } from '@countersign/formats'
import type { Verdict } from './judge.ts'
import { isLessened, type KnownRoots, trustOf, withRevocations } from './trust.ts'
import type { Trust, TrustedLogKey } from './types.ts'

/** What a gate says. Whoever acts on it lets nothing through but on `allow`. */
export type Decision = 'allow' | 'deny' | 'unknown'

const DECISIONS: Readonly<Record<Verdict['verdict'], Decision>> = { pass: 'allow', fail: 'deny', unknown: 'unknown' }

/** What a gate makes of a verdict, and the first reason where that is not `allow`. */
export function decisionOf({ verdict, findings, criteria }: Verdict): {
  readonly decision: Decision
  readonly reason: ErrorReport | null
} {
  const decision = DECISIONS[verdict]
  // A pass with anything against it is none, whoever made the verdict.
  if (decision !== 'allow') return { decision, reason: findings[0] ?? null }
  if (findings.length > 0 || criteria.length === 0 || criteria.some(({ met }) => met !== true)) {
    return { decision: 'deny', reason: findings[0] ?? null }
  }
  return { decision, reason: null }
}

/** What is known today that may take trust away from those whom a contract names. */
export interface TrustToday {
  readonly roots: KnownRoots
  readonly revoked: readonly Pick<Revocation, 'keyId' | 'since'>[]
  /** Logs that say when what a revoked key signed was there, where the contract names none. */
  readonly timekeepers: readonly TrustedLogKey[]
}

/** Whom a gate believes under a contract: those whom it names, less what is revoked. Throws `trust-root-invalid`. */
export function trustToday(contract: Contract, { roots, revoked, timekeepers }: TrustToday): Trust {
  const named = trustOf(contract, roots)
  const trust = withRevocations(named, revoked)
  return isLessened(trust, named) && trust.countersigners.length === 0 ? { ...trust, timekeepers } : trust
}
