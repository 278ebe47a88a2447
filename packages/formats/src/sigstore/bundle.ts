import { CodedError, fromBase64, type JsonValue, parseJson } from '@countersign/core'
import { BUNDLE_V03, MAX_BUNDLE_BYTES, PAYLOAD_TYPE } from '../constants.ts'
import { type Envelope, MAX_SIGNATURE_TEXT, readEnvelope } from '../dsse.ts'
import { Shape } from '../shape.ts'
import { type LogEntry, readLogEntry } from './entry.ts'
import { Message } from './proto.ts'

const CODE = 'bundle-invalid'
const MAX_ENTRIES = 32
const MAX_TIMESTAMPS = 32
const MAX_CERTIFICATES = 6
const MAX_DER = 65_536

/** Versions of Sigstore's bundle by their media types; later ones are refused. */
const VERSIONS: Readonly<Record<string, SigstoreBundle['version']>> = {
  'application/vnd.dev.sigstore.bundle+json;version=0.1': '0.1',
  'application/vnd.dev.sigstore.bundle+json;version=0.2': '0.2',
  'application/vnd.dev.sigstore.bundle+json;version=0.3': '0.3',
  [BUNDLE_V03]: '0.3',
}

/** What was signed: an artifact by itself, or a statement about it. */
export type SigstoreContent =
  | { readonly kind: 'message'; readonly signature: Uint8Array; readonly digest: Uint8Array | null }
  | { readonly kind: 'dsse'; readonly envelope: Envelope }

/** A Sigstore bundle of anybody's (protobuf-specs, sigstore_bundle.proto). Nothing in it is verified. */
export interface SigstoreBundle {
  readonly version: '0.1' | '0.2' | '0.3'
  /** Who signed, as the bundle says: DER of certificates, the signer's first; or a key, which the verifier must have. */
  readonly signer:
    | { readonly kind: 'certificate'; readonly chain: readonly Uint8Array[] }
    | { readonly kind: 'key'; readonly hint: string | null }
  readonly entries: readonly LogEntry[]
  /** RFC 3161 TimeStampResp, DER. */
  readonly timestamps: readonly Uint8Array[]
  readonly content: SigstoreContent
}

/**
 * Bundle of anybody's from its JSON bytes. Fields that are not known are refused, as ProtoJSON has it; so is a version
 * that is not known. Unlike {@link parseBundle} it reads signatures of artifacts too, and takes the entries of logs
 * apart. Throws `bundle-version`, `input-too-large`, and `bundle-invalid` for all else that is wrong with it.
 */
export function parseSigstoreBundle(bytes: Uint8Array | string): SigstoreBundle {
  return guarded(() => readSigstoreBundle(parseJson(bytes, { maxBytes: MAX_BUNDLE_BYTES })))
}

/** {@link parseSigstoreBundle} of JSON that was parsed strictly already. */
export function readSigstoreBundle(value: JsonValue): SigstoreBundle {
  return guarded(() => read(new Shape(CODE, value, 'bundle')))
}

function guarded<T>(reading: () => T): T {
  try {
    return reading()
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    if ([CODE, 'bundle-version', 'input-too-large'].includes(cause.code)) throw cause
    throw new CodedError(CODE, `the bundle cannot be read: ${cause.code}: ${cause.what}`, { cause })
  }
}

function read(shape: Shape): SigstoreBundle {
  const whole = new Message(shape, ['mediaType', 'verificationMaterial', 'messageSignature', 'dsseEnvelope'])
  const mediaType = whole.get('mediaType').string(256)
  const version = Object.hasOwn(VERSIONS, mediaType) ? VERSIONS[mediaType] : undefined
  if (version === undefined) {
    throw new CodedError('bundle-version', `bundle media type ${JSON.stringify(mediaType.slice(0, 80))} is unknown`)
  }
  const material = new Message(whole.get('verificationMaterial'), [
    'publicKey',
    'x509CertificateChain',
    'certificate',
    'tlogEntries',
    'timestampVerificationData',
  ])
  return {
    version,
    signer: readSigner(material, version),
    entries: material.list('tlogEntries', MAX_ENTRIES).map(readLogEntry),
    timestamps: material.optional('timestampVerificationData', readTimestamps) ?? [],
    content: readContent(whole),
  }
}

function readSigner(material: Message, version: SigstoreBundle['version']): SigstoreBundle['signer'] {
  const kinds = ['publicKey', 'x509CertificateChain', 'certificate'].filter((kind) => material.has(kind))
  if (kinds.length !== 1) material.fail('needs exactly one of publicKey, certificate and x509CertificateChain')
  if (material.has('publicKey')) {
    const hint = new Message(material.get('publicKey'), ['hint']).optional('hint', (one) => one.string(1024))
    return { kind: 'key', hint: hint === '' ? null : hint }
  }
  if (material.has('certificate')) return { kind: 'certificate', chain: [readDer(material.get('certificate'))] }
  // Since v0.3 what leads from the signer's certificate to a root comes from the verifier alone.
  if (version === '0.3') material.fail('holds a certificate chain, which v0.3 bundles do not have')
  const chain = new Message(material.get('x509CertificateChain'), ['certificates']).list(
    'certificates',
    MAX_CERTIFICATES,
  )
  if (chain.length === 0) material.get('x509CertificateChain').fail('is empty')
  return { kind: 'certificate', chain: chain.map(readDer) }
}

function readDer(shape: Shape): Uint8Array {
  return new Message(shape, ['rawBytes']).bytes('rawBytes', MAX_DER)
}

function readTimestamps(shape: Shape): Uint8Array[] {
  const list = new Message(shape, ['rfc3161Timestamps']).list('rfc3161Timestamps', MAX_TIMESTAMPS)
  return list.map((item) => new Message(item, ['signedTimestamp']).bytes('signedTimestamp', MAX_DER))
}

function readContent(whole: Message): SigstoreContent {
  if (whole.has('messageSignature') === whole.has('dsseEnvelope')) {
    whole.fail('needs exactly one of messageSignature and dsseEnvelope')
  }
  if (whole.has('dsseEnvelope')) {
    return { kind: 'dsse', envelope: readEnvelope(whole.get('dsseEnvelope').members(), PAYLOAD_TYPE) }
  }
  const message = new Message(whole.get('messageSignature'), ['messageDigest', 'signature'])
  const text = message.get('signature').string(MAX_SIGNATURE_TEXT)
  const signature = fromBase64(text)
  if (signature.length === 0) throw new CodedError(CODE, 'the signature is empty')
  return { kind: 'message', signature, digest: message.optional('messageDigest', readDigest) }
}

function readDigest(shape: Shape): Uint8Array {
  const digest = new Message(shape, ['algorithm', 'digest'])
  digest.get('algorithm').exactly('SHA2_256')
  const bytes = digest.bytes('digest', 64)
  if (bytes.length !== 32) shape.fail('is no SHA-256')
  return bytes
}
