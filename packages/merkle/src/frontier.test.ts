import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { append, EMPTY_FRONTIER, type Frontier, frontierRoot, readFrontier } from './frontier.ts'
import { leafHash } from './hash.ts'
import { entriesOf, naive, SHA256, SHA3, vast } from './naive.test-kit.ts'

const refused = expect.objectContaining({ name: 'CodedError', code: 'tree-invalid' })
const ENTRIES = entriesOf(600)
const leaves = ENTRIES.map((entry) => leafHash(entry, SHA256))

describe.each([
  ['SHA-256', SHA256],
  ['SHA3-256', SHA3],
])('%s', (_, hash) => {
  test('every root from 0 to 600 leaves is the naive one', () => {
    const twin = naive(ENTRIES, hash)
    let frontier = EMPTY_FRONTIER
    expect(frontierRoot(frontier, hash)).toEqual(twin.root(0))
    for (const [i, entry] of ENTRIES.entries()) {
      frontier = append(frontier, [leafHash(entry, hash)], hash)
      expect(frontierRoot(frontier, hash)).toEqual(twin.root(i + 1))
    }
  })
})

test('batches of any sizes make the same frontier as one by one', () => {
  const all = append(EMPTY_FRONTIER, leaves, SHA256)
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 5 }), (cuts) => {
      let frontier = EMPTY_FRONTIER
      for (const cut of [...cuts.toSorted((a, b) => a - b), leaves.length]) {
        frontier = append(frontier, leaves.slice(frontier.size, cut), SHA256)
      }
      expect(frontier).toEqual(all)
    }),
  )
})

test('a batch that fails half-way leaves the old frontier as it was', () => {
  const before = append(EMPTY_FRONTIER, leaves.slice(0, 7), SHA256)
  const copy = structuredClone(before) as Frontier
  let calls = 0
  const failing = {
    size: 32,
    hash(data: Uint8Array) {
      if (++calls === 3) throw new Error('no more')
      return SHA256.hash(data)
    },
  }
  expect(() => append(before, leaves.slice(7, 20), failing)).toThrow('no more')
  expect(() => append(before, [leaves[7]!, new Uint8Array(31)], SHA256)).toThrow(refused)
  expect(before).toEqual(copy)
  append(before, leaves.slice(7, 20), SHA256)
  expect(before).toEqual(copy)
})

test('the caller may use its buffers again', () => {
  const buffer = Buffer.from(leaves[0]!)
  const one = append(EMPTY_FRONTIER, [buffer], SHA256)
  const stored = [Buffer.from(leaves[0]!)]
  const two = readFrontier(1, stored, SHA256)
  const root = frontierRoot(one, SHA256)
  buffer.fill(0)
  stored[0]!.fill(0)
  root.fill(0)
  expect(one.hashes).toEqual([leaves[0]])
  expect(two.hashes).toEqual([leaves[0]])
})

test('every perfect subtree is told of once, when it is complete, in order of index', () => {
  const twin = naive(ENTRIES, SHA256)
  const next: number[] = []
  let size = 0
  append(EMPTY_FRONTIER, leaves, SHA256, (height, index, root) => {
    if (height === 0) size++
    expect(index).toBe((next[height] ??= 0))
    next[height]!++
    expect((index + 1) * 2 ** height).toBe(size)
    expect(root).toEqual(twin.mth(BigInt(index) << BigInt(height), BigInt(index + 1) << BigInt(height)))
  })
  expect(next).toEqual([600, 300, 150, 75, 37, 18, 9, 4, 2, 1])
})

describe('a stored frontier', () => {
  test('goes on where it was', () => {
    for (let size = 0; size <= 70; size++) {
      const { hashes } = append(EMPTY_FRONTIER, leaves.slice(0, size), SHA256)
      const again = readFrontier(size, hashes, SHA256)
      const grown = append(again, leaves.slice(size, 90), SHA256)
      expect(frontierRoot(grown, SHA256)).toEqual(naive(ENTRIES, SHA256).root(90))
    }
  })

  const three = append(EMPTY_FRONTIER, leaves.slice(0, 3), SHA256).hashes
  test.each([
    ['of another size', 4, three],
    ['with a hash too many', 2, three],
    ['with a hash too few', 3, three.slice(1)],
    ['with a hash too short', 3, [three[0]!, three[1]!.slice(1)]],
    ['of size -1', -1, []],
    ['of half a size', 1.5, three.slice(1)],
    ['of no number', Number.NaN, []],
    ['of more than 2^53−1', 2 ** 53, three.slice(1)],
  ])('%s is refused', (_, size, hashes) => {
    expect(readFrontier(3, three, SHA256).size).toBe(3)
    expect(() => readFrontier(size, hashes, SHA256)).toThrow(refused)
  })
})

test.each([2 ** 31 - 2, 2 ** 32 - 3, 2 ** 32 + 255, 2 ** 40 + 12_345, 2 ** 53 - 9])('from size %d on', (start) => {
  const added = Array.from({ length: 8 }, (_, i) => start + i)
  const twin = vast(added, SHA256)
  const hashes: Uint8Array[] = []
  let begin = 0n
  for (let bit = 53n; bit >= 0n; bit--) {
    if (((BigInt(start) >> bit) & 1n) === 0n) continue
    hashes.push(twin.mth(begin, begin + (1n << bit)))
    begin += 1n << bit
  }
  let frontier = readFrontier(start, hashes, SHA256)
  expect(frontierRoot(frontier, SHA256)).toEqual(twin.root(start))
  for (const index of added) {
    frontier = append(frontier, [twin.leaf(index)], SHA256)
    expect(frontier.size).toBe(index + 1)
    expect(frontierRoot(frontier, SHA256)).toEqual(twin.root(index + 1))
  }
})

test('a tree of 2^53−1 leaves is full', () => {
  const full = vast([], SHA256)
  const hashes = Array.from({ length: 53 }, (_, i) => full.mth(0n, 1n << BigInt(52 - i)))
  const frontier = readFrontier(2 ** 53 - 1, hashes, SHA256)
  expect(append(frontier, [], SHA256)).toEqual(frontier)
  expect(() => append(frontier, [leaves[0]!], SHA256)).toThrow(refused)
})
