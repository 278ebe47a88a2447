import { CodedError, type Crypto } from '@countersign/core'
import { type Bundle, pae, PAYLOAD_TYPE, writeBundle, writeReceipt } from '@countersign/formats'
import type { Signer } from '@countersign/sign'
import type { Placed } from '../store.ts'

/**
 * Receipts of one batch, each a bundle in its canonical form. The first of a batch is verified before any is given
 * out: a signer that has gone wrong (another key version, T-68) is found before its batch is acknowledged, at the
 * price of one verification a batch.
 */
export function countersigner(
  origin: string,
  signer: Signer,
  crypto: Crypto,
): (placed: readonly Placed[]) => Promise<readonly Uint8Array[]> {
  return (placed) => Promise.all(placed.map((one, i) => countersign(one, i === 0)))

  async function countersign({ append, index }: Placed, check: boolean): Promise<Uint8Array> {
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
    const signed = pae(PAYLOAD_TYPE, payload)
    const signature = await signer.sign(signed)
    if (check && !crypto.verify(signer.publicKey, signed, signature)) {
      throw new CodedError('sign-failed', 'the receipt just signed does not verify under the server key')
    }
    const envelope = { payloadType: PAYLOAD_TYPE, payload, signature, keyid: null }
    const bundle: Bundle = { key: signer.key, tlogEntries: [], timestamps: [], envelope }
    return writeBundle(bundle)
  }
}
