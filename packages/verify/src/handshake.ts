import { type Code, type ErrorReport, Findings } from '@countersign/core'
import { type Contract, evaluate, maySign, type RanFacts, type SignerFacts, type StepRule } from '@countersign/contract'
import type { ClaimedIdentity, Invocation, ReportRef, Resource, StepPredicate } from '@countersign/formats'
import { isSealed, succeeded } from '@countersign/formats'
import type { Chain } from './chain.ts'
import { contradictions, factsOf } from './claims.ts'
import { checkMaterials } from './materials.ts'
import type { Edge, Handshake, Signer, VerifiedStep, VerifiedWithheld } from './types.ts'

/** How far clocks may disagree where no contract says otherwise, milliseconds. */
export const DEFAULT_CLOCK_TOLERANCE = 300_000

/** A step at the moment of a handshake: signed, or about to run. */
export interface Receiving {
  /** Link digest and signer once signed, else null. */
  readonly link: string | null
  readonly signer: SignerFacts | null
  readonly chain: StepPredicate['chain']
  readonly step: StepPredicate['step']
  readonly previous: StepPredicate['previous']
  readonly materials: readonly Resource[]
  readonly startedAt: string
  /** Null while it has not run. */
  readonly invocation: Invocation | null
  readonly subject: readonly Resource[] | null
  /** What it says of its run; null while it has not run. */
  readonly ran: RanFacts | null
}

/**
 * The handshake at append: whether a signed step fits its predecessors and its contract. `previous` holds
 * the predecessors that are known and verified; a missing one is the finding `previous-missing`. `now` is
 * the judge's own time. Fits when there are no findings. `withheld` holds what is proven of steps that are not shown:
 * one of them that goes before is the finding `step-withheld`, and what it handed over is taken on the step's word.
 * `claimed` is what the step's sealed identity holds, where that is disclosed, and `reportsOf` says what its reports are.
 */
export function handshake(input: {
  readonly step: VerifiedStep
  readonly previous: ReadonlyMap<string, VerifiedStep>
  readonly contract: Contract | null
  readonly now: string
  readonly withheld?: Chain['withheld']
  readonly claimed?: ClaimedIdentity | null
  readonly reportsOf?: ReportsOf
}): Handshake {
  const { link, statement } = input.step
  const { reportsOf = reportsTold } = input
  const { predicate } = statement
  const claimed = input.claimed ?? null
  const signer = signerOf(input.step, input.contract, claimed)
  const fits = checkHandshake(
    {
      link,
      signer: factsOf(signer),
      chain: predicate.chain,
      step: predicate.step,
      previous: predicate.previous,
      materials: predicate.materials,
      startedAt: predicate.invocation.startedAt,
      invocation: predicate.invocation,
      subject: statement.subject,
      ran: ranFacts(input.step, reportsOf),
    },
    input.previous,
    input.contract,
    input.now,
    input.withheld,
    reportsOf,
  )
  const mismatched = signer.identity === null ? [] : contradictions(input.step, signer, claimed)
  if (mismatched.length === 0) return fits
  const findings = new Findings()
  for (const { fact, claimed: said, verified } of mismatched) {
    findings.find(
      'identity-mismatch',
      `step ${predicate.step.name} claims ${fact} ${said}, its certificate says ${verified}`,
    )
  }
  return { ...fits, findings: ranked([...findings.list, ...fits.findings]) }
}

/** The reports of a step; null where they are sealed, and not told. */
export type ReportsOf = (step: VerifiedStep) => readonly ReportRef[] | null

/** As the step itself tells them. */
function reportsTold({ statement }: VerifiedStep): readonly ReportRef[] | null {
  const { evidence } = statement.predicate
  return isSealed(evidence) ? null : evidence
}

function ranFacts(step: VerifiedStep, reportsOf: ReportsOf): RanFacts {
  const { runner, invocation } = step.statement.predicate
  const { system, os, arch, actions } = runner
  const { exitCode, startedAt, finishedAt } = invocation
  return { reports: reportsOf(step), claimed: { system, os, arch, actions, exitCode, startedAt, finishedAt } }
}

