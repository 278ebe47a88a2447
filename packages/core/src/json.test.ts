import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8 } from './bytes.ts'
import { canonicalJson } from './jcs.ts'
import { type JsonValue, parseJson } from './json.ts'
import { rounds } from '../../../test/thorough.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })

/** What JSON.parse gives, with what strictness refuses on purpose left out. */
function portable(value: unknown): boolean {
  if (typeof value === 'number')
    return !Object.is(value, -0) && (!Number.isInteger(value) || Number.isSafeInteger(value))
  if (typeof value !== 'object' || value === null) return true
  return Object.keys(value).every((key) => key !== '__proto__') && Object.values(value).every(portable)
}

const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 2 })

test('reads what JSON.parse reads, compact or spread out', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.nat(4), (text, indent) => {
      const value: unknown = JSON.parse(text)
      fc.pre(portable(value))
      for (const form of [text, JSON.stringify(value, null, indent)]) {
        expect(JSON.stringify(parseJson(form))).toBe(JSON.stringify(value))
        expect(parseJson(utf8(form))).toEqual(value)
      }
    }),
    { numRuns: rounds(300, 1000) },
  )
})

test('refuses what JSON.parse refuses, whatever is done to a text', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '"a"',
    '1',
    '-',
    '0',
    '.',
    'e',
    '+',
    'null',
    'tru',
    ' ',
    '\n',
    '\t',
    '\\u00',
    'é',
    '\u2028',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
      const text = pieces.join('')
      let accepted: unknown
      try {
        accepted = parseJson(text)
      } catch (error) {
        expect(error).toEqual(expect.objectContaining({ name: 'CodedError' }))
        return
      }
      expect(JSON.stringify(accepted)).toBe(JSON.stringify(JSON.parse(text)))
    }),
    { numRuns: 5000 },
  )
})

test('parse, write, parse changes nothing', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' }), (value) => {
      fc.pre(portable(value))
      const written = canonicalJson(value as JsonValue)
      const read = parseJson(written)
      expect(read).toEqual(value)
      expect(canonicalJson(read)).toEqual(written)
    }),
    { numRuns: 1000 },
  )
})

