import type { Receipt } from '@countersign/formats'
import type { VerifiedReceipt } from './types.ts'

/**
 * Of several receipts for one entry the one under the largest checkpoint stays: else each hand-over would add one more.
 * But for what witnesses cosigned: a larger checkpoint that they have not seen takes no quorum away. A log that gave a
 * step two entries has said both.
 */
export function withReceipt(known: readonly VerifiedReceipt[], next: VerifiedReceipt): readonly VerifiedReceipt[] {
  if (known.some((one) => saysAll(one, next))) return known
  return [...known.filter((one) => !saysAll(next, one)), next]
}

/** Most receipts of logs that nobody trusts that are kept for one step: anybody can make a log. */
const MAX_UNJUDGED = 8

/** Of several by one log about one signature the last stays: files come before the server that may have more to say. */
export function withUnjudged(known: readonly Receipt[], next: Receipt): readonly Receipt[] {
  const same = ({ opening, proof }: Receipt) =>
    opening.signer === next.opening.signer && proof.checkpoint.origin === next.proof.checkpoint.origin
  return [...known.filter((one) => !same(one)), next].slice(-MAX_UNJUDGED)
}

/** Whether a receipt says whatever another does. */
function saysAll(one: VerifiedReceipt, other: VerifiedReceipt): boolean {
  const [own, its] = [one.receipt.proof, other.receipt.proof]
  return (
    one.countersigner.name === other.countersigner.name &&
    one.countersigner.keyId === other.countersigner.keyId &&
    own.index === its.index &&
    own.checkpoint.size >= its.checkpoint.size &&
    other.witnesses.every((witness) => one.witnesses.includes(witness))
  )
}
