import type { Coverage, CoverageFinding, CoveredPipeline } from '@countersign/client'
import { CodedError } from '@countersign/core'
import type { BoundContract, PipelineFacts, RecentRun } from '../view-store.ts'
import { askedSteps } from './asked-steps.ts'
import type { Deps } from './deps.ts'

export interface CoverageInput {
  readonly tenant: string
  /** The beginning of a pipeline's name; empty for all. */
  readonly prefix: string
  readonly limit: number
  readonly cursor: string | null
}

/** Of its newest runs so many are looked at. */
const RECENT = 10
/** A run that is quiet for so long, milliseconds, is at its end. */
const QUIET_RUN = 3_600_000
const QUIET_PIPELINE = 30 * 24 * 3_600_000

/** Which pipelines are recorded, where, and what speaks against them. Throws `request-invalid`. */
export async function readCoverage(deps: Deps, { tenant, prefix, limit, cursor }: CoverageInput): Promise<Coverage> {
  const { items, ...rest } = deps.store.views.pipelines(tenant, { prefix, recent: RECENT }, limit, cursor)
  const pipelines: CoveredPipeline[] = []
  for (const facts of items) pipelines.push(await coveredOf(deps, tenant, facts))
  return { pipelines, ...rest }
}

async function coveredOf(deps: Deps, tenant: string, facts: PipelineFacts): Promise<CoveredPipeline> {
  const now = Date.parse(deps.now())
  const { pipeline, contract: bound, systems, runs, lastAt, isLate, recent } = facts
  const contract = bound === null ? null : { digest: bound.digest, revision: bound.revision }
  const asked = bound === null ? null : await askedBy(deps, tenant, bound)
  const ended = recent.filter((run) => run.lastAt <= now - QUIET_RUN)
  const incomplete = asked === null ? null : incompleteOf(ended, asked)
  const findings = [
    said('no-contract', contract === null),
    said('no-run', runs === 0),
    said('quiet', lastAt !== null && Date.parse(lastAt) < now - QUIET_PIPELINE),
    said('incomplete', incomplete !== null && incomplete > 0),
    said('late', isLate),
    said(
      'weak-identity',
      systems.some(({ weakestGrade }) => weakestGrade === 'C' || weakestGrade === 'D'),
    ),
  ].flat()
  return { pipeline, contract, systems, runs, incomplete, lastAt, findings }
}

function said(code: CoverageFinding, holds: boolean): readonly CoverageFinding[] {
  return holds ? [code] : []
}

/** Null for one that an older version published and that cannot be read, as under another baseline. */
async function askedBy({ verified }: Deps, tenant: string, bound: BoundContract): Promise<readonly string[] | null> {
  if (bound.asked !== null) return bound.asked
  try {
    const contract = await verified.contract(tenant, bound.digest)
    return contract === null ? null : askedSteps(contract)
  } catch (error) {
    if (error instanceof CodedError) return null
    throw error
  }
}

function incompleteOf(runs: readonly RecentRun[], asked: readonly string[]): number {
  // Most runs of a pipeline have the same steps.
  const same = Map.groupBy(runs, ({ names }) => names)
  return [...same].reduce((sum, [names, { length }]) => (lacks(names, asked) ? sum + length : sum), 0)
}

/** Steps whose names are too many to be kept lack nothing that anybody could say. */
function lacks(names: string | null, asked: readonly string[]): boolean {
  if (names === null) return false
  const known = new Set(JSON.parse(names) as readonly string[])
  return asked.some((name) => !known.has(name))
}
