import { CodedError } from './errors.ts'

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lower-case hex. */
export function hex(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i++) text += BYTES[bytes[i]!]!
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
  return (length === undefined || text.length === length) && !/[^0-9a-f]/.test(text)
}
