import { type Code, CodedError, type ErrorReport } from '@countersign/core'
import type { PreviousRef, Resource, StepRef } from '@countersign/formats'
import type { Contract, StepRule } from './model.ts'

/** What the contract judges of a step. */
export interface StepFacts {
  /** Key id of its signer; null while it is not signed yet (who may sign is then not judged). */
  readonly keyId: string | null
  readonly step: StepRef
  readonly previous: readonly PreviousRef[]
  readonly materials: readonly Resource[]
  /** Null while nothing is made yet (products are then not judged). */
  readonly subject: readonly Resource[] | null
  /** False for a recorded failure, which may lack products. */
  readonly succeeded: boolean
}

/** What the contract needs to know of a predecessor. */
export interface PreviousFacts {
  readonly step: StepRef
  readonly subject: readonly Resource[]
}

/**
 * Judges one step under its contract: name, signer, matrix key, order, materials, products. Pure; all
 * findings, none when it fits. `previous` holds the predecessors of `facts.previous` that are known.
 */
export function evaluate(
  contract: Contract,
  facts: StepFacts,
  previous: ReadonlyMap<string, PreviousFacts>,
): ErrorReport[] {
  const rule = contract.steps.get(facts.step.name)
  if (rule === undefined) return [finding('step-unknown', `the contract has no step ${facts.step.name}`)]
  return [
    ...signerFindings(contract, rule, facts),
    ...matrixFindings(rule, facts),
    ...orderFindings(contract, rule, facts, previous),
    ...materialFindings(rule, facts, previous),
    ...productFindings(rule, facts),
  ]
}

function finding(code: Code, what: string): ErrorReport {
  return new CodedError(code, what).report()
}

function signerFindings(contract: Contract, rule: StepRule, facts: StepFacts): ErrorReport[] {
  if (facts.keyId === null) return []
  const allowed = rule.signers.some((name) => contract.signers.get(name)?.keyId === facts.keyId)
  if (allowed) return []
  return [
    finding(
      'signer-not-allowed',
      `step ${rule.name} may be signed by ${rule.signers.join(', ')}, not by key ${facts.keyId.slice(0, 16)}…`,
    ),
  ]
}

function matrixFindings(rule: StepRule, facts: StepFacts): ErrorReport[] {
  const { matrix } = facts.step
  if (rule.matrix === null) {
    return matrix === null ? [] : [finding('step-unknown', `step ${rule.name} has no matrix, so no job ${matrix}`)]
  }
  if (matrix === null) return [finding('step-unknown', `step ${rule.name} is a matrix; which job this is, is missing`)]
  return rule.matrix.includes(matrix)
    ? []
    : [finding('step-unknown', `the matrix of step ${rule.name} has no job ${matrix}`)]
}

/** The matrix keys of `before` that a job of `rule` with key `matrix` must follow; [null] outside a matrix. */
export function requiredJobs(before: StepRule, rule: StepRule, matrix: string | null): readonly (string | null)[] {
  if (before.matrix === null) return [null]
  // Two matrices that share the key go pairwise; otherwise the step fans in over the whole matrix.
  if (rule.matrix !== null && matrix !== null && before.matrix.includes(matrix)) return [matrix]
  return before.matrix
}

function orderFindings(
  contract: Contract,
  rule: StepRule,
  facts: StepFacts,
  previous: ReadonlyMap<string, PreviousFacts>,
): ErrorReport[] {
  const findings: ErrorReport[] = []
  for (const { step } of facts.previous) {
    if (!rule.after.includes(step)) {
      findings.push(
        finding('step-order', `step ${rule.name} follows ${rule.after.join(', ') || 'nothing'}, not ${step}`),
      )
    }
  }
  for (const name of rule.after) {
    const before = contract.steps.get(name)!
    const present = facts.previous.filter((p) => p.step === name)
    if (present.length === 0) {
      findings.push(finding('step-skipped', `step ${rule.name} does not follow step ${name}`))
      continue
    }
    const jobs = new Set(present.map((p) => previous.get(p.link)?.step.matrix))
    const absent = requiredJobs(before, rule, facts.step.matrix).filter((job) => !jobs.has(job))
    if (absent.length > 0) {
      findings.push(
        finding('matrix-incomplete', `step ${rule.name} lacks the jobs ${absent.join(', ')} of step ${name}`),
      )
    }
  }
  return findings
}

