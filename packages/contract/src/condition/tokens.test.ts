import { describe, expect, test } from 'vitest'
import { ConditionFault } from './fault.ts'
import { tokens } from './tokens.ts'

const read = (text: string) => tokens(text).map(({ kind, text: said, at }) => [kind, said, at])
/** The character at which it is refused; null where it is read. */
const refusedAt = (text: string): number | null => {
  try {
    tokens(text)
    return null
  } catch (error) {
    if (error instanceof ConditionFault) return error.at
    throw error
  }
}
/** What a text of a condition means. */
const meant = (text: string): string => {
  const [first, last] = tokens(text)
  expect([first!.kind, last!.kind, last!.at]).toEqual(['text', 'end', text.length])
  return first!.text
}

test('names, numbers, texts and marks, each where it begins', () => {
  expect(read(' \t\r\n_a1.B <= 12 &&"x"')).toEqual([
    ['name', '_a1', 4],
    ['mark', '.', 7],
    ['name', 'B', 8],
    ['mark', '<=', 10],
    ['number', '12', 13],
    ['mark', '&&', 16],
    ['text', 'x', 18],
    ['end', '', 21],
  ])
  expect(read('')).toEqual([['end', '', 0]])
  expect(read('  ')).toEqual([['end', '', 2]])
})

test('the longest mark is meant', () => {
  const marks = '&& || == != <= >= ( ) [ ] . , ? : < > ! + - * / %'.split(' ')
  for (const mark of marks)
    expect(read(mark), mark).toEqual([
      ['mark', mark, 0],
      ['end', '', mark.length],
    ])
  expect(read('!a<b>=c').map(([, text]) => text)).toEqual(['!', 'a', '<', 'b', '>=', 'c', ''])
  expect(read('a/ /b').map(([, text]) => text)).toEqual(['a', '/', '/', 'b', ''])
})

describe('no token is', () => {
  test.each<[string, number]>([
    ['a & b', 2],
    ['a | b', 2],
    ['a = b', 2],
    ['a // b', 2],
    ['{}', 0],
    ['a;b', 1],
    ['a@b', 1],
    ['$a', 0],
    ['`a`', 0],
    ['ä', 0],
    ['a\u00a0b', 1],
    ['a\fb', 1],
    ['a\vb', 1],
    // Numbers are integers in digits, and exact.
    ['1a', 0],
    ['1_0', 0],
    ['1.', 0],
    ['1.5', 0],
    ['1Z', 0],
    ['a 0x1f', 2],
    ['1e3', 0],
    ['9007199254740992', 0],
    // Texts of another kind, and such over several lines.
    ['r"a"', 0],
    ["b'a'", 0],
    [' abc"a"', 1],
    ['""""""', 0],
    ["'''a'''", 0],
    ['"a', 0],
    ["a == 'b", 5],
    ['"a\nb"', 0],
    ['"a\rb"', 0],
    ['\'a"', 0],
    ['"', 0],
    ['"a\\"', 0],
  ])('%j', (text, at) => {
    expect(refusedAt(text)).toBe(at)
  })
})

test('the largest number is the largest exact one', () => {
  expect(read('9007199254740991')[0]).toEqual(['number', '9007199254740991', 0])
  expect(read('0')[0]).toEqual(['number', '0', 0])
})

describe('a text means', () => {
  test.each<[string, string]>([
    ['""', ''],
    ["''", ''],
    ['"it\'s"', "it's"],
    ['\'say "a"\'', 'say "a"'],
    ['"ü 😀"', 'ü 😀'],
    ['"a\tb"', 'a\tb'],
    ['"\\\\ \\" \\\' \\` \\?"', '\\ " \' ` ?'],
    ['"\\a\\b\\f\\n\\r\\t\\v"', '\u0007\b\f\n\r\t\u000b'],
    ['"\\x41\\xe9\\xFf"', 'A\u00e9\u00ff'],
    ['"\\u00fc\\uABCD"', 'ü\uabcd'],
    ['"\\U0001F600\\U0001f600"', '😀😀'],
    ['"\\x411"', 'A1'],
    // Up to the halves of characters, behind them, and up to the last.
    ['"\\ud7ff\\ue000"', '\ud7ff\ue000'],
    ['"\\U0010FFFF\\x00"', '\u{10ffff}\0'],
  ])('%s', (text, meaning) => {
    expect(meant(text)).toBe(meaning)
  })

  test.each<[string, number]>([
    ['"\\q"', 1],
    ['"ab\\ "', 3],
    ['"\\101"', 1],
    ['"\\X41"', 1],
    ['"\\x4"', 1],
    ['"\\x4g"', 1],
    ['"\\xg4"', 1],
    ['"\\x+1"', 1],
    ['"\\u12"', 1],
    ['"\\u00g0"', 1],
    ['"\\U0001F60"', 1],
    ['"\\x4', 1],
    ['"\\ud800"', 1],
    ['"\\udbff"', 1],
    ['"\\uDFFF"', 1],
    ['"\\U0000d800"', 1],
    ['"\\U00110000"', 1],
    ['"\\Uffffffff"', 1],
    ['"a\\', 2],
  ])('nothing: %s', (text, at) => {
    expect(refusedAt(text)).toBe(at)
  })
})
