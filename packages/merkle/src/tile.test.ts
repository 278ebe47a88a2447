import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SHA256, vast } from './naive.test-kit.ts'
import { inclusionProof, planConsistency, planFrontier, planInclusion, prove } from './proof.ts'
import {
  bundlesBetween,
  KnownTiles,
  parseTilePath,
  partialTiles,
  tileHashes,
  tilePath,
  type TileReader,
  type TileRef,
  tilesBetween,
  tilesOf,
} from './tile.ts'
import { verifyConsistency, verifyInclusion } from './verify.ts'
import { rounds } from '../../../test/thorough.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })

/** The tiles of a log as the specification defines them: floor(s / 256^l) hashes at level l, none empty. */
function naiveTiles(size: bigint): string[] {
  const tiles: string[] = []
  for (let level = 0n; level < 8n; level++) {
    const hashes = size / 256n ** level
    for (let index = 0n; index * 256n < hashes; index++) {
      const left = hashes - index * 256n
      tiles.push(`${level}/${index}/${left < 256n ? left : 256n}`)
    }
  }
  return tiles
}

const nameOf = ({ level, index, width }: TileRef) => `${level}/${index}/${width}`

describe('paths', () => {
  test.each([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 0, index: 0, width: 1 }, 'tile/0/000.p/1'],
    [{ level: 1, index: 7, width: 255 }, 'tile/1/007.p/255'],
    [{ level: 0, index: 999, width: 256 }, 'tile/0/999'],
    [{ level: 0, index: 1000, width: 256 }, 'tile/0/x001/000'],
    [{ level: 2, index: 1_234_067, width: 256 }, 'tile/2/x001/x234/067'],
    [{ level: 2, index: 1_234_067, width: 8 }, 'tile/2/x001/x234/067.p/8'],
    [{ level: 'entries', index: 1_234_067, width: 256 }, 'tile/entries/x001/x234/067'],
    [{ level: 'entries', index: 1_000_000, width: 9 }, 'tile/entries/x001/x000/000.p/9'],
    // The last leaf of a tree of 2^53−1.
    [{ level: 0, index: 2 ** 45 - 1, width: 255 }, 'tile/0/x035/x184/x372/x088/831.p/255'],
    [{ level: 'entries', index: 2 ** 45 - 1, width: 255 }, 'tile/entries/x035/x184/x372/x088/831.p/255'],
    [{ level: 6, index: 0, width: 31 }, 'tile/6/000.p/31'],
  ] as const)('%o', (ref, path) => {
    expect(tilePath(ref)).toBe(path)
    expect(parseTilePath(path)).toEqual(ref)
  })

  test('every tile has one path, and every path one tile', () => {
    const tile = fc.tuple(fc.nat(3), fc.nat(2 ** 20), fc.integer({ min: 1, max: 256 }), fc.boolean())
    fc.assert(
      fc.property(tile, ([number, index, width, entries]) => {
        const ref = { level: entries ? ('entries' as const) : number, index, width } as TileRef
        expect(parseTilePath(tilePath(ref))).toEqual(ref)
      }),
    )
  })

  test('no text is read but the one that is written', () => {
    const piece = fc.constantFrom(
      'tile',
      'entries',
      '/',
      '0',
      '6',
      '000',
      '067',
      'x001',
      'x',
      '.p',
      '.',
      '1',
      '256',
      '-',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const path = `tile/0/${pieces.join('')}`
        let ref
        try {
          ref = parseTilePath(path)
        } catch (error) {
          expect(error).toEqual(coded('tile-invalid'))
          return
        }
        expect(tilePath(ref)).toBe(path)
      }),
      { numRuns: rounds(800, 3000) },
    )
  })
})

