import { CodedError } from './errors.ts'

const encoder = new TextEncoder()
// ignoreBOM keeps a leading U+FEFF in the text, where strict parsers then refuse it.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8 bytes of a string. A lone surrogate throws `utf8-invalid` rather than becoming U+FFFD. */
export function utf8(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new CodedError('utf8-invalid', 'text holds a lone surrogate')
  return encoder.encode(text)
}

/** Text of UTF-8 bytes; invalid sequences throw `utf8-invalid`, a BOM is kept. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new CodedError('utf8-invalid', 'bytes are not valid UTF-8', { cause })
  }
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Equality in time that depends on the length alone. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!
  return difference === 0
}
