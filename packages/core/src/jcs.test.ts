import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromUtf8 } from './bytes.ts'
import { canonicalJson } from './jcs.ts'
import type { JsonValue } from './json.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })
const write = (value: unknown) => fromUtf8(canonicalJson(value as JsonValue))

test('writes what another RFC 8785 implementation writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }), (value) => {
      const text = canonicalize(value)
      fc.pre(!/-0(?![.0-9])/.test(JSON.stringify(value)) && !holdsMinusZero(value))
      expect(write(value)).toBe(text)
    }),
    { numRuns: 1000 },
  )
})

test('numbers, over all bit patterns', () => {
  const bits = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
  fc.assert(
    fc.property(bits, (pattern) => {
      const number = new DataView(BigUint64Array.of(pattern).buffer).getFloat64(0)
      if (!Number.isFinite(number) || Object.is(number, -0)) {
        expect(() => canonicalJson(number)).toThrow(coded('json-number'))
        return
      }
      expect(write(number)).toBe(canonicalize(number))
      expect(Object.is(Number(write(number)), number)).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

test('members are sorted by UTF-16 code units, at every level', () => {
  expect(write({ b: { d: 1, c: 2 }, a: [{ f: 1, e: 2 }] })).toBe('{"a":[{"e":2,"f":1}],"b":{"c":2,"d":1}}')
  // U+FF5E is below U+1F600 as a code point and above it as UTF-16.
  expect(write({ '\uff5e': 1, '\u{1f600}': 2 })).toBe('{"\u{1f600}":2,"\uff5e":1}')
  expect(write({ 10: 1, 9: 2 })).toBe('{"10":1,"9":2}')
})

test('what has no canonical form is refused', () => {
  for (const number of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]) {
    expect(() => write({ a: [number] })).toThrow(coded('json-number'))
  }
  for (const text of ['\ud800', '\udc00a']) {
    expect(() => write(text)).toThrow(coded('json-string'))
    expect(() => write({ [text]: 1 })).toThrow(coded('json-string'))
  }
})

test('what is not JSON is refused, not dropped', () => {
  const hole: unknown[] = [1, 2]
  delete hole[0]
  const strange = [
    undefined,
    { a: undefined },
    [undefined],
    hole,
    () => 0,
    Symbol('a'),
    1n,
    new Date(0),
    new Map(),
    Uint8Array.of(1),
    new Error('a'),
  ]
  for (const value of strange) expect(() => write(value)).toThrow(coded('json-invalid'))
  expect(write(Object.assign(Object.create(null) as object, { a: 1 }))).toBe('{"a":1}')
})

test('depth is bounded as the parser bounds it, and a cycle is a depth', () => {
  const nest = (depth: number, inner: unknown): unknown => (depth === 0 ? inner : [nest(depth - 1, inner)])
  expect(write(nest(64, 1))).toBe(`${'['.repeat(64)}1${']'.repeat(64)}`)
  expect(write(nest(63, {}))).toBe(`${'['.repeat(63)}{}${']'.repeat(63)}`)
  expect(() => write(nest(65, 1))).toThrow(coded('json-depth'))
  expect(() => write(nest(64, []))).toThrow(coded('json-depth'))
  const cycle: { a?: unknown } = {}
  cycle.a = cycle
  expect(() => write(cycle)).toThrow(coded('json-depth'))
})

function holdsMinusZero(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Object.is(value, -0)
  return Object.values(value).some(holdsMinusZero)
}
