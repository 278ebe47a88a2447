import { describe, expect, test } from 'vitest'
import { contractYaml, lint, parse } from './contract.test-kit.ts'
import { shown } from './fault.ts'

const at = (text: string) => lint(text).map(({ code, what }) => `${code}: ${what}`)
const words = (text: string) => text.split(' ')
const matrix = (list: string) => contractYaml(`  build:\n    signers: [ci]\n    matrix: ${list}\n`)

describe('text that a YAML reader takes for something else', () => {
  test.each([
    '2026-11-01 12:00',
    ...words('y N yes No ON off = 0b1_0 0xF_a -0x1f 0 +1 1_000 1. 1.5 1.5_25 -.5 .25_ ._ .'),
    ...words('1e3 1.5e+10 2E-3 12:30 1:5:59 190:20:30.15 2026-11-01 2026-1-1 2026-11-01T12:00:00Z 2026-11-01t1'),
  ])('%s is to be quoted', (text) => {
    const [fault, ...others] = lint(matrix(`[${text}]`))
    expect(others).toEqual([])
    expect(fault!.what).toContain(`is ${shown(text)}, which YAML readers`)
    expect(fault!.fix).toBe(`Quote it: "${text}".`)
    expect(parse(matrix(`["${text}"]`)).steps.get('build')!.matrix).toEqual([text])
  })

  test.each([
    ...words('yess ay non of == 0b 0xg x1 1a 1.x 1.5x .. a.5 .5a 1e 1e+ 1ex 1.5e1_0 --1 12:61 12:a 2026-11'),
    ...words('2026-11-01x 2026-11- 202-11-01 20261-11-01 2026-111-01 2026-11-011 v2026-11-01 2026-xx-01 2026-11-xx'),
  ])('%s is text to all of them', (text) => {
    expect(at(matrix(`["${text}"]`))).toEqual([])
    expect(at(matrix(`[${text}]`))).toEqual([])
  })

  test('as a key, too; in quotes it is text', () => {
    const keyed = (key: string) => contractYaml(`  ${key}:\n    signers: [ci]\n`, { final: 'build' })
    for (const key of ['on', '1', '12:30', '2026-11-01', '~']) {
      const said = at(keyed(key))
      expect(said, key).toContain(
        `contract-invalid: steps has a key ${shown(key)} that is not text to every YAML reader`,
      )
    }
    const good = contractYaml(`  "on":\n    signers: [ci]\n`, { final: '"on"' })
    expect([...parse(good).steps.keys()]).toEqual(['on'])
    // At the top there is no path to tell.
    expect(at(`on: 1\n${keyed('build')}`)).toEqual([
      'contract-invalid: the contract has a key on that is not text to every YAML reader',
    ])
  })

  test('is no wonder where it could be nothing of the kind', () => {
    // A number where a word is asked for is told as what it is not, and not to be quoted.
    const said = at(contractYaml('  build:\n    signers: [ci]\n', { top: 'attempts: 1' }))
    expect(said).toEqual(['contract-invalid: attempts is not same or carry'])
  })
})

test('a merge key is told as one, wherever it stands, and what may be in it is not lacking', () => {
  const text = contractYaml('  build:\n    signers: [ci]\n')
  expect(at(text.replace('revision: 1', '<<: { revision: 1 }'))).toEqual([
    'contract-invalid: the contract uses a YAML merge key',
  ])
  expect(at(text.replace('    signers: [ci]', '    <<: { signers: [ci] }'))).toEqual([
    'contract-invalid: steps.build uses a YAML merge key',
  ])
  expect(at(text.replace('revision: 1\n', ''))).toEqual(['contract-invalid: the contract lacks revision'])
})

test('a key twice is told with both lines, and the second does not count', () => {
  const text = contractYaml('  build:\n    signers: [ci]\n')
  expect(at(text.replace('revision: 1', 'revision: 1\nrevision: 2'))).toEqual([
    'contract-invalid: revision is here twice, first on line 3',
  ])
})

test('what is no mapping, no list or nothing at all is told as such', () => {
  const text = contractYaml('  build:\n    signers: [ci]\n')
  expect(at(text.replace('    signers: [ci]', '    signers: ci'))).toContain(
    'contract-invalid: steps.build.signers is not a list',
  )
  expect(at(text.replace(/steps:\n[^]*final/, 'steps: text\nfinal'))).toContain(
    'contract-invalid: steps is not a mapping',
  )
  expect(at(text.replace(/steps:\n[^]*final/, 'steps: ~\nfinal')).join()).toMatch(/^contract-empty: steps /)
  expect(at('just text')).toEqual(['contract-invalid: the contract is not a mapping'])
})

test('a list may be as long as it may be, and no longer', () => {
  const list = (count: number) => Array.from({ length: count }, (_, i) => `p${i}`).join(', ')
  const products = (count: number) => contractYaml(`  build:\n    signers: [ci]\n    products: [${list(count)}]\n`)
  expect(at(products(100))).toEqual([])
  expect(at(products(101))).toEqual(['contract-invalid: steps.build.products has more than 100 items'])
})

test('an integer is digits alone, and within its bounds', () => {
  const tolerance = (text: string) =>
    at(contractYaml('  build:\n    signers: [ci]\n', { top: `clockToleranceSeconds: ${text}` }))
  for (const good of ['0', '86400']) expect(tolerance(good), good).toEqual([])
  for (const bad of ['-1', '86401', '1.0', '0x1', '01', '1_0', '"1"', '[1]', '~', '1e2', '1234567890123456']) {
    expect(tolerance(bad), bad).toEqual(['contract-invalid: clockToleranceSeconds is not an integer from 0 to 86400'])
  }
})

test('a fault of a value on lines of its own points to its key, else to the value', () => {
  const where = (text: string) => lint(text).map(({ line, column }) => [line, column])
  const text = contractYaml('  build:\n    signers: [ci]\n')
  const line = text.split('\n').findIndex((one) => one.startsWith('    signers')) + 1
  expect(where(text.replace('    signers: [ci]', '    signers:\n      - nobody'))).toEqual([[line + 1, 9]])
  expect(where(text.replace('    signers: [ci]', '    signers:\n      a: b'))).toEqual([[line, 5]])
  expect(where(text.replace('    signers: [ci]', '    signers: {a: b}'))).toEqual([[line, 14]])
  expect(where(text.replace('    signers: [ci]', '    signers:'))).toEqual([[line, 5]])
})
