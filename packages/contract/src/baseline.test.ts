import { utf8 } from '@countersign/core'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { contractYaml, parse, vkeyOf } from './contract.test-kit.ts'
import { BASELINE_SCHEMA, lintBaseline, lintContract, parseBaseline, tighten } from './index.ts'

const HEAD = 'baseline: v1\norganisation: acme\nrevision: 1\n'
const baseline = (text: string) => parseBaseline(utf8(HEAD + text))
const LOG = vkeyOf('log.example')
const OTHER = vkeyOf('other.example')

const FULL = `countersigners: ["${LOG}"]
anchored: { within: 36h, by: [rekor] }
clockToleranceSeconds: 60
every:
  minimumGrade: D
  runner: hosted
  disallow: ["**/.env"]
  conditions: [step.attempt < 4]
evidence:
  tests: { atLeast: 10, skipped: 2 }
  sbom: present
  vulnerabilities: { below: high, tools: [Trivy] }
  reports: [slsa-provenance]
approvals: 2
outside: pinned
`
const STEPS = `  build:
    signers: [ci]
    products: [app]
    disallow: [x]
    conditions: ['true']
    evidence:
      tests: { atLeast: 12, skipped: 0 }
      vulnerabilities: { below: medium, tools: [Trivy, Grype] }
      reports: [slsa-provenance, vsa]
  list:
    after: [build]
    signers: [ci]
    materials:
      - from: build
      - { outside: tool, sha256: ${'a1'.repeat(32)} }
    evidence: { sbom: products }
  approve:
    after: [list]
    signers: [ana, ben, cleo]
    approvals: 2
`
const good = contractYaml(STEPS)

const validate = new Ajv2020({ strict: true }).compile(BASELINE_SCHEMA)

describe('a contract under a baseline', () => {
  test('asks for all of both', () => {
    const loose = parse(good)
    const strict = tighten(loose, baseline(FULL))
    expect(strict.digest).toBe(loose.digest)
    expect(strict.countersigners.map(({ name }) => name)).toEqual(['log.example'])
    expect(strict.anchored).toEqual({ within: 36 * 3_600_000, by: ['rekor'] })
    expect(strict.clockTolerance).toBe(60_000)
    expect(strict.steps.get('build')).toMatchObject({ minimumGrade: 'D', runner: 'hosted' })
    expect(strict.steps.get('build')!.disallow.map(({ pattern }) => pattern)).toEqual(['x', '**/.env'])
    expect(strict.steps.get('build')!.conditions.map(({ text }) => text)).toEqual(['true', 'step.attempt < 4'])
    // People approve with keys, wherever they are.
    expect(strict.steps.get('approve')).toMatchObject({ minimumGrade: null, runner: null })
  })

  test('is never asked for less than it asks itself', () => {
    const strict = parse(
      contractYaml(STEPS, {
        top: `clockToleranceSeconds: 5\nanchored: { within: 1h, by: [ethereum] }\ncountersigners: ["${LOG}", "${OTHER}"]`,
      }).replace('signers: [ci]\n    products', 'signers: [ci]\n    runner: hosted\n    products'),
    )
    const both = tighten(strict, baseline(FULL))
    expect(both.clockTolerance).toBe(5_000)
    expect(both.anchored).toEqual({ within: 3_600_000, by: ['ethereum', 'rekor'] })
    expect(both.countersigners.map(({ name }) => name)).toEqual(['log.example'])
    expect(tighten(strict, baseline('clockToleranceSeconds: 60\n'))).toMatchObject({
      clockTolerance: 5_000,
      anchored: strict.anchored,
      countersigners: strict.countersigners,
    })
  })

  test.each<[string, string, string]>([
    ['fewer tests', good.replace('atLeast: 12', 'atLeast: 9'), '10 tests that passed, 2 skipped'],
    ['tests that may all be skipped', good.replace('{ atLeast: 12, skipped: 0 }', '{ atLeast: 12 }'), '10 tests'],
    ['worse vulnerabilities', good.replace('below: medium', 'below: critical'), 'severity high or worse'],
    ['another scanner', good.replace('[Trivy, Grype]', '[Grype]'), 'by Trivy'],
    ['no SBOM', good.replace('    evidence: { sbom: products }\n', ''), 'an SBOM'],
    ['no provenance', good.replace('[slsa-provenance, vsa]', '[vsa]'), 'a report of type slsa-provenance'],
    ['one approval', good.replace('approvals: 2', 'approvals: 1'), 'the approval of 2 people'],
    [
      'an approval that a run may do without',
      `${good.replace('final: approve', 'final: deploy').replace('approvals: 2', 'approvals: 2\n    optional: always')}`.replace(
        'final:',
        '  deploy:\n    after: [list, approve]\n    signers: [ci]\nfinal:',
      ),
      'the approval of 2 people',
    ],
    [
      'outside by name',
      good.replace(`outside: tool, sha256: ${'a1'.repeat(32)}`, 'outside: tool'),
      'whatever its bytes are',
    ],
    [
      'runners of its own',
      good.replace('    products: [app]', '    products: [app]\n    runner: self-hosted'),
      'self-hosted runners',
    ],
    [
      'another log',
      good.replace('steps:\n', `countersigners: ["${OTHER}"]\nsteps:\n`),
      'a countersigner that is none of the baseline',
    ],
  ])('is refused with %s', (_, text, what) => {
    expect(lintContract(utf8(text))).toEqual([])
    expect(() => tighten(parse(text), baseline(FULL))).toThrow(
      expect.objectContaining({ code: 'baseline-unmet', message: expect.stringContaining(what) as string }),
    )
    const [fault, ...others] = lintContract(utf8(text), baseline(FULL))
    expect(others).toEqual([])
    expect(fault).toMatchObject({ code: 'baseline-unmet' })
    expect(fault!.what).toContain(what)
    expect(fault!.line).toBeGreaterThan(5)
  })

  test('whose own steps excuse what they find is refused where no VEX is to count', () => {
    const asked = (more: string) => `evidence: { vulnerabilities: { below: high${more} } }\n`
    const excusing = good.replace('tools: [Trivy, Grype] }', 'tools: [Trivy, Grype], vex: [build] }')
    expect(lintContract(utf8(excusing), baseline(asked('')))).toEqual([])
    expect(() => tighten(parse(excusing), baseline(asked(', vex: none')))).toThrow(
      expect.objectContaining({
        code: 'baseline-unmet',
        message: expect.stringContaining('excused by no VEX') as string,
      }),
    )
    expect(lintContract(utf8(good), baseline(asked(', vex: none')))).toEqual([])
    expect(validate(parseYaml(HEAD + asked(', vex: none')))).toBe(true)
    // In a contract, which names steps, the word is none.
    expect(lintContract(utf8(good.replace('[Trivy, Grype] }', '[Trivy, Grype], vex: none }')))).not.toEqual([])
  })

  test('the good one has no fault under it', () => {
    expect(lintContract(utf8(good), baseline(FULL))).toEqual([])
  })
})

