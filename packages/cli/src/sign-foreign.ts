import { base64, canonicalJson, type Crypto } from '@countersign/core'
import { writeBundle } from '@countersign/formats'
import type { CertifiedIdentity } from '@countersign/formats/identity'
import { signStatement, type Signer } from '@countersign/sign'
import { builderUri } from '@countersign/verify/slsa'

/** In what a statement for other tools travels: a Sigstore bundle, or an envelope alone, which the older ones read. */
export type ForeignForm = 'bundle' | 'dsse'

/** Signs a statement that other tools will read. Throws what `signStatement` throws. */
export async function signForeign(
  payload: Uint8Array,
  signer: Signer,
  form: ForeignForm,
  crypto: Crypto,
): Promise<Uint8Array> {
  const bundle = await signStatement(payload, signer, crypto)
  if (form === 'bundle') return writeBundle(bundle)
  const { envelope } = bundle
  return canonicalJson({
    payload: base64(envelope.payload),
    payloadType: envelope.payloadType,
    // Without a key id: others name keys in other ways, and pass over a signature that names another.
    signatures: [{ sig: base64(envelope.signature) }],
  })
}

/** A URI for whoever signs. */
export function signerUri({ publicKey }: Signer, certified: CertifiedIdentity | null): string {
  return builderUri(certified?.identity ?? null, publicKey.keyId)
}
