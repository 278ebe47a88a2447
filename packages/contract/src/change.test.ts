import { parseGlob } from '@countersign/core'
import { expect, test } from 'vitest'
import { coversAll, effectOf } from './change.ts'

test('what allows less is tighter, what allows more is looser, and what does neither is another', () => {
  expect([effectOf(true, false), effectOf(false, true), effectOf(false, false), effectOf(true, true)]).toEqual([
    'tightened',
    'loosened',
    'changed',
    null,
  ])
})

test.each([
  ['**', 'anything/*.tgz', true],
  ['dist/*.tgz', 'dist/*.tgz', true],
  ['dist/*.tgz', 'dist/app.tgz', true],
  ['dist/*.tgz', 'dist/app.zip', false],
  ['dist/**', 'dist/*.tgz', true],
  ['dist/**', 'dist/a/**', true],
  ['dist/**', 'distant/*.tgz', false],
  ['dist/**', 'other/*.tgz', false],
  ['dist/**', '*.tgz', false],
  ['*/**', 'dist/*.tgz', false],
  ['dist/*', 'dist/*.tgz', false],
  ['dist', 'dist/*.tgz', false],
  ['*.tgz', '*.zip', false],
  ['dist/*.tgz', '**', false],
])('%s is certain to cover %s: %s', (wide, narrow, expected) => {
  expect(coversAll(parseGlob(wide), parseGlob(narrow))).toBe(expected)
})
