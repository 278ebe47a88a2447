import { CodedError, concat, equal, hex } from '@countersign/core'
import { context, DerReader, type DerElement, parseDer, TAG } from '../x509/der.ts'
import { OID_SHA256, parseTimestampInfo, type TimestampInfo } from './timestamp.ts'
import { type AlgorithmId, type Certificate, parseCertificate, readAlgorithm } from '../x509/x509.ts'

const CODE = 'anchor-invalid'

const OID = {
  signedData: '1.2.840.113549.1.7.2',
  timestampInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const
const OID_SHA1 = '1.3.14.3.2.26'

/** Most certificates in one token. */
const MAX_CERTIFICATES = 16

/** Who signed, as the signature's author names the certificate. */
export type SignerId =
  | { readonly issuer: Uint8Array; readonly serial: string; readonly subjectKeyId: null }
  | { readonly issuer: null; readonly serial: null; readonly subjectKeyId: string }

/** A hash of the certificate that signed (RFC 5035 §3 and 4), which is itself signed. */
export interface SigningCertificate {
  /** Object identifier of the hash. */
  readonly hash: string
  readonly digest: Uint8Array
}

/** A TimeStampToken (RFC 3161 §2.4.2): CMS SignedData (RFC 5652 §5) of one signer, taken apart. Nothing is verified. */
export interface TimestampToken {
  readonly der: Uint8Array
  readonly info: TimestampInfo
  /** The bytes of the TSTInfo, which `messageDigest` covers. */
  readonly content: Uint8Array
  /** Certificates that came along and can be read. Anybody on the way can put more there: they are not signed. */
  readonly certificates: readonly Certificate[]
  readonly signer: {
    readonly id: SignerId
    readonly digest: AlgorithmId
    /** The attributes as the signature covers them: DER of the SET OF, in the order that they came in. */
    readonly signed: Uint8Array
    readonly messageDigest: Uint8Array
    /** What the attributes name the signing certificate by, the newer attribute first; at least one. */
    readonly certificates: readonly SigningCertificate[]
    readonly algorithm: AlgorithmId
    readonly signature: Uint8Array
  }
}

/**
 * Token from its DER. What authorities really send and DER forbids is read all the same, because no byte of it is ever
 * written again: certificates and signed attributes in any order, FALSE written out where it is the default, zeros at
 * the end of a fraction of a second. Indefinite lengths, BER's strings in pieces and lengths with leading zeros are
 * refused. Throws `anchor-invalid`.
 */
export function parseTimestampToken(bytes: Uint8Array): TimestampToken {
  const what = 'the token'
  // A copy: what was checked cannot change under the holder.
  const whole = parseDer(new Uint8Array(bytes), what, CODE)
  const outer = new DerReader(whole.der, what, CODE).sequence()
  if (outer.oid() !== OID.signedData) outer.fail('is not signed data')
  const explicit = outer.inside(context(0))
  outer.end()
  const data = explicit.sequence()
  explicit.end()

  data.number(5)
  data.next(TAG.set)
  const encapsulated = data.sequence()
  if (encapsulated.oid() !== OID.timestampInfo) encapsulated.fail('does not hold a time-stamp')
  const wrapped = encapsulated.inside(context(0))
  encapsulated.end()
  const content = wrapped.octets()
  wrapped.end()
  const certificates = readCertificates(data.optional(context(0)))
  // Revocation lists: not signed either, and not used.
  data.optional(context(1))
  const signers = data.inside(TAG.set)
  data.end()
  const signer = readSigner(signers.sequence('the signer'))
  if (!signers.done) signers.fail('has more than one signer')
  return { der: whole.der, info: parseTimestampInfo(content), content, certificates, signer }
}

/**
 * Certificates that are none are left out, not refused: whoever put one there could otherwise make a good token
 * unreadable. What the signature hangs on is found by its hash.
 */
function readCertificates(element: DerElement | null): Certificate[] {
  if (element === null) return []
  const certificates: Certificate[] = []
  for (const { der } of new DerReader(element.content, 'the list of certificates', CODE).all(MAX_CERTIFICATES)) {
    try {
      certificates.push(parseCertificate(der, CODE))
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
    }
  }
  return certificates
}

function readSigner(reader: DerReader): TimestampToken['signer'] {
  const version = reader.number(3)
  if (version !== 1 && version !== 3) reader.fail('is of no known version')
  const id = readSignerId(reader)
  const digest = readAlgorithm(reader)
  const attributes = reader.next(context(0))
  const algorithm = readAlgorithm(reader)
  const signature = reader.octets()
  reader.optional(context(1))
  reader.end()
  return {
    id,
    digest,
    // RFC 5652 §5.4: the tag that is signed is that of SET OF, not the implicit one that is sent.
    signed: concat(Uint8Array.of(TAG.set), attributes.der.subarray(1)),
    ...readAttributes(attributes),
    algorithm,
    signature,
  }
}

function readSignerId(reader: DerReader): SignerId {
  const keyId = reader.optional(context(0, false))
  if (keyId !== null) return { issuer: null, serial: null, subjectKeyId: hex(keyId.content) }
  const inside = reader.sequence()
  const issuer = inside.next(TAG.sequence).der
  const serial = hex(inside.integer())
  inside.end()
  return { issuer, serial, subjectKeyId: null }
}

function readAttributes(element: DerElement): Pick<TimestampToken['signer'], 'messageDigest' | 'certificates'> {
  const list = new DerReader(element.content, 'the set of signed attributes', CODE)
  const values = new Map<string, DerElement>()
  for (const { tag, content } of list.all(32)) {
    if (tag !== TAG.sequence) list.fail('holds something else')
    const attribute = new DerReader(content, 'a signed attribute', CODE)
    const oid = attribute.oid()
    const set = attribute.inside(TAG.set)
    attribute.end()
    if (values.has(oid)) list.fail(`holds ${oid} twice`)
    const value = set.any()
    values.set(oid, value)
    // Which of several values counts would be for each reader to choose.
    if (Object.values<string>(OID).includes(oid)) set.end()
  }
  const valueOf = (oid: string, name: string) => values.get(oid) ?? list.fail(`lacks the ${name}`)
  const type = valueOf(OID.contentType, 'content type')
  if (type.tag !== TAG.oid || list.oidOf(type) !== OID.timestampInfo) list.fail('is about something else')
  const digest = valueOf(OID.messageDigest, 'message digest')
  if (digest.tag !== TAG.octetString) list.fail('has a message digest that is none')
  const newer = values.get(OID.signingCertificateV2)
  const older = values.get(OID.signingCertificate)
  const certificates = [
    ...(newer === undefined ? [] : [readSigningCertificate(newer, OID_SHA256)]),
    ...(older === undefined ? [] : [readSigningCertificate(older, null)]),
  ]
  if (certificates.length === 0) list.fail('does not name the signing certificate')
  return { messageDigest: digest.content, certificates }
}

/**
 * The first certificate of a SigningCertificateV2, or with `standard` null of a SigningCertificate, whose hash is
 * SHA-1. Issuer and serial number beside the hash say nothing more: the hash covers both.
 */
function readSigningCertificate(value: DerElement, standard: string | null): SigningCertificate {
  const what = 'the signing certificate'
  const first = new DerReader(value.der, what, CODE).sequence().sequence().sequence()
  const algorithm = standard === null ? null : first.optional(TAG.sequence)
  const digest = first.octets()
  first.optional(TAG.sequence)
  first.end()
  return {
    hash: algorithm === null ? (standard ?? OID_SHA1) : readAlgorithm(new DerReader(algorithm.der, what, CODE)).oid,
    digest,
  }
}

/** Whether this is the certificate that a signature's author names. */
export function isNamedBy(certificate: Certificate, id: SignerId): boolean {
  if (id.issuer !== null) return certificate.serial === id.serial && equal(certificate.issuer, id.issuer)
  const extension = certificate.extensions.get('2.5.29.14')
  if (extension === undefined) return false
  return hex(new DerReader(extension.value, 'the key identifier', CODE).octets()) === id.subjectKeyId
}
