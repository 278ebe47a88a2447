import { canonicalJson, CodedError, equal, fromHex, hex, type JsonObject, type JsonValue } from '@countersign/core'
import type { StatementDigests } from '@countersign/formats'
import {
  type EthereumAnchor,
  type EthereumForm,
  ethereumJson,
  makeTrie,
  parseHeader,
  placeKey,
} from '@countersign/formats/anchor'
import { keccak256, verifyEthereum } from '@countersign/verify/anchors'
import { nodeCrypto } from './crypto-node.ts'
import { headerBytes, receiptBytes, transactionBytes } from './ethereum-encode.ts'
import { hashOf } from './ethereum-memo.ts'
import { data, type EthereumRpc, isObject, MAX_BLOCK_BYTES, RpcRefusal, unreachable } from './ethereum-rpc.ts'

/** Most transactions of a block. */
const MAX_TRANSACTIONS = 50_000
/** Raw transactions that are asked for at a time. */
const AT_ONCE = 8

/** What is to be proven, all of it agreed on by the nodes. */
export interface ToProve {
  readonly chainId: number
  readonly form: EthereumForm
  /** Contract whose event it is; null for `calldata`. */
  readonly contract: string | null
  /** Hashes with `0x`. */
  readonly transaction: string
  readonly blockHash: string
  readonly blockNumber: number
  readonly statement: { readonly text: Uint8Array; readonly digests: StatementDigests }
}

/**
 * Makes a proof out of the whole block as one node tells it, and verifies it: header and trie must come out at the hash
 * that was agreed on, so that a node can withhold, and not lie (T-83). Throws `anchor-unreachable` where it does not.
 */
export async function proveBlock(rpc: EthereumRpc, it: ToProve): Promise<Uint8Array> {
  const wrong = (what: string, cause?: unknown) => unreachable(`${rpc.host} ${what}`, cause)
  const block = await rpc.call('eth_getBlockByHash', [it.blockHash, true], MAX_BLOCK_BYTES)
  if (!isObject(block)) throw wrong(`does not know block ${it.blockNumber}`)
  const header = await headerOf(rpc, block, it)
  const { transactionsRoot, receiptsRoot } = parseHeader(header)
  const transactions = listOf(block['transactions'])
  if (transactions === null) throw wrong('told a block without its transactions')
  const index = transactions.findIndex((one) => one['hash'] === it.transaction)
  if (index < 0) throw wrong('told a block without the transaction')
  const values = it.form === 'calldata' ? await rawOf(rpc, transactions) : await receiptsOf(rpc, it.blockHash)
  const trie = makeTrie(
    values.map((value, i) => [placeKey(i), value] as const),
    keccak256,
  )
  if (!equal(trie.root, it.form === 'calldata' ? transactionsRoot : receiptsRoot)) {
    throw wrong('told a block that does not come out at its own root')
  }
  const anchor: EthereumAnchor = {
    kind: 'ethereum',
    statement: hex(it.statement.digests.sha256),
    chainId: it.chainId,
    form: it.form,
    header,
    index,
    nodes: trie.prove(placeKey(index)),
  }
  const blocks = [{ number: it.blockNumber, hash: it.blockHash.slice(2) }]
  const contracts = it.contract === null ? [] : [it.contract]
  try {
    const trust = { chains: [{ chainId: it.chainId, blocks, senders: [], contracts }] }
    verifyEthereum(anchor, it.statement, trust, nodeCrypto)
  } catch (cause) {
    throw wrong('told a block that proves nothing of the statement', cause)
  }
  return canonicalJson(ethereumJson(anchor))
}

/** The header's bytes: out of the fields, or as the node gives them where a fork has brought fields that are not known here. */
async function headerOf(rpc: EthereumRpc, block: JsonObject, { blockHash, blockNumber }: ToProve): Promise<Uint8Array> {
  const wanted = fromHex(blockHash.slice(2))
  const made = headerBytes(block)
  if (equal(keccak256(made), wanted)) return made
  try {
    const raw = data(await rpc.call('debug_getRawHeader', [`0x${blockNumber.toString(16)}`]), 'a header')
    if (equal(keccak256(raw), wanted)) return raw
  } catch (error) {
    if (!(error instanceof RpcRefusal || error instanceof CodedError)) throw error
  }
  throw unreachable(`${rpc.host} gives no header for block ${blockNumber} that hashes to the block's hash`)
}

async function rawOf(rpc: EthereumRpc, transactions: readonly JsonObject[]): Promise<Uint8Array[]> {
  const values: Uint8Array[] = []
  for (let from = 0; from < transactions.length; from += AT_ONCE) {
    const some = transactions.slice(from, from + AT_ONCE).map(async (transaction) => {
      const made = transactionBytes(transaction)
      const hash = transaction['hash']
      if (made !== null && hashOf(made) === hash) return made
      // A type that is not known here, such as a deposit on a rollup.
      return data(await told(rpc, 'eth_getRawTransactionByHash', [hash ?? null]), 'a transaction')
    })
    values.push(...(await Promise.all(some)))
  }
  return values
}

async function receiptsOf(rpc: EthereumRpc, blockHash: string): Promise<Uint8Array[]> {
  const receipts = listOf(await told(rpc, 'eth_getBlockReceipts', [blockHash]))
  if (receipts === null) throw unreachable(`${rpc.host} told no receipts`)
  return receipts.map(receiptBytes)
}

async function told(rpc: EthereumRpc, method: string, params: readonly JsonValue[]): Promise<JsonValue> {
  try {
    return await rpc.call(method, params, MAX_BLOCK_BYTES)
  } catch (error) {
    if (error instanceof RpcRefusal) throw unreachable(`${rpc.host} refused ${method}: ${error.message}`)
    throw error
  }
}

function listOf(value: JsonValue | undefined): readonly JsonObject[] | null {
  if (!Array.isArray(value) || value.length > MAX_TRANSACTIONS || !value.every(isObject)) return null
  return value as readonly JsonObject[]
}
