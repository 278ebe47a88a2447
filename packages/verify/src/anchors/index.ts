export {
  type AnchorClaim,
  type Anchored,
  type AnchoredInput,
  type AnchoredStatement,
  type CoveredEntry,
  existedBy,
  type ProveAnchor,
  provenBy,
  type RefusedAnchor,
  verifyAnchored,
} from './anchored.ts'
export type { AnchorProved } from './proved.ts'
export {
  countRekorLogs,
  logNameOf,
  parseRekorVkey,
  parseTrustedRoot,
  type RekorLog,
  rekorLog,
  type RekorTrust,
  rekorTrust,
} from './rekor-trust.ts'
export { verifyRekor } from './rekor.ts'
