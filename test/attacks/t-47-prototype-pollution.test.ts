import { type JsonValue, parseJson, utf8 } from '@countersign/core'
import { parseBundle, parseReceipt, parseStep } from '@countersign/formats'
import { afterEach, describe, expect, test } from 'vitest'
import { BUNDLE, change, type Document, objects, OPENING, RECEIPT, receiptAround, STEP } from './documents.ts'

const prototype = Object.prototype as { [key: string]: unknown }
const clean = Object.getOwnPropertyNames(Object.prototype).toSorted()

afterEach(() => {
  delete prototype['polluted']
  expect(Object.getOwnPropertyNames(Object.prototype).toSorted()).toEqual(clean)
})

/** The textbook deep merge that pollution goes through. */
function merge(into: { [key: string]: unknown }, from: { [key: string]: unknown }): void {
  for (const key of Object.keys(from)) {
    const value = from[key]
    if (typeof value === 'object' && value !== null && typeof into[key] === 'object') {
      merge(into[key] as { [key: string]: unknown }, value as { [key: string]: unknown })
    } else {
      into[key] = value
    }
  }
}

const POISON = '"__proto__":{"polluted":true}'

describe.each([
  ['step', STEP, (text: string) => parseStep(utf8(text))],
  ['receipt', RECEIPT, parseReceipt],
  ['receipt whose opening is one', OPENING, (text: string) => parseReceipt(receiptAround(text))],
  ['bundle', BUNDLE, parseBundle],
] as const)('T-47: a %s', (_, document, parse) => {
  test('with __proto__ in any object is refused, plain and escaped', () => {
    for (const path of objects(document)) {
      const marked = JSON.stringify(change(document, path, (old) => ({ MARK: 0, ...(old as Document) })))
      for (const poison of [POISON, POISON.replace('__proto__', '\\u005f_proto__'), '"__proto__":null']) {
        const text = marked.replace('"MARK":0', poison)
        expect(() => parse(text), path.join('.')).toThrow(expect.objectContaining({ code: 'json-invalid' }))
      }
    }
  })

  test('with constructor.prototype in any object pollutes nothing', () => {
    for (const path of objects(document)) {
      const poisoned = change(
        document,
        path,
        (old) => ({ ...(old as Document), constructor: { prototype: { polluted: true } } }) as JsonValue,
      )
      expect(() => parse(JSON.stringify(poisoned)), path.join('.')).toThrow(
        expect.objectContaining({ name: 'CodedError' }),
      )
      expect(prototype['polluted']).toBeUndefined()
    }
  })

  test('that lacks a field does not find it on Object.prototype', () => {
    for (const field of Object.keys(document)) {
      const lacking = JSON.stringify(Object.fromEntries(Object.entries(document).filter(([key]) => key !== field)))
      prototype[field] = document[field]
      try {
        expect(() => parse(lacking), field).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/-invalid$/) }),
        )
        // Red control: a plain reader finds it there.
        expect((JSON.parse(lacking) as Document)[field]).toEqual(document[field])
      } finally {
        delete prototype[field]
      }
    }
    expect(() => parse(JSON.stringify(document))).not.toThrow()
  })
})

test('T-47: red control: JSON.parse and a merge pollute every object of the process', () => {
  merge({}, JSON.parse(`{${POISON}}`) as { [key: string]: unknown })
  expect(({} as { [key: string]: unknown })['polluted']).toBe(true)
  delete prototype['polluted']
  const safe = parseJson('{"constructor":{"prototype":{"polluted":true}}}') as { [key: string]: unknown }
  merge(parseJson('{}') as { [key: string]: unknown }, safe)
  expect(prototype['polluted']).toBeUndefined()
})
