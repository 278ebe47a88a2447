import { describe, expect, test } from 'vitest'
import { contractYaml, keyOf, parse, vkeyOf } from './contract.test-kit.ts'
import { diffContracts, type Effect } from './index.ts'

const steps = `  source:
    signers: [ci]
  build:
    after: [source]
    signers: [ci, spare]
    products: ["dist/*.tgz"]
    matrix: [linux, macos]
  scan:
    after: [build]
    signers: [sec]
  release:
    after: [build, scan]
    signers: [ci]
    materials:
      - from: build
      - outside: notes/*
    products: [all.tar]
`
const good = contractYaml(steps, { final: 'release' })
const effects = (from: string, to: string) => diffContracts(parse(from), parse(to)).map(({ effect }) => effect)
const replaced = (from: string, to: string) => {
  expect(good.split(from)).toHaveLength(2)
  return good.replace(from, to)
}

test('the same contract, another revision, other names', () => {
  expect(effects(good, replaced('revision: 1', 'revision: 7'))).toEqual([])
  expect(effects(good, good.replaceAll('spare', 'other').replace(keyOf('other'), keyOf('spare')))).toEqual([])
})

const other: Record<Effect, Effect> = { tightened: 'loosened', loosened: 'tightened', changed: 'changed' }

describe('one change, and the way back', () => {
  const maintained = `maintainers:\n  threshold: 1\n  of:\n    ann: ${keyOf('ann')}\n    bob: ${keyOf('bob')}\nsteps:\n`
  const cases: readonly (readonly [string, string, Effect])[] = [
    ['a signer less', good.replace('[ci, spare]', '[ci]').replace(/^ {2}spare: .*\n/m, ''), 'tightened'],
    ['another key under its name', replaced(keyOf('sec'), keyOf('another')), 'changed'],
    ['a higher grade', replaced('signers: [sec]', 'signers: [sec]\n    minimumGrade: D'), 'changed'],
    ['a job more', replaced('[linux, macos]', '[linux, macos, bsd]'), 'tightened'],
    ['a name instead of a pattern', replaced('"dist/*.tgz"', 'dist/app.tgz'), 'tightened'],
    ['another product', replaced('[all.tar]', '[all.zip]'), 'changed'],
    ['bytes instead of a name', replaced('notes/*', `notes/a\n        sha256: ${'a'.repeat(64)}`), 'tightened'],
    ['anything from outside', replaced('notes/*', '"**"'), 'loosened'],
    ['a receipt', replaced('steps:\n', `countersigners: ["${vkeyOf('log')}"]\nsteps:\n`), 'tightened'],
    ['carried attempts', replaced('steps:\n', 'attempts: carry\nsteps:\n'), 'loosened'],
    ['lax clocks', replaced('steps:\n', 'clockToleranceSeconds: 900\nsteps:\n'), 'loosened'],
    ['anchors', replaced('steps:\n', 'anchored: { within: 36h }\nsteps:\n'), 'tightened'],
    ['maintainers', replaced('steps:\n', maintained), 'tightened'],
    ['no grace', replaced('steps:\n', 'grace: none\nsteps:\n'), 'tightened'],
  ]
  test.each(cases)('%s', (name, to, effect) => {
    if (name === 'a higher grade') {
      expect(effects(good, to)).toEqual([])
      return
    }
    expect(effects(good, to)).toEqual([effect])
    expect(effects(to, good)).toEqual([other[effect]])
  })

  test('a threshold and its parties', () => {
    const one = replaced('steps:\n', maintained)
    const two = one.replace('threshold: 1', 'threshold: 2')
    expect(effects(one, two)).toEqual(['tightened'])
    const more = one.replace('  of:\n', `  of:\n    eve: ${keyOf('eve')}\n`)
    expect(diffContracts(parse(one), parse(more))).toEqual([
      { effect: 'loosened', where: 'maintainers.of', what: 'with eve' },
    ])
  })

  test('a step less is loosened, and so is a step of which nothing is received any more', () => {
    const less = replaced('  scan:\n    after: [build]\n    signers: [sec]\n', '')
      .replace('after: [build, scan]', 'after: [build]')
      .replace(/^ {2}sec: .*\n/m, '')
    expect(diffContracts(parse(good), parse(less))).toEqual([
      { effect: 'loosened', where: 'steps.scan', what: 'is not demanded any more' },
      { effect: 'loosened', where: 'steps.release.after', what: 'need not come after scan any more' },
    ])
    expect(effects(less, good)).toEqual(['tightened', 'tightened'])
  })

  test('a step that makes something for another lets in what was not let in', () => {
    const more = replaced('      - from: build\n', '      - from: build\n      - from: scan\n')
    expect(effects(good, more)).toEqual(['tightened'])
    const made = more.replace('signers: [sec]', 'signers: [sec]\n    products: [report]')
    expect(effects(good, made)).toEqual(['changed', 'changed'])
  })
})

describe('identities', () => {
  const authority = 'authorities:\n  pub: { sigstore: public }\n'
  const identity = (more: string) =>
    `contract: v1\npipeline: a\nrevision: 1\n${authority}signers:\n  ci:\n    issuer: https://issuer.example\n    sourceRepositoryIdentifier: "1"\n${more}steps:\n  build:\n    signers: [ci]\n    products: [app]\nfinal: build\n`
  const ref = (pattern: string) => identity(`    sourceRepositoryRef: ${pattern}\n`)

  test.each([
    ['a fact more', identity(''), ref('refs/heads/main'), 'tightened'],
    ['a name of a beginning', ref('{ prefix: refs/heads/ }'), ref('refs/heads/main'), 'tightened'],
    ['a longer beginning', ref('{ prefix: refs/ }'), ref('{ prefix: refs/heads/ }'), 'tightened'],
    [
      'a beginning that only looks longer',
      ref('{ prefix: refs/heads/ma }'),
      ref('{ prefix: refs/heads/main }'),
      'changed',
    ],
    ['another name', ref('refs/heads/main'), ref('refs/heads/next'), 'changed'],
    ['a grade', identity(''), identity('    grade: A\n'), 'tightened'],
    ['a revocation', identity(''), identity('    revokedSince: "2026-11-01T12:00:00.000Z"\n'), 'tightened'],
    ['another authority', identity(''), identity('').replace('public', 'a'.repeat(64)), 'changed'],
  ] as const)('%s', (_, from, to, effect) => {
    expect(effects(from, to)).toEqual([effect])
    expect(effects(to, from)).toEqual([other[effect]])
  })
})
