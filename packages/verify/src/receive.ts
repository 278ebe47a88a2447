import { CodedError, type ErrorReport } from '@countersign/core'
import { type Contract, requiredJobs, type StepRule } from '@countersign/contract'
import { type HandoverToken, type PreviousRef, type Resource, type StepRef, succeeded } from '@countersign/formats'
import { ancestry } from './chain.ts'
import { checkHandshake } from './handshake.ts'
import type { Edge, VerifiedStep } from './types.ts'

export interface ReceiveInput {
  readonly step: StepRef
  /** Null: the chain's own, or the contract's. */
  readonly pipeline: string | null
  /** What was handed over, hashed from disk by the receiver; `annotations.from` is not set yet. */
  readonly materials: readonly Resource[]
  /** Verified steps of every chain that may be the one to go on with. */
  readonly steps: ReadonlyMap<string, VerifiedStep>
  readonly contract: Contract | null
  /** The hand-over token, where one was carried. */
  readonly token: HandoverToken | null
  /** Chain id of this very run, or a fresh one: what to begin with where nothing was handed over (32 hex digits). */
  readonly newChain: string
  readonly now: string
}

export interface Received {
  readonly chain: { readonly id: string; readonly pipeline: string; readonly contract: string | null }
  readonly previous: readonly PreviousRef[]
  /** The materials, each with `annotations.from`. */
  readonly materials: readonly Resource[]
  readonly edges: readonly Edge[]
  /** Empty: the command may run. */
  readonly findings: readonly ErrorReport[]
}

/**
 * The receiving half of the handshake: finds the predecessors of what was handed over, says which material
 * came from which, and checks that a step may begin with them. Throws `usage` when no pipeline is named.
 */
export function receive(input: ReceiveInput): Received {
  const { step, contract } = input
  const rule = contract?.steps.get(step.name)
  const begins = rule !== undefined && rule.after.length === 0
  const chain = begins && input.token === null ? [] : pickChain(input, rule)
  const predecessors = pickPredecessors(input, chain, rule)
  const previous = predecessors.map((p) => ({ link: p.link, step: p.statement.predicate.step.name }))
  const known = new Map(predecessors.map((p) => [p.link, p]))
  const first = predecessors[0]?.statement.predicate.chain ?? chain[0]?.statement.predicate.chain
  const pipeline = input.pipeline ?? first?.pipeline ?? contract?.pipeline
  if (pipeline === undefined) {
    throw new CodedError('usage', 'no pipeline is named', { fix: 'Name it: --pipeline NAME, or COUNTERSIGN_PIPELINE.' })
  }
  const bound = {
    id: first?.id ?? input.token?.chain ?? input.newChain,
    pipeline,
    contract: contract?.digest ?? first?.contract ?? null,
  }
  const materials = input.materials.map((material) => withOrigin(material, predecessors, rule))
  const missing = (input.token?.links ?? []).filter((link) => !input.steps.has(link))
  const { edges, findings } = checkHandshake(
    {
      link: null,
      keyId: null,
      chain: bound,
      step,
      previous: [...previous, ...missing.map((link) => ({ link, step: 'named by the token' }))],
      materials,
      startedAt: input.now,
      invocation: null,
      subject: null,
    },
    known,
    contract,
    input.now,
  )
  return { chain: bound, previous, materials, edges, findings: [...placeFindings(input, bound.id), ...findings] }
}

/** Steps of the one chain to go on with: the token's, else the one that explains most of the materials. */
function pickChain(input: ReceiveInput, rule: StepRule | undefined): VerifiedStep[] {
  const chains = new Map<string, VerifiedStep[]>()
  for (const step of input.steps.values()) {
    const { id } = step.statement.predicate.chain
    const steps = chains.get(id)
    if (steps === undefined) chains.set(id, [step])
    else steps.push(step)
  }
  if (input.token !== null) return chains.get(input.token.chain) ?? []
  const wanted = new Set(input.materials.map((material) => material.digest.sha256))
  let best: { steps: VerifiedStep[]; explained: number; finished: string } | null = null
  for (const steps of chains.values()) {
    // A run that has this step already is another run: its place is taken.
    if (steps.some((s) => samePlace(s, input.step))) continue
    if (input.contract !== null && steps[0]!.statement.predicate.chain.contract !== input.contract.digest) continue
    const explained = countExplained(steps, wanted)
    const relevant =
      explained > 0 || (rule !== undefined && rule.materials.length === 0 && steps.length > 0 && chains.size === 1)
    if (!relevant) continue
    const finished = steps.reduce((latest, s) => max(latest, s.statement.predicate.invocation.finishedAt), '')
    if (best === null || explained > best.explained || (explained === best.explained && finished > best.finished)) {
      best = { steps, explained, finished }
    }
  }
  // Nothing explains a byte, yet one chain was handed over by hand: its names show what was swapped.
  if (best === null && input.token === null && chains.size === 1) {
    const only = [...chains.values()][0]!
    if (!only.some((s) => samePlace(s, input.step)) && namesInCommon(only, input.materials)) return only
  }
  // Nothing was handed over, but the run itself is known: other steps of it may have to go before.
  return best?.steps ?? chains.get(input.newChain) ?? []
}

