import type { Facts, ReportRef, Resource } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { checkEvidence, type ReportFacts } from './evidence.ts'
import type { EvidenceRule, TestsRule, VulnerabilitiesRule } from './evidence-rule.ts'

// What is said of each report; that a verdict asks for it, test/attacks/t-43-evidence.test.ts shows.

const digit = (of: string): string => of.repeat(64)
const made = (name: string, of: string): Resource => ({ name, digest: { sha256: digit(of) } })
const app = made('app', 'a')
const NOTHING: EvidenceRule = { tests: null, sbom: null, vulnerabilities: null, reports: [] }

let count = 0
const report = (type: string, facts: Facts, about: readonly string[] = []): ReportRef => ({
  name: `${type}.report`,
  digest: { sha256: (++count).toString(16).padStart(64, '0') },
  annotations: { about, facts, signer: null, size: 1, type },
})

interface Given extends Partial<ReportFacts> {
  /** By the name of the step. */
  readonly before?: Readonly<Record<string, readonly (readonly ReportRef[])[]>>
}
/** What is found, as its code and the words behind it. */
function found(rule: Partial<EvidenceRule>, reports: readonly ReportRef[] | null, given: Given = {}): string[] {
  const { before = {}, ...more } = given
  const list: string[] = []
  checkEvidence(
    { ...NOTHING, ...rule },
    { name: 'build', materials: [], subject: [app], reports, ...more },
    (name) => before[name] ?? [],
    (code, what) => list.push(`${code}: ${what}`),
  )
  return list
}
const codes = (...given: Parameters<typeof found>) => found(...given).map((one) => one.split(':')[0])

test('reports that are sealed say nothing, whatever is asked of them', () => {
  expect(codes({ sbom: { products: false }, reports: ['vsa'] }, null)).toEqual(['evidence-missing'])
})

test('a report that was recorded by its digest alone says nothing', () => {
  const { annotations: _, ...unread } = report('vsa', {})
  expect(codes({ reports: ['vsa'] }, [unread])).toEqual(['evidence-missing'])
  expect(codes({ reports: ['vsa'] }, [unread, report('vsa', {})])).toEqual([])
})

test('of each type that is asked for one must be there', () => {
  const both = { reports: ['vsa', 'slsa-provenance'] }
  expect(codes(both, [report('vsa', {}), report('slsa-provenance', {})])).toEqual([])
  expect(found(both, [report('vsa', {})])).toEqual([
    'evidence-missing: step build recorded no report of type slsa-provenance',
  ])
  expect(codes(both, [report('vsa-1', {})])).toEqual(['evidence-missing', 'evidence-missing'])
})

describe('tests', () => {
  const junit = (tests: number, more: Facts = {}) =>
    report('junit', { tests, failures: 0, errors: 0, skipped: 0, ...more })
  const result = (passed: number, more: Facts = {}) => report('test-result', { result: 'PASSED', passed, ...more })
  const asked = (atLeast: number, skipped: number | null = null): { tests: TestsRule } => ({
    tests: { atLeast, skipped },
  })
  const [missing, failed] = ['evidence-missing', 'tests-failed']

  test.each<[string, { tests: TestsRule }, readonly ReportRef[], readonly string[]]>([
    ['none', asked(1), [], [missing]],
    ['of another type', asked(1), [report('vulns', { tests: 3, result: 'PASSED', passed: 3 })], [missing]],
    ['as many as are asked for', asked(3), [junit(3)], []],
    ['one too few', asked(4), [junit(3)], [failed]],
    ['as many in all', asked(5), [junit(3), result(2)], []],
    ['one too few in all', asked(6), [junit(3), result(2)], [failed]],
    ['what was skipped did not pass', asked(3), [junit(3, { skipped: 1 })], [failed]],
    ['and what is left did', asked(2), [junit(3, { skipped: 1 })], []],
    ['a failure', asked(1), [junit(3, { failures: 1 })], [failed]],
    ['an error', asked(1), [junit(3, { errors: 1 })], [failed]],
    ['a failure that leaves too few', asked(3), [junit(3, { failures: 1 })], [failed, failed]],
    ['a failure that leaves enough', asked(2), [junit(3, { failures: 1 })], [failed]],
    ['a second report that failed', asked(1), [junit(3), junit(3, { errors: 1 })], [failed]],
    ['failures that are a text', asked(1), [junit(3, { failures: '0' })], [failed, failed]],
    ['a result that did not pass', asked(1), [result(3, { result: 'WARNED' })], [failed]],
    ['a result that does not say how many', asked(1), [report('test-result', { result: 'PASSED' })], [failed]],
    ['skipped as many as are borne', asked(1, 2), [junit(3, { skipped: 2 })], []],
    ['skipped one more', asked(1, 1), [junit(3, { skipped: 2 })], [failed]],
    ['skipped one more in all', asked(1, 2), [junit(5, { skipped: 2 }), junit(5, { skipped: 1 })], [failed]],
    ['a result skips nothing', asked(1, 0), [result(3, { skipped: 2, failures: 1 })], []],
    [
      'nobody says how many were skipped',
      asked(1, 2),
      [report('junit', { tests: 3, failures: 0, errors: 0 })],
      [failed, failed],
    ],
    ['skipped however many', asked(1), [junit(9, { skipped: 8 })], []],
  ])('%s', (_, rule, reports, expected) => {
    expect(codes(rule, reports)).toEqual(expected)
  })

  test('say what they said', () => {
    expect(found(asked(1), [junit(3, { failures: 2, errors: 1 })])).toEqual([
      'tests-failed: step build: junit.report says 2 failures, 1 errors',
      'tests-failed: step build has 0 tests that passed, and the contract asks for 1',
    ])
    expect(found(asked(1), [report('test-result', { passed: 1, result: 'FAILED' })])[0]).toMatch(/says FAILED$/)
    expect(found(asked(1), [report('test-result', { passed: 1 })])[0]).toMatch(/says not how many$/)
    expect(found(asked(1), [report('junit', { tests: 1, skipped: 0 })])[0]).toMatch(
      /says not how many failures, not how many errors$/,
    )
  })
})

