import { fromUtf8, type JsonValue, utf8 } from '@countersign/core'
import { parseBundle, parseReceipt, parseStep } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import {
  BUNDLE,
  change,
  type Document,
  objects,
  OPENING,
  payloadOf,
  RECEIPT,
  receiptAround,
  STEP,
} from './documents.ts'

/** Objects whose members are data, not fields. */
const MAPS = ['digest', 'environment', 'tools', 'actions']

/** Members that a resource or a key may do without; the bundle's own mediaType is not one. */
const OPTIONAL = ['mediaType', 'annotations', 'mode', 'hint']

const step = (text: string) => parseStep(utf8(text))
const opened = (text: string) => parseReceipt(receiptAround(text))
/** Canonical, so that the spelling is not at fault. */
const textOf = (document: JsonValue) => fromUtf8(payloadOf(document))

describe.each([
  ['step', STEP, 3, step],
  ['receipt', RECEIPT, 1, parseReceipt],
  ['receipt whose opening is one', OPENING, 3, opened],
  ['bundle', BUNDLE, 3, parseBundle],
] as const)('T-50: a %s', (_, document, least, parse) => {
  test('with an unknown field in any of its objects is refused', () => {
    let fields = 0
    for (const path of objects(document)) {
      if (MAPS.includes(String(path.at(-1)))) continue
      for (const value of [null, true, 'x', {}] as JsonValue[]) {
        const more = change(document, path, (old) => ({ ...(old as Document), critical: value }))
        expect(() => parse(textOf(more)), path.join('.')).toThrow(
          expect.objectContaining({
            code: expect.stringMatching(/-invalid$/),
            what: expect.stringContaining('"critical"'),
          }),
        )
      }
      fields++
    }
    expect(fields).toBeGreaterThanOrEqual(least)
    // Red control: nothing but the field is at fault.
    expect(() => parse(textOf(document))).not.toThrow()
  })

  test('with any of its fields missing is refused, null where null is not a fact', () => {
    for (const path of objects(document)) {
      if (MAPS.includes(String(path.at(-1)))) continue
      const object = path.reduce<JsonValue>((value, key) => (value as Document)[key]!, document) as Document
      for (const key of Object.keys(object)) {
        if (OPTIONAL.includes(key) && path.length > 0) continue
        const less = change(document, path, () => Object.fromEntries(Object.entries(object).filter(([k]) => k !== key)))
        expect(() => parse(textOf(less)), [...path, key].join('.')).toThrow(
          expect.objectContaining({ name: 'CodedError', what: expect.not.stringContaining('canonical') }),
        )
      }
    }
  })
})

test.each([
  ['bundle v0.4', parseBundle, BUNDLE, 'mediaType', 'application/vnd.dev.sigstore.bundle.v0.4+json', 'bundle-version'],
  ['bundle v1', parseBundle, BUNDLE, 'mediaType', 'application/vnd.dev.sigstore.bundle.v1.0+json', 'bundle-version'],
  ['statement v2', step, STEP, '_type', 'https://in-toto.io/Statement/v2', 'statement-invalid'],
  ['step v2', step, STEP, 'predicateType', 'https://countersign.dev/step/v2', 'predicate-type'],
  ['receipt v2', parseReceipt, RECEIPT, 'mediaType', 'application/vnd.countersign.receipt.v2+json', 'receipt-invalid'],
  ['leaf v2', opened, OPENING, 'leaf', { ...(OPENING['leaf'] as Document), version: 2 }, 'leaf-invalid'],
] as const)('T-50: %s is unknown here and so refused', (_, parse, document, field, version, code) => {
  expect(() => parse(textOf(change(document, [field], () => version)))).toThrow(expect.objectContaining({ code }))
  expect(() => parse(textOf(document))).not.toThrow()
})
