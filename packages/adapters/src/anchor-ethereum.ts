import type { Anchor, AnchorCheck, AnchorCost, AnchorJob, AnchorMove, AnchorState } from '@countersign/anchor'
import { CodedError, equal, fromHex, fromUtf8, hex, type JsonValue } from '@countersign/core'
import { readLogStatementText, statementDigests, type StatementDigests } from '@countersign/formats'
import {
  type EthereumTransaction,
  eventCalldata,
  statementCalldata,
  transactionToSign,
  writeTransaction,
} from '@countersign/formats/anchor'
import { addressText, keccak256, readAddress } from '@countersign/verify/anchors'
import { checkNodes } from './ethereum-check.ts'
import { nodeCrypto } from './crypto-node.ts'
import { type EthereumSigner, signHash } from './ethereum-key.ts'
import { hashOf, MAX_REPLACEMENTS, type Memo, type ReadMemo, readMemo, type Seen, writeMemo } from './ethereum-memo.ts'
import { proveBlock } from './ethereum-proof.ts'
import {
  count,
  data,
  EthereumNodes,
  type EthereumRpc,
  httpRpc,
  messageOf,
  objectOrNull,
  quantity,
  RpcRefusal,
  unreachable,
} from './ethereum-rpc.ts'

export { type EthereumSigner, ethereumSigner, openEthereumKey } from './ethereum-key.ts'

const GWEI = 1_000_000_000n
/** Calldata costs 23,880 on Ethereum; rollups add what their data costs there. */
const MAX_GAS = 2_000_000

export interface EthereumAnchorOptions {
  /** EIP-155. */
  readonly chainId: number
  /** JSON-RPC of at least two nodes, each on a host of its own: `https`, or `http` to this machine. */
  readonly rpcs: readonly string[]
  readonly signer: EthereumSigner
  /** Address of a `StatementAnchor` contract; null, the default, for calldata to the sender itself. */
  readonly contract?: string | null
  /** Most wei for a unit of gas, whatever happens; 100 gwei by default. Above, statements wait. */
  readonly maxFeePerGas?: bigint
  /** Most wei of tip for a unit of gas; 2 gwei by default. Each replacement has to raise the tip by an eighth, up to `maxFeePerGas`. */
  readonly maxPriorityFeePerGas?: bigint
  /** After how long a transaction that is in no block is replaced by one that pays more; milliseconds, ten minutes by default. */
  readonly stuckMs?: number
  /** How often it is looked whether a block has the transaction; milliseconds, 15,000 by default. Finality takes four times as long a look. */
  readonly pollMs?: number
  /** For one request; milliseconds, 10,000 by default. */
  readonly timeoutMs?: number
  /** How long the other nodes are waited for when two have answered; milliseconds, 2,000 by default. */
  readonly graceMs?: number
  readonly fetch?: typeof fetch
}

/**
 * An EVM chain as an anchor. Every transaction for a statement has the same nonce, so at most one is ever paid for;
 * another nonce is taken only when a final block has spent the first for something else. What a node says counts only
 * where all that answer agree. Throws `anchor-refused` for settings that cannot work.
 */
export function ethereumAnchor(options: EthereumAnchorOptions): Anchor {
  return new EthereumChainAnchor(options)
}

interface Fees {
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
}

/** What all nodes agree on of a transaction that is in a block. */
interface Inclusion extends Seen {
  readonly succeeded: boolean
  readonly gas: bigint
  readonly wei: bigint
}

interface Work {
  readonly job: AnchorJob
  readonly digests: StatementDigests
}

class EthereumChainAnchor implements Anchor {
  readonly kind = 'ethereum'
  readonly name: string
  readonly #chainId: number
  readonly #nodes: EthereumNodes
  readonly #signer: EthereumSigner
  readonly #contract: string | null
  readonly #maxFee: bigint
  readonly #maxTip: bigint
  readonly #stuckMs: number
  readonly #pollMs: number

