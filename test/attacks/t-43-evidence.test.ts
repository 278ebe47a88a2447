import type { Facts, ReportRef, StepPredicate } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { file, party } from '../pipeline.ts'
import { report, Ruled, without } from './ruled.ts'

// T-41, T-42, T-43, T-26: a contract asks for reports. None, an empty one, one of another type, of another artifact, or one
// that leaves out what speaks against it must not pass for one that says what is asked for.

const who = ['ci', 'security'].map((name) => party(name))
const app = file('app', 'app')
const other = file('other', 'other')
const SHA = app.digest.sha256
const TEXT = `steps:
  triage:
    signers: [security]
    products: [triage]
  build:
    after: [triage]
    signers: [ci]
    materials:
      - from: triage
    products: [app]
    evidence:
      tests: { atLeast: 2, skipped: 1 }
      sbom: products
      vulnerabilities: { below: high, tools: [Trivy], vex: [triage] }
      reports: [slsa-provenance]
final: build
`
const CLEAN: Facts = { critical: 0, high: 0, medium: 1, mediumIds: 'CVE-2026-9', low: 0, unrated: 0 }
const SCAN: Facts = { ...CLEAN, tool: 'Trivy', complete: true }
const found = (facts: Facts) => report('sarif', { ...SCAN, ...facts })
const GOOD: Readonly<Record<string, ReportRef>> = {
  tests: report('junit', { tests: 3, failures: 0, errors: 0, skipped: 1 }),
  sbom: report('cyclonedx', { version: '1.6', components: 2, vulnerabilities: 0 }, [SHA]),
  scan: report('sarif', SCAN),
  provenance: report('slsa-provenance', { form: 'statement' }, [SHA]),
}

function built(reports: readonly ReportRef[], vex: readonly ReportRef[] = []) {
  const run = new Ruled(who, TEXT)
  const triage = run.step('security', 'triage', [], { makes: [file('triage', 'triage')], reports: vex })
  const build = run.step('ci', 'build', [triage], { makes: [app], reports })
  return { run, codes: run.append(build, [triage]), judged: run.gate(app) }
}

const instead = (kind: string, ...reports: readonly ReportRef[]) => [
  ...Object.entries(GOOD).flatMap(([name, one]) => (name === kind ? [] : [one])),
  ...reports,
]

describe('what a contract asks reports to say', () => {
  test('is said', () => {
    const { codes, judged } = built(Object.values(GOOD))
    expect(codes).toEqual([])
    expect(judged).toEqual({ verdict: 'pass', codes: [], refused: [] })
  })

  const missing = 'evidence-missing'
  test.each<[string, readonly ReportRef[], string]>([
    ['no tests', instead('tests'), missing],
    ['tests that nobody read', instead('tests', { name: 'junit.xml', digest: { sha256: SHA } }), missing],
    [
      'tests of nothing',
      instead('tests', report('junit', { tests: 0, failures: 0, errors: 0, skipped: 0 })),
      'tests-failed',
    ],
    [
      'too few tests',
      instead('tests', report('junit', { tests: 1, failures: 0, errors: 0, skipped: 0 })),
      'tests-failed',
    ],
    [
      'tests that were skipped',
      instead('tests', report('junit', { tests: 9, failures: 0, errors: 0, skipped: 2 })),
      'tests-failed',
    ],
    [
      'a test that failed',
      instead('tests', report('junit', { tests: 9, failures: 1, errors: 0, skipped: 0 })),
      'tests-failed',
    ],
    ['failures left out', instead('tests', report('junit', { tests: 9, errors: 0, skipped: 0 })), 'tests-failed'],
    ['tests left out', instead('tests', report('junit', { failures: 0, errors: 0, skipped: 0 })), 'tests-failed'],
    ['skipped left out', instead('tests', report('junit', { tests: 9, failures: 0, errors: 0 })), 'tests-failed'],
    [
      'a failure beside a success',
      [...Object.values(GOOD), report('test-result', { result: 'FAILED', passed: 9, warned: 0, failed: 1 })],
      'tests-failed',
    ],
    [
      'a result that names no test',
      instead('tests', report('test-result', { result: 'PASSED', passed: 0 })),
      'tests-failed',
    ],
    [
      'a result with a warning',
      instead('tests', report('test-result', { result: 'WARNED', passed: 9 })),
      'tests-failed',
    ],
    ['no SBOM', instead('sbom'), missing],
    ['an SBOM of nothing', instead('sbom', report('cyclonedx', { components: 0 }, [SHA])), missing],
    ['an SBOM that names no product', instead('sbom', report('spdx', { packages: 4, files: 0 })), missing],
    ['VEX for an SBOM', instead('sbom', report('cyclonedx-vex', { components: 4 }, [SHA])), missing],
    ['no scan', instead('scan'), missing],
    ['a scan that did not come to its end', instead('scan', found({ complete: false })), missing],
    ['a scan by another tool', instead('scan', found({ tool: 'trivy' })), missing],
    ['an SBOM for a scan', instead('scan', report('cyclonedx', { components: 2 }, [SHA])), missing],
    ['a critical one', instead('scan', found({ critical: 1, criticalIds: 'CVE-2026-1' })), 'vulnerability-found'],
    ['a high one', instead('scan', found({ high: 1, highIds: 'CVE-2026-1' })), 'vulnerability-found'],
    ['an unrated one', instead('scan', found({ unrated: 1, unratedIds: 'CVE-2026-1' })), 'vulnerability-found'],
    ['one without a name', instead('scan', found({ high: 1 })), 'vulnerability-found'],
    ['counts left out', instead('scan', report('sarif', { tool: 'Trivy', complete: true, critical: 0 })), missing],
    [
      'one that a second scan found',
      [...Object.values(GOOD), report('vulns', { ...CLEAN, high: 1 })],
      'vulnerability-found',
    ],
    ['no provenance', instead('provenance'), missing],
    ['provenance by another name', instead('provenance', report('attestation', { form: 'statement' })), missing],
  ])('%s does not pass', (_, reports, code) => {
    const { run, codes, judged } = built(reports)
    expect(codes).toEqual([code])
    expect(judged).toMatchObject({ verdict: 'fail', codes: [code] })
    // Red control: without the rule nobody notices.
    const lax = without(run.contract, 'build', { evidence: null })
    expect(run.gate(app, undefined, lax).verdict).toBe('pass')
  })

  test('sealed reports say nothing', () => {
    const run = new Ruled(who, TEXT)
    const triage = run.step('security', 'triage', [], { makes: [file('triage', 'triage')] })
    const build = run.step('ci', 'build', [triage], { makes: [app], reports: { sealed: 'a'.repeat(64) } })
    expect(run.append(build, [triage])).toEqual([missing])
  })
})

