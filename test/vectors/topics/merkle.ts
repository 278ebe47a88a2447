import { fromHex, hex, utf8 } from '@countersign/core'
import type { TreeHash } from '@countersign/merkle'
import { entriesOf, flip, type Naive, naive, SHA256, SHA3, vast } from '../../../packages/merkle/src/naive.test-kit.ts'
import type { Topic } from './topic.ts'

// Everything here comes from the naive twin, so that the vectors do not follow the code that they judge.

type HashName = 'sha256' | 'sha3-256'
const HASHES: Readonly<Record<HashName, TreeHash>> = { sha256: SHA256, 'sha3-256': SHA3 }
const GARBAGE = 'a5'.repeat(32)
const flipped = (digest: string, bit: number) => hex(flip(fromHex(digest), bit))

interface Inclusion {
  readonly hash: HashName
  readonly index: number
  readonly size: number
  readonly leafHash: string
  readonly path: readonly string[]
  readonly root: string
}

type Changes<T> = readonly (readonly [name: string, change: Partial<T>])[]

/** The good case, and one refused for each change that changes something. */
function cases<T extends object>(name: string, good: T, changes: Changes<T>): Record<string, object> {
  const vectors: Record<string, object> = { [`${name}-happy-path`]: good }
  for (const [what, change] of changes) {
    const bad = { ...good, ...change }
    if (Object.hasOwn(vectors, `${name}-${what}`)) throw new Error(`two vectors are named ${name}-${what}`)
    if (JSON.stringify(bad) !== JSON.stringify(good)) {
      vectors[`${name}-${what}`] = { error: 'proof-invalid', ...bad }
    }
  }
  return vectors
}

function inclusionCases(name: string, tree: Naive, index: number, size: number, hash: HashName = 'sha256') {
  const good: Inclusion = {
    hash,
    index,
    size,
    leafHash: hex(tree.leaf(index)),
    path: tree.path(index, size).map(hex),
    root: hex(tree.root(size)),
  }
  const { leafHash, path, root } = good
  return cases(name, good, [
    ['index-minus-1', { index: index - 1 }],
    ['index-plus-1', { index: index + 1 }],
    ['index-xor-2', { index: Number(BigInt(index) ^ 2n) }],
    ['index-plus-2-to-the-32', { index: index + 2 ** 32 }],
    ['size-times-2', { size: size * 2 }],
    ['size-divided-by-2', { size: Math.floor(size / 2) }],
    ['size-0', { size: 0 }],
    ['leaf-wrong', { leafHash: GARBAGE }],
    ['leaf-bit-turned', { leafHash: flipped(leafHash, 3) }],
    ['leaf-is-the-root', { leafHash: root === leafHash ? GARBAGE : root }],
    ['root-empty', { root: '' }],
    ['root-wrong', { root: GARBAGE }],
    ['root-of-no-leaves', { root: hex(tree.root(0)) }],
    ['root-bit-turned', { root: flipped(root, 3) }],
    ['garbage-after', { path: [...path, GARBAGE] }],
    ['garbage-before', { path: [GARBAGE, ...path] }],
    ['root-after', { path: [...path, root] }],
    ['root-before', { path: [root, ...path] }],
    ['hash-inserted', { path: path.length < 2 ? path : path.toSpliced(1, 0, GARBAGE) }],
    ['first-hash-removed', { path: path.slice(1) }],
    ['last-hash-removed', { path: path.slice(0, -1) }],
    ['path-reversed', { path: path.toReversed() }],
    ['path-without-bytes', { path: [...path.slice(0, -1), ''] }],
    ...path.map((digest, i) => [`hash-${i}-bit-turned`, { path: path.with(i, flipped(digest, 3)) }] as const),
  ])
}

interface Consistency {
  readonly hash: HashName
  readonly firstSize: number
  readonly secondSize: number
  readonly firstRoot: string
  readonly secondRoot: string
  readonly path: readonly string[]
}

