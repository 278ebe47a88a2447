import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { append, EMPTY_FRONTIER } from './frontier.ts'
import { leafHash } from './hash.ts'
import { entriesOf, type Naive, naive, SHA256, SHA3, vast } from './naive.test-kit.ts'
import {
  consistencyProof,
  frontierAt,
  type HashReader,
  inclusionProof,
  nodesOf,
  type Plan,
  planConsistency,
  planFrontier,
  planInclusion,
  prove,
  rootAt,
} from './proof.ts'
import { verifyConsistency, verifyInclusion } from './verify.ts'
import { rounds } from '../../../test/thorough.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })
const COUNT = rounds(260, 600)
const ENTRIES = entriesOf(COUNT)
const twin = naive(ENTRIES, SHA256)

/** Reads from a naive tree, and only perfect subtrees of the first `size` leaves. */
function readerOf(tree: Naive, size: number): HashReader {
  return (height, index) => {
    const begin = BigInt(index) << BigInt(height)
    const end = begin + (1n << BigInt(height))
    if (end > BigInt(size)) throw new Error(`${height}/${index} is not in a tree of ${size}`)
    return tree.mth(begin, end)
  }
}

const levels: Uint8Array[][] = []
append(
  EMPTY_FRONTIER,
  ENTRIES.map((entry) => leafHash(entry, SHA256)),
  SHA256,
  (height, _, root) => void (levels[height] ??= []).push(root),
)

/** The same for the whole tree, from the hashes that appending told of. */
function storedReader(size: number): HashReader {
  return (height, index) => {
    if ((index + 1) * 2 ** height > size) throw new Error(`${height}/${index} is not in a tree of ${size}`)
    return levels[height]![index]!
  }
}

/** `toEqual` for many hashes at once, fast enough for every size. */
function same(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((one, i) => Buffer.compare(one, b[i]!) === 0)
}

test(`the inclusion proof of every leaf of every tree up to ${COUNT} is the naive one, and verifies`, () => {
  for (let size = 1; size <= COUNT; size++) {
    const read = storedReader(size)
    const root = twin.root(size)
    for (let index = 0; index < size; index++) {
      const path = inclusionProof(index, size, read, SHA256)
      if (!same(path, twin.path(index, size))) expect.fail(`${index} of ${size}`)
      // One in seven is enough to visit every shape of path.
      if (index % 7 === size % 7) verifyInclusion({ index, size, leafHash: twin.leaf(index), path }, root, SHA256)
    }
  }
})

test(`the consistency proof between all trees up to ${COUNT} is the naive one, and verifies`, () => {
  for (let secondSize = 0; secondSize <= COUNT; secondSize++) {
    const read = storedReader(secondSize)
    for (let firstSize = 0; firstSize <= secondSize; firstSize++) {
      const path = consistencyProof(firstSize, secondSize, read, SHA256)
      if (!same(path, twin.proof(firstSize, secondSize))) expect.fail(`${firstSize} of ${secondSize}`)
      if (firstSize % 7 === secondSize % 7) {
        const [firstRoot, secondRoot] = [twin.root(firstSize), twin.root(secondSize)]
        verifyConsistency({ firstSize, secondSize, firstRoot, secondRoot, path }, SHA256)
      }
    }
  }
})

test('roots and frontiers of every size are read from the same hashes', () => {
  const leaves = ENTRIES.map((entry) => leafHash(entry, SHA256))
  const read = readerOf(twin, COUNT)
  let frontier = EMPTY_FRONTIER
  for (let size = 0; size <= COUNT; size++) {
    expect(rootAt(size, read, SHA256)).toEqual(twin.root(size))
    expect(frontierAt(size, read, SHA256)).toEqual(frontier)
    frontier = append(frontier, leaves.slice(size, size + 1), SHA256)
  }
})

test('with SHA3-256 too', () => {
  const other = naive(ENTRIES, SHA3)
  const read = readerOf(other, 77)
  const root = other.root(77)
  const path = inclusionProof(70, 77, read, SHA3)
  expect(path).toEqual(other.path(70, 77))
  verifyInclusion({ index: 70, size: 77, leafHash: other.leaf(70), path }, root, SHA3)
  expect(() => verifyInclusion({ index: 70, size: 77, leafHash: other.leaf(70), path }, root, SHA256)).toThrow(
    coded('proof-invalid'),
  )
})

