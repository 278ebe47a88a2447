import { createHash } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { hex } from '@countersign/core'
import {
  blindChain,
  type ChainHead,
  type HeadProof,
  type LogStatement,
  type NoteKey,
  parseCheckpoint,
  parseLogStatement,
  parseOpening,
  parseTlogProof,
  type SignedLogStatement,
  type TlogProof,
  writeHead,
  writeLeaf,
  writeLogStatement,
  writeOpening,
  writeTlogProof,
} from '@countersign/formats'
import { leafHash, type MapEntry, proveKey, sortedMap } from '@countersign/merkle'
import { type LogSigner, logSigner, rootsOfEntries } from '../../log/src/stored.test-kit.ts'
import { naive } from '../../merkle/src/naive.test-kit.ts'

export const ORIGIN = 'log.example/a'
export const HASH = { size: 32, hash: (bytes: Uint8Array) => nodeCrypto.sha256(bytes) }
const digest = (text: string) => new Uint8Array(createHash('sha256').update(text).digest())

/** One entry of a log: of which chain, which of its entries, under which blind. */
export interface Entry {
  readonly chain: string
  readonly seq: number
  readonly blind: Uint8Array
}

/** The id of a chain by its name. */
export const chainId = (name: string) => hex(digest(`chain ${name}`)).slice(0, 32)
export const blindOf = (name: string) => digest(`blind ${name}`)

/** The entries of a log in which these chains go on in this order: `a b a` is chain a, chain b, chain a again. */
export function entriesOf(names: string): Entry[] {
  const lengths = new Map<string, number>()
  return names.split(' ').map((name) => {
    const seq = lengths.get(name) ?? 0
    lengths.set(name, seq + 1)
    return { chain: chainId(name), seq, blind: blindOf(name) }
  })
}

/** A log with its key, honest or not: it proves its entries, and states whatever heads it is told to. */
export class ToyLog {
  readonly #signer: LogSigner
  readonly trust: { readonly origin: string; readonly keys: readonly [NoteKey] }
  readonly entries: readonly Entry[]
  readonly #leaves: readonly Uint8Array[]

  constructor(entries: readonly Entry[], signer = logSigner(ORIGIN)) {
    this.#signer = signer
    this.trust = { origin: ORIGIN, keys: [signer.key] }
    this.entries = entries
    this.#leaves = entries.map((entry, index) => writeLeaf(leafOf(entry, index)))
  }

  /** The same key over other entries. */
  other(entries: readonly Entry[]): ToyLog {
    return new ToyLog(entries, this.#signer)
  }

  note(text: string): Uint8Array {
    return this.#signer.note(text)
  }

  /** The `.tlog-proof` of an entry, under a checkpoint of all entries. */
  proof(index: number): TlogProof {
    const size = this.#leaves.length
    const tree = naive(this.#leaves, HASH)
    const { chain, seq, blind } = this.entries[index]!
    const leaf = leafOf({ chain, seq, blind }, index)
    const [link, signer] = [hex(digest(`link ${index}`)), hex(digest(`signer ${index}`))]
    const extra = writeOpening({ link, leaf, signer, salt: digest(`salt ${index}`), blind })
    const checkpoint = parseCheckpoint(this.#signer.sign(size, tree.root(size)))
    return parseTlogProof(writeTlogProof({ extra, index, hashes: tree.path(index, size), checkpoint }))
  }

  leafHash(index: number): Uint8Array {
    return leafHash(this.#leaves[index]!, HASH)
  }

  /** The true heads of the first `size` entries, by key. */
  heads(size: number): Map<string, ChainHead> {
    const heads = new Map<string, ChainHead>()
    for (const [index, { chain, seq, blind }] of this.entries.slice(0, size).entries()) {
      heads.set(blindChain(blind, chain, nodeCrypto), { length: seq + 1, index, leafHash: this.leafHash(index) })
    }
    return heads
  }

  /** A statement of the first `size` entries, with these heads in place of the true ones. */
  state(size: number, heads = this.heads(size), more: Partial<LogStatement> = {}): Stated {
    const map = sortedMap(membersOf(heads), HASH)
    const statement: LogStatement = {
      origin: ORIGIN,
      number: 0,
      start: '2026-11-20T00:00:00.000Z',
      end: '2026-11-21T00:00:00.000Z',
      covers: 1,
      size,
      ...rootsOfEntries(this.#leaves.slice(0, size)),
      heads: { count: map.size, root: map.root },
      previous: null,
      time: '2026-11-21T00:00:01.000Z',
      ...more,
    }
    return { heads, statement: parseLogStatement(this.note(writeLogStatement(statement))) }
  }
}

/** A statement, and the map that its heads root is of. */
export interface Stated {
  readonly heads: ReadonlyMap<string, ChainHead>
  readonly statement: SignedLogStatement
}

/** What a server that stated this answers for a chain, tying it to its key by one of its entries. */
export function headProof({ heads, statement }: Stated, entry: TlogProof, chain: string): HeadProof {
  const map = sortedMap(membersOf(heads), HASH)
  const opening = parseOpening(entry.extra!)
  const key = new Uint8Array(Buffer.from(opening.leaf.chain.id, 'hex'))
  const members = proveKey(map, key, HASH).members.map(({ index, key, path }) => ({
    index,
    key,
    head: heads.get(hex(key))!,
    path,
  }))
  return { chain, entry, opening, members, statement }
}

function membersOf(heads: ReadonlyMap<string, ChainHead>): MapEntry[] {
  return [...heads.keys()]
    .toSorted()
    .map((key) => ({ key: new Uint8Array(Buffer.from(key, 'hex')), value: writeHead(heads.get(key)!) }))
}

function leafOf({ chain, seq, blind }: Entry, index: number) {
  return {
    kind: 'attestation' as const,
    acceptedAt: '2026-11-20T12:00:00.000Z',
    chain: { id: blindChain(blind, chain, nodeCrypto), seq },
    commitment: { sha256: hex(digest(`sha256 ${index}`)), sha3_256: hex(digest(`sha3 ${index}`)) },
    late: false,
  }
}