function consistencyCases(name: string, tree: Naive, firstSize: number, secondSize: number, hash: HashName = 'sha256') {
  const good: Consistency = {
    hash,
    firstSize,
    secondSize,
    firstRoot: hex(tree.root(firstSize)),
    secondRoot: hex(tree.root(secondSize)),
    path: tree.proof(firstSize, secondSize).map(hex),
  }
  const { firstRoot, secondRoot, path } = good
  return cases(name, good, [
    ['first-size-minus-1', { firstSize: firstSize - 1 }],
    ['first-size-plus-1', { firstSize: firstSize + 1 }],
    ['first-size-xor-2', { firstSize: Number(BigInt(firstSize) ^ 2n) }],
    ['first-size-0', { firstSize: 0 }],
    ['second-size-times-2', { secondSize: secondSize * 2 }],
    ['second-size-divided-by-2', { secondSize: Math.floor(secondSize / 2) }],
    ['both-sizes-plus-2-to-the-32', { firstSize: firstSize + 2 ** 32, secondSize: secondSize + 2 ** 32 }],
    ['first-root-wrong', { firstRoot: GARBAGE }],
    ['second-root-wrong', { secondRoot: GARBAGE }],
    ['first-root-empty', { firstRoot: '' }],
    ['second-root-empty', { secondRoot: '' }],
    ['first-root-bit-turned', { firstRoot: flipped(firstRoot, 4) }],
    ['second-root-bit-turned', { secondRoot: flipped(secondRoot, 4) }],
    ['roots-swapped', { firstRoot: secondRoot, secondRoot: firstRoot }],
    ['path-empty', { path: [] }],
    ['garbage-after', { path: [...path, GARBAGE] }],
    ['garbage-before', { path: [GARBAGE, ...path] }],
    ['first-root-after', { path: [...path, firstRoot] }],
    ['first-root-before', { path: [firstRoot, ...path] }],
    ['second-root-after', { path: [...path, secondRoot] }],
    ['second-root-before', { path: [secondRoot, ...path] }],
    ['first-hash-again', { path: [...path.slice(0, 1), ...path] }],
    ['last-hash-removed', { path: path.slice(0, -1) }],
    ['path-reversed', { path: path.toReversed() }],
    ...path.map((digest, i) => [`hash-${i}-bit-turned`, { path: path.with(i, flipped(digest, 4)) }] as const),
  ])
}

const small = naive(entriesOf(20), SHA256)
const sha3 = naive(entriesOf(20), SHA3)
const BEYOND = 2 ** 32 + 3
const LARGE = 2 ** 33 + 7
const large = vast([BEYOND - 1, BEYOND, LARGE - 1], SHA256)

export const inclusions: Topic = {
  name: 'merkle/inclusion',
  vectors: {
    ...inclusionCases('0-of-1', small, 0, 1),
    ...inclusionCases('0-of-8', small, 0, 8),
    ...inclusionCases('5-of-8', small, 5, 8),
    ...inclusionCases('2-of-3', small, 2, 3),
    ...inclusionCases('1-of-5', small, 1, 5),
    ...inclusionCases('6-of-7', small, 6, 7),
    ...inclusionCases('sha3-9-of-11', sha3, 9, 11, 'sha3-256'),
    ...inclusionCases('beyond-2-to-the-32', large, BEYOND, LARGE),
    // What RFC 9162 lets pass: in both sizes the path takes the same turns. The checkpoint signs the size.
    'same-turns-in-another-size': {
      hash: 'sha256',
      index: 0,
      size: 4,
      leafHash: hex(small.leaf(0)),
      path: small.path(0, 3).map(hex),
      root: hex(small.root(3)),
    },
    'index-with-a-fraction': {
      error: 'proof-invalid',
      hash: 'sha256',
      index: 0.5,
      size: 1,
      leafHash: hex(small.leaf(0)),
      path: [],
      root: hex(small.leaf(0)),
    },
    'size-of-2-to-the-53': {
      error: 'proof-invalid',
      hash: 'sha256',
      index: 0,
      size: 2 ** 53,
      leafHash: hex(large.leaf(0)),
      path: Array.from({ length: 53 }, (_, height) => hex(vast([], SHA256).mth(0n, 1n << BigInt(height)))),
      root: hex(vast([], SHA256).mth(0n, 1n << 53n)),
    },
    'node-as-leaf': {
      error: 'proof-invalid',
      hash: 'sha256',
      index: 0,
      size: 4,
      leafHash: hex(small.mth(0n, 2n)),
      path: [hex(small.mth(2n, 4n))],
      root: hex(small.root(4)),
    },
  },
}

const still = (size: number, path: readonly string[] = [], secondRoot = hex(small.root(size))) => ({
  hash: 'sha256',
  firstSize: size,
  secondSize: size,
  firstRoot: hex(small.root(size)),
  secondRoot,
  path,
})
const fromNothing = (firstRoot: string, path: readonly string[] = []) => ({
  hash: 'sha256',
  firstSize: 0,
  secondSize: 7,
  firstRoot,
  secondRoot: hex(small.root(7)),
  path,
})
const error = 'proof-invalid'

