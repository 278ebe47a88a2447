import fc from 'fast-check'
import { utf8 } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import { contractYaml, parse, vkeyOf } from './contract.test-kit.ts'
import { diffContracts, type Effect, parseBaseline, tighten } from './index.ts'
import { rounds } from '../../../test/thorough.ts'

const OTHER = 'ab'.repeat(32)
const [LOG, SPARE] = [vkeyOf('log'), vkeyOf('spare')]
const steps = `  build:
    signers: [ci]
    products: [app]
    disallow: ["**/.env"]
    evidence:
      tests: { atLeast: 100, skipped: 3 }
      sbom: present
      vulnerabilities: { below: high, tools: [Trivy], vex: [build] }
      reports: [vsa]
  lint:
    after: [build]
    signers: [ci]
    optional: always
  approve:
    after: [build]
    signers: [ana, spare, ben]
    approvals: 2
    fresh: 7d
  deploy:
    after: [build, lint, approve]
    signers: [ci]
    materials:
      - from: build
        moved: { of: app, to: out }
      - { outside: base, contract: ${OTHER} }
    conditions: [step.attempt < 4]
    runner: hosted
`
const top = `people:\n  anna: [ana, spare]\n`
const good = contractYaml(steps, { top })
const replaced = (from: string, to: string) => {
  expect(good.split(from), from).toHaveLength(2)
  return good.replace(from, to)
}
const effects = (from: string, to: string) => diffContracts(parse(from), parse(to)).map(({ effect }) => effect)
const other: Record<Effect, Effect> = { tightened: 'loosened', loosened: 'tightened', changed: 'changed' }

describe('one change of what is asked, and the way back', () => {
  test.each<[string, string, string, Effect, string]>([
    ['one approval', 'approvals: 2', 'approvals: 1', 'loosened', 'steps.approve.approvals'],
    ['one person who is two', top, '', 'loosened', 'steps.approve.approvals'],
    ['a person of another name', 'anna:', 'anne:', 'changed', 'steps.approve.approvals'],
    ['fresher', 'fresh: 7d', 'fresh: 1d', 'tightened', 'steps.approve.fresh'],
    ['for ever', '    fresh: 7d\n', '', 'loosened', 'steps.approve.fresh'],
    ['more tests', 'atLeast: 100', 'atLeast: 200', 'tightened', 'steps.build.evidence.tests.atLeast'],
    ['fewer tests', 'atLeast: 100', 'atLeast: 50', 'loosened', 'steps.build.evidence.tests.atLeast'],
    ['any number skipped', ', skipped: 3', '', 'loosened', 'steps.build.evidence.tests.skipped'],
    ['none skipped', 'skipped: 3', 'skipped: 0', 'tightened', 'steps.build.evidence.tests.skipped'],
    ['no tests', '      tests: { atLeast: 100, skipped: 3 }\n', '', 'loosened', 'steps.build.evidence.tests'],
    ['no SBOM', '      sbom: present\n', '', 'loosened', 'steps.build.evidence.sbom'],
    ['an SBOM of the products', 'sbom: present', 'sbom: products', 'tightened', 'steps.build.evidence.sbom'],
    [
      'worse vulnerabilities',
      'below: high',
      'below: critical',
      'loosened',
      'steps.build.evidence.vulnerabilities.below',
    ],
    ['any scanner', ', tools: [Trivy]', '', 'loosened', 'steps.build.evidence.vulnerabilities.tools'],
    ['no excuses', ', vex: [build]', '', 'tightened', 'steps.build.evidence.vulnerabilities.vex'],
    [
      'a scan of the products',
      'vex: [build]',
      'vex: [build], of: products',
      'tightened',
      'steps.build.evidence.vulnerabilities',
    ],
    ['a report less', '      reports: [vsa]\n', '', 'loosened', 'steps.build.evidence.reports'],
    ['a step that is needed', '    optional: always\n', '', 'tightened', 'steps.lint.optional'],
    [
      'a step that is needed at times',
      'optional: always',
      'optional: { unless: signer.identity.issuer == "a" }',
      'tightened',
      'steps.lint.optional',
    ],
    ['any runner', '    runner: hosted\n', '', 'loosened', 'steps.deploy.runner'],
    ['runners of its own', 'runner: hosted', 'runner: self-hosted', 'changed', 'steps.deploy.runner'],
    ['a name refused', '["**/.env"]', '["**/.env", "**/*.pem"]', 'tightened', 'steps.build.disallow'],
    ['fewer names refused', '"**/.env"', '".env"', 'loosened', 'steps.build.disallow'],
    ['other names', '        moved: { of: app, to: out }\n', '', 'loosened', 'steps.deploy.materials'],
    ['another place', 'to: out', 'to: lib', 'changed', 'steps.deploy.materials'],
    ['a condition less', '    conditions: [step.attempt < 4]\n', '', 'loosened', 'steps.deploy.conditions'],
    ['another condition', 'attempt < 4', 'attempt < 3', 'changed', 'steps.deploy.conditions'],
    ['an older revision', 'revision: 1', 'revision: 1', 'changed', 'revision'],
    ['anything from outside', `base, contract: ${OTHER}`, 'base', 'loosened', 'steps.deploy.materials'],
  ])('%s', (_, from, to, effect, where) => {
    if (where === 'revision') {
      const later = replaced(from, 'revision: 2')
      expect(diffContracts(parse(later), parse(good))).toMatchObject([{ effect, where }])
      expect(effects(good, later)).toEqual([])
      return
    }
    const now = replaced(from, to)
    expect(diffContracts(parse(good), parse(now))).toMatchObject([{ effect, where }])
    expect(effects(now, good)).toEqual([other[effect]])
  })

  test('a step that a run may do without asks for nothing for sure', () => {
    const less = replaced('  lint:\n    after: [build]\n    signers: [ci]\n    optional: always\n', '').replace(
      '[build, lint, approve]',
      '[build, approve]',
    )
    expect(new Set(effects(less, good))).toEqual(new Set(['changed']))
    expect(new Set(effects(good, less))).toEqual(new Set(['changed']))
  })

  test('times are told as a contract has them', () => {
    expect(diffContracts(parse(good), parse(replaced('fresh: 7d', 'fresh: 36h')))[0]!.what).toBe(
      'counted 7d, counts 36h',
    )
    const grace = good.replace('steps:\n', 'grace: 2d\nsteps:\n')
    expect(diffContracts(parse(grace), parse(grace.replace('grace: 2d', 'grace: none')))[0]!.what).toBe(
      'was 2d, is none',
    )
  })
})

