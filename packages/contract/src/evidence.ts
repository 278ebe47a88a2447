import type { Code } from '@countersign/core'
import type { Fact, ReportNotes, ReportRef, Resource } from '@countersign/formats'
import { excusedBy, unexcused } from '@countersign/formats/report'
import type { EvidenceRule, TestsRule, VulnerabilitiesRule } from './evidence-rule.ts'

/** The reports of a step, and what they may be about. */
export interface ReportFacts {
  readonly name: string
  readonly materials: readonly Resource[]
  readonly subject: readonly Resource[]
  /** Null where the step sealed them, and they are not told. */
  readonly reports: readonly ReportRef[] | null
}

/** A report that was read. */
interface Read {
  readonly name: string
  readonly notes: ReportNotes
}

type Find = (code: Code, what: string) => void

/**
 * Holds the reports of a step against what the contract asks of them. `before` gives the reports of a predecessor by the
 * name of its step; each of them by its own word.
 */
export function checkEvidence(
  rule: EvidenceRule,
  step: ReportFacts,
  before: (name: string) => readonly (readonly ReportRef[])[],
  find: Find,
): void {
  const { reports } = step
  if (reports === null) {
    find('evidence-missing', `the reports of step ${step.name} are sealed, and the contract asks what they say`)
    return
  }
  const read = readOnly(reports)
  if (rule.tests !== null) checkTests(rule.tests, step, read, find)
  if (rule.sbom !== null) {
    const boms = read.filter(({ notes }) => isBom(notes))
    if (boms.length === 0) find('evidence-missing', `step ${step.name} recorded no SBOM that names anything`)
    else if (rule.sbom.products) checkAbout(step, 'SBOM', boms, find)
  }
  if (rule.vulnerabilities !== null) checkVulnerabilities(rule.vulnerabilities, step, read, before, find)
  for (const type of rule.reports) {
    if (read.some(({ notes }) => notes.type === type)) continue
    find('evidence-missing', `step ${step.name} recorded no report of type ${type}`)
  }
}

/** What was recorded by its digest alone says nothing. */
function readOnly(reports: readonly ReportRef[]): Read[] {
  return reports.flatMap(({ name, annotations }) => (annotations === undefined ? [] : [{ name, notes: annotations }]))
}

function isBom({ type, facts }: ReportNotes): boolean {
  return (
    (type === 'spdx' && numberOf(facts['packages']) > 0) || (type === 'cyclonedx' && numberOf(facts['components']) > 0)
  )
}

/** All of them count: one that failed is not made good by another. What is not told is not zero. */
function checkTests(rule: TestsRule, { name }: ReportFacts, read: readonly Read[], find: Find): void {
  const tests = read.filter(({ notes: { type } }) => type === 'junit' || type === 'test-result')
  if (tests.length === 0) {
    find('evidence-missing', `step ${name} recorded no results of tests`)
    return
  }
  let passed = 0
  let skipped = 0
  for (const { name: report, notes } of tests) {
    const { facts } = notes
    const failed =
      notes.type === 'junit'
        ? numberOf(facts['failures']) + numberOf(facts['errors'])
        : facts['result'] === 'PASSED'
          ? 0
          : 1
    // Where a count is missing the sum is no number, and nothing holds of that.
    if (!(failed === 0)) {
      const told =
        notes.type === 'junit'
          ? `${textOf(facts['failures'])} failures, ${textOf(facts['errors'])} errors`
          : textOf(facts['result'])
      find('tests-failed', `step ${name}: ${report} says ${told}`)
    }
    const missed = notes.type === 'junit' ? numberOf(facts['skipped']) : 0
    passed += notes.type === 'junit' ? numberOf(facts['tests']) - missed - failed : numberOf(facts['passed'])
    skipped += missed
  }
  if (!(passed >= rule.atLeast)) {
    find('tests-failed', `step ${name} has ${passed} tests that passed, and the contract asks for ${rule.atLeast}`)
  }
  if (rule.skipped !== null && !(skipped <= rule.skipped)) {
    find('tests-failed', `step ${name} skipped ${skipped} tests, and the contract bears ${rule.skipped}`)
  }
}

function checkVulnerabilities(
  rule: VulnerabilitiesRule,
  step: ReportFacts,
  read: readonly Read[],
  before: (name: string) => readonly (readonly ReportRef[])[],
  find: Find,
): void {
  const { name } = step
  const scans = read.filter(({ notes }) => unexcused(notes.facts, rule.below, NOBODY) !== null)
  // One that did not look everywhere found nothing where it did not look.
  const whole = scans.filter(({ notes: { type, facts } }) => type !== 'sarif' || facts['complete'] === true)
  if (whole.length === 0) {
    const which =
      scans.length === 0 ? 'recorded no scan for vulnerabilities' : 'recorded a scan that did not come to its end'
    find('evidence-missing', `step ${name} ${which}`)
  }
  for (const tool of rule.tools) {
    if (whole.some(({ notes: { facts } }) => facts['tool'] === tool)) continue
    find('evidence-missing', `step ${name} recorded no scan of ${tool}`)
  }
  if (rule.products && whole.length > 0) checkAbout(step, 'scan', whole, find)
  const excused = excusedIn(rule, step, before)
  for (const { name: report, notes } of scans) {
    const left = unexcused(notes.facts, rule.below, excused)
    if (left === 0) continue
    const rest = rule.vex.length > 0 ? ' that no VEX excuses' : ''
    find(
      'vulnerability-found',
      `step ${name}: ${report} found ${left} of severity ${rule.below} or worse, or unrated${rest}`,
    )
  }
}

const NOBODY: ReadonlySet<string> = new Set()

/** Ids that are excused for what this step received or made, by VEX of the steps that the contract takes it from. */
function excusedIn(
  { vex }: VulnerabilitiesRule,
  { name, reports, materials, subject }: ReportFacts,
  before: (name: string) => readonly (readonly ReportRef[])[],
): ReadonlySet<string> {
  if (vex.length === 0) return NOBODY
  const own = new Set([...materials, ...subject].map(({ digest }) => digest.sha256))
  const excused = new Set<string>()
  for (const from of vex) {
    for (const list of from === name ? [reports!] : before(from)) {
      for (const { notes } of readOnly(list)) {
        if (notes.type !== 'openvex' && notes.type !== 'cyclonedx-vex') continue
        // What is said of another artifact excuses nothing here (T-43).
        if (notes.about.length > 0 && !notes.about.some((sha256) => own.has(sha256))) continue
        for (const id of excusedBy(notes.facts)) excused.add(id)
      }
    }
  }
  return excused
}

/** Each product is named by its digest in one of the reports. */
function checkAbout({ name, subject }: ReportFacts, what: string, reports: readonly Read[], find: Find): void {
  const named = new Set(reports.flatMap(({ notes }) => notes.about))
  for (const made of subject) {
    if (!named.has(made.digest.sha256))
      find('evidence-missing', `no ${what} of step ${name} names ${made.name} by digest`)
  }
}

function numberOf(fact: Fact | undefined): number {
  return typeof fact === 'number' ? fact : Number.NaN
}

function textOf(fact: Fact | undefined): string {
  return fact === undefined ? 'not how many' : String(fact)
}
