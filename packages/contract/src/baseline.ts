import { type Code, CodedError, type Glob, hex, sha256 } from '@countersign/core'
import { isName, type NoteKey } from '@countersign/formats'
import { type Grade, isAtLeast } from '@countersign/formats/identity'
import { SEVERITIES } from '@countersign/formats/report'
import { readAnchored } from './anchored-rule.ts'
import type { Condition } from './condition/condition.ts'
import { readConditions, readRunner } from './demands.ts'
import { type EvidenceRule, readEvidence } from './evidence-rule.ts'
import type { Fault } from './fault.ts'
import { required } from './graph.ts'
import type { AnchoredRule, Contract, StepRule } from './model.ts'
import { globsOf, readPatterns } from './patterns.ts'
import type { Place } from './place.ts'
import { readServers } from './servers.ts'
import { readGrade } from './signers.ts'
import { readYaml } from './yaml.ts'

/** What an organisation asks of all its contracts. Made only by `parseBaseline`. */
export interface Baseline {
  readonly organisation: string
  readonly revision: number
  /** SHA-256 of its bytes, hex. */
  readonly digest: string
  /** Every step needs the receipt of one of these; empty asks for none. */
  readonly countersigners: readonly NoteKey[]
  readonly anchored: AnchoredRule | null
  /** At most, milliseconds; null: as the contract says. */
  readonly clockTolerance: number | null
  /** Asked of every step. */
  readonly every: EveryRule
  /** Asked of some step that every artifact has on its way. */
  readonly evidence: EvidenceRule | null
  /** How many different people must approve on the way to every artifact; null: nobody. */
  readonly approvals: number | null
  /** Whether what comes in from outside is named by its digest. */
  readonly pinned: boolean
}

interface EveryRule {
  /** Of all that are no approvals: people may have keys alone. */
  readonly minimumGrade: Grade | null
  /** Of all that are no approvals. */
  readonly runner: StepRule['runner']
  readonly disallow: readonly Glob[]
  readonly conditions: readonly Condition[]
}

const REQUIRED = ['baseline', 'organisation', 'revision']
const FIELDS = [
  ...REQUIRED,
  'countersigners',
  'anchored',
  'clockToleranceSeconds',
  'every',
  'evidence',
  'approvals',
  'outside',
]
const EVERY = ['minimumGrade', 'runner', 'disallow', 'conditions']

/** Baseline from its YAML bytes. Throws the first fault as a coded error that names its line. */
export function parseBaseline(bytes: Uint8Array): Baseline {
  const { baseline, faults } = read(bytes)
  const [first] = faults
  if (first !== undefined) throw new CodedError(first.code, `line ${first.line}: ${first.what}`, { fix: first.fix })
  if (baseline === null) throw new CodedError('contract-invalid', 'the baseline could not be read')
  return baseline
}

/** Every fault of a baseline (the first 100), in the order of its text. */
export function lintBaseline(bytes: Uint8Array): Fault[] {
  return read(bytes).faults
}

function read(bytes: Uint8Array): { baseline: Baseline | null; faults: Fault[] } {
  const { root, faults } = readYaml(bytes)
  const baseline = root === null ? null : readBaseline(root, bytes)
  return { baseline: faults.list.length === 0 ? baseline : null, faults: faults.sorted() }
}

function readBaseline(root: Place, bytes: Uint8Array): Baseline | null {
  if (root.isEmpty()) {
    root.fault('is empty', 'Begin with baseline: v1.', 'contract-empty')
    return null
  }
  const members = root.members(FIELDS, REQUIRED)
  if (members === null) return null
  members.get('baseline')?.text('v1, the version of baselines', (t) => t === 'v1')
  const organisation = members.get('organisation')?.text('a name, like acme', isName) ?? null
  const revision = members.get('revision')?.integer(1, 1_000_000_000) ?? null
  const tolerance = members.get('clockToleranceSeconds')?.integer(0, 86_400) ?? null
  const outside = members.get('outside')?.text('pinned', (t) => t === 'pinned') ?? null
  const rest = {
    countersigners: readServers(members.get('countersigners'), new Map()),
    anchored: readAnchored(members.get('anchored')),
    clockTolerance: tolerance === null ? null : tolerance * 1000,
    every: readEvery(members.get('every')),
    // Whose VEX excuses, only a contract can say: it has the steps.
    evidence: readEvidence(members.get('evidence'), null),
    approvals: members.get('approvals')?.integer(1, 100) ?? null,
    pinned: outside !== null,
  }
  if (members.size === REQUIRED.length) {
    root.fault('asks for nothing', `Ask for one of ${FIELDS.slice(REQUIRED.length).join(', ')}.`, 'contract-empty')
  }
  if (organisation === null || revision === null) return null
  return { organisation, revision, digest: hex(sha256(bytes)), ...rest }
}

