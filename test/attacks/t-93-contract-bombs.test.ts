import { lintContract, parseContract } from '@countersign/contract'
import { parseGlob, utf8 } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import { isMap, parse as parseYaml, parseDocument } from 'yaml'
import { contractText, parties } from '../pipeline.ts'

// T-93: a contract or a pattern that stalls or exhausts whoever reads it. A stall would show as this file's time-out.

const SIZE = 256 * 1024
const codes = (text: string) => [...new Set(lintContract(utf8(text)).map((fault) => fault.code))]
const repeat = (text: string, size = SIZE - 1000) => text.repeat(Math.floor(size / text.length))
const good = contractText(parties())

function stairs(line: (i: number) => string): string {
  const lines: string[] = []
  for (let i = 0, size = 0; size < SIZE - 2000; i++)
    size += lines[lines.push(`${' '.repeat(i)}${line(i)}`) - 1]!.length + 1
  return `${lines.join('\n')}\n`
}

/** Nine of the one below, so many floors high. */
function laughs(floors: number): string {
  const lines = ['a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]']
  for (let i = 1; i < floors; i++)
    lines.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    )
  return `${lines.join('\n')}\n`
}

const BOMBS: Readonly<Record<string, string>> = {
  'brackets that open': repeat('['),
  'braces that open': repeat('{'),
  'brackets that close': repeat(']'),
  'brackets that open and close': repeat('[', SIZE / 2 - 500) + repeat(']', SIZE / 2 - 500),
  'maps in maps in brackets': repeat('{a: '),
  'lists in lists on one line': repeat('- '),
  'lists in lists on one line, and back': `${repeat('- ')}\na: 1\n`,
  'keys of keys': repeat('? '),
  'empty keys': repeat(': '),
  'maps in maps on one line': repeat('a: '),
  'a stair of maps': stairs(() => 'a:'),
  'a stair of maps, and back': `${stairs(() => 'a:')}b: 1\n`,
  'a stair of lists and maps': stairs((i) => `${' '.repeat(i)}- a:`),
  'different keys': Array.from({ length: 30_000 }, (_, i) => `k${i}:`).join('\n'),
  'equal keys': repeat('a:\n'),
  'keys in braces': `{${repeat('a,')}}`,
  'list items': `a:\n${repeat('- x\n')}`,
  commas: `[${repeat(',')}`,
  'colons in brackets': `[${repeat(': ')}`,
  'question marks in brackets': `[${repeat('? ')}`,
  quotes: repeat('"'),
  'single quotes': repeat("'"),
  'bad escapes': `"${repeat('\\x')}"`,
  comments: repeat('#\n'),
  'indented comments': `a:\n${repeat('  #\n')}b: 1\n`,
  'empty lines': `a:\n${repeat('\n')}b: 1\n`,
  anchors: repeat('&a '),
  aliases: repeat('*a '),
  tags: `a:\n${repeat(' !a\n')}`,
  documents: repeat('---\n'),
  'document ends': repeat('...\n'),
  directives: repeat('%a\n'),
  'one long word': `a: ${repeat('x')}`,
  'one long number': `revision: ${repeat('1')}`,
  'one long number in old style': `revision: 1${repeat(':0')}`,
  'one long key': `${repeat('x')}: a`,
  'one long path of dots': good.replace('dist/app.tgz', repeat('../', SIZE - 4000)),
  'folded lines': `a: >\n${repeat(' x\n')}`,
  'white space': `a: x${repeat(' ')}y`,
  tabs: repeat('\t'),
  'null characters': repeat('\0'),
  'a billion laughs': laughs(10),
}

describe('a YAML bomb is refused in proportion to its size', () => {
  test.each(Object.keys(BOMBS))('%s', (name) => {
    expect(utf8(BOMBS[name]!).length).toBeLessThanOrEqual(SIZE)
    const faults = lintContract(utf8(BOMBS[name]!))
    expect(faults.length).toBeGreaterThan(0)
    expect(faults.length).toBeLessThanOrEqual(100)
    for (const { what, fix } of faults) expect(what.length + fix.length).toBeLessThan(700)
  })

  test('tokens are counted before they are parsed', () => {
    for (const name of ['commas', 'brackets that close', 'different keys', 'comments', 'empty lines']) {
      expect(codes(BOMBS[name]!), name).toEqual(['input-too-large'])
    }
  })

  test('above the bound nothing is read at all', () => {
    const fill = (size: number) => `${good}#${'x'.repeat(size - good.length - 2)}\n`
    expect(codes(fill(SIZE))).toEqual([])
    expect(codes(fill(SIZE + 1))).toEqual(['input-too-large'])
    expect(codes('['.repeat(1024 * 1024))).toEqual(['input-too-large'])
    expect(codes(repeat('[', 64 * 1024 * 1024))).toEqual(['input-too-large'])
  })
})

