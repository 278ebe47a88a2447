import { utf8 } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import { contractYaml, keyOf, pointedAt } from './contract.test-kit.ts'
import { adviseContract, lintContract } from './index.ts'

const steps = `  build:
    signers: [ci]
    products: [dist/app.tgz]
  release:
    after: [build]
    signers: [ci]
    materials:
      - from: build
        match: [dist/app.tgz]
      - outside: cache/npm.tar
        sha256: ${'a'.repeat(64)}
`
const good = contractYaml(steps)
const told = (text: string) => adviseContract(utf8(text)).map((fault) => [fault.what, pointedAt(text, fault)])

describe('what no contract can mean', () => {
  test('control: nothing of a good one', () => {
    expect(told(good)).toEqual([])
  })

  test('a pattern that stands there twice', () => {
    const both = good.replace('match: [dist/app.tgz]', 'match: ["**", dist/app.tgz]')
    expect(told(both)).toEqual([])
    const twice = good.replace('products: [dist/app.tgz]', 'products: [dist/app.tgz, dist/app.tgz]')
    expect(told(twice)).toEqual([['steps.build.products[1] is dist/app.tgz for the second time', 'dist/app.tgz]']])
  })

  test('a digest that pins nothing', () => {
    const text = good.replace('      - outside: cache', '      - outside: cache/*\n      - outside: cache')
    expect(told(text)).toEqual([
      [
        'steps.release.materials[2] is let in by cache/* already, whatever its bytes, so the sha256 pins nothing',
        expect.stringContaining('outside: cache/npm.tar'),
      ],
    ])
  })

  test('a step that nobody can sign any more', () => {
    const revoked = (more: string) => `contract: v1
pipeline: a
revision: 1
authorities:
  pub: { sigstore: public }
signers:
  ci:
    issuer: https://issuer.example
    sourceRepositoryIdentifier: "1"
${more}  key: ${keyOf('key')}
steps:
  build:
    signers: [ci]
    products: [app]
  sign:
    after: [build]
    signers: [ci, key]
final: sign
`
    const text = revoked('    revokedSince: "2026-11-01T12:00:00.000Z"\n')
    expect(lintContract(utf8(text))).toEqual([])
    expect(told(text)).toEqual([['steps.build.signers are all revoked: nobody can sign this step any more', '[ci]']])
    expect(told(revoked(''))).toEqual([])
  })

  test('a name that is never told', () => {
    const identity = '\n    issuer: https://issuer.example\n    sourceRepositoryIdentifier: "1"\n'
    const text = `contract: v1\npipeline: a\nrevision: 1\nauthorities:\n  pub: { sigstore: public }\nsigners:\n  a:${identity}  b:${identity}steps:\n  build:\n    signers: [a, b]\n    products: [app]\nfinal: build\n`
    expect(told(text)).toEqual([['signers.b means whom a means, so nobody is ever called so', 'b:']])
  })
})