describe('under a baseline', () => {
  const parts = [
    `countersigners: ["${LOG}"]`,
    'anchored: { within: 36h, by: [rekor] }',
    'clockToleranceSeconds: 60',
    'every: { minimumGrade: C, runner: hosted }',
    'every: { disallow: ["**/.env", "**/*.pem"] }',
    'every: { conditions: [step.attempt < 4, step.attempt < 9] }',
    'evidence: { tests: { atLeast: 10 }, sbom: present }',
    'approvals: 2',
  ]
  const contracts = [
    good,
    replaced('    runner: hosted\n', ''),
    good.replace('steps:\n', `clockToleranceSeconds: 5\nanchored: { within: 1h, by: [ethereum] }\nsteps:\n`),
    good.replace('steps:\n', `countersigners: ["${LOG}", "${SPARE}"]\nsteps:\n`),
  ]

  test('nothing is asked for less', () => {
    const seen = new Set<string>()
    const property = fc.property(
      fc.constantFrom(...contracts),
      fc.subarray(parts, { minLength: 1 }).filter((some) => some.filter((part) => part.startsWith('every')).length < 2),
      (text, some) => {
        const contract = parse(text)
        const baseline = parseBaseline(utf8(`baseline: v1\norganisation: acme\nrevision: 1\n${some.join('\n')}\n`))
        const changes = diffContracts(contract, tighten(contract, baseline))
        expect(changes.filter(({ effect }) => effect !== 'tightened')).toEqual([])
        for (const { where } of changes) seen.add(where.replace(/^steps\.[^.]+/, 'every'))
      },
    )
    fc.assert(property, { numRuns: rounds(100, 300) })
    // The baselines did ask for something.
    expect([...seen]).toEqual(
      expect.arrayContaining(['countersigners', 'anchored', 'every.runner', 'every.disallow', 'every.conditions']),
    )
  })
})
