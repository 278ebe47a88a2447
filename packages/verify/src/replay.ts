import type { ErrorReport } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import { compare, latestFinish } from './ancestry.ts'
import type { Chain } from './chain.ts'
import { judgeRun } from './judge.ts'

/** What a contract would have said of a run. */
export interface Replayed {
  /** Chain id. */
  readonly run: string
  readonly passed: boolean
  /** Why not, and of what did not verify why: none where it passed. */
  readonly findings: readonly ErrorReport[]
}

/**
 * Judges a run under a contract that it is not bound to, as of the end of its last step: what it was bound to is of no
 * matter, and neither are anchors, which come later. Deviations from another contract let nothing through. What is signed by
 * nobody whom the contract means did not verify, and so is missing. Pure.
 */
export function replayRun(contract: Contract, chain: Chain, run: string): Replayed {
  const steps = [...chain.steps.values()].filter(({ statement }) => statement.predicate.chain.id === run)
  const bound = steps[0]?.statement.predicate.chain.contract ?? null
  const as: Contract = { ...contract, digest: bound ?? contract.digest, anchored: null }
  const now = latestFinish(steps)
  const own: Chain = { ...chain, deviations: [] }
  const { findings, refused } = judgeRun({ run, chain: own, contract: as, now })
  // That it is bound to none is no reason: then it could have been bound to this one.
  const against = bound === null ? findings.filter(({ code }) => code !== 'contract-missing') : findings
  if (against.length === 0) return { run, passed: true, findings: [] }
  const unverified = refused.filter(({ code }) => !against.some((one) => one.code === code))
  return { run, passed: false, findings: [...unverified.toSorted((a, b) => compare(a.code, b.code)), ...against] }
}
