import { ethereumAnchor, type EthereumAnchorOptions, ethereumSigner } from '@countersign/adapters/anchor-ethereum'
import { type Code, hex, type JsonValue } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { parseTransaction } from '@countersign/formats/anchor'
import { keccak256, verifyEthereum } from '@countersign/verify/anchors'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readProof, statementOf, Way } from '../anchors/evm-driver.ts'
import { type Between, type LocalEvm, type RpcProxy, startLocalEvm, startRpcProxy } from '../anchors/local-evm.ts'

let evm: LocalEvm
/** The second node lies; the first, through a proxy too, joins it where a control wants it. */
let first: RpcProxy
let liar: RpcProxy
beforeAll(async () => {
  evm = await startLocalEvm()
  first = await startRpcProxy(evm.urls[0])
  liar = evm.proxy
})
afterEach(() => {
  first.tell(null)
  liar.tell(null)
})
afterAll(async () => {
  await first.close()
  await evm.close()
})

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const anchor = (more: Partial<EthereumAnchorOptions> = {}) =>
  ethereumAnchor({
    chainId: evm.chainId,
    rpcs: [first.url, liar.url],
    signer: ethereumSigner(evm.key),
    timeoutMs: 2000,
    ...more,
  })

/** Answers one method otherwise. */
const lie =
  (about: string, answer: (honest: JsonValue, params: readonly JsonValue[]) => JsonValue): Between =>
  async (method, params, pass) =>
    method === about ? answer(await pass(), params) : pass()
const both = (between: Between) => {
  first.tell(between)
  liar.tell(between)
}

let next = 0
async function at(phase: 'pending' | 'prepared' | 'submitted' | 'included'): Promise<Way> {
  const way = new Way(anchor(), next++)
  if (phase === 'pending') return way
  await way.move()
  if (phase === 'prepared') return way
  await way.move()
  if (phase === 'submitted') return way
  await evm.mine()
  await way.move()
  expect(way.state.phase).toBe('included')
  return way
}

/** Nothing is left behind that would keep a nonce. */
async function finish(way: Way): Promise<void> {
  first.tell(null)
  liar.tell(null)
  for (let i = 0; i < 12 && way.state.phase !== 'final'; i++) {
    await way.move()
    await evm.mine()
  }
  expect(way.state.phase).toBe('final')
}

