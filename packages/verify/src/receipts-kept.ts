import { equal } from '@countersign/core'
import { type Receipt, writeReceipt } from '@countersign/formats'
import type { UnjudgedReceipt, VerifiedReceipt } from './types.ts'

/** Of what is not judged as much is kept for one step: so many of the first and of the last that were read. */
const MOST_UNJUDGED = 4

/**
 * Of several receipts for one entry the one under the largest checkpoint stays: else each hand-over would add one more.
 * But for what witnesses cosigned, known here or not: a larger checkpoint that they have not seen takes no quorum away,
 * and who reads this next may believe them. A log that gave a step two entries has said both.
 */
export function withReceipt(known: readonly VerifiedReceipt[], next: VerifiedReceipt): readonly VerifiedReceipt[] {
  if (known.some((one) => saysAll(one, next))) return known
  const all = [...known.filter((one) => !saysAll(next, one)), next]
  if (all.length <= 2 * MOST_UNJUDGED) return all
  // Anybody can add the lines of witnesses that nobody knows.
  const spare = all.filter((one) => all.some((other) => other !== one && provesAll(other, one)))
  return all.filter((one) => one !== spare[MOST_UNJUDGED])
}

/** Most bytes of one receipt: some 200 witnesses. */
const MAX_UNJUDGED_BYTES = 32_768

/**
 * A receipt that was not judged takes the place of nothing: whose log it says to be of, anybody can write, and whoever hands over
 * one material must not take away what is proven of another. Files are read one after another, and the server's last: so
 * a flood in one of them pushes out neither what was read before it nor what was read after. Of one entry, which each
 * hand-over proves under a later checkpoint, the first and the last stay: eight of these would leave no place for another log.
 */
export function withUnjudged(known: readonly UnjudgedReceipt[], next: UnjudgedReceipt): readonly UnjudgedReceipt[] {
  if (known.some((one) => isEqual(one.receipt, next.receipt))) return known
  if (bytesOf(next.receipt).length > MAX_UNJUDGED_BYTES) return known
  const entries = [...Map.groupBy([...known, next], entryOf).values()]
  const kept =
    entries.length <= 2 * MOST_UNJUDGED
      ? entries
      : [...entries.slice(0, MOST_UNJUDGED), ...entries.slice(-MOST_UNJUDGED)]
  return kept.flatMap((all) => (all.length < 2 ? all : [all[0]!, all.at(-1)!]))
}

/** The entry that a receipt says to be of, whatever the checkpoint. */
function entryOf({ receipt: { opening, proof } }: UnjudgedReceipt): string {
  return `${proof.index} ${opening.signer} ${proof.checkpoint.origin}`
}

function isEqual(one: Receipt, other: Receipt): boolean {
  return equal(bytesOf(one), bytesOf(other))
}

/** Each is written once: there may be very many about one step. */
const written = new WeakMap<Receipt, Uint8Array>()

function bytesOf(receipt: Receipt): Uint8Array {
  const bytes = written.get(receipt) ?? writeReceipt(receipt)
  written.set(receipt, bytes)
  return bytes
}

/** Whether a receipt says whatever another does. */
function saysAll(one: VerifiedReceipt, other: VerifiedReceipt): boolean {
  if (!provesAll(one, other)) return false
  const lines = one.receipt.proof.checkpoint.note.signatures
  return other.receipt.proof.checkpoint.note.signatures.every(({ name, keyId }) =>
    lines.some((line) => line.name === name && line.keyId === keyId),
  )
}

/** The same, of what was verified of them. */
function provesAll(one: VerifiedReceipt, other: VerifiedReceipt): boolean {
  const [own, its] = [one.receipt.proof, other.receipt.proof]
  return (
    one.countersigner.name === other.countersigner.name &&
    one.countersigner.keyId === other.countersigner.keyId &&
    own.index === its.index &&
    own.checkpoint.size >= its.checkpoint.size &&
    other.witnesses.every((witness) => one.witnesses.includes(witness))
  )
}
