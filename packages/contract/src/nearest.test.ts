import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nearest, useOneOf } from './nearest.ts'
import { rounds } from '../../../test/thorough.ts'

/** Optimal string alignment, written down without bands or reuse. */
function slow(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length
  const [x, y] = [a.slice(1), b.slice(1)]
  if (a[0] === b[0]) return slow(x, y)
  const swapped = a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0] ? slow(a.slice(2), b.slice(2)) : 9
  return 1 + Math.min(slow(x, b), slow(a, y), slow(x, y), swapped)
}

test('one name is near another exactly when its slow twin counts few enough mistakes', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 7 })
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(nearest(a, [b])).toBe(slow(a, b) <= (a.length < 5 ? 1 : 2) ? b : null)
    }),
    { numRuns: rounds(800, 3000) },
  )
})

test('the nearest of several is named, the first of equals', () => {
  expect(nearest('biuld', ['deploy', 'build', 'built'])).toBe('build')
  expect(nearest('tst', ['test', 'text'])).toBe('test')
  expect(nearest('BUILD', ['test', 'build'])).toBe('build')
  expect(nearest('build', [])).toBe(null)
})

test('advice names the nearest and a short list', () => {
  expect(useOneOf('sorce', ['source', 'build'])).toBe('Did you mean source? There is: source, build.')
  expect(useOneOf('zzzzz', ['source', 'build'])).toBe('Use one of: source, build.')
  const many = Array.from({ length: 1000 }, (_, i) => `step-${i}`)
  expect(useOneOf('zzzzz', many)).toMatch(/step-19, … \(1000 in all\)\.$/)
  expect(useOneOf('x', [])).toBe('There is none yet: define it first.')
})

test('a thousand long names are compared within a band', () => {
  const name = 'a'.repeat(128)
  const known = Array.from({ length: 1000 }, (_, i) => `${'a'.repeat(124)}${i.toString().padStart(4, '0')}`)
  expect(nearest(name, known)).toBe(null)
  expect(nearest(`${'a'.repeat(123)}b0007`, known)).toBe(known[7])
})
