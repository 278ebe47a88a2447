import { type Code, CodedError, type ErrorReport } from '@countersign/core'
import { type Contract, evaluate } from '@countersign/contract'
import type { Invocation, Resource, StepPredicate } from '@countersign/formats'
import { succeeded } from '@countersign/formats'
import type { Edge, Handshake, VerifiedStep } from './types.ts'

/** How far clocks may disagree where no contract says otherwise, milliseconds. */
export const DEFAULT_CLOCK_TOLERANCE = 300_000

/** A step at the moment of a handshake: signed, or about to run. */
export interface Receiving {
  /** Link digest and key id once signed, else null. */
  readonly link: string | null
  readonly keyId: string | null
  readonly chain: StepPredicate['chain']
  readonly step: StepPredicate['step']
  readonly previous: StepPredicate['previous']
  readonly materials: readonly Resource[]
  readonly startedAt: string
  /** Null while it has not run. */
  readonly invocation: Invocation | null
  readonly subject: readonly Resource[] | null
}

/**
 * The handshake at append: whether a signed step fits its predecessors and its contract. `previous` holds
 * the predecessors that are known and verified; a missing one is the finding `previous-missing`. `now` is
 * the judge's own time. Fits when there are no findings.
 */
export function handshake(input: {
  readonly step: VerifiedStep
  readonly previous: ReadonlyMap<string, VerifiedStep>
  readonly contract: Contract | null
  readonly now: string
}): Handshake {
  const { link, signer, statement } = input.step
  const { predicate } = statement
  return checkHandshake(
    {
      link,
      keyId: signer.keyId,
      chain: predicate.chain,
      step: predicate.step,
      previous: predicate.previous,
      materials: predicate.materials,
      startedAt: predicate.invocation.startedAt,
      invocation: predicate.invocation,
      subject: statement.subject,
    },
    input.previous,
    input.contract,
    input.now,
  )
}

/** The same check for a step that may not have run yet: what a recorder asks before it starts the command. */
export function checkHandshake(
  step: Receiving,
  known: ReadonlyMap<string, VerifiedStep>,
  contract: Contract | null,
  now: string,
): Handshake {
  const findings: ErrorReport[] = []
  const find = (code: Code, what: string) => findings.push(new CodedError(code, what).report())
  const tolerance = contract?.clockTolerance ?? DEFAULT_CLOCK_TOLERANCE

  checkBinding(step, contract, find)
  checkTimes(step, now, tolerance, find)
  for (const { link, step: name } of step.previous) {
    const before = known.get(link)
    if (before === undefined) find('previous-missing', `predecessor ${name} (${short(link)}) is not known`)
    else checkPredecessor(step, name, before, contract, tolerance, find)
  }
  checkMaterials(step, known, contract, find)
  if (contract !== null) {
    const facts = { ...step, succeeded: step.invocation === null || succeeded({ invocation: step.invocation }) }
    const before = new Map<string, { step: StepPredicate['step']; subject: readonly Resource[] }>()
    for (const { link } of step.previous) {
      const previous = known.get(link)
      if (previous !== undefined)
        before.set(link, { step: previous.statement.predicate.step, subject: previous.statement.subject })
    }
    findings.push(...evaluate(contract, facts, before))
  }
  return { edges: findEdges(step, known, contract, find), findings: ranked(findings) }
}

type Find = (code: Code, what: string) => void

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
  const started = Date.parse(step.startedAt)
  const finished = Date.parse(step.invocation?.finishedAt ?? step.startedAt)
  if (finished < started - tolerance) find('time-order', `step ${step.step.name} finished before it started`)
  if (Math.max(started, finished) > Date.parse(now) + tolerance) {
    find('time-future', `step ${step.step.name} finished at ${new Date(finished).toISOString()}, which is after ${now}`)
  }
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
    find('chain-mismatch', `predecessor ${name} is of chain ${short(predicate.chain.id)}, not ${short(step.chain.id)}`)
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
  if (Date.parse(step.startedAt) < Date.parse(predicate.invocation.finishedAt) - tolerance) {
    find(
      'time-order',
      `step ${step.step.name} started at ${step.startedAt}, before ${name} finished at ${predicate.invocation.finishedAt}`,
    )
  }
}

function checkMaterials(
  step: Receiving,
  known: ReadonlyMap<string, VerifiedStep>,
  contract: Contract | null,
  find: Find,
): void {
  const made = indexSubjects(step, known, find)
  // Only a step that does not fit needs to be told what it should have received.
  let namesakes: ReadonlyMap<string, string> | null = null
  for (const material of step.materials) {
    const same = made.get(material.digest.sha256)
    const from = material.annotations?.from ?? null
    if (same !== undefined) {
      checkSameResource(material, same, find)
      // A wrong `from` is a lie about the way, even where the bytes are somebody's product.
      if (from !== null && known.has(from) && !same.links.has(from)) {
        find('material-unexplained', `material ${material.name} is not a product of the step it is said to be from`)
      }
      continue
    }
    namesakes ??= indexNamesakes(step, known)
    const swapped = findSwapped(material, namesakes)
    if (swapped !== null) find('material-swapped', `material ${material.name} is not what step ${swapped} handed over`)
    // Without a contract only the first step of a chain may bring something in; with one, the contract judges.
    else if (from !== null || (contract === null && step.previous.length > 0)) {
      find('material-unexplained', `material ${material.name} was made by no predecessor`)
    }
  }
}

