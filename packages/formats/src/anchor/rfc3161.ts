import { base64, fromBase64, type JsonObject } from '@countersign/core'
import type { Shape } from '../shape.ts'
import { parseTimestampToken, type TimestampToken } from './cms.ts'
import { ANCHOR_MEDIA_TYPE } from './kinds.ts'
import { type Certificate, parseCertificate } from '../x509/x509.ts'

/** Most certificates beside a token. */
const MAX_CERTIFICATES = 8

/** A timestamp authority's word that it had a statement's hash at a time. Nothing in it is verified. */
export interface Rfc3161Anchor {
  readonly kind: 'rfc3161'
  /** SHA-256 of the statement's text, hex. */
  readonly statement: string
  readonly token: TimestampToken
  /** What it takes to verify the token and is not inside it; most often nothing. */
  readonly certificates: readonly Certificate[]
}

/** The anchor in its JSON (SPEC.md §14). */
export function rfc3161Json({ statement, token, certificates }: Rfc3161Anchor): JsonObject {
  return {
    mediaType: ANCHOR_MEDIA_TYPE,
    kind: 'rfc3161',
    statement,
    token: base64(token.der),
    certificates: certificates.map(({ der }) => base64(der)),
  }
}

/** Reads the whole object. Throws `anchor-invalid`, `base64-invalid` and what the shape throws. */
export function readRfc3161(it: Shape): Rfc3161Anchor {
  const object = it.object(['mediaType', 'kind', 'statement', 'token', 'certificates'])
  object.exactly('mediaType', ANCHOR_MEDIA_TYPE)
  object.exactly('kind', 'rfc3161')
  return {
    kind: 'rfc3161',
    statement: object.hex('statement', 64),
    token: parseTimestampToken(fromBase64(object.get('token').string())),
    certificates: object
      .get('certificates')
      .array(MAX_CERTIFICATES)
      .map((one) => parseCertificate(fromBase64(one.string()), 'anchor-invalid')),
  }
}
