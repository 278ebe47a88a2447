import { CodedError } from './errors.ts'

const CHUNK = 0x8000
/** Up to here a loop is faster than a native call; signatures are. */
const SHORT = 128
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const encoder = new TextEncoder()

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
  if (!isCanonical(text, binary.length)) throw new CodedError('base64-invalid', 'base64 is not in its canonical form')
  // Bytes below 0x80 are their own UTF-8; that is what almost all payloads hold, and it is done natively.
  if (binary.length > SHORT) {
    const ascii = encoder.encode(binary)
    if (ascii.length === binary.length) return ascii
  }
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

/** Whether a text that atob took is the one form of its bytes: atob forgives white space, missing padding and trailing bits. */
function isCanonical(text: string, bytes: number): boolean {
  // White space and missing padding make the text longer or shorter than its bytes need.
  if (text.length !== Math.ceil(bytes / 3) * 4) return false
  const spare = (3 - (bytes % 3)) % 3
  if (spare === 0) return true
  if (!text.endsWith(spare === 1 ? '=' : '==')) return false
  const last = ALPHABET.indexOf(text.charAt(text.length - 1 - spare))
  return last >= 0 && last % (spare === 1 ? 4 : 16) === 0
}

/** base64url without padding (RFC 4648 §5, RFC 7515 §2). */
export function base64url(bytes: Uint8Array): string {
  return base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** Bytes of base64url without padding, in its one form: anything else throws `base64-invalid`. */
export function fromBase64url(text: string): Uint8Array {
  if (/[^A-Za-z0-9_-]/.test(text)) throw new CodedError('base64-invalid', 'not base64url without padding')
  const padding = '='.repeat((4 - (text.length % 4)) % 4)
  return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/') + padding)
}
