import { expect, test } from 'vitest'
import { contractYaml, keyOf, lint } from './contract.test-kit.ts'
import { byPerson, personOf } from './people.ts'

/** What is said of people, where `ann1`, `ann2` and `bob` may sign. */
function said(people: string) {
  const text = contractYaml('  build:\n    signers: [ann1, ann2, bob]\n', { top: `people: ${people}` })
  return lint(text).map(({ code, what, fix }) => ({ said: `${code}: ${what}`, fix }))
}
const whats = (people: string) => said(people).map((one) => one.said)

test('whoever has several signers is one person with all of them', () => {
  const people = new Map([
    ['ann1', 'ann'],
    ['ann2', 'ann'],
  ])
  expect(personOf(people, 'ann2')).toBe('ann')
  expect(personOf(people, 'bob')).toBe('bob')
  expect([...byPerson(people, ['bob', 'ann1', 'ann2'])]).toEqual([
    ['bob', ['bob']],
    ['ann', ['ann1', 'ann2']],
  ])
  expect(whats('{ ann: [ann1, ann2] }')).toEqual([])
})

test('a person has a name, and signers that are there and nobody else’s', () => {
  expect(whats('{ "-": [ann1] }')).toEqual(['contract-invalid: people.- is not a name'])
  expect(whats('{}')[0]).toMatch(/^contract-empty: people /)
  expect(whats('{ ann: [] }')[0]).toMatch(/^contract-empty: people\.ann /)
  const [fault] = said('{ ann: [ann1, ann3] }')
  expect(fault!.said).toBe('contract-invalid: people.ann[1] is ann3, which is no signer')
  expect(fault!.fix).toMatch(/ann[12]/)
  expect(whats('{ ann: [ann1], eve: [ann1] }')).toEqual([
    'contract-invalid: people.eve[0] is ann1, a signer of ann already',
  ])
})

test('a person may be called as a signer of their own, and not as somebody else’s', () => {
  expect(whats('{ bob: [ann1, bob] }')).toEqual([])
  expect(whats('{ bob: [ann1] }')).toEqual(['contract-invalid: people.bob has the name of a signer that is not theirs'])
  // Who else they are said to be is still read.
  expect(whats('{ ann: [ann2], bob: [ann1], eve: [ann2] }')).toEqual([
    'contract-invalid: people.bob has the name of a signer that is not theirs',
    'contract-invalid: people.eve[0] is ann2, a signer of ann already',
  ])
})

test('where a signer cannot be read, nobody is said not to be there', () => {
  const text = contractYaml('  build:\n    signers: [ann1]\n', { top: 'people: { ann: [ann1, ann2] }' })
  const broken = text.replace('signers:\n', `signers:\n  on: ${keyOf('on')}\n`)
  expect(lint(broken).map(({ what }) => what)).toEqual(['signers has a key on that is not text to every YAML reader'])
})

test('people may be a thousand, and no more', () => {
  const said = (count: number) => {
    const own = Array.from({ length: count }, (_, i) => `  p${i}: [s${i}]`).join('\n')
    const text = contractYaml('  build:\n    signers: [one]\n', { top: `people:\n${own}` })
    return lint(text).map(({ what }) => what)
  }
  expect(said(1_000)).not.toContain('people has more than 1000 people')
  expect(said(1_001)).toContain('people has more than 1000 people')
})
