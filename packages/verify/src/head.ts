import { CodedError, type Crypto, equal, fromHex } from '@countersign/core'
import {
  blindChain,
  type ChainHead,
  type HeadProof,
  type LogTrust,
  parseHead,
  parseOpening,
  type TlogProof,
  type VerifiedLogStatement,
  verifyCheckpoint,
  verifyLogStatement,
  writeHead,
  writeLeaf,
} from '@countersign/formats'
import { leafHash, type TreeHash, verifyInclusion, verifyKey } from '@countersign/merkle'

declare const verified: unique symbol

/** An entry of a chain that is in the log, by a checkpoint that the log signed. Only {@link verifyChainEntry} makes one. */
export interface VerifiedChainEntry {
  readonly [verified]: 'chain-entry'
  readonly chain: string
  /** The chain's key in the map of heads: `chain.id` of its leaf, 32 bytes. */
  readonly key: Uint8Array
  /** Place in the log, and in its chain, from 0. */
  readonly index: number
  readonly seq: number
  readonly leafHash: Uint8Array
  /** The checkpoint that covers it. */
  readonly size: number
  readonly root: Uint8Array
}

/** What a log stated of a chain. Only {@link verifyHead} makes one. */
export interface VerifiedHead {
  readonly [verified]: 'head'
  readonly chain: string
  readonly key: Uint8Array
  /** Null: the chain had no entry yet. */
  readonly head: ChainHead | null
  readonly statement: VerifiedLogStatement
}

type Trust = Pick<LogTrust, 'origin' | 'keys'>
type HeadCrypto = Pick<Crypto, 'sha256' | 'hmac' | 'verify'>

/**
 * An entry of a chain from its `.tlog-proof`: under a checkpoint of the log, its leaf opened to the chain's id. That it
 * is about some attestation only its commitment can say. Throws `proof-invalid`, `leaf-invalid`, and what
 * `verifyCheckpoint` and `parseOpening` throw.
 */
export function verifyChainEntry(
  chain: string,
  proof: TlogProof,
  { origin, keys }: Trust,
  crypto: HeadCrypto,
): VerifiedChainEntry {
  const { checkpoint } = verifyCheckpoint(proof.checkpoint, { origin, keys, witnesses: [] }, crypto)
  const { size, root } = checkpoint
  if (proof.extra === null) throw new CodedError('leaf-invalid', 'the proof does not open its leaf')
  const { leaf, blind } = parseOpening(proof.extra)
  const { index } = proof
  const hash = treeHash(crypto)
  const own = leafHash(writeLeaf(leaf), hash)
  verifyInclusion({ index, size, leafHash: own, path: proof.hashes }, root, hash)
  if (blindChain(blind, chain, crypto) !== leaf.chain.id) {
    throw new CodedError('proof-invalid', `entry ${index} is not one of chain ${chain}`)
  }
  const { id, seq } = leaf.chain
  const entry: Omit<VerifiedChainEntry, typeof verified> = {
    chain,
    key: fromHex(id),
    index,
    seq,
    leafHash: own,
    size,
    root,
  }
  return entry as VerifiedChainEntry
}

/**
 * What a statement says of a chain: its head at the statement's size, or null where it had none. Its own entry is held
 * against it ({@link checkHead}); hold every other one against it that you have, for a log that leaves the newest out
 * tells nobody but those who were told of it before. Throws `proof-invalid`, `head-contradicted`, `head-proof-invalid`,
 * and what `verifyLogStatement` and {@link verifyChainEntry} throw.
 */
export function verifyHead(proof: HeadProof, trust: Trust, crypto: HeadCrypto): VerifiedHead {
  const statement = verifyLogStatement(proof.statement, trust, crypto)
  const entry = verifyChainEntry(proof.chain, proof.entry, trust, crypto)
  const { heads, size } = statement.statement
  const members = proof.members.map(({ index, key, head, path }) => ({ index, key, value: writeHead(head), path }))
  const value = verifyKey(entry.key, { size: heads.count, members }, heads.root, treeHash(crypto))
  const head = value === null ? null : parseHead(value)
  if (head !== null && head.index >= size) {
    throw new CodedError('head-contradicted', `the head is entry ${head.index}, and the log had ${size}`)
  }
  const told: Omit<VerifiedHead, typeof verified> = { chain: proof.chain, key: entry.key, head, statement }
  checkHead(told as VerifiedHead, entry)
  return told as VerifiedHead
}

/**
 * Throws `head-contradicted` where a head and an entry of the same chain are not of one history: an entry before the
 * statement's size that the head leaves out, another one in its place, a head that holds what came after, another key
 * for the chain, another root at the same size. Throws `chain-mismatch` for two chains.
 */
export function checkHead({ chain, key, head, statement }: VerifiedHead, entry: VerifiedChainEntry): void {
  if (entry.chain !== chain) throw new CodedError('chain-mismatch', 'the head and the entry are of two chains')
  const { number, size, sha256 } = statement.statement
  const contradicted = (what: string) =>
    new CodedError('head-contradicted', `statement ${number} and entry ${entry.index} of chain ${chain}: ${what}`)
  if (!equal(entry.key, key)) throw contradicted('the chain has two keys')
  if (entry.size === size && !equal(entry.root, sha256)) throw contradicted(`${size} entries have two roots`)
  const length = head?.length ?? 0
  if (entry.index >= size) {
    if (length > entry.seq)
      throw contradicted(`the chain had ${length} entries, this one among them, and it came later`)
    return
  }
  if (head === null) throw contradicted('the chain is left out')
  if (length <= entry.seq) throw contradicted(`the chain is cut after ${length} entries`)
  const last = length === entry.seq + 1
  const same = entry.index === head.index && equal(entry.leafHash, head.leafHash)
  if (last ? !same : entry.index >= head.index) throw contradicted('another entry is in its place')
}

function treeHash(crypto: Pick<Crypto, 'sha256'>): TreeHash {
  return { size: 32, hash: (data) => crypto.sha256(data) }
}
