import { TILE_WIDTH } from '@countersign/merkle'
import { describe, expect, test } from 'vitest'
import { entriesOf, text } from '../../merkle/src/naive.test-kit.ts'
import { type Difference, fsck, type FsckEnd, type FsckInput, type TreeName } from './index.ts'
import { HASHES, placeOf, rootsOfEntries, type StoredLog, storedLog } from './stored.test-kit.ts'
import { THOROUGH } from '../../../test/thorough.ts'

const ENTRIES = entriesOf(1400)

function logOf(size: number): StoredLog {
  const log = storedLog()
  log.add(ENTRIES.slice(0, size))
  return log
}

async function check(
  log: StoredLog,
  more: Partial<FsckInput> = {},
): Promise<{ found: Omit<Difference, 'what'>[]; end: FsckEnd }> {
  const found: Omit<Difference, 'what'>[] = []
  const run = fsck({
    size: log.state().size,
    locked: null,
    readEntries: (begin, end) => log.entries.slice(begin, end),
    read: log.read,
    hashes: HASHES,
    ...more,
  })
  for (;;) {
    const step = await run.next()
    if (step.done === true) {
      expect(step.value.differences).toBe(found.length)
      return { found, end: step.value }
    }
    const { what, ...difference } = step.value
    expect(what).toMatch(/^(?:entry|tile)\b/)
    found.push(difference)
  }
}

/** Changes one byte of stored hashes. */
function bend(log: StoredLog, tree: TreeName, level: number, index: number, ...places: readonly number[]): void {
  const at = placeOf(tree, { level, index, width: TILE_WIDTH })
  const tile = log.tiles.get(at)!.slice()
  for (const place of places) tile[place * 32 + 31]! ^= 128
  log.tiles.set(at, tile)
}

describe('a log that is whole', () => {
  test.each([0, 1, 255, 256, 257, 512, 700, 1400])('of %d entries: its roots, and no difference', async (size) => {
    const log = logOf(size)
    for (const locked of [0, 1, 200, 256, 511, 700, size].filter((n) => n <= size)) {
      const { found, end } = await check(log, { locked })
      expect(found).toEqual([])
      expect(end).toEqual({
        roots: rootsOfEntries(ENTRIES.slice(0, size)),
        locked: rootsOfEntries(ENTRIES.slice(0, locked)),
        differences: 0,
      })
    }
    expect((await check(log)).end.locked).toBeNull()
    expect((await check(log, { locked: size + 1 })).end.locked).toBeNull()
  })

  test.runIf(THOROUGH)('around the second level of tiles', async () => {
    const log = storedLog()
    const entries = Array.from({ length: 65_800 }, (_, i) => text(String(i)))
    const locked = log.add(entries.slice(0, 65_536)).roots
    const { roots } = log.add(entries.slice(65_536))
    expect(await check(log, { locked: 65_536 })).toEqual({ found: [], end: { roots, locked, differences: 0 } })
    bend(log, 'sha256', 1, 0, 255)
    bend(log, 'sha256', 2, 0, 0)
    bend(log, 'sha3_256', 1, 1, 0)
    expect((await check(log)).found).toEqual([
      { kind: 'tile-differs', tree: 'sha256', tile: { level: 1, index: 0, width: 256 }, places: [255] },
      { kind: 'tile-differs', tree: 'sha256', tile: { level: 2, index: 0, width: 1 }, places: [0] },
      { kind: 'tile-differs', tree: 'sha3_256', tile: { level: 1, index: 1, width: 1 }, places: [0] },
    ])
  })

  test('is read in order, a tile of entries at a time, each tile once, telling how far it is', async () => {
    const log = logOf(700)
    const asked: string[] = []
    const done: number[] = []
    await check(log, {
      readEntries: (begin, end) => {
        asked.push(`${begin}-${end}`)
        return Promise.resolve(log.entries.slice(begin, end))
      },
      read: (tree, tile) => {
        if (tree === 'sha256') asked.push(`${tile.level}/${tile.index}`)
        return Promise.resolve(log.read(tree, tile))
      },
      progress: (n) => done.push(n),
    })
    expect(asked).toEqual(['0-256', '0/0', '256-512', '0/1', '512-700', '0/2', '1/0'])
    expect(done).toEqual([256, 512, 700])
  })
})

