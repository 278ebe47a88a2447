import type { SignerFacts } from '@countersign/contract'
import { type ClaimedIdentity, isSealed, type StepStatement } from '@countersign/formats'
import type { Identity } from '@countersign/formats/identity'
import type { Signer } from './types.ts'

/** A fact that a step claims and its certificate contradicts. */
export interface Contradiction {
  readonly fact: keyof ClaimedIdentity | 'system'
  readonly claimed: string
  readonly verified: string
}

/** CI systems, as certificates and steps both name them. A workload's platform is no CI system: one may run on the other. */
const CI_SYSTEMS: readonly string[] = [
  'github-actions',
  'gitlab-ci',
  'circleci',
  'buildkite',
  'azure-pipelines',
  'google-cloud-build',
  'aws-codebuild',
  'jenkins',
]

/**
 * Where a step says of itself something else than its certificate says of it (T-14). A fact that only one of the two
 * knows is no contradiction: what is claimed stays claimed. `disclosed` is what a sealed identity holds, where that is
 * known.
 */
export function contradictions(
  { statement }: { readonly statement: StepStatement },
  { identity, certificate }: Pick<Signer, 'identity' | 'certificate'>,
  disclosed: ClaimedIdentity | null = null,
): readonly Contradiction[] {
  if (identity === null) return []
  const { runner } = statement.predicate
  const found: Contradiction[] = []
  const system = certificate?.system ?? null
  if (system !== null && CI_SYSTEMS.includes(system) && runner.system !== system) {
    found.push({ fact: 'system', claimed: runner.system, verified: system })
  }
  const claims = isSealed(runner.identity) ? disclosed : runner.identity
  for (const fact of Object.keys(claims ?? {}) as (keyof ClaimedIdentity)[]) {
    const [claimed, verified] = [claims![fact], identity[fact satisfies keyof Identity]]
    if (claimed !== null && verified !== null && claimed !== verified) found.push({ fact, claimed, verified })
  }
  return found
}

/** What a contract judges of a signer. */
export function factsOf({ keyId, identity, grade, certificate }: Signer): SignerFacts {
  const { vouchedBy: authorities = [], signedAt = null } = certificate ?? {}
  return { keyId, identity, grade, authorities, signedAt }
}
