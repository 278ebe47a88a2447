import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { concat, utf8 } from '@countersign/core'
import { EMPTY_LOG, grow, type LogHashes, TREES } from '@countersign/log'
import { leafHash, nodeHash, type TreeHash, verifyInclusion } from '@countersign/merkle'
import { describe, expect, test } from 'vitest'

const refused = expect.objectContaining({ name: 'CodedError', code: 'proof-invalid' })
const SHA256: TreeHash = { size: 32, hash: nodeCrypto.sha256 }
const SHA3: TreeHash = { size: 32, hash: nodeCrypto.sha3_256 }
const HASHES: LogHashes = { sha256: SHA256, sha3_256: SHA3 }

/** The red control: trees that do not tell leaves from nodes, as if there were no first byte. */
const bare = ({ size, hash }: TreeHash): TreeHash => ({ size, hash: (data) => hash(data.subarray(1)) })
const BARE: LogHashes = { sha256: bare(SHA256), sha3_256: bare(SHA3) }

const entries = ['a', 'b', 'c', 'd'].map((name) => utf8(`entry ${name}`))
const [a, b, c, d] = entries as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
const rootsOf = (of: readonly Uint8Array[], hashes: LogHashes) => grow(EMPTY_LOG, of, hashes).roots

describe('T-78: a node shown as a leaf', () => {
  test.each(TREES)('two entries, and one that spells out their node: other roots in the %s tree', (tree) => {
    const spell = (hashes: LogHashes, x: Uint8Array, y: Uint8Array) =>
      concat(leafHash(x, hashes[tree]), leafHash(y, hashes[tree]))
    const forms = (x: Uint8Array, y: Uint8Array) => {
      const spelled = spell(HASHES, x, y)
      return [spelled, concat(Uint8Array.of(1), spelled), concat(Uint8Array.of(0), spelled)]
    }
    const [two, four] = [rootsOf([a, b], HASHES)[tree], rootsOf(entries, HASHES)[tree]]
    for (const left of forms(a, b)) {
      expect(rootsOf([left], HASHES)[tree]).not.toEqual(two)
      expect(rootsOf([left, c, d], HASHES)[tree]).not.toEqual(four)
      for (const right of forms(c, d)) expect(rootsOf([left, right], HASHES)[tree]).not.toEqual(four)
    }
    // Red control.
    const [left, right] = [spell(BARE, a, b), spell(BARE, c, d)]
    expect(rootsOf([left], BARE)[tree]).toEqual(rootsOf([a, b], BARE)[tree])
    expect(rootsOf([left, right], BARE)[tree]).toEqual(rootsOf(entries, BARE)[tree])
  })

  test('an entry that was never logged is not proven by the node it spells out', () => {
    const shown = (hash: TreeHash, prefix: readonly number[]) => {
      const forged = concat(Uint8Array.from(prefix), leafHash(a, hash), leafHash(b, hash))
      const right = nodeHash(leafHash(c, hash), leafHash(d, hash), hash)
      return { index: 0, size: 2, leafHash: leafHash(forged, hash), path: [right] }
    }
    const root = rootsOf(entries, HASHES).sha256
    for (const prefix of [[], [0], [1]]) {
      expect(() => verifyInclusion(shown(SHA256, prefix), root, SHA256)).toThrow(refused)
    }
    // Red control: without the first byte it would be proven, in a log said to have two entries.
    verifyInclusion(shown(BARE.sha256, []), rootsOf(entries, BARE).sha256, BARE.sha256)
  })

  test('an honest entry may look like a node: it is logged and proven as what it is', () => {
    const looks = concat(Uint8Array.of(1), leafHash(a, SHA256), leafHash(b, SHA256))
    const { sha256 } = rootsOf([looks, c], HASHES)
    const path = [leafHash(c, SHA256)]
    verifyInclusion({ index: 0, size: 2, leafHash: leafHash(looks, SHA256), path }, sha256, SHA256)
    expect(sha256).not.toEqual(rootsOf([a, b, c], HASHES).sha256)
  })
})
