import { type Code, CodedError, type ErrorReport, Findings } from '@countersign/core'
import { type Contract, requiredJobs, type SignerFacts, type StepRule } from '@countersign/contract'
import { type HandoverToken, type PreviousRef, type Resource, type StepRef, succeeded } from '@countersign/formats'
import { ancestry, compare, heads, latestFinish } from './ancestry.ts'
import type { Chain } from './chain.ts'
import { Excusing } from './deviation.ts'
import { checkHandshake, type Find, handshake, whyWithheld } from './handshake.ts'
import { checkConflicts, checkSuperseded } from './run.ts'
import type { Edge, VerifiedDeviation, VerifiedStep } from './types.ts'

export interface ReceiveInput {
  readonly step: StepRef
  /** Who is going to sign it, where that is a bare key; left out, nothing is said of it. */
  readonly signer?: SignerFacts | null
  /** Null: the chain's own, or the contract's. */
  readonly pipeline: string | null
  /** What was handed over, hashed from disk by the receiver; `annotations.from` is not set yet. */
  readonly materials: readonly Resource[]
  /** Verified steps of every chain that may be the one to go on with. */
  readonly steps: ReadonlyMap<string, VerifiedStep>
  /** Links of those that were handed over by file, with the materials; left out: none. */
  readonly carried?: ReadonlySet<string>
  /** What stands for steps that are not shown: the way back does not go past one. */
  readonly withheld?: Chain['withheld']
  readonly contract: Contract | null
  /** What maintainers of the contract let through; left out: nothing. */
  readonly deviations?: readonly VerifiedDeviation[]
  /** The hand-over token, where one was carried. */
  readonly token: HandoverToken | null
  /** Chain id of this very run, or a fresh one: what to begin with where nothing was handed over (32 hex digits). */
  readonly newChain: string
  /** True where `newChain` is but a fresh id: nobody says that this is another run than those that are known. */
  readonly isUnnamed?: boolean
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
  /** What will speak against the step once `signer` has signed it. Somebody else may sign it as well, so it may run. */
  readonly doubts: readonly ErrorReport[]
}

/** What the contract has against a signer, whatever the step does. */
const ABOUT_SIGNER: ReadonlySet<Code> = new Set<Code>(['signer-not-allowed', 'grade-too-low', 'approval-own'])

/**
 * The receiving half of the handshake: finds the predecessors of what was handed over, says which material
 * came from which, and checks that a step may begin with them. Throws `usage` when no pipeline is named, and for an
 * approval of what several runs made.
 */
export function receive(input: ReceiveInput): Received {
  const { step, contract, token } = input
  const rule = contract?.steps.get(step.name)
  const run = pickRun(input, rule)
  const excusing = excusingFor(input, token?.chain ?? run[0]?.statement.predicate.chain.id ?? input.newChain)
  const predecessors = pickPredecessors(input, run, rule, excusing)
  const previous = predecessors.map((p) => ({ link: p.link, step: p.statement.predicate.step.name }))
  const known = new Map(predecessors.map((p) => [p.link, p]))
  const id = token?.chain ?? run[0]?.statement.predicate.chain.id
  const own = predecessors.find((p) => p.statement.predicate.chain.id === id) ?? run[0] ?? predecessors[0]
  const first = own?.statement.predicate.chain
  const pipeline = input.pipeline ?? first?.pipeline ?? contract?.pipeline
  if (pipeline === undefined) {
    throw new CodedError('usage', 'no pipeline is named', { fix: 'Name it: --pipeline NAME, or COUNTERSIGN_PIPELINE.' })
  }
  const bound = {
    // What a token names must be of the chain that it names: whoever forges one cannot lead astray.
    id: token?.chain ?? first?.id ?? input.newChain,
    pipeline,
    contract: contract?.digest ?? first?.contract ?? null,
  }
  const materials = withOrigins(input.materials, predecessors, rule)
  const missing = (token?.links ?? []).filter((link) => !input.steps.has(link))
  const { edges, findings } = checkHandshake(
    {
      link: null,
      signer: input.signer ?? null,
      chain: bound,
      step,
      previous: [...previous, ...missing.map((link) => ({ link, step: 'named by the token' }))],
      materials,
      startedAt: input.now,
      invocation: null,
      subject: null,
      ran: null,
    },
    known,
    contract,
    input.now,
  )
  const others = new Findings()
  checkPlace(input, bound.id, others.find)
  checkCarried(input, predecessors, others.find)
  const way = new Findings()
  checkWay(input, predecessors, excusing, way.find)
  const left = excusing.left(step.name, findings)
  const [doubts, against] = [left.filter(isAboutSigner), left.filter((one) => !isAboutSigner(one))]
  return { chain: bound, previous, materials, edges, findings: [...others.list, ...against, ...way.list], doubts }
}

