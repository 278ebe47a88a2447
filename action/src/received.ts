import { type Observed, receiveStep, type ReceivedStep, type RunOptions } from '@countersign/cli/recording'
import { CodedError, type ErrorReport, isLiteral } from '@countersign/core'
import type { Resource } from '@countersign/formats'
import { observe, type Source, sourceOf } from '@countersign/record'
import { githubOf, type Job, stepOptions } from './job.ts'
import { observeCache, observeFound, patternIn } from './paths.ts'
import { movedActions, resolveUses } from './used-actions.ts'
import { readWorkflow, requirePinned, type WorkflowFacts } from './workflow-file.ts'

export interface Beginning {
  readonly options: RunOptions
  readonly facts: WorkflowFacts
  readonly actions: Readonly<Record<string, string>>
  readonly observed: Observed & { readonly source: Source | null }
  readonly received: ReceivedStep
  /** What speaks against going on; empty where nothing does. */
  readonly findings: readonly ErrorReport[]
}

/** What this job was handed, held against the steps before, and the code that runs in it. */
export async function begin(job: Job): Promise<Beginning> {
  const { inputs, context } = job
  const options = stepOptions(job)
  const facts = workflowOf(job)
  if (inputs.requirePinned) requirePinned(facts.uses)
  const [actions, observed] = await Promise.all([resolveUses(facts.uses, githubOf(job)), observeJob(job, facts)])
  const received = await receiveStep(context, { options, observed })
  const { handover } = received
  const moved = movedActions(actions, handover.chain.steps.values(), handover.received.chain.id)
  return { options, facts, actions, observed, received, findings: [...handover.received.findings, ...moved] }
}

/** The workflow as the checkout has it: in the workspace, or where a checkout was put below it. */
function workflowOf({ environment, context }: Job): WorkflowFacts {
  const at = (root: string) =>
    readWorkflow(root, environment['GITHUB_WORKFLOW_REF'] ?? '', environment['GITHUB_JOB'] ?? '')
  const facts = at(environment['GITHUB_WORKSPACE'] ?? context.cwd)
  return facts.uses.length > 0 ? facts : at(context.cwd)
}

/**
 * Everything that is in the workspace and not of the commit: what was named, downloaded and restored, and what lies in
 * the checkout without being tracked. Somebody put it there, so a step before has to have made it.
 */
async function observeJob({ inputs, context }: Job, facts: WorkflowFacts): Promise<Beginning['observed']> {
  const root = context.cwd
  const patterns = facts.downloads.map((path) => patternIn(root, path)).filter((one) => one !== null)
  const [named, downloads, caches] = await Promise.all([
    observe({ root, patterns: [...inputs.materials, ...inputs.lockfile] }),
    observeFound(root, patterns),
    Promise.all(facts.caches.map((path) => observeCache(root, path))),
  ])
  const restored = caches.flat()
  const covered = [...inputs.materials, ...patterns, ...restored.map(({ name }) => name).filter(isLiteral)]
  const exclude = [...covered, ...inputs.products]
  const { environment } = context
  let source = await sourceOf({ root, exclude, environment })
  let stray: Resource[] = []
  if (source === null) {
    // No checkout: all that is here was handed over.
    if (covered.length === 0) stray = await observeFound(root, ['**'])
  } else if (source.untracked.length > 0) {
    const { below } = source.save()
    const here = source.untracked.filter((name) => name.startsWith(below)).map((name) => name.slice(below.length))
    stray = await observeFound(root, here.filter(isLiteral))
    source = await sourceOf({ root, exclude: [...exclude, ...here.filter(isLiteral)], environment })
  }
  return { materials: merged(named, downloads, restored, stray), source }
}

/** Each resource once, by its name. */
export function merged(...lists: readonly (readonly Resource[])[]): Resource[] {
  return [...new Map(lists.toReversed().flatMap((list) => list.map((one) => [one.name, one] as const))).values()]
}

export function refusal({ options }: Pick<Beginning, 'options'>): CodedError {
  return new CodedError('handover-refused', `step ${options.step} was not run`)
}
