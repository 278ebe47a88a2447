import { CodedError, type Crypto, equal, fromUtf8, hex, utf8 } from '@countersign/core'
import { readLogStatementText, type Shape, type StatementDigests } from '@countersign/formats'
import {
  ANCHOR_EVENT,
  type EthereumAnchor,
  type EthereumEvent,
  type EthereumHeader,
  parseHeader,
  parseTransaction,
  parseTransactionReceipt,
  placeKey,
  provenValue,
  statementCalldata,
  word,
} from '@countersign/formats/anchor'
import type { AnchorProved } from './proved.ts'
import { addressText, keccak256, readAddress, senderOf } from './secp256k1.ts'

/** Clients take blocks whose time is up to this many seconds ahead of their own. */
const WITHIN_SECONDS = 15
const MAX_CHAINS = 64
/** A block a day for more than a hundred years. */
const MAX_BLOCKS = 50_000
const MAX_ADDRESSES = 64

/** A block that a verifier knows to be of its chain, from a node of its own or from someone it trusts. */
export interface PinnedBlock {
  readonly number: number
  /** 32 bytes, lower-case hex. */
  readonly hash: string
}

/** What a verifier knows of one EVM chain. Addresses are `0x` and lower-case hex. */
export interface EthereumChainTrust {
  /** EIP-155. */
  readonly chainId: number
  readonly blocks: readonly PinnedBlock[]
  /** Who may have anchored; empty for anybody: that the statement existed does not hang on it. */
  readonly senders: readonly string[]
  /** Contracts whose events count. */
  readonly contracts: readonly string[]
}

export interface EthereumTrust {
  readonly chains: readonly EthereumChainTrust[]
}

/**
 * Reads what a verifier pins: `{"chains":[{"chainId":1,"blocks":[{"number":1,"hash":"0x…"}],"senders":[],"contracts":[]}]}`,
 * `senders` and `contracts` may be left out. Throws the code of `it`.
 */
export function readEthereumTrust(it: Shape): EthereumTrust {
  const chains = it.object(['chains']).get('chains').array(MAX_CHAINS).map(readChain)
  if (new Set(chains.map(({ chainId }) => chainId)).size !== chains.length) it.fail('names a chain twice')
  return { chains }
}

function readChain(it: Shape): EthereumChainTrust {
  const chain = it.object(['chainId', 'blocks'], ['senders', 'contracts'])
  const blocks = chain.get('blocks').array(MAX_BLOCKS)
  return {
    chainId: chain.integer('chainId', 1, Number.MAX_SAFE_INTEGER),
    blocks: blocks.map((one) => {
      const block = one.object(['number', 'hash'])
      const hash = block.text('hash', 66)
      if (!/^0x[0-9a-f]{64}$/.test(hash)) block.get('hash').fail('is not 0x and 64 lower-case hex digits')
      return { number: block.integer('number', 0, Number.MAX_SAFE_INTEGER), hash: hash.slice(2) }
    }),
    senders: chain.has('senders') ? chain.get('senders').array(MAX_ADDRESSES).map(readOne) : [],
    contracts: chain.has('contracts') ? chain.get('contracts').array(MAX_ADDRESSES).map(readOne) : [],
  }
}

function readOne(it: Shape): string {
  const address = readAddress(it.text(42))
  return address ?? it.fail('is not an address in lower case or with its checksum (EIP-55)')
}

/**
 * Checks that a block of an EVM chain that the verifier pins has the statement in it. Throws `anchor-mismatch` where it
 * is about another statement, `anchor-unproven` for a proof that does not lead from the header to the statement,
 * `anchor-untrusted` for a block, chain, sender or contract that is not pinned, and `anchor-invalid`.
 */
