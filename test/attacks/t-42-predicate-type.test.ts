import { fromUtf8, type JsonValue, utf8 } from '@countersign/core'
import {
  BUNDLE_V03,
  CHAIN_MEDIA_TYPE,
  isReceipt,
  parseBundle,
  parseChainFile,
  parseReceipt,
  parseStep,
  PAYLOAD_TYPE,
  RECEIPT_MEDIA_TYPE,
  STEP_PREDICATE,
} from '@countersign/formats'
import { expect, test } from 'vitest'
import { BUNDLE, change, payloadOf, RECEIPT, STEP } from './documents.ts'

const as = (document: JsonValue, type: JsonValue) => payloadOf(change(document, ['predicateType'], () => type))
const wearing = (document: JsonValue, type: JsonValue) => payloadOf(change(document, ['mediaType'], () => type))
const line = (bytes: Uint8Array) => utf8(`${fromUtf8(bytes)}\n`)

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
  RECEIPT_MEDIA_TYPE,
  '*',
]

test.each(WRONG)('T-42: a good predicate under the type %j is no step (CVE-2022-35929)', (type) => {
  expect(() => parseStep(as(STEP, type))).toThrow(expect.objectContaining({ code: 'predicate-type' }))
})

test.each([
  'application/vnd.countersign.receipt.v2+json',
  'application/vnd.countersign.receipt.v1',
  'application/vnd.countersign.receipt.v1+json ',
  'application/vnd.countersign.receipt.v1+JSON',
  'application/vnd.countersign.receipt.v1+json;v=1',
  STEP_PREDICATE,
  BUNDLE_V03,
  PAYLOAD_TYPE,
  CHAIN_MEDIA_TYPE,
  '*',
  '',
  null,
  [RECEIPT_MEDIA_TYPE],
])('T-42: a good proof under the type %j is no receipt, and no line of a chain file', (type) => {
  const bytes = wearing(RECEIPT, type)
  expect(() => parseReceipt(bytes)).toThrow(expect.objectContaining({ code: 'receipt-invalid' }))
  expect(() => parseChainFile(line(bytes))).toThrow(expect.objectContaining({ code: 'chain-file-invalid' }))
})

test('T-42: a step is no receipt, and a receipt no step and no bundle, whichever type it wears', () => {
  expect(() => parseStep(payloadOf(RECEIPT))).toThrow(expect.objectContaining({ code: 'statement-invalid' }))
  expect(() => parseStep(as(RECEIPT, STEP_PREDICATE))).toThrow(expect.objectContaining({ code: 'statement-invalid' }))
  for (const document of [STEP, BUNDLE]) {
    for (const bytes of [payloadOf(document), wearing(document, RECEIPT_MEDIA_TYPE)]) {
      expect(() => parseReceipt(bytes)).toThrow(expect.objectContaining({ code: 'receipt-invalid' }))
    }
  }
  for (const type of [RECEIPT_MEDIA_TYPE, BUNDLE_V03]) {
    expect(() => parseBundle(wearing(RECEIPT, type))).toThrow(expect.objectContaining({ code: 'bundle-invalid' }))
  }
  const file = line(wearing(BUNDLE, RECEIPT_MEDIA_TYPE))
  expect(() => parseChainFile(file)).toThrow(expect.objectContaining({ code: 'chain-file-invalid' }))
})

test.each([null, '', 1, [STEP_PREDICATE]])(
  'T-42: a type that is %j is an error, and an error is no pass (CVE-2026-39395)',
  (type) => {
    expect(() => parseStep(as(STEP, type))).toThrow(expect.objectContaining({ code: 'statement-invalid' }))
  },
)

test('T-42: red control: under its own type each is read', () => {
  expect(parseStep(as(STEP, STEP_PREDICATE)).predicate.step.name).toBe('pack')
  const receipt = wearing(RECEIPT, RECEIPT_MEDIA_TYPE)
  expect(parseReceipt(receipt).proof.checkpoint.origin).toBe('countersign.example.com/acme')
  expect(parseChainFile(line(receipt)).map(isReceipt)).toEqual([true])
  expect(parseChainFile(line(wearing(BUNDLE, BUNDLE_V03))).map(isReceipt)).toEqual([false])
})
