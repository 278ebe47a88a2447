import { concat, type Crypto, hex, utf8 } from '@countersign/core'
import { type OtsFile, type OtsOp, type OtsPath, otsResultBytes, type OtsTree } from '@countersign/formats/anchor'
import { ripemd160, sha1 } from '@noble/hashes/legacy.js'
import { keccak_256 } from '@noble/hashes/sha3.js'

/** One way through a tree, and what comes out at its end. */
export interface OtsDigest extends OtsPath {
  readonly digest: Uint8Array
}

/**
 * What every attestation of a tree is about, in the order of the tree: each operation is done once. Throws
 * `anchor-invalid` where a message gets too long.
 */
export function otsDigests(message: Uint8Array, tree: OtsTree, crypto: Pick<Crypto, 'sha256'>): OtsDigest[] {
  const found: OtsDigest[] = []
  function follow(at: Uint8Array, branches: OtsTree, ops: readonly OtsOp[]): void {
    for (const branch of branches) {
      if ('attestation' in branch) found.push({ ops, attestation: branch.attestation, digest: at })
      else follow(applyOtsOp(branch.op, at, crypto), branch.next, [...ops, branch.op])
    }
  }
  follow(message, tree, [])
  return found
}

/** {@link otsDigests} of a file. */
export function otsFileDigests({ digest, tree }: OtsFile, crypto: Pick<Crypto, 'sha256'>): OtsDigest[] {
  return otsDigests(digest, tree, crypto)
}

/** What an operation makes of a message; throws `anchor-invalid` beyond the most a message may have. */
export function applyOtsOp(op: OtsOp, message: Uint8Array, crypto: Pick<Crypto, 'sha256'>): Uint8Array {
  otsResultBytes(op, message.length)
  switch (op.op) {
    case 'append':
      return concat(message, op.data)
    case 'prepend':
      return concat(op.data, message)
    case 'reverse':
      return message.toReversed()
    case 'hexlify':
      return utf8(hex(message))
    case 'sha1':
      return sha1(message)
    case 'ripemd160':
      return ripemd160(message)
    case 'sha256':
      return crypto.sha256(message)
    case 'keccak256':
      return keccak_256(message)
  }
}