  constructor(options: EthereumAnchorOptions) {
    const { chainId, rpcs, signer } = options
    const invalid = (what: string) => new CodedError('anchor-refused', what, { fix: 'Correct the setting.' })
    if (!Number.isSafeInteger(chainId) || chainId < 1) throw invalid('the chain id is not a whole number from 1')
    const contract = options.contract ?? null
    this.#contract = contract === null ? null : readAddress(contract)
    if (contract !== null && this.#contract === null) {
      throw invalid('the contract is not an address in lower case or with its checksum (EIP-55)')
    }
    this.name = `eip155:${chainId}`
    this.#chainId = chainId
    this.#nodes = new EthereumNodes(
      rpcs.map((url) => httpRpc(url, options)),
      options.graceMs ?? 2000,
    )
    this.#signer = signer
    this.#maxFee = options.maxFeePerGas ?? 100n * GWEI
    this.#maxTip = options.maxPriorityFeePerGas ?? 2n * GWEI
    if (this.#maxFee < 1n || this.#maxTip < 0n) throw invalid('a fee is negative, or the highest fee is nothing')
    this.#stuckMs = options.stuckMs ?? 600_000
    this.#pollMs = options.pollMs ?? 15_000
  }

  async move(job: AnchorJob): Promise<AnchorMove> {
    const work = { job, digests: statementDigests(fromUtf8(job.text), nodeCrypto) }
    const memo = readMemo(job.state.memo)
    try {
      if (memo === null) return await this.#prepare(work)
      this.#checkAbout(memo, work)
      return memo.seen === null ? await this.#pursue(work, memo) : await this.#confirm(work, memo, memo.seen)
    } catch (error) {
      if (error instanceof RpcRefusal) throw unreachable(messageOf(error))
      throw error
    }
  }

  check(now: number): Promise<readonly AnchorCheck[]> {
    return checkNodes({
      rpcs: this.#nodes.rpcs,
      chainId: this.#chainId,
      address: this.#signer.address,
      contract: this.#contract,
      maxFeePerGas: this.#maxFee,
      now,
    })
  }

