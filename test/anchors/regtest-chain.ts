import { createHash } from 'node:crypto'

export const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const twice = (...parts: readonly Uint8Array[]): Buffer => sha256(sha256(...parts))
const printed = (hash: Uint8Array) => Buffer.from(Uint8Array.from(hash).toReversed()).toString('hex')

/** Half of all hashes are below it: a block is found at the second try. */
const REGTEST_BITS = 0x207f_ffff
const REGTEST_TARGET = 0x7f_ffffn << 232n

/** One step from a digest to the root of a tree: its neighbour, and on which side that stands. */
export interface Neighbour {
  readonly hash: Uint8Array
  readonly side: 'left' | 'right'
}

/** The way of each leaf to the root, and the root; Bitcoin's tree pairs the last of an odd row with itself. */
export function merkle(
  leaves: readonly Uint8Array[],
  node: (left: Uint8Array, right: Uint8Array) => Buffer,
  odd: 'doubled' | 'lifted',
): { readonly root: Uint8Array; readonly ways: readonly (readonly Neighbour[])[] } {
  const ways: Neighbour[][] = leaves.map(() => [])
  let row = leaves.map((hash, i) => ({ hash: hash as Uint8Array, under: [i] }))
  while (row.length > 1) {
    const next: typeof row = []
    for (let i = 0; i < row.length; i += 2) {
      const [left, right] = [row[i]!, row[i + 1] ?? null]
      if (right === null && odd === 'lifted') {
        next.push(left)
        continue
      }
      const other = right ?? left
      for (const leaf of left.under) ways[leaf]!.push({ hash: other.hash, side: 'right' })
      if (right !== null) for (const leaf of right.under) ways[leaf]!.push({ hash: left.hash, side: 'left' })
      next.push({ hash: node(left.hash, other.hash), under: [...left.under, ...(right?.under ?? [])] })
    }
    row = next
  }
  return { root: row[0]!.hash, ways }
}

export interface RegtestBlock {
  readonly height: number
  readonly header: Buffer
  /** As it is printed. */
  readonly hash: string
}

/** A chain like Bitcoin's, mined here: real headers, real Merkle roots, and real proof of work, at regtest's difficulty. */
export class RegtestChain {
  #blocks: RegtestBlock[] = []
  readonly #clock: () => number
  readonly #salt: string

  /** `clock` in milliseconds since 1970. Chains of another salt have other blocks. */
  constructor(clock: () => number = Date.now, salt = '') {
    this.#clock = clock
    this.#salt = salt
    this.mine([])
  }

  get tip(): RegtestBlock {
    return this.#blocks.at(-1)!
  }

  at(height: number): RegtestBlock | null {
    return this.#blocks[height] ?? null
  }

  of(hash: string): RegtestBlock | null {
    return this.#blocks.find((block) => block.hash === hash) ?? null
  }

  /** A block with these transactions behind its coinbase; for each, the way from its id to the Merkle root. */
  mine(transactions: readonly Uint8Array[]): {
    readonly block: RegtestBlock
    readonly ways: readonly (readonly Neighbour[])[]
  } {
    const height = this.#blocks.length
    const coinbase = Buffer.from(`coinbase ${height} ${this.#salt}`)
    const { root, ways } = merkle(
      [coinbase, ...transactions].map((raw) => twice(raw)),
      twice,
      'doubled',
    )
    const header = Buffer.alloc(80)
    header.writeUInt32LE(0x2000_0000, 0)
    if (height > 0) header.set(Uint8Array.from(Buffer.from(this.tip.hash, 'hex')).toReversed(), 4)
    header.set(root, 36)
    const before = height === 0 ? 0 : this.tip.header.readUInt32LE(68)
    header.writeUInt32LE(Math.max(before + 1, Math.floor(this.#clock() / 1000)), 68)
    header.writeUInt32LE(REGTEST_BITS, 72)
    for (let nonce = 0; ; nonce++) {
      header.writeUInt32LE(nonce, 76)
      if (BigInt(`0x${printed(twice(header))}`) <= REGTEST_TARGET) break
    }
    const block = { height, header, hash: printed(twice(header)) }
    this.#blocks.push(block)
    return { block, ways: ways.slice(1) }
  }

  /** Drops the last blocks, as when a longer chain without them appears. */
  drop(count: number): void {
    this.#blocks = this.#blocks.slice(0, Math.max(1, this.#blocks.length - count))
  }
}
