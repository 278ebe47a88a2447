import type { Code } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { TILE_WIDTH } from '@countersign/merkle'
import { describe, expect, test } from 'vitest'
import { entriesOf, text } from '../../merkle/src/naive.test-kit.ts'
import { checkAgainstLock, loadState, type LockCheck, type LogState } from './index.ts'
import { copyOf, HASHES, logSigner, placeOf, type StoredLog, storedLog } from './stored.test-kit.ts'

const ORIGIN = 'log.example/a'
const signer = logSigner(ORIGIN)
const ENTRIES = entriesOf(1400)
const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })

/** A log of `size` entries, of which the first `signed` are covered by the locked checkpoint. */
function logOf(size: number, signed: number): { log: StoredLog; locked: Uint8Array } {
  const log = storedLog()
  const { roots } = log.add(ENTRIES.slice(0, signed))
  log.add(ENTRIES.slice(signed, size))
  return { log, locked: signer.sign(signed, roots.sha256) }
}

function inputOf(log: StoredLog, locked: Uint8Array | null): LockCheck {
  const { key } = signer
  return {
    origin: ORIGIN,
    keys: [key],
    locked,
    state: log.state(),
    read: log.read,
    hashes: HASHES,
    crypto: portableCrypto,
  }
}

function check(log: StoredLog, locked: Uint8Array | null, more: Partial<LockCheck> = {}): number {
  const readEntries = (begin: number, end: number) => log.entries.slice(begin, end)
  return checkAgainstLock({ ...inputOf(log, locked), readEntries, ...more }).ahead
}

describe('data that goes on from the lock', () => {
  test.each([
    [0, 0],
    [1, 0],
    [1, 1],
    [7, 4],
    [256, 256],
    [300, 256],
    [300, 255],
    [600, 300],
    [1024, 512],
    [1400, 1],
    [1400, 1400],
  ])('%d entries, %d of them signed', (size, signed) => {
    const { log, locked } = logOf(size, signed)
    expect(check(log, locked)).toBe(size - signed)
    expect(checkAgainstLock(inputOf(log, locked))).toEqual({ ahead: size - signed })
  })

  test('neither data nor lock: a log that has not begun', () => {
    expect(check(storedLog(), null)).toBe(0)
  })

  test('signed by another of its keys', () => {
    const { log, locked } = logOf(20, 10)
    expect(check(log, locked, { keys: [logSigner(ORIGIN).key, signer.key] })).toBe(10)
  })
})

describe('is refused:', () => {
  test('data without a lock', () => {
    const { log } = logOf(1, 1)
    expect(() => check(log, null)).toThrow(coded('log-lock-missing'))
  })

  test.each([
    [0, 1],
    [9, 10],
    [256, 257],
    [10, 1400],
  ])('data of %d entries behind a lock of %d', (size, signed) => {
    const { locked } = logOf(signed, signed)
    const { log } = logOf(size, 0)
    expect(() => check(log, locked)).toThrow(coded('log-behind'))
  })

  test.each([
    [10, 10, 3],
    [20, 10, 3],
    [600, 400, 399],
    [600, 400, 0],
    [1400, 256, 100],
  ])('data of %d entries whose root at %d is another, from entry %d on', (size, signed, changed) => {
    const { log, locked } = logOf(size, signed)
    expect(check(log, locked)).toBe(size - signed)
    const other = storedLog()
    other.add(log.entries.with(changed, text('other')))
    expect(() => check(other, locked)).toThrow(coded('log-forked'))
  })

  test('a lock of size 0 with the root of entries', () => {
    const { log } = logOf(10, 10)
    const lie = signer.sign(0, checkRoot(log))
    expect(() => check(log, lie)).toThrow(coded('log-forked'))
  })

  test('the lock of another log, of another key, and one that is none', () => {
    const { log, locked } = logOf(10, 10)
    expect(() => check(log, logSigner('log.example/b').sign(10, checkRoot(log)))).toThrow(coded('origin-mismatch'))
    expect(() => check(log, logSigner(ORIGIN).sign(10, checkRoot(log)))).toThrow(coded('signer-unknown'))
    expect(() => check(log, locked, { keys: [] })).toThrow(coded('trust-missing'))
    expect(() => check(log, locked.slice(0, -20))).toThrow(coded('note-invalid'))
    const bent = locked.slice()
    // A digit of the size.
    bent[ORIGIN.length + 1]! ^= 2
    expect(() => check(log, bent)).toThrow(coded('signature-invalid'))
  })
})

function checkRoot(log: StoredLog): Uint8Array {
  const { roots } = copyOf(log).add([])
  return roots.sha256
}