  /** Signs a transaction that is not sent yet: what is paid for is durable before it leaves the house. */
  async #prepare(work: Work): Promise<AnchorMove> {
    await this.#checkChain()
    const from = this.#signer.address
    const to = this.#contract ?? from
    const payload = this.#payload(work, this.#contract)
    const call = { from, to, data: `0x${hex(payload)}` }
    if (this.#contract !== null) await this.#checkContract(this.#contract)
    const spent = await this.#nodes.agreed('the nonce', (rpc) => nonceOf(rpc, from, 'latest'))
    const fees = await this.#fees()
    if (fees === null) return this.#wait(work.job.state, 10)
    const estimates = await this.#nodes.every('the gas', async (rpc) =>
      count(await rpc.call('eth_estimateGas', [call]), 'gas'),
    )
    const gasLimit = Math.max(...estimates)
    if (gasLimit > MAX_GAS) throw unreachable(`a node wants ${gasLimit} gas for a statement`)
    const chainId = this.#chainId
    const nonce = freeNonce(spent, from, work.job.others)
    const transaction = { chainId, nonce, gasLimit, to: fromHex(to.slice(2)), value: 0n, data: payload, ...fees }
    await this.#checkBalance(transaction)
    return this.#next('pending', await this.#sign(transaction, [], work.job.now), 0)
  }

  /** Sends what was signed until a block has it. */
  async #pursue({ job }: Work, memo: ReadMemo): Promise<AnchorMove> {
    const inclusion = await this.#included(memo)
    if (inclusion !== null) {
      const { transaction, blockHash, blockNumber } = inclusion
      return this.#next('included', { ...memo, seen: { transaction, blockHash, blockNumber } }, this.#pollMs)
    }
    const { nonce } = memo.transaction
    const counts = await this.#nodes.every('the nonce', (rpc) => nonceOf(rpc, memo.sender, 'latest'))
    if (counts.some((spent) => spent > nonce)) {
      if (await this.#isLost(memo)) return this.#wait({ phase: 'pending', memo: null }, 0)
      return this.#next('submitted', memo, this.#pollMs)
    }
    if (job.now - memo.signedAt >= this.#stuckMs) {
      const replacement = await this.#replace(memo, job.now)
      // Not sent yet: like the first, it has to be durable before.
      if (replacement !== null) return this.#next(job.state.phase, replacement, 0)
    }
    const refusals = await this.#send(memo)
    if (refusals !== null && job.state.phase === 'pending') throw unreachable(refusals)
    return this.#next('submitted', memo, this.#pollMs)
  }

  /** Waits until the block is final, and makes the proof then (T-82). */
  async #confirm({ job, digests }: Work, memo: ReadMemo, seen: Seen): Promise<AnchorMove> {
    await this.#checkChain()
    const { blockNumber } = seen
    const tag = `0x${blockNumber.toString(16)}`
    const hash = await this.#nodes.agreed(
      `block ${blockNumber}`,
      async (rpc) => (await blockOf(rpc, tag))?.hash ?? null,
    )
    const inclusion = hash === seen.blockHash ? await this.#included(memo) : null
    if (inclusion === null || inclusion.blockHash !== seen.blockHash) {
      // The chain was reorganised. The same transactions are sent again: with their nonce they can be paid for once only.
      return this.#next('submitted', { ...memo, seen: null }, hash === seen.blockHash ? this.#pollMs : 0)
    }
    const finals = await this.#nodes.every(
      'the final block',
      async (rpc) => (await blockOf(rpc, 'finalized'))?.number ?? -1,
    )
    if (finals.some((final) => final < blockNumber)) return this.#next('included', memo, 4 * this.#pollMs)
    if (!inclusion.succeeded) {
      throw new CodedError('anchor-refused', `transaction ${inclusion.transaction} is in a final block, and failed`)
    }
    const toSelf = addressText(memo.transaction.to) === memo.sender
    const proof = await this.#proof({
      chainId: this.#chainId,
      form: toSelf ? 'calldata' : 'event',
      contract: toSelf ? null : addressText(memo.transaction.to),
      ...inclusion,
      statement: { text: job.text, digests },
    })
    const costs: AnchorCost[] = [
      { unit: 'gas', amount: String(inclusion.gas) },
      { unit: 'wei', amount: String(inclusion.wei) },
    ]
    return { state: { phase: 'final', memo: writeMemo(memo) }, proof, again: 0, costs }
  }

  async #proof(it: Parameters<typeof proveBlock>[1]): Promise<Uint8Array> {
    const reasons: string[] = []
    for (const rpc of this.#nodes.rpcs) {
      try {
        return await proveBlock(rpc, it)
      } catch (error) {
        reasons.push(messageOf(error))
      }
    }
    throw unreachable(`no node gave a proof: ${reasons.join('; ')}`)
  }

  /** Where one of the transactions is; null unless all nodes say the same. */
  async #included({ hashes }: Memo): Promise<Inclusion | null> {
    const told = await this.#nodes.every('the transaction', async (rpc) => {
      // The newest is the likeliest.
      for (const hash of hashes.toReversed()) {
        const inclusion = await inclusionOf(rpc, hash)
        if (inclusion !== null) return { host: rpc.host, inclusion }
      }
      return { host: rpc.host, inclusion: null }
    })
    const [first] = told
    // One node is often a block behind another: that is no lie yet.
    if (first.inclusion === null || told.some(({ inclusion }) => inclusion === null)) return null
    const other = told.find(({ inclusion }) => !isSame(inclusion!, first.inclusion!))
    if (other !== undefined) throw unreachable(`${first.host} and ${other.host} do not agree on the transaction`)
    return first.inclusion
  }

  /** Whether a final block has spent the nonce for something else, so that none of the transactions can ever be paid for. */
  async #isLost(memo: ReadMemo): Promise<boolean> {
    const { nonce } = memo.transaction
    const finals = await this.#nodes.every('the final nonce', (rpc) => nonceOf(rpc, memo.sender, 'finalized'))
    if (finals.length < this.#nodes.rpcs.length || finals.some((spent) => spent <= nonce)) return false
    const seen = await this.#nodes.every('the transactions', (rpc) =>
      Promise.all(memo.hashes.map((hash) => inclusionOf(rpc, hash))),
    )
    return seen.length === this.#nodes.rpcs.length && seen.flat().every((inclusion) => inclusion === null)
  }

  /** Sends to every node; null where one has it now, else why none took it. */
  async #send({ raw, hashes }: Memo): Promise<string | null> {
    const hash = hashes.at(-1)!
    const tried = await Promise.allSettled(
      this.#nodes.rpcs.map((rpc) => rpc.call('eth_sendRawTransaction', [`0x${hex(raw)}`])),
    )
    if (tried.some((one) => one.status === 'fulfilled')) return null
    // Clients have many words for having it already.
    const known = await Promise.allSettled(this.#nodes.rpcs.map((rpc) => rpc.call('eth_getTransactionByHash', [hash])))
    if (known.some((one) => one.status === 'fulfilled' && one.value !== null)) return null
    const reasons = tried.flatMap((one) => (one.status === 'rejected' ? [messageOf(one.reason)] : []))
    return `no node took the transaction: ${reasons.join('; ')}`
  }

  /** The same transaction with fees that nodes take as a replacement; null where the cap, the account or the count forbids it. */
  async #replace(memo: ReadMemo, now: number): Promise<Memo | null> {
    const { signature: _, ...old } = memo.transaction
    if (memo.sender !== this.#signer.address || memo.hashes.length >= MAX_REPLACEMENTS) return null
    const maxPriorityFeePerGas = raised(old.maxPriorityFeePerGas)
    const least = raised(old.maxFeePerGas)
    if (least > this.#maxFee || maxPriorityFeePerGas > this.#maxFee) return null
    const fees = await this.#fees()
    const wanted = fees?.maxFeePerGas ?? this.#maxFee
    const tip = max(maxPriorityFeePerGas, fees?.maxPriorityFeePerGas ?? 0n)
    const maxFeePerGas = max(least, wanted, tip)
    return this.#sign({ ...old, maxFeePerGas, maxPriorityFeePerGas: tip }, memo.hashes, now)
  }

  async #sign(transaction: EthereumTransaction, before: readonly string[], signedAt: number): Promise<Memo> {
    const signature = await signHash(this.#signer, keccak256(transactionToSign(transaction)))
    const raw = writeTransaction(transaction, signature)
    return { raw, hashes: [...before, hashOf(raw)], signedAt, seen: null }
  }

  /** What to pay now; null while the cap is too low for any block. */
  async #fees(): Promise<Fees | null> {
    const told = await this.#nodes.every('the fees', async (rpc) => {
      const [block, tip] = await Promise.all([blockOf(rpc, 'latest'), rpc.call('eth_maxPriorityFeePerGas', [])])
      return { base: block?.base ?? 0n, tip: quantity(tip, 'a tip') }
    })
    // A base fee that is too high only raises the most that could be paid; a tip is paid, so the lowest counts.
    const base = max(...told.map((one) => one.base))
    const tip = min(this.#maxTip, ...told.map((one) => one.tip))
    if (base + tip > this.#maxFee) return null
    return { maxFeePerGas: min(this.#maxFee, 2n * base + tip), maxPriorityFeePerGas: tip }
  }

  async #checkChain(): Promise<void> {
    const told = await this.#nodes.every('the chain id', async (rpc) => {
      return { host: rpc.host, chainId: count(await rpc.call('eth_chainId', []), 'a chain id') }
    })
    const other = told.find(({ chainId }) => chainId !== this.#chainId)
    if (other !== undefined) throw unreachable(`${other.host} is of chain ${other.chainId}, not ${this.#chainId}`)
  }

  async #checkContract(address: string): Promise<void> {
    const code = await this.#nodes.agreed(
      'the contract',
      async (rpc) => data(await rpc.call('eth_getCode', [address, 'latest']), 'code').length,
    )
    if (code === 0) throw new CodedError('anchor-refused', `there is no contract at ${address} on ${this.name}`)
  }

  async #checkBalance({ gasLimit, maxFeePerGas }: EthereumTransaction): Promise<void> {
    const { address } = this.#signer
    const balance = await this.#nodes.agreed('the balance', async (rpc) =>
      quantity(await rpc.call('eth_getBalance', [address, 'latest']), 'a balance'),
    )
    const needed = BigInt(gasLimit) * maxFeePerGas
    if (balance >= needed) return
    throw new CodedError('anchor-refused', `${address} has ${balance} wei on ${this.name}, and may need ${needed}`, {
      fix: `Send the account what a few months cost, and put the statement back: countersign anchor retry`,
    })
  }

  #payload({ job, digests }: Work, contract: string | null): Uint8Array {
    if (contract === null) return statementCalldata(digests)
    const { origin, number } = readLogStatementText(fromUtf8(job.text))
    return eventCalldata({ origin, number, digests }, { sha256: nodeCrypto.sha256, keccak: keccak256 })
  }

  #checkAbout({ transaction, sender }: ReadMemo, work: Work): void {
    const to = addressText(transaction.to)
    const payload = this.#payload(work, to === sender ? null : to)
    if (transaction.chainId === this.#chainId && equal(transaction.data, payload)) return
    throw new CodedError('anchor-invalid', 'the memo is of another statement or chain')
  }

  #next(phase: AnchorState['phase'], memo: Memo, again: number): AnchorMove {
    return { state: { phase, memo: writeMemo(memo) }, proof: null, again, costs: [] }
  }

  #wait(state: AnchorState, polls: number): AnchorMove {
    return { state, proof: null, again: polls * this.#pollMs, costs: [] }
  }
}

