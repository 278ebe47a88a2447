import { utf8 } from '@countersign/core'
import { writeVkey } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { logKeyOf, party } from '../../../test/pipeline.ts'
import { unmetIn } from './baseline.ts'
import { contractYaml, keyOf, lint, parse, vkeyOf } from './contract.test-kit.ts'
import { type Fault, lintBaseline, lintContract, parseBaseline, tighten } from './index.ts'

const HEAD = 'baseline: v1\norganisation: acme\nrevision: 1\n'
const baseline = (text: string) => parseBaseline(utf8(HEAD + text))
const LOG = vkeyOf('log.example')
const OTHER = vkeyOf('other.example')
/** Two steps; the first has these fields besides. */
const contract = (fields = '', more: { steps?: string; top?: string; final?: string } = {}) =>
  contractYaml(
    `  build:
    signers: [ci]
    products: [app]
${fields === '' ? '' : `    ${fields}\n`}  deploy:
    after: [build]
    signers: [ci]
${more.steps ?? ''}`,
    more,
  )
const unmet = (text: string, asked: string) => {
  expect(lint(text)).toEqual([])
  return unmetIn(parse(text), baseline(asked)).map(({ step, what }) => `${step}: ${what}`)
}

describe('evidence is asked for', () => {
  const evidence = (rule: string) => `evidence: ${rule}\n`

  test.each<[string, string, string]>([
    ['as many tests', '{ tests: { atLeast: 10 } }', '{ tests: { atLeast: 10 } }'],
    ['more tests', '{ tests: { atLeast: 10 } }', '{ tests: { atLeast: 11 } }'],
    ['fewer skipped', '{ tests: { atLeast: 1, skipped: 2 } }', '{ tests: { atLeast: 1, skipped: 1 } }'],
    ['as many skipped', '{ tests: { atLeast: 1, skipped: 2 } }', '{ tests: { atLeast: 1, skipped: 2 } }'],
    ['no word of skipped ones', '{ tests: { atLeast: 1 } }', '{ tests: { atLeast: 1, skipped: 0 } }'],
    ['an SBOM', '{ sbom: present }', '{ sbom: present }'],
    ['an SBOM of its products', '{ sbom: present }', '{ sbom: products }'],
    ['an SBOM of its products', '{ sbom: products }', '{ sbom: products }'],
    ['a scan', '{ vulnerabilities: { below: high } }', '{ vulnerabilities: { below: high } }'],
    ['a stricter scan', '{ vulnerabilities: { below: high } }', '{ vulnerabilities: { below: low } }'],
    [
      'of its products',
      '{ vulnerabilities: { below: high, of: products } }',
      '{ vulnerabilities: { below: high, of: products } }',
    ],
    [
      'of its products, which is more',
      '{ vulnerabilities: { below: high } }',
      '{ vulnerabilities: { below: high, of: products } }',
    ],
    [
      'by both tools',
      '{ vulnerabilities: { below: high, tools: [A, B] } }',
      '{ vulnerabilities: { below: high, tools: [B, A, C] } }',
    ],
    ['excused by nobody', '{ vulnerabilities: { below: high, vex: none } }', '{ vulnerabilities: { below: high } }'],
    [
      'excused, where that is borne',
      '{ vulnerabilities: { below: high } }',
      '{ vulnerabilities: { below: high, vex: [build] } }',
    ],
    ['reports', '{ reports: [vsa] }', '{ reports: [slsa-provenance, vsa] }'],
  ])('%s: %s', (_, asked, rule) => {
    expect(unmet(contract(`evidence: ${rule}`), evidence(asked))).toEqual([])
  })

  test.each<[string, string, string]>([
    ['{ tests: { atLeast: 10 } }', '{ tests: { atLeast: 9 } }', '10 tests that passed'],
    [
      '{ tests: { atLeast: 1, skipped: 2 } }',
      '{ tests: { atLeast: 1, skipped: 3 } }',
      '1 tests that passed, 2 skipped',
    ],
    ['{ tests: { atLeast: 1, skipped: 0 } }', '{ tests: { atLeast: 1 } }', '1 tests that passed, 0 skipped'],
    ['{ tests: passed }', '{ sbom: present }', '1 tests that passed'],
    ['{ sbom: present }', '{ tests: passed }', 'an SBOM'],
    ['{ sbom: products }', '{ sbom: present }', 'an SBOM that names its products'],
    [
      '{ vulnerabilities: { below: high } }',
      '{ vulnerabilities: { below: critical } }',
      'a scan without vulnerabilities of severity high or worse',
    ],
    [
      '{ vulnerabilities: { below: high, of: products } }',
      '{ vulnerabilities: { below: high } }',
      'a scan of its products without vulnerabilities of severity high or worse',
    ],
    [
      '{ vulnerabilities: { below: high, tools: [A, B] } }',
      '{ vulnerabilities: { below: high, tools: [A] } }',
      'a scan by A and B without vulnerabilities of severity high or worse',
    ],
    [
      '{ vulnerabilities: { below: high, vex: none } }',
      '{ vulnerabilities: { below: high, vex: [build] } }',
      'a scan without vulnerabilities of severity high or worse, excused by no VEX',
    ],
    [
      '{ vulnerabilities: { below: low } }',
      '{ sbom: present }',
      'a scan without vulnerabilities of severity low or worse',
    ],
    ['{ reports: [vsa] }', '{ reports: [slsa-provenance] }', 'a report of type vsa'],
  ])('%s is more than %s', (asked, rule, what) => {
    expect(unmet(contract(`evidence: ${rule}`), evidence(asked))).toEqual([
      `null: have none that is always needed and asks for ${what}`,
    ])
  })

  test('each part by itself, and each that is lacking is named', () => {
    const asked = evidence('{ tests: passed, sbom: present, reports: [vsa, slsa-provenance] }')
    expect(unmet(contract('evidence: { tests: passed, reports: [vsa] }'), asked)).toEqual([
      'null: have none that is always needed and asks for an SBOM',
      'null: have none that is always needed and asks for a report of type slsa-provenance',
    ])
    const apart = contract('evidence: { tests: passed, reports: [vsa] }', {
      steps: '    evidence: { sbom: present, reports: [slsa-provenance] }\n',
    })
    expect(unmet(apart, asked)).toEqual([])
    // Never half of one thing by each of two steps.
    const halves = contract('evidence: { tests: { atLeast: 10 } }', {
      steps: '    evidence: { tests: { atLeast: 1, skipped: 0 } }\n',
    })
    expect(unmet(halves, evidence('{ tests: { atLeast: 10, skipped: 0 } }'))).toHaveLength(1)
  })

  test('not by a step behind the final one, nor by one that a run may do without', () => {
    const asked = evidence('{ sbom: present }')
    const behind = '  after:\n    after: [deploy]\n    signers: [ci]\n    evidence: { sbom: present }\n'
    expect(unmet(contract('', { steps: behind, final: 'deploy' }), asked)).toHaveLength(1)
    expect(unmet(contract('', { steps: behind, final: 'after' }), asked)).toEqual([])
    const optional = (word: string) =>
      contract('', {
        steps: `  check:\n    after: [build]\n    signers: [ci]\n${word}    evidence: { sbom: present }\n  last:\n    after: [deploy, check]\n    signers: [ci]\n`,
      })
    expect(unmet(optional('    optional: always\n'), asked)).toHaveLength(1)
    expect(unmet(optional(''), asked)).toEqual([])
  })
})

