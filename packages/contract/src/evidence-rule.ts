import { isReportType } from '@countersign/formats'
import { SEVERITIES, type Severity } from '@countersign/formats/report'
import { shown } from './fault.ts'
import type { Place } from './place.ts'

/** What the reports of a step must say, as whoever signed the step read them. */
export interface EvidenceRule {
  readonly tests: TestsRule | null
  readonly sbom: SbomRule | null
  readonly vulnerabilities: VulnerabilitiesRule | null
  /** Types of reports of which one each must be there. */
  readonly reports: readonly string[]
}

export interface TestsRule {
  /** How many passed at least; never 0. */
  readonly atLeast: number
  /** How many were skipped at most; null: however many. */
  readonly skipped: number | null
}

export interface SbomRule {
  /** Whether each product must be named by digest. */
  readonly products: boolean
}

export interface VulnerabilitiesRule {
  /** The least severity that is not borne. */
  readonly below: Severity
  /** Names of the tools, each of which must have looked; none: whichever. */
  readonly tools: readonly string[]
  /** Steps whose VEX excuses: its own name, and such that it comes after. */
  readonly vex: readonly string[]
  /** Whether no VEX may excuse, of whomever: a baseline may ask that of the contract. */
  readonly unexcused: boolean
  /** Whether each product must be named by digest. */
  readonly products: boolean
}

const FIELDS = ['tests', 'sbom', 'vulnerabilities', 'reports']
const MAX_NAMES = 16
const MAX_COUNT = 1_000_000_000

/**
 * Null where none is asked for, or it cannot be read. `steps` are its own name and those that it comes after; null in a
 * baseline, which knows none, and can say no more of VEX than that none counts.
 */
export function readEvidence(place: Place | undefined, steps: readonly string[] | null): EvidenceRule | null {
  if (place === undefined) return null
  if (place.isEmpty()) {
    place.fault(
      'is empty',
      'Ask for tests, sbom, vulnerabilities or reports; or leave the field out.',
      'contract-empty',
    )
    return null
  }
  const members = place.members(FIELDS, [])
  if (members === null) return null
  return {
    tests: readTests(members.get('tests')),
    sbom: readSbom(members.get('sbom')),
    vulnerabilities: readVulnerabilities(members.get('vulnerabilities'), steps),
    reports: readReports(members.get('reports')),
  }
}

function readTests(place: Place | undefined): TestsRule | null {
  if (place === undefined) return null
  if (!place.isMapping()) {
    place.text('passed, or how many must pass', (t) => t === 'passed')
    return { atLeast: 1, skipped: null }
  }
  if (place.isEmpty()) {
    place.fault('is empty', 'Write passed, or how many must pass.', 'contract-empty')
    return null
  }
  const members = place.members(['atLeast', 'skipped'], [])
  if (members === null) return null
  const atLeast = members.get('atLeast')?.integer(1, MAX_COUNT) ?? 1
  const skipped = members.get('skipped')?.integer(0, MAX_COUNT) ?? null
  return { atLeast, skipped }
}

function readSbom(place: Place | undefined): SbomRule | null {
  const text = place?.text('present or products', (t) => t === 'present' || t === 'products') ?? null
  return text === null ? null : { products: text === 'products' }
}

function readVulnerabilities(place: Place | undefined, steps: readonly string[] | null): VulnerabilitiesRule | null {
  if (place === undefined) return null
  const members = place.members(['below', 'tools', 'vex', 'of'], ['below'])
  const isSeverity = (text: string): text is Severity => (SEVERITIES as readonly string[]).includes(text)
  const below = members?.get('below')?.text(SEVERITIES.join(' or '), isSeverity) ?? null
  const tools = readNames(members?.get('tools'), 'the name of a tool, as its report gives it', isTool)
  const vex = steps === null ? [] : readVex(members?.get('vex'), steps)
  const none = steps === null ? (members?.get('vex')?.text('none', (t) => t === 'none') ?? null) : null
  const of = members?.get('of')?.text('products', (t) => t === 'products') ?? null
  if (below === null || !isSeverity(below)) return null
  const names = (list: readonly (readonly [Place, string])[]) => list.map(([, name]) => name)
  return { below, tools: names(tools), vex: names(vex), unexcused: none !== null, products: of !== null }
}

function readVex(place: Place | undefined, steps: readonly string[]): readonly (readonly [Place, string])[] {
  const vex = readNames(place, 'the name of a step', () => true)
  for (const [item, name] of vex) {
    if (steps.includes(name)) continue
    item.fault(`is ${shown(name)}, which is neither this step nor one that it comes after`, () => useStep(steps))
  }
  return vex
}

function useStep(steps: readonly string[]): string {
  return `Use one of: ${steps.slice(0, 10).map(shown).join(', ')}.`
}

function isTool(text: string): boolean {
  return /^[\x20-\x7e]{1,512}$/.test(text) && text.trim() !== ''
}

function readReports(place: Place | undefined): readonly string[] {
  return readNames(place, 'a type of reports, like slsa-provenance', isReportType).map(([, name]) => name)
}

/** Names from a list, none twice, each with its place. */
function readNames(
  place: Place | undefined,
  what: string,
  good: (text: string) => boolean,
): readonly (readonly [Place, string])[] {
  if (place === undefined) return []
  if (place.isEmpty()) {
    place.fault('is empty', 'Name one, or leave the field out.', 'contract-empty')
    return []
  }
  const names = new Map<string, Place>()
  for (const item of place.items(MAX_NAMES) ?? []) {
    const name = item.text(what, good)
    if (name === null) continue
    if (names.has(name)) item.fault(`is ${shown(name)} for the second time`, 'Remove it.')
    else names.set(name, item)
  }
  return [...names].map(([name, item]) => [item, name] as const)
}
