import type { Code, ErrorReport } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import type { Resource } from '@countersign/formats'
import type { Excused } from './deviation.ts'
import type { Edge, VerifiedStep } from './types.ts'

/** One thing that was judged; null where it could not be. */
export interface Criterion {
  readonly name: string
  readonly met: boolean | null
  readonly detail: string
}

const GROUPS: readonly { name: string; codes: readonly Code[]; detail: string }[] = [
  {
    name: 'signatures',
    codes: [
      'signature-invalid',
      'signer-unknown',
      'signer-revoked',
      'signer-not-allowed',
      'grade-too-low',
      'identity-mismatch',
      'receipt-missing',
      'runner-not-allowed',
      'approval-own',
      'approval-missing',
    ],
    detail: 'every step is signed by who may sign it',
  },
  {
    name: 'order',
    codes: [
      'previous-missing',
      'previous-mismatch',
      'step-order',
      'step-skipped',
      'step-unknown',
      'matrix-incomplete',
      'attempt-mixed',
      'place-taken',
      'nonce-reused',
      'time-order',
      'time-future',
      'chain-mismatch',
      'pipeline-mismatch',
    ],
    detail: 'no step is skipped, repeated, reordered or of another run',
  },
  {
    name: 'hand-overs',
    codes: [
      'edge-empty',
      'material-unexplained',
      'material-swapped',
      'digest-conflict',
      'product-missing',
      'product-unexpected',
      'name-disallowed',
      'material-unproven',
    ],
    detail: 'every byte received was handed over by the step before',
  },
  { name: 'outcome', codes: ['step-failed', 'predecessor-failed'], detail: 'every step succeeded' },
]

/** A path that was judged, and what was found to be handed over on it. */
export interface Judged {
  readonly path: readonly VerifiedStep[]
  readonly edges: readonly Edge[]
  /** The last of the path. */
  readonly ends: readonly VerifiedStep[]
}

/** What was judged of a path, one criterion for each group of findings. */
export function criteriaOf(
  { contract, artifact }: { readonly contract: Contract | null; readonly artifact: string | null },
  { path, edges, ends }: Judged,
  findings: readonly ErrorReport[],
): Criterion[] {
  const against = (codes: readonly Code[]) => findings.filter((f) => codes.includes(f.code))
  const bound = against(['contract-mismatch', 'contract-missing', 'contract-unknown'])
  const first: Criterion =
    contract === null
      ? { name: 'contract', met: true, detail: `none given: ${unjudged(ends)}` }
      : {
          name: 'contract',
          met: bound.length === 0,
          detail:
            bound[0]?.what ?? `${contract.pipeline} revision ${contract.revision} (${contract.digest.slice(0, 12)})`,
        }
  const groups = GROUPS.map(({ name, codes, detail }) => {
    const reasons = against(codes)
    const own = name === 'hand-overs' ? `${detail}${exceptFor(outsideOf(path, edges))}` : detail
    return { name, met: reasons.length === 0, detail: reasons[0]?.what ?? own }
  })
  const demanded = demandsCriterion(contract, against)
  const { name } = ends.at(-1)!.statement.predicate.step
  const unmade = against(['artifact-unproven'])
  const vouched = {
    name: 'artifact',
    met: unmade.length === 0,
    detail: unmade[0]?.what ?? `step ${name} vouches for it`,
  }
  const ended = { name: 'run', met: true, detail: `step ${name} ends it` }
  return [artifact === null ? ended : vouched, first, ...groups, ...(demanded === null ? [] : [demanded])]
}

function unjudged(ends: readonly VerifiedStep[]): string {
  const { contract } = ends[0]!.statement.predicate.chain
  if (contract === null) return 'who may do what is not judged'
  return `the run is bound to contract ${contract.slice(0, 12)}, and is not judged by it`
}

/** What nobody on the path handed over. Whether it may come in, the findings say. */
function outsideOf(path: readonly VerifiedStep[], edges: readonly Edge[]): readonly string[] {
  const taking = path.filter(({ statement }) => statement.predicate.materials.some(isFromNobody))
  if (taking.length === 0) return []
  const handed = Map.groupBy(edges, ({ to }) => to)
  return taking.flatMap(({ link, statement: { predicate } }) => {
    const known = new Set((handed.get(link) ?? []).flatMap(({ artifacts }) => artifacts))
    return predicate.materials
      .filter((material) => isFromNobody(material) && !known.has(material.digest.sha256))
      .map(({ name }) => `${name} for step ${predicate.step.name}`)
  })
}

function isFromNobody({ annotations }: Resource): boolean {
  return annotations?.from == null
}

function exceptFor([first, ...more]: readonly string[]): string {
  if (first === undefined) return ''
  return `, but for ${first}${more.length === 0 ? '' : ` and ${more.length} more`}, from outside`
}

/** What the contract asks of the steps beside; null where it asks for nothing. */
function demandsCriterion(
  contract: Contract | null,
  against: (codes: readonly Code[]) => readonly ErrorReport[],
): Criterion | null {
  const asks = [...(contract?.steps.values() ?? [])].some(
    ({ evidence, fresh, conditions }) => evidence !== null || fresh !== null || conditions.length > 0,
  )
  if (!asks) return null
  const reasons = against(['evidence-missing', 'tests-failed', 'vulnerability-found', 'step-stale', 'condition-unmet'])
  return {
    name: 'demands',
    met: reasons.length === 0,
    detail: reasons[0]?.what ?? 'reports, age and conditions are as the contract asks',
  }
}

/** That a step began with more, or less, than was committed: never in silence. Null where none did. */
export function dirtyCriterion(path: readonly VerifiedStep[]): Criterion | null {
  const isDirty = ({ annotations }: Resource) => annotations?.dirty === true
  const dirty = path.filter(
    ({ statement: { subject, predicate } }) => subject.some(isDirty) || predicate.materials.some(isDirty),
  )
  if (dirty.length === 0) return null
  const names = [...new Set(dirty.map(({ statement }) => statement.predicate.step.name))]
  return { name: 'source', met: true, detail: `not as its commit, for ${names.join(', ')}; that alone denies nothing` }
}

/** That something was let through: never in silence. */
export function deviationsCriterion(deviations: readonly Excused[]): Criterion {
  const each = deviations.map(({ deviation: { deviation, by, id }, findings }) => {
    const what = [...new Set(findings.map(({ code }) => code))].join(', ')
    return `${what} by ${by.join(', ')} until ${deviation.expiresAt}: ${deviation.reason} (${id.slice(0, 12)})`
  })
  return { name: 'deviations', met: true, detail: `let through: ${each.join('; ')}` }
}