export const consistencies: Topic = {
  name: 'merkle/consistency',
  vectors: {
    ...consistencyCases('1-to-8', small, 1, 8),
    ...consistencyCases('6-to-8', small, 6, 8),
    ...consistencyCases('2-to-5', small, 2, 5),
    ...consistencyCases('6-to-7', small, 6, 7),
    ...consistencyCases('sha3-5-to-19', sha3, 5, 19, 'sha3-256'),
    ...consistencyCases('beyond-2-to-the-32', large, BEYOND, LARGE),
    'equal-sizes': still(6),
    'equal-sizes-0': still(0),
    'equal-sizes-two-roots': { error, ...still(6, [], hex(small.root(7))) },
    'equal-sizes-with-path': { error, ...still(6, [hex(small.root(6))]) },
    'equal-sizes-0-two-roots': { error, ...still(0, [], GARBAGE) },
    'equal-sizes-0-root-of-a-leaf': { error, ...still(0, [], hex(small.root(1))), firstRoot: hex(small.root(1)) },
    'from-nothing': fromNothing(hex(small.root(0))),
    'from-nothing-with-path': { error, ...fromNothing(hex(small.root(0)), [hex(small.root(7))]) },
    'from-nothing-with-a-root': { error, ...fromNothing(hex(small.root(7))) },
    'smaller-second-size': { error, ...still(6), secondSize: 5 },
    'first-size-with-a-fraction': { error, ...still(6), firstSize: 5.5, secondSize: 6 },
  },
}

const key = (last: number) => `${'00'.repeat(31)}${last.toString(16).padStart(2, '0')}`
const PAIRS = [0x10, 0x20, 0x30, 0x40, 0x50].map((last) => ({ key: key(last), value: hex(utf8(`head ${last}`)) }))
const pairTree = (hash: HashName) =>
  naive(
    PAIRS.map(({ key, value }) => fromHex(key + value)),
    HASHES[hash],
  )
const heads = pairTree('sha256')
const member = (index: number, tree = heads) => ({ index, ...PAIRS[index]!, path: tree.path(index, 5).map(hex) })
const asked = (last: number, members: readonly object[], more: object = {}) => ({
  hash: 'sha256',
  key: key(last),
  size: 5,
  members,
  root: hex(heads.root(5)),
  ...more,
})

export const maps: Topic = {
  name: 'merkle/map',
  vectors: {
    present: asked(0x30, [member(2)], { value: PAIRS[2]!.value }),
    'present-first': asked(0x10, [member(0)], { value: PAIRS[0]!.value }),
    'present-last': asked(0x50, [member(4)], { value: PAIRS[4]!.value }),
    'absent-between': asked(0x31, [member(2), member(3)], { value: null }),
    'absent-before-the-first': asked(0x0f, [member(0)], { value: null }),
    'absent-after-the-last': asked(0x51, [member(4)], { value: null }),
    'absent-in-an-empty-map': asked(0x30, [], { size: 0, root: hex(heads.root(0)), value: null }),
    'present-sha3': asked(0x20, [member(1, pairTree('sha3-256'))], {
      hash: 'sha3-256',
      root: hex(pairTree('sha3-256').root(5)),
      value: PAIRS[1]!.value,
    }),
    'value-changed': { error, ...asked(0x30, [{ ...member(2), value: PAIRS[3]!.value }]) },
    'key-changed': { error, ...asked(0x31, [{ ...member(2), key: key(0x31) }]) },
    'byte-moved-from-value-to-key': {
      error,
      ...asked(0x30, [
        { ...member(2), key: member(2).key + member(2).value.slice(0, 2), value: member(2).value.slice(2) },
      ]),
    },
    'no-members': { error, ...asked(0x31, []) },
    'no-members-size-0': { error, ...asked(0x31, [], { size: 0 }) },
    'one-neighbour-only': { error, ...asked(0x31, [member(2)]) },
    'last-for-a-key-before': { error, ...asked(0x0f, [member(4)]) },
    'first-for-a-key-after': { error, ...asked(0x51, [member(0)]) },
    'neighbours-far-apart': { error, ...asked(0x31, [member(1), member(3)]) },
    'neighbours-around-the-key': { error, ...asked(0x30, [member(1), member(3)]) },
    'neighbours-one-is-the-key': { error, ...asked(0x30, [member(2), member(3)]) },
    'neighbours-swapped': { error, ...asked(0x31, [member(3), member(2)]) },
    'neighbours-of-another-gap': { error, ...asked(0x41, [member(2), member(3)]) },
    'neighbour-twice': { error, ...asked(0x31, [member(2), member(2)]) },
    'index-made-a-neighbour': { error, ...asked(0x31, [{ ...member(1), index: 2 }, member(3)]) },
    'three-members': { error, ...asked(0x31, [member(2), member(3), member(4)]) },
    'size-cut': { error, ...asked(0x41, [member(3)], { size: 4 }) },
    'key-asked-too-short': { error: 'map-invalid', ...asked(0x30, [member(2)]), key: key(0x30).slice(2) },
  },
}

