import { celEnv, parse, plan } from '@bufbuild/cel'
import { type Contract, signingKeys, type StepRule } from '@countersign/contract'
import { isSealed, type ReportRef } from '@countersign/formats'
import type { Said } from './judge.ts'

/**
 * The slow twin of what a contract asks beyond order and hand-overs: the rules of CONTRACT.md one by one. Conditions are
 * judged by the CEL of a library.
 */
export function* demandCodes(
  step: Said,
  before: readonly Said[],
  rule: StepRule,
  contract: Contract,
): Generator<string> {
  const { step: own, materials, previous } = step.predicate
  const names = [...materials, ...step.subject].map(({ name }) => name.replace(/\/$/, ''))
  if (names.some((name) => rule.disallow.some((glob) => glob.matches(name)))) yield 'name-disallowed'
  // Nobody here has a certificate that would say.
  if (rule.runner !== null) yield 'runner-not-allowed'
  if (rule.approvals !== null) {
    const makers = before.flatMap(({ keyIds }) => keyIds)
    if (step.keyIds.some((key) => makers.includes(key))) yield 'approval-own'
  }
  for (const other of before) {
    const { approvals, fresh } = contract.steps.get(other.predicate.step.name) ?? {}
    const age = Date.parse(step.predicate.invocation.startedAt) - Date.parse(other.predicate.invocation.finishedAt)
    if (fresh != null && age > fresh + contract.clockTolerance) yield 'step-stale'
    if (approvals == null) continue
    const followed = previous.filter(({ step: name }) => other.predicate.previous.some((one) => one.step === name))
    if (
      followed.length > 0 &&
      !other.predicate.previous.some(({ link }) => followed.some((one) => one.link === link))
    ) {
      yield 'approval-missing'
    }
  }
  for (const name of rule.after) {
    const given = before.filter(
      (other) =>
        other.predicate.step.name === name &&
        other.predicate.previous.every(
          (one) => !previous.some((mine) => mine.step === one.step) || previous.some((mine) => mine.link === one.link),
        ),
    )
    const wanted = contract.steps.get(name)!
    const named = previous.some((one) => one.step === name)
    if (wanted.approvals !== null && named && peopleOf(given, wanted) < wanted.approvals.atLeast)
      yield 'approval-missing'
  }
  const { exitCode } = step.predicate.invocation
  if (exitCode !== 0) return
  yield* evidenceCodes(step, before, rule)
  for (const { text } of rule.conditions) {
    const value = holds(text, {
      step: new Map<string, unknown>([
        ['name', own.name],
        ['attempt', BigInt(own.attempt)],
        ['matrix', own.matrix],
      ]),
      products: step.subject.map(
        ({ name, digest }) =>
          new Map([
            ['name', name],
            ['sha256', digest.sha256],
          ]),
      ),
      previous: previous.map(({ step: name }) => name),
    })
    if (value !== true) yield 'condition-unmet'
  }
}

/** People among the approvals: one counts once, by the name of the job and by the key. */
export function peopleOf(approvals: readonly Said[], rule: StepRule): number {
  const good = approvals.filter(({ predicate }) => rule.approvals?.people.has(predicate.step.matrix ?? '') === true)
  const different = (of: (step: Said) => string | null | undefined) =>
    good.filter((one, i) => good.findIndex((other) => of(other) === of(one)) === i).length
  return Math.min(
    different(({ predicate }) => predicate.step.matrix),
    different(({ keyIds }) => keyIds[0]),
  )
}

/** Whose keys may sign this job: of an approval those of one person. */
export function signersOf(step: Said, rule: StepRule, contract: Contract): readonly string[] {
  const names =
    rule.approvals === null ? rule.signers : (rule.approvals.people.get(step.predicate.step.matrix ?? '') ?? [])
  return names.map((name) => signingKeys(contract).get(name)!.keyId)
}

/** Whether whoever follows may do without: here all sign with keys, of grade D and without an identity. */
export function isNeeded({ optional }: StepRule): boolean {
  if (optional === null || optional === 'always') return optional === null
  return (
    holds(optional.text, {
      signer: new Map<string, unknown>([
        ['grade', 'D'],
        ['identity', null],
      ]),
    }) !== false
  )
}

