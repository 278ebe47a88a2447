import { CodedError } from './errors.ts'

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
/** Digests, the commonest by far, are written here and made text at once. */
const scratch: number[] = Array.from({ length: 64 }, () => 0)

/** Lower-case hex. */
export function hex(bytes: Uint8Array): string {
  if (bytes.length === 32) {
    for (let i = 0; i < 32; i++) {
      scratch[2 * i] = DIGITS[bytes[i]! >> 4]!
      scratch[2 * i + 1] = DIGITS[bytes[i]! & 15]!
    }
    return String.fromCharCode.apply(null, scratch)
  }
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
