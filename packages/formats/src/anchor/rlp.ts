import { CodedError, concat } from '@countersign/core'

/** What RLP (Ethereum Yellow Paper, appendix B) writes: bytes, or a list of such. */
export type Rlp = Uint8Array | readonly Rlp[]

/** A transaction with an access list is four deep, a receipt with its logs too. */
const MAX_DEPTH = 8
const NOTHING = new Uint8Array(0)

const invalid = (what: string) => new CodedError('anchor-invalid', what)

/** The one item that these bytes are. Only the shortest spelling is read, so that writing it gives the same bytes. Throws `anchor-invalid`. */
export function parseRlp(bytes: Uint8Array): Rlp {
  const [item, end] = readItem(bytes, 0, bytes.length, 0)
  if (end !== bytes.length) throw invalid('there are bytes after the RLP')
  return item
}

function readItem(bytes: Uint8Array, at: number, limit: number, depth: number): [item: Rlp, end: number] {
  if (depth > MAX_DEPTH) throw invalid('the RLP nests too deep')
  if (at >= limit) throw invalid('the RLP is cut short')
  const first = bytes[at]!
  if (first < 0x80) return [bytes.slice(at, at + 1), at + 1]
  const isList = first >= 0xc0
  const short = first - (isList ? 0xc0 : 0x80)
  const [from, length] = short <= 55 ? [at + 1, short] : readLength(bytes, at + 1, short - 55, limit)
  const end = from + length
  if (end > limit) throw invalid('the RLP is cut short')
  if (!isList) {
    if (length === 1 && bytes[from]! < 0x80) throw invalid('a byte in the RLP is not in its shortest form')
    return [bytes.slice(from, end), end]
  }
  const items: Rlp[] = []
  for (let next = from; next < end; ) {
    const [item, after] = readItem(bytes, next, end, depth + 1)
    items.push(item)
    next = after
  }
  return [items, end]
}

function readLength(bytes: Uint8Array, at: number, digits: number, limit: number): [from: number, length: number] {
  // Four bytes of length are 4 GB: nothing here is as long.
  if (digits > 4 || at + digits > limit) throw invalid('the RLP is cut short')
  let length = 0
  for (let i = 0; i < digits; i++) length = length * 256 + bytes[at + i]!
  if (bytes[at] === 0 || length <= 55) throw invalid('a length in the RLP is not in its shortest form')
  return [at + digits, length]
}

export function writeRlp(item: Rlp): Uint8Array {
  if (item instanceof Uint8Array) {
    return item.length === 1 && item[0]! < 0x80 ? item : concat(head(0x80, item.length), item)
  }
  const body = concat(...item.map(writeRlp))
  return concat(head(0xc0, body.length), body)
}

function head(base: number, length: number): Uint8Array {
  if (length <= 55) return Uint8Array.of(base + length)
  const digits = writeInteger(BigInt(length))
  return concat(Uint8Array.of(base + 55 + digits.length), digits)
}

/** Big endian without leading zeros; zero is no bytes. */
export function writeInteger(value: bigint): Uint8Array {
  if (value < 0n) throw invalid('a number is negative')
  if (value === 0n) return NOTHING
  const digits = value.toString(16)
  const even = digits.length % 2 === 0 ? digits : `0${digits}`
  return Uint8Array.from({ length: even.length / 2 }, (_, i) => Number.parseInt(even.slice(2 * i, 2 * i + 2), 16))
}

/** {@link writeInteger} the other way; of at most `max` bytes. Throws `anchor-invalid` for any other spelling. */
export function readInteger(item: Rlp | undefined, max: number, what: string): bigint {
  const bytes = bytesOf(item, what)
  if (bytes.length > max) throw invalid(`${what} is too large`)
  if (bytes[0] === 0) throw invalid(`${what} has a leading zero`)
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return value
}

/** {@link readInteger} for what a number holds exactly. */
export function readSmall(item: Rlp | undefined, what: string): number {
  const value = readInteger(item, 8, what)
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid(`${what} is too large`)
  return Number(value)
}

export function bytesOf(item: Rlp | undefined, what: string, length?: number): Uint8Array {
  if (!(item instanceof Uint8Array)) throw invalid(`${what} is not bytes`)
  if (length !== undefined && item.length !== length) throw invalid(`${what} has not ${length} bytes`)
  return item
}

export function listOf(item: Rlp | undefined, what: string): readonly Rlp[] {
  if (item === undefined || item instanceof Uint8Array) throw invalid(`${what} is not a list`)
  return item
}