export function verifyEthereum(
  anchor: EthereumAnchor,
  statement: { readonly text: Uint8Array; readonly digests: StatementDigests },
  trust: EthereumTrust,
  crypto: Pick<Crypto, 'sha256'>,
): AnchorProved {
  if (anchor.statement !== hex(statement.digests.sha256)) {
    throw new CodedError('anchor-mismatch', 'the proof names another statement')
  }
  const header = parseHeader(anchor.header)
  const root = anchor.form === 'calldata' ? header.transactionsRoot : header.receiptsRoot
  const value = provenValue(root, placeKey(anchor.index), anchor.nodes, keccak256)
  // The proof is looked at whole before trust is: what is forged is to be called so, pinned or not.
  const known = trust.chains.find((one) => one.chainId === anchor.chainId)
  const found =
    anchor.form === 'calldata'
      ? calldata(anchor, value, statement)
      : event(value, statement, known?.contracts ?? [], crypto)
  const chain = checkPinned(anchor, header, known)
  if (chain.senders.length > 0 && !chain.senders.includes(found.sender)) {
    throw new CodedError('anchor-untrusted', `${found.sender} anchored the statement, which no trusted sender did`)
  }
  const name = `eip155:${anchor.chainId}`
  if (found.contract !== null && !chain.contracts.includes(found.contract)) {
    throw new CodedError('anchor-untrusted', `the contract ${found.contract} on ${name} is not pinned`)
  }
  return {
    kind: 'ethereum',
    by: name,
    at: `block ${header.number}, ${found.at(anchor.index)}`,
    time: new Date(header.timestamp * 1000).toISOString(),
    within: WITHIN_SECONDS,
    trusted: [
      `Block ${header.number} with hash 0x${hex(keccak256(anchor.header))} is final on ${name}, as pinned here.`,
      `The validators of ${name} gave that block its true time.`,
      ...(found.contract === null ? [] : [`The contract ${found.contract} logs only what its callers said.`]),
    ],
  }
}

interface Found {
  /** Address of who anchored. */
  readonly sender: string
  /** Address of the contract that said so; null where the transaction itself does. */
  readonly contract: string | null
  /** Names the place in the block. */
  at(index: number): string
}

function calldata(
  { chainId }: EthereumAnchor,
  raw: Uint8Array,
  { digests }: { readonly digests: StatementDigests },
): Found {
  const transaction = parseTransaction(raw)
  if (!equal(transaction.data, statementCalldata(digests))) {
    throw new CodedError('anchor-mismatch', 'the transaction holds something else than this statement')
  }
  if (transaction.chainId !== chainId) throw new CodedError('anchor-unproven', 'the transaction is of another chain')
  const sender = senderOf(transaction, transaction.signature)
  // Who could be made to send 72 bytes elsewhere has not anchored anything by it.
  if (!equal(transaction.to, sender))
    throw new CodedError('anchor-unproven', 'the transaction is not to its own sender')
  return { sender: addressText(sender), contract: null, at: () => `transaction 0x${hex(keccak256(raw))}` }
}

function event(
  raw: Uint8Array,
  { text, digests }: { readonly text: Uint8Array; readonly digests: StatementDigests },
  contracts: readonly string[],
  crypto: Pick<Crypto, 'sha256'>,
): Found {
  const receipt = parseTransactionReceipt(raw)
  if (!receipt.succeeded) throw new CodedError('anchor-unproven', 'the transaction failed')
  const { origin, number } = readLogStatementText(fromUtf8(text))
  const wanted = [keccak256(utf8(ANCHOR_EVENT)), null, crypto.sha256(utf8(origin)), word(number)]
  const about = ({ topics, data }: EthereumEvent) =>
    topics.length === wanted.length &&
    wanted.every((topic, i) => topic === null || equal(topic, topics[i]!)) &&
    data.length === 64 &&
    equal(data.subarray(0, 32), digests.sha256) &&
    equal(data.subarray(32), digests.sha3_256)
  const matching = receipt.events.filter(about)
  // Another contract may say the same in the same transaction, before the one that counts.
  const found = matching.find(({ address }) => contracts.includes(addressText(address))) ?? matching[0]
  if (found === undefined) throw new CodedError('anchor-mismatch', 'no event of the transaction is of this statement')
  const sender = found.topics[1]!
  if (sender.subarray(0, 12).some((byte) => byte !== 0)) {
    throw new CodedError('anchor-unproven', 'the sender in the event is not an address')
  }
  return {
    sender: addressText(sender.subarray(12)),
    contract: addressText(found.address),
    at: (index) => `event of transaction ${index}`,
  }
}

function checkPinned(
  { chainId, header: bytes }: EthereumAnchor,
  { number }: EthereumHeader,
  chain: EthereumChainTrust | undefined,
): EthereumChainTrust {
  // Since the Merge a header proves nothing by itself: anyone can make one.
  const hash = hex(keccak256(bytes))
  if (chain?.blocks.some((block) => block.hash === hash && block.number === number) !== true) {
    throw new CodedError('anchor-untrusted', `block ${number} of eip155:${chainId}, 0x${hash}, is not pinned`, {
      fix: 'Ask a node of your own for the block of this number; where its hash is this one, pin it.',
    })
  }
  return chain
}