describe('what changed is named, once:', () => {
  test.each([0, 255, 256, 699])('entry %d', async (index) => {
    const log = logOf(700)
    log.entries[index] = text('bent')
    const { found, end } = await check(log, { locked: 600 })
    expect(found).toEqual([{ kind: 'entry-differs', index }])
    // Of the raw entries, as they are: the signed root says that they are not those that were signed.
    expect(end.roots).toEqual(rootsOfEntries(log.entries))
    expect(end.locked).toEqual(rootsOfEntries(log.entries.slice(0, 600)))
  })

  test.each(['sha256', 'sha3_256'] as const)('hashes of the %s tree', async (tree) => {
    const log = logOf(1400)
    bend(log, tree, 0, 0, 0, 17, 255)
    bend(log, tree, 0, 5, 119)
    bend(log, tree, 1, 0, 3)
    const { found, end } = await check(log)
    expect(found).toEqual([
      { kind: 'tile-differs', tree, tile: { level: 0, index: 0, width: 256 }, places: [0, 17, 255] },
      { kind: 'tile-differs', tree, tile: { level: 0, index: 5, width: 120 }, places: [119] },
      { kind: 'tile-differs', tree, tile: { level: 1, index: 0, width: 5 }, places: [3] },
    ])
    expect(end.roots).toEqual(rootsOfEntries(log.entries))
  })

  test('an entry and, beside it, a hash of one tree', async () => {
    const log = logOf(300)
    log.entries[9] = text('bent')
    bend(log, 'sha256', 0, 0, 10)
    expect((await check(log)).found).toEqual([
      { kind: 'entry-differs', index: 9 },
      { kind: 'tile-differs', tree: 'sha256', tile: { level: 0, index: 0, width: 256 }, places: [10] },
      // Neither the entries nor what is stored of them give it any more.
      { kind: 'tile-differs', tree: 'sha256', tile: { level: 1, index: 0, width: 1 }, places: [0] },
    ])
  })

  test.each([null, 31 * 32])('a tile with %s bytes', async (bytes) => {
    const log = logOf(700)
    for (const [level, index] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const place = placeOf('sha256', { level, index, width: TILE_WIDTH })
      if (bytes === null) log.tiles.delete(place)
      else log.tiles.set(place, log.tiles.get(place)!.slice(0, Math.min(bytes, level === 0 ? bytes : 33)))
    }
    const { found, end } = await check(log)
    expect(found).toEqual([
      { kind: 'tile-missing', tree: 'sha256', tile: { level: 0, index: 1, width: 256 } },
      { kind: 'tile-missing', tree: 'sha256', tile: { level: 1, index: 0, width: 2 } },
    ])
    expect(end.roots).toEqual(rootsOfEntries(log.entries))
  })

  test('entries that are lost, and what changed after them', async () => {
    const log = logOf(700)
    log.entries[600] = text('bent')
    const readEntries = (begin: number, end: number) =>
      log.entries.slice(begin, end).map((entry, i) => (begin + i === 300 ? null : entry))
    const { found, end } = await check(log, { readEntries, locked: 300 })
    expect(found).toEqual([
      { kind: 'entry-missing', index: 300 },
      { kind: 'entry-differs', index: 600 },
    ])
    expect(end).toMatchObject({ roots: null, locked: rootsOfEntries(log.entries.slice(0, 300)) })
    expect((await check(log, { readEntries, locked: 301 })).end.locked).toBeNull()
  })

  test('an entry that is lost and, beside it, a hash of one tree', async () => {
    const log = logOf(300)
    bend(log, 'sha256', 0, 0, 10)
    const { found } = await check(log, {
      readEntries: (begin, end) => log.entries.slice(begin, end).map((entry, i) => (begin + i === 9 ? null : entry)),
    })
    expect(found).toEqual([
      { kind: 'entry-missing', index: 9 },
      { kind: 'tile-differs', tree: 'sha256', tile: { level: 0, index: 0, width: 256 }, places: [10] },
    ])
  })

  test('a tail that is lost, with its tile', async () => {
    const log = logOf(260)
    log.tiles.delete(placeOf('sha256', { level: 0, index: 1, width: 4 }))
    const { found, end } = await check(log, {
      readEntries: (begin, stop) => log.entries.slice(begin, Math.min(stop, 258)),
      locked: 259,
    })
    expect(found).toEqual([
      { kind: 'tile-missing', tree: 'sha256', tile: { level: 0, index: 1, width: 4 } },
      { kind: 'entry-missing', index: 258 },
      { kind: 'entry-missing', index: 259 },
    ])
    expect(end).toMatchObject({ roots: null, locked: null })
  })
})

test('a log that was rewritten as a whole has no difference, and other roots', async () => {
  const log = logOf(300)
  const other = storedLog()
  other.add(log.entries.with(7, text('rewritten')))
  const [honest, rewritten] = [await check(log), await check(other)]
  expect(rewritten.found).toEqual([])
  expect(rewritten.end.roots!.sha256).not.toEqual(honest.end.roots!.sha256)
  expect(rewritten.end.roots!.sha3_256).not.toEqual(honest.end.roots!.sha3_256)
})