describe('approvals are asked for', () => {
  const approved = (count: number) =>
    contract('', { steps: `  approve:\n    after: [deploy]\n    signers: [ana, ben, cleo]\n    approvals: ${count}\n` })

  test.each<[number, number, boolean]>([
    [1, 1, true],
    [2, 2, true],
    [2, 3, true],
    [2, 1, false],
    [3, 2, false],
  ])('%i by a baseline, %i by the contract: %s', (asked, has, enough) => {
    expect(unmet(approved(has), `approvals: ${asked}\n`)).toEqual(
      enough ? [] : [`null: have none that is always needed and asks for the approval of ${asked} people`],
    )
  })

  test('of one person, where nobody approves', () => {
    expect(unmet(contract(), 'approvals: 1\n')).toEqual([
      'null: have none that is always needed and asks for the approval of 1 person',
    ])
  })
})

describe('what comes in from outside is pinned', () => {
  test.each<[string, string, boolean]>([
    ['by its digest', `{ outside: tool, sha256: ${'a1'.repeat(32)} }`, true],
    ['by the contract that it is proven under', `{ outside: tool, contract: ${'a1'.repeat(32)} }`, true],
    ['by nothing', '{ outside: tool }', false],
  ])('%s', (_, rule, pinned) => {
    const text = contract(`materials: [${rule}]`)
    expect(unmet(text, 'outside: pinned\n')).toEqual(
      pinned ? [] : ['build: lets in tool from outside, whatever its bytes are'],
    )
    expect(unmet(text, 'approvals: 1\n')).toHaveLength(1)
  })
})

