import { CodedError } from '@countersign/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leafHash } from './hash.ts'
import { entriesOf, flip, join, naive, pathSides, proofRoles, SHA256, vast } from './naive.test-kit.ts'
import { type Consistency, type Inclusion, rootFromInclusion, verifyConsistency, verifyInclusion } from './verify.ts'

const refused = expect.objectContaining({ name: 'CodedError', code: 'proof-invalid' })
const twin = naive(entriesOf(300), SHA256)

function inclusion(index: number, size: number): Inclusion {
  return { index, size, leafHash: twin.leaf(index), path: twin.path(index, size) }
}

function consistency(firstSize: number, secondSize: number): Consistency {
  return {
    firstSize,
    secondSize,
    firstRoot: twin.root(firstSize),
    secondRoot: twin.root(secondSize),
    path: twin.proof(firstSize, secondSize),
  }
}

function accepted(verify: () => void): boolean {
  try {
    verify()
    return true
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'proof-invalid') throw error
    return false
  }
}

/** `expect`, but fast enough for every bit of every case. */
function demand(holds: boolean, what: object): void {
  if (!holds) expect.fail(JSON.stringify(what))
}

/** An index or size with one of its 53 bits turned over. */
const flipNumber = (n: number, bit: number) => Number(BigInt(n) ^ (1n << BigInt(bit)))
const same = (a: readonly unknown[], b: readonly unknown[]) => a.join() === b.join()

const sizes = fc.tuple(fc.nat(299), fc.nat(299)).map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1] as const)

describe('every bit of an inclusion proof counts:', () => {
  test('of the leaf, the root and the path', () => {
    fc.assert(
      fc.property(sizes, ([index, size]) => {
        const good = inclusion(index, size)
        const root = twin.root(size)
        verifyInclusion(good, root, SHA256)
        for (let bit = 0; bit < 256; bit++) {
          demand(!accepted(() => verifyInclusion(good, flip(root, bit), SHA256)), { size, index, root: bit })
          const leaf = { ...good, leafHash: flip(good.leafHash, bit) }
          demand(!accepted(() => verifyInclusion(leaf, root, SHA256)), { size, index, leaf: bit })
          for (const [i, hash] of good.path.entries()) {
            const changed = { ...good, path: good.path.with(i, flip(hash, bit)) }
            demand(!accepted(() => verifyInclusion(changed, root, SHA256)), { size, index, i, bit })
          }
        }
      }),
      { numRuns: 10 },
    )
  })

  test('of the index: any other is refused', () => {
    for (const size of [1, 2, 3, 7, 8, 9, 64, 65, 100]) {
      const root = twin.root(size)
      for (let index = 0; index < size; index++) {
        const good = inclusion(index, size)
        for (let other = 0; other <= size + 1; other++) {
          demand(accepted(() => verifyInclusion({ ...good, index: other }, root, SHA256)) === (other === index), {
            size,
            index,
            other,
          })
        }
        for (let bit = 0; bit < 53; bit++) {
          const wrong = { ...good, index: flipNumber(index, bit) }
          demand(!accepted(() => verifyInclusion(wrong, root, SHA256)), { size, index, bit })
        }
      }
    }
  })

  // RFC 9162 binds the size only as far as the turns of the path show it: a checkpoint signs size and root together.
  test('of the size: another is refused unless the path takes the very same turns in it', () => {
    let shapes = 0
    for (let size = 1; size <= 40; size++) {
      const root = twin.root(size)
      for (let index = 0; index < size; index++) {
        const good = inclusion(index, size)
        const others = [size - 1, size + 1, ...Array.from({ length: 53 }, (_, bit) => flipNumber(size, bit))]
        for (const other of others) {
          const turns =
            other > index && same(pathSides(BigInt(index), BigInt(other)), pathSides(BigInt(index), BigInt(size)))
          if (turns) shapes++
          demand(accepted(() => verifyInclusion({ ...good, size: other }, root, SHA256)) === turns, {
            size,
            index,
            other,
          })
        }
      }
    }
    expect(shapes).toBeGreaterThan(0)
  })
})

