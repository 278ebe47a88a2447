import { CodedError, utf8 } from '@countersign/core'
import {
  type AlgorithmId,
  type Certificate,
  context,
  der,
  derBits,
  derNumber,
  derOctets,
  derOid,
  DerReader,
  derSequence,
  derTrue,
  derUnsigned,
  parseCertificate,
  parseDer,
  readAlgorithm,
  TAG,
} from '../x509/index.ts'
import { type CertifiedIdentity, identityExtensions, identityOf, type NewExtension } from './extensions.ts'
import { ISSUANCE_PROOF_OID } from './identity.ts'
import { SCT_LIST_OID } from './sct.ts'

const CODE = 'certificate-invalid'
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'

/** How an authority signs. */
export type AuthorityAlgorithm = 'ecdsa-sha256' | 'ecdsa-sha384'

const ALGORITHMS: Readonly<Record<AuthorityAlgorithm, Uint8Array>> = {
  'ecdsa-sha256': derSequence(derOid('1.2.840.10045.4.3.2')),
  'ecdsa-sha384': derSequence(derOid('1.2.840.10045.4.3.3')),
}

/** A signing certificate to be. */
export interface SigningCertificate extends CertifiedIdentity {
  /** Big-endian, unsigned: 16 random bytes. */
  readonly serial: Uint8Array
  /** Subject of the authority's certificate, DER. */
  readonly issuer: Uint8Array
  /** Subject key identifier of the authority's certificate; null where it has none. */
  readonly issuerKeyId: Uint8Array | null
  readonly subjectKeyId: Uint8Array
  /** Milliseconds since 1970, whole seconds. */
  readonly notBefore: number
  readonly notAfter: number
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array
  readonly algorithm: AuthorityAlgorithm
}

/**
 * The TBSCertificate (RFC 5280 §4.1.2) of a signing certificate as Fulcio makes them: no subject but the alternative
 * name, for signatures of code alone, no CA. {@link withExtension} adds the proofs of issuance; {@link writeCertificate}
 * ends it. Throws `certificate-invalid` for what no reader would take.
 */
export function tbsCertificate(certificate: SigningCertificate): Uint8Array {
  const { serial, issuer, issuerKeyId, subjectKeyId, notBefore, notAfter, spki, algorithm } = certificate
  if (serial.length !== 16) throw new CodedError(CODE, 'the serial number has not 16 bytes')
  const extensions: NewExtension[] = [
    // digitalSignature alone: the first bit of one, seven unused.
    { oid: '2.5.29.15', critical: true, value: der(TAG.bitString, Uint8Array.of(7, 0x80)) },
    { oid: '2.5.29.37', critical: false, value: derSequence(derOid(CODE_SIGNING)) },
    { oid: '2.5.29.14', critical: false, value: derOctets(subjectKeyId) },
    ...(issuerKeyId === null
      ? []
      : [{ oid: '2.5.29.35', critical: false, value: derSequence(der(context(0, false), issuerKeyId)) }]),
    ...identityExtensions(certificate),
  ]
  const tbs = derSequence(
    der(context(0), derNumber(2)),
    derUnsigned(serial),
    ALGORITHMS[algorithm],
    issuer,
    derSequence(time(notBefore), time(notAfter)),
    derSequence(),
    spki,
    der(context(3), derSequence(...extensions.map(writeExtension))),
  )
  identityOf(parseCertificate(writeCertificate(tbs, algorithm, new Uint8Array(8)), CODE))
  return tbs
}

/** UTCTime to 2049, GeneralizedTime after (RFC 5280 §4.1.2.5). */
function time(milliseconds: number): Uint8Array {
  const whole = Number.isSafeInteger(milliseconds) && milliseconds % 1000 === 0 && milliseconds > 0
  if (!whole || milliseconds > 253_402_300_799_000) throw new CodedError(CODE, 'a time is not in whole seconds')
  const text = `${new Date(milliseconds).toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`
  return text < '2050' ? der(TAG.utcTime, utf8(text.slice(2))) : der(TAG.generalizedTime, utf8(text))
}

