import { CodedError } from './errors.ts'

const CHUNK = 0x8000

/** Standard base64 with padding (RFC 4648 §4). */
export function base64(bytes: Uint8Array): string {
  let binary = ''
  for (let i = 0; i < bytes.length; i += CHUNK) {
    binary += String.fromCharCode.apply(null, bytes.subarray(i, i + CHUNK) as unknown as number[])
  }
  return btoa(binary)
}

/**
 * Bytes of standard base64. Canonical form only: the padded RFC 4648 §4 alphabet, zero trailing
 * bits, no white space; anything else throws `base64-invalid`. Two texts never mean the same bytes.
 */
export function fromBase64(text: string): Uint8Array {
  let binary: string
  try {
    binary = atob(text)
  } catch (cause) {
    throw new CodedError('base64-invalid', 'not base64', { cause })
  }
  // atob forgives white space, missing padding and trailing bits; the round trip does not.
  if (text.length % 4 !== 0 || btoa(binary) !== text) {
    throw new CodedError('base64-invalid', 'base64 is not in its canonical form')
  }
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}