describe('every bit of a consistency proof counts:', () => {
  test('of the roots and the path', () => {
    fc.assert(
      fc.property(sizes, ([first, second]) => {
        if (first === 0) return
        const good = consistency(first, second)
        verifyConsistency(good, SHA256)
        for (let bit = 0; bit < 256; bit++) {
          const changed = [
            { ...good, firstRoot: flip(good.firstRoot, bit) },
            { ...good, secondRoot: flip(good.secondRoot, bit) },
            ...good.path.map((hash, i) => ({ ...good, path: good.path.with(i, flip(hash, bit)) })),
          ]
          for (const [i, one] of changed.entries()) {
            demand(!accepted(() => verifyConsistency(one, SHA256)), { first, second, i, bit })
          }
        }
      }),
      { numRuns: 10 },
    )
  })

  test('of the sizes: another is refused unless every hash plays the very same part in it', () => {
    let shapes = 0
    const roles = (m: number, n: number) => (m > n || m < 1 ? ['none'] : proofRoles(BigInt(m), BigInt(n)))
    for (let second = 2; second <= 24; second++) {
      for (let first = 1; first < second; first++) {
        const good = consistency(first, second)
        const numbers = Array.from({ length: 53 }, (_, bit) => bit)
        const others = [
          [first - 1, second],
          [first + 1, second],
          [first, second - 1],
          [first, second + 1],
          [second, first],
          ...numbers.map((bit) => [flipNumber(first, bit), second]),
          ...numbers.map((bit) => [first, flipNumber(second, bit)]),
        ] as const
        for (const [firstSize, secondSize] of others) {
          const parts = firstSize !== secondSize && same(roles(firstSize, secondSize), roles(first, second))
          if (parts) shapes++
          demand(accepted(() => verifyConsistency({ ...good, firstSize, secondSize }, SHA256)) === parts, {
            first,
            second,
            firstSize,
            secondSize,
          })
        }
      }
    }
    expect(shapes).toBeGreaterThan(0)
  })
})

describe('edges of inclusion (T-79):', () => {
  const good = inclusion(5, 7)
  const root = twin.root(7)
  const [one, two, three] = good.path as [Uint8Array, Uint8Array, Uint8Array]
  const cases: readonly (readonly [what: string, change: Partial<Inclusion>])[] = [
    ['size 0', { size: 0 }],
    ['size 0 with an empty path', { size: 0, path: [] }],
    ['size 1', { size: 1 }],
    ['size 1 with an empty path', { index: 0, size: 1, path: [] }],
    ['index = size', { index: 7 }],
    ['index > size', { index: 8 }],
    ['index and size -1', { index: -1, size: -1 }],
    ['index -1', { index: -1 }],
    ['index 5.5', { index: 5.5 }],
    ['no index', { index: Number.NaN }],
    ['size 7.5', { size: 7.5 }],
    ['a size above 2^53−1', { size: 2 ** 53 }],
    ['endless size', { size: Number.POSITIVE_INFINITY }],
    ['an index 2^32 higher', { index: 5 + 2 ** 32, size: 7 + 2 ** 32 }],
    ['no path', { path: [] }],
    ['a path without its first hash', { path: [two, three] }],
    ['a path without its last hash', { path: [one, two] }],
    ['the root at the end of the path', { path: [...good.path, root] }],
    ['the leaf before the path', { path: [good.leafHash, ...good.path] }],
    ['an empty hash in the path', { path: [...good.path, new Uint8Array(0)] }],
    ['a hash cut short', { path: [one, two, three.subarray(0, 31)] }],
    ['a hash too long', { path: [one, two, join(three, [0])] }],
    ['hashes out of order', { path: [two, one, three] }],
    ['two hashes run together', { path: [join(one, two), three] }],
    ['another leaf', { leafHash: twin.leaf(4) }],
    ['an empty leaf hash', { leafHash: new Uint8Array(0) }],
    ['the root as the leaf', { leafHash: root, path: [] }],
    ['the root as the only leaf', { index: 0, size: 1, leafHash: twin.leaf(0), path: [] }],
  ]

  test.each(cases)('%s', (_, change) => {
    verifyInclusion(good, root, SHA256)
    expect(() => verifyInclusion({ ...good, ...change }, root, SHA256)).toThrow(refused)
  })

  test('a root of another length', () => {
    expect(() => verifyInclusion(good, join(root, [0]), SHA256)).toThrow(refused)
    expect(() => verifyInclusion(good, new Uint8Array(0), SHA256)).toThrow(refused)
  })

  test('a path of a million hashes is refused by its length alone', () => {
    const path = Array.from<Uint8Array>({ length: 1_000_000 }).fill(one)
    let hashed = 0
    const counting = { size: 32, hash: (data: Uint8Array) => (hashed++, SHA256.hash(data)) }
    expect(() => verifyInclusion({ ...good, path }, root, counting)).toThrow(refused)
    expect(hashed).toBeLessThan(60)
  })

  test('bytes moved between the leaf and the path, which would be hashed together all the same', () => {
    const { leafHash: leaf, path } = inclusion(4, 7)
    const moved = {
      index: 4,
      size: 7,
      leafHash: leaf.subarray(0, 31),
      path: [join(leaf.subarray(31), path[0]!), ...path.slice(1)],
    }
    expect(join(moved.leafHash, moved.path[0]!)).toEqual(join(leaf, path[0]!))
    expect(() => verifyInclusion(moved, root, SHA256)).toThrow(refused)
  })

  test.each([-1, 0.5, Number.NaN])('index %d of one leaf', (index) => {
    const only = inclusion(0, 1)
    verifyInclusion(only, twin.root(1), SHA256)
    expect(() => verifyInclusion({ ...only, index }, twin.root(1), SHA256)).toThrow(refused)
  })

  test('the only leaf is the root, by an empty path', () => {
    verifyInclusion(inclusion(0, 1), twin.root(1), SHA256)
    expect(rootFromInclusion(inclusion(0, 1), SHA256)).toEqual(twin.leaf(0))
  })
})