describe('an SBOM', () => {
  const any = { sbom: { products: false } }
  const products = { sbom: { products: true } }

  test.each<[string, string, Facts, boolean]>([
    ['CycloneDX with a component', 'cyclonedx', { components: 1 }, true],
    ['SPDX with a package', 'spdx', { packages: 1 }, true],
    ['CycloneDX of nothing', 'cyclonedx', { components: 0 }, false],
    ['SPDX of nothing', 'spdx', { packages: 0 }, false],
    ['CycloneDX with packages', 'cyclonedx', { packages: 3 }, false],
    ['SPDX with components', 'spdx', { components: 3 }, false],
    ['CycloneDX with components in words', 'cyclonedx', { components: '3' }, false],
    ['VEX', 'cyclonedx-vex', { components: 3, packages: 3 }, false],
  ])('%s: %s %j', (_, type, facts, good) => {
    expect(codes(any, [report(type, facts)])).toEqual(good ? [] : ['evidence-missing'])
  })

  test('names each product, one or another of them', () => {
    const bom = (...about: readonly string[]) => report('spdx', { packages: 2 }, about)
    const two = { subject: [app, made('lib', 'b')] }
    expect(found(products, [bom(digit('a'), digit('b'))], two)).toEqual([])
    expect(found(products, [bom(digit('a')), bom(digit('b'))], two)).toEqual([])
    expect(found(products, [bom(digit('a'))], two)).toEqual([
      'evidence-missing: no SBOM of step build names lib by digest',
    ])
    expect(found(products, [bom()], two)).toHaveLength(2)
    // What is no SBOM names nothing, and where there is none that is said once.
    expect(found(products, [bom(digit('a')), report('vulns', {}, [digit('b')])], two)).toHaveLength(1)
    expect(found(products, [report('vulns', {}, [digit('a')])], two)).toHaveLength(1)
    expect(found(any, [bom()], two)).toEqual([])
  })
})

