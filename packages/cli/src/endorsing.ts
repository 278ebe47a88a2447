import { CodedError } from '@countersign/core'
import { type Endorsed, MAX_ENDORSEMENTS, pae } from '@countersign/formats'
import type { Context } from './context.ts'
import { nativeCrypto } from './evidence.ts'
import { openSigning, type SigningOptions } from './signing.ts'

/** A document with one signature more, in the place of an earlier one of the same key. Throws what signing throws. */
export async function endorse(
  context: Context,
  document: Pick<Endorsed, 'payload' | 'payloadType'> & Partial<Endorsed>,
  options: SigningOptions,
): Promise<Endorsed> {
  const signing = await openSigning(context, options)
  const { signer, fault } = await signing.signer()
  if (fault !== null) throw fault
  const { payload, payloadType, endorsements = [] } = document
  const signed = pae(payloadType, payload)
  const signature = await signer.sign(signed)
  const crypto = await nativeCrypto()
  if (!(await crypto.verifyLater(signer.publicKey, signed, signature))) {
    throw new CodedError('sign-failed', 'what was signed does not verify under the key that signed it')
  }
  const { keyId: keyid } = signer.publicKey
  const certificate = signer.key.kind === 'certificate' ? signer.key.chain[0]! : null
  const others = endorsements.filter((one) => one.keyid !== keyid)
  if (others.length >= MAX_ENDORSEMENTS)
    throw new CodedError('usage', `the document has ${others.length} signatures already`)
  // Signed anew it is not what a log may have had.
  return {
    payload,
    payloadType,
    endorsements: [...others, { signature, keyid, certificate, timestamps: [] }],
    logged: null,
  }
}
