import { hex } from '@countersign/core'
import {
  context,
  derNull,
  derNumber,
  DerReader,
  derOctets,
  derOid,
  derSequence,
  derTrue,
  derUnsigned,
  parseDer,
  TAG,
} from '../x509/der.ts'
import { type GenTime, readGenTime } from '../x509/der-time.ts'
import { type AlgorithmId, type CertificateExtension, readAlgorithm, readExtensionList } from '../x509/x509.ts'

const CODE = 'anchor-invalid'

export const OID_SHA256 = '2.16.840.1.101.3.4.2.1'

/** What an authority is asked to put a time to (RFC 3161 §2.4.1). */
export interface TimestampRequest {
  /** SHA-256, 32 bytes. */
  readonly imprint: Uint8Array
  /** Big-endian, unsigned; null for none. */
  readonly nonce: Uint8Array | null
  /** Whether the certificate that signs is to be in the answer. */
  readonly certificates: boolean
}

/** What an authority answered (RFC 3161 §2.4.2). */
export interface TimestampResponse {
  /** PKIStatus: 0 granted, 1 granted with modifications, 2 rejection, 3 waiting, 4 and 5 revocation. */
  readonly status: number
  /** Numbers of the bits of PKIFailureInfo, such as 14 for timeNotAvailable. */
  readonly failures: readonly number[]
  /** DER of the TimeStampToken; null where there is none. */
  readonly token: Uint8Array | null
}

/** How far a time can be off. */
export interface Accuracy {
  readonly seconds: number
  readonly milliseconds: number
  readonly microseconds: number
}

/** What the authority says (RFC 3161 §2.4.2, TSTInfo). */
export interface TimestampInfo {
  readonly policy: string
  readonly imprint: { readonly algorithm: AlgorithmId; readonly digest: Uint8Array }
  /** Hex of its two's complement. */
  readonly serial: string
  readonly time: GenTime
  readonly accuracy: Accuracy | null
  /** Hex of its two's complement; null for none. */
  readonly nonce: string | null
  readonly extensions: ReadonlyMap<string, CertificateExtension>
}

export function writeTimestampRequest({ imprint, nonce, certificates }: TimestampRequest): Uint8Array {
  return derSequence(
    derNumber(1),
    derSequence(derSequence(derOid(OID_SHA256), derNull()), derOctets(imprint)),
    ...(nonce === null ? [] : [derUnsigned(nonce)]),
    ...(certificates ? [derTrue()] : []),
  )
}

/** The nonce as a token repeats it: hex of the INTEGER. */
export function nonceHex(nonce: Uint8Array): string {
  return hex(new DerReader(derUnsigned(nonce), 'the nonce', CODE).integer())
}

/** Throws `anchor-invalid`. */
export function parseTimestampResponse(bytes: Uint8Array): TimestampResponse {
  const what = 'the answer'
  const outer = new DerReader(parseDer(bytes, what, CODE).der, what, CODE).sequence()
  const info = outer.sequence()
  const status = info.number(5)
  // What it says in words is for nobody: it is not bounded, and hostile.
  info.optional(TAG.sequence)
  const failure = info.optional(TAG.bitString)
  info.end()
  const token = outer.done ? null : outer.next(TAG.sequence).der
  outer.end()
  return { status, failures: failure === null ? [] : bitsOf(failure.content, outer), token }
}

function bitsOf(content: Uint8Array, reader: DerReader): number[] {
  if (content.length < 1 || content.length > 5) reader.fail('has a failure that is not a bit string')
  const bits: number[] = []
  for (let bit = 0; bit < (content.length - 1) * 8; bit++) {
    if ((content[1 + (bit >> 3)]! & (0x80 >> (bit & 7))) !== 0) bits.push(bit)
  }
  return bits
}

/** TSTInfo from its DER. Throws `anchor-invalid`, also for a critical extension: nobody here knows one. */
export function parseTimestampInfo(bytes: Uint8Array): TimestampInfo {
  const what = 'the time-stamp'
  const reader = new DerReader(parseDer(bytes, what, CODE).der, what, CODE).sequence()
  if (reader.number(255) !== 1) reader.fail('is not of version 1')
  const policy = reader.oid()
  const imprint = reader.sequence()
  const algorithm = readAlgorithm(imprint)
  const digest = imprint.octets()
  imprint.end()
  const serial = reader.integer()
  if (serial.length > 64) reader.fail('has a serial number that is too long')
  const time = readGenTime(reader)
  const accuracy = readAccuracy(reader)
  // Whether the authority's stamps are in order, which we ask of none.
  reader.flag()
  const nonce = reader.optional(TAG.integer)
  const number = nonce === null ? null : new DerReader(nonce.der, what, CODE).integer()
  if (number !== null && number.length > 64) reader.fail('has a nonce that is too long')
  reader.optional(context(0))
  const extensions = new Map<string, CertificateExtension>()
  const list = reader.optional(context(1))
  if (list !== null) readExtensionList(new DerReader(list.content, what, CODE), extensions, CODE)
  for (const [oid, { critical }] of extensions) if (critical) reader.fail(`has the critical extension ${oid}`)
  reader.end()
  return {
    policy,
    imprint: { algorithm, digest },
    serial: hex(serial),
    time,
    accuracy,
    nonce: number === null ? null : hex(number),
    extensions,
  }
}

function readAccuracy(reader: DerReader): Accuracy | null {
  const element = reader.optional(TAG.sequence)
  if (element === null) return null
  const inside = new DerReader(element.content, 'the accuracy', CODE)
  const part = (tag: number, max: number) => {
    const found = inside.optional(tag)
    return found === null ? 0 : new DerReader(found.der, 'the accuracy', CODE).number(max, tag)
  }
  const seconds = part(TAG.integer, 0x7fff_ffff)
  const milliseconds = part(context(0, false), 999)
  const microseconds = part(context(1, false), 999)
  inside.end()
  return { seconds, milliseconds, microseconds }
}