describe('control: without our bounds the library would not do', () => {
  test('nesting overflows its stack', () => {
    expect(() => parseDocument(BOMBS['lists in lists on one line, and back']!)).toThrow(RangeError)
    expect(codes(BOMBS['lists in lists on one line, and back']!)).toEqual(['contract-invalid'])
    const nested = (depth: number) => good.replace('[codebuild]', `${'['.repeat(depth)}codebuild${']'.repeat(depth)}`)
    expect(codes(nested(1))).toEqual([])
    expect(lintContract(utf8(nested(20)))[0]!.what).not.toContain('deeper')
    expect(lintContract(utf8(nested(40)))[0]!.what).toContain('nested deeper than 32 levels')
  })

  test('its search for equal keys is quadratic', () => {
    const compared = (keys: number) => {
      let count = 0
      const text = Array.from({ length: keys }, (_, i) => `k${i}: 1\n`).join('')
      parseDocument(text, { uniqueKeys: (a, b) => ++count < 0 && a === b })
      return count
    }
    expect(compared(2000)).toBeGreaterThan(3.9 * compared(1000))
  })

  test('aliases unfold', () => {
    const text = laughs(5)
    const all = (value: unknown): number => (Array.isArray(value) ? value.reduce((sum, item) => sum + all(item), 0) : 1)
    expect(text.length).toBeLessThan(400)
    expect(all((parseYaml(text, { maxAliasCount: -1 }) as { a4: unknown }).a4)).toBe(9 ** 5)
    expect(lintContract(utf8(text)).some((fault) => fault.what.includes('YAML anchor'))).toBe(true)
  })

  test('it says nothing of a second document when it is asked to be silent', () => {
    const document = parseDocument(`${good}---\n${good}`, { logLevel: 'silent' })
    expect(isMap(document.contents) && document.errors.length === 0).toBe(true)
    expect(codes(`${good}---\n${good}`)).toEqual(['contract-invalid'])
  })
})

describe('a pattern bomb takes steps in proportion to pattern × name', () => {
  test('stars in a name', () => {
    const contract = parseContract(utf8(good.replace('dist/app.tgz', `${'*a'.repeat(127)}b`)))
    const [glob] = contract.steps.get('build')!.products!
    expect(glob!.matches('a'.repeat(4096))).toBe(false)
    expect(glob!.matches(`${'a'.repeat(4095)}b`)).toBe(true)
  })

  test('double stars in a path', () => {
    const contract = parseContract(utf8(good.replace('dist/app.tgz', `${'**/a/'.repeat(51)}b`)))
    const [glob] = contract.steps.get('build')!.products!
    expect(glob!.matches(`${'a/'.repeat(2047)}c`)).toBe(false)
    expect(glob!.matches(`${'a/'.repeat(2047)}b`)).toBe(true)
  })

  test('control: a matcher that tries every way is lost at a fraction of it', () => {
    let steps = 0
    const slow = (pattern: string, text: string): boolean => {
      if (++steps > 1_000_000) return false
      if (pattern === '') return text === ''
      if (pattern[0] === '*') return slow(pattern.slice(1), text) || (text !== '' && slow(pattern, text.slice(1)))
      return pattern[0] === text[0] && slow(pattern.slice(1), text.slice(1))
    }
    slow(`${'*a'.repeat(10)}b`, 'a'.repeat(30))
    expect(steps).toBeGreaterThan(1_000_000)
    expect(parseGlob(`${'*a'.repeat(10)}b`).matches('a'.repeat(30))).toBe(false)
  })

  test('what looks like a regular expression is plain text', () => {
    const contract = parseContract(utf8(good.replace('dist/app.tgz', '(a+)+$')))
    const [glob] = contract.steps.get('build')!.products!
    expect(glob!.matches('a'.repeat(4096))).toBe(false)
    expect(glob!.matches('(a+)+$')).toBe(true)
  })
})