const index53 = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 53 - 2 }),
  fc.integer({ min: 2 ** 31 - 3, max: 2 ** 33 }),
  fc.tuple(fc.integer({ min: 8, max: 52 }), fc.integer({ min: -3, max: 3 })).map(([bit, near]) => 2 ** bit + near),
)

test('trees of up to 2^53−1 leaves, around every power of two', () => {
  fc.assert(
    fc.property(index53, index53, (a, b) => {
      const [index, size] = [Math.min(a, b), Math.max(a, b) + 1]
      const tree = vast([index, Math.floor(index / 2), size - 1], SHA256)
      const read = readerOf(tree, size)
      const path = inclusionProof(index, size, read, SHA256)
      expect(same(path, tree.path(index, size))).toBe(true)
      verifyInclusion({ index, size, leafHash: tree.leaf(index), path }, tree.root(size), SHA256)
      if (index > 0) {
        expect(() =>
          verifyInclusion({ index: index - 1, size, leafHash: tree.leaf(index), path }, tree.root(size), SHA256),
        ).toThrow(coded('proof-invalid'))
      }

      const proof = consistencyProof(index, size, read, SHA256)
      expect(same(proof, tree.proof(index, size))).toBe(true)
      const [firstRoot, secondRoot] = [tree.root(index), tree.root(size)]
      verifyConsistency({ firstSize: index, secondSize: size, firstRoot, secondRoot, path: proof }, SHA256)
      expect(same([rootAt(size, read, SHA256)], [secondRoot])).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('what a shift by 32-bit operators would do to such an index', () => {
  expect((2 ** 32 + 2) >> 1).not.toBe(2 ** 31 + 1)
})

test('a plan names every hash that is read, each inside of its tree', () => {
  fc.assert(
    fc.property(fc.nat(COUNT - 1), fc.nat(COUNT - 1), (a, b) => {
      const [low, size] = [Math.min(a, b), Math.max(a, b) + 1]
      const plans: Plan[] = [planInclusion(low, size), planConsistency(low, size), planFrontier(size)]
      for (const plan of plans) {
        const named = nodesOf(plan).map(({ height, index }) => `${height}/${index}`)
        const read: string[] = []
        const reader = readerOf(twin, size)
        prove(
          plan,
          (height, index) => {
            read.push(`${height}/${index}`)
            return reader(height, index)
          },
          SHA256,
        )
        expect(named).toEqual(read)
        expect(new Set(named).size).toBe(named.length)
        expect(named.length).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(size + 1)))
      }
    }),
  )
})

describe('what is not in the tree has no proof:', () => {
  test.each([
    ['no leaf in the empty tree', 0, 0],
    ['the index after the last', 7, 7],
    ['an index far off', 2 ** 40, 7],
    ['index -1', -1, 7],
    ['half an index', 0.5, 7],
    ['no index', Number.NaN, 7],
    ['size -1', 0, -1],
    ['half a size', 0, 1.5],
    ['a size above 2^53−1', 0, 2 ** 53],
    ['endless size', 0, Number.POSITIVE_INFINITY],
  ])('%s', (_, index, size) => {
    expect(planInclusion(6, 7).ranges).toHaveLength(2)
    expect(() => planInclusion(index, size)).toThrow(coded('proof-range'))
  })

  test.each([
    ['from larger to smaller', 8, 7],
    ['from size -1', -1, 7],
    ['from half a size', 1.5, 7],
    ['from no size', Number.NaN, 7],
    ['to a size above 2^53−1', 7, 2 ** 53],
  ])('%s', (_, first, second) => {
    expect(planConsistency(7, 8).ranges).toHaveLength(4)
    expect(() => planConsistency(first, second)).toThrow(coded('proof-range'))
  })

  test.each([-1, 0.5, Number.NaN, 2 ** 53])('a frontier of size %d', (size) => {
    expect(() => planFrontier(size)).toThrow(coded('proof-range'))
  })
})

test('a stored hash of the wrong length is refused (T-76)', () => {
  expect(inclusionProof(0, 1, () => new Uint8Array(31), SHA256)).toEqual([])
  expect(() => inclusionProof(0, 2, () => new Uint8Array(31), SHA256)).toThrow(coded('tile-invalid'))
})

test('a proof does not share bytes with the store', () => {
  const stored = Buffer.from(twin.leaf(1))
  const [first] = inclusionProof(0, 2, () => stored, SHA256)
  stored.fill(0)
  expect(first).toEqual(twin.leaf(1))
})
