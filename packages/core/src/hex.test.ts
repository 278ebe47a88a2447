import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromHex, hex, isHex } from './hex.ts'

test('bytes survive the round trip, as Node writes them', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(hex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
      expect(fromHex(hex(bytes))).toEqual(bytes)
    }),
  )
})

test('isHex knows the sixteen digits and the length, nothing else', () => {
  for (let c = 0; c < 0x250; c++) {
    const digit = '0123456789abcdef'.includes(String.fromCharCode(c))
    expect(isHex(String.fromCharCode(c))).toBe(digit)
    expect(isHex(`a${String.fromCharCode(c)}`, 2)).toBe(digit)
  }
  expect(isHex('')).toBe(true)
  expect(isHex('', 2)).toBe(false)
  expect(isHex('abc', 2)).toBe(false)
})

test('anything else is refused', () => {
  for (const text of ['a', 'AB', 'zz', '0x', ' a', 'a\n']) {
    expect(() => fromHex(text)).toThrow(expect.objectContaining({ code: 'hex-invalid' }))
  }
})
