import { createHash, createPrivateKey, sign } from 'node:crypto'
import { STEP } from './step.ts'
import { mutated, type Mutation, type Topic } from './topic.ts'

const TYPE = 'application/vnd.in-toto+json'
const V01 = 'application/vnd.dev.sigstore.bundle+json;version=0.1'
const V02 = 'application/vnd.dev.sigstore.bundle+json;version=0.2'

/** RFC 8032 §7.1, test 1: a key everybody has. */
const SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
export const SPKI = '302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
export const PRIVATE = createPrivateKey({
  key: Buffer.from(`302e020100300506032b657004220420${SEED}`, 'hex'),
  format: 'der',
  type: 'pkcs8',
})

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex')

/** The step vector's statement in canonical form, and the bytes its signature covers. */
const payload = Buffer.from(canonical(STEP), 'utf8')
export const pae = Buffer.concat([Buffer.from(`DSSEv1 ${TYPE.length} ${TYPE} ${payload.length} `), payload])
const signature = sign(null, pae, PRIVATE)
const keyId = sha256(Buffer.from(SPKI, 'hex'))

/** Enough of RFC 8785 for a document of ASCII keys, small integers and plain text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
}

/** The signed step: what receipts and chain files of the vectors are about. */
export const BUNDLE = {
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  verificationMaterial: { publicKey: { hint: keyId } },
  dsseEnvelope: {
    payload: payload.toString('base64'),
    payloadType: TYPE,
    signatures: [{ sig: signature.toString('base64') }],
  },
}

const bad = 'bundle-invalid'
const der = Buffer.from('3003020101', 'hex').toString('base64')
const certificate = { rawBytes: der }
const entry = { logIndex: '7', logId: { keyId: 'AAAA' }, canonicalizedBody: 'e30=' }
const one = { sig: signature.toString('base64') }
const times = (n: number, item: unknown) => Array.from({ length: n }, () => item)

