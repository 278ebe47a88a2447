import type { JsonValue } from '@countersign/core'
import { parseReceipt, parseStep, RECEIPT_PREDICATE, STEP_PREDICATE } from '@countersign/formats'
import { expect, test } from 'vitest'
import { change, payloadOf, RECEIPT, STEP } from './documents.ts'

const as = (document: JsonValue, type: JsonValue) => payloadOf(change(document, ['predicateType'], () => type))

const WRONG = [
  'https://countersign.dev/step/v2',
  'https://countersign.dev/step/v1/',
  'https://countersign.dev/step/v1#',
  'https://countersign.dev/step/v1 ',
  'https://countersign.dev/STEP/v1',
  'http://countersign.dev/step/v1',
  'https://countersign.dev.evil.example/step/v1',
  'https://evil.example/?https://countersign.dev/step/v1',
  'https://slsa.dev/provenance/v1',
  'https://in-toto.io/Statement/v1',
  'https://spdx.dev/Document',
  '*',
]

test.each(WRONG)('T-42: a good predicate under the type %j is no step and no receipt (CVE-2022-35929)', (type) => {
  expect(() => parseStep(as(STEP, type))).toThrow(expect.objectContaining({ code: 'predicate-type' }))
  expect(() => parseReceipt(as(RECEIPT, type))).toThrow(expect.objectContaining({ code: 'predicate-type' }))
})

test('T-42: a step is no receipt, and a receipt no step, whichever type it wears', () => {
  expect(() => parseStep(payloadOf(RECEIPT))).toThrow(expect.objectContaining({ code: 'predicate-type' }))
  expect(() => parseReceipt(payloadOf(STEP))).toThrow(expect.objectContaining({ code: 'predicate-type' }))
  expect(() => parseStep(as(RECEIPT, STEP_PREDICATE))).toThrow(expect.objectContaining({ code: 'step-invalid' }))
  expect(() => parseReceipt(as(STEP, RECEIPT_PREDICATE))).toThrow(expect.objectContaining({ code: 'receipt-invalid' }))
})

test.each([null, '', 1, [STEP_PREDICATE]])(
  'T-42: a type that is %j is an error, and an error is no pass (CVE-2026-39395)',
  (type) => {
    expect(() => parseStep(as(STEP, type))).toThrow(expect.objectContaining({ code: 'statement-invalid' }))
  },
)

test('T-42: red control: under its own type each is read', () => {
  expect(parseStep(as(STEP, STEP_PREDICATE)).predicate.step.name).toBe('pack')
  expect(parseReceipt(as(RECEIPT, RECEIPT_PREDICATE)).step).toBe('pack')
})