describe('T-83 one node that lies', () => {
  const lies: readonly (readonly [
    what: string,
    phase: 'pending' | 'included',
    method: string,
    answer: (honest: JsonValue, params: readonly JsonValue[]) => JsonValue,
  ])[] = [
    ['the chain', 'pending', 'eth_chainId', () => '0x1'],
    ['the nonce', 'pending', 'eth_getTransactionCount', () => '0x63'],
    ['the balance', 'pending', 'eth_getBalance', () => '0x0'],
    ['the gas', 'pending', 'eth_estimateGas', () => '0xffffffff'],
    ['the chain, later', 'included', 'eth_chainId', () => '0x1'],
    [
      'which block it is',
      'included',
      'eth_getBlockByNumber',
      (block) => ({ ...(block as object), hash: `0x${'a'.repeat(64)}` }),
    ],
    [
      'in which block it is',
      'included',
      'eth_getTransactionReceipt',
      (it) => ({ ...(it as object), blockHash: `0x${'a'.repeat(64)}` }),
    ],
    ['what it cost', 'included', 'eth_getTransactionReceipt', (it) => ({ ...(it as object), gasUsed: '0x1' })],
    ['that it failed', 'included', 'eth_getTransactionReceipt', (it) => ({ ...(it as object), status: '0x0' })],
  ]
  test.each(lies)('about %s does not count', async (_, phase, method, answer) => {
    const way = await at(phase)
    const { state } = way
    await evm.mine(4)
    liar.tell(lie(method, answer))
    await expect(way.move()).rejects.toThrow(coded('anchor-unreachable'))
    expect(way.state).toEqual(state)
    // The same move with honest nodes.
    await finish(way)
  })

  test('an invented inclusion leaves it submitted, and two nodes that invent it are believed', async () => {
    const way = await at('submitted')
    const other = (await evm.call('eth_getBlockByNumber', 'latest', false)) as { hash: string; number: string }
    const invented = lie('eth_getTransactionReceipt', () => ({
      blockHash: other.hash,
      blockNumber: other.number,
      status: '0x1',
      gasUsed: '0x1',
      effectiveGasPrice: '0x1',
    }))
    liar.tell(invented)
    expect(await way.move()).toBe('submitted')
    both(invented)
    const state = way.state
    expect(await way.move()).toBe('included')
    // Even then: the proof has to come out of the block.
    await evm.mine(4)
    await expect(way.move()).rejects.toThrow(coded('anchor-unreachable'))
    expect(way.proof).toBeNull()
    way.state = state
    await finish(way)
  })

  test('a final block that is none leaves it included, and two nodes that say so are believed', async () => {
    const way = await at('included')
    const final: Between = async (method, params, pass) =>
      method === 'eth_getBlockByNumber' && params[0] === 'finalized'
        ? { ...((await pass()) as object), number: '0xffffff' }
        : pass()
    liar.tell(final)
    expect(await way.move()).toBe('included')
    expect(way.proof).toBeNull()
    both(final)
    expect(await way.move()).toBe('final')
  })

  test('a hidden inclusion does not make it pay twice', async () => {
    const way = await at('included')
    const before = way.state.memo
    way.state = { phase: 'submitted', memo: { ...before, seen: null } as never }
    const nonce = parseTransaction(Buffer.from(before!['raw'] as string, 'hex')).nonce
    liar.tell(lie('eth_getTransactionReceipt', () => null))
    way.now += 3_600_000
    await evm.mine(4)
    for (let i = 0; i < 3; i++) {
      expect(await way.move()).toBe('submitted')
      expect((way.state.memo!['hashes'] as string[]).length).toBe(1)
    }
    await finish(way)
    expect(Number(await evm.call('eth_getTransactionCount', evm.address, 'latest'))).toBe(nonce + 1)
  })

  test('a tip that is too high is not paid, and a base fee only raises the most that could be', async () => {
    const honest = await at('prepared')
    liar.tell(lie('eth_maxPriorityFeePerGas', () => '0x174876e800'))
    const way = new Way(anchor(), next++)
    way.others = [honest]
    await way.move()
    const [one, other] = [honest, way].map(({ state }) =>
      parseTransaction(Buffer.from(state.memo!['raw'] as string, 'hex')),
    )
    expect(other!.maxPriorityFeePerGas).toBe(one!.maxPriorityFeePerGas)
    await finish(honest)
    await finish(way)
  })

  const bodies: readonly (readonly [what: string, method: string, answer: (honest: JsonValue) => JsonValue])[] = [
    ['another time', 'eth_getBlockByHash', (it) => ({ ...(it as object), timestamp: '0x1' })],
    ['another root', 'eth_getBlockByHash', (it) => ({ ...(it as object), transactionsRoot: `0x${'b'.repeat(64)}` })],
    ['no transactions', 'eth_getBlockByHash', (it) => ({ ...(it as object), transactions: [] })],
    [
      'the transaction twice',
      'eth_getBlockByHash',
      (it) => {
        const block = it as { transactions: JsonValue[] }
        return { ...block, transactions: [...block.transactions, ...block.transactions] }
      },
    ],
    [
      'other calldata',
      'eth_getBlockByHash',
      (it) => {
        const block = it as { transactions: { input: string }[] }
        // Of a type that is not known here, whose bytes only the node can tell.
        return { ...block, transactions: block.transactions.map((one) => ({ ...one, type: '0x7e' })) }
      },
    ],
    ['no object', 'eth_getBlockByHash', () => 'a block'],
    ['nothing', 'eth_getBlockByHash', () => null],
  ]
  test.each(bodies)('a block with %s makes no proof; the other node does', async (_, method, answer) => {
    const way = await at('included')
    await evm.mine(4)
    const lies = lie(method, answer)
    both((asked, params, pass) =>
      asked === 'eth_getRawTransactionByHash' ? Promise.resolve('0x02c0') : lies(asked, params, pass),
    )
    const { state } = way
    await expect(way.move()).rejects.toThrow(coded('anchor-unreachable'))
    expect(way.state).toEqual(state)
    // The liar is asked first.
    liar.tell(null)
    expect(await way.move()).toBe('final')
    const proof = readProof(way.proof!)
    const { number, hash } = {
      number: Number((state.memo!['seen'] as { blockNumber: number }).blockNumber),
      hash: hex(keccak256(proof.header)),
    }
    expect((await evm.call('eth_getBlockByNumber', `0x${number.toString(16)}`, false)) as object).toMatchObject({
      hash: `0x${hash}`,
    })
  })

  test('all nodes together can invent a chain; a verifier that pins the real one is not deceived', async () => {
    const other = await startLocalEvm({ chainId: evm.chainId })
    try {
      const way = new Way(anchor({ rpcs: other.urls }), 77)
      for (let i = 0; i < 12 && way.state.phase !== 'final'; i++) {
        await way.move()
        await other.mine()
      }
      const proof = readProof(way.proof!)
      const pin = async (chain: LocalEvm) => {
        const block = (await chain.call('eth_getBlockByNumber', '0x2', false)) as { hash: string }
        const blocks = [
          { number: 2, hash: block.hash.slice(2) },
          {
            number: 1,
            hash: ((await chain.call('eth_getBlockByNumber', '0x1', false)) as { hash: string }).hash.slice(2),
          },
          {
            number: 3,
            hash: ((await chain.call('eth_getBlockByNumber', '0x3', false)) as { hash: string }).hash.slice(2),
          },
        ]
        return { chains: [{ chainId: evm.chainId, blocks, senders: [], contracts: [] }] }
      }
      const invented = await pin(other)
      expect(verifyEthereum(proof, statementOf(77), invented, portableCrypto).kind).toBe('ethereum')
      const real = await pin(evm)
      expect(() => verifyEthereum(proof, statementOf(77), real, portableCrypto)).toThrow(coded('anchor-untrusted'))
    } finally {
      await other.close()
    }
  })
})