describe('what a log has:', () => {
  test('70,000 leaves, the example of the specification', () => {
    const widths = [...tilesBetween(0, 70_000)].map(({ level, width }) => `${level}:${width}`)
    const count = (name: string) => widths.filter((one) => one === name).length
    expect([count('0:256'), count('0:112'), count('1:256'), count('1:17'), count('2:1')]).toEqual([273, 1, 1, 1, 1])
    expect(widths).toHaveLength(277)
  })

  test('256 leaves make a full tile and one hash above it', () => {
    expect([...tilesBetween(0, 256)].map(nameOf)).toEqual(['0/0/256', '1/0/1'])
    expect([...tilesBetween(0, 255)].map(nameOf)).toEqual(['0/0/255'])
    expect([...tilesBetween(255, 257)].map(nameOf)).toEqual(['0/0/256', '0/1/1', '1/0/1'])
  })

  const edges = [0, 1, 2, 254, 255, 256, 257, 511, 512, 513, 600, 65_279, 65_280, 65_535, 65_536, 65_537, 131_072]
  test('growth adds what the larger log has and the smaller has not', () => {
    for (const from of edges) {
      const before = new Set(naiveTiles(BigInt(from)))
      for (const to of edges.filter((size) => size >= from)) {
        const expected = naiveTiles(BigInt(to)).filter((tile) => !before.has(tile))
        expect([...tilesBetween(from, to)].map(nameOf)).toEqual(expected)
      }
    }
  })

  test('growth of any size', () => {
    fc.assert(
      fc.property(fc.nat(3000), fc.nat(1000), (from, more) => {
        const before = new Set(naiveTiles(BigInt(from)))
        const expected = naiveTiles(BigInt(from + more)).filter((tile) => !before.has(tile))
        expect([...tilesBetween(from, from + more)].map(nameOf)).toEqual(expected)
        const bundles = expected.filter((tile) => tile.startsWith('0/')).map((tile) => tile.replace('0', 'entries'))
        expect([...bundlesBetween(from, from + more)].map((ref) => nameOf(ref as never))).toEqual(bundles)
      }),
    )
  })

  test('far beyond 2^32', () => {
    expect([...tilesBetween(2 ** 40 - 1, 2 ** 40 + 1)].map(nameOf)).toEqual([
      `0/${2 ** 32 - 1}/256`,
      `0/${2 ** 32}/1`,
      `1/${2 ** 24 - 1}/256`,
      `2/${2 ** 16 - 1}/256`,
      '3/255/256',
      '4/0/256',
      '5/0/1',
    ])
    expect(partialTiles(2 ** 53 - 1).map(nameOf)).toEqual([
      `0/${2 ** 45 - 1}/255`,
      `1/${2 ** 37 - 1}/255`,
      `2/${2 ** 29 - 1}/255`,
      `3/${2 ** 21 - 1}/255`,
      `4/${2 ** 13 - 1}/255`,
      '5/31/255',
      '6/0/31',
    ])
  })

  test('the tiles of the largest growth come one by one', () => {
    expect(tilesBetween(0, 2 ** 53 - 1).next().value).toEqual({ level: 0, index: 0, width: 256 })
  })

  test('the partial tiles are those that are not full', () => {
    for (const size of edges) {
      expect(partialTiles(size).map(nameOf)).toEqual(naiveTiles(BigInt(size)).filter((tile) => !tile.endsWith('/256')))
    }
  })

  test.each([
    [8, 7],
    [-1, 7],
    [0.5, 7],
    [Number.NaN, 7],
    [7, 2 ** 53],
  ])('no growth from %d to %d', (from, to) => {
    expect([...tilesBetween(7, 8)]).toHaveLength(1)
    expect(() => [...tilesBetween(from, to)]).toThrow(coded('proof-range'))
    expect(() => [...bundlesBetween(from, to)]).toThrow(coded('proof-range'))
  })

  test.each([-1, 0.5, 2 ** 53])('no partial tiles of size %d', (size) => {
    expect(() => partialTiles(size)).toThrow(coded('proof-range'))
  })
})

