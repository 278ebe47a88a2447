import { CodedError } from '@countersign/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { emptyRoot } from './hash.ts'
import {
  type MapEntry,
  mapLeafHash,
  type MapMember,
  type MapProof,
  mapRoot,
  proveKey,
  sortedMap,
  verifyKey,
} from './map.ts'
import { flip, join, naive, SHA256, SHA3, text } from './naive.test-kit.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })
const refused = coded('proof-invalid')

/** A key whose place in the order is its number. */
function key(number: number): Uint8Array {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setUint16(30, number)
  return bytes
}

/** The pairs with keys 10, 20, 30, … */
const pairs = (count: number): MapEntry[] =>
  Array.from({ length: count }, (_, i) => ({ key: key(10 * (i + 1)), value: text(`value ${i}`) }))

describe.each([
  ['SHA-256', SHA256],
  ['SHA3-256', SHA3],
])('%s', (_, hash) => {
  test('every key of every map of up to 40 pairs, and every gap between', () => {
    for (let count = 0; count <= 40; count++) {
      const map = sortedMap(pairs(count), hash)
      const entries = pairs(count).map(({ key, value }) => join(key, value))
      expect(map.root).toEqual(naive(entries, hash).root(count))
      for (let i = 0; i <= count; i++) {
        if (i < count) {
          const present = proveKey(map, key(10 * (i + 1)), hash)
          expect(present.members).toHaveLength(1)
          expect(verifyKey(key(10 * (i + 1)), present, map.root, hash)).toEqual(text(`value ${i}`))
        }
        const gap = key(10 * i + 5)
        const absent = proveKey(map, gap, hash)
        expect(absent.members).toHaveLength(count === 0 ? 0 : i === 0 || i === count ? 1 : 2)
        expect(verifyKey(gap, absent, map.root, hash)).toBeNull()
      }
    }
  })
})

test('maps of any keys and values', () => {
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
  const entry = fc.record({ key: bytes32, value: fc.uint8Array({ maxLength: 50 }) })
  const entries = fc.uniqueArray(entry, { selector: ({ key }) => Buffer.from(key).toString('hex'), maxLength: 60 })
  fc.assert(
    fc.property(entries, bytes32, (entries, other) => {
      const sorted = entries.toSorted((a, b) => Buffer.compare(a.key, b.key))
      const map = sortedMap(sorted, SHA256)
      for (const { key, value } of sorted) {
        expect(verifyKey(key, proveKey(map, key, SHA256), map.root, SHA256)).toEqual(value)
        // As near as keys can be.
        const next = flip(key, 255 - 7)
        const known = entries.find((one) => Buffer.compare(one.key, next) === 0)
        expect(verifyKey(next, proveKey(map, next, SHA256), map.root, SHA256)).toEqual(known?.value ?? null)
      }
      expect(verifyKey(other, proveKey(map, other, SHA256), map.root, SHA256)).toBeNull()
    }),
    { numRuns: 50 },
  )
})

describe('a map is built of 32-byte keys in order, each once:', () => {
  const [a, b, c] = pairs(3) as [MapEntry, MapEntry, MapEntry]
  test.each([
    ['a key twice', [a, b, { key: b.key, value: c.value }]],
    ['a pair twice', [a, a]],
    ['out of order', [b, a, c]],
    ['a key too short', [{ key: a.key.subarray(1), value: a.value }]],
    ['a key too long', [a, { key: join(b.key, [0]), value: b.value }]],
    ['no key', [{ key: new Uint8Array(0), value: a.value }]],
  ])('%s', (_, entries) => {
    expect(sortedMap([a, b, c], SHA256).size).toBe(3)
    expect(() => sortedMap(entries, SHA256)).toThrow(coded('map-invalid'))
    expect(() => mapRoot(entries, SHA256)).toThrow(coded('map-invalid'))
  })

  test('order is by bytes, not by signed bytes or by the last ones', () => {
    const low = new Uint8Array(32).fill(0xff, 1)
    const high = new Uint8Array(32)
    low[0] = 0x7f
    high[0] = 0x80
    const [one, two] = [low, high].map((key) => ({ key, value: text('') })) as [MapEntry, MapEntry]
    expect(mapRoot([one, two], SHA256).size).toBe(2)
    expect(() => mapRoot([two, one], SHA256)).toThrow(coded('map-invalid'))
  })

  test('also where the pairs come one by one in one buffer', () => {
    function* entries() {
      const buffer = Buffer.alloc(32)
      for (const number of [1, 2, 3]) {
        buffer.set(key(number))
        yield { key: buffer, value: text('') }
      }
    }
    expect(mapRoot(entries(), SHA256).size).toBe(3)
  })

  test('a key asked for has 32 bytes', () => {
    const map = sortedMap([a, b], SHA256)
    const proof = proveKey(map, a.key, SHA256)
    for (const wrong of [a.key.subarray(1), join(a.key, [0]), new Uint8Array(0)]) {
      expect(() => proveKey(map, wrong, SHA256)).toThrow(coded('map-invalid'))
      expect(() => verifyKey(wrong, proof, map.root, SHA256)).toThrow(coded('map-invalid'))
    }
  })
})