const MUTATIONS: readonly Mutation[] = [
  ['whole-null', '', null, bad],
  ['whole-array', '', [BUNDLE], bad],
  ['whole-empty', '', {}, bad],
  ['unknown-field', 'note', 'x', bad],
  ['unknown-field-null', 'messageDigest', null, bad],
  ['media-type-missing', 'mediaType', undefined, bad],
  ['media-type-null', 'mediaType', null, bad],
  ['media-type-empty', 'mediaType', '', 'bundle-version'],
  ['media-type-v0.3-old-form', 'mediaType', 'application/vnd.dev.sigstore.bundle+json;version=0.3', null],
  ['media-type-v0.1', 'mediaType', V01, null],
  ['media-type-v0.2', 'mediaType', V02, null],
  ['media-type-v0.4', 'mediaType', 'application/vnd.dev.sigstore.bundle.v0.4+json', 'bundle-version'],
  ['media-type-v1', 'mediaType', 'application/vnd.dev.sigstore.bundle.v1+json', 'bundle-version'],
  ['media-type-v0.30', 'mediaType', 'application/vnd.dev.sigstore.bundle.v0.30+json', 'bundle-version'],
  ['media-type-no-version', 'mediaType', 'application/vnd.dev.sigstore.bundle+json', 'bundle-version'],
  ['media-type-space', 'mediaType', `${BUNDLE.mediaType} `, 'bundle-version'],
  ['media-type-json', 'mediaType', 'application/json', 'bundle-version'],
  ['message-signature', 'messageSignature', { signature: 'AAAA' }, bad],
  ['material-missing', 'verificationMaterial', undefined, bad],
  ['material-null', 'verificationMaterial', null, bad],
  ['material-empty', 'verificationMaterial', {}, bad],
  ['material-unknown-field', 'verificationMaterial.note', 'x', bad],
  ['material-snake-case', 'verificationMaterial.tlog_entries', [], bad],
  ['material-key-and-certificate', 'verificationMaterial.certificate', certificate, bad],
  ['key-null', 'verificationMaterial.publicKey', null, bad],
  ['key-no-hint', 'verificationMaterial.publicKey', {}, null],
  ['key-empty-hint', 'verificationMaterial.publicKey.hint', '', null],
  ['key-other-hint', 'verificationMaterial.publicKey.hint', 'SHA256:somebody', null],
  ['key-hint-null', 'verificationMaterial.publicKey.hint', null, bad],
  ['key-hint-number', 'verificationMaterial.publicKey.hint', 1, bad],
  ['key-hint-too-long', 'verificationMaterial.publicKey.hint', 'h'.repeat(1025), bad],
  ['key-raw-bytes', 'verificationMaterial.publicKey.rawBytes', der, bad],
  ['certificate', 'verificationMaterial', { certificate }, null],
  ['certificate-empty', 'verificationMaterial', { certificate: {} }, bad],
  ['certificate-no-bytes', 'verificationMaterial', { certificate: { rawBytes: '' } }, bad],
  [
    'certificate-lax-base64',
    'verificationMaterial',
    { certificate: { rawBytes: der.replace('=', '') } },
    'base64-invalid',
  ],
  ['certificate-unknown-field', 'verificationMaterial', { certificate: { ...certificate, pem: '' } }, bad],
  ['certificate-chain', 'verificationMaterial', { x509CertificateChain: { certificates: [certificate] } }, bad],
  ['v0.1-certificate', '', { ...BUNDLE, mediaType: V01, verificationMaterial: { certificate } }, bad],
  [
    'v0.1-certificate-chain',
    '',
    { ...BUNDLE, mediaType: V01, verificationMaterial: { x509CertificateChain: { certificates: [certificate] } } },
    null,
  ],
  [
    'v0.2-certificate-chain-empty',
    '',
    { ...BUNDLE, mediaType: V02, verificationMaterial: { x509CertificateChain: { certificates: [] } } },
    bad,
  ],
  [
    'v0.2-certificate-chain-of-9',
    '',
    {
      ...BUNDLE,
      mediaType: V02,
      verificationMaterial: { x509CertificateChain: { certificates: times(9, certificate) } },
    },
    bad,
  ],
  ['tlog-entries-empty', 'verificationMaterial.tlogEntries', [], null],
  ['tlog-entries-one', 'verificationMaterial.tlogEntries', [entry], null],
  ['tlog-entries-null', 'verificationMaterial.tlogEntries', null, bad],
  ['tlog-entries-string', 'verificationMaterial.tlogEntries', ['x'], bad],
  ['tlog-entries-33', 'verificationMaterial.tlogEntries', times(33, entry), bad],
  ['timestamps-empty', 'verificationMaterial.timestampVerificationData', {}, null],
  ['timestamps-none', 'verificationMaterial.timestampVerificationData', { rfc3161Timestamps: [] }, null],
  [
    'timestamps-one',
    'verificationMaterial.timestampVerificationData',
    { rfc3161Timestamps: [{ signedTimestamp: der }] },
    null,
  ],
  ['timestamps-null', 'verificationMaterial.timestampVerificationData', null, bad],
  ['timestamps-unknown-field', 'verificationMaterial.timestampVerificationData', { rfc3161: [] }, bad],
  [
    'timestamps-lax-base64',
    'verificationMaterial.timestampVerificationData',
    { rfc3161Timestamps: [{ signedTimestamp: 'MAMCAQE' }] },
    'base64-invalid',
  ],
  [
    'timestamps-33',
    'verificationMaterial.timestampVerificationData',
    { rfc3161Timestamps: times(33, { signedTimestamp: der }) },
    bad,
  ],
  ['envelope-missing', 'dsseEnvelope', undefined, bad],
  ['envelope-null', 'dsseEnvelope', null, 'envelope-invalid'],
  ['envelope-array', 'dsseEnvelope', [], 'envelope-invalid'],
  ['envelope-unknown-field', 'dsseEnvelope.note', 'x', 'envelope-invalid'],
  ['payload-missing', 'dsseEnvelope.payload', undefined, 'envelope-invalid'],
  ['payload-null', 'dsseEnvelope.payload', null, 'envelope-invalid'],
  ['payload-object', 'dsseEnvelope.payload', {}, 'envelope-invalid'],
  ['payload-url-base64', 'dsseEnvelope.payload', '_-8=', 'base64-invalid'],
  ['payload-trailing-bits', 'dsseEnvelope.payload', 'e31=', 'base64-invalid'],
  ['payload-no-padding', 'dsseEnvelope.payload', 'e30', 'base64-invalid'],
  ['payload-newline', 'dsseEnvelope.payload', 'e30=\n', 'base64-invalid'],
  ['payload-type-missing', 'dsseEnvelope.payloadType', undefined, 'envelope-invalid'],
  ['payload-type-null', 'dsseEnvelope.payloadType', null, 'envelope-invalid'],
  ['payload-type-empty', 'dsseEnvelope.payloadType', '', 'payload-type'],
  ['payload-type-json', 'dsseEnvelope.payloadType', 'application/json', 'payload-type'],
  ['payload-type-upper-case', 'dsseEnvelope.payloadType', 'application/vnd.in-toto+JSON', 'payload-type'],
  ['payload-type-parameter', 'dsseEnvelope.payloadType', `${TYPE};charset=utf-8`, 'payload-type'],
  ['payload-type-space', 'dsseEnvelope.payloadType', ` ${TYPE}`, 'payload-type'],
  ['payload-type-not-ascii', 'dsseEnvelope.payloadType', 'application/vnd.in-t\u00f6to+json', 'payload-type'],
  ['signatures-missing', 'dsseEnvelope.signatures', undefined, 'envelope-invalid'],
  ['signatures-null', 'dsseEnvelope.signatures', null, 'envelope-invalid'],
  ['signatures-object', 'dsseEnvelope.signatures', one, 'envelope-invalid'],
  ['signatures-empty', 'dsseEnvelope.signatures', [], 'signature-missing'],
  ['signatures-two', 'dsseEnvelope.signatures', [one, { sig: 'AAAA' }], 'signature-count'],
  ['signatures-two-equal', 'dsseEnvelope.signatures', [one, one], 'signature-count'],
  ['signatures-two-aliased', 'dsseEnvelope.signatures', [one, { ...one, keyid: 'other' }], 'signature-count'],
  ['signatures-65', 'dsseEnvelope.signatures', times(65, { sig: '' }), 'envelope-invalid'],
  ['signature-null', 'dsseEnvelope.signatures.0', null, 'envelope-invalid'],
  ['signature-sig-missing', 'dsseEnvelope.signatures.0.sig', undefined, 'envelope-invalid'],
  ['signature-sig-null', 'dsseEnvelope.signatures.0.sig', null, 'envelope-invalid'],
  ['signature-sig-empty', 'dsseEnvelope.signatures.0.sig', '', 'signature-missing'],
  ['signature-sig-lax-base64', 'dsseEnvelope.signatures.0.sig', 'AAB=', 'base64-invalid'],
  ['signature-sig-too-long', 'dsseEnvelope.signatures.0.sig', 'A'.repeat(4100), 'envelope-invalid'],
  ['signature-keyid-empty', 'dsseEnvelope.signatures.0.keyid', '', null],
  ['signature-keyid-wrong', 'dsseEnvelope.signatures.0.keyid', 'somebody else', null],
  ['signature-keyid-null', 'dsseEnvelope.signatures.0.keyid', null, 'envelope-invalid'],
  ['signature-unknown-field', 'dsseEnvelope.signatures.0.cert', 'x', 'envelope-invalid'],
]

