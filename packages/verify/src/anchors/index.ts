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
  type BitcoinHeader,
  isMerkleRoot,
  readBitcoinHeader,
  readBitcoinHeaders,
} from './bitcoin-header.ts'
export {
  BITCOIN_NETWORKS,
  type BitcoinNetwork,
  type OpenTimestampsTrust,
  readOpenTimestampsTrust,
  SUGGESTED_MINIMUM_WORK,
  verifyOpenTimestamps,
} from './opentimestamps.ts'
export { applyOtsOp, type OtsDigest, otsDigests, otsFileDigests } from './ots-digests.ts'
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
  accuracyOf,
  DEFAULT_SKEW,
  type Rfc3161Trust,
  type TrustedAuthority,
  type VerifiedTimestamp,
  verifyRfc3161,
  verifyTimestamp,
} from './rfc3161.ts'
export { type CertificateCrypto, type Scheme, verifySignature } from './signature.ts'
  type EthereumChainTrust,
  type EthereumTrust,
  type PinnedBlock,
  readEthereumTrust,
  verifyEthereum,
} from './ethereum.ts'
export type { AnchorProved } from './proved.ts'
export { addressOf, addressText, keccak256, readAddress, recoverAddress, senderOf } from './secp256k1.ts'
