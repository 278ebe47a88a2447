import type { JsonValue } from '@countersign/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Shape } from './shape.ts'

const shape = (value: unknown) => new Shape('step-invalid', value as JsonValue | undefined, 'it')
const fault = (what: string | RegExp) =>
  expect.objectContaining({ code: 'step-invalid', what: expect.stringMatching(what) })

test('an object has exactly its fields', () => {
  const read = shape({ a: 1, b: 2 }).object(['a'], ['b', 'c'])
  expect([read.has('a'), read.has('b'), read.has('c'), read.has('toString')]).toEqual([true, true, false, false])
  expect(() => shape({}).object(['a'])).toThrow(fault(/^it lacks a$/))
  expect(() => shape({ a: 1, x: 2 }).object(['a'])).toThrow(fault(/^it has the unknown field "x"$/))
  expect(() => shape({ a: 1, x: 1, b: 1 }).object(['a'], ['b'])).toThrow(fault('"x"'))
  expect(() => shape({}).object(['toString'])).toThrow(fault('lacks toString'))
  for (const value of [null, [], 'a', 1, true, undefined]) {
    expect(() => shape(value).object([])).toThrow(fault('is not an object'))
    expect(() => shape(value).members()).toThrow(fault('is not an object'))
  }
})

test('a field that prototypes have is unknown like any other', () => {
  for (const key of ['constructor', 'toString', 'hasOwnProperty']) {
    const value = Object.assign(Object.create(null) as object, { a: 1, [key]: 1 })
    expect(() => shape(value).object(['a'])).toThrow(fault(`unknown field "${key}"`))
  }
})

test('a fault names its place, however deep', () => {
  const deep = shape({ list: [{ ok: 1 }, { name: 7 }] })
  const second = deep.object(['list']).get('list').array(2)[1]!
  expect(() => second.object(['name']).get('name').string()).toThrow(fault(/^it\.list\[1\]\.name is not a string$/))
})

test('a fault shows no more than a piece of a hostile name', () => {
  expect(() => shape({ ['x'.repeat(10_000)]: 1 }).object([])).toThrow(
    expect.objectContaining({ what: expect.stringMatching(/^.{1,100}$/) }),
  )
})

test('arrays are bounded', () => {
  expect(shape([1, 2]).array(2).length).toBe(2)
  expect(() => shape([1, 2, 3]).array(2)).toThrow(fault('has more than 2 items'))
  for (const value of [null, {}, 'ab', { length: 1 }])
    expect(() => shape(value).array(2)).toThrow(fault('is not an array'))
})

test('text is bounded, never empty, without controls; a string may be all that', () => {
  expect(shape('a b').text(3)).toBe('a b')
  expect(shape('').string()).toBe('')
  expect(shape('a\n').string()).toBe('a\n')
  expect(() => shape('').text()).toThrow(fault('is empty'))
  expect(() => shape('abcd').text(3)).toThrow(fault('is longer than 3 characters'))
  expect(() => shape('a\n').text()).toThrow(fault('control character'))
  for (const value of [null, 1, ['a'], { length: 1 }])
    expect(() => shape(value).text()).toThrow(fault('is not a string'))
})

test('hex, integers and booleans are what they say', () => {
  expect(shape('ab').hex(2)).toBe('ab')
  for (const value of ['AB', 'a', 'abc', '', 'zz'])
    expect(() => shape(value).hex(2)).toThrow(fault('2 lower-case hex digits'))
  expect([shape(0).integer(0, 2), shape(2).integer(0, 2)]).toEqual([0, 2])
  for (const value of [-1, 3, 0.5, '1', null, true, Number.NaN, 2 ** 53]) {
    expect(() => shape(value).integer(0, 2)).toThrow(fault('is not an integer from 0 to 2'))
  }
  expect([shape(true).boolean(), shape(false).boolean()]).toEqual([true, false])
  for (const value of [0, 1, 'true', null]) expect(() => shape(value).boolean()).toThrow(fault('is not true or false'))
})

test('one of few values', () => {
  expect(shape('a').exactly('a', 'b')).toBe('a')
  for (const value of ['c', 'A', '', null, ['a']])
    expect(() => shape(value).exactly('a', 'b')).toThrow(fault('is not a or b'))
})

test('null is read as null, and nothing else is', () => {
  expect(shape(null).nullable((s) => s.string())).toBeNull()
  expect(shape('a').nullable((s) => s.string())).toBe('a')
  expect(() => shape(undefined).nullable((s) => s.string())).toThrow(fault('is not a string'))
})

const digits = (length: number) => fc.nat(10 ** length - 1).map((n) => String(n).padStart(length, '0'))
const near = (max: number) => fc.oneof(fc.integer({ min: 0, max: max + 1 }), fc.constant(max), fc.nat(99))
const two = (max: number) => near(max).map((n) => String(n).padStart(2, '0'))

describe('times', () => {
  test('are as Date.toISOString writes them', () => {
    for (const ms of [0, 1, 1_795_000_000_123, -1, Date.UTC(9999, 11, 31, 23, 59, 59, 999)]) {
      const text = new Date(ms).toISOString()
      expect(shape(text).time()).toBe(text)
    }
  })

  test('sort as text like they follow one another', () => {
    // A year beyond 9999 begins with a sign, which sorts before every digit.
    const late = new Date(Date.UTC(10_000, 0, 1)).toISOString()
    expect(late < '2026-01-01T00:00:00.000Z').toBe(true)
    expect(() => shape(late).time()).toThrow(fault('is not a time'))
  })

  test('are exactly what Date writes, over all days and hours there are and are not', () => {
    const year = fc.oneof(digits(4), fc.constantFrom('0000', '1900', '2000', '2024', '2026', '9999'))
    fc.assert(
      fc.property(year, two(12), two(31), two(23), two(59), two(59), digits(3), (y, m, d, hour, min, sec, ms) => {
        const text = `${y}-${m}-${d}T${hour}:${min}:${sec}.${ms}Z`
        const parsed = new Date(text)
        const good = !Number.isNaN(parsed.getTime()) && parsed.toISOString() === text
        if (good) expect(shape(text).time()).toBe(text)
        else expect(() => shape(text).time(), text).toThrow(fault('is not a time'))
      }),
      { numRuns: 5000 },
    )
    for (let year = 1896; year <= 2104; year++) {
      const leap = `${year}-02-29T00:00:00.000Z`
      const good = new Date(leap).toISOString() === leap
      if (good) expect(shape(leap).time()).toBe(leap)
      else expect(() => shape(leap).time()).toThrow(fault('is not a time'))
    }
  })

  test('have one spelling', () => {
    const other = [
      '2026-11-20',
      '2026-11-20T12:00:00Z',
      '2026-11-20T12:00:00.00Z',
      '2026-11-20 12:00:00.000Z',
      '2026-11-20T12:00:00.000+00:00',
      '2026-02-30T12:00:00.000Z',
      '2026-11-20T24:00:00.000Z',
      'Fri Nov 20 2026 12:00:00',
      '',
      'now',
    ]
    for (const text of other) expect(() => shape(text).time(), text).toThrow(fault('is not a time'))
    expect(() => shape(0).time()).toThrow(fault('is not a string'))
  })
})
