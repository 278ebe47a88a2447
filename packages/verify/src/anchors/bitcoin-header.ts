import { CodedError, type Crypto, equal, hex } from '@countersign/core'
import type { BitcoinHeaders } from '@countersign/formats/anchor'

/** What a header of 80 bytes says. Numbers in it are little-endian, hashes in internal byte order. */
export interface BitcoinHeader {
  /** As it is printed: the other way round than in the header. */
  readonly hash: string
  readonly previous: Uint8Array
  readonly merkleRoot: Uint8Array
  /** Seconds since 1970, as the miner set it. */
  readonly time: number
  /** Hashes it took to find it, on average. */
  readonly work: bigint
}

/** Header of a block whose proof of work is right; throws `anchor-unproven` where it is not. */
export function readBitcoinHeader(bytes: Uint8Array, crypto: Pick<Crypto, 'sha256'>): BitcoinHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const hash = hex(crypto.sha256(crypto.sha256(bytes)).toReversed())
  const target = targetOf(view.getUint32(72, true))
  // The hash is a little-endian number, and printed as a big-endian one.
  if (target === null || BigInt(`0x${hash}`) > target) {
    throw new CodedError('anchor-unproven', `the header ${hash} has no proof of work`)
  }
  return {
    hash,
    previous: bytes.subarray(4, 36),
    merkleRoot: bytes.subarray(36, 68),
    time: view.getUint32(68, true),
    work: (1n << 256n) / (target + 1n),
  }
}

/** Headers in a row, each built on the one before; throws `anchor-unproven`. */
export function readBitcoinHeaders(blocks: BitcoinHeaders, crypto: Pick<Crypto, 'sha256'>): BitcoinHeader[] {
  const read: BitcoinHeader[] = []
  for (const bytes of blocks.headers) {
    const header = readBitcoinHeader(bytes, crypto)
    const before = read.at(-1)
    if (before !== undefined && hex(header.previous.toReversed()) !== before.hash) {
      throw new CodedError('anchor-unproven', `the header ${header.hash} is not built on the one before it`)
    }
    read.push(header)
  }
  return read
}

/** Whether a digest is what a block commits to. */
export function isMerkleRoot(digest: Uint8Array, header: BitcoinHeader): boolean {
  return equal(digest, header.merkleRoot)
}

/** Highest hash that the compact form of a target allows; null where it is negative, zero or beyond 256 bits. */
function targetOf(bits: number): bigint | null {
  const exponent = bits >>> 24
  const mantissa = bits & 0x7f_ffff
  if ((bits & 0x80_0000) !== 0) return null
  const target =
    exponent <= 3 ? BigInt(mantissa >>> (8 * (3 - exponent))) : BigInt(mantissa) << BigInt(8 * (exponent - 3))
  return target === 0n || target >= 1n << 256n ? null : target
}
