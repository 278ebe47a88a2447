import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasControl } from '@countersign/core'
import { plainText } from './index.ts'

describe('plainText', () => {
  it.each([
    ['plain', 'grün ✓ 日本', 'grün ✓ 日本'],
    ['colour', 'a\u001b[31;1mred\u001b[0m b', 'ared b'],
    ['cursor and erase', '\u001b[2J\u001b[1;1Hgone', 'gone'],
    ['window title', '\u001b]0;owned\u0007after', 'after'],
    ['hyperlink', '\u001b]8;;https://evil.example\u001b\\click\u001b]8;;\u001b\\', 'click'],
    ['unfinished title', 'before\u001b]0;owned', 'before'],
    ['device control', '\u001bPq#0\u001b\\after', 'after'],
    ['8-bit controls', '\u009b31mred\u009d0;title\u009cafter', 'redafter'],
    ['lone escape', 'a\u001b', 'a'],
    ['lines', 'one\r\n  two\u2028three', 'one   two three'],
    ['overprinting', 'safe\rFAKE\b\b', 'safe FAKE'],
    ['text turned around', 'user\u202etxt.exe\u2066', 'usertxt.exe'],
    ['lone surrogate', 'a\ud800b', 'a\ufffdb'],
  ])('%s', (_name, text, plain) => {
    expect(plainText(text)).toBe(plain)
  })

  it('clips', () => {
    expect(plainText('x'.repeat(50), 10)).toBe(`${'x'.repeat(9)}…`)
    expect(plainText('x'.repeat(10), 10)).toBe('x'.repeat(10))
    expect(plainText('\u{1f600}'.repeat(50), 10).isWellFormed()).toBe(true)
  })

  it('leaves no control character, whatever it is given', () => {
    const unit = fc.oneof(
      fc.constantFrom('\u001b', '[', ']', '\u009b', '\u0007', '3', 'm', '\u202e', '\n'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 60 }), (parts) => {
        const plain = plainText(parts.join(''))
        return !hasControl(plain) && plain.length <= 1000
      }),
    )
  })
})
