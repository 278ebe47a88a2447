import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { append, EMPTY_FRONTIER, type Frontier, frontierRoot } from './frontier.ts'
import { growTiles } from './grow.ts'
import { leafHash } from './hash.ts'
import { entriesOf, naive, SHA256, SHA3, text } from './naive.test-kit.ts'
import { consistencyProof, frontierAt, inclusionProof, rootAt } from './proof.ts'
import { partialTiles, tileHashes, tilePath, type TileReader, type TileRef, tilesBetween } from './tile.ts'
import { verifyConsistency, verifyInclusion } from './verify.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })

/** A log kept as tiles by their paths. */
function log(hash = SHA256) {
  const stored = new Map<string, Uint8Array>()
  let frontier: Frontier = EMPTY_FRONTIER
  const read: TileReader = (tile) => {
    const data = stored.get(tilePath(tile))
    if (data === undefined) throw new Error(`${tilePath(tile)} is not stored`)
    return data
  }
  return {
    stored,
    read,
    size: () => frontier.size,
    frontier: () => frontier,
    add(leaves: readonly Uint8Array[]) {
      const grown = growTiles(frontier, leaves, read, hash)
      for (const tile of grown.tiles) stored.set(tilePath(tile), tile.data)
      frontier = grown.frontier
      return grown
    },
  }
}

test.each([
  ['SHA-256', SHA256],
  ['SHA3-256', SHA3],
])('one by one up to 600 leaves, by %s: every tile is the one that is defined', (_, hash) => {
  const entries = entriesOf(600)
  const twin = naive(entries, hash)
  const grown = log(hash)
  for (const [size, entry] of entries.entries()) {
    const { tiles } = grown.add([leafHash(entry, hash)])
    expect(tiles.map(tilePath)).toEqual([...tilesBetween(size, size + 1)].map(tilePath))
    for (const { level, index, width, data } of tiles) {
      const step = 256n ** BigInt(level)
      for (let i = 0; i < width; i++) {
        const begin = BigInt(index * 256 + i) * step
        const hashes = twin.mth(begin, begin + step)
        if (Buffer.compare(data.subarray(i * 32, i * 32 + 32), hashes) !== 0) expect.fail(`${level}/${index} ${i}`)
      }
      expect(data).toHaveLength(width * 32)
    }
    expect(rootAt(size + 1, tileHashes(grown.read, size + 1, hash), hash)).toEqual(twin.root(size + 1))
  }
})

test('batches of any sizes write the same tiles', () => {
  const leaves = entriesOf(1500).map((entry) => leafHash(entry, SHA256))
  const atOnce = log()
  atOnce.add(leaves)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 8 }), (batches) => {
      const inParts = log()
      for (const batch of [...batches, leaves.length]) {
        inParts.add(leaves.slice(inParts.size(), inParts.size() + batch))
      }
      expect(inParts.frontier()).toEqual(atOnce.frontier())
      for (const [path, data] of atOnce.stored) expect(inParts.stored.get(path), path).toEqual(data)
    }),
    { numRuns: 20 },
  )
})

describe('around the second level of tiles', () => {
  const leaves = Array.from({ length: 65_540 }, (_, i) => leafHash(text(String(i)), SHA256))
  const twin = naive(
    Array.from({ length: 65_540 }, (_, i) => text(String(i))),
    SHA256,
  )
  const grown = log()
  grown.add(leaves.slice(0, 65_530))
  const sizes = [65_534, 65_535, 65_536, 65_537, 65_540]

  test.each(sizes)('%d leaves', (size) => {
    const { tiles } = grown.add(leaves.slice(grown.size(), size))
    expect(tiles.length).toBeLessThanOrEqual(5)
    const root = twin.root(size)
    expect(frontierRoot(grown.frontier(), SHA256)).toEqual(root)
    const read = tileHashes(grown.read, size, SHA256)
    expect(frontierAt(size, read, SHA256)).toEqual(grown.frontier())
    for (const index of [0, 1, 255, 256, 257, 32_767, 32_768, 65_279, 65_280, size - 1]) {
      const path = inclusionProof(index, size, read, SHA256)
      expect(path).toEqual(twin.path(index, size))
      verifyInclusion({ index, size, leafHash: leaves[index]!, path }, root, SHA256)
    }
    for (const firstSize of [1, 255, 256, 257, 511, 32_768, 65_280, 65_530, size]) {
      const path = consistencyProof(firstSize, size, read, SHA256)
      expect(path).toEqual(twin.proof(firstSize, size))
      verifyConsistency(
        { firstSize, secondSize: size, firstRoot: twin.root(firstSize), secondRoot: root, path },
        SHA256,
      )
    }
  })

  test('a full tile at level 1 stands for 65,536 leaves', () => {
    expect(grown.stored.get('tile/1/000')).toHaveLength(8192)
    expect(grown.stored.get('tile/2/000.p/1')).toEqual(twin.root(65_536))
  })
})

describe('the partial tiles of the old edge', () => {
  const leaves = entriesOf(700).map((entry) => leafHash(entry, SHA256))
  const before = log()
  before.add(leaves.slice(0, 513))

  test('are all that is read', () => {
    const asked: TileRef[] = []
    const spy: TileReader = (tile) => {
      asked.push(tile)
      return before.read(tile)
    }
    growTiles(before.frontier(), leaves.slice(513), spy, SHA256)
    expect(partialTiles(513)).toEqual([
      { level: 0, index: 2, width: 1 },
      { level: 1, index: 0, width: 2 },
    ])
    // The second does not grow until 768.
    expect(asked).toEqual([partialTiles(513)[0]])
  })

  test('are not read where nothing is added', () => {
    const unread: TileReader = () => expect.fail('read')
    expect(growTiles(before.frontier(), [], unread, SHA256)).toEqual({ frontier: before.frontier(), tiles: [] })
  })

  test('are not changed in place', () => {
    const tile = before.read(partialTiles(513)[0]!)
    const copy = new Uint8Array(tile)
    growTiles(before.frontier(), leaves.slice(513), before.read, SHA256)
    expect(tile).toEqual(copy)
    expect(before.frontier()).toEqual(append(EMPTY_FRONTIER, leaves.slice(0, 513), SHA256))
  })

  test.each([0, 31, 33, 64])('are refused with %d bytes in place of 32', (length) => {
    const wrong: TileReader = () => new Uint8Array(length)
    expect(() => growTiles(before.frontier(), leaves.slice(513), wrong, SHA256)).toThrow(coded('tile-invalid'))
  })
})
