import { createMerkleProof, createMPT, verifyMPTWithMerkleProof } from '@ethereumjs/mpt'
import { type Code, equal, hex } from '@countersign/core'
import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { placeKey } from './ethereum-block.ts'
import { makeTrie, provenValue } from './ethereum-trie.ts'
import { parseRlp, type Rlp, writeRlp } from './rlp.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
type Entries = readonly (readonly [Uint8Array, Uint8Array])[]

async function other(entries: Entries) {
  const trie = await createMPT()
  for (const [key, value] of entries) await trie.put(key, value)
  return trie
}

const distinct = (entries: Entries) => [...new Map(entries.map((entry) => [hex(entry[0]), entry])).values()]
const entriesOf = (key: fc.Arbitrary<Uint8Array>, value: fc.Arbitrary<Uint8Array>) =>
  fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 60 }).map(distinct)

describe('beside @ethereumjs/mpt', () => {
  const kinds: readonly (readonly [what: string, entries: fc.Arbitrary<Entries>])[] = [
    [
      'places in a block',
      fc
        .array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 300 })
        .map((values) => values.map((value, i) => [placeKey(i), value] as const)),
    ],
    // Short values stand in their parents; keys that begin others end in branches.
    [
      'short keys and values',
      entriesOf(fc.uint8Array({ minLength: 1, maxLength: 3 }), fc.uint8Array({ minLength: 1, maxLength: 4 })),
    ],
    [
      'long paths together',
      entriesOf(
        fc.constantFrom(0, 1, 2, 3, 17, 18).map((last) => Uint8Array.of(9, 9, 9, 9, last)),
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
      ),
    ],
  ]
  test.each(kinds)('%s: same root, same proofs, each verified by the other', async (_, arbitrary) => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async (entries) => {
        const mine = makeTrie(entries, keccak_256)
        const theirs = await other(entries)
        expect(hex(mine.root)).toBe(hex(theirs.root()))
        for (const [key, value] of entries.slice(0, 10)) {
          const proof = mine.prove(key)
          // They name nodes that stand in their parents a second time.
          const named = (await createMerkleProof(theirs, key)).filter((node, i) => i === 0 || node.length >= 32)
          expect(proof.map(hex)).toEqual(named.map(hex))
          expect(equal(provenValue(mine.root, key, proof, keccak_256), value)).toBe(true)
          expect(hex((await verifyMPTWithMerkleProof(theirs, mine.root, key, proof))!)).toBe(hex(value))
        }
      }),
      { numRuns: 40 },
    )
  })

  test('what they prove to be absent proves no value here', async () => {
    await fc.assert(
      fc.asyncProperty(
        entriesOf(fc.uint8Array({ minLength: 2, maxLength: 2 }), fc.uint8Array({ minLength: 1, maxLength: 40 })),
        fc.uint8Array({ minLength: 2, maxLength: 2 }),
        async (entries, key) => {
          fc.pre(!entries.some(([one]) => equal(one, key)))
          const trie = await other(entries)
          const proof = (await createMerkleProof(trie, key)).filter((node, i) => i === 0 || node.length >= 32)
          expect(() => provenValue(trie.root(), key, proof, keccak_256)).toThrow(coded('anchor-unproven'))
          expect(() => makeTrie(entries, keccak_256).prove(key)).toThrow(coded('anchor-unproven'))
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('a changed proof', () => {
  const entries = Array.from({ length: 200 }, (_, i) => [placeKey(i), new Uint8Array(100).fill(i + 1)] as const)
  const trie = makeTrie(entries, keccak_256)
  const key = placeKey(150)
  const nodes = trie.prove(key)
  const prove = (root: Uint8Array, at: Uint8Array, proof: readonly Uint8Array[]) => () =>
    provenValue(root, at, proof, keccak_256)

  test('proves nothing, whatever byte is another', () => {
    expect(prove(trie.root, key, nodes)()).toEqual(entries[150]![1])
    nodes.forEach((node, i) => {
      for (let at = 0; at < node.length; at += 7) {
        const changed = nodes.map((one, j) => (i === j ? one.map((byte, k) => (k === at ? byte ^ 1 : byte)) : one))
        expect(prove(trie.root, key, changed)).toThrow(coded('anchor-unproven'))
      }
    })
  })

  test('proves nothing under another key or root, cut short or with more', () => {
    expect(prove(trie.root, placeKey(151), nodes)).toThrow(coded('anchor-unproven'))
    expect(prove(keccak_256(key), key, nodes)).toThrow(coded('anchor-unproven'))
    expect(prove(trie.root, key, nodes.slice(0, -1))).toThrow(coded('anchor-unproven'))
    expect(prove(trie.root, key, [])).toThrow(coded('anchor-unproven'))
    expect(prove(trie.root, key, [...nodes, nodes[0]!])).toThrow(coded('anchor-invalid'))
    expect(prove(trie.root, key.slice(0, 1), nodes)).toThrow(coded('anchor-unproven'))
  })

  // Whoever makes up the root as well: there is still one reading of a node.
  const made = (item: Rlp): readonly [Uint8Array, readonly Uint8Array[]] => [
    keccak_256(writeRlp(item)),
    [writeRlp(item)],
  ]
  const value = new Uint8Array(40).fill(7)
  const strange: readonly (readonly [what: string, item: Rlp, code: Code])[] = [
    ['a path without flag', [new Uint8Array(0), value], 'anchor-invalid'],
    ['an unknown flag', [Uint8Array.of(0x40), value], 'anchor-invalid'],
    ['a path padded with one', [Uint8Array.of(0x21, 5), value], 'anchor-invalid'],
    ['an extension of nothing', [Uint8Array.of(0x00), new Uint8Array(32)], 'anchor-invalid'],
    ['three items', [Uint8Array.of(0x20), value, value], 'anchor-invalid'],
    ['bytes instead of a node', value, 'anchor-invalid'],
    ['a child of 31 bytes', [Uint8Array.of(0x10), new Uint8Array(31)], 'anchor-invalid'],
    ['a long node in its parent', [Uint8Array.of(0x10), [Uint8Array.of(0x35), value]], 'anchor-invalid'],
    ['a value that is a list', [Uint8Array.of(0x20, 5), [value]], 'anchor-invalid'],
    ['no value', [Uint8Array.of(0x20, 5), new Uint8Array(0)], 'anchor-unproven'],
    ['a path elsewhere', [Uint8Array.of(0x20, 6), value], 'anchor-unproven'],
    ['a path too long', [Uint8Array.of(0x30, 0x55), value], 'anchor-unproven'],
    ['an empty branch', Array.from({ length: 17 }, () => new Uint8Array(0)), 'anchor-unproven'],
  ]
  test.each(strange)('%s is refused', (_, item, code) => {
    expect(prove(...([made(item)[0], Uint8Array.of(5), made(item)[1]] as const))).toThrow(coded(code))
  })

  test('control: the same made-up root with a node as it should be', () => {
    const [root, proof] = made([Uint8Array.of(0x20, 5), value])
    expect(prove(root, Uint8Array.of(5), proof)()).toEqual(value)
    expect(parseRlp(proof[0]!)).toHaveLength(2)
  })
})

test('a trie of nothing has the root that Ethereum gives it, and two entries of one key are no trie', () => {
  const empty = makeTrie([], keccak_256)
  expect(hex(empty.root)).toBe('56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421')
  expect(() => empty.prove(placeKey(0))).toThrow(coded('anchor-unproven'))
  const entry = [placeKey(0), Uint8Array.of(1)] as const
  expect(() => makeTrie([entry, entry], keccak_256)).toThrow(coded('anchor-invalid'))
})
