import { base64, CodedError, fromBase64, fromUtf8 } from '@countersign/core'
import type { DerCode } from './der.ts'
import { type Certificate, parseCertificate } from './x509.ts'

const MAX_TEXT = 262_144
const MAX_CERTIFICATES = 16
const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'

/** A certificate as PEM text (RFC 7468), ending in a newline. */
export function certificatePem(der: Uint8Array): string {
  return `${BEGIN}\n${base64(der)
    .match(/.{1,64}/g)!
    .join('\n')}\n${END}\n`
}

/**
 * Certificates from PEM text (RFC 7468), at least one; what stands between them is for people and is skipped. Throws
 * `code`, `base64-invalid` and `utf8-invalid`.
 */
export function parseCertificates(text: string | Uint8Array, code: DerCode): Certificate[] {
  if (text.length > MAX_TEXT) throw new CodedError(code, 'the certificates are too long')
  const source = typeof text === 'string' ? text : fromUtf8(text)
  const [, ...blocks] = source.split(BEGIN)
  if (blocks.length === 0) throw new CodedError(code, 'there is no certificate in PEM')
  if (blocks.length > MAX_CERTIFICATES) {
    throw new CodedError(code, `there are more than ${MAX_CERTIFICATES} certificates`)
  }
  return blocks.map((block) => {
    const end = block.indexOf(END)
    if (end < 0) throw new CodedError(code, 'a certificate in PEM does not end')
    return parseCertificate(fromBase64(block.slice(0, end).replace(/[ \t\r\n]+/g, '')), code)
  })
}
