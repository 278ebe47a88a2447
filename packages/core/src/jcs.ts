import { utf8 } from './bytes.ts'
import { CodedError } from './errors.ts'
import type { JsonValue } from './json.ts'

/**
 * Canonical JSON bytes (RFC 8785). Refuses with `json-number` or `json-string` what has no canonical
 * form (NaN, infinities, −0, lone surrogates) and with `json-invalid` what is not JSON (`undefined`).
 */
export function canonicalJson(value: JsonValue): Uint8Array {
  return utf8(write(value, 0))
}

function write(value: JsonValue, depth: number): string {
  if (depth > 64) throw new CodedError('json-depth', 'JSON nested deeper than 64')
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new CodedError('json-string', 'a string holds a lone surrogate')
    return JSON.stringify(value)
  }
  if (typeof value === 'number') {
    // RFC 8785 writes −0 as 0; we refuse it, so that what is parsed back is what was given.
    if (!Number.isFinite(value) || Object.is(value, -0)) {
      throw new CodedError('json-number', `${Object.is(value, -0) ? '-0' : value} has no canonical form`)
    }
    return String(value)
  }
  if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(',')}]`
  if (typeof value !== 'object') throw new CodedError('json-invalid', `${typeof value} is not JSON`)
  const object = value as { readonly [key: string]: JsonValue }
  // Default sort compares UTF-16 code units, as RFC 8785 §3.2.3 asks.
  const members = Object.keys(object)
    .sort()
    .map((key) => `${write(key, depth)}:${write(object[key]!, depth + 1)}`)
  return `{${members.join(',')}}`
}
