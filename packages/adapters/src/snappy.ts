import { CodedError } from '@countersign/core'

/**
 * Unpacks a block of Snappy (google/snappy, format_description.txt): what GitHub keeps attestations in. The length that it
 * says of itself is checked before anything is unpacked, and kept to. Throws `service-answer`.
 */
export function unpackSnappy(packed: Uint8Array, maxBytes: number): Uint8Array {
  const { value: length, next } = varint(packed)
  if (length > maxBytes) throw bad(`unpacks to ${length} bytes, at most ${maxBytes} are read`)
  const out = new Uint8Array(length)
  let [from, to] = [next, 0]
  while (from < packed.length) {
    const tag = packed[from++]!
    if ((tag & 3) === 0) {
      const extra = Math.max((tag >> 2) - 59, 0)
      const size = (extra === 0 ? tag >> 2 : little(packed, from, extra)) + 1
      from += extra
      if (size > packed.length - from || size > length - to) throw bad('is cut off')
      out.set(packed.subarray(from, from + size), to)
      from += size
      to += size
      continue
    }
    const { size, offset, bytes } = copyOf(tag, packed, from)
    from += bytes
    if (offset === 0 || offset > to || size > length - to) throw bad('copies what is not there')
    // Byte by byte: what is copied may be what is being written.
    for (let i = 0; i < size; i++, to++) out[to] = out[to - offset]!
  }
  if (to !== length) throw bad('is shorter than it says')
  return out
}

function copyOf(tag: number, packed: Uint8Array, from: number) {
  const kind = tag & 3
  if (kind === 1) return { size: ((tag >> 2) & 7) + 4, offset: ((tag >> 5) << 8) | little(packed, from, 1), bytes: 1 }
  const bytes = kind === 2 ? 2 : 4
  return { size: (tag >> 2) + 1, offset: little(packed, from, bytes), bytes }
}

function little(packed: Uint8Array, from: number, bytes: number): number {
  if (from + bytes > packed.length) throw bad('is cut off')
  let value = 0
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + packed[from + i]!
  return value
}

/** At most 32 bits. */
function varint(packed: Uint8Array): { readonly value: number; readonly next: number } {
  let value = 0
  for (let i = 0; i < 5; i++) {
    const byte = packed[i]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80 && value < 2 ** 32) return { value, next: i + 1 }
  }
  throw bad('does not say its length')
}

function bad(what: string): CodedError {
  return new CodedError('service-answer', `the packed attestation ${what}`)
}
