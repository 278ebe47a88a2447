export {
  type EthereumChainTrust,
  type EthereumTrust,
  type PinnedBlock,
  readEthereumTrust,
  verifyEthereum,
} from './ethereum.ts'
export type { AnchorProved } from './proved.ts'
export { addressOf, addressText, keccak256, readAddress, recoverAddress, senderOf } from './secp256k1.ts'