function readEvery(place: Place | undefined): EveryRule {
  if (place?.isEmpty())
    place.fault('is empty', 'Ask for something of every step, or leave the field out.', 'contract-empty')
  const members = place?.members(EVERY, []) ?? null
  return {
    minimumGrade: readGrade(members?.get('minimumGrade')),
    runner: readRunner(members?.get('runner')),
    disallow: members?.has('disallow') === true ? globsOf(readPatterns(members.get('disallow')!)) : [],
    conditions: readConditions(members?.get('conditions')),
  }
}

/**
 * The contract with all that the baseline asks for: whatever fits it fits the contract, and the baseline too. Steps are
 * bound to the contract as ever. Throws `baseline-unmet` where a contract cannot be made to fit by asking for more, or is to
 * say itself how: then its owner has to.
 */
export function tighten(contract: Contract, baseline: Baseline): Contract {
  const unmet = unmetIn(contract, baseline)
  const [first] = unmet
  if (first !== undefined) {
    const more = unmet.length === 1 ? '' : ` (and ${unmet.length - 1} more)`
    const who = first.step === null ? `the steps of ${contract.pipeline}` : `step ${first.step} of ${contract.pipeline}`
    throw new CodedError('baseline-unmet', `${who} ${first.what}${more}`)
  }
  return {
    ...contract,
    countersigners: bothOf(contract.countersigners, baseline.countersigners),
    anchored: strictest(contract.anchored, baseline.anchored),
    clockTolerance: Math.min(contract.clockTolerance, baseline.clockTolerance ?? Number.POSITIVE_INFINITY),
    steps: new Map([...contract.steps].map(([name, rule]) => [name, tightenStep(rule, baseline.every)])),
    kept: keptBy(baseline),
  }
}

/** What its own maintainers cannot let through: that what the baseline asks for is not there, or was never asked. */
function keptBy({ anchored, every, evidence, approvals, pinned }: Baseline): readonly Code[] {
  const asked = evidence !== null || approvals !== null
  return [
    ...(every.minimumGrade === null ? [] : (['grade-too-low'] as const)),
    ...(anchored === null ? [] : (['anchor-missing', 'anchor-late', 'anchor-pending'] as const)),
    ...(evidence === null ? [] : (['evidence-missing', 'tests-failed', 'vulnerability-found'] as const)),
    ...(approvals === null ? [] : (['approval-missing'] as const)),
    ...(asked ? (['step-skipped', 'step-order', 'matrix-incomplete'] as const) : []),
    // Of a step that failed nothing else is asked.
    ...(asked || every.conditions.length > 0 ? (['step-failed', 'predecessor-failed'] as const) : []),
    ...(pinned ? (['material-unexplained'] as const) : []),
  ]
}

/** What a contract lacks under a baseline: a step, or the steps as a whole (null). */
export interface Unmet {
  readonly step: string | null
  readonly what: string
}

/** Every reason why the contract cannot be under the baseline; none where it can. */
export function unmetIn(contract: Contract, baseline: Baseline): Unmet[] {
  const { countersigners, every, evidence, approvals, pinned } = baseline
  const unmet: Unmet[] = []
  if (
    countersigners.length > 0 &&
    contract.countersigners.length > 0 &&
    bothOf(contract.countersigners, countersigners).length === 0
  ) {
    unmet.push({ step: null, what: 'need the receipt of a countersigner that is none of the baseline' })
  }
  for (const { name, runner, approvals: people, outside } of contract.steps.values()) {
    if (people === null && every.runner !== null && runner !== null && runner !== every.runner) {
      unmet.push({ step: name, what: `runs on ${runner} runners, and every step must on ${every.runner} ones` })
    }
    const loose = pinned ? outside.find((rule) => rule.sha256 === null && rule.contract === null) : undefined
    if (loose !== undefined) {
      unmet.push({ step: name, what: `lets in ${loose.match.pattern} from outside, whatever its bytes are` })
    }
  }
  // What a run may do without is on the way of no artifact for sure.
  const certain = [...required(contract.steps, contract.final)].map((name) => contract.steps.get(name)!)
  for (const asked of evidence === null ? [] : partsOf(evidence)) {
    if (certain.some((rule) => rule.evidence !== null && implies(rule.evidence, asked))) continue
    unmet.push({ step: null, what: `have none that is always needed and asks for ${textOf(asked)}` })
  }
  if (approvals !== null && !certain.some((rule) => (rule.approvals?.atLeast ?? 0) >= approvals)) {
    unmet.push({
      step: null,
      what: `have none that is always needed and asks for the approval of ${approvals === 1 ? '1 person' : `${approvals} people`}`,
    })
  }
  return unmet
}

