export {
  type AnchorClaim,
  type Anchored,
  type AnchoredInput,
  type AnchoredStatement,
  type CoveredEntry,
  type ProveAnchor,
  type RefusedAnchor,
  existedBy,
  provenBy,
  verifyAnchored,
} from './anchored.ts'
export { type BitcoinHeader, isMerkleRoot, readBitcoinHeader, readBitcoinHeaders } from './bitcoin-header.ts'
export {
  type EthereumChainTrust,
  type EthereumTrust,
  type PinnedBlock,
  readEthereumTrust,
  verifyEthereum,
} from './ethereum.ts'
export {
  BITCOIN_NETWORKS,
  type BitcoinNetwork,
  type OpenTimestampsTrust,
  SUGGESTED_MINIMUM_WORK,
  readOpenTimestampsTrust,
  verifyOpenTimestamps,
  verifyTimestamped,
} from './opentimestamps.ts'
export { type OtsDigest, applyOtsOp, otsDigests, otsFileDigests } from './ots-digests.ts'
export { type AnchorTrust, type Statements, anchorTrustOf, verifyAnchor, verifyAnchors } from './prove.ts'
export type { AnchorProved } from './proved.ts'
export {
  type RekorLog,
  type RekorTrust,
  countRekorLogs,
  logNameOf,
  parseRekorVkey,
  parseTrustedRoot,
  rekorLog,
  rekorTrust,
} from './rekor-trust.ts'
export { verifyRekor } from './rekor.ts'
export { DEFAULT_SKEW, type Rfc3161Trust, type TrustedAuthority, readRfc3161Trust } from './rfc3161-trust.ts'
export {
  type VerifiedTimestamp,
  accuracyOf,
  verifyRfc3161,
  verifyTimestamp,
} from './rfc3161.ts'
export { rootsFor, rootsServed } from './roots-for.ts'
export { addressOf, addressText, keccak256, readAddress, recoverAddress, senderOf } from './secp256k1.ts'
export { type TimesApart, distinctSources, provenBySources, timesApart } from './times.ts'
export { parseAnchorTrust, rekorRootOf } from './trust-file.ts'
