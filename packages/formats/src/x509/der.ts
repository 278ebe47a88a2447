import { CodedError, concat } from '@countersign/core'

/** What is thrown for DER that is none: that of whoever it is read for. */
export type DerCode = 'anchor-invalid' | 'certificate-invalid'

/** Universal tags (X.690 §8), with the constructed bit where DER demands it. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const

/** Most bytes of one document. The longest tokens of public authorities, with their chains, have 8,000. */
export const MAX_DER_BYTES = 65_536
/** Most levels of one document; a token has 15 down to the names in its certificates. */
const MAX_DER_DEPTH = 32

/** One element: its identifier octet, its whole encoding, and what is inside. Views, not copies. */
export interface DerElement {
  readonly tag: number
  readonly der: Uint8Array
  readonly content: Uint8Array
}

/** Identifier octet of `[number]`, constructed unless it stands for something primitive. */
export const context = (number: number, constructed = true): number => (constructed ? 0xa0 : 0x80) | number

/** The one element that a document is. Throws `code` for a document too large, and what {@link DerReader} throws. */
export function parseDer(bytes: Uint8Array, what: string, code: DerCode): DerElement {
  if (bytes.length > MAX_DER_BYTES) throw new CodedError(code, `${what} exceeds ${MAX_DER_BYTES} bytes`)
  const reader = new DerReader(bytes, what, code)
  const element = reader.any()
  reader.end()
  checkDepth(element, what, code, 1)
  return element
}

/**
 * Reads elements one after the other (X.690 §10, DER): definite lengths in their shortest form, tag numbers below 31.
 * Throws `code` with the name of what was read for anything else.
 */
export class DerReader {
  readonly #bytes: Uint8Array
  readonly #what: string
  readonly #code: DerCode
  #at = 0

  constructor(bytes: Uint8Array, what: string, code: DerCode) {
    this.#bytes = bytes
    this.#what = what
    this.#code = code
  }