/**
 * Of several signers of one statement, one that the contract lets sign it and of whom it tells the truth: the others can
 * neither help nor harm.
 */
function signerOf(step: VerifiedStep, contract: Contract | null, claimed: ClaimedIdentity | null): Signer {
  const { signer, cosigners, statement } = step
  if (cosigners.length === 0) return signer
  const rule = contract?.steps.get(statement.predicate.step.name)
  const all = [signer, ...cosigners]
  const allowed =
    contract === null || rule === undefined
      ? all
      : all.filter((one) => maySign(contract, rule, factsOf(one), statement.predicate.step.matrix))
  return allowed.find((one) => contradictions(step, one, claimed).length === 0) ?? allowed[0] ?? signer
}

/** The same check for a step that may not have run yet: what a recorder asks before it starts the command. */
export function checkHandshake(
  step: Receiving,
  known: ReadonlyMap<string, VerifiedStep>,
  contract: Contract | null,
  now: string,
  withheld: Chain['withheld'] = NONE,
  reportsOf: ReportsOf = reportsTold,
): Handshake {
  const findings = new Findings()
  const { find } = findings
  const tolerance = contract?.clockTolerance ?? DEFAULT_CLOCK_TOLERANCE

  checkBinding(step, contract, find)
  checkTimes(step, now, tolerance, find)
  const before: VerifiedStep[] = []
  const hidden = new Set<string>()
  for (const { link, step: name } of step.previous) {
    const previous = known.get(link)
    const closed = previous === undefined ? withheld.get(link) : undefined
    if (closed !== undefined) {
      hidden.add(link)
      checkWithheld(step, name, closed, find)
    } else if (previous === undefined) find('previous-missing', `predecessor ${name} (${short(link)}) is not known`)
    else {
      before.push(previous)
      checkPredecessor(step, name, previous, contract, tolerance, find)
    }
  }
  const received = new Set<string>()
  for (const { digest } of step.materials) received.add(digest.sha256)
  checkRivals(before, find)
  checkMaterials(step, received, before, hidden, contract, find)
  if (contract !== null) {
    const succeeds = step.invocation === null || succeeded({ invocation: step.invocation })
    const reportsBefore = (name: string) =>
      before.filter(({ statement }) => statement.predicate.step.name === name).map((one) => reportsOf(one) ?? [])
    const signersOf = (link: string) => signersIn(known.get(link), contract)
    const facts = { ...step, succeeded: succeeds, withheld: hidden, reportsBefore, signersOf }
    evaluate(contract, facts, known, findings)
  }
  const edges = findEdges(step, received, before, contract, find)
  edges.push(...wordEdges(step, hidden, contract, find))
  return { edges, findings: ranked(findings.list) }
}

const NONE: Chain['withheld'] = new Map()

/** Who signed a step; first the one whom the contract takes for its signer. */
export function signersIn(step: VerifiedStep | undefined, contract: Contract | null): readonly SignerFacts[] {
  if (step === undefined) return []
  const first = signerOf(step, contract, null)
  return [first, ...[step.signer, ...step.cosigners].filter((one) => one !== first)].map(factsOf)
}

/** Takes a finding. */
export type Find = (code: Code, what: string) => void

function checkBinding(step: Receiving, contract: Contract | null, find: Find): void {
  if (contract === null) return
  if (step.chain.pipeline !== contract.pipeline) {
    find(
      'pipeline-mismatch',
      `step ${step.step.name} is of pipeline ${step.chain.pipeline}, the contract of ${contract.pipeline}`,
    )
  }
  if (step.chain.contract === null) find('contract-missing', `step ${step.step.name} is bound to no contract`)
  else if (step.chain.contract !== contract.digest) {
    find(
      'contract-mismatch',
      `step ${step.step.name} is bound to contract ${short(step.chain.contract)}, not ${short(contract.digest)}`,
    )
  }
}

