import {
  base64,
  canonicalJson,
  CodedError,
  fromBase64,
  isHex,
  type JsonObject,
  type JsonValue,
  parseJson,
  type PublicKey,
  utf8,
} from '@countersign/core'
import { BUNDLE_V03, MAX_BUNDLE_BYTES, PAYLOAD_TYPE } from './constants.ts'
import { type Envelope, MAX_SIGNATURE_TEXT, readEnvelope, writeEnvelope } from './dsse.ts'
import { type ObjectShape, Shape } from './shape.ts'

/** How the signer is named by a bundle. A claim, until `verify` has checked it. */
export type KeyMaterial =
  | { readonly kind: 'publicKey'; readonly hint: string | null }
  | { readonly kind: 'certificate'; readonly chain: readonly Uint8Array[] }

/** A Sigstore bundle around one DSSE envelope. Nothing in it is verified. */
export interface Bundle {
  readonly key: KeyMaterial
  /** `TransparencyLogEntry` messages, as they stand. */
  readonly tlogEntries: readonly JsonObject[]
  /** RFC 3161 TimeStampResp, DER. */
  readonly timestamps: readonly Uint8Array[]
  readonly envelope: Envelope
}

/**
 * Who signed, as the leaf of a log commits to it (SPEC.md §13): DER of the certificate in the bundle; where there is
 * none, the SPKI of the key under which it verifies.
 */
export function signerOf({ key }: Pick<Bundle, 'key'>, { spki }: Pick<PublicKey, 'spki'>): Uint8Array {
  return key.kind === 'certificate' ? key.chain[0]! : spki
}

const OLD = [
  'application/vnd.dev.sigstore.bundle+json;version=0.1',
  'application/vnd.dev.sigstore.bundle+json;version=0.2',
]
const V03 = [BUNDLE_V03, 'application/vnd.dev.sigstore.bundle+json;version=0.3']

const FIELDS = ['mediaType', 'verificationMaterial', 'dsseEnvelope']
const KINDS = ['publicKey', 'certificate', 'x509CertificateChain']
const MATERIAL = [...KINDS, 'tlogEntries', 'timestampVerificationData']

/**
 * Bundle from its JSON bytes: v0.3 as emitted, v0.1 and v0.2 read. Unknown fields are refused, as
 * protobuf JSON does. Throws `bundle-invalid`, `bundle-version`, and what DSSE and JSON reading throw.
 */
export function parseBundle(bytes: Uint8Array | string): Bundle {
  const own = typeof bytes === 'string' && bytes.length <= MAX_BUNDLE_BYTES ? parseOwn(bytes) : null
  return own ?? readBundle(parseJson(bytes, { maxBytes: MAX_BUNDLE_BYTES }))
}

// What `writeBundle` writes around a payload, a signature and the hint of a key.
const HEAD = '{"dsseEnvelope":{"payload":"'
const BETWEEN = `","payloadType":"${PAYLOAD_TYPE}","signatures":[{"sig":"`
const AFTER = `"}]},"mediaType":"${BUNDLE_V03}","verificationMaterial":{"publicKey":{"hint":"`
const TAIL = '"}}}'
const HINT = 64

/**
 * A bundle spelled exactly as `writeBundle` spells those with a key id for a hint: almost every line of a chain file,
 * and most of one is its payload, which need not be looked at twice. Null for any other spelling, good or bad.
 */
function parseOwn(text: string): Bundle | null {
  if (!text.startsWith(HEAD)) return null
  const payloadEnd = text.indexOf('"', HEAD.length)
  const signature = payloadEnd + BETWEEN.length
  if (payloadEnd < 0 || !text.startsWith(BETWEEN, payloadEnd)) return null
  const signatureEnd = text.indexOf('"', signature)
  const hint = signatureEnd + AFTER.length
  if (signatureEnd < 0 || !text.startsWith(AFTER, signatureEnd)) return null
  if (text.length !== hint + HINT + TAIL.length || !text.endsWith(TAIL)) return null
  const keyId = text.slice(hint, hint + HINT)
  if (!isHex(keyId) || signatureEnd === signature || signatureEnd - signature > MAX_SIGNATURE_TEXT) return null
  try {
    return {
      key: { kind: 'publicKey', hint: keyId },
      tlogEntries: [],
      timestamps: [],
      envelope: {
        payloadType: PAYLOAD_TYPE,
        payload: fromBase64(text.slice(HEAD.length, payloadEnd)),
        signature: fromBase64(text.slice(signature, signatureEnd)),
        keyid: null,
      },
    }
  } catch {
    // The slow way says what is wrong with it.
    return null
  }
}

