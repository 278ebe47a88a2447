import { CodedError, type JsonObject, type JsonValue, utf8 } from '@countersign/core'

/**
 * The bytes that link metadata is signed over: the canonical JSON of in-toto and TUF (OLPC), in which a text has no
 * escapes but those of the quote and the back-slash, members are sorted by code points, and there are no fractions.
 * Throws `report-invalid` for a number that it has not.
 */
export function linkMessage(signed: JsonObject): Uint8Array {
  return utf8(write(signed))
}

/** Depth was bounded by whoever parsed it. */
function write(value: JsonValue): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&')}"`
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return String(value)
    throw new CodedError('report-invalid', 'the link holds a number that canonical JSON has not')
  }
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  const members = Object.entries(value as JsonObject).toSorted(([a], [b]) => byCodePoint(a, b))
  return `{${members.map(([name, member]) => `${write(name)}:${write(member)}`).join(',')}}`
}

function byCodePoint(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  const at = left.findIndex((character, i) => character !== right[i])
  if (at < 0) return left.length - right.length
  return right[at] === undefined ? 1 : left[at]!.codePointAt(0)! - right[at].codePointAt(0)!
}