function checkTimes(step: Receiving, now: string, tolerance: number, find: Find): void {
  const { startedAt } = step
  const finishedAt = step.invocation?.finishedAt ?? startedAt
  const { name } = step.step
  if (isBefore(finishedAt, startedAt, tolerance)) find('time-order', `step ${name} finished before it started`)
  const last = finishedAt > startedAt ? finishedAt : startedAt
  // Asked this way round, a `now` that is no time fits nothing.
  if (!(Date.parse(last) <= Date.parse(now) + tolerance)) {
    find('time-future', `step ${name} was running at ${last}, which is after ${now}`)
  }
}

/** Whether one time is before another by more than the tolerance. Times of one form sort as text. */
function isBefore(a: string, b: string, tolerance: number): boolean {
  return a < b && Date.parse(a) < Date.parse(b) - tolerance
}

function checkPredecessor(
  step: Receiving,
  name: string,
  before: VerifiedStep,
  contract: Contract | null,
  tolerance: number,
  find: Find,
): void {
  const { predicate } = before.statement
  if (predicate.step.name !== name) {
    find('previous-mismatch', `predecessor ${short(before.link)} is step ${predicate.step.name}, not ${name}`)
  }
  if (predicate.chain.id !== step.chain.id) {
    find('chain-mismatch', `predecessor ${name} is of chain ${apart(predicate.chain.id, step.chain.id)}`)
  }
  if (predicate.chain.pipeline !== step.chain.pipeline) {
    find(
      'pipeline-mismatch',
      `predecessor ${name} is of pipeline ${predicate.chain.pipeline}, not ${step.chain.pipeline}`,
    )
  }
  if (predicate.chain.contract !== step.chain.contract) {
    find('contract-mismatch', `predecessor ${name} is bound to another contract`)
  }
  const { attempt } = predicate.step
  const carried = contract?.attempts === 'carry' && attempt < step.step.attempt
  if (attempt !== step.step.attempt && !carried) {
    find(
      'attempt-mixed',
      `predecessor ${name} is of attempt ${attempt}, step ${step.step.name} of attempt ${step.step.attempt}`,
    )
  }
  if (!succeeded(predicate)) find('predecessor-failed', `predecessor ${name} failed`)
  const fresh = contract?.steps.get(predicate.step.name)?.fresh ?? null
  if (fresh !== null)
    checkFresh(before, fresh + tolerance, step.startedAt, `before step ${step.step.name} started`, find)
  if (isBefore(step.startedAt, predicate.invocation.finishedAt, tolerance)) {
    find(
      'time-order',
      `step ${step.step.name} started at ${step.startedAt}, before ${name} finished at ${predicate.invocation.finishedAt}`,
    )
  }
}

/** Whether what a step says still counts at a time. Asked this way round, what is no time is never fresh. */
export function checkFresh(
  { statement: { predicate } }: VerifiedStep,
  fresh: number,
  at: string,
  when: string,
  find: Find,
  since = predicate.invocation.finishedAt,
): void {
  if (Date.parse(at) <= Date.parse(since) + fresh) return
  find('step-stale', `step ${predicate.step.name} finished at ${since}, which is too long ${when}`)
}

/** Of a step that is not shown only its chain can be held against the one that follows it. */
function checkWithheld(step: Receiving, name: string, one: VerifiedWithheld, find: Find): void {
  const { chain } = one.withheld.unopened
  if (chain !== step.chain.id) {
    find('chain-mismatch', `predecessor ${name} is of chain ${apart(chain, step.chain.id)}`)
  }
  find('step-withheld', `predecessor ${name} ${whyWithheld(one)}`)
}

/** Which attestation is not shown, and why. */
export function whyWithheld({ withheld: { unopened, tombstone } }: VerifiedWithheld): string {
  const why = tombstone === null ? 'is withheld' : `was erased at ${tombstone.leaf.at}: ${tombstone.leaf.ground}`
  return `(${short(unopened.link)}) ${why}`
}