describe('edges of consistency (T-79):', () => {
  const good = consistency(6, 9)
  const power = consistency(4, 9)
  const empty = twin.root(0)
  const cases: readonly (readonly [what: string, from: Consistency, change: Partial<Consistency>])[] = [
    ['no path', good, { path: [] }],
    ['no path from a power of two', power, { path: [] }],
    ['a path without its first hash', good, { path: good.path.slice(1) }],
    ['a path without its last hash', good, { path: good.path.slice(0, -1) }],
    ['the first root before the path of a power of two', power, { path: [power.firstRoot, ...power.path] }],
    ['the second root after the path', good, { path: [...good.path, good.secondRoot] }],
    ['a hash cut short', good, { path: good.path.with(0, good.path[0]!.subarray(1)) }],
    ['roots swapped', good, { firstRoot: good.secondRoot, secondRoot: good.firstRoot }],
    ['sizes swapped', good, { firstSize: 9, secondSize: 6 }],
    [
      'sizes and roots swapped',
      good,
      { ...good, firstSize: 9, secondSize: 6, firstRoot: good.secondRoot, secondRoot: good.firstRoot },
    ],
    ['another first root', good, { firstRoot: twin.root(5) }],
    ['another second root', good, { secondRoot: twin.root(10) }],
    ['an empty first root', good, { firstRoot: new Uint8Array(0) }],
    ['first size -1', good, { firstSize: -1 }],
    ['first size 5.5', good, { firstSize: 5.5 }],
    ['no first size', good, { firstSize: Number.NaN }],
    ['a second size above 2^53−1', good, { secondSize: 2 ** 53 }],
    ['sizes 2^32 higher', good, { firstSize: 6 + 2 ** 32, secondSize: 9 + 2 ** 32 }],
    // From nothing: any path would be believed.
    ['from size 0 with a path', consistency(0, 9), { path: good.path }],
    ['from size 0 with the root of leaves', consistency(0, 9), { firstRoot: twin.root(1) }],
    ['from size 0 to size 0 with two roots', consistency(0, 0), { secondRoot: twin.root(1) }],
    ['size 0 with the root of leaves twice', consistency(0, 0), { firstRoot: twin.root(1), secondRoot: twin.root(1) }],
    // T-74.
    ['one size with two roots', consistency(6, 6), { secondRoot: twin.root(7) }],
    ['one size with a path', consistency(6, 6), { path: good.path }],
    ['one size with its root as path', consistency(6, 6), { path: [twin.root(6)] }],
    [
      'one size with its root cut short',
      consistency(6, 6),
      { firstRoot: empty.subarray(1), secondRoot: empty.subarray(1) },
    ],
  ]

  test.each(cases)('%s', (_, from, change) => {
    verifyConsistency(from, SHA256)
    expect(() => verifyConsistency({ ...from, ...change }, SHA256)).toThrow(refused)
  })
})