const good = (path: string, level: number | 'entries', index: number, width = 256) => ({ path, level, index, width })
const bad = (path: string) => ({ error: 'tile-invalid', path })

export const tilePaths: Topic = {
  name: 'merkle/tile-path',
  vectors: {
    full: good('tile/0/000', 0, 0),
    partial: good('tile/0/000.p/1', 0, 0, 1),
    'widest-partial': good('tile/1/067.p/255', 1, 67, 255),
    groups: good('tile/0/x001/x234/067', 0, 1_234_067),
    'groups-partial': good('tile/0/x001/x234/067.p/8', 0, 1_234_067, 8),
    entries: good('tile/entries/x001/000', 'entries', 1000),
    'entries-partial': good('tile/entries/999.p/9', 'entries', 999, 9),
    'last-of-all': good('tile/entries/x035/x184/x372/x088/831.p/255', 'entries', 2 ** 45 - 1, 255),
    'highest-level': good('tile/6/000.p/31', 6, 0, 31),
    empty: bad(''),
    'slash-before': bad('/tile/0/000'),
    'slash-after': bad('tile/0/000/'),
    'prefix-before': bad('log/tile/0/000'),
    'newline-after': bad('tile/0/000\n'),
    'space-after': bad('tile/0/000 '),
    'upper-case': bad('tile/0/X001/000'),
    'level-missing': bad('tile/000'),
    'level-negative': bad('tile/-1/000'),
    'level-leading-zero': bad('tile/00/000'),
    'level-7': bad('tile/7/000.p/1'),
    'level-63': bad('tile/63/000'),
    'level-data': bad('tile/data/000'),
    'index-missing': bad('tile/0/'),
    'index-two-digits': bad('tile/0/67'),
    'index-four-digits': bad('tile/0/1000'),
    'index-one-group-too-many': bad('tile/0/x000/067'),
    'index-last-with-x': bad('tile/0/x001/x234/x067'),
    'index-group-without-x': bad('tile/0/001/234/067'),
    'index-group-of-two': bad('tile/0/x01/067'),
    'index-double-slash': bad('tile/0/x001//067'),
    'index-not-ascii-digits': bad('tile/0/\u0660\u0660\u0660'),
    'index-dots': bad('tile/0/../000'),
    'index-of-2-to-the-45': bad('tile/0/x035/x184/x372/x088/832.p/1'),
    'index-full-with-leaf-2-to-the-53': bad('tile/0/x035/x184/x372/x088/831'),
    'index-very-long': bad(`tile/0/${'x999/'.repeat(1000)}999`),
    'level-6-too-wide': bad('tile/6/000.p/32'),
    'width-missing': bad('tile/0/000.p/'),
    'width-missing-slash': bad('tile/0/000.p'),
    'width-0': bad('tile/0/000.p/0'),
    'width-leading-zero': bad('tile/0/000.p/08'),
    'width-256': bad('tile/0/000.p/256'),
    'width-negative': bad('tile/0/000.p/-1'),
    'width-plus': bad('tile/0/000.p/+1'),
    'width-hexadecimal': bad('tile/0/000.p/0x1'),
    'width-exponent': bad('tile/0/000.p/1e1'),
    'width-twice': bad('tile/0/000.p/1.p/1'),
  },
}

const bundle = (hexBytes: string, width: number, entries: readonly string[]) => ({ bundle: hexBytes, width, entries })
const torn = (hexBytes: string, width: number) => ({ error: 'tile-invalid', bundle: hexBytes, width })

export const entryBundles: Topic = {
  name: 'merkle/entry-bundle',
  vectors: {
    one: bundle('0003616263', 1, ['616263']),
    three: bundle('00016100000002ffff', 3, ['61', '', 'ffff']),
    'entry-empty': bundle('0000', 1, ['']),
    'length-big-endian': bundle(`0100${'61'.repeat(256)}`, 1, ['61'.repeat(256)]),
    empty: torn('', 1),
    'width-0': torn('', 0),
    'width-257': torn('0000'.repeat(257), 257),
    'width-too-large': torn('000161', 2),
    'width-too-small': torn('000161000162', 1),
    'length-cut': torn('00016100', 2),
    'length-without-entry': torn('0001', 1),
    'entry-cut': torn('000361', 1),
    'byte-after': torn('00016100', 1),
    'length-little-endian': torn('010061', 1),
  },
}
