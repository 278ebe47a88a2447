import {
  base64,
  CodedError,
  fromBase64,
  fromHex,
  fromUtf8,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@countersign/core'
import { MAX_BUNDLE_BYTES } from '../constants.ts'
import { Shape } from '../shape.ts'
import { readSigstoreBundle, type SigstoreBundle } from '../sigstore/bundle.ts'
import { parseCertificates } from '../x509/certificate-text.ts'

const CODE = 'report-invalid'
const V01 = 'application/vnd.dev.sigstore.bundle+json;version=0.1'

/**
 * What cosign 1 and 2 write with `--bundle`: a signature, or a signed envelope in its place, with the promise of Rekor.
 * It says what a Sigstore bundle v0.1 says, and is read as that. Throws `report-invalid`, and what reading a bundle throws.
 */
export function readCosignBundle(given: JsonObject): SigstoreBundle {
  const it = new Shape(CODE, given, 'bundle').object(['base64Signature', 'rekorBundle'], ['cert'])
  const rekor = it.get('rekorBundle').object(['SignedEntryTimestamp', 'Payload'])
  const payload = rekor.get('Payload').object(['body', 'integratedTime', 'logIndex', 'logID'])
  const body = payload.text('body', MAX_BUNDLE_BYTES)
  const entry = new Shape(CODE, parseJson(fromBase64(body), { maxDepth: 12 }), 'body').object([
    'apiVersion',
    'kind',
    'spec',
  ])
  const certificate = it.has('cert') ? it.get('cert').string(131_072) : ''
  return readSigstoreBundle({
    mediaType: V01,
    verificationMaterial: {
      ...(certificate === ''
        ? { publicKey: {} }
        : { x509CertificateChain: { certificates: [{ rawBytes: base64(certificateInBase64(certificate)) }] } }),
      tlogEntries: [
        {
          logIndex: String(payload.integer('logIndex', 0, Number.MAX_SAFE_INTEGER)),
          logId: { keyId: base64(fromHex(payload.hex('logID', 64))) },
          kindVersion: { kind: entry.text('kind', 64), version: entry.text('apiVersion', 64) },
          integratedTime: String(payload.integer('integratedTime', 0, Number.MAX_SAFE_INTEGER)),
          inclusionPromise: { signedEntryTimestamp: rekor.text('SignedEntryTimestamp') },
          canonicalizedBody: body,
        },
      ],
    },
    ...contentOf(it.get('base64Signature').string(MAX_BUNDLE_BYTES)),
  })
}

/** `attest-blob` puts the envelope where `sign-blob` puts the signature. */
function contentOf(signature: string): { readonly [member: string]: JsonValue } {
  const bytes = fromBase64(signature)
  if (bytes[0] !== 0x7b) return { messageSignature: { signature } }
  return { dsseEnvelope: parseJson(bytes, { maxBytes: MAX_BUNDLE_BYTES }) }
}

/** DER of one certificate in PEM, in base64 once more. */
export function certificateInBase64(text: string): Uint8Array {
  const [one, ...more] = parseCertificates(fromUtf8(fromBase64(text)), 'certificate-invalid')
  if (one === undefined || more.length > 0) throw new CodedError(CODE, 'there is not exactly one certificate')
  return one.der
}
