import { base64, CodedError, concat, type Crypto, fromBase64, hex, type JsonValue, utf8 } from '@countersign/core'
import { Shape } from './shape.ts'

/** A DSSE envelope with its one signature. Nothing in it is verified. */
export interface Envelope {
  readonly payloadType: string
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  /** A hint, never a reason to trust; null where absent. */
  readonly keyid: string | null
}

/**
 * The bytes a DSSE signature covers: `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`, lengths in
 * bytes as ASCII decimals (DSSE v1.0.2, protocol).
 */
export function pae(payloadType: string, payload: Uint8Array): Uint8Array {
  return concat(utf8(`DSSEv1 ${utf8(payloadType).length} ${payloadType} ${payload.length} `), payload)
}

/**
 * The name of an attestation: SHA-256 of its PAE, 64 lower-case hex digits. It covers what is signed and
 * nothing that can be rewritten without the key, so a re-encoded or malleated bundle keeps its link digest.
 */
export function linkDigest(
  envelope: Pick<Envelope, 'payloadType' | 'payload'>,
  crypto: Pick<Crypto, 'sha256'>,
): string {
  return linkDigestOfPae(pae(envelope.payloadType, envelope.payload), crypto)
}

/** {@link linkDigest} of a PAE that is at hand already. */
export function linkDigestOfPae(signed: Uint8Array, crypto: Pick<Crypto, 'sha256'>): string {
  return hex(crypto.sha256(signed))
}

/** Longest signature, in base64. */
export const MAX_SIGNATURE_TEXT = 4096

/** Throws `envelope-invalid`, `payload-type`, `signature-missing`, `signature-count` or `base64-invalid`. */
export function readEnvelope(value: JsonValue | undefined, payloadType: string): Envelope {
  const shape = new Shape('envelope-invalid', value, 'dsseEnvelope').object(['payload', 'payloadType', 'signatures'])
  const type = shape.get('payloadType').string(256)
  if (type !== payloadType)
    throw new CodedError('payload-type', `payload type ${JSON.stringify(type.slice(0, 80))} is not ${payloadType}`)
  const signatures = shape.get('signatures').array(64)
  if (signatures.length === 0) throw new CodedError('signature-missing', 'the envelope has no signature')
  if (signatures.length > 1) throw new CodedError('signature-count', `the envelope has ${signatures.length} signatures`)
  const signature = signatures[0]!.object(['sig'], ['keyid'])
  const bytes = fromBase64(signature.get('sig').string(MAX_SIGNATURE_TEXT))
  if (bytes.length === 0) throw new CodedError('signature-missing', 'the signature is empty')
  const keyid = signature.has('keyid') ? signature.get('keyid').string(1024) : ''
  return {
    payloadType: type,
    payload: fromBase64(shape.get('payload').string(16 * 1024 * 1024)),
    signature: bytes,
    keyid: keyid === '' ? null : keyid,
  }
}

export function writeEnvelope(envelope: Envelope): JsonValue {
  const signature = base64(envelope.signature)
  return {
    payload: base64(envelope.payload),
    payloadType: envelope.payloadType,
    signatures: [envelope.keyid === null ? { sig: signature } : { sig: signature, keyid: envelope.keyid }],
  }
}
