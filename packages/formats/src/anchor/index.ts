export {
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