/** The same as faults of the contract's text. */
export function lintUnder(root: Place, contract: Contract, baseline: Baseline): void {
  const steps = root.entries()?.get('steps')
  const fix = `${baseline.organisation} asks for it: a contract may ask for more, never for less.`
  for (const { step, what } of unmetIn(contract, baseline)) {
    const place = step === null ? steps : steps?.entries()?.get(step)
    place?.faultKey(what, fix, 'baseline-unmet')
  }
}

function tightenStep(rule: StepRule, { minimumGrade, runner, disallow, conditions }: EveryRule): StepRule {
  const byPeople = rule.approvals !== null
  return {
    ...rule,
    minimumGrade: byPeople ? rule.minimumGrade : higher(rule.minimumGrade, minimumGrade),
    runner: byPeople ? rule.runner : (rule.runner ?? runner),
    disallow: [...rule.disallow, ...disallow],
    conditions: [...rule.conditions, ...conditions],
  }
}

function higher(a: Grade | null, b: Grade | null): Grade | null {
  if (a === null || b === null) return a ?? b
  return isAtLeast(a, b) ? a : b
}

/** Those that both name; where one names none, those of the other. */
function bothOf(a: readonly NoteKey[], b: readonly NoteKey[]): readonly NoteKey[] {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a
  return a.filter((one) =>
    b.some(({ name, publicKey }) => name === one.name && publicKey.keyId === one.publicKey.keyId),
  )
}

function strictest(a: AnchoredRule | null, b: AnchoredRule | null): AnchoredRule | null {
  if (a === null || b === null) return a ?? b
  return { within: Math.min(a.within, b.within), by: [...new Set([...a.by, ...b.by])] }
}

/** Each thing that is asked for by itself: one step may have the tests, and another the scan. */
function partsOf({ tests, sbom, vulnerabilities, reports }: EvidenceRule): EvidenceRule[] {
  const none: EvidenceRule = { tests: null, sbom: null, vulnerabilities: null, reports: [] }
  return [
    ...(tests === null ? [] : [{ ...none, tests }]),
    ...(sbom === null ? [] : [{ ...none, sbom }]),
    ...(vulnerabilities === null ? [] : [{ ...none, vulnerabilities }]),
    ...reports.map((type) => ({ ...none, reports: [type] })),
  ]
}

/** Whether whatever meets the rule meets what is asked. */
function implies(rule: EvidenceRule, asked: EvidenceRule): boolean {
  const { tests, sbom, vulnerabilities, reports } = asked
  if (tests !== null) {
    if (rule.tests === null || rule.tests.atLeast < tests.atLeast) return false
    if (tests.skipped !== null && (rule.tests.skipped === null || rule.tests.skipped > tests.skipped)) return false
  }
  if (sbom !== null && (rule.sbom === null || (sbom.products && !rule.sbom.products))) return false
  if (vulnerabilities !== null) {
    const own = rule.vulnerabilities
    if (own === null || SEVERITIES.indexOf(own.below) < SEVERITIES.indexOf(vulnerabilities.below)) return false
    if (vulnerabilities.products && !own.products) return false
    if (vulnerabilities.unexcused && own.vex.length > 0) return false
    if (!vulnerabilities.tools.every((tool) => own.tools.includes(tool))) return false
  }
  return reports.every((type) => rule.reports.includes(type))
}

function textOf({ tests, sbom, vulnerabilities, reports }: EvidenceRule): string {
  if (tests !== null)
    return `${tests.atLeast} tests that passed${tests.skipped === null ? '' : `, ${tests.skipped} skipped`}`
  if (sbom !== null) return sbom.products ? 'an SBOM that names its products' : 'an SBOM'
  if (vulnerabilities !== null) {
    const by = vulnerabilities.tools.length === 0 ? '' : ` by ${vulnerabilities.tools.join(' and ')}`
    const of = vulnerabilities.products ? ' of its products' : ''
    const excused = vulnerabilities.unexcused ? ', excused by no VEX' : ''
    return `a scan${of}${by} without vulnerabilities of severity ${vulnerabilities.below} or worse${excused}`
  }
  return `a report of type ${reports.join(', ')}`
}
