import { utf8 } from '@countersign/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDecimal, splitAtEmptyLine, writeDecimal } from './lines.ts'

const refused = expect.objectContaining({ name: 'CodedError', code: 'checkpoint-invalid' })
const read = (line: string) => readDecimal(line, 'it', 'checkpoint-invalid')

test('a number has one spelling', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (number) => {
      expect(read(writeDecimal(number, 'it', 'checkpoint-invalid'))).toBe(number)
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0019+-. \nexE_'), maxLength: 18 }), (line) => {
      let number
      try {
        number = read(line)
      } catch (error) {
        expect(error).toEqual(refused)
        return
      }
      expect(String(number)).toBe(line)
    }),
  )
})

test('the first empty line splits', () => {
  const split = (text: string) => splitAtEmptyLine(utf8(text), 'checkpoint-invalid')
  expect(split('a\nb\n\nc\n\nd')).toEqual({ lines: ['a', 'b'], rest: utf8('c\n\nd') })
  expect(split('a\n\n')).toEqual({ lines: ['a'], rest: new Uint8Array(0) })
  expect(split('\n\n')).toEqual({ lines: [''], rest: new Uint8Array(0) })
  for (const text of ['', 'a', '\n', 'a\nb\n']) expect(() => split(text)).toThrow(refused)
  // Only what comes before is decoded here.
  expect(splitAtEmptyLine(Uint8Array.of(0x61, 10, 10, 0xff), 'checkpoint-invalid').rest).toEqual(Uint8Array.of(0xff))
})
