import { utf8 } from './bytes.ts'
import { CodedError } from './errors.ts'
import { DEFAULT_MAX_DEPTH, type JsonObject, type JsonValue } from './json.ts'

/**
 * Canonical JSON bytes (RFC 8785). Refuses with `json-number` or `json-string` what has no canonical
 * form (NaN, infinities, −0, lone surrogates), with `json-invalid` what is not JSON (`undefined`, holes, dates,
 * typed arrays), and with `json-depth` what is nested deeper than 64.
 */
export function canonicalJson(value: JsonValue): Uint8Array {
  return utf8(write(value, 0))
}

function write(value: JsonValue, depth: number): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return writeString(value)
  if (typeof value === 'number') {
    // RFC 8785 writes −0 as 0; we refuse it, so that what is parsed back is what was given.
    if (!Number.isFinite(value) || Object.is(value, -0)) {
      throw new CodedError('json-number', `${Object.is(value, -0) ? '-0' : value} has no canonical form`)
    }
    return String(value)
  }
  if (typeof value !== 'object') throw new CodedError('json-invalid', `${typeof value} is not JSON`)
  if (depth === DEFAULT_MAX_DEPTH) throw new CodedError('json-depth', `JSON nested deeper than ${DEFAULT_MAX_DEPTH}`)
  if (Array.isArray(value)) {
    let text = '['
    // By index, for holes must be seen.
    for (let i = 0; i < value.length; i++) text += (i === 0 ? '' : ',') + write(value[i]!, depth + 1)
    return `${text}]`
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    // A Date, Map or Uint8Array would be signed as {} or worse; what is plain inherits from a root or from nothing.
    throw new CodedError('json-invalid', 'only plain objects and arrays are JSON')
  }
  const object = value as JsonObject
  let text = '{'
  // Default sort compares UTF-16 code units, as RFC 8785 §3.2.3 asks.
  for (const key of Object.keys(object).toSorted()) {
    text += `${text === '{' ? '' : ','}${writeString(key)}:${write(object[key]!, depth + 1)}`
  }
  return `${text}}`
}

function writeString(text: string): string {
  if (!text.isWellFormed()) throw new CodedError('json-string', 'a string holds a lone surrogate')
  return JSON.stringify(text)
}
