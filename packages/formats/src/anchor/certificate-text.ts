import { CodedError, fromBase64, fromUtf8 } from '@countersign/core'
import { type Certificate, parseCertificate } from './x509.ts'

const MAX_TEXT = 262_144
const MAX_CERTIFICATES = 16
const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'

/**
 * Certificates from PEM text (RFC 7468), at least one; what stands between them is for people and is skipped. Throws
 * `anchor-invalid`, `base64-invalid` and `utf8-invalid`.
 */
export function parseCertificates(text: string | Uint8Array): Certificate[] {
  if (text.length > MAX_TEXT) throw new CodedError('anchor-invalid', 'the certificates are too long')
  const source = typeof text === 'string' ? text : fromUtf8(text)
  const [, ...blocks] = source.split(BEGIN)
  if (blocks.length === 0) throw new CodedError('anchor-invalid', 'there is no certificate in PEM')
  if (blocks.length > MAX_CERTIFICATES) {
    throw new CodedError('anchor-invalid', `there are more than ${MAX_CERTIFICATES} certificates`)
  }
  return blocks.map((block) => {
    const end = block.indexOf(END)
    if (end < 0) throw new CodedError('anchor-invalid', 'a certificate in PEM does not end')
    return parseCertificate(fromBase64(block.slice(0, end).replace(/[ \t\r\n]+/g, '')))
  })
}
