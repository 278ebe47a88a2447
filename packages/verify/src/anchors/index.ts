export {
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
  verifyTimestamped,
} from './opentimestamps.ts'
export { applyOtsOp, type OtsDigest, otsDigests, otsFileDigests } from './ots-digests.ts'
export type { AnchorProved } from './proved.ts'