function writeExtension({ oid, critical, value }: NewExtension): Uint8Array {
  return derSequence(derOid(oid), ...(critical ? [derTrue()] : []), derOctets(value))
}

/** A TBSCertificate with its signature. */
export function writeCertificate(tbs: Uint8Array, algorithm: AuthorityAlgorithm, signature: Uint8Array): Uint8Array {
  return derSequence(tbs, ALGORITHMS[algorithm], derBits(signature))
}

/** The same TBSCertificate with one more extension at its end. Throws `certificate-invalid` where it has it already. */
export function withExtension(tbs: Uint8Array, extension: NewExtension): Uint8Array {
  const { head, extensions } = takeApart(tbs)
  if (extensions.some(({ oid }) => oid === extension.oid)) {
    throw new CodedError(CODE, `the certificate has the extension ${extension.oid} already`)
  }
  const list = [...extensions.map((one) => one.der), writeExtension(extension)]
  return derSequence(...head, der(context(3), derSequence(...list)))
}

/** What of a certificate was logged before the log's proof and the SCTs went into it: TBS₀ (SPEC.md §15). */
export function loggedTbs({ signed }: Pick<Certificate, 'signed'>): Uint8Array {
  return without(signed, [ISSUANCE_PROOF_OID, SCT_LIST_OID])
}

/** What an SCT is of: the TBSCertificate without its SCTs (RFC 6962 §3.2). */
export function precertTbs({ signed }: Pick<Certificate, 'signed'>): Uint8Array {
  return without(signed, [SCT_LIST_OID])
}

function without(tbs: Uint8Array, oids: readonly string[]): Uint8Array {
  const { head, extensions } = takeApart(tbs)
  const list = extensions.filter(({ oid }) => !oids.includes(oid)).map((one) => one.der)
  return derSequence(...head, ...(list.length === 0 ? [] : [der(context(3), derSequence(...list))]))
}

interface TbsParts {
  /** Everything before the extensions, each element whole. */
  readonly head: readonly Uint8Array[]
  readonly extensions: readonly { readonly oid: string; readonly der: Uint8Array }[]
}

function takeApart(tbs: Uint8Array): TbsParts {
  const what = 'the certificate'
  const elements = new DerReader(parseDer(tbs, what, CODE).der, what, CODE).sequence().all(10)
  const head = elements.filter(({ tag }) => tag !== context(3)).map((one) => one.der)
  const explicit = elements.find(({ tag }) => tag === context(3))
  if (explicit === undefined) return { head, extensions: [] }
  const outer = new DerReader(explicit.content, what, CODE)
  const list = outer.sequence()
  outer.end()
  const extensions = list.all(64).map((one) => ({
    oid: new DerReader(one.der, 'an extension', CODE).sequence().oid(),
    der: one.der,
  }))
  return { head, extensions }
}

/** A certification request (PKCS #10, RFC 2986), taken apart. Its signature is not verified. */
export interface CertificateRequest {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array
  /** What the key signed. */
  readonly signed: Uint8Array
  readonly algorithm: AlgorithmId
  readonly signature: Uint8Array
}

/** Request from its DER. What it asks to be called is not read: the issuer of the token says that. Throws `certificate-invalid`. */
export function parseCertificateRequest(bytes: Uint8Array): CertificateRequest {
  const what = 'the certificate request'
  const outer = new DerReader(parseDer(new Uint8Array(bytes), what, CODE).der, what, CODE).sequence()
  const info = outer.next(TAG.sequence)
  const algorithm = readAlgorithm(outer)
  const signature = outer.bits()
  outer.end()
  const inside = new DerReader(info.content, what, CODE)
  inside.number(0)
  inside.next(TAG.sequence)
  const spki = inside.next(TAG.sequence).der
  inside.next(context(0))
  inside.end()
  return { spki, signed: info.der, algorithm, signature }
}
