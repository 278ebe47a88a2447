export {
  type CountersignAuthority,
  type FulcioAuthority,
  type TrustedAuthority,
  type TrustedCtLog,
} from './authority.ts'
export { CertificateCache } from './cache.ts'
export {
  type CertificateInput,
  type IdentityCrypto,
  MAX_CHAIN,
  type VerifiedCertificate,
  verifyCertificate,
} from './certificate.ts'
export { parseTrustedAuthorities } from './trusted-root.ts'
