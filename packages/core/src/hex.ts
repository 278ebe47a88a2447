import { CodedError } from './errors.ts'

const DIGITS = '0123456789abcdef'

/** Lower-case hex. */
export function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += DIGITS[byte >> 4]! + DIGITS[byte & 15]!
  return text
}

/** Bytes of lower-case hex; anything else throws `hex-invalid` (one value, one spelling). */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !isHex(text)) throw new CodedError('hex-invalid', 'not lower-case hex')
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/** True for lower-case hex digits only; with `length`, exactly that many. */
export function isHex(text: string, length?: number): boolean {
  if (length !== undefined && text.length !== length) return false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (!((c >= 48 && c <= 57) || (c >= 97 && c <= 102))) return false
  }
  return true
}
