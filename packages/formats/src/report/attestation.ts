import { fromBase64, fromHex, hex, type JsonObject, type JsonValue, parseJson } from '@countersign/core'
import { looseOf } from '../anchor/signing-config.ts'
import { MAX_BUNDLE_BYTES, PAYLOAD_TYPE } from '../constants.ts'
import { Shape } from '../shape.ts'
import { readSigstoreBundle, type SigstoreBundle } from '../sigstore/bundle.ts'
import type { DigestSet } from '../statement.ts'
import { certificateInBase64, readCosignBundle } from './cosign.ts'
import type { Reader } from './document.ts'
import { readLink } from './link.ts'
import { readPredicate } from './predicate.ts'
import { factText, textOf } from './reading.ts'
import type { Report } from './report.ts'

/** One signature of an envelope, with what some tools (witness) put beside it. */
export interface ForeignSignature {
  readonly signature: Uint8Array
  /** DER of certificates, the signer's first; none for a key. */
  readonly chain: readonly Uint8Array[]
  /** RFC 3161 TimeStampResp, DER. */
  readonly timestamps: readonly Uint8Array[]
}

/** A DSSE envelope of anybody's, with as many signatures as it has. Nothing in it is verified. */
export interface ForeignEnvelope {
  readonly payloadType: string
  readonly payload: Uint8Array
  readonly signatures: readonly ForeignSignature[]
}

/** How a statement came, and so how its signature is verified. */
export type Attestation =
  /** What cosign wrote before there were bundles is read as one of v0.1. */
  | { readonly form: 'sigstore-bundle' | 'cosign'; readonly bundle: SigstoreBundle }
  | { readonly form: 'dsse'; readonly envelope: ForeignEnvelope }
  /** Link metadata of in-toto 0.9 and 1.0: signed over its canonical JSON. */
  | { readonly form: 'link'; readonly signed: JsonObject; readonly signatures: readonly Uint8Array[] }
  /** By itself: nobody signed it. */
  | { readonly form: 'statement' }

const CODE = 'report-invalid'
const STATEMENT_TYPES = ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1'] as const
const BUNDLE = 'application/vnd.dev.sigstore.bundle'
const MAX_SUBJECTS = 10_000
const MAX_SIGNATURES = 64
const MAX_DER = 131_072

const bundle: Reader = {
  name: 'a Sigstore bundle',
  is: (given) => textOf(given['mediaType']).startsWith(BUNDLE),
  read: (given) =>
    bundled({ form: 'sigstore-bundle', bundle: readSigstoreBundle(given) }, given['mediaType'] as string),
}

const cosign: Reader = {
  name: 'a bundle of cosign',
  is: (given) => Object.hasOwn(given, 'base64Signature'),
  read: (given) => bundled({ form: 'cosign', bundle: readCosignBundle(given) }, 'application/json'),
}

const dsse: Reader = {
  name: 'a DSSE envelope',
  is: (given) => Object.hasOwn(given, 'payloadType'),
  read(given) {
    const envelope = readForeignEnvelope(new Shape(CODE, given, 'envelope'))
    return reportOf(envelope.payload, { form: 'dsse', envelope }, 'application/vnd.in-toto+dsse')
  },
}

const link: Reader = {
  name: 'in-toto link metadata',
  is: (given) => Object.hasOwn(given, 'signed'),
  read(given) {
    const it = new Shape(CODE, given, 'link').object(['signed', 'signatures'])
    const signatures = it
      .get('signatures')
      .array(MAX_SIGNATURES)
      .map((one) => fromHex(looseOf(one, ['sig']).text('sig', 8192)))
    const signed = it.get('signed').members()
    const { about, facts } = readLink(it.get('signed'))
    const attestation: Attestation = { form: 'link', signed, signatures }
    return { type: 'link', mediaType: 'application/json', about, facts: { form: 'link', ...facts }, attestation }
  },
}

