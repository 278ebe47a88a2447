import { type Contract, otherContractsOf } from '@countersign/contract'
import { isTree, type Resource } from '@countersign/formats'
import type { Chain } from './chain.ts'
import type { Find } from './handshake.ts'
import type { VerifiedStep } from './types.ts'

/** Another pipeline that materials come from: its contract, and what verifies of its chains under the trust of that contract. */
export interface Other {
  readonly contract: Contract
  readonly chain: Chain
}

/** Whether a material is proven under another contract; asked once for each. */
export type Elsewhere = (contract: string, material: Resource) => boolean

/**
 * Every material that is let in as made by another pipeline must be an artifact that passes under that pipeline's contract,
 * at the same time and by the same rules. Contracts name one another by digest, so they cannot go round in a circle.
 */
export function checkElsewhere(
  path: readonly VerifiedStep[],
  contract: Contract | null,
  proven: Elsewhere,
  find: Find,
): void {
  for (const { statement } of path) {
    const { step, materials } = statement.predicate
    const rule = contract?.steps.get(step.name)
    if (rule === undefined || rule.outside.every((one) => one.contract === null)) continue
    for (const material of materials) {
      if ((material.annotations?.from ?? null) !== null) continue
      const contracts = otherContractsOf(rule, material)
      if (contracts === null || contracts.some((digest) => proven(digest, material))) continue
      find(
        'material-unproven',
        `material ${material.name} of step ${step.name} is not proven under contract ${contracts.map((one) => one.slice(0, 12)).join(' or ')}`,
      )
    }
  }
}

/** Asks `judge`, once for each contract and artifact. What is not shown is not proven. */
export function elsewhere(
  others: ReadonlyMap<string, Other>,
  judge: (other: Other, artifact: string, tree: boolean) => boolean,
): Elsewhere {
  const known = new Map<string, boolean>()
  return (digest, material) => {
    const other = others.get(digest)
    if (other === undefined) return false
    const { sha256 } = material.digest
    const key = `${digest} ${sha256} ${isTree(material)}`
    const held = known.get(key) ?? judge(other, sha256, isTree(material))
    known.set(key, held)
    return held
  }
}
