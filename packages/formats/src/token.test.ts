import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_TOKEN_LINKS, parseToken, writeToken } from './token.ts'

const refused = expect.objectContaining({ code: 'token-invalid' })
const digits = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })

test('a token survives the round trip and needs no quoting', () => {
  const links = fc.uniqueArray(digits(64), { minLength: 1, maxLength: MAX_TOKEN_LINKS })
  fc.assert(
    fc.property(digits(32), links, (chain, some) => {
      const text = writeToken({ chain, links: some })
      expect(parseToken(text)).toEqual({ chain, links: some })
      expect(text).toMatch(/^[a-z0-9.]+$/)
      expect(encodeURIComponent(text)).toBe(text)
    }),
  )
})

test('what no reader would take is not written', () => {
  const chain = '0'.repeat(32)
  const link = '0'.repeat(64)
  for (const links of [
    [],
    [link, link],
    ['x'],
    Array.from({ length: MAX_TOKEN_LINKS + 1 }, (_, i) => String(i).padStart(64, '0')),
  ]) {
    expect(() => writeToken({ chain, links })).toThrow(refused)
  }
  expect(() => writeToken({ chain: '', links: [link] })).toThrow(refused)
})

test('the message does not repeat what was given', () => {
  expect(() => parseToken('secret-in-the-wrong-variable')).not.toThrow(/secret/)
  expect(() => parseToken('secret-in-the-wrong-variable')).toThrow(refused)
})