const statement: Reader = {
  name: 'an in-toto statement',
  is: (given) => Object.hasOwn(given, '_type'),
  read: (given) => readStatement(given, { form: 'statement' }, PAYLOAD_TYPE),
}

/** Statements about artifacts, and how they are signed. */
export const ATTESTATIONS: readonly Reader[] = [bundle, cosign, dsse, link, statement]

function bundled(attestation: Extract<Attestation, { readonly bundle: SigstoreBundle }>, mediaType: string): Report {
  const { content } = attestation.bundle
  if (content.kind === 'dsse') return reportOf(content.envelope.payload, attestation, mediaType)
  const { digest } = content
  return {
    type: 'signature',
    mediaType,
    about: digest === null ? [] : [{ sha256: hex(digest) }],
    facts: { form: attestation.form },
    attestation,
  }
}

function reportOf(payload: Uint8Array, attestation: Attestation, mediaType: string): Report {
  const value = parseJson(payload, { maxBytes: MAX_BUNDLE_BYTES })
  const shape = new Shape(CODE, value, 'statement')
  // in-toto signs its link metadata in envelopes too, as what it is.
  if (shape.members()['_type'] !== 'link') return readStatement(value, attestation, mediaType)
  const { about, facts } = readLink(shape)
  return { type: 'link', mediaType, about, facts: { form: attestation.form, ...facts }, attestation }
}

/** What is signed of an envelope must be a statement; other members of its signatures are their tools' own. */
function readForeignEnvelope(shape: Shape): ForeignEnvelope {
  const it = shape.object(['payload', 'payloadType', 'signatures'])
  const signatures = it.get('signatures').array(MAX_SIGNATURES)
  if (signatures.length === 0) it.get('signatures').fail('is empty')
  return {
    payloadType: it.exactly('payloadType', PAYLOAD_TYPE),
    payload: fromBase64(it.get('payload').string(MAX_BUNDLE_BYTES * 2)),
    signatures: signatures.map(readSignature),
  }
}

function readSignature(shape: Shape): ForeignSignature {
  const it = looseOf(shape, ['sig'])
  const signature = fromBase64(it.text('sig', 8192))
  if (signature.length === 0) it.get('sig').fail('is empty')
  const list = (key: string) => (it.has(key) && !it.isNull(key) ? it.get(key).array(8) : [])
  const own =
    it.has('certificate') && !it.isNull('certificate') ? [it.get('certificate'), ...list('intermediates')] : []
  const timestamps = list('timestamps').map((one) => {
    const stamp = looseOf(one, ['type', 'data'])
    stamp.exactly('type', 'tsp')
    return fromBase64(stamp.text('data', MAX_DER))
  })
  return { signature, chain: own.map((one) => certificateInBase64(one.text(MAX_DER))), timestamps }
}

function readStatement(value: JsonValue, attestation: Attestation, mediaType: string): Report {
  const shape = new Shape(CODE, value, 'statement')
  const it = shape.object(['_type', 'subject', 'predicateType', 'predicate'])
  it.exactly('_type', ...STATEMENT_TYPES)
  const subjects = it.get('subject').array(MAX_SUBJECTS)
  if (subjects.length === 0) it.get('subject').fail('is empty')
  const about = subjects.map(readSubject)
  const predicateType = it.text('predicateType', 512)
  const predicate = readPredicate(predicateType, it.get('predicate'))
  const told = factText(predicateType)
  return {
    type: predicate.type,
    mediaType,
    about,
    facts: { form: attestation.form, ...(told === null ? {} : { predicateType: told }), ...predicate.facts },
    attestation,
  }
}

/** Digests under any names; which of them count is for those who compare. */
function readSubject(shape: Shape): DigestSet {
  const digests = Object.entries(looseOf(shape, ['digest']).get('digest').members())
  if (digests.length === 0 || digests.length > 64) shape.fail('has no digest, or more than 64')
  for (const [, value] of digests)
    if (typeof value !== 'string' || value === '') shape.fail('has a digest that is no text')
  return Object.fromEntries(digests) as DigestSet
}
