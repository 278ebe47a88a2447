import type { Code } from '@countersign/core'
import { identityText } from '@countersign/formats/identity'
import type { SignerFacts, StepFacts } from './evaluate.ts'
import type { StepRule } from './model.ts'

type Find = (code: Code, what: string) => void

/** An approval that somebody follows: the job that it was given in, and who signed it. */
export interface Approval {
  readonly job: string | null
  readonly signers: readonly SignerFacts[]
}

/**
 * How many different people they are: by the names of their jobs, of which one person has one, and by who signed. One
 * identity under two names is one (T-39).
 */
export function countPeople(rule: StepRule, approvals: readonly Approval[]): number {
  const known = approvals.filter(({ job }) => job !== null && rule.approvals?.people.has(job) === true)
  const jobs = new Set(known.map(({ job }) => job))
  // Of several who signed one approval the first stands for it: it is one approval.
  const identities = new Set(known.flatMap(({ signers: [first] }) => (first === undefined ? [] : [identityOf(first)])))
  return Math.min(jobs.size, identities.size)
}

/** Whoever made something does not approve it, whatever name they sign under. */
export function checkOwnApproval(rule: StepRule, { signer, previous, signersOf }: StepFacts, find: Find): void {
  if (rule.approvals === null || signer === null) return
  for (const { link, step: name } of previous) {
    if (!signersOf(link).some((maker) => identityOf(maker) === identityOf(signer))) continue
    find('approval-own', `step ${rule.name} approves step ${name}, and both are signed by ${nameOf(signer)}`)
  }
}

/** Who signed, in a few words. */
export function nameOf({ identity, keyId }: SignerFacts): string {
  return identity === null ? `key ${keyId.slice(0, 16)}…` : identityText(identity)
}

/** Who it is, whatever it is called: a key by itself, and whom an authority names by that name. */
export function identityOf({ keyId, identity }: SignerFacts): string {
  if (identity === null) return keyId
  const { issuer, subject } = identity
  return JSON.stringify([issuer, subject.kind, subject.value])
}