describe('reading hashes from tiles', () => {
  const [index, size] = [2 ** 33 + 70_000, 2 ** 34 + 70_001]
  const tree = vast([index, 5, size - 1], SHA256)

  /** A tile as the specification defines it. */
  function tileOf({ level, index, width }: TileRef): Uint8Array {
    const step = 256n ** BigInt(level)
    const data = new Uint8Array(width * 32)
    for (let i = 0; i < width; i++) {
      const begin = (BigInt(index) * 256n + BigInt(i)) * step
      data.set(tree.mth(begin, begin + step), i * 32)
    }
    return data
  }

  test('proofs in a log of 2^34 leaves, with the tiles that the plan names, each read once', () => {
    const plans = [planInclusion(index, size), planConsistency(index, size), planFrontier(size)]
    for (const plan of plans) {
      const read: string[] = []
      const hashes = tileHashes(
        (tile) => {
          read.push(nameOf(tile))
          return tileOf(tile)
        },
        size,
        SHA256,
      )
      const path = prove(plan, hashes, SHA256)
      expect(tilesOf(plan).map(nameOf)).toEqual(read)
      expect(new Set(read).size).toBe(read.length)
      // At most the tile of the leaf and that of the edge at each of five levels.
      expect(read.length).toBeLessThanOrEqual(10)
      expect(path).toEqual(
        plan === plans[0] ? tree.path(index, size) : plan === plans[1] ? tree.proof(index, size) : path,
      )
    }
    const hashes = tileHashes(tileOf, size, SHA256)
    const path = prove(plans[0]!, hashes, SHA256)
    verifyInclusion({ index, size, leafHash: tree.leaf(index), path }, tree.root(size), SHA256)
    const sizes = { firstSize: index, secondSize: size, firstRoot: tree.root(index), secondRoot: tree.root(size) }
    verifyConsistency({ ...sizes, path: prove(plans[1]!, hashes, SHA256) }, SHA256)
  })

  test('a tile of another length is refused; one of the right length is not', () => {
    const cut = (by: number) => (tile: TileRef) => {
      const data = tileOf(tile)
      return by < 0 ? new Uint8Array([...data, 0]) : data.subarray(by)
    }
    expect(inclusionProof(index, size, tileHashes(cut(0), size, SHA256), SHA256)).toEqual(tree.path(index, size))
    for (const by of [1, 32, -1]) {
      expect(() => inclusionProof(index, size, tileHashes(cut(by), size, SHA256), SHA256)).toThrow(
        coded('tile-invalid'),
      )
    }
  })

  test('a tile with one bit turned over gives a proof that does not verify (T-76)', () => {
    const rotten = (tile: TileRef) => {
      const data = tileOf(tile)
      if (tile.level === 1) data[40]! ^= 4
      return data
    }
    const path = inclusionProof(index, size, tileHashes(rotten, size, SHA256), SHA256)
    const found = { index, size, leafHash: tree.leaf(index), path }
    expect(() => verifyInclusion(found, tree.root(size), SHA256)).toThrow(coded('proof-invalid'))
  })

  test('what was learnt of full tiles above the leaves serves the next reader, and is bounded', () => {
    const kept = new KnownTiles(3)
    const buffer = new Uint8Array(256 * 32)
    const read: string[] = []
    const lent = (tile: TileRef) => {
      read.push(nameOf(tile))
      const data = tileOf(tile)
      buffer.set(data)
      return tile.level > 0 && tile.width === 256 ? buffer : data
    }
    const paths = [index, index + 1].map((at) => inclusionProof(at, size, tileHashes(lent, size, SHA256, kept), SHA256))
    expect(paths).toEqual([tree.path(index, size), tree.path(index + 1, size)])
    const again = (name: string) => read.filter((one) => one === name).length
    const counted = new Map(tilesOf(planInclusion(index, size)).map((tile) => [tile, again(nameOf(tile))]))
    for (const [{ level, width }, times] of counted) expect(times).toBe(level > 0 && width === 256 ? 1 : 2)
    expect([...counted.values()]).toContain(1)
    buffer.fill(0)
    // Of a smaller tree they are the same tiles.
    const smaller = tileHashes(lent, index + 70_000, SHA256, kept)
    expect(inclusionProof(index, index + 70_000, smaller, SHA256)).toEqual(tree.path(index, index + 70_000))
    for (let at = 0; at < 5; at++) inclusionProof(at * 2 ** 24, size, tileHashes(tileOf, size, SHA256, kept), SHA256)
    expect(kept.size).toBe(3)
  })

  test('a tile that was kept as it rotted spoils proofs until it is forgotten (T-76)', () => {
    const kept = new KnownTiles(8)
    const rotten = (tile: TileRef) => {
      const data = tileOf(tile)
      if (tile.level === 1) data[40]! ^= 4
      return data
    }
    const proven = (read: TileReader) => {
      const path = inclusionProof(index, size, tileHashes(read, size, SHA256, kept), SHA256)
      verifyInclusion({ index, size, leafHash: tree.leaf(index), path }, tree.root(size), SHA256)
    }
    expect(() => proven(rotten)).toThrow(coded('proof-invalid'))
    expect(() => proven(tileOf)).toThrow(coded('proof-invalid'))
    kept.forget()
    expect(() => proven(tileOf)).not.toThrow()
  })

  test.each([
    ['beyond the last leaf', 0, 70_001 + 2 ** 34],
    ['a subtree that is not complete', 4, Math.floor(size / 16)],
    ['a height above the tree', 60, 0],
    ['height -1', -1, 0],
    ['half a height', 0.5, 0],
    ['index -1', 0, -1],
    ['half an index', 0, 0.5],
    ['no index', 0, Number.NaN],
  ])('there is no hash %s', (_, height, at) => {
    const read = tileHashes(tileOf, size, SHA256)
    expect(read(0, size - 1)).toEqual(tree.leaf(size - 1))
    expect(() => read(height, at)).toThrow(coded('proof-range'))
  })
})
