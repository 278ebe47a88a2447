import { CodedError, utf8 } from '@countersign/core'
import {
  context,
  der,
  derBits,
  derNumber,
  derOctets,
  derOid,
  derSequence,
  derSet,
  derTrue,
  derUnsigned,
  TAG,
} from './der.ts'

const CODE = 'certificate-invalid'
/** Longest text of a name (RFC 5280, appendix A.1: ub-organization-name, ub-common-name). */
const MAX_NAME = 64

/** A certificate of an authority to be, its own or one below it. */
export interface CaCertificate {
  /** Big-endian, unsigned. */
  readonly serial: Uint8Array
  /** DER of the names; of a root they are the same. */
  readonly issuer: Uint8Array
  readonly subject: Uint8Array
  /** Milliseconds since 1970, whole seconds; written as GeneralizedTime from 2050 on. */
  readonly notBefore: number
  readonly notAfter: number
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array
  readonly subjectKeyId: Uint8Array
  readonly issuerKeyId: Uint8Array
  /** How many authorities may be below it. */
  readonly pathLength: number
  /** What those whom it certifies may do; empty where it does not say. */
  readonly purposes: readonly string[]
  /** AlgorithmIdentifier of its issuer's signature, DER. */
  readonly algorithm: Uint8Array
}

/** AlgorithmIdentifier of ECDSA with SHA-256 (RFC 5758 §3.2). */
export const ECDSA_SHA256 = derSequence(derOid('1.2.840.10045.4.3.2'))

/** The TBSCertificate (RFC 5280 §4.1.2) of an authority: for signing certificates and lists of revoked ones. */
export function caTbs(certificate: CaCertificate): Uint8Array {
  const { serial, issuer, subject, spki, subjectKeyId, issuerKeyId, pathLength, purposes, algorithm } = certificate
  const extension = (oid: string, critical: boolean, value: Uint8Array) =>
    derSequence(derOid(oid), ...(critical ? [derTrue()] : []), derOctets(value))
  const extensions = [
    extension('2.5.29.19', true, derSequence(derTrue(), derNumber(pathLength))),
    // keyCertSign and cRLSign, one bit unused.
    extension('2.5.29.15', true, der(TAG.bitString, Uint8Array.of(1, 0x06))),
    ...(purposes.length === 0 ? [] : [extension('2.5.29.37', false, derSequence(...purposes.map(derOid)))]),
    extension('2.5.29.14', false, derOctets(subjectKeyId)),
    extension('2.5.29.35', false, derSequence(der(context(0, false), issuerKeyId))),
  ]
  return derSequence(
    der(context(0), derNumber(2)),
    derUnsigned(serial),
    algorithm,
    issuer,
    derSequence(time(certificate.notBefore), time(certificate.notAfter)),
    subject,
    spki,
    der(context(3), derSequence(...extensions)),
  )
}

/** A signed one. */
export function writeCaCertificate(tbs: Uint8Array, algorithm: Uint8Array, signature: Uint8Array): Uint8Array {
  return derSequence(tbs, algorithm, derBits(signature))
}

/** A name of an organisation and a common name (RFC 5280 §4.1.2.4), each cut after 64 characters. */
export function distinguishedName(organization: string, commonName: string): Uint8Array {
  const part = (oid: string, text: string) =>
    derSet(derSequence(derOid(oid), der(TAG.utf8String, utf8([...text].slice(0, MAX_NAME).join('')))))
  return derSequence(part('2.5.4.10', organization), part('2.5.4.3', commonName))
}

/** RFC 5280 §4.1.2.5. */
function time(milliseconds: number): Uint8Array {
  if (!Number.isSafeInteger(milliseconds) || milliseconds % 1000 !== 0 || milliseconds <= 0) {
    throw new CodedError(CODE, 'a time is not in whole seconds')
  }
  const text = `${new Date(milliseconds).toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`
  return text < '2050' ? der(TAG.utcTime, utf8(text.slice(2))) : der(TAG.generalizedTime, utf8(text))
}
