export { CODEBUILD_BUILD_TAG } from './claims/aws.ts'
export { flatten } from './claims/flatten.ts'
export type { TokenRun, UpstreamTrigger } from './claims/reading.ts'
export {
  type ConfirmedFacts,
  type ConfirmedIdentity,
  confirmIdentity,
  type ProviderConfirmation,
  type ProviderRun,
} from './confirmation.ts'
export type { IssuerKey, TokenCrypto } from './crypto.ts'
export { MAX_CLAIMS_BYTES, MAX_TOKEN_CHARS, readToken, type UnverifiedToken } from './jws.ts'
export { type IssuerKeys, MAX_KEYS_BYTES, readIssuerKeys } from './keys.ts'
export {
  audienceOf,
  type ClaimRule,
  type Confirm,
  fitsRule,
  isIssuerUrl,
  isLoopback,
  type IssuerRule,
  readIssuerRule,
  type Switch,
} from './rule.ts'
export {
  type CiSystemName,
  CONFIRMED_SYSTEMS,
  type ConfirmedSystem,
  isSystemName,
  type JwsAlgorithm,
  SYSTEM_NAMES,
  type SystemName,
  SYSTEMS,
  type SystemTraits,
  type WorkloadName,
} from './systems.ts'
export { CLOCK_TOLERANCE, type TokenQuestion, type VerifiedToken, verifyIdentityToken } from './token.ts'