/** Hand-overs as the step itself tells them. Where it received nothing at all, nobody can have handed anything over. */
function wordEdges(step: Receiving, hidden: ReadonlySet<string>, contract: Contract | null, find: Find): Edge[] {
  const rule = contract?.steps.get(step.step.name)
  const edges: Edge[] = []
  for (const { link, step: name } of step.previous) {
    if (!hidden.has(link)) continue
    const own = step.materials.filter(({ annotations }) => annotations?.from === link)
    const artifacts = distinct(own.map(({ digest }) => digest.sha256))
    edges.push({ from: link, to: step.link, found: 'word', strength: 'weak', artifacts })
    if (step.materials.length === 0 && !isOrderOnly(rule, name)) {
      find('edge-empty', `step ${step.step.name} received nothing from step ${name}`)
    }
  }
  return edges
}

/** Order alone is an edge only where the contract asks for order and for nothing to be handed over. */
function isOrderOnly(rule: StepRule | undefined, name: string): boolean {
  return rule !== undefined && rule.after.includes(name) && !rule.materials.some((wanted) => wanted.from === name)
}

/** One job goes before once: of two attempts at it, or two attestations of one attempt, what came of it is not certain. */
function checkRivals(before: readonly VerifiedStep[], find: Find): void {
  if (before.length < 2) return
  const jobs = new Map<string, VerifiedStep>()
  for (const previous of before) {
    const { name, matrix, attempt } = previous.statement.predicate.step
    const job = JSON.stringify([name, matrix])
    const other = jobs.get(job)
    if (other === undefined) jobs.set(job, previous)
    else if (other.statement.predicate.step.attempt === attempt) {
      find('place-taken', `step ${name} goes before twice: ${short(other.link)} and ${short(previous.link)}`)
    } else {
      const attempts = `${other.statement.predicate.step.attempt} and ${attempt}`
      find('attempt-mixed', `step ${name} goes before twice, in the attempts ${attempts}`)
    }
  }
}

function findEdges(
  step: Receiving,
  received: ReadonlySet<string>,
  before: readonly VerifiedStep[],
  contract: Contract | null,
  find: Find,
): Edge[] {
  const rule = contract?.steps.get(step.step.name)
  const edges: Edge[] = []
  for (const { link, statement } of before) {
    const artifacts: string[] = []
    for (const { digest } of statement.subject) if (received.has(digest.sha256)) artifacts.push(digest.sha256)
    if (artifacts.length > 0) {
      edges.push({ from: link, to: step.link, found: 'digest', strength: 'strong', artifacts: distinct(artifacts) })
      continue
    }
    const { name } = statement.predicate.step
    edges.push({ from: link, to: step.link, found: 'order', strength: 'medium', artifacts })
    if (!isOrderOnly(rule, name)) find('edge-empty', `step ${step.step.name} received nothing from step ${name}`)
  }
  return edges
}

function distinct(digests: readonly string[]): readonly string[] {
  return [...new Set(digests)]
}

/**
 * Causes before consequences: a skipped step also leaves its products unexplained, and users read the first
 * finding. Codes that are not listed keep their order after these.
 */
const CAUSES: readonly Code[] = [
  'contract-missing',
  'contract-mismatch',
  'pipeline-mismatch',
  'step-unknown',
  'signer-not-allowed',
  'signer-revoked',
  'grade-too-low',
  'identity-mismatch',
  'chain-mismatch',
  'previous-mismatch',
  'previous-missing',
  'step-withheld',
  'step-order',
  'attempt-mixed',
  'predecessor-failed',
  'material-swapped',
  'digest-conflict',
  'step-skipped',
  'matrix-incomplete',
]

/** Causes first. */
function ranked(findings: ErrorReport[]): ErrorReport[] {
  const rank = ({ code }: ErrorReport) => (CAUSES.includes(code) ? CAUSES.indexOf(code) : CAUSES.length)
  return findings.toSorted((a, b) => rank(a) - rank(b))
}

/** Two ids, in full where their beginnings do not tell them apart. */
function apart(one: string, other: string): string {
  return short(one) === short(other) ? `${one}, not ${other}` : `${short(one)}, not ${short(other)}`
}

function short(digest: string): string {
  return digest.slice(0, 12)
}
