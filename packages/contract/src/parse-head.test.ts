import { utf8 } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import { authorityYaml, keylessContract, WORKFLOWS } from '../../../test/keyless.ts'
import { contractYaml, keyOf, lint, parse, vkeyOf } from './contract.test-kit.ts'
import { lintContract, parseBaseline } from './index.ts'

const STEPS = '  build:\n    signers: [ci]\n'
const GOOD = contractYaml(STEPS)
const faults = (text: string) => lint(text).map(({ code, what }) => `${code}: ${what}`)
const invalid = (what: string) => [`contract-invalid: ${what}`]
/** A good contract with one line of its head another. */
const headed = (field: string, value: string) =>
  new RegExp(`^${field}:`, 'm').test(GOOD)
    ? GOOD.replace(new RegExp(`^${field}:.*$`, 'm'), `${field}: ${value}`)
    : GOOD.replace('steps:', `${field}: ${value}\nsteps:`)

describe('the head of a contract', () => {
  test.each<[string, string, readonly string[]]>([
    ['contract', 'v1', []],
    ['contract', 'v2', invalid('contract is not v1, the version of the contract language')],
    ['contract', '"v1 "', invalid('contract is not v1, the version of the contract language')],
    ['pipeline', 'shop/web', []],
    ['pipeline', '"shop web"', invalid('pipeline is not a pipeline name, like shop/web')],
    ['pipeline', '[shop]', invalid('pipeline is not a pipeline name, like shop/web')],
    ['revision', '1000000000', []],
    ['revision', '0', invalid('revision is not an integer from 1 to 1000000000')],
    ['revision', '1000000001', invalid('revision is not an integer from 1 to 1000000000')],
    ['revision', '"1"', invalid('revision is not an integer from 1 to 1000000000')],
    ['final', 'build', []],
    ['final', 'biuld', invalid('final is biuld, which is no step')],
    ['final', '[build]', invalid('final is not the name of a step')],
    ['final', '"b d"', invalid('final is not the name of a step')],
    ['attempts', 'same', []],
    ['attempts', 'carry', []],
    ['attempts', 'any', invalid('attempts is not same or carry')],
    ['clockToleranceSeconds', '0', []],
    ['clockToleranceSeconds', '86400', []],
    ['clockToleranceSeconds', '86401', invalid('clockToleranceSeconds is not an integer from 0 to 86400')],
    ['clockToleranceSeconds', '-1', invalid('clockToleranceSeconds is not an integer from 0 to 86400')],
    ['owner', 'ana', invalid('owner is not a field here')],
  ])('with %s: %s', (field, value, expected) => {
    expect(faults(headed(field, value))).toEqual(expected)
  })

  test('is what it says', () => {
    expect(parse(headed('clockToleranceSeconds', '0')).clockTolerance).toBe(0)
    expect(parse(headed('attempts', 'carry')).attempts).toBe('carry')
    expect(parse(GOOD)).toMatchObject({
      pipeline: 'shop/web',
      revision: 1,
      attempts: 'same',
      clockTolerance: 300_000,
      final: 'build',
      authorities: new Map(),
      anchored: null,
      maintainers: null,
    })
  })

  test('has each of its parts where that is named', () => {
    const steps = `${STEPS}  approve:
    after: [build]
    signers: [ana, ben]
    approvals: 2
`
    const top = `people: { boss: [ben] }
countersigners: ["${vkeyOf('log.example')}"]
anchored: { within: 1h }
maintainers: { threshold: 1, of: { cy: ${keyOf('cy')} } }
grace: 7d`
    expect(faults(contractYaml(steps, { top }))).toEqual([])
    const contract = parse(contractYaml(steps, { top }))
    expect(contract.steps.get('approve')!.approvals!.people).toEqual(
      new Map([
        ['ana', ['ana']],
        ['boss', ['ben']],
      ]),
    )
    expect(contract.countersigners.map(({ name }) => name)).toEqual(['log.example'])
    expect(contract.anchored).toEqual({ within: 3_600_000, by: [] })
    expect([...contract.maintainers!.of.keys()]).toEqual(['cy'])
    expect(contract.grace).toBe(7 * 86_400_000)
  })

  test.each(['contract', 'pipeline', 'revision', 'signers', 'steps', 'final'])('lacks %s', (field) => {
    const without = GOOD.replace(new RegExp(`^${field}:.*\\n(?:  .*\\n)*`, 'm'), '')
    expect(faults(without)[0]).toBe(`contract-invalid: the contract lacks ${field}`)
  })

  test.each<[string, string]>([
    ['', 'contract-empty'],
    ['{}', 'contract-empty'],
    ['[]', 'contract-empty'],
    ['# nothing\n', 'contract-empty'],
    ['- contract: v1\n', 'contract-invalid'],
    ['contract', 'contract-invalid'],
  ])('is nothing: %j', (text, code) => {
    expect(lint(text).map((fault) => fault.code)).toEqual([code])
    expect(() => parse(text)).toThrow(expect.objectContaining({ code }))
  })

  test('tells what else there is where the final step is none', () => {
    const [fault] = lint(headed('final', 'biuld'))
    expect(fault!.fix).toBe('Did you mean build? There is: build.')
  })
})