/** {@link parseBundle} of JSON that was parsed strictly already. */
export function readBundle(value: JsonValue): Bundle {
  const whole = new Shape('bundle-invalid', value, 'bundle')
  if (Object.hasOwn(whole.members(), 'messageSignature')) {
    throw new CodedError('bundle-invalid', 'bundle holds a messageSignature, not an attestation')
  }
  const bundle = whole.object(FIELDS)
  const mediaType = bundle.get('mediaType').string(256)
  const old = OLD.includes(mediaType)
  if (!old && !V03.includes(mediaType)) {
    throw new CodedError('bundle-version', `bundle media type ${JSON.stringify(mediaType.slice(0, 80))} is unknown`)
  }
  const material = bundle.get('verificationMaterial').object([], MATERIAL)
  return {
    key: readKey(material, bundle.get('verificationMaterial'), old),
    tlogEntries: material.has('tlogEntries')
      ? material
          .get('tlogEntries')
          .array(32)
          .map((entry) => entry.members())
      : [],
    timestamps: material.has('timestampVerificationData')
      ? readTimestamps(material.get('timestampVerificationData'))
      : [],
    envelope: readEnvelope(whole.members()['dsseEnvelope'], PAYLOAD_TYPE),
  }
}

/**
 * The bundle as v0.3 JSON, in canonical form and without a line break: one line of a chain file. Throws
 * `input-too-large` or `bundle-invalid` for what no reader would take.
 */
export function writeBundle(bundle: Bundle): Uint8Array {
  const bytes = writeOwn(bundle) ?? canonicalBundle(bundle)
  if (bytes.length > MAX_BUNDLE_BYTES) throw new CodedError('input-too-large', `a bundle of ${bytes.length} bytes`)
  return bytes
}

/** What `parseOwn` reads, put together as it stands; null for a bundle with anything else in it. */
function writeOwn({ key, tlogEntries, timestamps, envelope }: Bundle): Uint8Array | null {
  if (key.kind !== 'publicKey' || key.hint === null || !isHex(key.hint, HINT)) return null
  if (tlogEntries.length > 0 || timestamps.length > 0) return null
  if (envelope.keyid !== null || envelope.payloadType !== PAYLOAD_TYPE) return null
  const { payload, signature } = envelope
  return utf8(`${HEAD}${base64(payload)}${BETWEEN}${base64(signature)}${AFTER}${key.hint}${TAIL}`)
}

function canonicalBundle(bundle: Bundle): Uint8Array {
  const material: Record<string, JsonValue> = {}
  if (bundle.key.kind === 'publicKey') {
    material['publicKey'] = bundle.key.hint === null ? {} : { hint: bundle.key.hint }
  } else {
    const leaf = bundle.key.chain[0]
    if (leaf === undefined) throw new CodedError('bundle-invalid', 'a certificate bundle needs its leaf certificate')
    material['certificate'] = { rawBytes: base64(leaf) }
  }
  if (bundle.tlogEntries.length > 0) material['tlogEntries'] = bundle.tlogEntries
  if (bundle.timestamps.length > 0) {
    material['timestampVerificationData'] = {
      rfc3161Timestamps: bundle.timestamps.map((der) => ({ signedTimestamp: base64(der) })),
    }
  }
  return canonicalJson({
    mediaType: BUNDLE_V03,
    verificationMaterial: material,
    dsseEnvelope: writeEnvelope(bundle.envelope),
  })
}

function readKey(material: ObjectShape, whole: Shape, old: boolean): KeyMaterial {
  const given = KINDS.filter((kind) => material.has(kind))
  if (given.length !== 1) whole.fail('needs exactly one of publicKey, certificate and x509CertificateChain')
  if (material.has('publicKey')) {
    const key = material.get('publicKey').object([], ['hint'])
    const hint = key.has('hint') ? key.get('hint').string(1024) : ''
    return { kind: 'publicKey', hint: hint === '' ? null : hint }
  }
  if (material.has('certificate')) {
    if (old) whole.fail('holds a single certificate, which bundles before v0.3 do not have')
    return { kind: 'certificate', chain: [readDer(material.get('certificate'))] }
  }
  if (!old) whole.fail('holds a certificate chain, which v0.3 bundles do not have')
  const chain = material.get('x509CertificateChain').object(['certificates']).get('certificates').array(8)
  if (chain.length === 0) whole.fail('holds an empty certificate chain')
  return { kind: 'certificate', chain: chain.map(readDer) }
}

function readDer(shape: Shape): Uint8Array {
  const der = fromBase64(shape.object(['rawBytes']).get('rawBytes').string(65536))
  if (der.length === 0) shape.fail('holds an empty certificate')
  return der
}

function readTimestamps(shape: Shape): Uint8Array[] {
  const data = shape.object([], ['rfc3161Timestamps'])
  if (!data.has('rfc3161Timestamps')) return []
  return data
    .get('rfc3161Timestamps')
    .array(32)
    .map((item) => fromBase64(item.object(['signedTimestamp']).get('signedTimestamp').string(65536)))
}