describe('runners', () => {
  test.each<[string, readonly string[]]>([
    ['', []],
    ['runner: hosted', []],
    ['runner: self-hosted', ['build: runs on self-hosted runners, and every step must on hosted ones']],
  ])('of a step with %j are hosted', (field, expected) => {
    const text = contract(field)
    expect(unmet(text, 'every: { runner: hosted }\n')).toEqual(expected)
    expect(unmet(text, 'every: { minimumGrade: D }\n')).toEqual([])
    if (expected.length > 0) return
    expect(tighten(parse(text), baseline('every: { runner: hosted }\n')).steps.get('build')!.runner).toBe('hosted')
  })

  test('of people are their own', () => {
    const steps = '  approve:\n    after: [deploy]\n    signers: [ana]\n    approvals: 1\n    runner: self-hosted\n'
    const text = contract('', { steps })
    expect(unmet(text, 'every: { runner: hosted }\n')).toEqual([])
    const strict = tighten(parse(text), baseline('every: { runner: hosted, minimumGrade: B }\n'))
    expect(strict.steps.get('approve')).toMatchObject({ runner: 'self-hosted', minimumGrade: null })
    expect(strict.steps.get('deploy')).toMatchObject({ runner: 'hosted', minimumGrade: 'B' })
  })

  test('of the contract stay where the baseline asks for none', () => {
    const strict = tighten(parse(contract('runner: self-hosted')), baseline('every: { minimumGrade: D }\n'))
    expect(strict.steps.get('build')!.runner).toBe('self-hosted')
    expect(strict.steps.get('deploy')!.runner).toBeNull()
  })
})