// Taken as numbers, these would go down to 0 in as many steps as a true size.
test.each([
  ['from -1', { firstSize: -1, secondSize: 1, path: [twin.root(1)] }],
  ['from a half', { firstSize: 0.5, secondSize: 1, path: [twin.root(1)] }],
  ['from no number', { firstSize: Number.NaN, secondSize: 1, path: [twin.root(1)] }],
  ['to one and a half', { ...consistency(1, 2), secondSize: 1.5 }],
])('sizes that are none: %s', (_, sizes) => {
  verifyConsistency(consistency(1, 1), SHA256)
  verifyConsistency(consistency(1, 2), SHA256)
  const wrong = { ...consistency(1, 1), ...sizes }
  expect(() => verifyConsistency(wrong, SHA256)).toThrow(refused)
})

test('bytes moved between the first root and the path, which would be hashed together all the same', () => {
  const good = consistency(4, 7)
  verifyConsistency(good, SHA256)
  const moved = {
    ...good,
    firstRoot: good.firstRoot.subarray(0, 31),
    path: [join(good.firstRoot.subarray(31), good.path[0]!), ...good.path.slice(1)],
  }
  expect(() => verifyConsistency(moved, SHA256)).toThrow(refused)
})

describe('a node shown as a leaf (T-78)', () => {
  // The tree of four; its left node hangs one level up, where a tree of two or three has a leaf.
  const [left, right] = [twin.mth(0n, 2n), twin.mth(2n, 4n)]
  const spelled = join(twin.leaf(0), twin.leaf(1))

  test.each([1, 2, 3, 4, 5, 8])('as entry of a tree said to have %d leaves', (size) => {
    for (const path of [[right], [twin.leaf(1), right], []]) {
      for (let index = 0; index < size; index++) {
        const forged = { index, size, leafHash: leafHash(spelled, SHA256), path }
        expect(() => verifyInclusion(forged, twin.root(4), SHA256)).toThrow(refused)
      }
    }
  })

  test('would be under the root if the forger could name its hash: so a verifier hashes the entry itself', () => {
    verifyInclusion({ index: 0, size: 2, leafHash: left, path: [right] }, twin.root(4), SHA256)
    expect(() => verifyInclusion({ index: 0, size: 4, leafHash: left, path: [right] }, twin.root(4), SHA256)).toThrow(
      refused,
    )
    expect(leafHash(spelled, SHA256)).not.toEqual(left)
    expect(SHA256.hash(join([1], spelled))).toEqual(left)
  })
})

test('an index above 2^32 is not taken for its lower 32 bits', () => {
  const [index, size] = [2 ** 32 + 3, 2 ** 33 + 7]
  const tree = vast([3, index], SHA256)
  const good = { index, size, leafHash: tree.leaf(index), path: tree.path(index, size) }
  verifyInclusion(good, tree.root(size), SHA256)
  for (const other of [3, 3 + 2 ** 33, 2 ** 32 + 2, 2 ** 31 + 3]) {
    expect(() => verifyInclusion({ ...good, index: other }, tree.root(size), SHA256)).toThrow(refused)
  }
})

test('what is passed in stays as it was, and the answer is fresh', () => {
  const good = inclusion(0, 1)
  const copy = new Uint8Array(good.leafHash)
  const root = rootFromInclusion(good, SHA256)
  root.fill(0)
  expect(good.leafHash).toEqual(copy)
})
