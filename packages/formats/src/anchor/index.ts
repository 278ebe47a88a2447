export { type AnchorProof, anchorJson, parseAnchor, readAnchor, statementOfAnchor, writeAnchor } from './anchor.ts'
export { type SignerId, type SigningCertificate, type TimestampToken, isNamedBy, parseTimestampToken } from './cms.ts'
export {
  ANCHOR_EVENT,
  ANCHOR_FUNCTION,
  type EthereumEvent,
  type EthereumHeader,
  type EthereumReceipt,
  type EventStatement,
  eventCalldata,
  parseHeader,
  parseTransactionReceipt,
  placeKey,
  word,
} from './ethereum-block.ts'
export {
  type EthereumSignature,
  type EthereumTransaction,
  type SignedEthereumTransaction,
  parseTransaction,
  statementCalldata,
  transactionToSign,
  writeTransaction,
} from './ethereum-transaction.ts'
export { type Keccak, type Trie, makeTrie, provenValue } from './ethereum-trie.ts'
export { ETHEREUM_FORMS, type EthereumAnchor, type EthereumForm, ethereumJson, readEthereum } from './ethereum.ts'
export {
  HASHEDREKORD_VERSIONS,
  type HashedRekord,
  type HashedRekordVersion,
  hashedRekordRequestV1,
  hashedRekordRequestV2,
  readHashedRekord,
  writeHashedRekord,
} from './hashedrekord.ts'
export { ANCHOR_KINDS, ANCHOR_MEDIA_TYPE, type AnchorKind, MAX_ANCHOR_BYTES } from './kinds.ts'
export {
  BITCOIN_HEADER_BYTES,
  type BitcoinHeaders,
  MAX_BITCOIN_HEADERS,
  type OpenTimestampsAnchor,
  opentimestampsJson,
  otsFileOf,
  readOpentimestamps,
} from './opentimestamps.ts'
export {
  MAX_CALENDAR_BYTES,
  MAX_OTS_BYTES,
  MAX_OTS_DEPTH,
  MAX_OTS_MESSAGE_BYTES,
  MAX_OTS_NODES,
  MAX_OTS_PAYLOAD_BYTES,
  OTS_MEDIA_TYPE,
  type OtsAttestation,
  type OtsBranch,
  type OtsFile,
  type OtsHash,
  type OtsOp,
  type OtsPath,
  type OtsTree,
  otsPaths,
  otsResultBytes,
  otsTree,
  parseOts,
  parseOtsTree,
  writeOts,
  writeOtsTree,
} from './ots.ts'
export {
  type RekorAnchor,
  type RekorEntry,
  type RekorPromise,
  readRekor,
  readRekorEntry,
  rekorBundle,
  rekorEntryJson,
  rekorJson,
} from './rekor.ts'
export { type Rfc3161Anchor, readRfc3161, rfc3161Json } from './rfc3161.ts'
export { type Rlp, parseRlp, writeInteger, writeRlp } from './rlp.ts'
export {
  type SigstoreService,
  type ValidFor,
  isWithin,
  looseOf,
  parseSigningConfig,
  readValidFor,
  servicesAt,
} from './signing-config.ts'
export {
  type Accuracy,
  OID_SHA256,
  type TimestampInfo,
  type TimestampRequest,
  type TimestampResponse,
  nonceHex,
  parseTimestampResponse,
  writeTimestampRequest,
} from './timestamp.ts'
export {
  ANCHOR_TRUST_MEDIA_TYPE,
  type AnchorRoots,
  type AuthorityRoot,
  type BelievedIn,
  type BitcoinRoot,
  type EthereumRoot,
  MAX_ANCHOR_TRUST_BYTES,
  NO_ANCHOR_ROOTS,
  type RekorRoot,
  anchorRootsJson,
  joinAnchorRoots,
  readAnchorRoots,
} from './trust.ts'
