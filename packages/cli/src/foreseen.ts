import type { ErrorReport, PublicKey } from '@countersign/core'
import { type Bundle, isSealed } from '@countersign/formats'
import { Excusing, handshake, verifyStep } from '@countersign/verify'
import type { IdentityCrypto } from '@countersign/verify/identity'
import type { Handover } from './handover.ts'

interface Foreseeing {
  readonly bundle: Bundle
  readonly handover: Handover
  /** Who signed it: a bare key. */
  readonly signer: PublicKey
  readonly now: string
}

/**
 * What the contract at hand will have against a step that no server has judged yet, beside what was said before it ran.
 * Nothing where what it says of its evidence is sealed: that is for whoever is told it to judge.
 */
export function foreseen(
  { bundle, handover, signer, now }: Foreseeing,
  crypto: IdentityCrypto,
): readonly ErrorReport[] {
  const { received, chain, contract } = handover
  if (contract === null) return []
  const trust = { signers: [{ name: 'own key', key: signer, revokedAt: null }], countersigners: [] }
  const step = verifyStep(bundle, trust, crypto)
  const { predicate } = step.statement
  if (isSealed(predicate.evidence)) return []
  const { findings } = handshake({ step, previous: chain.steps, withheld: chain.withheld, contract, now })
  const excusing = new Excusing(chain.deviations, { contract, chain: predicate.chain.id, artifact: null, now })
  const told = new Set(received.doubts.map(({ code }) => code))
  return excusing.left(predicate.step.name, findings).filter(({ code }) => !told.has(code))
}

/** What a step was not held against, as no server helped; a line, or none. */
export function unheard({ unreachable, contract }: Pick<Handover, 'unreachable' | 'contract'>): string[] {
  if (unreachable === null) return []
  const under = contract === null ? ', and under no contract (--contract FILE names it)' : ''
  return [`${unreachable.what}: what came by file alone is checked${under}; the server judges the step when it is sent`]
}

/** What will become of a step, in words. */
export function refusedLater({ what, code }: ErrorReport): string {
  return `${what}: so the server and the gates refuse it (${code})`
}
