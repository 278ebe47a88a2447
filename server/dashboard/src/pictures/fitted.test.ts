import { expect, test } from 'vitest'
import { fitted } from './fitted.ts'

test.each([
  ['shop/web', 20, 'shop/web'],
  ['github-74123456/.github/workflows/release.yml', 20, 'github-7…release.yml'],
  ['abcdefgh', 5, 'abcd…'],
  ['abcdefgh', 1, 'a…'],
])('%s in %i letters is %s', (text, letters, shown) => {
  expect(fitted(text, letters)).toBe(shown)
})
