export type { AnchorProved } from './proved.ts'
export {
  accuracyOf,
  DEFAULT_SKEW,
  type Rfc3161Trust,
  type TrustedAuthority,
  type VerifiedTimestamp,
  verifyRfc3161,
  verifyTimestamp,
} from './rfc3161.ts'
export { type CertificateCrypto, type Scheme, verifySignature } from './signature.ts'
