import { hex } from '@countersign/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  context,
  der,
  derBits,
  derNumber,
  derOctets,
  derOid,
  DerReader,
  derSequence,
  derSet,
  derTrue,
  derUnsigned,
  MAX_DER_BYTES,
  parseDer,
  TAG,
} from './der.ts'

const invalid = expect.objectContaining({ name: 'CodedError', code: 'anchor-invalid' })
const of = (...bytes: readonly number[]) => Uint8Array.from(bytes)
const read = (bytes: Uint8Array) => new DerReader(bytes, 'it', 'anchor-invalid')

test('what is written is read as the same, at every length', () => {
  for (const length of [0, 1, 127, 128, 129, 255, 256, 257, 65_000]) {
    const bytes = new Uint8Array(length).fill(7)
    const reader = read(derOctets(bytes))
    expect(reader.octets()).toEqual(bytes)
    reader.end()
  }
})

test('a length has one spelling', () => {
  for (const bytes of [
    of(0x04, 0x81, 0x01, 0xff),
    of(0x04, 0x81, 0x7f, ...new Uint8Array(127)),
    of(0x04, 0x82, 0x00, 0x80, ...new Uint8Array(128)),
    of(0x04, 0x82, 0x00, 0xff, ...new Uint8Array(255)),
    of(0x04, 0x83, 0x00, 0x01, 0x00, ...new Uint8Array(256)),
    of(0x04, 0x80, 0x01, 0x00, 0x00),
    of(0x24, 0x80, 0x04, 0x01, 0x00, 0x00, 0x00),
    of(0x04, 0x84, 0x00, 0x00, 0x00, 0x01, 0x01),
    of(0x04, 0xff),
    of(0x04, 0x02, 0x01),
    of(0x04),
    of(0x1f, 0x21, 0x00),
    of(),
  ]) {
    expect(() => parseDer(bytes, 'it', 'anchor-invalid'), hex(bytes)).toThrow(invalid)
  }
  expect(parseDer(of(0x04, 0x81, 0x80, ...new Uint8Array(128)), 'it', 'anchor-invalid').content.length).toBe(128)
})

test('numbers have one spelling, and their bounds', () => {
  fc.assert(
    fc.property(fc.nat(0x7fff_ffff), (value) => {
      expect(read(derNumber(value)).number(0x7fff_ffff)).toBe(value)
      if (value > 0) expect(() => read(derNumber(value)).number(value - 1)).toThrow(invalid)
    }),
  )
  for (const content of [of(), of(0, 0), of(0, 0x7f), of(0xff, 0x80), of(0xff, 0xff)]) {
    expect(() => read(der(TAG.integer, content)).integer(), hex(content)).toThrow(invalid)
  }
  for (const content of [of(0), of(0, 0x80), of(0xff), of(0xff, 0x7f), of(0x80)]) {
    expect(hex(read(der(TAG.integer, content)).integer())).toBe(hex(content))
  }
  for (const content of [of(0xff), of(1, 0, 0, 0, 0, 0, 0, 0)]) {
    expect(() => read(der(TAG.integer, content)).number(2 ** 47)).toThrow(invalid)
  }
  expect(hex(derUnsigned(of(0, 0, 0x80)))).toBe('02020080')
  expect(hex(derUnsigned(of()))).toBe('020100')
})

test('object identifiers have one spelling', () => {
  for (const oid of [
    '1.2.840.113549.1.9.16.1.4',
    '2.5.29.37',
    '0.9',
    '1.39.128.16384',
    '2.999',
    '2.100.3',
    '2.16.840.1.101',
  ]) {
    expect(read(derOid(oid)).oid()).toBe(oid)
  }
  for (const content of [of(), of(0x80, 0x01), of(0x2a, 0x80, 0x01), of(0x2a, 0x81), new Uint8Array(12).fill(0xff)]) {
    expect(() => read(der(TAG.oid, content)).oid(), hex(content)).toThrow(invalid)
  }
})

test('a flag is true, false or not there', () => {
  expect(read(derTrue()).flag()).toBe(true)
  expect(read(of(0x01, 0x01, 0x00)).flag()).toBe(false)
  expect(read(of()).flag()).toBe(false)
  expect(() => read(of(0x01, 0x01, 0x01)).flag()).toThrow(invalid)
  expect(() => read(of(0x01, 0x00)).flag()).toThrow(invalid)
})

test('a bit string is of whole bytes', () => {
  expect(read(derBits(of(1, 2))).bits()).toEqual(of(1, 2))
  expect(() => read(der(TAG.bitString, of(1, 2))).bits()).toThrow(invalid)
  expect(() => read(der(TAG.bitString)).bits()).toThrow(invalid)
})

test('a set is in the order of its encodings', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 4 })), (parts) => {
      const set = derSet(...parts.map(derOctets))
      const texts = read(read(set).next(TAG.set).content)
        .all(100)
        .map((one) => hex(one.der))
      expect(texts).toEqual(texts.toSorted())
      expect(set).toEqual(derSet(...parts.toReversed().map(derOctets)))
    }),
  )
})

describe('bounds', () => {
  test('of size', () => {
    expect(() => parseDer(derOctets(new Uint8Array(MAX_DER_BYTES - 4)), 'it', 'anchor-invalid')).not.toThrow()
    expect(() => parseDer(derOctets(new Uint8Array(MAX_DER_BYTES - 3)), 'it', 'anchor-invalid')).toThrow(invalid)
  })

  test('of depth, however deep', () => {
    const nested = (levels: number) =>
      Array.from({ length: levels }).reduce<Uint8Array>((inner) => derSequence(inner), derOctets(of()))
    expect(() => parseDer(nested(31), 'it', 'anchor-invalid')).not.toThrow()
    for (const levels of [32, 100, 16_000])
      expect(() => parseDer(nested(levels), 'it', 'anchor-invalid')).toThrow(invalid)
  })

  test('of items', () => {
    const reader = () => read(new Uint8Array([...derNumber(1), ...derNumber(2), ...derNumber(3)]))
    expect(reader().all(3).length).toBe(3)
    expect(() => reader().all(2)).toThrow(invalid)
  })

  test('something after the end is refused', () => {
    expect(() => parseDer(of(0x05, 0x00, 0x05, 0x00), 'it', 'anchor-invalid')).toThrow(invalid)
    expect(() => read(of(0x05, 0x00)).end()).toThrow(invalid)
  })
})

test('any bytes are read or refused with a code', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        expect(parseDer(bytes, 'it', 'anchor-invalid').der).toEqual(bytes)
      } catch (error) {
        expect(error).toEqual(invalid)
      }
    }),
    { numRuns: 2000 },
  )
})

test('tags of context', () => {
  expect([context(0), context(1, false)]).toEqual([0xa0, 0x81])
  expect(read(der(context(3), derNumber(5))).optional(context(2))).toBeNull()
})