function isAboutSigner({ code }: ErrorReport): boolean {
  return ABOUT_SIGNER.has(code)
}

function excusingFor({ deviations = [], contract, now }: ReceiveInput, chain: string): Excusing {
  return new Excusing(deviations, { contract, chain, artifact: null, now })
}

/**
 * Steps of the one run to go on with: the token's, this very run's, else the one that explains most of the materials; of
 * several that explain as much, the one that was handed over by file, though it has this step already.
 */
function pickRun(input: ReceiveInput, rule: StepRule | undefined): readonly VerifiedStep[] {
  const runs = new Map<string, VerifiedStep[]>()
  for (const step of input.steps.values()) {
    const { id } = step.statement.predicate.chain
    const steps = runs.get(id)
    if (steps === undefined) runs.set(id, [step])
    else steps.push(step)
  }
  if (input.token !== null) return runs.get(input.token.chain) ?? []
  if (rule !== undefined && rule.after.length === 0) return []
  // A run that has begun stays itself: the artifact of an older run is no reason to go on with that one.
  const own = runs.get(input.newChain)
  if (own !== undefined) return own
  if (rule !== undefined && rule.approvals !== null) {
    const approved = pickApproved([...runs.values()], input)
    if (approved !== null) return approved
  }

  const open = handedOver([...runs.values()], input)
  const free = open.filter((steps) => !steps.some((s) => samePlace(s, input.step)))
  const handed = digestsOf(handedIn(input))
  const fitting = free.filter((steps) => isBoundBy(steps, input.contract) && !isBeside(steps, input, handed))
  const explaining = best(fitting, input)
  if (explaining !== null) return explaining
  if (runs.size === 1 && fitting.length === 1 && rule?.materials.length === 0) return fitting[0]!
  // Nothing explains a byte, yet a run was handed over by hand: its names show what was swapped.
  const names = basenamesOf(input.materials)
  const meant = rule !== undefined || runs.size === 1 ? fitting.filter((steps) => hasOneOf(steps, names)) : []
  // What lies beside the material is about it, whatever else is known of a run.
  const carried = rule === undefined ? carriedNamesakes([...runs.values()], input) : []
  const latest = [...meant, ...carried].toSorted((a, b) => compare(latestFinish(b), latestFinish(a)))[0]
  if (latest !== undefined) return latest
  if (rule === undefined) {
    const again = input.isUnnamed === true ? open.filter((steps) => isAgain(steps, input, handed)) : []
    return best(again, input) ?? []
  }
  // Under a contract the step cannot begin a run: one that is bound otherwise, or has this step already, shows why.
  return (
    best(free, input) ??
    best(
      open.filter((steps) => isBoundBy(steps, input.contract)),
      input,
    ) ??
    []
  )
}

/**
 * Of the runs that explain most of the materials those that came with them by file; all runs where none did. Equal bytes
 * come out of many runs, and a step that slid into another one would take a place there, and prove nothing in its own.
 */
function handedOver(runs: readonly VerifiedStep[][], input: ReceiveInput): readonly VerifiedStep[][] {
  const { carried = new Set<string>(), materials } = input
  if (carried.size === 0) return runs
  const [wanted, handed] = [digestsOf(materials), digestsOf(handedIn(input))]
  const fitting = runs.filter((steps) => isBoundBy(steps, input.contract) && !isBeside(steps, input, handed))
  const explaining = Map.groupBy(fitting, (steps) => countExplained(steps, wanted))
  const most = Math.max(...explaining.keys())
  const own = most > 0 ? explaining.get(most)!.filter((steps) => steps.some(({ link }) => carried.has(link))) : []
  return own.length > 0 ? own : runs
}

/**
 * The run whose artifact is approved, whether or not the same person did so before: an approval that slid on to the next
 * run of the same bytes would let through what nobody looked at. Null where no run made it. Throws `usage` for several.
 */
