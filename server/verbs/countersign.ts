import type { Crypto } from '@countersign/core'
import { writeBundle, writeReceipt } from '@countersign/formats'
import { type Signer, signStatement } from '@countersign/sign'
import type { Placed } from '../store.ts'

/** Receipts of one batch, each a bundle in its canonical form. */
export function countersigner(
  origin: string,
  signer: Signer,
  crypto: Crypto,
): (placed: readonly Placed[]) => Promise<readonly Uint8Array[]> {
  return (placed) =>
    Promise.all(
      placed.map(async ({ append, index }) => {
        const { chain, step } = append.step.statement.predicate
        const payload = writeReceipt({
          link: append.step.link,
          origin,
          index,
          chain: chain.id,
          step: step.name,
          acceptedAt: append.acceptedAt,
          late: append.late,
        })
        return writeBundle(await signStatement(payload, signer, crypto))
      }),
    )
}
