export {
  HASHEDREKORD_VERSIONS,
  type HashedRekord,
  hashedRekordRequestV1,
  hashedRekordRequestV2,
  type HashedRekordVersion,
  readHashedRekord,
  writeHashedRekord,
} from './hashedrekord.ts'
export { ANCHOR_MEDIA_TYPE, type AnchorKind, ANCHOR_KINDS, MAX_ANCHOR_BYTES } from './kinds.ts'
export {
  readRekor,
  readRekorEntry,
  type RekorAnchor,
  type RekorEntry,
  rekorEntryJson,
  rekorJson,
  type RekorPromise,
} from './rekor.ts'
export {
  isWithin,
  looseOf,
  parseSigningConfig,
  readValidFor,
  servicesAt,
  type SigstoreService,
  type ValidFor,
} from './signing-config.ts'
  isNamedBy,
  parseTimestampToken,
  type SignerId,
  type SigningCertificate,
  type TimestampToken,
} from './cms.ts'
export { readRfc3161, type Rfc3161Anchor, rfc3161Json } from './rfc3161.ts'
export {
  type Accuracy,
  nonceHex,
  OID_SHA256,
  parseTimestampResponse,
  type TimestampInfo,
  type TimestampRequest,
  type TimestampResponse,
  writeTimestampRequest,
} from './timestamp.ts'
export {
  type AlgorithmId,
  basicConstraints,
  type Certificate,
  commonName,
  extendedKeyUsage,
  keyUsage,
  parseCertificate,
} from './x509.ts'
export type { GenTime } from './der-time.ts'
export {
  context,
  der,
  derBits,
  type DerElement,
  derNull,
  derNumber,
  derOctets,
  derOid,
  DerReader,
  derSequence,
  derSet,
  derTrue,
  derUnsigned,
  parseDer,
  TAG,
} from './der.ts'
  ANCHOR_EVENT,
  ANCHOR_FUNCTION,
  type EthereumEvent,
  type EthereumHeader,
  type EthereumReceipt,
  eventCalldata,
  type EventStatement,
  parseHeader,
  parseTransactionReceipt,
  placeKey,
  word,
} from './ethereum-block.ts'
export {
  type EthereumSignature,
  type EthereumTransaction,
  parseTransaction,
  type SignedEthereumTransaction,
  statementCalldata,
  transactionToSign,
  writeTransaction,
} from './ethereum-transaction.ts'
export { type Keccak, makeTrie, provenValue, type Trie } from './ethereum-trie.ts'
export { ETHEREUM_FORMS, type EthereumAnchor, type EthereumForm, ethereumJson, readEthereum } from './ethereum.ts'
export { ANCHOR_MEDIA_TYPE, type AnchorKind, ANCHOR_KINDS, MAX_ANCHOR_BYTES } from './kinds.ts'
export { parseRlp, type Rlp, writeInteger, writeRlp } from './rlp.ts'
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
  otsPaths,
  otsResultBytes,
  type OtsTree,
  otsTree,
  parseOts,
  parseOtsTree,
  writeOts,
  writeOtsTree,
} from './ots.ts'
