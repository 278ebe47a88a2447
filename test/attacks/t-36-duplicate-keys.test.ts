import { utf8 } from '@countersign/core'
import { parseBundle, parseReceipt, parseStep } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { BUNDLE, type Document, objects, OPENING, RECEIPT, receiptAround, STEP } from './documents.ts'

const MARK = '\u0001'
const refused = expect.objectContaining({ code: 'json-duplicate-key' })

/** The document's text, once for each of its members, with that member written twice: the second value differs. */
function* twice(document: Document): Generator<{ where: string; text: string; once: string }> {
  for (const path of objects(document)) {
    const object = path.reduce((value, key) => (value as Document)[key] as Document, document)
    for (const key of Object.keys(object)) {
      const marked = JSON.stringify(document, function (this: Document, name: string, value: unknown) {
        return this === object && name === key ? MARK : value
      })
      const member = `${JSON.stringify(key)}:${JSON.stringify(MARK)}`
      const value = JSON.stringify(object[key])
      const first = `${JSON.stringify(key)}:${value}`
      yield {
        where: [...path, key].join('.'),
        once: marked.replace(member, () => first),
        text: marked.replace(member, () => `${first},${JSON.stringify(key)}:"other"`),
      }
    }
  }
}

describe.each([
  ['step', STEP, 6, (text: string) => parseStep(utf8(text))],
  ['receipt', RECEIPT, 2, parseReceipt],
  ['receipt whose opening is one', OPENING, 6, (text: string) => parseReceipt(receiptAround(text))],
  ['bundle', BUNDLE, 6, parseBundle],
] as const)('T-36: a %s with a key twice', (_, document, least, parse) => {
  test('is refused at every level, where JSON.parse keeps the last value and says nothing', () => {
    let places = 0
    for (const { where, text, once } of twice(document)) {
      expect(() => parse(text), where).toThrow(refused)
      // Red control: what a parser that keeps the last value would have read is another document.
      expect(JSON.stringify(JSON.parse(text)), where).not.toBe(JSON.stringify(document))
      expect(() => parse(once), where).not.toThrow()
      places++
    }
    expect(places).toBeGreaterThanOrEqual(least)
  })

  test('is refused also where the second key is written with escapes', () => {
    const key = Object.keys(document)[0]!
    const escaped = `"\\u${key.charCodeAt(0).toString(16).padStart(4, '0')}${key.slice(1)}"`
    const text = JSON.stringify(document).replace('{', () => `{${escaped}:null,`)
    expect(() => parse(text)).toThrow(refused)
    expect(JSON.parse(text)).toEqual(document)
  })
})