function pickApproved(runs: readonly VerifiedStep[][], input: ReceiveInput): readonly VerifiedStep[] | null {
  const [wanted, handed] = [digestsOf(input.materials), digestsOf(handedIn(input))]
  const made = runs
    .filter((run) => isBoundBy(run, input.contract) && !isBeside(run, input, handed) && countExplained(run, wanted) > 0)
    .toSorted((a, b) => compare(latestFinish(b), latestFinish(a)))
  if (made.length > 1) {
    const ids = made.map((run) => run[0]!.statement.predicate.chain.id)
    throw new CodedError('usage', `${ids.length} runs made what is to be approved`, {
      fix: `Name the one: --chain ID. Newest first: ${ids.slice(0, 10).join(', ')}`,
    })
  }
  return made[0] ?? null
}

/**
 * Whether a run has this step already, and it was handed one of the materials by a step before: to begin another run with
 * that would make it come from outside.
 */
function isAgain(
  steps: readonly VerifiedStep[],
  { step, pipeline }: ReceiveInput,
  handed: ReadonlySet<string>,
): boolean {
  if (pipeline !== null && steps[0]!.statement.predicate.chain.pipeline !== pipeline) return false
  return steps
    .filter((one) => samePlace(one, step))
    .flatMap(({ statement }) => statement.predicate.materials)
    .some(({ digest, annotations }) => handed.has(digest.sha256) && annotations?.from != null)
}

function isBoundBy(steps: readonly VerifiedStep[], contract: Contract | null): boolean {
  return contract === null || steps[0]!.statement.predicate.chain.contract === contract.digest
}

/** The run that made or vouched for most of the materials, the latest of several; null where none did for any. */
function best(runs: readonly VerifiedStep[][], { materials }: ReceiveInput): readonly VerifiedStep[] | null {
  const wanted = new Set(materials.map((material) => material.digest.sha256))
  let found: { steps: VerifiedStep[]; explained: number; finished: string } | null = null
  for (const steps of runs) {
    const explained = countExplained(steps, wanted)
    if (explained === 0) continue
    const finished = latestFinish(steps)
    const better =
      found === null
        ? 1
        : explained - found.explained ||
          compare(finished, found.finished) ||
          compare(found.steps[0]!.statement.predicate.chain.id, steps[0]!.statement.predicate.chain.id)
    if (better > 0) found = { steps, explained, finished }
  }
  return found?.steps ?? null
}

/** Two pipelines may begin at one commit: that alone does not make one of them go on with the other. */
function isBeside(steps: readonly VerifiedStep[], { pipeline }: ReceiveInput, handed: ReadonlySet<string>): boolean {
  if (pipeline === null || steps[0]!.statement.predicate.chain.pipeline === pipeline) return false
  return countExplained(steps, handed) === 0
}

function countExplained(steps: readonly VerifiedStep[], wanted: ReadonlySet<string>): number {
  const made = new Set<string>()
  for (const step of steps) {
    for (const { digest } of step.statement.subject) if (wanted.has(digest.sha256)) made.add(digest.sha256)
  }
  return made.size
}

/** Runs that were handed over by file and made something of the name of a material that no known step made. */
function carriedNamesakes(runs: readonly VerifiedStep[][], input: ReceiveInput): readonly VerifiedStep[][] {
  const { carried = new Set<string>(), steps } = input
  if (carried.size === 0) return []
  const made = new Set(
    [...steps.values()].flatMap(({ statement }) => statement.subject.map(({ digest }) => digest.sha256)),
  )
  const unmade = basenamesOf(handedIn(input).filter(({ digest }) => !made.has(digest.sha256)))
  return runs.filter((run) => run.some(({ link }) => carried.has(link)) && hasOneOf(run, unmade))
}

function digestsOf(resources: readonly Resource[]): ReadonlySet<string> {
  return new Set(resources.map(({ digest }) => digest.sha256))
}

/** All materials but the checkout. */
function handedIn({ materials }: ReceiveInput): readonly Resource[] {
  return materials.filter(({ digest }) => !Object.hasOwn(digest, 'gitCommit'))
}

function basenamesOf(resources: readonly Resource[]): ReadonlySet<string> {
  return new Set(resources.map(({ name }) => basename(name)))
}

function hasOneOf(steps: readonly VerifiedStep[], names: ReadonlySet<string>): boolean {
  return steps.some((step) => step.statement.subject.some((subject) => names.has(basename(subject.name))))
}

/**
 * Who goes before: under a contract, every instance of every step in `after`; without one, the nearest steps
 * that made or vouched for a material, and those that the token names.
 */
