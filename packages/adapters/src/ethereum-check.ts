import type { AnchorCheck } from '@countersign/anchor'
import { type Code, CodedError, type JsonObject } from '@countersign/core'
import { count, data, type EthereumRpc, messageOf, objectOrNull, quantity, RpcRefusal } from './ethereum-rpc.ts'

/** Most that a node's newest block may be behind or ahead of the clock; seconds. */
const MAX_AGE = 900
/** Gas of a statement in calldata. */
const GAS = 24_000n
/** For how many statements the balance should do. */
const RESERVE = 30n

export interface CheckInput {
  readonly rpcs: readonly EthereumRpc[]
  readonly chainId: number
  readonly address: string
  readonly contract: string | null
  readonly maxFeePerGas: bigint
  /** Milliseconds since 1970. */
  readonly now: number
}

interface Told {
  readonly host: string
  readonly chainId: number
  readonly number: number
  readonly timestamp: number
  readonly base: bigint
  readonly final: { readonly number: number; readonly hash: string } | null
  readonly balance: bigint
  readonly code: number
}

/** What the doctor says of an EVM chain and its account: every node by itself, then what they say together. */
export async function checkNodes(input: CheckInput): Promise<AnchorCheck[]> {
  const asked = await Promise.allSettled(input.rpcs.map((rpc) => ask(rpc, input)))
  const checks: AnchorCheck[] = []
  const add = (name: string, ok: boolean, found: string, code: Code) => {
    checks.push({ name, ok, found, code: ok ? null : code })
  }
  const told: Told[] = []
  asked.forEach((one, i) => {
    const { host } = input.rpcs[i]!
    if (one.status === 'rejected') return add('reachable', false, wordsOf(one.reason, host), 'anchor-unreachable')
    told.push(one.value)
    const right = one.value.chainId === input.chainId
    add('reachable', right, `${host} is of chain ${one.value.chainId}, at block ${one.value.number}`, 'anchor-refused')
    add(
      'finality',
      one.value.final !== null,
      one.value.final === null ? `${host} tells no final block` : `${host} has final block ${one.value.final.number}`,
      'anchor-refused',
    )
  })
  const [first] = told
  if (first === undefined) return checks
  add('enough nodes', told.length >= 2, `${told.length} of ${input.rpcs.length} nodes answer`, 'anchor-unreachable')
  // Of the same number, the same hash: else they are of two chains, or one lies.
  const pairs = told.flatMap((one) =>
    told.filter((other) => other.final?.number === one.final?.number && other.final?.hash !== one.final?.hash),
  )
  add(
    'agreement',
    pairs.length === 0,
    pairs.length === 0
      ? 'no two nodes contradict each other'
      : `${pairs.map(({ host }) => host).join(' and ')} tell two final blocks of one number`,
    'anchor-refused',
  )
  const off = Math.max(...told.map(({ timestamp }) => Math.abs(timestamp - input.now / 1000)))
  add(
    'clock',
    off <= MAX_AGE,
    `the newest block and this machine are ${Math.round(off)} seconds apart`,
    'anchor-unreachable',
  )
  const base = told.reduce((most, one) => (one.base > most ? one.base : most), 0n)
  add('fees', base < input.maxFeePerGas, `the base fee is ${base} wei, the cap ${input.maxFeePerGas}`, 'anchor-refused')
  const balance = told.reduce((least, one) => (one.balance < least ? one.balance : least), first.balance)
  const statements = balance / (GAS * (base > 0n ? 2n * base : 1n))
  add(
    'balance',
    statements >= RESERVE,
    `${input.address} has ${balance} wei: enough for ${statements} statements at twice today's fee`,
    'anchor-refused',
  )
  if (input.contract !== null) {
    const there = told.every(({ code }) => code > 0)
    add(
      'contract',
      there,
      there ? `${input.contract} has code` : `there is no contract at ${input.contract}`,
      'anchor-refused',
    )
  }
  return checks
}

async function ask(rpc: EthereumRpc, { address, contract }: CheckInput): Promise<Told> {
  const [chainId, latest, balance, code] = await Promise.all([
    rpc.call('eth_chainId', []),
    rpc.call('eth_getBlockByNumber', ['latest', false]),
    rpc.call('eth_getBalance', [address, 'latest']),
    contract === null ? '0x' : rpc.call('eth_getCode', [contract, 'latest']),
  ])
  const block = objectOrNull(latest, 'a block') ?? {}
  return {
    host: rpc.host,
    chainId: count(chainId, 'a chain id'),
    number: count(block['number'], 'a number of a block'),
    timestamp: count(block['timestamp'], 'a time'),
    base: block['baseFeePerGas'] === undefined ? 0n : quantity(block['baseFeePerGas'], 'a base fee'),
    final: finalOf(await finalized(rpc)),
    balance: quantity(balance, 'a balance'),
    code: data(code, 'code').length,
  }
}

async function finalized(rpc: EthereumRpc): Promise<JsonObject | null> {
  try {
    return objectOrNull(await rpc.call('eth_getBlockByNumber', ['finalized', false]), 'a block')
  } catch {
    // Nodes refuse a tag they do not know; what else went wrong the other questions tell.
    return null
  }
}

function finalOf(block: JsonObject | null): Told['final'] {
  return block === null ? null : { number: count(block['number'], 'a number of a block'), hash: String(block['hash']) }
}

function wordsOf(error: unknown, host: string): string {
  const words = error instanceof CodedError || error instanceof RpcRefusal ? messageOf(error) : 'cannot be asked'
  return words.includes(host) ? words : `${host}: ${words}`
}