describe('stored tiles that do not agree', () => {
  /** Changes one byte of a stored tile, hash `place`. */
  function bend(log: StoredLog, place: string, hash: number): void {
    const tile = log.tiles.get(place)!.slice()
    tile[hash * 32 + 5]! ^= 4
    log.tiles.set(place, tile)
  }
  const at = (tree: 'sha256' | 'sha3_256', level: number, index: number) =>
    placeOf(tree, { level, index, width: TILE_WIDTH })

  test.each([
    ['a leaf of the edge', at('sha256', 0, 5), 119],
    ['a leaf of the edge that was signed', at('sha256', 0, 5), 0],
    ['a leaf of the edge, in the other tree', at('sha3_256', 0, 5), 119],
    ['a leaf of a full tile', at('sha256', 0, 4), 200],
    ['the first leaf', at('sha256', 0, 0), 0],
    ['the first leaf, in the other tree', at('sha3_256', 0, 0), 0],
    ['a hash one level up', at('sha256', 1, 0), 4],
    ['a hash one level up that was signed', at('sha256', 1, 0), 0],
    ['a hash one level up, in the other tree', at('sha3_256', 1, 0), 2],
  ])('%s', (_, place, hash) => {
    for (const signed of [1280, 1281, 1400, 700]) {
      const { log, locked } = logOf(1400, signed)
      expect(check(log, locked)).toBe(1400 - signed)
      bend(log, place, hash)
      expect(() => check(log, locked, { state: loadState(1400, log.read, HASHES) })).toThrow(coded('log-corrupt'))
      expect(() => check(log, locked)).toThrow(coded('log-corrupt'))
    }
  })

  test.each(['missing', 'cut short', 'of half a hash more', 'too wide'])('a tile that is %s', (how) => {
    const { log, locked } = logOf(1400, 700)
    for (const place of [at('sha256', 0, 5), at('sha3_256', 1, 0), at('sha256', 0, 3)]) {
      const tile = log.tiles.get(place)!
      if (how === 'missing') log.tiles.delete(place)
      else if (how === 'cut short') log.tiles.set(place, tile.slice(0, -32))
      else if (how === 'too wide')
        log.tiles.set(place, new Uint8Array([...tile, ...new Uint8Array(257 * 32)]).slice(0, 257 * 32))
      else log.tiles.set(place, new Uint8Array([...tile, ...new Uint8Array(16)]))
      expect(() => check(log, locked), place).toThrow(coded('log-corrupt'))
      // What is not at the edge is not loaded.
      if (!place.endsWith('/3')) expect(() => loadState(1400, log.read, HASHES)).toThrow(coded('log-corrupt'))
      log.tiles.set(place, tile)
      expect(check(log, locked)).toBe(700)
    }
  })

  test('entries that changed or are lost, at the edge and where no checkpoint covers them', () => {
    const { log, locked } = logOf(1400, 700)
    const readEntries = (entries: readonly Uint8Array[]) => ({
      readEntries: (begin: number, end: number) => entries.slice(begin, end),
    })
    for (const index of [512, 699, 700, 1000, 1399]) {
      const bent = log.entries.with(index, text('bent'))
      expect(() => check(log, locked, readEntries(bent)), `${index}`).toThrow(coded('log-corrupt'))
    }
    expect(() => check(log, locked, readEntries(log.entries.slice(0, -1)))).toThrow(coded('log-corrupt'))
    // What is below all that grew is fsck's to find.
    expect(check(log, locked, readEntries(log.entries.with(511, text('bent'))))).toBe(700)
  })

  test('a state that is not the stored one', () => {
    const { log, locked } = logOf(1400, 700)
    const good = log.state()
    const edge = good.edges.sha3_256
    const wrong: readonly LogState[] = [
      { ...good, edges: { ...good.edges, sha3_256: { ...edge, partial: edge.partial.slice(1) } } },
      { ...good, edges: { ...good.edges, sha3_256: { ...edge, partial: edge.partial.slice(0, -1) } } },
      { ...good, edges: { ...good.edges, sha3_256: { ...edge, partial: good.edges.sha256.partial } } },
      {
        ...good,
        edges: { ...good.edges, sha3_256: { ...edge, frontier: { ...good.edges.sha256.frontier } } },
      },
      { ...good, edges: { ...good.edges, sha256: { ...good.edges.sha256, frontier: { ...edge.frontier } } } },
      {
        ...good,
        edges: {
          ...good.edges,
          sha256: { ...good.edges.sha256, frontier: { ...good.edges.sha256.frontier, size: 7 } },
        },
      },
    ]
    for (const state of wrong) expect(() => check(log, locked, { state })).toThrow(coded('log-corrupt'))
  })
})
