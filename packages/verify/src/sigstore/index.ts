export { type SigstoreInput, verifySigstoreBundle } from './verify.ts'
export {
  parseSigstoreTrust,
  type SigstoreTimestampAuthority,
  type SigstoreTrust,
} from './trusted-root.ts'
export type {
  ArtifactDigests,
  ProvenEntry,
  SigstorePolicy,
  SigstoreThresholds,
  TrustedTime,
  VerifiedBundle,
} from './types.ts'