describe('T-83 a node that does not answer as it should', () => {
  const stall: Between = () => new Promise(() => {})

  test('stalls: nothing is lost, and of three nodes two are enough', async () => {
    const third = await startRpcProxy(evm.urls[0])
    try {
      const way = new Way(anchor({ timeoutMs: 300 }), next++)
      liar.tell(stall)
      await expect(way.move()).rejects.toThrow(coded('anchor-unreachable'))
      expect(way.state).toEqual({ phase: 'pending', memo: null })
      const three = new Way(anchor({ graceMs: 20, rpcs: [liar.url, first.url, third.url] }), way.number)
      for (let i = 0; i < 12 && three.state.phase !== 'final'; i++) {
        await three.move()
        await evm.mine()
      }
      expect(three.state.phase).toBe('final')
    } finally {
      await third.close()
    }
  })

  test('answers without end, with a redirect, or with something else', async () => {
    const answers: readonly (() => Response)[] = [
      () => new Response(new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(65_536)) })),
      () => new Response(null, { status: 302, headers: { location: evm.urls[0] } }),
      () => new Response('<html>', { status: 200 }),
      () => new Response('{"jsonrpc":"2.0","id":1}'),
      () => new Response('[]'),
      () => new Response('{"result":"0x7a69","result":"0x1"}'),
      () => new Response('', { status: 500 }),
    ]
    for (const answer of answers) {
      const between = (async (url: Parameters<typeof fetch>[0], init?: RequestInit) =>
        new URL(String(url)).host === new URL(liar.url).host ? answer() : fetch(url, init)) as typeof fetch
      const way = new Way(anchor({ fetch: between }), next)
      await expect(way.move()).rejects.toThrow(coded('anchor-unreachable'))
    }
    await finish(new Way(anchor({ fetch }), next++))
  })

  test('one node alone, or one host twice, is no anchor', () => {
    for (const rpcs of [[], [first.url], [first.url, `${first.url}/other`]]) {
      expect(() => anchor({ rpcs })).toThrow(coded('anchor-refused'))
    }
    expect(anchor().name).toBe(`eip155:${evm.chainId}`)
  })
})
