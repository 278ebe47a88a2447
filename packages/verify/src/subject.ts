import type { Contract } from '@countersign/contract'
import type { WitnessPolicy } from '@countersign/formats'
import type { Anchored } from './anchors/anchored.ts'
import type { Chain } from './chain.ts'
import type { AnchorDemand } from './demand.ts'
import { judge, judgeRun, type Verdict } from './judge.ts'

/** What a file of evidence is about, and the contracts that it may be judged under. */
export interface SubjectInput {
  /** SHA-256 of the artifact, hex; null for a whole run. */
  readonly artifact: string | null
  /** See `JudgeInput`. */
  readonly tree?: boolean
  /** Chain ids; one where there is no artifact. */
  readonly runs: readonly string[]
  readonly chain: Chain
  /** None: only signatures and hand-overs are judged. */
  readonly contracts: readonly Contract[]
  readonly now: string
  /** See `JudgeInput`. */
  readonly allowWithheld?: boolean
  readonly anchored?: Anchored | null
  readonly demands?: readonly AnchorDemand[]
  readonly witnessed?: WitnessPolicy | null
}

/**
 * Judges a subject under each of the contracts, the latest revision first: the runs that vouch for one artifact may be
 * bound to different ones, and one that wholly fits its own is enough. A step fits no contract but the one that it is
 * bound to, so another can only deny.
 */
export function judgeSubject(input: SubjectInput): Verdict {
  const contracts = input.contracts.toSorted((a, b) => b.revision - a.revision)
  const verdicts = (contracts.length === 0 ? [null] : contracts).map((contract) => judgeUnder(input, contract))
  return verdicts.find(({ verdict }) => verdict === 'pass') ?? nearest(verdicts)
}

function judgeUnder(input: SubjectInput, contract: Contract | null): Verdict {
  const { artifact, runs, contracts: _, ...asked } = input
  if (artifact !== null) return judge({ ...asked, artifact, contract })
  const verdicts = runs.map((run) => judgeRun({ ...asked, run, contract }))
  return (
    verdicts.find(({ verdict }) => verdict === 'fail') ??
    verdicts.find(({ verdict }) => verdict !== 'pass') ??
    verdicts[0] ??
    judgeRun({ ...asked, run: '', contract })
  )
}

/** Of failures the one that came furthest: under a contract that a run is not bound to, every step fails. */
function nearest(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce((best, next) => (next.findings.length < best.findings.length ? next : best))
}
