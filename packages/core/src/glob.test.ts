import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isLiteral, parseGlob } from './glob.ts'

const character = fc.constantFrom('a', 'b', '.', '😀')

/** The meaning, written down: a segment as a regular expression, `**` by trying every cut. */
function slow(pattern: readonly string[], path: readonly string[]): boolean {
  const [first, ...rest] = pattern
  if (first === undefined) return path.length === 0
  if (first === '**') return Array.from({ length: path.length + 1 }, (_, n) => n).some((n) => slow(rest, path.slice(n)))
  const source = [...first]
    .map((c) => (c === '*' ? '.*' : c === '?' ? '.' : `\\u{${c.codePointAt(0)!.toString(16)}}`))
    .join('')
  return path.length > 0 && new RegExp(`^${source}$`, 'su').test(path[0]!) && slow(rest, path.slice(1))
}

test('means what its slow twin says', () => {
  const segment = fc.string({ unit: fc.oneof(character, fc.constantFrom('*', '?')), minLength: 1, maxLength: 5 })
  const good = segment.filter((s) => !s.includes('**') && s !== '.' && s !== '..')
  const pattern = fc.array(fc.oneof({ weight: 3, arbitrary: good }, fc.constant('**')), { minLength: 1, maxLength: 5 })
  const path = fc.array(fc.string({ unit: character, minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 })
  let matched = 0
  fc.assert(
    fc.property(pattern, path, (p, t) => {
      const expected = slow(p, t)
      if (expected) matched++
      expect(parseGlob(p.join('/')).matches(t.join('/'))).toBe(expected)
    }),
    { numRuns: 5000 },
  )
  expect(matched).toBeGreaterThan(100)
})

test('any text is a pattern or refused with its code', () => {
  const unit = fc.oneof(character, fc.constantFrom('*', '?', '/', '\\', '\ud800', '[', '{'))
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
      try {
        expect(parseGlob(text).pattern).toBe(text)
      } catch (error) {
        expect(error).toEqual(expect.objectContaining({ code: 'pattern-invalid' }))
      }
    }),
  )
})

test('a pattern made to blow up takes steps in proportion to pattern × path', () => {
  const glob = parseGlob(`${'*a'.repeat(500)}b`)
  expect(glob.matches('a'.repeat(4000))).toBe(false)
  const deep = parseGlob(`${'**/a/'.repeat(100)}b`)
  expect(deep.matches('a/'.repeat(1000) + 'c')).toBe(false)
})

test('regular expression characters are plain', () => {
  expect(parseGlob('a.b').matches('axb')).toBe(false)
  expect(parseGlob('(a|b)').matches('a')).toBe(false)
  expect(parseGlob('[ab]').matches('a')).toBe(false)
  expect(parseGlob('{a,b}').matches('a')).toBe(false)
  expect(parseGlob('(a|b)').matches('(a|b)')).toBe(true)
})

test('a literal has neither star nor question mark', () => {
  expect(isLiteral('a/b.c[d]')).toBe(true)
  for (const pattern of ['*', 'a?', '**/a']) expect(isLiteral(pattern)).toBe(false)
})