/** The first nonce that neither a block nor a statement on its way has: one that was given up leaves no gap for long. */
function freeNonce(spent: number, sender: string, others: readonly AnchorState[]): number {
  const memos = others.flatMap(({ memo }) => readMemo(memo) ?? [])
  const taken = new Set(memos.filter((memo) => memo.sender === sender).map(({ transaction }) => transaction.nonce))
  let nonce = spent
  while (taken.has(nonce)) nonce++
  return nonce
}

async function nonceOf(rpc: EthereumRpc, address: string, block: string): Promise<number> {
  return count(await rpc.call('eth_getTransactionCount', [address, block]), 'a nonce')
}

async function blockOf(rpc: EthereumRpc, tag: string): Promise<{ hash: string; number: number; base: bigint } | null> {
  const block = objectOrNull(await rpc.call('eth_getBlockByNumber', [tag, false]), 'a block')
  if (block === null) return null
  const base = block['baseFeePerGas']
  return {
    hash: hashText(block['hash']),
    number: count(block['number'], 'a number of a block'),
    base: base === undefined ? 0n : quantity(base, 'a base fee'),
  }
}

async function inclusionOf(rpc: EthereumRpc, hash: string): Promise<Inclusion | null> {
  const receipt = objectOrNull(await rpc.call('eth_getTransactionReceipt', [hash]), 'a receipt')
  if (receipt === null || receipt['blockHash'] === null || receipt['blockHash'] === undefined) return null
  const gas = quantity(receipt['gasUsed'], 'gas')
  // On OP Stack rollups what the data costs on Ethereum comes on top.
  const extra = receipt['l1Fee'] === undefined ? 0n : quantity(receipt['l1Fee'], 'a fee')
  return {
    transaction: hash,
    blockHash: hashText(receipt['blockHash']),
    blockNumber: count(receipt['blockNumber'], 'a number of a block'),
    succeeded: quantity(receipt['status'], 'a status') === 1n,
    gas,
    wei: gas * quantity(receipt['effectiveGasPrice'], 'a price') + extra,
  }
}

function hashText(value: JsonValue | undefined): string {
  return `0x${hex(data(value, 'a hash', 32))}`
}

function isSame(one: Inclusion, other: Inclusion): boolean {
  return (Object.keys(one) as (keyof Inclusion)[]).every((key) => one[key] === other[key])
}

/** An eighth more: what every client takes as a replacement, with the least being one wei more. */
function raised(fee: bigint): bigint {
  return fee + max(1n, (fee + 7n) / 8n)
}

function max(...values: readonly bigint[]): bigint {
  return values.reduce((most, value) => (value > most ? value : most), 0n)
}

function min(first: bigint, ...values: readonly bigint[]): bigint {
  return values.reduce((least, value) => (value < least ? value : least), first)
}
