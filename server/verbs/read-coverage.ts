import type { Coverage, CoverageFinding, CoveredPipeline } from '@countersign/client'
import type { Contract } from '@countersign/contract'
import { CodedError } from '@countersign/core'
import type { PipelineFacts, RecentRun } from '../view-store.ts'
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
  const { pipeline, contract, systems, runs, lastAt, recent } = facts
  const asked = contract === null ? null : await askedOf(deps, tenant, contract.digest)
  const ended = recent.filter((run) => run.lastAt <= now - QUIET_RUN)
  const incomplete = asked === null ? null : ended.filter((run) => lacks(run, asked)).length
  const findings = [
    said('no-contract', contract === null),
    said('no-run', runs === 0),
    said('quiet', lastAt !== null && Date.parse(lastAt) < now - QUIET_PIPELINE),
    said('incomplete', incomplete !== null && incomplete > 0),
    said(
      'late',
      recent.some(({ late }) => late > 0),
    ),
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

/** Names of the steps that a contract asks of every run; null for one that cannot be read, as under another baseline. */
async function askedOf({ verified }: Deps, tenant: string, digest: string): Promise<readonly string[] | null> {
  let contract: Contract | null
  try {
    contract = await verified.contract(tenant, digest)
  } catch (error) {
    if (error instanceof CodedError) return null
    throw error
  }
  if (contract === null) return null
  return [...contract.steps.values()].filter(({ optional }) => optional === null).map(({ name }) => name)
}

/** One whose names are too many to be kept lacks nothing that anybody could say. */
function lacks({ names }: RecentRun, asked: readonly string[]): boolean {
  if (names === null) return false
  const known = new Set(JSON.parse(names) as readonly string[])
  return asked.some((name) => !known.has(name))
}