function pickPredecessors(
  input: ReceiveInput,
  run: readonly VerifiedStep[],
  rule: StepRule | undefined,
  excusing: Excusing,
): VerifiedStep[] {
  const picked = new Map<string, VerifiedStep>()
  if (rule !== undefined && input.contract !== null) {
    const jobs = indexJobs(run)
    for (const name of afterOf(input.contract, rule, run, excusing)) {
      const before = input.contract.steps.get(name)!
      for (const job of requiredJobs(before, rule, input.step.matrix)) {
        for (const step of latestOf(jobs.get(jobOf(name, job)) ?? [], input)) picked.set(step.link, step)
      }
    }
  } else {
    for (const step of nearestHolders(input, run)) picked.set(step.link, step)
  }
  for (const link of input.token?.links ?? []) {
    const step = input.steps.get(link)
    if (step !== undefined) picked.set(link, step)
  }
  // A swapped material has no holder; its namesake's maker is the predecessor it fails against, in whatever attempt.
  if (picked.size === 0 && rule === undefined) {
    const held = new Set(run.flatMap(({ statement }) => statement.subject.map(({ digest }) => digest.sha256)))
    const names = new Set(
      input.materials.flatMap(({ name, digest }) => (held.has(digest.sha256) ? [] : basename(name))),
    )
    const namesakes = run.filter(
      ({ statement: { subject, predicate } }) =>
        predicate.step.attempt <= input.step.attempt &&
        succeeded(predicate) &&
        subject.some(({ name }) => names.has(basename(name))),
    )
    for (const step of heads(namesakes, input.steps)) picked.set(step.link, step)
  }
  return [...picked.values()].toSorted((a, b) => compare(a.link, b.link))
}

/** Whom a step follows; instead of a step that may be skipped, and was, those that that one follows. */
function afterOf(
  { steps }: Contract,
  rule: StepRule,
  run: readonly VerifiedStep[],
  excusing: Excusing,
): ReadonlySet<string> {
  const names = new Set<string>()
  const open = [...rule.after]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const own = name
    const ran = run.some(({ statement }) => statement.predicate.step.name === own)
    if (ran || !excusing.excuses('step-skipped', own)) names.add(own)
    else open.push(...steps.get(own)!.after)
  }
  return names
}

/** Without a contract: of the steps that hold a material, those that no other holder of it follows. */
function nearestHolders(input: ReceiveInput, run: readonly VerifiedStep[]): VerifiedStep[] {
  const holders = new Map<string, Set<number>>()
  for (const { digest } of input.materials) holders.set(digest.sha256, new Set())
  for (const [i, step] of run.entries()) {
    if (!attemptFits(step, input)) continue
    for (const { digest } of step.statement.subject) holders.get(digest.sha256)?.add(i)
  }
  const nearest = new Map<string, VerifiedStep>()
  // Most materials have the same holders.
  for (const alike of Map.groupBy(holders, ([, places]) => [...places].join()).values()) {
    const group = [...alike[0]![1]].map((i) => run[i]!)
    const good = group.filter((step) => succeeded(step.statement.predicate))
    const chosen = good.length > 0 ? [good] : alike.map(([sha256]) => group.filter((step) => isMadeBy(step, sha256)))
    for (const holder of chosen.flatMap((some) => heads(some, input.steps))) nearest.set(holder.link, holder)
  }
  return [...nearest.values()]
}

/** What a step made itself: a failed one hands it over to nobody, while what it received it leaves as it was. */
function isMadeBy({ statement: { subject, predicate } }: VerifiedStep, sha256: string): boolean {
  return (
    subject.some(({ digest }) => digest.sha256 === sha256 && !Object.hasOwn(digest, 'gitCommit')) &&
    !predicate.materials.some(({ digest }) => digest.sha256 === sha256)
  )
}

function attemptFits(step: VerifiedStep, input: ReceiveInput): boolean {
  const { attempt } = step.statement.predicate.step
  return attempt === input.step.attempt || (input.contract?.attempts === 'carry' && attempt < input.step.attempt)
}

function jobOf(name: string, matrix: string | null): string {
  return JSON.stringify([name, matrix])
}

function indexJobs(run: readonly VerifiedStep[]): ReadonlyMap<string, readonly VerifiedStep[]> {
  const jobs = new Map<string, VerifiedStep[]>()
  for (const step of run) {
    const { name, matrix } = step.statement.predicate.step
    const instances = jobs.get(jobOf(name, matrix))
    if (instances === undefined) jobs.set(jobOf(name, matrix), [step])
    else instances.push(step)
  }
  return jobs
}

/**
 * The latest attempt at a job that may go before, failed or not: a retry that failed is not undone by an earlier
 * success. Where none may, the latest of all, so that the handshake says what is wrong with it. More than one
 * where the place was taken twice.
 */