describe('a false proof:', () => {
  const map = sortedMap(pairs(7), SHA256)
  const member = (index: number): MapMember => proveKey(map, key(10 * (index + 1)), SHA256).members[0]!
  const verify = (asked: number, members: readonly MapMember[], size = 7, root = map.root) =>
    verifyKey(key(asked), { size, members }, root, SHA256)

  test('the true ones', () => {
    expect(verify(30, [member(2)])).toEqual(text('value 2'))
    expect(verify(35, [member(2), member(3)])).toBeNull()
    expect(verify(5, [member(0)])).toBeNull()
    expect(verify(75, [member(6)])).toBeNull()
    expect(verify(5, [], 0, emptyRoot(SHA256))).toBeNull()
  })

  test.each<[what: string, asked: number, members: readonly MapMember[], size?: number]>([
    ['no members', 35, []],
    ['no members and size 0', 35, [], 0],
    ['neighbours with one left out', 35, [member(1), member(3)]],
    ['neighbours around a present key', 30, [member(1), member(3)]],
    ['neighbours of which one is the key', 30, [member(2), member(3)]],
    ['neighbours of which the second is the key', 40, [member(2), member(3)]],
    ['neighbours in reverse', 35, [member(3), member(2)]],
    ['one neighbour twice', 35, [member(2), member(2)]],
    ['neighbours of another gap', 45, [member(2), member(3)]],
    ['neighbours after the key', 5, [member(0), member(1)]],
    ['three members', 35, [member(2), member(3), member(4)]],
    ['the key and another', 30, [member(2), member(6)]],
    ['one member after the key that is not the first', 15, [member(1)]],
    ['one member before the key that is not the last', 65, [member(5)]],
    ['the last member for a key before all', 5, [member(6)]],
    ['the first member for a key after all', 75, [member(0)]],
    ['a value that is not the one', 30, [{ ...member(2), value: text('value 3') }]],
    ['a key that is not the one', 31, [{ ...member(2), key: key(31) }]],
    [
      'a byte moved from the value to the key',
      30,
      [{ ...member(2), key: join(key(30), text('v')), value: text('alue 2') }],
    ],
    [
      'a byte moved from the key to the value',
      30,
      [{ ...member(2), key: key(30).subarray(0, 31), value: join([30], text('value 2')) }],
    ],
    ['indexes made neighbours', 35, [{ ...member(1), index: 2 }, member(3)]],
    ['a last index for one that is not', 65, [{ ...member(5), index: 6 }]],
    ['a first index for one that is not', 15, [{ ...member(1), index: 0 }]],
    ['a size cut to make a member the last', 65, [member(5)], 6],
    ['a path from elsewhere', 30, [{ ...member(2), path: member(3).path }]],
    ['a path cut', 30, [{ ...member(2), path: member(2).path.slice(1) }]],
  ])('%s', (_, asked, members, size) => {
    expect(() => verify(asked, members, size)).toThrow(refused)
  })

  test('of another root or another hash', () => {
    const proof = { size: 7, members: [member(2)] }
    for (let bit = 0; bit < 256; bit++) {
      expect(() => verifyKey(key(30), proof, flip(map.root, bit), SHA256)).toThrow(refused)
    }
    expect(() => verifyKey(key(30), proof, map.root, SHA3)).toThrow(refused)
    expect(() => verify(5, [], 0, emptyRoot(SHA3))).toThrow(refused)
    expect(() => verify(5, [], 7, emptyRoot(SHA256))).toThrow(refused)
  })
})

test('no size and no indexes that a prover may claim make a present key absent', () => {
  // A forger has only the true leaves and paths; collisions apart, nothing else leads to the root.
  let tried = 0
  for (let count = 1; count <= 7; count++) {
    const map = sortedMap(pairs(count), SHA256)
    const truths = pairs(count).map(({ key }) => proveKey(map, key, SHA256).members[0]!)
    for (let size = 0; size <= 12; size++) {
      for (const [i, one] of truths.entries()) {
        for (let index = 0; index < size; index++) {
          const forged: MapProof[] = [{ size, members: [{ ...one, index }] }]
          for (const two of truths.slice(i + 1)) {
            forged.push({
              size,
              members: [
                { ...one, index },
                { ...two, index: index + 1 },
              ],
            })
          }
          for (const proof of forged) {
            for (const present of truths) {
              tried++
              let value: Uint8Array | null
              try {
                value = verifyKey(present.key, proof, map.root, SHA256)
              } catch (error) {
                if (!(error instanceof CodedError) || error.code !== 'proof-invalid') throw error
                continue
              }
              expect(value).toEqual(present.value)
            }
          }
        }
      }
    }
  }
  expect(tried).toBeGreaterThan(10_000)
})

test('no two pairs have one leaf', () => {
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32, max: 1 })
  const entry = fc.record({ key: bytes32, value: fc.uint8Array({ maxLength: 3, max: 1 }) })
  fc.assert(
    fc.property(entry, entry, (a, b) => {
      const same = Buffer.compare(a.key, b.key) === 0 && Buffer.compare(a.value, b.value) === 0
      expect(Buffer.compare(mapLeafHash(a, SHA256), mapLeafHash(b, SHA256)) === 0).toBe(same)
    }),
  )
})
