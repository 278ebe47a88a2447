import { DEVIATION_PAYLOAD_TYPE, pae } from '@countersign/formats'
import { type OwnPasskey, signWithPasskey } from '../../passkey.ts'
import type { AddedSignature } from '../../worker/messages.ts'

/** Has the reader's passkey sign a deviation. Throws `Problem`. */
export async function signDeviation(payload: Uint8Array, keys: readonly OwnPasskey[]): Promise<AddedSignature> {
  const { by, signature } = await signWithPasskey(keys, pae(DEVIATION_PAYLOAD_TYPE, payload))
  return { keyId: by.keyId, signature }
}