function latestOf(instances: readonly VerifiedStep[], input: ReceiveInput): readonly VerifiedStep[] {
  const fitting = instances.filter((step) => attemptFits(step, input))
  const eligible = fitting.length > 0 ? fitting : instances
  const latest = eligible.reduce((last, { statement: { predicate } }) => Math.max(last, predicate.step.attempt), 0)
  return eligible.filter((step) => step.statement.predicate.step.attempt === latest)
}

/** The materials with the step each came from: one that the contract expects it from before any other. */
function withOrigins(
  materials: readonly Resource[],
  predecessors: readonly VerifiedStep[],
  rule: StepRule | undefined,
): Resource[] {
  const expected = new Set(rule?.materials.map(({ from }) => from))
  const origins = new Map<string, VerifiedStep>()
  for (const step of predecessors) {
    const better = expected.has(step.statement.predicate.step.name)
    for (const { digest } of step.statement.subject) {
      const other = origins.get(digest.sha256)
      if (other === undefined || (better && !expected.has(other.statement.predicate.step.name))) {
        origins.set(digest.sha256, step)
      }
    }
  }
  return materials.map((material) => {
    const from = origins.get(material.digest.sha256)?.link ?? null
    return { ...material, annotations: { ...material.annotations, from } }
  })
}

/** A taken place is said before the command runs, not after: the work would be refused. */
function checkPlace(input: ReceiveInput, chain: string, find: Find): void {
  for (const step of input.steps.values()) {
    if (step.statement.predicate.chain.id === chain && samePlace(step, input.step)) {
      const { name, attempt } = input.step
      find('place-taken', `step ${name}, attempt ${attempt}, is in this chain already (${step.link.slice(0, 12)})`)
      return
    }
  }
}

/** Without a contract a run may begin with what nobody made; not where it came with chain files, and these are of other bytes. */
function checkCarried(input: ReceiveInput, predecessors: readonly VerifiedStep[], find: Find): void {
  const { contract, carried = [], steps } = input
  if (contract !== null || predecessors.length > 0) return
  const known = [...carried].flatMap((link) => steps.get(link) ?? [])
  const handed = handedIn(input)
  if (known.length === 0 || countExplained(known, new Set(handed.map(({ digest }) => digest.sha256))) > 0) return
  for (const { name } of handed) {
    find('material-unexplained', `material ${name} was made by no step of the chain files that came with it`)
  }
}

/**
 * Whether the way back from the predecessors is whole and fits: what is built on a broken one will be refused at the
 * gate. That the predecessors themselves are of another run, or failed, is said by the handshake with them.
 */
function checkWay(
  { steps, withheld, contract, step, now }: ReceiveInput,
  predecessors: readonly VerifiedStep[],
  excusing: Excusing,
  find: Find,
): void {
  const path = ancestry(predecessors, steps)
  for (const { statement } of path) {
    for (const { link, step: name } of statement.predicate.previous) {
      if (steps.has(link)) continue
      const follower = statement.predicate.step.name
      const closed = withheld?.get(link)
      if (closed !== undefined) {
        find('step-withheld', `step ${follower} goes on from ${name} ${whyWithheld(closed)}`)
        continue
      }
      const what = `step ${follower} goes on from ${name} (${link.slice(0, 12)}), which was not handed over or does not verify`
      find('previous-missing', what)
    }
  }
  // Without the contract nobody can say what an earlier step was allowed.
  for (const before of contract === null ? [] : path) {
    const { previous, step: ref } = before.statement.predicate
    if (previous.some(({ link }) => !steps.has(link))) continue
    const { findings } = handshake({ step: before, previous: steps, contract, now })
    for (const { code, what } of excusing.left(ref.name, findings)) {
      find(code, `step ${ref.name}: ${what}`)
    }
  }
  const ids = new Set(path.map(({ statement }) => statement.predicate.chain.id))
  const run = [...steps.values()].filter(({ statement }) => ids.has(statement.predicate.chain.id))
  checkConflicts(run, find)
  checkSuperseded(path, step.attempt, run, contract, find)
}

function samePlace(step: VerifiedStep, ref: StepRef): boolean {
  const own = step.statement.predicate.step
  return own.name === ref.name && own.attempt === ref.attempt && own.matrix === ref.matrix
}

function basename(name: string): string {
  const path = name.endsWith('/') ? name.slice(0, -1) : name
  return path.slice(path.lastIndexOf('/') + 1)
}
