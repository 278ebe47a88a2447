import { hash as oneShot } from 'node:crypto'
import type { TreeHash } from './hash.ts'

// The slow twin: RFC 6962 §2.1 written down as it stands there, sharing no code with the room, sizes in BigInt.

export const SHA256: TreeHash = { size: 32, hash: (data) => digest('sha256', data) }
export const SHA3: TreeHash = { size: 32, hash: (data) => digest('sha3-256', data) }

/** By way of a string, which costs a third of what a Buffer costs. */
function digest(name: string, data: Uint8Array): Uint8Array {
  const letters = oneShot(name, data, 'binary')
  const bytes = new Uint8Array(letters.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i)
  return bytes
}

/** Which side of the way up a hash of an inclusion path stands on. */
export type Side = 'left' | 'right'
/** What a hash of a consistency path is for: where both ways begin, or a sibling on one side. */
export type Role = 'seed' | Side

export interface Naive {
  /** MTH(D[begin:end]). */
  mth(begin: bigint, end: bigint): Uint8Array
  root(size: number): Uint8Array
  leaf(index: number): Uint8Array
  path(index: number, size: number): Uint8Array[]
  proof(firstSize: number, secondSize: number): Uint8Array[]
}

/** The tree of these entries. */
export function naive(entries: readonly Uint8Array[], hash: TreeHash): Naive {
  return tree(
    (i) => entries[Number(i)]!,
    hash,
    () => null,
  )
}

const SAME = Uint8Array.of(1, 2, 3)

/**
 * A tree as large as a number can count: every entry is the same, but for those at `others`, which are their own
 * index. Only what is near those has to be computed.
 */
export function vast(others: readonly number[], hash: TreeHash): Naive {
  const odd = others.map(BigInt)
  const uniform: Uint8Array[] = []
  return tree(
    (i) => (odd.includes(i) ? text(String(i)) : SAME),
    hash,
    (begin, end) => {
      if (odd.some((i) => i >= begin && i < end)) return null
      const height = (end - begin).toString(2).length - 1
      if (end - begin !== 1n << BigInt(height)) return null
      for (let h = uniform.length; h <= height; h++) {
        const below = uniform[h - 1]
        uniform.push(hash.hash(below === undefined ? join([0], SAME) : join([1], below, below)))
      }
      return uniform[height]!
    },
  )
}

function tree(
  entry: (i: bigint) => Uint8Array,
  hash: TreeHash,
  shortcut: (begin: bigint, end: bigint) => Uint8Array | null,
): Naive {
  const seen = new Map<string, Uint8Array>()

  function mth(begin: bigint, end: bigint): Uint8Array {
    const n = end - begin
    if (n === 0n) return hash.hash(new Uint8Array(0))
    const place = `${begin}-${end}`
    let found = seen.get(place) ?? shortcut(begin, end)
    if (found === null) {
      const k = split(n)
      found =
        n === 1n ? hash.hash(join([0], entry(begin))) : hash.hash(join([1], mth(begin, begin + k), mth(begin + k, end)))
      seen.set(place, found)
    }
    return found
  }

  // PATH(m, D[begin:end])
  function path(m: bigint, begin: bigint, end: bigint): Uint8Array[] {
    const n = end - begin
    if (n === 1n) return []
    const k = split(n)
    return m < k
      ? [...path(m, begin, begin + k), mth(begin + k, end)]
      : [...path(m - k, begin + k, end), mth(begin, begin + k)]
  }

  // SUBPROOF(m, D[begin:end], whole)
  function subproof(m: bigint, begin: bigint, end: bigint, whole: boolean): Uint8Array[] {
    const n = end - begin
    if (m === n) return whole ? [] : [mth(begin, end)]
    const k = split(n)
    return m <= k
      ? [...subproof(m, begin, begin + k, whole), mth(begin + k, end)]
      : [...subproof(m - k, begin + k, end, false), mth(begin, begin + k)]
  }

  return {
    mth,
    root: (size) => mth(0n, BigInt(size)),
    leaf: (index) => mth(BigInt(index), BigInt(index) + 1n),
    path: (index, size) => path(BigInt(index), 0n, BigInt(size)),
    proof: (first, second) => (first === 0 ? [] : subproof(BigInt(first), 0n, BigInt(second), true)),
  }
}

/** On which sides the hashes of PATH(m, D[n]) stand. */
export function pathSides(m: bigint, n: bigint): Side[] {
  if (n === 1n) return []
  const k = split(n)
  return m < k ? [...pathSides(m, k), 'right'] : [...pathSides(m - k, n - k), 'left']
}

/** What the hashes of PROOF(m, D[n]) are for. */
export function proofRoles(m: bigint, n: bigint, whole = true): Role[] {
  if (m === n) return whole ? [] : ['seed']
  const k = split(n)
  return m <= k ? [...proofRoles(m, k, whole), 'right'] : [...proofRoles(m - k, n - k, false), 'left']
}

/** The largest power of two smaller than n. */
function split(n: bigint): bigint {
  let k = 1n
  while (k * 2n < n) k *= 2n
  return k
}

export function join(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

export function text(letters: string): Uint8Array {
  return new TextEncoder().encode(letters)
}

/** Entries of lengths 0 to 6, all different. */
export function entriesOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) =>
    i === 0 ? new Uint8Array(0) : text(i.toString(36).repeat((i % 3) + 1)),
  )
}

/** A copy with one bit turned over. */
export function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[Math.floor(bit / 8)]! ^= 2 ** (bit % 8)
  return copy
}
