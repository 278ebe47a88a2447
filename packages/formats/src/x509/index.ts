export {
  type CaCertificate,
  caTbs,
  distinguishedName,
  ECDSA_SHA256,
  writeCaCertificate,
} from './ca-certificate.ts'
export { certificatePem, parseCertificates } from './certificate-text.ts'
export { type GenTime, readGenTime, readTime } from './der-time.ts'
export {
  type DerCode,
  type DerElement,
  DerReader,
  TAG,
  context,
  der,
  derBits,
  derNull,
  derNumber,
  derOctets,
  derOid,
  derSequence,
  derSet,
  derTrue,
  derUnsigned,
  parseDer,
} from './der.ts'
export {
  type AlgorithmId,
  type Certificate,
  type CertificateExtension,
  basicConstraints,
  commonName,
  extendedKeyUsage,
  keyUsage,
  parseCertificate,
  readAlgorithm,
  readExtensionList,
  readExtensions,
} from './x509.ts'
