import {
  base64,
  canonicalJson,
  CodedError,
  equal,
  fromBase64,
  fromUtf8,
  type JsonValue,
  parseJson,
  utf8,
} from '@countersign/core'
import { type ActOpening, parseActOpening } from './act-opening.ts'
import { MAX_SIGNATURE_TEXT } from './dsse.ts'
import { type ObjectShape, Shape } from './shape.ts'
import { MAX_TLOG_PROOF_BYTES, parseTlogProof, type TlogProof, writeTlogProof } from './tlog-proof.ts'

/** Signature of one party. Nothing in it is verified. */
export interface Endorsement {
  readonly signature: Uint8Array
  /** Key id of the key that it is said to be of: a hint; null where there is none. */
  readonly keyid: string | null
  /** DER of the certificate that it is signed under; null for a bare key. */
  readonly certificate: Uint8Array | null
  /** RFC 3161 TimeStampResp over the signature, DER. */
  readonly timestamps: readonly Uint8Array[]
}

/** That a log has an endorsed document, as it was signed by then. */
export interface ActProof {
  readonly opening: ActOpening
  /** Its extra data is the opening. */
  readonly proof: TlogProof
}

/** A document with the signatures of several parties: a DSSE envelope. Nothing in it is verified. */
export interface Endorsed {
  readonly payloadType: string
  readonly payload: Uint8Array
  /** Order has no meaning. */
  readonly endorsements: readonly Endorsement[]
  /** Null while no log has it. */
  readonly logged: ActProof | null
}

/** What endorsed documents of one kind are called, and how large they may be. */
export interface EndorsedKind {
  readonly mediaType: string
  readonly payloadType: string
  /** Most bytes of the payload. */
  readonly maxPayload: number
}

/** Most signatures of one document: as many as a contract may have maintainers. */
export const MAX_ENDORSEMENTS = 64
const MAX_CERTIFICATE_TEXT = 32_768
const MAX_TIMESTAMPS = 2
const MAX_TIMESTAMP_TEXT = 16_384
const CODE = 'envelope-invalid'

/** Most bytes of an endorsed document. */
export function maxEndorsedBytes({ maxPayload }: EndorsedKind): number {
  const each = MAX_SIGNATURE_TEXT + MAX_CERTIFICATE_TEXT + MAX_TIMESTAMPS * MAX_TIMESTAMP_TEXT + 512
  return Math.ceil(maxPayload / 3) * 4 + MAX_ENDORSEMENTS * each + MAX_TLOG_PROOF_BYTES + 2048
}

/** How a document of this kind begins, and none of another. */
export function endorsedStart({ mediaType }: EndorsedKind): string {
  return `{"mediaType":"${mediaType}",`
}

/**
 * Endorsed document from its bytes or text, which have one spelling: canonical JSON, a DSSE envelope with a media type.
 * Throws `envelope-invalid`, `payload-type`, `signature-missing`, `input-too-large`, `base64-invalid` and what strict JSON
 * reading and `parseTlogProof` throw.
 */
export function parseEndorsed(input: Uint8Array | string, kind: EndorsedKind): Endorsed {
  const most = maxEndorsedBytes(kind)
  if (input.length > most) throw new CodedError('input-too-large', `the document is larger than ${most} bytes`)
  const bytes = typeof input === 'string' ? utf8(input) : input
  const value = parseJson(bytes, { maxBytes: most })
  if (!equal(canonicalJson(value), bytes)) throw new CodedError(CODE, 'the document is not canonical JSON')
  const it = new Shape(CODE, value, 'document').object(['mediaType', 'payload', 'payloadType', 'signatures'], ['proof'])
  it.exactly('mediaType', kind.mediaType)
  const payloadType = it.get('payloadType').string(256)
  if (payloadType !== kind.payloadType) {
    throw new CodedError(
      'payload-type',
      `payload type ${JSON.stringify(payloadType.slice(0, 80))} is not ${kind.payloadType}`,
    )
  }
  const payload = fromBase64(it.get('payload').string(Math.ceil(kind.maxPayload / 3) * 4))
  if (payload.length > kind.maxPayload)
    throw new CodedError('input-too-large', `the payload exceeds ${kind.maxPayload} bytes`)
  const signatures = it.get('signatures').array(MAX_ENDORSEMENTS)
  if (signatures.length === 0) throw new CodedError('signature-missing', 'the document has no signature')
  return {
    payloadType,
    payload,
    endorsements: signatures.map((one) => readEndorsement(one.object(['sig'], ['certificate', 'keyid', 'timestamps']))),
    logged: it.has('proof') ? actProofOf(parseTlogProof(utf8(it.get('proof').string(MAX_TLOG_PROOF_BYTES)))) : null,
  }
}

/** Throws `envelope-invalid` where the proof opens nothing, and what `parseActOpening` throws. */
export function actProofOf(proof: TlogProof): ActProof {
  if (proof.extra === null) throw new CodedError(CODE, 'the proof has no opening')
  return { opening: parseActOpening(proof.extra), proof }
}

function readEndorsement(it: ObjectShape): Endorsement {
  const signature = fromBase64(it.get('sig').string(MAX_SIGNATURE_TEXT))
  if (signature.length === 0) throw new CodedError('signature-missing', 'a signature is empty')
  const timestamps = it.has('timestamps') ? it.get('timestamps').array(MAX_TIMESTAMPS) : []
  if (it.has('timestamps') && timestamps.length === 0) it.get('timestamps').fail('is empty')
  const certificate = it.has('certificate') ? fromBase64(it.get('certificate').string(MAX_CERTIFICATE_TEXT)) : null
  if (certificate?.length === 0) it.get('certificate').fail('is empty')
  return {
    signature,
    keyid: it.has('keyid') ? it.text('keyid', 1024) : null,
    certificate,
    timestamps: timestamps.map((one) => fromBase64(one.string(MAX_TIMESTAMP_TEXT))),
  }
}

/** The document in its one spelling, without a line end. Throws what `parseEndorsed` throws at what no reader would take. */
export function writeEndorsed({ payload, endorsements, logged }: Endorsed, kind: EndorsedKind): Uint8Array {
  const bytes = canonicalJson({
    mediaType: kind.mediaType,
    payload: base64(payload),
    payloadType: kind.payloadType,
    ...(logged === null ? {} : { proof: fromUtf8(writeTlogProof(logged.proof)) }),
    signatures: endorsements.map(writeEndorsement),
  })
  parseEndorsed(bytes, kind)
  return bytes
}

function writeEndorsement({ signature, keyid, certificate, timestamps }: Endorsement): JsonValue {
  return {
    sig: base64(signature),
    ...(keyid === null ? {} : { keyid }),
    ...(certificate === null ? {} : { certificate: base64(certificate) }),
    ...(timestamps.length === 0 ? {} : { timestamps: timestamps.map((one) => base64(one)) }),
  }
}
