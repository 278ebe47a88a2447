import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readEntries, writeEntries } from './entries.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })
const bytes = (...values: readonly number[]) => Uint8Array.from(values)

test('each entry after its length, two bytes, big endian', () => {
  expect(writeEntries([bytes(7, 8, 9), bytes(), new Uint8Array(258)])).toEqual(
    bytes(0, 3, 7, 8, 9, 0, 0, 1, 2, ...new Uint8Array(258)),
  )
})

test('what is written is read again', () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 })
  fc.assert(
    fc.property(entries, (entries) => {
      const bundle = writeEntries(entries)
      expect(readEntries(bundle, entries.length)).toEqual(entries)
      // As a view into more bytes, and cut anywhere.
      const within = new Uint8Array(bundle.length + 9)
      within.set(bundle, 5)
      expect(readEntries(within.subarray(5, 5 + bundle.length), entries.length)).toEqual(entries)
      for (const cut of [1, 2, 3]) {
        expect(() => readEntries(bundle.subarray(0, -cut), entries.length)).toThrow(coded('tile-invalid'))
      }
      for (const width of [entries.length - 1, entries.length + 1]) {
        expect(() => readEntries(bundle, width)).toThrow(coded('tile-invalid'))
      }
    }),
    { numRuns: 50 },
  )
})

test('what is read is written the same', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30, max: 3 }), fc.integer({ min: 1, max: 6 }), (bundle, width) => {
      let entries
      try {
        entries = readEntries(bundle, width)
      } catch (error) {
        expect(error).toEqual(coded('tile-invalid'))
        return
      }
      expect(entries).toHaveLength(width)
      expect(writeEntries(entries)).toEqual(bundle)
    }),
    { numRuns: 2000 },
  )
})

describe('bounds', () => {
  test('an entry of 65,535 bytes fits, one more does not', () => {
    const largest = new Uint8Array(65_535).fill(1)
    expect(readEntries(writeEntries([largest]), 1)).toEqual([largest])
    expect(() => writeEntries([bytes(1), new Uint8Array(65_536)])).toThrow(coded('input-too-large'))
  })

  test('a bundle has 1 to 256 entries', () => {
    const entries = (count: number) => Array.from({ length: count }, () => bytes(1))
    expect(readEntries(writeEntries(entries(256)), 256)).toHaveLength(256)
    expect(() => writeEntries([])).toThrow(coded('tile-invalid'))
    expect(() => writeEntries(entries(257))).toThrow(coded('tile-invalid'))
    expect(() => readEntries(bytes(), 0)).toThrow(coded('tile-invalid'))
    expect(() => readEntries(bytes(), 1)).toThrow(coded('tile-invalid'))
    expect(() => readEntries(new Uint8Array(2 * 257), 257)).toThrow(coded('tile-invalid'))
  })

  test('reading stops at the first entry too many', () => {
    const many = new Uint8Array(2_000_000)
    expect(() => readEntries(many, 1)).toThrow(
      expect.objectContaining({ code: 'tile-invalid', what: 'a bundle holds more than 1 entries' }),
    )
  })

  test.each([
    ['one byte of a length', bytes(0)],
    ['a length alone', bytes(0, 1)],
    ['an entry cut short', bytes(0, 2, 9)],
    ['a byte after the last', bytes(0, 1, 9, 0)],
    ['an empty entry after the last', bytes(0, 1, 9, 0, 0)],
    ['the length with its bytes swapped', bytes(1, 0, 9)],
  ])('%s', (_, bundle) => {
    expect(readEntries(bytes(0, 1, 9), 1)).toEqual([bytes(9)])
    expect(() => readEntries(bundle, 1)).toThrow(coded('tile-invalid'))
  })
})
