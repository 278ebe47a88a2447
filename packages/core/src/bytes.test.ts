import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, equal, fromUtf8, utf8 } from './bytes.ts'

const refused = expect.objectContaining({ code: 'utf8-invalid' })

test('well-formed text survives the round trip', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(fromUtf8(utf8(text))).toBe(text)
    }),
  )
})

test('a lone surrogate is refused, never replaced', () => {
  for (const text of ['\ud800', 'a\udc00b', '\udc00\ud800']) expect(() => utf8(text)).toThrow(refused)
  // What the platform does without the check:
  expect(new TextEncoder().encode('\ud800')).toEqual(Uint8Array.of(0xef, 0xbf, 0xbd))
})

test('bytes are text only when the text is those bytes again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
      let text: string
      try {
        text = fromUtf8(bytes)
      } catch (error) {
        expect(error).toEqual(refused)
        return
      }
      expect(utf8(text)).toEqual(bytes)
    }),
    { numRuns: 2000 },
  )
})

test('a byte order mark stays in the text, for strict readers to refuse', () => {
  expect(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))).toBe('\ufeffA')
})

test('a fatal decode leaves nothing behind for the next one', () => {
  expect(() => fromUtf8(Uint8Array.of(0xe2, 0x82))).toThrow(refused)
  expect(fromUtf8(Uint8Array.of(0x41))).toBe('A')
})

test('concat joins in order, also nothing', () => {
  expect(concat()).toEqual(new Uint8Array(0))
  expect(concat(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3))
})

test('equal compares content and length', () => {
  expect(equal(new Uint8Array(0), new Uint8Array(0))).toBe(true)
  expect(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true)
  expect(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
  expect(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false)
  expect(equal(Uint8Array.of(0x80), Uint8Array.of(0))).toBe(false)
})