function materialFindings(
  rule: StepRule,
  facts: StepFacts,
  previous: ReadonlyMap<string, PreviousFacts>,
): ErrorReport[] {
  const findings: ErrorReport[] = []
  const handed = handOvers(facts, previous)
  for (const [i, material] of facts.materials.entries()) {
    const from = handed[i]!
    const expected = rule.materials.some((wanted) =>
      from.some((h) => h.step === wanted.from && wanted.match.some((glob) => glob.matches(plain(h.name)))),
    )
    const outside = rule.outside.some(
      (allowed) =>
        allowed.match.matches(plain(material.name)) &&
        (allowed.sha256 === null || allowed.sha256 === material.digest.sha256),
    )
    if (!expected && !outside) {
      const why = from.length > 0 ? `of step ${from[0]!.step} is not among what` : 'was made by no step that'
      findings.push(finding('material-unexplained', `material ${material.name} ${why} step ${rule.name} receives`))
    }
  }
  for (const wanted of rule.materials) {
    const links = facts.previous.filter((p) => p.step === wanted.from && previous.has(p.link)).map((p) => p.link)
    for (const link of links) {
      if (!handed.some((from) => from.some((h) => h.link === link))) {
        findings.push(finding('edge-empty', `step ${rule.name} received nothing from step ${wanted.from}`))
      }
    }
    for (const glob of wanted.match) {
      const met = handed.some((from) => from.some((h) => h.step === wanted.from && glob.matches(plain(h.name))))
      if (!met && links.length > 0) {
        findings.push(finding('edge-empty', `step ${rule.name} received no ${glob.pattern} from step ${wanted.from}`))
      }
    }
  }
  return findings
}

interface HandOver {
  readonly link: string
  readonly step: string
  /** The name its maker gave it. */
  readonly name: string
}

/** For each material, the predecessors that made or vouched for its bytes. */
function handOvers(facts: StepFacts, previous: ReadonlyMap<string, PreviousFacts>): HandOver[][] {
  const bySha256 = new Map<string, HandOver[]>()
  for (const { link } of facts.previous) {
    const before = previous.get(link)
    if (before === undefined) continue
    for (const subject of before.subject) {
      const hand = { link, step: before.step.name, name: subject.name }
      const hands = bySha256.get(subject.digest.sha256)
      if (hands === undefined) bySha256.set(subject.digest.sha256, [hand])
      else hands.push(hand)
    }
  }
  return facts.materials.map((material) => bySha256.get(material.digest.sha256) ?? [])
}

function productFindings(rule: StepRule, facts: StepFacts): ErrorReport[] {
  if (facts.subject === null) return []
  const received = new Set(facts.materials.map((material) => material.digest.sha256))
  const made = facts.subject.filter((subject) => !received.has(subject.digest.sha256))
  const { name } = rule
  const products = rule.products ?? []
  // Where a run begins, the commit itself is vouched for beside what is made of it.
  const isSource = (subject: Resource) => rule.after.length === 0 && subject.digest['gitCommit'] !== undefined
  const named = (subject: Resource) => products.some((glob) => glob.matches(plain(subject.name)))
  const unexpected = made.filter((subject) => !named(subject) && !isSource(subject))
  const missing = facts.succeeded
    ? products.filter((glob) => !facts.subject!.some((subject) => glob.matches(plain(subject.name))))
    : []
  return [
    ...unexpected.map((subject) =>
      finding('product-unexpected', `step ${name} made ${subject.name}, which the contract does not name`),
    ),
    ...missing.map((glob) => finding('product-missing', `step ${name} did not make ${glob.pattern}`)),
  ]
}

/** A tree `dist/` is matched as `dist`. */
function plain(name: string): string {
  return name.endsWith('/') ? name.slice(0, -1) : name
}
