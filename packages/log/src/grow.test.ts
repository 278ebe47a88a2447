import { partialTiles, tilePath, tilesBetween } from '@countersign/merkle'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { entriesOf } from '../../merkle/src/naive.test-kit.ts'
import { EMPTY_LOG, grow, loadState, rootsOf, TREES } from './index.ts'
import { HASHES, rootsOfEntries, storedLog } from './stored.test-kit.ts'

const ENTRIES = entriesOf(1100)

test('grown in any batches, both trees are the ones that are defined, and what is stored gives the state again', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(3), fc.nat(300)), { maxLength: 6 }), (batches) => {
      const log = storedLog()
      for (const batch of batches) {
        const before = log.state()
        const copy = structuredClone(before)
        const { state, tiles, roots } = log.add(ENTRIES.slice(before.size, before.size + batch))
        expect(before).toEqual(copy)
        expect(roots).toEqual(rootsOfEntries(ENTRIES.slice(0, state.size)))
        expect(rootsOf(state, HASHES)).toEqual(roots)
        expect(loadState(state.size, log.read, HASHES)).toEqual(state)
        for (const tree of TREES) {
          expect(tiles.filter((tile) => tile.tree === tree).map(tilePath)).toEqual(
            [...tilesBetween(before.size, state.size)].map(tilePath),
          )
          expect(state.edges[tree].partial.map(tilePath)).toEqual(partialTiles(state.size).map(tilePath))
        }
      }
    }),
    { numRuns: 40 },
  )
})

test('a batch of nothing changes nothing', () => {
  const log = storedLog()
  const { state, roots } = log.add(ENTRIES.slice(0, 300))
  expect(grow(state, [], HASHES)).toEqual({ state, tiles: [], roots })
  expect(grow(EMPTY_LOG, [], HASHES)).toEqual({ state: EMPTY_LOG, tiles: [], roots: rootsOfEntries([]) })
})

test('a hash that fails half-way leaves the state as it was', () => {
  const before = storedLog().add(ENTRIES.slice(0, 250)).state
  const copy = structuredClone(before)
  const after = grow(before, ENTRIES.slice(250, 260), HASHES)
  let calls = 0
  const failing = {
    size: 32,
    hash(data: Uint8Array) {
      if (++calls === 15) throw new Error('no more')
      return HASHES.sha3_256.hash(data)
    },
  }
  expect(() => grow(before, ENTRIES.slice(250, 260), { ...HASHES, sha3_256: failing })).toThrow('no more')
  expect(before).toEqual(copy)
  expect(grow(before, ENTRIES.slice(250, 260), HASHES)).toEqual(after)
})

test('an entry that no bundle holds is refused', () => {
  const largest = new Uint8Array(65_535)
  expect(grow(EMPTY_LOG, [largest], HASHES).state.size).toBe(1)
  expect(() => grow(EMPTY_LOG, [new Uint8Array(1), new Uint8Array(65_536)], HASHES)).toThrow(
    expect.objectContaining({ name: 'CodedError', code: 'input-too-large' }),
  )
})