describe('VEX excuses', () => {
  const bad = instead('scan', found({ high: 2, highIds: 'CVE-2026-1 CVE-2026-2' }))
  const excuse = (excused: string, about: readonly string[] = []) =>
    report('openvex', { version: '0.2.0', excused }, about)

  test('all that was found, by the step that the contract takes it from', () => {
    expect(built(bad).codes).toEqual(['vulnerability-found'])
    expect(built(bad, [excuse('CVE-2026-1 CVE-2026-2')]).codes).toEqual([])
  })

  test.each<[string, readonly ReportRef[], readonly ReportRef[]]>([
    ['some of it', bad, [excuse('CVE-2026-1')]],
    ['one of a longer name', bad, [excuse('CVE-2026-1 CVE-2026-22')]],
    ['the step that it speaks for', [...bad, excuse('CVE-2026-1 CVE-2026-2')], []],
    ['more than has a name', instead('scan', found({ high: 3, highIds: 'CVE-2026-1' })), [excuse('CVE-2026-1')]],
    ['another type', bad, [report('attestation', { excused: 'CVE-2026-1 CVE-2026-2' })]],
  ])('not %s', (_, reports, vex) => {
    expect(built(reports, vex).codes).toEqual(['vulnerability-found'])
  })

  test('not here what it says of another artifact (T-43)', () => {
    const run = new Ruled(who, TEXT)
    const vex = [excuse('CVE-2026-1 CVE-2026-2', [other.digest.sha256])]
    const triage = run.step('security', 'triage', [], { makes: [file('triage', 'triage'), other], reports: vex })
    const build = run.step('ci', 'build', [triage], {
      materials: [{ ...file('triage', 'triage'), annotations: { mode: '100644', from: triage.link } }],
      makes: [app],
      reports: bad,
    })
    expect(run.append(build, [triage])).toEqual(['vulnerability-found'])
  })

  test('only by the step that the contract takes it from, where others are followed too', () => {
    const text = `steps:
  triage: { signers: [security], products: [triage] }
  lint: { signers: [ci], products: [lint] }
  build:
    after: [triage, lint]
    signers: [ci]
    products: [app]
    evidence: { vulnerabilities: { below: high, tools: [Trivy], vex: [triage] } }
final: build
`
    const vex = [excuse('CVE-2026-1 CVE-2026-2')]
    const on = (triaged: StepPredicate['evidence'], linted: StepPredicate['evidence']) => {
      const run = new Ruled(who, text)
      const triage = run.step('security', 'triage', [], { makes: [file('triage', 'triage')], reports: triaged })
      const lint = run.step('ci', 'lint', [], { makes: [file('lint', 'lint')], reports: linted })
      return run.append(run.step('ci', 'build', [triage, lint], { makes: [app], reports: bad }), [triage, lint])
    }
    expect(on(vex, [])).toEqual([])
    expect(on([], vex)).toEqual(['vulnerability-found'])
    expect(on({ sealed: 'a'.repeat(64) }, vex)).toEqual(['vulnerability-found'])
  })
})