describe('a scan', () => {
  const CLEAN: Facts = { critical: 0, high: 0, medium: 0, low: 0, unrated: 0 }
  const sarif = (more: Facts = {}, about: readonly string[] = []) =>
    report('sarif', { ...CLEAN, tool: 'Trivy', complete: true, ...more }, about)
  const asked = (more: Partial<VulnerabilitiesRule> = {}): { vulnerabilities: VulnerabilitiesRule } => ({
    vulnerabilities: { below: 'high', tools: [], vex: [], unexcused: false, products: false, ...more },
  })
  const [missing, bad] = ['evidence-missing', 'vulnerability-found']

  test.each<[string, Partial<VulnerabilitiesRule>, readonly ReportRef[], readonly string[]]>([
    ['there is none', {}, [], [missing]],
    ['what counts none of them is none', {}, [report('sarif', { tool: 'Trivy', complete: true })], [missing]],
    ['it is clean', {}, [sarif()], []],
    ['it did not come to its end', {}, [sarif({ complete: false })], [missing]],
    ['nobody says whether it came to its end', {}, [report('sarif', CLEAN)], [missing]],
    ['another kind has no such end', {}, [report('vulns', CLEAN)], []],
    ['it did not come to its end, and another did', {}, [sarif({ complete: false }), report('vulns', CLEAN)], []],
    ['what one found before its end counts', {}, [sarif({ complete: false, high: 1 }), sarif()], [bad]],
    ['a lower one is borne', {}, [sarif({ medium: 4, low: 2 })], []],
    ['one as high as is not', {}, [sarif({ high: 1 })], [bad]],
    ['a lower one is not borne where that is said', { below: 'medium' }, [sarif({ medium: 1 })], [bad]],
    ['each that found something is told', {}, [sarif({ high: 1 }), sarif({ critical: 1 })], [bad, bad]],
    ['the tool that was asked for looked', { tools: ['Trivy'] }, [sarif()], []],
    ['another tool looked', { tools: ['Grype'] }, [sarif()], [missing]],
    ['one of two looked', { tools: ['Trivy', 'Grype'] }, [sarif()], [missing]],
    ['two looked', { tools: ['Trivy', 'Grype'] }, [sarif(), sarif({ tool: 'Grype' })], []],
    ['it looked, and not to its end', { tools: ['Trivy'] }, [sarif({ complete: false })], [missing, missing]],
    ['it is of the product', { products: true }, [sarif({}, [digit('a')])], []],
    ['it is of the step as a whole', { products: true }, [sarif()], [missing]],
    [
      'the one of the product did not come to its end',
      { products: true },
      [sarif({ complete: false }, [digit('a')]), sarif()],
      [missing],
    ],
    ['there is none of the product, which is said once', { products: true }, [], [missing]],
  ])('where %s', (_, rule, reports, expected) => {
    expect(codes(asked(rule), reports)).toEqual(expected)
  })

  test('says what is missing, and what was found', () => {
    expect(found(asked(), [])[0]).toMatch(/recorded no scan for vulnerabilities$/)
    expect(found(asked(), [sarif({ complete: false })])[0]).toMatch(/a scan that did not come to its end$/)
    expect(found(asked(), [sarif({ high: 2, critical: 1 })])[0]).toMatch(
      /sarif\.report found 3 of severity high or worse, or unrated$/,
    )
    expect(found(asked({ vex: ['triage'] }), [sarif({ high: 2 })])[0]).toMatch(/, or unrated that no VEX excuses$/)
  })

  describe('is excused', () => {
    const two = sarif({ high: 2, highIds: 'CVE-1 CVE-2' })
    const vex = (excused: string, about: readonly string[] = [], type = 'openvex') => report(type, { excused }, about)
    const all = vex('CVE-1 CVE-2')

    test.each<[string, readonly string[], readonly ReportRef[], NonNullable<Given['before']>]>([
      ['by a step before', ['triage'], [], { triage: [[all]] }],
      ['by CycloneDX', ['triage'], [], { triage: [[vex('CVE-1 CVE-2', [], 'cyclonedx-vex')]] }],
      ['by itself, where that is named', ['build'], [all], {}],
      ['by two steps together', ['triage', 'build'], [vex('CVE-1')], { triage: [[vex('CVE-2')]] }],
      ['by two jobs of a step together', ['triage'], [], { triage: [[vex('CVE-1')], [vex('CVE-2')]] }],
      ['by what is about the product', ['triage'], [], { triage: [[vex('CVE-1 CVE-2', [digit('f'), digit('a')])]] }],
      ['by what is about what it was given', ['triage'], [], { triage: [[vex('CVE-1 CVE-2', [digit('c')])]] }],
    ])('%s', (_, from, own, before) => {
      const given = { before, materials: [made('lib', 'c')] }
      expect(codes(asked({ vex: from }), [two, ...own], given)).toEqual([])
      // Red control: by nobody, where nobody is named.
      expect(codes(asked(), [two, ...own], given)).toEqual([bad])
    })

    test.each<[string, readonly string[], readonly ReportRef[], NonNullable<Given['before']>]>([
      ['by itself, where another is named', ['triage'], [all], {}],
      ['by a step before, where it is named itself', ['build'], [], { triage: [[all]], build: [[all]] }],
      ['by one that is not named', ['triage'], [], { lint: [[all]] }],
      ['by a report that is no VEX', ['triage'], [], { triage: [[vex('CVE-1 CVE-2', [], 'sarif')]] }],
      ['by what is about something else', ['triage'], [], { triage: [[vex('CVE-1 CVE-2', [digit('f')])]] }],
      ['by half of it', ['triage'], [], { triage: [[vex('CVE-2')]] }],
    ])('not %s', (_, from, own, before) => {
      expect(codes(asked({ vex: from }), [two, ...own], { before, materials: [made('lib', 'c')] })).toEqual([bad])
    })
  })
})