  fail(fault: string): never {
    throw new CodedError(this.#code, `${this.#what} ${fault}`)
  }

  get done(): boolean {
    return this.#at === this.#bytes.length
  }

  /** The next element, whatever it is. */
  any(): DerElement {
    const bytes = this.#bytes
    const start = this.#at
    const tag = bytes[start]
    if (tag === undefined) this.fail('ends too early')
    if ((tag & 0x1f) === 0x1f) this.fail('has a tag of more than one byte')
    let length = bytes[start + 1]
    if (length === undefined) this.fail('ends too early')
    let from = start + 2
    if (length >= 0x80) {
      const count = length & 0x7f
      if (count === 0) this.fail('has an element of indefinite length, which is BER')
      // Three bytes of length are more than any document may have.
      if (count > 3) this.fail('has an element that is too long')
      length = 0
      for (let i = 0; i < count; i++) length = length * 256 + (bytes[from + i] ?? this.fail('ends too early'))
      if (length < 0x80 || length < 256 ** (count - 1)) this.fail('has a length that is not in its shortest form')
      from += count
    }
    const end = from + length
    if (end > bytes.length) this.fail('ends too early')
    this.#at = end
    return { tag, der: bytes.subarray(start, end), content: bytes.subarray(from, end) }
  }

  /** The next element, which must have this tag. */
  next(tag: number): DerElement {
    if (this.#bytes[this.#at] !== tag) this.fail(`has no element of tag ${tag.toString(16)} where one must be`)
    return this.any()
  }

  /** The next element if it has this tag, null otherwise. */
  optional(tag: number): DerElement | null {
    return this.#bytes[this.#at] === tag ? this.any() : null
  }

  /** A reader of what is inside the next element. */
  inside(tag: number, what: string = this.#what): DerReader {
    return new DerReader(this.next(tag).content, what, this.#code)
  }

  end(): void {
    if (!this.done) this.fail('has something after its end')
  }

  /** Every element that is left, at most `max`. */
  all(max: number): DerElement[] {
    const elements: DerElement[] = []
    while (!this.done) {
      if (elements.length === max) this.fail(`has more than ${max} items`)
      elements.push(this.any())
    }
    return elements
  }

  sequence(what?: string): DerReader {
    return this.inside(TAG.sequence, what)
  }

  oid(): string {
    return this.oidOf(this.next(TAG.oid))
  }

  /** An object identifier in dotted decimals (X.690 §8.19). */
  oidOf({ content }: DerElement): string {
    const arcs: number[] = []
    let arc = 0
    let fresh = true
    for (const byte of content) {
      if (fresh && byte === 0x80) this.fail('has an object identifier that is not in its shortest form')
      arc = arc * 128 + (byte & 0x7f)
      if (!Number.isSafeInteger(arc)) this.fail('has an object identifier that is too long')
      fresh = byte < 0x80
      if (!fresh) continue
      if (arcs.length > 0) arcs.push(arc)
      else arcs.push(...(arc < 40 ? [0, arc] : arc < 80 ? [1, arc - 40] : [2, arc - 80]))
      arc = 0
    }
    if (!fresh || arcs.length === 0) this.fail('has an object identifier that ends too early')
    return arcs.join('.')
  }

  /** Bytes of an INTEGER in two's complement, in their shortest form, which is the only one. */
  integer(tag: number = TAG.integer): Uint8Array {
    const { content } = this.next(tag)
    const [first, second] = content
    if (first === undefined) this.fail('has an empty number')
    if (second !== undefined && (first === 0 || first === 0xff) && first >> 7 === second >> 7) {
      this.fail('has a number that is not in its shortest form')
    }
    return content
  }

  /** An INTEGER from 0 to `max`, which is below 2^48. */
  number(max: number, tag: number = TAG.integer): number {
    const content = this.integer(tag)
    let value = content[0]! >= 0x80 || content.length > 7 ? Number.POSITIVE_INFINITY : 0
    for (const byte of content) value = value * 256 + byte
    if (value > max) this.fail(`has a number that is not from 0 to ${max}`)
    return value
  }

  /** A BOOLEAN DEFAULT FALSE: false also where it is written out, which DER forbids and some certificates do. */
  flag(): boolean {
    const element = this.optional(TAG.boolean)
    if (element === null) return false
    const [value] = element.content
    if (element.content.length !== 1 || (value !== 0 && value !== 0xff)) this.fail('has a truth value that is neither')
    return value === 0xff
  }

  octets(): Uint8Array {
    return this.next(TAG.octetString).content
  }

  /** A BIT STRING of whole bytes. */
  bits(): Uint8Array {
    const { content } = this.next(TAG.bitString)
    if (content[0] !== 0) this.fail('has a bit string that is not whole bytes')
    return content.subarray(1)
  }
}

function checkDepth(element: DerElement, what: string, code: DerCode, depth: number): void {
  if (depth > MAX_DER_DEPTH) throw new CodedError(code, `${what} is nested more than ${MAX_DER_DEPTH} deep`)
  if ((element.tag & 0x20) === 0) return
  const reader = new DerReader(element.content, what, code)
  while (!reader.done) checkDepth(reader.any(), what, code, depth + 1)
}

/** An element around these parts. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(...parts)
  const { length } = content
  if (length < 0x80) return concat(Uint8Array.of(tag, length), content)
  const digits: number[] = []
  for (let left = length; left > 0; left = Math.floor(left / 256)) digits.unshift(left % 256)
  return concat(Uint8Array.of(tag, 0x80 | digits.length, ...digits), content)
}

export const derSequence = (...parts: readonly Uint8Array[]): Uint8Array => der(TAG.sequence, ...parts)
export const derNull = (): Uint8Array => der(TAG.null)
export const derOctets = (bytes: Uint8Array): Uint8Array => der(TAG.octetString, bytes)
export const derBits = (bytes: Uint8Array): Uint8Array => der(TAG.bitString, Uint8Array.of(0), bytes)
export const derTrue = (): Uint8Array => der(TAG.boolean, Uint8Array.of(0xff))

/** SET OF in the one order of DER (X.690 §11.6): ascending encodings. */
export function derSet(...parts: readonly Uint8Array[]): Uint8Array {
  return der(TAG.set, ...parts.toSorted(compare))
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}

/** An INTEGER of the unsigned number that these bytes are, big-endian. */
export function derUnsigned(bytes: Uint8Array, tag: number = TAG.integer): Uint8Array {
  let from = 0
  while (from < bytes.length - 1 && bytes[from] === 0) from++
  const digits = bytes.length === 0 ? Uint8Array.of(0) : bytes.subarray(from)
  return digits[0]! < 0x80 ? der(tag, digits) : der(tag, Uint8Array.of(0), digits)
}

/** An INTEGER from 0 to 2^31 − 1. */
export function derNumber(value: number, tag: number = TAG.integer): Uint8Array {
  return derUnsigned(Uint8Array.of((value >> 24) & 0xff, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff), tag)
}

/** An object identifier from its dotted decimals. */
export function derOid(dotted: string): Uint8Array {
  const [first, second, ...rest] = dotted.split('.').map(Number) as [number, number, ...number[]]
  const bytes: number[] = []
  for (const arc of [first * 40 + second, ...rest]) {
    const digits = [arc % 128]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift(0x80 | (left % 128))
    bytes.push(...digits)
  }
  return der(TAG.oid, Uint8Array.from(bytes))
}
