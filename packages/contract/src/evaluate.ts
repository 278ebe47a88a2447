import { type Code, CodedError, type ErrorReport, type Glob } from '@countersign/core'
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
    // What an unknown predecessor was, nobody can say; that it is missing is found by who looked for it.
    if (present.some((p) => !previous.has(p.link))) continue
    const jobs = new Set(present.map((p) => previous.get(p.link)!.step.matrix))
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
  const { makers, expected, met } = matchHandOvers(rule, facts, previous)
  for (const { name, digest } of facts.materials) {
    const outside = rule.outside.some(
      ({ match, sha256 }) => (sha256 === null || sha256 === digest.sha256) && match.matches(plain(name)),
    )
    if (outside || expected.has(digest.sha256)) continue
    const maker = makers.get(digest.sha256)
    const why = maker === undefined ? 'was made by no step that' : `of step ${maker} is not among what`
    findings.push(finding('material-unexplained', `material ${name} ${why} step ${rule.name} receives`))
  }
  for (const wanted of rule.materials) {
    const links = facts.previous.filter((p) => p.step === wanted.from && previous.has(p.link)).map((p) => p.link)
    for (const link of links) {
      if (!met.has(link)) {
        findings.push(finding('edge-empty', `step ${rule.name} received nothing from step ${wanted.from}`))
      }
    }
    for (const glob of wanted.match) {
      if (links.length > 0 && !met.has(glob)) {
        findings.push(finding('edge-empty', `step ${rule.name} received no ${glob.pattern} from step ${wanted.from}`))
      }
    }
  }
  return findings
}

/**
 * What was handed over: for each digest received, a step that made or vouched for it; the digests that the
 * rule expects; the links and patterns that handed something over. Each product of a predecessor is looked
 * at once, by the name its maker gave it, however many materials share its bytes.
 */
function matchHandOvers(
  rule: StepRule,
  facts: StepFacts,
  previous: ReadonlyMap<string, PreviousFacts>,
): { makers: ReadonlyMap<string, string>; expected: ReadonlySet<string>; met: ReadonlySet<string | Glob> } {
  const received = new Set(facts.materials.map((material) => material.digest.sha256))
  const makers = new Map<string, string>()
  const expected = new Set<string>()
  const met = new Set<string | Glob>()
  for (const { link } of facts.previous) {
    const before = previous.get(link)
    const wanted = rule.materials.find(({ from }) => from === before?.step.name)
    for (const { name, digest } of before?.subject ?? []) {
      const { sha256 } = digest
      if (!received.has(sha256)) continue
      met.add(link)
      if (!makers.has(sha256)) makers.set(sha256, before!.step.name)
      for (const glob of wanted?.match ?? []) {
        if ((expected.has(sha256) && met.has(glob)) || !glob.matches(plain(name))) continue
        expected.add(sha256)
        met.add(glob)
      }
    }
  }
  return { makers, expected, met }
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
