import { type JsonValue, utf8 } from '@countersign/core'
import { DISCLOSURE_MEDIA_TYPE, RECEIPT_MEDIA_TYPE, WITHHELD_MEDIA_TYPE } from '@countersign/formats'
import { vectors } from '../vectors/read.ts'

export function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what)
}

export const of = (topic: string, field: string) =>
  vectors<Record<string, JsonValue>>(topic).flatMap(([, vector]) => {
    const value = vector[field]
    if (value === undefined) return []
    return [typeof value === 'string' ? utf8(value.toWellFormed()) : utf8(JSON.stringify(value))]
  })
export const ofHex = (topic: string, field: string) =>
  vectors<Record<string, string | null>>(topic).flatMap(([, vector]) => {
    const value = vector[field]
    return typeof value === 'string' ? [new Uint8Array(Buffer.from(value, 'hex'))] : []
  })
export const words = (...texts: readonly string[]) => texts.map(utf8)

export const DIGITS = 'a'.repeat(64)
export const ATTACHMENT_START = '{"content":"'
export const DEVIATION_START = '{"mediaType":"application/vnd.countersign.signed-deviation.v1+json",'
export const DISCLOSURE_START = `{"mediaType":"${DISCLOSURE_MEDIA_TYPE}",`
export const WITHHELD_START = `{"mediaType":"${WITHHELD_MEDIA_TYPE}",`
export const RECEIPT_START = `{"mediaType":"${RECEIPT_MEDIA_TYPE}",`
// biome-ignore format: a word list
export const JSON_WORDS = words(
  '{', '}', '[', ']', '"', ',', ':', '{}', '[]', '""', 'null', 'true', '-0', '1e999', '9007199254740993', '0.1',
  '"a":1,"a":2', '"__proto__":{}', '"constructor":{}', '\\ud800', '\\u0000', '\\"', '\\\\', '\\', '\u2028', '\ufeff',
  '"sha256":', '"name":', '"digest":', '"annotations":', '"predicate":', '"from":', '"sig":', '"payload":', '==',
  `"${DIGITS}"`, '"2026-11-20T12:00:00.000Z"', '../', '/',
)
export const PATH_WORDS = words(
  '/',
  '//',
  '.',
  '..',
  '\\',
  'C:',
  '\0',
  '\u202e',
  'e\u0301',
  'ß',
  '😀',
  '*',
  '**',
  '?',
  'a',
)

// biome-ignore format: a word list
export const NOTE_WORDS = words(
  '\n', '\n\n', '\r\n', '\u2014 ', '\u2014', ' ', '\u00a0', '+', '=', '0', '00', '-1', '9007199254740992',
  'AQIDBAU=', `${'A'.repeat(43)}=`, 'extra ', 'index ', 'old ', 'c2sp.org/tlog-proof@v1\n', '\0', '\ufeff',
)
// biome-ignore format: a list of pieces
export const DER_WORDS = [
  [0x30, 0x80], [0x00, 0x00], [0x30, 0x81], [0x30, 0x82, 0xff, 0xff], [0x30, 0x00], [0x31, 0x00], [0x05, 0x00],
  [0x02, 0x01, 0x00], [0x02, 0x02, 0x00, 0x01], [0x02, 0x01, 0xff], [0x01, 0x01, 0xff], [0x01, 0x01, 0x01],
  [0x06, 0x01, 0x80], [0x04, 0x00], [0xa0, 0x00], [0xa3, 0x02, 0x30, 0x00], [0x1f, 0x81, 0x01], [0x24, 0x80],
].map((bytes) => Uint8Array.from(bytes))
