import { fromHex, hex, sha256, utf8 } from '@countersign/core'
import { expect, test } from 'vitest'
import { append, EMPTY_FRONTIER, frontierRoot } from './frontier.ts'
import { emptyRoot, leafHash, nodeHash, type TreeHash } from './hash.ts'
import { SHA256, SHA3 } from './naive.test-kit.ts'

const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  fromHex,
)

// Roots over the first 0 to 8 of these entries that Certificate Transparency implementations agree on.
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

const portable: TreeHash = { size: 32, hash: sha256 }

test.each([
  ['node:crypto', SHA256],
  ['plain JavaScript', portable],
])('the roots that Certificate Transparency tests agree on, by %s', (_, hash) => {
  let frontier = EMPTY_FRONTIER
  for (const [size, root] of ROOTS.entries()) {
    expect(hex(frontierRoot(frontier, hash))).toBe(root)
    if (size < LEAVES.length) frontier = append(frontier, [leafHash(LEAVES[size]!, hash)], hash)
  }
})

test('the hash is the one passed in', () => {
  expect(hex(emptyRoot(SHA3))).toBe('a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a')
  expect(leafHash(utf8('a'), SHA3)).not.toEqual(leafHash(utf8('a'), SHA256))
})

test('an entry that spells out a node does not hash to it (T-78)', () => {
  const [left, right] = [leafHash(utf8('a'), SHA256), leafHash(utf8('b'), SHA256)]
  const forged = new Uint8Array([...left, ...right])
  expect(leafHash(forged, SHA256)).not.toEqual(nodeHash(left, right, SHA256))
  // Without the two first bytes it would:
  const bare = (data: Uint8Array) => SHA256.hash(data)
  expect(bare(forged)).toEqual(bare(new Uint8Array([...left, ...right])))
})

test('the input stays as it was, and the answer is fresh', () => {
  const entry = utf8('entry')
  const first = leafHash(entry, SHA256)
  expect(entry).toEqual(utf8('entry'))
  first.fill(0)
  expect(leafHash(entry, SHA256)).not.toEqual(first)
})