/** What the predecessors say together of the bytes with one SHA-256. */
interface Made {
  /** Every digest that one of them names, by algorithm. */
  readonly digests: Map<string, string>
  readonly modes: Set<string | null>
  readonly links: Set<string>
}

/** Products by SHA-256, merged, so that looking at each material costs the same however many share its bytes. */
function indexSubjects(step: Receiving, known: ReadonlyMap<string, VerifiedStep>, find: Find): Map<string, Made> {
  const bySha256 = new Map<string, Made>()
  for (const { link } of step.previous) {
    for (const { name, digest, annotations } of known.get(link)?.statement.subject ?? []) {
      let made = bySha256.get(digest.sha256)
      if (made === undefined) {
        made = { digests: new Map(), modes: new Set(), links: new Set() }
        bySha256.set(digest.sha256, made)
      }
      made.links.add(link)
      made.modes.add(annotations?.mode ?? null)
      for (const algorithm of Object.keys(digest)) {
        const other = made.digests.get(algorithm)
        if (other === undefined) made.digests.set(algorithm, digest[algorithm]!)
        else if (other !== digest[algorithm]) {
          find('digest-conflict', `product ${name} has the sha256 of another product but another ${algorithm}`)
        }
      }
    }
  }
  return bySha256
}

/** Equal SHA-256 is not enough: every algorithm both sides name must agree, and so must the mode. */
function checkSameResource(material: Resource, made: Made, find: Find): void {
  for (const algorithm of Object.keys(material.digest)) {
    const other = made.digests.get(algorithm)
    if (other !== undefined && other !== material.digest[algorithm]) {
      find('digest-conflict', `material ${material.name} has the sha256 of a product but another ${algorithm}`)
    }
  }
  const mode = material.annotations?.mode ?? null
  if (mode !== null && !made.modes.has(mode) && !made.modes.has(null)) {
    find(
      'material-swapped',
      `material ${material.name} has mode ${mode}, it was handed over with ${[...made.modes][0]}`,
    )
  }
}

/** The step that made something, by the last part of its name and by each of its digests. */
function indexNamesakes(step: Receiving, known: ReadonlyMap<string, VerifiedStep>): Map<string, string> {
  const makers = new Map<string, string>()
  for (const { link } of step.previous) {
    const before = known.get(link)
    for (const { name, digest } of before?.statement.subject ?? []) {
      const maker = before!.statement.predicate.step.name
      makers.set(`name ${basename(name)}`, maker)
      for (const algorithm of Object.keys(digest)) makers.set(`${algorithm} ${digest[algorithm]}`, maker)
    }
  }
  return makers
}

/** The predecessor that made something of the same name, or of the same weak digest, with other bytes. */
function findSwapped({ name, digest }: Resource, makers: ReadonlyMap<string, string>): string | null {
  for (const algorithm of Object.keys(digest)) {
    const maker = makers.get(`${algorithm} ${digest[algorithm]}`)
    if (maker !== undefined) return maker
  }
  return makers.get(`name ${basename(name)}`) ?? null
}

function findEdges(
  step: Receiving,
  known: ReadonlyMap<string, VerifiedStep>,
  contract: Contract | null,
  find: Find,
): Edge[] {
  const received = new Set(step.materials.map((material) => material.digest.sha256))
  const rule = contract?.steps.get(step.step.name)
  const edges: Edge[] = []
  for (const { link, step: name } of step.previous) {
    const before = known.get(link)
    if (before === undefined) continue
    const shared = new Set(
      before.statement.subject.map((subject) => subject.digest.sha256).filter((sha256) => received.has(sha256)),
    )
    if (shared.size > 0) {
      edges.push({ from: link, to: step.link, found: 'digest', strength: 'strong', artifacts: [...shared] })
      continue
    }
    edges.push({ from: link, to: step.link, found: 'order', strength: 'medium', artifacts: [] })
    // Order alone is an edge only where the contract asks for order and for nothing to be handed over.
    const orderOnly =
      rule !== undefined && rule.after.includes(name) && !rule.materials.some((wanted) => wanted.from === name)
    if (!orderOnly) find('edge-empty', `step ${step.step.name} received nothing from step ${name}`)
  }
  return edges
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
  'chain-mismatch',
  'previous-mismatch',
  'previous-missing',
  'step-order',
  'attempt-mixed',
  'predecessor-failed',
  'material-swapped',
  'digest-conflict',
  'step-skipped',
  'matrix-incomplete',
]

/** Each finding once, causes first. */
function ranked(findings: ErrorReport[]): ErrorReport[] {
  if (findings.length < 2) return findings
  const distinct = new Map(findings.map((finding) => [`${finding.code} ${finding.what}`, finding]))
  const rank = ({ code }: ErrorReport) => (CAUSES.includes(code) ? CAUSES.indexOf(code) : CAUSES.length)
  return [...distinct.values()].toSorted((a, b) => rank(a) - rank(b))
}

function basename(name: string): string {
  const path = name.endsWith('/') ? name.slice(0, -1) : name
  return path.slice(path.lastIndexOf('/') + 1)
}

function short(digest: string): string {
  return digest.slice(0, 12)
}
