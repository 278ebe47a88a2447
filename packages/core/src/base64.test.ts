import fc from 'fast-check'
import { expect, test } from 'vitest'
import { base64, base64url, fromBase64, fromBase64url } from './base64.ts'

const refused = expect.objectContaining({ code: 'base64-invalid' })

test('bytes survive the round trip, as Node writes them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = base64(bytes)
      expect(text).toBe(Buffer.from(bytes).toString('base64'))
      expect(fromBase64(text)).toEqual(bytes)
    }),
  )
})

test('a text is read only when writing its bytes gives that text again', () => {
  const alphabet = fc.constantFrom(...'AQgw+/=-_ \n\tZ9é\0')
  fc.assert(
    fc.property(fc.string({ unit: alphabet, maxLength: 12 }), (text) => {
      const canonical = Buffer.from(text, 'base64').toString('base64') === text
      if (canonical) expect(base64(fromBase64(text))).toBe(text)
      else expect(() => fromBase64(text)).toThrow(refused)
    }),
    { numRuns: 2000 },
  )
})

test('every change of one character is other bytes or refused', () => {
  const text = base64(Uint8Array.from([1, 2, 3, 250]))
  const seen = new Set<string>()
  for (let at = 0; at < text.length; at++) {
    for (let c = 0; c < 256; c++) {
      const changed = text.slice(0, at) + String.fromCharCode(c) + text.slice(at + 1)
      let bytes: string
      try {
        bytes = fromBase64(changed).join()
      } catch (error) {
        expect(error).toEqual(refused)
        continue
      }
      if (changed !== text) expect(seen.has(bytes)).toBe(false)
      expect(base64(Uint8Array.from(bytes.split(',').map(Number)))).toBe(changed)
      if (changed !== text) seen.add(bytes)
    }
  }
  expect(seen.size).toBeGreaterThan(300)
})

test('large input is written and read whole', () => {
  const bytes = Uint8Array.from({ length: 200_003 }, (_, i) => (i * 7) & 255)
  expect(fromBase64(base64(bytes))).toEqual(bytes)
})

test('what is read is a plain Uint8Array of its own', () => {
  const bytes = fromBase64('Zm9v')
  expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
  expect(bytes.buffer.byteLength).toBe(3)
})

test('the URL alphabet is read only in the one form in which it is written, without padding', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = base64url(bytes)
      expect(text).toBe(Buffer.from(bytes).toString('base64url'))
      expect(fromBase64url(text)).toEqual(bytes)
    }),
  )
  const alphabet = fc.constantFrom(...'AQgw+/=-_ \n9é')
  fc.assert(
    fc.property(fc.string({ unit: alphabet, maxLength: 12 }), (text) => {
      const canonical = Buffer.from(text, 'base64url').toString('base64url') === text
      if (canonical) expect(base64url(fromBase64url(text))).toBe(text)
      else expect(() => fromBase64url(text)).toThrow(refused)
    }),
    { numRuns: 2000 },
  )
})