/** A step whose text has more bytes than characters, and what a signer covers who counts the latter. */
const notAscii = (() => {
  const { predicate } = STEP
  const invocation = { ...predicate.invocation, argv: ['npm', 'pack', 'caf\u00e9'] }
  const text = canonical({ ...STEP, predicate: { ...predicate, invocation } })
  const own = Buffer.from(text, 'utf8')
  const encoded = (length: number) => Buffer.concat([Buffer.from(`DSSEv1 ${TYPE.length} ${TYPE} ${length} `), own])
  return { payload: own, pae: encoded(own.length), inCharacters: encoded(text.length) }
})()

function signedOver(signed: Buffer, of: { readonly payload: Buffer; readonly pae: Buffer } = { payload, pae }): object {
  const bundle = {
    ...BUNDLE,
    dsseEnvelope: {
      payload: of.payload.toString('base64'),
      payloadType: TYPE,
      signatures: [{ sig: sign(null, signed, PRIVATE).toString('base64') }],
    },
  }
  return { bundle, spki: SPKI, pae: of.pae.toString('base64'), link: sha256(of.pae) }
}

export const bundles: Topic = {
  name: 'bundle',
  vectors: {
    ...mutated('bundle', BUNDLE, MUTATIONS),
    signed: signedOver(pae),
    'signed-not-ascii': signedOver(notAscii.pae, notAscii),
    'signed-not-ascii-length-in-characters': { ...signedOver(notAscii.inCharacters, notAscii), valid: false },
  },
}