test('every escape JSON knows, and white space anywhere it may stand', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 6 }), space, space, (text, before, after) => {
      const escaped = [...Array(text.length).keys()].map(
        (i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`,
      )
      const object = `${before}{${after}"${escaped.join('')}"${before}:${after}"${escaped.join('').toUpperCase().replaceAll('\\U', '\\u')}"${before}}${after}`
      fc.pre(text !== '__proto__')
      expect(Object.entries(parseJson(object) as object)).toEqual([[text, text]])
    }),
  )
  expect(parseJson('"\\"\\\\\\/\\b\\f\\n\\r\\t"')).toBe('"\\/\b\f\n\r\t')
})

const members = (keys: readonly string[]) => `{${keys.map((key) => `${JSON.stringify(key)}:0`).join(',')}}`

test('two equal keys are refused, however they are written and wherever they stand', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 }), { minLength: 1, maxLength: 40 }), fc.nat(), (keys, at) => {
      const distinct = [...new Set(keys)].filter((key) => key !== '__proto__')
      fc.pre(distinct.length > 0)
      const again = distinct[at % distinct.length]!
      expect(Object.keys(parseJson(members(distinct)) as object).toSorted()).toEqual(distinct.toSorted())
      expect(() => parseJson(members([...distinct, again]))).toThrow(coded('json-duplicate-key'))
      expect(() => parseJson(`[${members([again, ...distinct])}]`)).toThrow(coded('json-duplicate-key'))
    }),
  )
})

test('size is refused before anything is read', () => {
  expect(() => parseJson('x'.repeat(17), { maxBytes: 16 })).toThrow(coded('input-too-large'))
  expect(() => parseJson(new Uint8Array(17).fill(0xff), { maxBytes: 16 })).toThrow(coded('input-too-large'))
  expect(() => parseJson(new Uint8Array(16 * 1024 * 1024 + 1))).toThrow(coded('input-too-large'))
  expect(parseJson(`"${'x'.repeat(14)}"`, { maxBytes: 16 })).toBe('x'.repeat(14))
})

test('depth is bounded for arrays and objects, alone and mixed, and counted again after each', () => {
  expect(() => parseJson('[{"a":[]}]', { maxDepth: 2 })).toThrow(coded('json-depth'))
  expect(parseJson('[{"a":[]},[{}],{"b":{}}]', { maxDepth: 3 })).toEqual([{ a: [] }, [{}], { b: {} }])
  expect(() => parseJson('['.repeat(200_000))).toThrow(coded('json-depth'))
  expect(() => parseJson('{"a":'.repeat(200_000))).toThrow(coded('json-depth'))
})

test('many members, long strings and long numbers are read in time', () => {
  const wide = `{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":${i}`).join(',')}}`
  expect(Object.keys(parseJson(wide) as object).length).toBe(100_000)
  const long = 'ab\\n'.repeat(100_000)
  expect((parseJson(`"${long}"`) as string).length).toBe(300_000)
  expect(() => parseJson('9'.repeat(1_000_000))).toThrow(coded('json-number'))
  const backslashAtEnd = `[${'"a",'.repeat(100_000)}"\\n"]`
  expect((parseJson(backslashAtEnd) as unknown[]).length).toBe(100_001)
})

test('a message shows no more than a piece of the input', () => {
  const long = 'k'.repeat(100_000)
  for (const text of [`{"${long}":1,"${long}":2}`, '1'.repeat(100_000), `"${long}`, `{${long}`]) {
    expect(() => parseJson(text)).toThrow(expect.objectContaining({ what: expect.stringMatching(/^.{1,120}$/) }))
  }
})

test('an inherited property is no member', () => {
  for (const name of ['toString', 'constructor', 'hasOwnProperty', 'valueOf', '__defineGetter__']) {
    const object = parseJson('{}') as { [key: string]: unknown }
    expect(Object.hasOwn(object, name)).toBe(false)
    expect(Object.keys(parseJson(`{"${name}":1}`) as object)).toEqual([name])
  }
})

test('a string is judged the same wherever in it the fault or the escape stands', () => {
  for (let length = 0; length < 60; length++) {
    const plain = 'abcdefghij'.repeat(6).slice(0, length)
    expect(parseJson(`["${plain}","x"]`)).toEqual([plain, 'x'])
    for (let at = 0; at <= length; at++) {
      const around = (middle: string) => `["${plain.slice(0, at)}${middle}${plain.slice(at)}","x"]`
      expect(parseJson(around('\\n'))).toEqual([`${plain.slice(0, at)}\n${plain.slice(at)}`, 'x'])
      expect(parseJson(around('\u00e9\u2028'))).toEqual([`${plain.slice(0, at)}\u00e9\u2028${plain.slice(at)}`, 'x'])
      expect(() => parseJson(around('\n'))).toThrow(coded('json-invalid'))
      expect(() => parseJson(around('\u0000'))).toThrow(coded('json-invalid'))
      expect(() => parseJson(around('\ud800'))).toThrow(coded('json-string'))
      expect(() => parseJson(around('\\udc00'))).toThrow(coded('json-string'))
      expect(() => parseJson(around('\\q'))).toThrow(coded('json-invalid'))
      expect(() => parseJson(around('"'))).toThrow(coded('json-invalid'))
    }
    expect(() => parseJson(`["${plain}`)).toThrow(coded('json-invalid'))
    expect(() => parseJson(`["${plain}\\`)).toThrow(coded('json-invalid'))
  }
})

test('an escape found far ahead is not mistaken for one in between', () => {
  const long = 'y'.repeat(40)
  expect(parseJson(`["${long}","${long}\\t${long}","${long}",{"${long}\\"":"${long}\\\\"}]`)).toEqual([
    long,
    `${long}\t${long}`,
    long,
    { [`${long}"`]: `${long}\\` },
  ])
})

test('numbers of every length are what they say or refused', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('0', '1', '9', '-', '.', 'e', 'E', '+'), minLength: 1, maxLength: 20 }),
      (text) => {
        let value: unknown
        try {
          value = parseJson(text)
        } catch {
          return
        }
        expect(value).toBe(JSON.parse(text))
        expect(Object.is(value, -0) || (Number.isInteger(value) && !Number.isSafeInteger(value))).toBe(false)
      },
    ),
    { numRuns: 3000 },
  )
  for (let digits = 1; digits <= 16; digits++)
    expect(parseJson('9007199254740991'.slice(0, digits))).toBe(Number('9007199254740991'.slice(0, digits)))
})

test('a polluted Object.prototype changes nothing', () => {
  const prototype = Object.prototype as { [key: string]: unknown }
  prototype['polluted'] = 'yes'
  try {
    const object = parseJson('{"a":{}}') as { a: { [key: string]: unknown } }
    expect('polluted' in object.a).toBe(false)
    expect(object.a['polluted']).toBeUndefined()
    expect(Object.keys(parseJson('{"polluted":1}') as object)).toEqual(['polluted'])
    const inherited: string[] = []
    for (const key in object.a) inherited.push(key)
    expect(inherited).toEqual([])
  } finally {
    delete prototype['polluted']
  }
})
