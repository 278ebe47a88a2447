import { type Code, fromHex, hex } from '@countersign/core'
import {
  parseTilePath,
  readEntries,
  type TreeHash,
  tilePath,
  verifyConsistency,
  verifyInclusion,
  verifyKey,
  writeEntries,
} from '@countersign/merkle'
import { describe, expect, test } from 'vitest'
import { SHA256, SHA3 } from '../../packages/merkle/src/naive.test-kit.ts'
import { vectors } from './read.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const HASHES: Readonly<Record<string, TreeHash>> = { sha256: SHA256, 'sha3-256': SHA3 }

/** Runs to the end, or throws exactly the code that the vector names. */
function judge(run: () => void, error: Code | undefined): void {
  if (error === undefined) run()
  else expect(run).toThrow(coded(error))
}

interface Vector {
  readonly hash: string
  readonly path: readonly string[]
  readonly error?: Code
}

describe('inclusion (RFC 9162 §2.1.3.2, T-79)', () => {
  interface Inclusion extends Vector {
    readonly index: number
    readonly size: number
    readonly leafHash: string
    readonly root: string
  }
  const all = vectors<Inclusion>('merkle/inclusion')
  test('there are at least 98, most of them refused', () => {
    expect(all.filter(([, { error }]) => error !== undefined).length).toBeGreaterThanOrEqual(98)
  })
  test.each(all)('%s', (_, { hash, index, size, leafHash, path, root, error }) => {
    const inclusion = { index, size, leafHash: fromHex(leafHash), path: path.map(fromHex) }
    judge(() => verifyInclusion(inclusion, fromHex(root), HASHES[hash]!), error)
  })
})

describe('consistency (RFC 9162 §2.1.4.2, T-79)', () => {
  interface Consistency extends Vector {
    readonly firstSize: number
    readonly secondSize: number
    readonly firstRoot: string
    readonly secondRoot: string
  }
  const all = vectors<Consistency>('merkle/consistency')
  test('there are at least 98, most of them refused', () => {
    expect(all.filter(([, { error }]) => error !== undefined).length).toBeGreaterThanOrEqual(98)
  })
  test.each(all)('%s', (_, { hash, path, error, ...vector }) => {
    const consistency = {
      firstSize: vector.firstSize,
      secondSize: vector.secondSize,
      firstRoot: fromHex(vector.firstRoot),
      secondRoot: fromHex(vector.secondRoot),
      path: path.map(fromHex),
    }
    judge(() => verifyConsistency(consistency, HASHES[hash]!), error)
  })
})

describe('sorted maps', () => {
  interface Asked {
    readonly hash: string
    readonly key: string
    readonly size: number
    readonly root: string
    readonly members: readonly { key: string; value: string; index: number; path: readonly string[] }[]
    readonly value?: string | null
    readonly error?: Code
  }
  test.each(vectors<Asked>('merkle/map'))('%s', (_, { hash, key, size, root, members, value, error }) => {
    const proof = {
      size,
      members: members.map((member) => ({
        key: fromHex(member.key),
        value: fromHex(member.value),
        index: member.index,
        path: member.path.map(fromHex),
      })),
    }
    judge(() => {
      const found = verifyKey(fromHex(key), proof, fromHex(root), HASHES[hash]!)
      expect(found === null ? null : hex(found)).toBe(value)
    }, error)
  })
})

describe('paths of tiles (C2SP tlog-tiles)', () => {
  interface Path {
    readonly path: string
    readonly error?: Code
  }
  test.each(vectors<Path>('merkle/tile-path'))('%s', (_, { path, error, ...ref }) => {
    judge(() => {
      expect(parseTilePath(path)).toEqual(ref)
      expect(tilePath(parseTilePath(path))).toBe(path)
    }, error)
  })
})

describe('entry bundles (C2SP tlog-tiles)', () => {
  interface Bundle {
    readonly bundle: string
    readonly width: number
    readonly entries?: readonly string[]
    readonly error?: Code
  }
  test.each(vectors<Bundle>('merkle/entry-bundle'))('%s', (_, { bundle, width, entries, error }) => {
    judge(() => {
      expect(readEntries(fromHex(bundle), width).map(hex)).toEqual(entries)
      expect(hex(writeEntries(entries!.map(fromHex)))).toBe(bundle)
    }, error)
  })
})
