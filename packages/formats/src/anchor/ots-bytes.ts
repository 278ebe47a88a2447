import { CodedError, concat } from '@countersign/core'

const CODE = 'anchor-invalid'
/** Five bytes of seven bits: more than any length or block height needs. */
const MAX_NUMBER = 2 ** 35 - 1

/** Reads bytes from first to last, and nothing beyond the last. */
export class OtsReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  byte(): number {
    return this.bytes(1)[0]!
  }

  bytes(length: number): Uint8Array {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new CodedError(CODE, `the timestamp ends within byte ${this.#at}`)
    const part = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return part
  }

  /** LEB128, in the fewest bytes: any other spelling would make a second file of the same proof. */
  number(max: number): number {
    let number = 0
    for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
      const byte = this.byte()
      number += (byte & 0x7f) * scale
      if (byte >= 0x80) continue
      if (byte === 0 && scale > 1) throw new CodedError(CODE, 'a number is written in more bytes than it needs')
      if (number > max) throw new CodedError(CODE, `a number is ${number}, more than ${max}`)
      return number
    }
    throw new CodedError(CODE, 'a number has more than five bytes')
  }

  /** Bytes after their length. */
  counted(min: number, max: number): Uint8Array {
    const length = this.number(max)
    if (length < min) throw new CodedError(CODE, `${length} bytes stand where ${min} must`)
    return this.bytes(length)
  }

  /** Throws where bytes are left. */
  end(): void {
    const left = this.#bytes.length - this.#at
    if (left > 0) throw new CodedError(CODE, `${left} bytes are left behind the timestamp`)
  }
}

/** {@link OtsReader.number} the other way. */
export function otsNumber(number: number): Uint8Array {
  if (!Number.isSafeInteger(number) || number < 0 || number > MAX_NUMBER) {
    throw new CodedError(CODE, `${number} is not a number of a timestamp`)
  }
  const bytes: number[] = []
  let left = number
  do {
    const more = left >= 128 ? 0x80 : 0
    bytes.push((left % 128) | more)
    left = Math.floor(left / 128)
  } while (left > 0)
  return Uint8Array.from(bytes)
}

/** {@link OtsReader.counted} the other way. */
export function otsCounted(bytes: Uint8Array): Uint8Array {
  return concat(otsNumber(bytes.length), bytes)
}
