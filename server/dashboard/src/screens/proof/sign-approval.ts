import { parsePasskey } from '@countersign/core'
import { pae, PAYLOAD_TYPE, writeBundle } from '@countersign/formats'
import { send } from '../../api.ts'
import { type OwnPasskey, signWithPasskey } from '../../passkey.ts'

/** Has the reader's passkey sign a statement, and hands it to the server. Throws `Problem`. */
export async function signStatement(payload: Uint8Array, keys: readonly OwnPasskey[]): Promise<void> {
  const { by, signature } = await signWithPasskey(keys, pae(PAYLOAD_TYPE, payload))
  const bundle = writeBundle({
    key: { kind: 'publicKey', hint: parsePasskey(by.passkey).keyId },
    tlogEntries: [],
    timestamps: [],
    envelope: { payloadType: PAYLOAD_TYPE, payload, signature, keyid: null },
  })
  await send('POST', '/v1/attestations', JSON.parse(new TextDecoder().decode(bundle)))
}