describe('of two the stricter counts', () => {
  const top = (text: string) => contract('', { top: text })
  const tightened = (text: string, asked: string) => tighten(parse(text), baseline(asked))

  test('grade', () => {
    const identities = contract('minimumGrade: B', {
      top: `authorities:\n  sigstore: { sigstore: public }`,
    }).replace(
      `  ci: ${keyOf('ci')}`,
      '  ci: { issuer: "https://ci.example", sourceRepositoryIdentifier: "1", authority: sigstore }',
    )
    const gradeOf = (text: string, asked: string) =>
      tightened(text, `every: { ${asked}, disallow: [x] }\n`).steps.get('build')!.minimumGrade
    expect(lint(identities)).toEqual([])
    expect(gradeOf(identities, 'minimumGrade: A')).toBe('A')
    expect(gradeOf(identities, 'minimumGrade: B')).toBe('B')
    expect(gradeOf(identities, 'minimumGrade: C')).toBe('B')
    expect(gradeOf(identities, 'runner: hosted')).toBe('B')
    expect(gradeOf(contract(), 'minimumGrade: C')).toBe('C')
    expect(gradeOf(contract(), 'runner: hosted')).toBeNull()
  })

  test('clocks', () => {
    expect(tightened(contract(), 'clockToleranceSeconds: 60\n').clockTolerance).toBe(60_000)
    expect(tightened(contract(), 'clockToleranceSeconds: 0\n').clockTolerance).toBe(0)
    expect(tightened(contract(), 'clockToleranceSeconds: 86400\n').clockTolerance).toBe(300_000)
    expect(tightened(contract(), 'every: { disallow: [x] }\n').clockTolerance).toBe(300_000)
  })

  test('anchors', () => {
    const asked = 'anchored: { within: 2h, by: [rekor] }\n'
    expect(tightened(contract(), asked).anchored).toEqual({ within: 7_200_000, by: ['rekor'] })
    expect(tightened(top('anchored: { within: 1h, by: [rekor] }'), asked).anchored).toEqual({
      within: 3_600_000,
      by: ['rekor'],
    })
    expect(tightened(top('anchored: { within: 3h }'), asked).anchored).toEqual({ within: 7_200_000, by: ['rekor'] })
    expect(tightened(top('anchored: { within: 3h }'), 'every: { disallow: [x] }\n').anchored).toEqual({
      within: 10_800_000,
      by: [],
    })
    expect(tightened(contract(), 'every: { disallow: [x] }\n').anchored).toBeNull()
  })

  test('countersigners: those that both name, of the same key', () => {
    const asked = `countersigners: ["${LOG}", "${OTHER}"]\n`
    const names = (text: string) => tightened(text, asked).countersigners.map(({ name }) => name)
    expect(names(contract())).toEqual(['log.example', 'other.example'])
    expect(names(top(`countersigners: ["${OTHER}"]`))).toEqual(['other.example'])
    const third = vkeyOf('third.example')
    expect(names(top(`countersigners: ["${third}", "${LOG}"]`))).toEqual(['log.example'])
    expect(unmet(top(`countersigners: ["${third}"]`), asked)).toEqual([
      'null: need the receipt of a countersigner that is none of the baseline',
    ])
    // The same name with another key is another log, and so is the same key under another name.
    const key = party('log.example', 'ed25519')
    const [own, renamed] = ['log.example', 'gol.example'].map((name) => writeVkey(logKeyOf({ ...key, name })))
    for (const [has, wanted, count] of [
      [own, own, 0],
      [own, LOG, 1],
      [own, renamed, 1],
    ] as const) {
      expect(unmet(top(`countersigners: ["${has}"]`), `countersigners: ["${wanted}"]\n`)).toHaveLength(count)
    }
    expect(tightened(top(`countersigners: ["${third}"]`), 'every: { disallow: [x] }\n').countersigners).toHaveLength(1)
  })
})

describe('what its own maintainers cannot let through', () => {
  const none = 'every: { disallow: [x] }\n'
  const has = contract('evidence: { sbom: present }', {
    steps: '  approve:\n    after: [deploy]\n    signers: [ana]\n    approvals: 1\n',
  })
  const whole = ['step-skipped', 'step-order', 'matrix-incomplete', 'step-failed', 'predecessor-failed']

  test.each<[string, readonly string[]]>([
    [none, []],
    ['every: { minimumGrade: D }\n', ['grade-too-low']],
    ['anchored: { within: 1h }\n', ['anchor-missing', 'anchor-late', 'anchor-pending']],
    ['evidence: { sbom: present }\n', ['evidence-missing', 'tests-failed', 'vulnerability-found', ...whole]],
    ['approvals: 1\n', ['approval-missing', ...whole]],
    ['every: { conditions: ["true"] }\n', ['step-failed', 'predecessor-failed']],
    ['outside: pinned\n', ['material-unexplained']],
    ['clockToleranceSeconds: 60\n', []],
  ])('under %j', (asked, kept) => {
    expect(tighten(parse(has), baseline(asked)).kept).toEqual(kept)
  })
})

