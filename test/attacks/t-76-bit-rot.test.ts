import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, utf8 } from '@countersign/core'
import { checkAgainstLock, fsck, type FsckEnd, loadState } from '@countersign/log'
import { describe, expect, test } from 'vitest'
import { copyOf, HASHES, logSigner, type StoredLog, storedLog } from '../../packages/log/src/stored.test-kit.ts'

const ORIGIN = 'log.example/a'
const SIZE = 270
const signer = logSigner(ORIGIN)
const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error

/** One full tile of leaves, one of 14, one of one hash above them; twice. */
const whole = storedLog()
const { roots } = whole.add(Array.from({ length: SIZE }, (_, i) => utf8(`entry ${i}`)))
const locked = signer.sign(SIZE, roots.sha256)

function check(log: StoredLog): void {
  checkAgainstLock({
    origin: ORIGIN,
    keys: [signer.key],
    locked,
    state: loadState(SIZE, log.read, HASHES),
    read: log.read,
    readEntries: (begin, end) => log.entries.slice(begin, end),
    hashes: HASHES,
    crypto: nodeCrypto,
  })
}

/** Every place that fsck names, such as `entry 5` and `sha256/0/1 13`. */
async function places(log: StoredLog): Promise<{ named: string[]; end: FsckEnd }> {
  const readEntries = (begin: number, end: number) => log.entries.slice(begin, end)
  const run = fsck({ size: SIZE, locked: SIZE, readEntries, read: log.read, hashes: HASHES })
  const named: string[] = []
  for (;;) {
    const step = await run.next()
    if (step.done === true) return { named, end: step.value }
    const found = step.value
    if (found.kind === 'entry-differs') named.push(`entry ${found.index}`)
    else if (found.kind === 'tile-differs') {
      const { tree, tile } = found
      named.push(...found.places.map((place) => `${tree}/${tile.level}/${tile.index} ${place}`))
    } else named.push(found.what)
  }
}

function flip(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const copy = new Uint8Array(bytes)
  copy[at]! ^= 1 << bit
  return copy
}

const tiles = [...whole.tiles]
const PARTIAL = tiles.filter(([, data]) => data.length < 256 * 32)

test('red control: nothing is found where nothing changed', async () => {
  check(whole)
  expect(await places(whole)).toEqual({ named: [], end: { roots, locked: roots, differences: 0 } })
})

describe('T-76: a byte of a stored tile changes', () => {
  test('each byte of every hash, in all tiles at once: fsck names every hash', async () => {
    const all = tiles.flatMap(([at, data]) => Array.from({ length: data.length / 32 }, (_, i) => `${at} ${i}`))
    expect(all).toHaveLength(2 * (SIZE + 1))
    for (let byte = 0; byte < 32; byte++) {
      const log = copyOf(whole)
      for (const [at, data] of tiles) {
        let bent = data
        for (let place = 0; place < data.length / 32; place++) bent = flip(bent, place * 32 + byte, (place + byte) % 8)
        log.tiles.set(at, bent)
      }
      const { named } = await places(log)
      // Where both trees know an entry by another hash, the entry is what seems to have changed.
      const seen = named.flatMap((one) => {
        const entry = /^entry (\d+)$/.exec(one)
        if (entry === null) return [one]
        const [tile, place] = [Math.floor(Number(entry[1]) / 256), Number(entry[1]) % 256]
        return [`sha256/0/${tile} ${place}`, `sha3_256/0/${tile} ${place}`]
      })
      expect(seen.toSorted()).toEqual(all.toSorted())
      expect(() => check(log)).toThrow(coded('log-corrupt'))
    }
  })

  test('one byte alone, in each hash: fsck names that hash and no other', async () => {
    for (const [at, data] of tiles) {
      const log = copyOf(whole)
      for (let place = 0; place < data.length / 32; place++) {
        log.tiles.set(at, flip(data, place * 32 + (place % 32), place % 8))
        expect(await places(log)).toEqual({
          named: [`${at} ${place}`],
          end: { roots, locked: roots, differences: 1 },
        })
      }
    }
  })

  test('one byte alone, each byte of the edge: nothing is signed', () => {
    expect(PARTIAL.map(([, data]) => data.length / 32)).toEqual([14, 1, 14, 1])
    for (const [at, data] of PARTIAL) {
      const log = copyOf(whole)
      for (let byte = 0; byte < data.length; byte++) {
        log.tiles.set(at, flip(data, byte, byte % 8))
        // Red control: the tiles are still read as they are; only the check finds it.
        loadState(SIZE, log.read, HASHES)
        expect(() => check(log), `${at} ${byte}`).toThrow(coded('log-corrupt'))
      }
    }
  })

  test('one byte alone in the tile below the edge: nothing is signed', () => {
    for (const [at, data] of tiles.filter(([, { length }]) => length === 256 * 32)) {
      const log = copyOf(whole)
      for (let place = 0; place < 256; place += 5) {
        log.tiles.set(at, flip(data, place * 32 + (place % 32), place % 8))
        expect(() => check(log), `${at} ${place}`).toThrow(coded('log-corrupt'))
      }
    }
  })
})

describe('T-76: a byte of a stored entry changes', () => {
  test('each byte of each entry: fsck names the entry, and the roots are not the signed ones', async () => {
    const longest = Math.max(...whole.entries.map(({ length }) => length))
    for (let byte = 0; byte < longest; byte++) {
      const log = copyOf(whole)
      const bent: string[] = []
      for (const [index, entry] of whole.entries.entries()) {
        if (byte >= entry.length) continue
        log.entries[index] = flip(entry, byte, index % 8)
        bent.push(`entry ${index}`)
      }
      const { named, end } = await places(log)
      expect(named).toEqual(bent)
      expect(end.roots!.sha256).not.toEqual(roots.sha256)
      expect(end.roots!.sha3_256).not.toEqual(roots.sha3_256)
    }
  })

  test('an entry at the edge: nothing is signed', () => {
    for (let index = 256; index < SIZE; index++) {
      const log = copyOf(whole)
      log.entries[index] = flip(log.entries[index]!, index % 9, 0)
      expect(() => check(log)).toThrow(coded('log-corrupt'))
    }
    // One that lies deeper is found by fsck alone.
    const log = copyOf(whole)
    log.entries[255] = utf8('bent')
    check(log)
  })

  test('a byte too many, a byte too few, two entries that changed places', async () => {
    const bent: readonly ((entries: Uint8Array[]) => void)[] = [
      (entries) => (entries[9] = Uint8Array.of(...entries[9]!, 0)),
      (entries) => (entries[9] = entries[9]!.slice(0, -1)),
      (entries) => (entries[9] = new Uint8Array(0)),
      (entries) => ([entries[9], entries[10]] = [entries[10]!, entries[9]!]),
    ]
    for (const bend of bent) {
      const log = copyOf(whole)
      bend(log.entries)
      expect((await places(log)).named).toContain('entry 9')
    }
  })
})
