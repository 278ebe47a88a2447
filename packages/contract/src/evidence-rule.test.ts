import { describe, expect, test } from 'vitest'
import { contractYaml, lint, parse } from './contract.test-kit.ts'

const text = (evidence: string) =>
  contractYaml(`  source:
    signers: [ci]
  build:
    after: [source]
    signers: [ci]
    evidence: ${evidence}
`)
const asked = (evidence: string) => parse(text(evidence)).steps.get('build')!.evidence
const said = (evidence: string) => lint(text(evidence)).map(({ code, what }) => `${code}: ${what}`)
const AT = 'contract-invalid: steps.build.evidence.'

test('tests are asked for as passed, or by how many', () => {
  expect(asked('{ tests: passed }')!.tests).toEqual({ atLeast: 1, skipped: null })
  expect(asked('{ tests: { atLeast: 7, skipped: 0 } }')!.tests).toEqual({ atLeast: 7, skipped: 0 })
  expect(asked('{ tests: { skipped: 2 } }')!.tests).toEqual({ atLeast: 1, skipped: 2 })
  expect(said('{ tests: failed }')).toEqual([`${AT}tests is not passed, or how many must pass`])
})

test('an SBOM is there, or of the products, and of nothing else', () => {
  expect(asked('{ sbom: present }')!.sbom).toEqual({ products: false })
  expect(asked('{ sbom: products }')!.sbom).toEqual({ products: true })
  expect(said('{ sbom: product }')).toEqual([`${AT}sbom is not present or products`])
})

describe('vulnerabilities', () => {
  test('are below a severity, in whatever is there or in the products alone', () => {
    expect(asked('{ vulnerabilities: { below: high } }')!.vulnerabilities).toEqual({
      below: 'high',
      tools: [],
      vex: [],
      unexcused: false,
      products: false,
    })
    expect(asked('{ vulnerabilities: { below: high, of: products } }')!.vulnerabilities!.products).toBe(true)
    expect(said('{ vulnerabilities: { below: high, of: steps } }')).toEqual([`${AT}vulnerabilities.of is not products`])
  })

  test('are excused by statements of steps before it, or of itself', () => {
    expect(asked('{ vulnerabilities: { below: high, vex: [source, build] } }')!.vulnerabilities!.vex).toEqual([
      'source',
      'build',
    ])
    expect(said('{ vulnerabilities: { below: high, vex: [sourec] } }')).toEqual([
      `${AT}vulnerabilities.vex[0] is sourec, which is neither this step nor one that it comes after`,
    ])
  })

  test.each([
    ['["Trivy 0.58 (db 2026-11-01)"]', []],
    [`["${'t'.repeat(512)}"]`, []],
    [`["${'t'.repeat(513)}"]`, ['[0] is not the name of a tool, as its report gives it']],
    ['[" "]', ['[0] is not the name of a tool, as its report gives it']],
    ['[""]', ['[0] is not the name of a tool, as its report gives it']],
    ['["trivý"]', ['[0] is not the name of a tool, as its report gives it']],
    ['["ýtriv"]', ['[0] is not the name of a tool, as its report gives it']],
    ['[trivy, grype, trivy]', ['[2] is trivy for the second time']],
  ] as const)('are looked for by tools, of which %s', (tools, faults) => {
    expect(said(`{ vulnerabilities: { below: high, tools: ${tools} } }`)).toEqual(
      faults.map((what) => `${AT}vulnerabilities.tools${what}`),
    )
  })
})

test('what is empty asks for nothing, and says so', () => {
  const empty = (what: string) => expect.stringMatching(new RegExp(`^contract-empty: steps\\.build\\.evidence${what} `))
  expect(said('{}')).toEqual([empty('')])
  expect(said('{ tests: {} }')).toEqual([empty('\\.tests')])
  expect(said('{ reports: [] }')).toEqual([empty('\\.reports')])
  expect(said('{ vulnerabilities: { below: high, tools: [] } }')).toEqual([empty('\\.vulnerabilities\\.tools')])
})
