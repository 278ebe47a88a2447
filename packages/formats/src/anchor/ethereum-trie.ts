import { CodedError, equal } from '@countersign/core'
import { bytesOf, listOf, parseRlp, type Rlp, writeRlp } from './rlp.ts'

/** Keccak-256 as Ethereum uses it: not SHA3-256, which pads otherwise. */
export type Keccak = (data: Uint8Array) => Uint8Array

const NOTHING = new Uint8Array(0)
const invalid = (what: string) => new CodedError('anchor-invalid', what)
const unproven = (what: string) => new CodedError('anchor-unproven', what)

/**
 * The value that a Merkle-Patricia trie with this root (32 bytes) holds under a key, from the nodes on the way there,
 * root first (Yellow Paper, appendix D). Every node must be on the way. Throws `anchor-invalid` for what is no node and
 * `anchor-unproven` for what does not lead from the root to the key.
 */
export function provenValue(
  root: Uint8Array,
  key: Uint8Array,
  nodes: readonly Uint8Array[],
  keccak: Keccak,
): Uint8Array {
  const path = nibblesOf(key)
  let next = 0
  const follow = (reference: Uint8Array): readonly Rlp[] => {
    const node = nodes[next++]
    if (node === undefined) throw unproven('the proof ends before the value')
    if (!equal(keccak(node), reference)) throw unproven('a node of the proof does not hash to what refers to it')
    return listOf(parseRlp(node), 'a node')
  }
  const done = (value: Rlp | undefined): Uint8Array => {
    const bytes = bytesOf(value, 'a value')
    if (bytes.length === 0) throw unproven('the trie holds nothing there')
    if (next !== nodes.length) throw invalid('the proof has nodes that are not on its way')
    return bytes
  }
  let node = follow(root)
  for (let at = 0; ; ) {
    let child: Rlp | undefined
    if (node.length === 17) {
      if (at === path.length) return done(node[16])
      child = node[path[at]!]
      at += 1
    } else {
      if (node.length !== 2) throw invalid('a node is neither a branch nor a path')
      const { nibbles, leaf } = readPath(bytesOf(node[0], 'a path'))
      const same = nibbles.every((nibble, i) => path[at + i] === nibble)
      if (!same || (leaf && at + nibbles.length !== path.length)) throw unproven('the proof leads elsewhere')
      if (leaf) return done(node[1])
      if (nibbles.length === 0) throw invalid('an extension of a path extends nothing')
      at += nibbles.length
      child = node[1]
    }
    node = child instanceof Uint8Array ? follow(referenceOf(child)) : within(listOf(child, 'a node'))
  }
}

function referenceOf(child: Uint8Array): Uint8Array {
  if (child.length === 0) throw unproven('the trie holds nothing there')
  if (child.length !== 32) throw invalid('a node refers to its child by something else than a hash')
  return child
}

/** A node that stands in its parent: only those do that are shorter than a hash, else one trie would have two roots. */
function within(node: readonly Rlp[]): readonly Rlp[] {
  if (writeRlp(node).length >= 32) throw invalid('a node is inside its parent though it is not short')
  return node
}

function nibblesOf(key: Uint8Array): number[] {
  return [...key].flatMap((byte) => [byte >> 4, byte & 15])
}

/** Hex-prefix encoding (Yellow Paper, appendix C). */
function readPath(bytes: Uint8Array): { nibbles: number[]; leaf: boolean } {
  const [flag, ...rest] = nibblesOf(bytes)
  if (flag === undefined || flag > 3) throw invalid('a path has no known flag')
  const odd = (flag & 1) === 1
  if (!odd && rest[0] !== 0) throw invalid('a path is not padded with zero')
  return { nibbles: odd ? rest : rest.slice(1), leaf: flag >= 2 }
}

function writePath(nibbles: readonly number[], leaf: boolean): Uint8Array {
  const odd = nibbles.length % 2
  const flag = (leaf ? 2 : 0) + odd
  const all = odd === 1 ? [flag, ...nibbles] : [flag, 0, ...nibbles]
  return Uint8Array.from({ length: all.length / 2 }, (_, i) => (all[2 * i]! << 4) | all[2 * i + 1]!)
}

/** A trie that was made from all its entries. */
export interface Trie {
  /** 32 bytes. */
  readonly root: Uint8Array
  /** The nodes from the root to a key that the trie holds, as {@link provenValue} wants them. Throws `anchor-unproven` for other keys. */
  prove(key: Uint8Array): Uint8Array[]
}

interface Entry {
  readonly path: readonly number[]
  readonly value: Uint8Array
}

interface Made {
  readonly item: readonly Rlp[]
  /** As it is hashed. */
  readonly bytes: Uint8Array
  /** Where to go on: by the next nibble, or by none after a path that the node itself holds. */
  readonly children: ReadonlyMap<number, Made>
  readonly skip: number
}

/** The trie that holds these entries. Keys are distinct, values not empty. */
export function makeTrie(entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[], keccak: Keccak): Trie {
  if (entries.length === 0) {
    const root = keccak(writeRlp(NOTHING))
    return {
      root,
      prove() {
        throw unproven('the trie is empty')
      },
    }
  }
  const top = make(
    entries.map(([key, value]) => ({ path: nibblesOf(key), value })),
    0,
    keccak,
  )
  const root = keccak(top.bytes)
  return {
    root,
    prove(key) {
      const nodes = wayTo(top, nibblesOf(key))
      provenValue(root, key, nodes, keccak)
      return nodes
    },
  }
}

function wayTo(top: Made, path: readonly number[]): Uint8Array[] {
  const nodes = [top.bytes]
  let at = 0
  for (let node: Made | undefined = top; node !== undefined && node.children.size > 0; ) {
    at += node.skip
    const next: Made | undefined = node.children.get(node.skip > 0 ? 0 : (path[at] ?? -1))
    if (next === undefined) break
    if (node.skip === 0) at += 1
    if (next.bytes.length >= 32) nodes.push(next.bytes)
    node = next
  }
  return nodes
}

/** The node for entries that agree on the first `at` nibbles. */
function make(entries: readonly Entry[], at: number, keccak: Keccak): Made {
  const [first] = entries as [Entry, ...Entry[]]
  if (entries.length === 1) return made([writePath(first.path.slice(at), true), first.value], new Map(), 0)
  let end = at
  while (end < first.path.length && entries.every(({ path }) => path[end] === first.path[end])) end++
  if (end > at) {
    const child = make(entries, end, keccak)
    return made([writePath(first.path.slice(at, end), false), refer(child, keccak)], new Map([[0, child]]), end - at)
  }
  const children = new Map<number, Made>()
  const item: Rlp[] = []
  for (let nibble = 0; nibble < 16; nibble++) {
    const below = entries.filter(({ path }) => path[at] === nibble)
    if (below.length > 0) children.set(nibble, make(below, at + 1, keccak))
    const child = children.get(nibble)
    item.push(child === undefined ? NOTHING : refer(child, keccak))
  }
  const here = entries.filter(({ path }) => path.length === at)
  if (here.length > 1) throw invalid('two entries of the trie have one key')
  return made([...item, here[0]?.value ?? NOTHING], children, 0)
}

function made(item: readonly Rlp[], children: ReadonlyMap<number, Made>, skip: number): Made {
  return { item, bytes: writeRlp(item), children, skip }
}

function refer({ item, bytes }: Made, keccak: Keccak): Rlp {
  return bytes.length < 32 ? item : keccak(bytes)
}
