import { CodedError, type Crypto, hex } from '@countersign/core'
import {
  blindChain,
  commitmentOf,
  pae,
  type Receipt,
  type SignedCheckpoint,
  type TlogProof,
  type VerifiedCheckpoint,
  verifyCheckpoint,
  writeLeaf,
} from '@countersign/formats'
import { leafHash, verifyInclusion } from '@countersign/merkle'
import { gradeD } from './open.ts'
import type { Signer, Trust, TrustedLogKey, VerifiedReceipt, VerifiedStep } from './types.ts'

/**
 * Holds a receipt against the step it is about: the leaf commits to this very step, to who signed it and to its chain
 * under both hashes, and is under a checkpoint that a trusted log signed (SPEC.md §7). Throws `receipt-invalid` where it
 * is about something else or as somebody else signed it, `signer-unknown` where the log is not trusted, `signer-revoked`,
 * and what `verifyCheckpoint` and `verifyInclusion` throw.
 */
export function verifyReceipt(
  receipt: Receipt,
  step: VerifiedStep,
  trust: Trust,
  crypto: Crypto,
  checkpoints: CheckpointsRead = new CheckpointsRead(trust, crypto),
): VerifiedReceipt {
  return countersigned(receipt, step, heldAgainst(receipt, step, trust, crypto, checkpoints))
}

/** A step as one of those who signed it did, whoever that was. */
export type Reading = Pick<VerifiedStep, 'link' | 'statement' | 'bundle' | 'under'>

/** Which log a receipt is of, once it was held against a reading of its step. */
export type Countersigned = Pick<VerifiedReceipt, 'countersigner' | 'witnesses'>

export function countersigned(receipt: Receipt, step: VerifiedStep, by: Countersigned): VerifiedReceipt {
  return { receipt, step, ...by } as unknown as VerifiedReceipt
}

/** `verifyReceipt` where it is not known yet who signed. */
export function heldAgainst(
  { opening, proof }: Receipt,
  { link: own, statement, bundle, under }: Reading,
  trust: Trust,
  crypto: Crypto,
  checkpoints: CheckpointsRead,
): Countersigned {
  const { link, leaf, signer, salt, blind } = opening
  const { envelope } = bundle
  if (link !== own) throw new CodedError('receipt-invalid', `the receipt is about ${link.slice(0, 12)}`)
  if (signer !== under.digest) throw signedByAnother(link)
  // Under both: who finds two texts of one hash has not found them of the other.
  const committed = { signed: pae(envelope.payloadType, envelope.payload), signer: under.der }
  const { sha256, sha3_256 } = commitmentOf(salt, committed, crypto)
  if (sha256 !== leaf.commitment.sha256 || sha3_256 !== leaf.commitment.sha3_256) {
    throw new CodedError('receipt-invalid', `the leaf does not commit to step ${link.slice(0, 12)} as it is signed`)
  }
  if (blindChain(blind, statement.predicate.chain.id, crypto) !== leaf.chain.id) {
    throw new CodedError('receipt-invalid', `the leaf is of another chain than step ${link.slice(0, 12)}`)
  }
  const countersigner = verifyLeaf({ entry: writeLeaf(leaf), at: leaf.acceptedAt, proof }, trust, crypto, checkpoints)
  const witnesses = checkpoints.verify(proof.checkpoint).cosignedBy.map(({ key }) => key)
  return { countersigner, witnesses }
}

/** A log that took a statement has not seen every signature under it: a key may be stolen since (T-55). */
export function signedByAnother(link: string): CodedError {
  const what = `the receipt is about ${link.slice(0, 12)} as it was signed under another key or certificate`
  return new CodedError('receipt-invalid', what, {
    fix: 'Fetch the chain from its server, which has the signature that the receipt is about.',
  })
}

/** An entry of a log, the time that it says, and the proof that it is there. */
interface ProvenEntry {
  readonly entry: Uint8Array
  readonly at: string
  readonly proof: TlogProof
}

/** The log that holds an entry, by its key that was not revoked by then. Throws as `verifyReceipt`. */
export function verifyLeaf(
  { entry, at, proof }: ProvenEntry,
  trust: Trust,
  crypto: Crypto,
  checkpoints: CheckpointsRead,
): Signer {
  const { signedBy } = checkpoints.verify(proof.checkpoint)
  const { index, hashes, checkpoint } = proof
  const hash = { size: 32, hash: (bytes: Uint8Array) => crypto.sha256(bytes) }
  const place = { index, size: checkpoint.size, leafHash: leafHash(entry, hash), path: hashes }
  verifyInclusion(place, checkpoint.root, hash)
  const signers = signedBy.map(({ key }) => trust.countersigners.find((known) => known.key === key)!)
  const valid = signers.find(({ revokedAt }) => revokedAt === null || at < revokedAt)
  if (valid === undefined) {
    const { key, revokedAt } = signers[0]!
    throw new CodedError('signer-revoked', `the key of the log ${key.name} was revoked at ${revokedAt}`)
  }
  return gradeD(valid.key.name, valid.key.publicKey)
}

/** Most checkpoints of which the signature is checked for one set of receipts: some seconds of work. */
const MAX_CHECKPOINTS = 50_000

/** The checkpoints of a set of receipts. Many share one: each is checked once. */
export class CheckpointsRead {
  readonly #trust: Trust
  readonly #crypto: Crypto
  readonly #known = new Map<string, VerifiedCheckpoint | CodedError>()

  constructor(trust: Trust, crypto: Crypto) {
    this.#trust = trust
    this.#crypto = crypto
  }

  /** Throws what `verifyCheckpoint` throws, and `signer-unknown`. */
  verify(checkpoint: SignedCheckpoint): VerifiedCheckpoint {
    const { text, signatures } = checkpoint.note
    const name = text + signatures.map((line) => `${line.name} ${line.keyId} ${hex(line.signature)}`).join('\n')
    let known = this.#known.get(name)
    if (known === undefined) {
      known = this.#verify(checkpoint)
      this.#known.set(name, known)
    }
    if (known instanceof CodedError) throw known
    return known
  }

  #verify(checkpoint: SignedCheckpoint): VerifiedCheckpoint | CodedError {
    const { origin } = checkpoint
    const keys = keysOf(this.#trust.countersigners, origin)
    if (keys.length === 0) return new CodedError('signer-unknown', `no key of the log ${origin} is trusted`)
    if (this.#known.size >= MAX_CHECKPOINTS) {
      return new CodedError('signer-unknown', 'too many different checkpoints for all to be checked', {
        fix: 'Fetch the chain from its server: all its receipts then share one checkpoint.',
      })
    }
    try {
      const { witnesses = [] } = this.#trust
      return verifyCheckpoint(checkpoint, { origin, keys, witnesses }, this.#crypto)
    } catch (error) {
      if (error instanceof CodedError) return error
      throw error
    }
  }
}

function keysOf(trusted: readonly TrustedLogKey[], origin: string) {
  return trusted.filter(({ key }) => key.name === origin).map(({ key }) => key)
}