function countExplained(steps: readonly VerifiedStep[], wanted: ReadonlySet<string>): number {
  const made = new Set<string>()
  for (const step of steps) {
    for (const { digest } of step.statement.subject) if (wanted.has(digest.sha256)) made.add(digest.sha256)
  }
  return made.size
}

function namesInCommon(steps: readonly VerifiedStep[], materials: readonly Resource[]): boolean {
  const names = new Set(steps.flatMap((step) => step.statement.subject.map((subject) => basename(subject.name))))
  return materials.some((material) => names.has(basename(material.name)))
}

/**
 * Who goes before: under a contract, every instance of every step in `after`; without one, the nearest steps
 * that made or vouched for a material, and those that the token names.
 */
function pickPredecessors(
  input: ReceiveInput,
  chain: readonly VerifiedStep[],
  rule: StepRule | undefined,
): VerifiedStep[] {
  const usable = chain.filter((s) => succeeded(s.statement.predicate) && attemptFits(s, input))
  const picked = new Map<string, VerifiedStep>()
  if (rule !== undefined && input.contract !== null) {
    for (const name of rule.after) {
      const before = input.contract.steps.get(name)!
      for (const job of requiredJobs(before, rule, input.step.matrix)) {
        const instance = latestAttempt(usable.filter((s) => isJob(s, name, job)))
        if (instance !== null) picked.set(instance.link, instance)
      }
    }
  } else {
    for (const step of nearestHolders(input, usable)) picked.set(step.link, step)
  }
  for (const link of input.token?.links ?? []) {
    const step = input.steps.get(link)
    if (step !== undefined) picked.set(link, step)
  }
  // A swapped material has no holder; its namesake's maker is the predecessor it fails against.
  if (picked.size === 0 && rule === undefined) {
    const names = new Set(input.materials.map((material) => basename(material.name)))
    const namesakes = usable.filter((s) => s.statement.subject.some((subject) => names.has(basename(subject.name))))
    for (const step of withoutAncestors(namesakes, input.steps)) picked.set(step.link, step)
  }
  return [...picked.values()].toSorted((a, b) => (a.link < b.link ? -1 : 1))
}

function nearestHolders(input: ReceiveInput, usable: readonly VerifiedStep[]): VerifiedStep[] {
  const nearest = new Map<string, VerifiedStep>()
  for (const { digest } of input.materials) {
    const holders = usable.filter((s) => s.statement.subject.some((subject) => subject.digest.sha256 === digest.sha256))
    for (const holder of withoutAncestors(holders, input.steps)) nearest.set(holder.link, holder)
  }
  return [...nearest.values()]
}

/** The steps that are no predecessor, near or far, of another of them. */
function withoutAncestors(steps: readonly VerifiedStep[], all: ReadonlyMap<string, VerifiedStep>): VerifiedStep[] {
  if (steps.length < 2) return [...steps]
  const passed = new Set<string>()
  for (const step of steps) {
    for (const before of ancestry([step], all)) if (before.link !== step.link) passed.add(before.link)
  }
  return steps.filter((step) => !passed.has(step.link))
}

function attemptFits(step: VerifiedStep, input: ReceiveInput): boolean {
  const { attempt } = step.statement.predicate.step
  return attempt === input.step.attempt || (input.contract?.attempts === 'carry' && attempt < input.step.attempt)
}

function isJob(step: VerifiedStep, name: string, matrix: string | null): boolean {
  const ref = step.statement.predicate.step
  return ref.name === name && ref.matrix === matrix
}

function latestAttempt(steps: readonly VerifiedStep[]): VerifiedStep | null {
  let latest: VerifiedStep | null = null
  for (const step of steps) {
    if (latest === null || step.statement.predicate.step.attempt > latest.statement.predicate.step.attempt)
      latest = step
  }
  return latest
}

/** The material with the step it came from: one that the contract expects it from before any other. */
function withOrigin(material: Resource, predecessors: readonly VerifiedStep[], rule: StepRule | undefined): Resource {
  const holders = predecessors.filter((p) =>
    p.statement.subject.some((s) => s.digest.sha256 === material.digest.sha256),
  )
  const expected = holders.find((p) =>
    rule?.materials.some((wanted) => wanted.from === p.statement.predicate.step.name),
  )
  const from = (expected ?? holders[0])?.link ?? null
  return { ...material, annotations: { ...material.annotations, from } }
}

/** A taken place is said before the command runs, not after: the work would be refused. */
function placeFindings(input: ReceiveInput, chain: string): ErrorReport[] {
  for (const step of input.steps.values()) {
    if (step.statement.predicate.chain.id === chain && samePlace(step, input.step)) {
      const what = `step ${input.step.name}, attempt ${input.step.attempt}, is in this chain already (${step.link.slice(0, 12)})`
      return [new CodedError('place-taken', what).report()]
    }
  }
  return []
}

function samePlace(step: VerifiedStep, ref: StepRef): boolean {
  const own = step.statement.predicate.step
  return own.name === ref.name && own.attempt === ref.attempt && own.matrix === ref.matrix
}

function basename(name: string): string {
  const path = name.endsWith('/') ? name.slice(0, -1) : name
  return path.slice(path.lastIndexOf('/') + 1)
}

function max(a: string, b: string): string {
  return a > b ? a : b
}
