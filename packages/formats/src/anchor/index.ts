export { ANCHOR_MEDIA_TYPE, type AnchorKind, ANCHOR_KINDS, MAX_ANCHOR_BYTES } from './kinds.ts'
export {
  isNamedBy,
  parseTimestampToken,
  type SignerId,
  type SigningCertificate,
  type TimestampToken,
} from './cms.ts'
export { readRfc3161, type Rfc3161Anchor, rfc3161Json } from './rfc3161.ts'
export {
  type Accuracy,
  nonceHex,
  OID_SHA256,
  parseTimestampResponse,
  type TimestampInfo,
  type TimestampRequest,
  type TimestampResponse,
  writeTimestampRequest,
} from './timestamp.ts'
export {
  type AlgorithmId,
  basicConstraints,
  type Certificate,
  commonName,
  extendedKeyUsage,
  keyUsage,
  parseCertificate,
} from './x509.ts'
export { parseCertificates } from './certificate-text.ts'
export type { GenTime } from './der-time.ts'
export {
  context,
  der,
  derBits,
  type DerElement,
  derNull,
  derNumber,
  derOctets,
  derOid,
  DerReader,
  derSequence,
  derSet,
  derTrue,
  derUnsigned,
  parseDer,
  TAG,
} from './der.ts'