function holds(text: string, names: Record<string, unknown>): unknown {
  return plan(celEnv(), parse(text))(names as never)
}

const TYPES = {
  tests: ['junit', 'test-result'],
  scans: ['sarif', 'vulns', 'cyclonedx'],
  vex: ['openvex', 'cyclonedx-vex'],
}
const LEVELS = ['low', 'medium', 'high', 'critical']

function* evidenceCodes(step: Said, before: readonly Said[], { evidence: rule, name }: StepRule): Generator<string> {
  if (rule === null) return
  const reports = reportsOf(step)
  const of = (types: readonly string[]) => reports.filter(({ annotations }) => types.includes(annotations?.type ?? ''))
  const number = (report: ReportRef, fact: string) => {
    const told = report.annotations?.facts[fact]
    return typeof told === 'number' ? told : null
  }
  if (rule.tests !== null) {
    const tests = of(TYPES.tests)
    if (tests.length === 0) yield 'evidence-missing'
    const counts = tests.map((one) => {
      if (one.annotations!.type === 'test-result') {
        const good = one.annotations!.facts['result'] === 'PASSED'
        return good ? { passed: number(one, 'passed'), skipped: 0 } : null
      }
      const [all, failures, errors, skipped] = ['tests', 'failures', 'errors', 'skipped'].map((fact) =>
        number(one, fact),
      )
      if (failures !== 0 || errors !== 0 || all == null || skipped == null) return null
      return { passed: all - skipped, skipped }
    })
    const passed = counts.reduce((sum, one) => sum + (one?.passed ?? 0), 0)
    const skipped = counts.reduce((sum, one) => sum + (one?.skipped ?? 0), 0)
    const short = passed < rule.tests.atLeast || (rule.tests.skipped !== null && skipped > rule.tests.skipped)
    if (tests.length > 0 && (counts.includes(null) || short)) yield 'tests-failed'
  }
  if (rule.sbom !== null) {
    const boms = [
      ...of(['spdx']).filter((one) => (number(one, 'packages') ?? 0) > 0),
      ...of(['cyclonedx']).filter((one) => (number(one, 'components') ?? 0) > 0),
    ]
    const named = boms.flatMap(({ annotations }) => annotations!.about)
    if (
      boms.length === 0 ||
      (rule.sbom.products && step.subject.some(({ digest }) => !named.includes(digest.sha256)))
    ) {
      yield 'evidence-missing'
    }
  }
  if (rule.vulnerabilities !== null) {
    const { below, tools, vex } = rule.vulnerabilities
    const bad = [...LEVELS.slice(LEVELS.indexOf(below)), 'unrated']
    const scans = of(TYPES.scans).filter((one) => bad.every((level) => number(one, level) !== null))
    const whole = scans.filter(
      ({ annotations }) => annotations!.type !== 'sarif' || annotations!.facts['complete'] === true,
    )
    const looked = (tool: string) => whole.some(({ annotations }) => annotations!.facts['tool'] === tool)
    if (whole.length === 0 || !tools.every(looked)) yield 'evidence-missing'
    const here = [...step.subject, ...step.predicate.materials].map(({ digest }) => digest.sha256)
    const excused = [step, ...before]
      .filter(
        ({ predicate }) =>
          vex.includes(predicate.step.name) && (predicate.step.name !== name || predicate === step.predicate),
      )
      .flatMap(reportsOf)
      .filter(({ annotations }) => TYPES.vex.includes(annotations?.type ?? ''))
      .filter(
        ({ annotations }) => annotations!.about.length === 0 || annotations!.about.some((one) => here.includes(one)),
      )
      .flatMap(({ annotations }) => String(annotations!.facts['excused'] ?? '').split(' '))
    const left = scans.some((scan) =>
      bad.some((level) => {
        const ids = String(scan.annotations!.facts[`${level}Ids`] ?? '').split(' ')
        return number(scan, level)! > new Set(ids.filter((id) => id !== '' && excused.includes(id))).size
      }),
    )
    if (left) yield 'vulnerability-found'
  }
  if (rule.reports.some((type) => of([type]).length === 0)) yield 'evidence-missing'
}

function reportsOf({ predicate: { evidence } }: Said): readonly ReportRef[] {
  return isSealed(evidence) ? [] : evidence
}
