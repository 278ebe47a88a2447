import { CodedError, type Crypto } from '@countersign/core'
import { type Bundle, MAX_BUNDLE_BYTES, pae, PAYLOAD_TYPE, parseStatement, writeBundle } from '@countersign/formats'
import type { Signer } from './signer.ts'

/**
 * Signs the payload bytes of a statement into a bundle, and verifies what came back before anybody sees it: a
 * KMS may answer with another key version, memory may fail (T-68). Throws `sign-failed`, the signer's own
 * coded errors, `input-too-large` for a bundle nobody would read, and what `parseStatement` throws.
 */
export async function signStatement(payload: Uint8Array, signer: Signer, crypto: Crypto): Promise<Bundle> {
  // A copy: what is verified below and what is returned stay the bytes that were signed.
  const owned = new Uint8Array(payload)
  parseStatement(owned)
  const signed = pae(PAYLOAD_TYPE, owned)
  const signature = await signatureOf(signer, signed)
  if (!crypto.verify(signer.publicKey, signed, signature)) {
    throw new CodedError('sign-failed', `the signature just made does not verify under key ${short(signer)}`)
  }
  const envelope = { payloadType: PAYLOAD_TYPE, payload: owned, signature, keyid: null }
  const bundle: Bundle = { key: signer.key, tlogEntries: [], timestamps: [], envelope }
  const size = writeBundle(bundle).length
  if (size > MAX_BUNDLE_BYTES) {
    throw new CodedError('input-too-large', `the attestation has ${size} bytes, at most ${MAX_BUNDLE_BYTES} are read`)
  }
  return bundle
}

async function signatureOf(signer: Signer, signed: Uint8Array): Promise<Uint8Array> {
  try {
    // The signer gets its own copy, so that it cannot change what is verified.
    return new Uint8Array(await signer.sign(new Uint8Array(signed)))
  } catch (cause) {
    if (cause instanceof CodedError) throw cause
    throw new CodedError('sign-failed', `key ${short(signer)} did not sign`, { cause })
  }
}

function short(signer: Signer): string {
  return signer.publicKey.keyId.slice(0, 16)
}
