import { verifyInclusion, leafHash } from '@countersign/merkle'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { entriesOf, naive } from '../../merkle/src/naive.test-kit.ts'
import { EMPTY_LOG, grow, grownTiles, loadState, provePaths } from './index.ts'
import { HASHES, rootsOfEntries, storedLog } from './stored.test-kit.ts'

const ENTRIES = entriesOf(700)
const log = storedLog()
log.add(ENTRIES)
const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })

test('nothing is read of a log without entries', () => {
  expect(loadState(0, () => expect.fail('read'), HASHES)).toEqual(EMPTY_LOG)
  expect(provePaths([], 0, () => expect.fail('read'), HASHES)).toEqual([])
})

test('a log of any size is loaded from the tiles of a larger one, and goes on as it did', () => {
  fc.assert(
    fc.property(fc.nat(700), (size) => {
      const smaller = storedLog()
      smaller.add(ENTRIES.slice(0, size))
      expect(loadState(size, log.read, HASHES)).toEqual(smaller.state())
    }),
    { numRuns: 30 },
  )
})

test('what is loaded keeps no view of what was read', () => {
  const buffers = [...log.tiles].map(([place, data]) => [place, Buffer.from(data)] as const)
  const lent = new Map(buffers)
  const state = loadState(700, (tree, { level, index }) => lent.get(`${tree}/${level}/${index}`) ?? null, HASHES)
  for (const buffer of lent.values()) buffer.fill(0)
  expect(state).toEqual(log.state())
})

test('every path is the one that is defined, at every size, and leads to the root', () => {
  const twin = naive(ENTRIES, HASHES.sha256)
  for (const size of [1, 2, 255, 256, 257, 513, 700]) {
    const root = rootsOfEntries(ENTRIES.slice(0, size)).sha256
    const indexes = Array.from({ length: size }, (_, i) => i)
    for (const [index, path] of provePaths(indexes, size, log.read, HASHES).entries()) {
      expect(path).toEqual(twin.path(index, size))
      verifyInclusion({ index, size, leafHash: leafHash(ENTRIES[index]!, HASHES.sha256), path }, root, HASHES.sha256)
    }
  }
})

test('a batch reads each tile once', () => {
  const asked: string[] = []
  provePaths(
    [690, 699, 0, 5, 690],
    700,
    (tree, tile) => {
      asked.push(`${tree}/${tile.level}/${tile.index}`)
      return log.read(tree, tile)
    },
    HASHES,
  )
  expect(asked.toSorted()).toEqual(['sha256/0/0', 'sha256/0/2', 'sha256/1/0'])
})

test('a batch alone proves each entry that it added, and no tile of another', () => {
  const proveFrom = (before: number, batch: number) => {
    const grown = grow(loadState(before, log.read, HASHES), ENTRIES.slice(before, before + batch), HASHES)
    const indexes = Array.from({ length: batch }, (_, i) => before + i)
    const paths = provePaths(indexes, before + batch, grownTiles(grown), HASHES)
    expect(paths).toEqual(provePaths(indexes, before + batch, log.read, HASHES))
    return grownTiles(grown)
  }
  fc.assert(
    fc.property(fc.nat(600), fc.nat(100), (before, batch) => {
      proveFrom(before, batch)
    }),
    { numRuns: 100 },
  )
  for (const before of [0, 1, 254, 255, 256, 257, 511, 512]) for (const batch of [1, 2, 188]) proveFrom(before, batch)
  const read = proveFrom(300, 5)
  expect(read('sha256', { level: 0, index: 0, width: 256 })).toBeNull()
  expect(read('sha3_256', { level: 1, index: 0, width: 1 })).toEqual(log.tiles.get('sha3_256/1/0')!.slice(0, 32))
})

test('there is no path for what is not there', () => {
  for (const index of [700, -1, 0.5]) {
    expect(() => provePaths([3, index], 700, log.read, HASHES)).toThrow(coded('proof-range'))
  }
  expect(() => provePaths([3], 700, () => null, HASHES)).toThrow(coded('log-corrupt'))
  expect(() => provePaths([3], 700, () => new Uint8Array(31), HASHES)).toThrow(coded('log-corrupt'))
})
