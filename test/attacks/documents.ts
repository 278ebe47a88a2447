import { base64, canonicalJson, type JsonValue, utf8 } from '@countersign/core'
import { vectors } from '../vectors/read.ts'

/** A JSON document that an attack may put out of shape. */
export type Document = { readonly [key: string]: JsonValue }

function good(topic: string, field: string): Document {
  const found = vectors<Record<string, Document>>(topic).find(([name]) => name === 'good')
  return found![1][field]!
}

/** The good documents of the vectors: what every attack starts from. */
export const STEP = good('step', 'statement')
export const BUNDLE = good('bundle', 'bundle')
export const RECEIPT = good('receipt', 'receipt')
export const OPENING = good('opening', 'opening')

/** The good receipt with another text where its opening stands. */
export function receiptAround(opening: string): string {
  const extra = `extra ${base64(utf8(opening))}`
  const proof = (RECEIPT['proof'] as string).replace(/^extra .*$/m, () => extra)
  return JSON.stringify({ ...RECEIPT, proof })
}

export const payloadOf = (statement: JsonValue): Uint8Array => canonicalJson(statement)

/** Every object of a document, with its path. */
export function objects(value: JsonValue, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return []
  const inside = Object.entries(value).flatMap(([key, item]: [string, JsonValue]) =>
    objects(item, [...path, Array.isArray(value) ? Number(key) : key]),
  )
  return Array.isArray(value) ? inside : [path, ...inside]
}

/** A copy of the document with the value at `path` replaced. */
export function change(
  value: JsonValue,
  path: readonly (string | number)[],
  to: (old: JsonValue) => JsonValue,
): JsonValue {
  const [key, ...rest] = path
  if (key === undefined) return to(value)
  if (Array.isArray(value)) {
    return value.map((item: JsonValue, i) => (i === key ? change(item, rest, to) : item))
  }
  const object = value as Document
  return { ...object, [key]: change(object[key]!, rest, to) }
}