describe('a contract that cannot be under it is told', () => {
  const loose = contract('runner: self-hosted\n    materials: [{ outside: tool }]')

  test('the first reason, and how many more there are', () => {
    const thrown = (asked: string) => {
      try {
        tighten(parse(loose), baseline(asked))
        return null
      } catch (error) {
        return (error as Error).message
      }
    }
    expect(thrown('outside: pinned\n')).toMatch(/step build of shop\/web lets in tool [^(]*$/)
    expect(thrown('outside: pinned\nevery: { runner: hosted }\n')).toMatch(
      /step build of shop\/web runs on .*\(and 1 more\)$/,
    )
    expect(thrown('approvals: 1\n')).toMatch(/the steps of shop\/web have none/)
    expect(thrown('every: { disallow: [x] }\n')).toBeNull()
  })

  test('each reason at its place in the text, once the text itself has no fault', () => {
    const lines = (text: string, asked: string) =>
      lintContract(utf8(text), baseline(asked)).map(({ code, line }) => [code, text.split('\n')[line - 1]!.trim()])
    expect(lines(loose, 'outside: pinned\napprovals: 1\n')).toEqual([
      ['baseline-unmet', 'steps:'],
      ['baseline-unmet', 'build:'],
    ])
    expect(lines(loose.replace('revision: 1', 'revision: 0'), 'outside: pinned\n')).toEqual([
      ['contract-invalid', 'revision: 0'],
    ])
  })
})

describe('a baseline itself', () => {
  const faults = (text: string) => lintBaseline(utf8(text)).map(({ code, line }) => `${line} ${code}`)

  test.each<[string, string[]]>([
    ['', ['1 contract-empty']],
    ['{}\n', ['1 contract-empty']],
    ['- a\n', ['1 contract-invalid']],
    ['baseline: v1\n', ['1 contract-invalid']],
    [`${HEAD}`, ['1 contract-empty']],
    [`${HEAD.replace('v1', 'v2')}approvals: 1\n`, ['1 contract-invalid']],
    [`${HEAD.replace('acme', '"a b"')}approvals: 1\n`, ['2 contract-invalid']],
    [`${HEAD.replace(': 1', ': 0')}approvals: 1\n`, ['3 contract-invalid']],
    [`${HEAD.replace(': 1', ': 1000000001')}approvals: 1\n`, ['3 contract-invalid']],
    [`${HEAD.replace(': 1', ': 1000000000')}approvals: 1\n`, []],
    [`${HEAD}approvals: 100\n`, []],
    [`${HEAD}approvals: 101\n`, ['4 contract-invalid']],
    [`${HEAD}clockToleranceSeconds: 0\n`, []],
    [`${HEAD}clockToleranceSeconds: 86400\n`, []],
    [`${HEAD}clockToleranceSeconds: 86401\n`, ['4 contract-invalid']],
    [`${HEAD}clockToleranceSeconds: -1\n`, ['4 contract-invalid']],
    [`${HEAD}outside: named\n`, ['4 contract-invalid']],
    [`${HEAD}every: { minimumGrade: E }\n`, ['4 contract-invalid']],
    [`${HEAD}every: { disallow: [/x] }\n`, ['4 pattern-invalid']],
    [`${HEAD}every: [x]\n`, ['4 contract-invalid']],
    [`${HEAD}every: { signers: [ci] }\n`, ['4 contract-invalid']],
    [`${HEAD}every:\n`, ['4 contract-empty']],
  ])('%j has the faults %j', (text, expected) => {
    expect(faults(text)).toEqual(expected)
    const read = () => parseBaseline(utf8(text))
    if (expected.length === 0) expect(read()).toMatchObject({ organisation: 'acme' })
    else {
      const [line, code] = expected[0]!.split(' ')
      const [{ fix }] = lintBaseline(utf8(text)) as [Fault]
      expect(read).toThrow(
        expect.objectContaining({
          fix,
          code,
          message: expect.stringContaining(`line ${line}: `) as string,
        }),
      )
    }
  })

  test('is known by the SHA-256 of its bytes', () => {
    expect(baseline('approvals: 1\n').digest).toMatch(/^[0-9a-f]{64}$/)
    expect(baseline('approvals: 1\n').digest).not.toBe(baseline('approvals: 1 # people\n').digest)
  })

  test('asks for nothing that it does not say', () => {
    expect(baseline('approvals: 1\n')).toMatchObject({
      revision: 1,
      countersigners: [],
      anchored: null,
      clockTolerance: null,
      every: { minimumGrade: null, runner: null, disallow: [], conditions: [] },
      evidence: null,
      approvals: 1,
      pinned: false,
    })
  })
})
