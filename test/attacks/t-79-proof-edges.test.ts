import { equal, fromHex } from '@countersign/core'
import { nodeHash, type TreeHash, verifyConsistency, verifyInclusion } from '@countersign/merkle'
import { describe, expect, test } from 'vitest'
import { SHA256, SHA3 } from '../../packages/merkle/src/naive.test-kit.ts'
import { vectors } from '../vectors/read.ts'

// T-79: proofs at the edges of what RFC 9162 §2.1.3.2 and §2.1.4.2 let through. The vectors are refused one by one in
// test/vectors; here each lax verifier that was written before takes some of them in.

const HASHES: Readonly<Record<string, TreeHash>> = { sha256: SHA256, 'sha3-256': SHA3 }

interface Inclusion {
  readonly hash: string
  readonly index: number
  readonly size: number
  readonly leafHash: string
  readonly root: string
  readonly path: readonly string[]
  readonly error?: string
}

interface Consistency {
  readonly hash: string
  readonly firstSize: number
  readonly secondSize: number
  readonly firstRoot: string
  readonly secondRoot: string
  readonly path: readonly string[]
  readonly error?: string
}

/** The first of `vectors` that are refused by us and taken by `lax`; each is a forgery for who verifies so. */
function taken<V extends { readonly error?: string }>(
  all: readonly (readonly [string, V])[],
  ours: (vector: V) => void,
  lax: (vector: V) => boolean,
): string[] {
  return all.flatMap(([name, vector]) => {
    if (vector.error === undefined) {
      ours(vector)
      return []
    }
    expect(() => ours(vector), name).toThrow(expect.objectContaining({ code: vector.error }) as Error)
    return lax(vector) ? [name] : []
  })
}

function isRoot(root: Uint8Array, hash: string, other: string): boolean {
  return root.length === HASHES[hash]!.size && equal(root, fromHex(other))
}

describe('T-79: inclusion', () => {
  const all = vectors<Inclusion>('merkle/inclusion')
  const ours = ({ hash, index, size, leafHash, path, root }: Inclusion) =>
    verifyInclusion({ index, size, leafHash: fromHex(leafHash), path: path.map(fromHex) }, fromHex(root), HASHES[hash]!)

  test('who turns by the bits of the index alone takes other sizes, and indexes beyond the end', () => {
    const lax = ({ hash, index, leafHash, path, root }: Inclusion) => {
      let at = fromHex(leafHash)
      for (const [i, sibling] of path.entries()) {
        const right = Math.floor(index / 2 ** i) % 2 === 1
        at = right ? nodeHash(fromHex(sibling), at, HASHES[hash]!) : nodeHash(at, fromHex(sibling), HASHES[hash]!)
      }
      return isRoot(at, hash, root)
    }
    expect(taken(all, ours, lax).length).toBeGreaterThan(0)
  })

  test('who does not count the hashes takes a path that ends before the root, or goes beyond it', () => {
    const lax = (vector: Inclusion) => vector.path.length === 0 && vector.leafHash === vector.root
    expect(taken(all, ours, lax).length).toBeGreaterThan(0)
  })
})

describe('T-79: consistency', () => {
  const all = vectors<Consistency>('merkle/consistency')
  const ours = ({ hash, firstSize, secondSize, firstRoot, secondRoot, path }: Consistency) =>
    verifyConsistency(
      {
        firstSize,
        secondSize,
        firstRoot: fromHex(firstRoot),
        secondRoot: fromHex(secondRoot),
        path: path.map(fromHex),
      },
      HASHES[hash]!,
    )

  test('who lets a tree without leaves, or one of the same size, go on to anything takes forks', () => {
    const lax = ({ firstSize, secondSize }: Consistency) => firstSize === 0 || firstSize === secondSize
    expect(taken(all, ours, lax).length).toBeGreaterThan(0)
  })

  test('who takes an empty path for nothing to prove takes any two roots', () => {
    const lax = ({ path }: Consistency) => path.length === 0
    expect(taken(all, ours, lax).length).toBeGreaterThan(0)
  })
})
