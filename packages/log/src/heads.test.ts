import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError } from '@countersign/core'
import { type MapEntry, proveKey, sortedMap, verifyKey } from '@countersign/merkle'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { headsTree, proveStoredHead, type StoredHeads } from './heads.ts'
import { rounds, some } from '../../../test/thorough.ts'

const HASH = { size: 32, hash: (data: Uint8Array) => nodeCrypto.sha256(data) }
const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code }) as CodedError

/** Keys that look random and are the same on every run. */
const keyOf = (i: number) => HASH.hash(new TextEncoder().encode(`key ${i}`))
const valueOf = (i: number) => HASH.hash(new TextEncoder().encode(`value ${i}`))
const sorted = (count: number): MapEntry[] =>
  Array.from({ length: count }, (_, i) => ({ key: keyOf(i), value: valueOf(i) })).toSorted((a, b) =>
    Buffer.compare(a.key, b.key),
  )

function placeOf(members: readonly MapEntry[], key: Uint8Array): number {
  let [low, high] = [0, members.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (Buffer.compare(members[middle]!.key, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function stored(members: readonly MapEntry[]): StoredHeads & { root: Uint8Array; asked: number } {
  const { count, root, tiles } = headsTree(members, HASH)
  const heads = {
    count,
    root,
    asked: 0,
    tile: (level: number, index: number) => tiles.find((tile) => tile.level === level && tile.index === index) ?? null,
    members: (from: Uint8Array, to: Uint8Array | null) => {
      const found = members.slice(placeOf(members, from), to === null ? undefined : placeOf(members, to))
      heads.asked += found.length
      return found
    },
  }
  return heads
}

describe('the tree of heads', () => {
  const SIZES = [0, 1, 2, 255, 256, 257, 511, 512, 513, 1000, ...some(1, [65_537, 65_535, 65_536, 65_792])]
  test.each(SIZES)('of %i chains proves what the map that is held whole proves', (count) => {
    const members = sorted(count)
    const heads = stored(members)
    const whole = sortedMap(members, HASH)
    expect([heads.count, heads.root]).toEqual([count, whole.root])
    const some = [0, 1, 254, 255, 256, 257, Math.floor(count / 2), count - 257, count - 256, count - 2, count - 1]
    for (const index of new Set(some.filter((i) => i >= 0 && i < count))) {
      const { key, value } = members[index]!
      const proof = proveStoredHead(key, heads, HASH)
      expect(proof).toEqual(proveKey(whole, key, HASH))
      expect(verifyKey(key, proof, heads.root, HASH)).toEqual(value)
      // Beside it, so that absence is proven at every edge of a tile.
      const beside = new Uint8Array(key)
      beside[31]! ^= 1
      const absent = proveStoredHead(beside, heads, HASH)
      expect(absent).toEqual(proveKey(whole, beside, HASH))
      expect(verifyKey(beside, absent, heads.root, HASH)).toBeNull()
    }
    for (const edge of [new Uint8Array(32), new Uint8Array(32).fill(0xff)]) {
      expect(verifyKey(edge, proveStoredHead(edge, heads, HASH), heads.root, HASH)).toBeNull()
    }
  })

  test('of any chains, for any key', () => {
    const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
    const pairs = fc.uniqueArray(fc.record({ key: bytes32, value: fc.uint8Array({ maxLength: 60 }) }), {
      selector: ({ key }) => Buffer.from(key).toString('hex'),
      maxLength: 700,
      size: 'max',
    })
    fc.assert(
      fc.property(pairs, bytes32, (pairs, other) => {
        const members = pairs.toSorted((a, b) => Buffer.compare(a.key, b.key))
        const [heads, whole] = [stored(members), sortedMap(members, HASH)]
        expect(heads.root).toEqual(whole.root)
        for (const key of [other, ...members.slice(0, 20).map(({ key }) => key)]) {
          expect(proveStoredHead(key, heads, HASH)).toEqual(proveKey(whole, key, HASH))
        }
      }),
      { numRuns: rounds(10, 20) },
    )
  })

  test('keeps 64 bytes for 256 chains, and reads the leaves of two tiles at most for a proof', () => {
    const members = sorted(70_000)
    const bytes = headsTree(members, HASH).tiles.reduce((sum, { hashes, keys }) => sum + hashes.length + keys.length, 0)
    expect(bytes).toBeLessThan((70_000 / 256) * 64 + 256 * 32 + 1000)
    const heads = stored(members)
    for (const i of [0, 1, 255, 256, 33_000, 69_999]) {
      heads.asked = 0
      const key = new Uint8Array(members[i]!.key)
      key[31]! ^= 1
      proveStoredHead(key, heads, HASH)
      expect(heads.asked).toBeLessThanOrEqual(512)
    }
  })

  test('says so where what is stored is not what was stated', () => {
    const members = sorted(1000)
    const heads = stored(members)
    const key = members[300]!.key
    const prove = (more: Partial<StoredHeads>) => () => proveStoredHead(key, { ...heads, ...more }, HASH)
    expect(prove({})).not.toThrow()
    expect(prove({ tile: () => null })).toThrow(coded('log-corrupt'))
    expect(prove({ tile: (level, index) => (level === 1 ? null : heads.tile(level, index)) })).toThrow(
      coded('log-corrupt'),
    )
    expect(prove({ members: (from, to) => heads.members(from, to).slice(1) })).toThrow(coded('log-corrupt'))
    // Another value gives another proof, which the root does not take.
    const forged = proveStoredHead(
      key,
      {
        ...heads,
        members: (from, to) => heads.members(from, to).map((m) => (m.key === key ? { ...m, value: valueOf(0) } : m)),
      },
      HASH,
    )
    expect(() => verifyKey(key, forged, heads.root, HASH)).toThrow(coded('proof-invalid'))
  })
})
