import { expect, test } from 'vitest'
import { hasControl, isAscii } from './text.ts'

test('every character that moves, hides or ends text is a control', () => {
  // Cc, Zl, Zp and Bidi_Control of Unicode, and the byte order mark.
  const control = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/u
  for (let c = 0; c <= 0x10ffff; c++) {
    const character = String.fromCodePoint(c)
    if (hasControl(character) !== control.test(character)) throw new Error(`U+${c.toString(16)} is judged wrongly`)
  }
})

test('it is found anywhere', () => {
  expect(hasControl('')).toBe(false)
  expect(hasControl('plain text, Zürich, 日本, 👩‍💻')).toBe(false)
  for (const text of ['\na', 'a\n', 'a\u202eb']) expect(hasControl(text)).toBe(true)
})

test('ASCII ends at U+007F', () => {
  expect(isAscii('')).toBe(true)
  expect(isAscii('\0 ~\x7f')).toBe(true)
  expect(isAscii('a\x80')).toBe(false)
  expect(isAscii('é')).toBe(false)
  expect(isAscii('\ud800')).toBe(false)
})
