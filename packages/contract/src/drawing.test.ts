import { describe, expect, test } from 'vitest'
import { contractYaml, parse } from './contract.test-kit.ts'
import { drawContract, outlineContract } from './index.ts'

const contract = parse(
  contractYaml(
    `  deploy:
    after: [release]
    signers: [ops]
  source:
    signers: [ci]
  build:
    after: [source]
    signers: [ci, spare]
    products: ["dist/*.tgz", 'a"b']
    matrix: [linux, "[x]\\"]
  release:
    after: [build, source]
    signers: [ci]
    minimumGrade: D
    materials:
      - from: build
        match: ["dist/*.tgz"]
      - outside: notes
    products: [all.tar]
`,
    { final: 'release' },
  ).replace('"[x]\\"', `'[x]"'`),
)

describe('the drawing of a contract', () => {
  test('as text: what goes before stands above', () => {
    const lines = drawContract(contract, 'text').split('\n')
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ['shop/web revision 1'],
      ['● source', 'begins the run', 'by ci'],
      ['● build [linux, [x]"]', 'after source', 'by ci or spare', 'makes dist/*.tgz, a"b'],
      [
        '◆ release',
        'after build (dist/*.tgz), source (order)',
        'by ci of grade D',
        'makes all.tar; from outside notes',
      ],
      ['○ deploy', 'after release', 'by ops'],
      ['◆ final', '● demanded', '○ after the final step'],
      [''],
    ])
  })

  test('as Mermaid: nothing of the contract ends a label', () => {
    expect(drawContract(contract, 'mermaid')).toBe(`flowchart LR
  s0["source"]
  s1["build [linux, [x]#34;]"]
  s2[["release"]]
  s3("deploy")
  s0 --> s1
  s1 -->|"dist/*.tgz"| s2
  s0 -.-> s2
  s2 --> s3
`)
  })

  test('as an outline for whoever draws it otherwise', () => {
    const { steps, lines } = outlineContract(contract)
    expect(steps.map(({ rule, place }) => [rule.name, place])).toEqual([
      ['source', 'demanded'],
      ['build', 'demanded'],
      ['release', 'final'],
      ['deploy', 'after'],
    ])
    expect(lines).toEqual([
      { from: 'source', to: 'build', handed: '' },
      { from: 'build', to: 'release', handed: 'dist/*.tgz' },
      { from: 'source', to: 'release', handed: null },
      { from: 'release', to: 'deploy', handed: '' },
    ])
  })

  test('as DOT', () => {
    expect(drawContract(contract, 'dot')).toBe(`digraph "shop/web" {
  rankdir=LR;
  "source" [label="source", shape=box];
  "build" [label="build [linux, [x]\\"]", shape=box];
  "release" [label="release", shape=doubleoctagon];
  "deploy" [label="deploy", shape=ellipse];
  "source" -> "build" [label=""];
  "build" -> "release" [label="dist/*.tgz"];
  "source" -> "release" [style=dotted];
  "release" -> "deploy" [label=""];
}
`)
  })

  test('what a step asks for beside is told short', () => {
    const asking = parse(
      contractYaml(`  build:
    signers: [ci]
    products: [app]
    runner: hosted
    evidence: { tests: { atLeast: 100 }, sbom: present, vulnerabilities: { below: high }, reports: [vsa] }
    conditions: [step.attempt < 4]
  approve:
    after: [build]
    signers: [ana, ben]
    approvals: 2
    fresh: 7d
`),
    )
    const built = 'with 100 tests, SBOM, vulnerabilities below high, vsa; on hosted runners; on 1 condition'
    const lines = drawContract(asking, 'text').split('\n')
    expect(lines[1]).toContain(`makes app; ${built}`)
    expect(lines[2]).toContain('approved by 2 of 2; counts 7d')
    expect(drawContract(asking, 'mermaid')).toContain(`s0["build; ${built}"]`)
    expect(drawContract(asking, 'dot')).toContain('[label="approve; approved by 2 of 2; counts 7d", shape=')
  })
})
