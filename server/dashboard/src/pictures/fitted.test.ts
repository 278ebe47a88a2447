import { expect, test } from 'vitest'
import fc from 'fast-check'
import { fitted, fittedApart } from './fitted.ts'

test.each([
  ['shop/web', 20, 'shop/web'],
  ['github-74123456/.github/workflows/release.yml', 20, 'github-7…release.yml'],
  ['abcdefgh', 5, 'abcd…'],
  ['abcdefgh', 1, 'a…'],
])('%s in %i letters is %s', (text, letters, shown) => {
  expect(fitted(text, letters)).toBe(shown)
})

test.each([
  ['in their end', ['test (ubuntu, 20)', 'test (ubuntu, 22)'], 10, ['tes…u, 20)', 'tes…u, 22)']],
  [
    'in their middle',
    ['test (ubuntu, node 20, unit and integration)', 'test (ubuntu, node 22, unit and integration)'],
    10,
    ['tes…20, u…', 'tes…22, u…'],
  ],
  ['in their beginning', ['test (chromium)', 'test (firefox)'], 10, ['test (chr…', 'test (fir…']],
  ['in nothing that is cut', ['build', 'test'], 10, ['build', 'test']],
])('names that differ %s can be told apart', (_, names, letters, shown) => {
  const map = fittedApart(names, letters)
  expect(names.map((name) => map.get(name))).toEqual(shown)
})

test('names stay within their room, and two that differ in one letter are two', () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '('), maxLength: 30 })
  fc.assert(
    fc.property(
      part,
      fc.constantFrom('1', '2'),
      part,
      fc.integer({ min: 8, max: 20 }),
      (before, letter, after, room) => {
        const names = [`${before}${letter}${after}`, `${before}${letter === '1' ? '2' : '1'}${after}`]
        const shown = names.map((name) => fittedApart(names, room).get(name)!)
        expect(shown.every((text) => text.length <= room)).toBe(true)
        expect(new Set(shown).size).toBe(2)
      },
    ),
  )
})