describe('a grade that is asked for', () => {
  const identity = (grade: string, named = '[source]') =>
    keylessContract({ step: `    minimumGrade: ${grade}` }).replace('signers: [source]', `signers: ${named}`)

  test.each(['A', 'B', 'C'])('%s: no key has it', (grade) => {
    const text = contractYaml(`  build:\n    signers: [ci, ana]\n    minimumGrade: ${grade}\n`)
    expect(faults(text)).toEqual(
      invalid(`steps.build.minimumGrade asks for ${grade}, and its signers are keys, of grade D`),
    )
  })

  test('D: every key has it', () => {
    expect(faults(contractYaml('  build:\n    signers: [ci]\n    minimumGrade: D\n'))).toEqual([])
  })

  test('an identity may have it, also beside a key', () => {
    expect(faults(identity('A'))).toEqual([])
    const mixed = identity('A', '[source, ci]').replace('signers:\n', `signers:\n  ci: ${keyOf('ci')}\n`)
    expect(faults(mixed)).toEqual([])
  })

  test('of nobody is said of nobody', () => {
    expect(faults('')).toHaveLength(1)
    expect(faults(contractYaml('  build:\n    signers: []\n    minimumGrade: A\n'))).not.toContain(
      'contract-invalid: steps.build.minimumGrade asks for A, and its signers are keys, of grade D',
    )
  })
})

describe('an authority that nobody needs', () => {
  test('is named, at its place', () => {
    const text = keylessContract({
      authorities: `  ours:\n${authorityYaml()}\n  spare: { sigstore: public }`,
      signers: {
        source: `${WORKFLOWS.source}\n    authority: ours`,
        build: `${WORKFLOWS.build}\n    authority: ours`,
        deploy: `${WORKFLOWS.deploy}\n    authority: ours`,
      },
    })
    const [fault, ...more] = lint(text)
    expect(more).toEqual([])
    expect(fault!.what).toBe('authorities.spare vouches for nobody')
    expect(text.split('\n')[fault!.line - 1]).toMatch(/^ {2}spare:/)
  })

  test('is named where all signers are keys', () => {
    const text = GOOD.replace('steps:', 'authorities:\n  spare: { sigstore: public }\nsteps:')
    expect(faults(text)).toEqual(invalid('authorities.spare vouches for nobody'))
    // Not where a signer could not be read: it may be the one that it vouches for.
    expect(faults(text.replace(/ {2}ci: .*/, '  ci: x'))).toHaveLength(1)
    expect(faults(text.replace(/ {2}ci: .*/, '  ci: x'))[0]).toMatch(/^key-invalid: signers.ci/)
  })
})

test('what a baseline lacks is said of a contract, and of nothing else', () => {
  const baseline = parseBaseline(utf8('baseline: v1\norganisation: acme\nrevision: 1\napprovals: 1\n'))
  const codes = (text: string) => lintContract(utf8(text), baseline).map(({ code }) => code)
  expect(codes(GOOD)).toEqual(['baseline-unmet'])
  expect(codes(headed('final', 'biuld'))).toEqual(['contract-invalid'])
  expect(codes('')).toEqual(['contract-empty'])
  expect(codes('a: [')).toEqual(['contract-invalid'])
})
