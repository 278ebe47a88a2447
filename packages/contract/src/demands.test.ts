import { describe, expect, test } from 'vitest'
import { contractYaml, lint, parse } from './contract.test-kit.ts'

const whats = (steps: string) => lint(contractYaml(steps)).map(({ what }) => what)
/** A step that a run may do without, between the first and the last. */
const around = (after: string, more = '') => `  build:
    signers: [ci]
  bench:
    after: [build]
    signers: [ci]
    optional: always
${more}  deploy:
    after: [${after}]
    signers: [ci]
`

describe('what a run may do without', () => {
  test('is not all that goes before a step', () => {
    expect(whats(around('build, bench'))).toEqual([])
    expect(whats(around('bench'))).toEqual(['steps.deploy.after names only steps that a run may do without'])
  })

  test('may be all of it where one that could not be read goes before too', () => {
    // Nobody knows whether that one is optional: its own fault is said, and no other.
    for (const after of ['check', 'bench, check', 'check, bench']) {
      expect(whats(around(after, '  check: 5\n')), after).toEqual(['steps.check is not a mapping'])
    }
  })
})

test('an approval is by one to a hundred people, each in a job of their own', () => {
  const by = (count: number, signers: number) => `  build:
    signers: [ci]
    products: [app]
  approve:
    after: [build]
    signers: [${Array.from({ length: signers }, (_, i) => `p${i}`).join(', ')}]
    approvals: ${count}
`
  expect(whats(by(1, 1))).toEqual([])
  expect(whats(by(100, 100))).toEqual([])
  expect(whats(by(101, 101))).toHaveLength(1)
  expect(whats(by(0, 1))).toHaveLength(1)
  expect(whats(by(3, 2))).toEqual(['steps.approve.approvals asks for 3 people, and 2 may sign'])
  const { approvals } = parse(contractYaml(by(2, 2))).steps.get('approve')!
  expect(approvals).toEqual({
    atLeast: 2,
    people: new Map([
      ['p0', ['p0']],
      ['p1', ['p1']],
    ]),
  })
})

test('a step has up to 32 conditions, of up to 2048 characters each', () => {
  const having = (...conditions: readonly string[]) =>
    whats(`  build:\n    signers: [ci]\n    conditions: ${JSON.stringify(conditions)}\n`)
  const texts = (count: number) => Array.from({ length: count }, (_, i) => `step.attempt != ${i}`)
  expect(having(...texts(32))).toEqual([])
  expect(having(...texts(33))).toHaveLength(1)
  const long = (length: number) => `step.name != "${'x'.repeat(length - 15)}"`
  expect(long(2048)).toHaveLength(2048)
  expect(having(long(2048))).toEqual([])
  expect(having(long(2049))).toHaveLength(1)
})