describe('a baseline', () => {
  test('is read as it is written, and fits its schema', () => {
    expect(baseline(FULL)).toMatchObject({ organisation: 'acme', revision: 1, approvals: 2, pinned: true })
    expect(validate(parseYaml(HEAD + FULL))).toBe(true)
  })

  test.each<[string, string, string, number]>([
    ['asks for nothing', '', 'contract-empty', 1],
    ['asks for nothing of every step', 'every: {}\n', 'contract-empty', 4],
    ['has a field of nobody', 'steps: {}\n', 'contract-invalid', 4],
    ['has an approval of nobody', 'approvals: 0\n', 'contract-invalid', 4],
    ['takes VEX from a step', 'evidence: { vulnerabilities: { below: high, vex: [build] } }\n', 'contract-invalid', 4],
    ['takes VEX from somebody', 'evidence: { vulnerabilities: { below: high, vex: any } }\n', 'contract-invalid', 4],
    ['lets in anything', 'outside: any\n', 'contract-invalid', 4],
    ['has a condition that is none', 'every: { conditions: ["step.nme == 1"] }\n', 'contract-invalid', 4],
    ['has a tolerance of days', 'clockToleranceSeconds: 100000\n', 'contract-invalid', 4],
  ])('that %s is refused', (_, text, code, line) => {
    expect(lintBaseline(utf8(HEAD + text)).map((fault) => [fault.code, fault.line])).toEqual([[code, line]])
    expect(() => baseline(text)).toThrow(expect.objectContaining({ code }))
    // The schema does not read conditions.
    if (!text.includes('conditions')) expect(validate(parseYaml(HEAD + text))).toBe(false)
  })

  test('that is a contract, or nothing, is refused', () => {
    for (const text of ['', good, 'baseline: v2\norganisation: a\nrevision: 1\napprovals: 1\n']) {
      expect(() => parseBaseline(utf8(text))).toThrow(expect.objectContaining({ name: 'CodedError' }))
    }
  })
})
