import { describe, expect, it } from 'vitest'
import { checkCollisions, entryName, nameOf } from './names.ts'
import { Exclusion, Wildcard } from './selection.ts'

const coded = (code: string) => expect.objectContaining({ code })

describe('names', () => {
  it.each([
    ['a', 'a'],
    ['./a', 'a'],
    ['././a/b/', 'a/b'],
    ['.', '.'],
    ['./', '.'],
    ['cafe\u0301', 'caf\u00e9'],
  ])('%j is %j', (written, name) => expect(nameOf(written)).toBe(name))

  it('of entries are checked whatever they look like', () => {
    for (const name of ['a', 'a.b', '.hidden', 'a b', 'C:', 'ü', '-', '$(id)', 'a:b'])
      expect(entryName('d/', name)).toBe(name)
    for (const name of ['a\\b', 'a\nb', '\u202e', 'bad\ufffd', '\u0007']) {
      expect(() => entryName('d/', name)).toThrow(coded('path-invalid'))
    }
    expect(() => entryName('', 'C:')).toThrow(coded('path-invalid'))
    expect(() => entryName('d/'.repeat(2100), 'a')).toThrow(coded('path-invalid'))
  })

  it.each([
    [['A', 'a']],
    [['a/X', 'a/x']],
    [['a/x', 'A/y']],
    [['dir/', 'DIR/x']],
    [['\u00df', 'SS']],
    [['a', 'b', 'caf\u00e9/x', 'CAFE\u0301/y']],
    [['b/a/x', 'c', 'b/A/x']],
  ])('%j collide', (names) => expect(() => checkCollisions(names)).toThrow(coded('name-collision')))

  it.each([[['a', 'b']], [['dir/', 'dir/x']], [['a/b', 'b/a', 'ab']], [[]], [['a.b', 'a/b', 'a-b']]])(
    '%j do not',
    (names) => expect(checkCollisions(names)).toBeUndefined(),
  )
})

describe('exclusions', () => {
  it('cover what they match and everything below', () => {
    const it = new Exclusion(['./node_modules/', '*.map', 'dist/**', 'a/*/c'])
    for (const path of ['node_modules', 'node_modules/a/b', 'x.map', 'x.map/y', 'dist/a/b', 'a/b/c', 'a/b/c/d']) {
      expect([path, it.covers(path)]).toEqual([path, true])
    }
    for (const path of ['node_modules2', 'src/node_modules', 'a/x.map', 'a/b', 'a/b/d']) {
      expect([path, it.covers(path)]).toEqual([path, false])
    }
    expect(new Exclusion(['.']).covers('anything/at/all')).toBe(true)
    expect(new Exclusion([]).covers('a')).toBe(false)
  })

  it.each(['/a', '../a', 'a/../b', 'a//b', ''])('refuse %j', (pattern) => {
    expect(() => new Exclusion([pattern])).toThrow(coded('pattern-invalid'))
  })
})

describe('wildcards', () => {
  it.each([
    ['dist/*.js', 'dist', ['dist'], ['dist/sub', 'src']],
    ['*/dist/*', '', ['a', 'a/dist'], ['a/src', 'a/dist/b']],
    ['a/**/b', 'a', ['a', 'a/x', 'a/x/y'], ['b']],
    ['**', '', ['a', 'a/b'], []],
    ['a/b?/**/c', 'a', ['a', 'a/b1', 'a/b1/x/y'], ['a/c']],
  ])('%s begin in %j', (pattern, base, entered, not) => {
    const wildcard = new Wildcard(pattern)
    expect(wildcard.base).toBe(base)
    for (const path of entered) expect([path, wildcard.enters(path)]).toEqual([path, true])
    for (const path of not) expect([path, wildcard.enters(path)]).toEqual([path, false])
  })
})
