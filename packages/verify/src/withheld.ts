import { CodedError, type Crypto } from '@countersign/core'
import { blindChain, type Withheld, writeLeaf } from '@countersign/formats'
import { CheckpointsRead, verifyLeaf } from './receipt.ts'
import type { Trust, VerifiedWithheld } from './types.ts'

/**
 * Verifies what stands for a withheld attestation: a leaf of its chain is under a checkpoint that a trusted log signed
 * (SPEC.md §8), and where it says that it was erased, so is the tombstone of that very leaf. That the leaf is about
 * the attestation named, only the log says. Throws `withheld-invalid`, `signer-unknown`, `signer-revoked`, and what
 * `verifyCheckpoint` and `verifyInclusion` throw.
 */
export function verifyWithheld(
  withheld: Withheld,
  trust: Trust,
  crypto: Crypto,
  checkpoints: CheckpointsRead = new CheckpointsRead(trust, crypto),
): VerifiedWithheld {
  const { unopened, proof, tombstone } = withheld
  const { link, chain, leaf, blind } = unopened
  if (blindChain(blind, chain, crypto) !== leaf.chain.id) {
    throw new CodedError('withheld-invalid', `the leaf of ${link.slice(0, 12)} is of another chain`)
  }
  const countersigner = verifyLeaf({ entry: writeLeaf(leaf), at: leaf.acceptedAt, proof }, trust, crypto, checkpoints)
  if (tombstone !== null) {
    const { erased, at } = tombstone.leaf
    // An index means something in its own log alone, and what is erased was there before.
    const own = tombstone.proof.checkpoint.origin === proof.checkpoint.origin && tombstone.proof.index > proof.index
    if (!own || erased !== proof.index) {
      throw new CodedError('withheld-invalid', `the tombstone is not that of ${link.slice(0, 12)}`)
    }
    verifyLeaf({ entry: writeLeaf(tombstone.leaf), at, proof: tombstone.proof }, trust, crypto, checkpoints)
  }
  const witnesses = checkpoints.verify(proof.checkpoint).cosignedBy.map(({ key }) => key)
  return { withheld, countersigner, witnesses } as unknown as VerifiedWithheld
}
