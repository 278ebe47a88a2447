import { basename } from 'node:path'
import type { ErrorReport } from '@countersign/core'
import type { Resource, StepPredicate, StepRef } from '@countersign/formats'
import type { VerifiedStep } from '@countersign/verify'
import type { Handover } from './handover.ts'
import { short } from './output.ts'

/**
 * Materials that came with chain files about other bytes of their name, and are of a run that no file tells of: somebody may
 * have put an artifact of before in their place, which is as proven as the one that was handed over. A line, or none.
 */
export function ofAnotherRun({ received, chain, carried }: Handover): string[] {
  const runOf = ({ statement }: VerifiedStep) => statement.predicate.chain.id
  const told = [...carried].flatMap((link) => chain.steps.get(link) ?? [])
  if (received.previous.length === 0 || told.some((step) => runOf(step) === received.chain.id)) return []
  const digests = new Set(told.flatMap(({ statement }) => statement.subject.map(({ digest }) => digest.sha256)))
  const runs = new Map(
    told.flatMap((step) => step.statement.subject.map(({ name }) => [basename(name), runOf(step)] as const)),
  )
  const other = received.materials.find(
    ({ name, digest }) =>
      runs.has(basename(name)) && !digests.has(digest.sha256) && !Object.hasOwn(digest, 'gitCommit'),
  )
  if (other === undefined) return []
  const [file, here] = [short(runs.get(basename(other.name))!), short(received.chain.id)]
  return [
    `${other.name} is not what its chain file tells of (run ${file}), but of run ${here}: the step goes on in that`,
  ]
}

/**
 * Where nobody named a pipeline, and runs of several have what was received, such as the source of a repository with many: the
 * step goes on in the newest. A line, or none.
 */
export function ofSeveralPipelines({ received, chain, carried, pipelines }: Handover): string[] {
  const others = [...pipelines].filter((one) => one !== received.chain.pipeline).toSorted()
  if (received.previous.length === 0 || others.length === 0) return []
  const isCarried = [...carried].some(
    (link) => chain.steps.get(link)?.statement.predicate.chain.id === received.chain.id,
  )
  if (isCarried) return []
  return [
    `what was received is of ${others.join(', ')}, too: the step goes on in ${received.chain.pipeline}; --pipeline NAME says in which`,
  ]
}

/**
 * Materials of a step that is tried again alone: what an earlier attempt at the run made, it follows only where a contract lets
 * attempts carry; else they come from outside, and what made them is no part of its way. A line, or none.
 */
export function ofEarlierAttempt(handover: Handover, { attempt }: Pick<StepRef, 'attempt'>): string[] {
  const { received, chain, contract } = handover
  if (attempt === 1 || contract !== null || received.previous.length > 0) return []
  for (const { name, digest } of received.materials) {
    const maker = makersOf(digest, chain).find(
      ({ chain: { id }, step }) => id === received.chain.id && step.attempt < attempt,
    )
    if (maker === undefined) continue
    const { step } = maker
    return [
      `${name} is of attempt ${step.attempt} (step ${step.name}), which attempt ${attempt} does not follow: ${again(attempt)}`,
    ]
  }
  return []
}

const FOREIGN =
  'Name the pipeline that the step is of (--pipeline NAME), whose contract may take what others made from outside; else take all from one run.'

/** Findings, of which those about what no predecessor made say so where a step of another run or attempt did. */
export function withMakers(
  findings: readonly ErrorReport[],
  { received, chain }: Handover,
  { attempt }: Pick<StepRef, 'attempt'>,
): ErrorReport[] {
  const about = new Map(
    received.materials.map(({ name, digest }) => [`material ${name} was made by no predecessor`, digest]),
  )
  return findings.map((one) => {
    const digest = one.code === 'material-unexplained' ? about.get(one.what) : undefined
    const maker = digest === undefined ? undefined : makersOf(digest, chain)[0]
    if (maker === undefined) return one
    const { id } = maker.chain
    if (id !== received.chain.id) {
      const what = `${one.what}, but by step ${maker.step.name} of run ${short(id)}, and this is run ${short(received.chain.id)}`
      const isForeign = maker.chain.pipeline !== received.chain.pipeline
      return { ...one, what, fix: isForeign ? FOREIGN : 'Take all that is handed over from one run.' }
    }
    if (maker.step.attempt === attempt) return one
    const what = `${one.what}, but by step ${maker.step.name} in attempt ${maker.step.attempt}, and this is attempt ${attempt}`
    const fix = again(attempt)
    return { ...one, what, fix: `${fix[0]!.toUpperCase()}${fix.slice(1)}.` }
  })
}

function makersOf({ sha256 }: Resource['digest'], { steps }: Handover['chain']): StepPredicate[] {
  const makers = [...steps.values()].filter(({ statement: { subject } }) =>
    subject.some(({ digest }) => digest.sha256 === sha256),
  )
  return makers.map(({ statement }) => statement.predicate)
}

function again(attempt: number): string {
  return `run that again as attempt ${attempt}, too, or bind the run to a contract with attempts: carry`
}
