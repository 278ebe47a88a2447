import { ethereumAnchor, ethereumSigner } from '@countersign/adapters/anchor-ethereum'
import { portableCrypto } from '@countersign/core/portable'
import { hex } from '@countersign/core'
import { parseHeader, parseTransaction } from '@countersign/formats/anchor'
import { keccak256, verifyEthereum } from '@countersign/verify/anchors'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { proveBlock } from '../../packages/adapters/src/ethereum-proof.ts'
import { httpRpc } from '../../packages/adapters/src/ethereum-rpc.ts'
import { readProof, statementOf, Way } from '../anchors/evm-driver.ts'
import { type LocalEvm, startLocalEvm } from '../anchors/local-evm.ts'

let evm: LocalEvm
beforeAll(async () => {
  evm = await startLocalEvm()
})
afterAll(() => evm.close())

const anchor = () => ethereumAnchor({ chainId: evm.chainId, rpcs: evm.urls, signer: ethereumSigner(evm.key) })

interface Seen {
  readonly transaction: string
  readonly blockHash: string
  readonly blockNumber: number
}
const seenBy = (way: Way) => way.state.memo!['seen'] as unknown as Seen
const hashAt = async (number: number) =>
  ((await evm.call('eth_getBlockByNumber', `0x${number.toString(16)}`, false)) as { hash: string }).hash
const nonceOf = (way: Way) => parseTransaction(Buffer.from(way.state.memo!['raw'] as string, 'hex')).nonce
const sent = async () => Number(await evm.call('eth_getTransactionCount', evm.address, 'latest'))
const trust = (hash: string, number: number) => ({
  chains: [{ chainId: evm.chainId, blocks: [{ number, hash }], senders: [evm.address], contracts: [] }],
})

async function until(way: Way, phase: string): Promise<void> {
  for (let i = 0; i < 10 && way.state.phase !== phase; i++) {
    if (way.state.phase === 'submitted') await evm.mine()
    await way.move()
  }
  expect(way.state.phase).toBe(phase)
}

describe('T-82 a block that is replaced', () => {
  test('takes the statement back to submitted, and the same transaction is sent again', async () => {
    const way = new Way(anchor(), 0)
    await until(way, 'included')
    const before = seenBy(way)
    expect(await hashAt(before.blockNumber)).toBe(before.blockHash)
    // Three more blocks are one too few: the block is safe, and can still go.
    await evm.mine(3)
    expect(await way.move()).toBe('included')
    expect(way.proof).toBeNull()

    await evm.call('anvil_reorg', 4, [])
    expect(await hashAt(before.blockNumber)).not.toBe(before.blockHash)
    expect(await evm.call('eth_getTransactionReceipt', before.transaction)).toBeNull()

    expect(await way.move()).toBe('submitted')
    expect(way.proof).toBeNull()
    expect(way.costs).toEqual([])
    await until(way, 'included')
    const after = seenBy(way)
    expect(after.transaction).toBe(before.transaction)
    expect(after.blockHash).not.toBe(before.blockHash)

    await evm.mine(4)
    expect(await way.move()).toBe('final')
    const proof = readProof(way.proof!)
    expect(`0x${hex(keccak256(proof.header))}`).toBe(after.blockHash)
    expect(await hashAt(parseHeader(proof.header).number)).toBe(after.blockHash)
    expect(way.costs.map(({ unit }) => unit)).toEqual(['gas', 'wei'])
  })

  test('control: a proof out of a block that is not final yet is sound, and of a block that is gone', async () => {
    const way = new Way(anchor(), 1)
    await until(way, 'included')
    const seen = seenBy(way)
    const early = await proveBlock(httpRpc(evm.urls[0]), {
      chainId: evm.chainId,
      form: 'calldata',
      contract: null,
      ...seen,
      statement: statementOf(1),
    })
    const verify = (hash: string) =>
      verifyEthereum(readProof(early), statementOf(1), trust(hash, seen.blockNumber), portableCrypto)
    expect(verify(seen.blockHash.slice(2)).kind).toBe('ethereum')
    await evm.call('anvil_reorg', 1, [])
    const now = await hashAt(seen.blockNumber)
    expect(() => verify(now.slice(2))).toThrow(expect.objectContaining({ code: 'anchor-untrusted' }))
    // The anchor itself made no proof of it.
    expect(await way.move()).toBe('submitted')
    await until(way, 'included')
    await evm.mine(4)
    expect(await way.move()).toBe('final')
  })

  test('that a reorganisation puts the transaction elsewhere does not lose it', async () => {
    const way = new Way(anchor(), 2)
    await until(way, 'included')
    await evm.mine()
    const raw = `0x${way.state.memo!['raw'] as string}`
    const before = seenBy(way)
    await evm.call('anvil_reorg', 2, [[raw, 1]])
    expect(await way.move()).toBe('submitted')
    expect(await way.move()).toBe('included')
    expect(seenBy(way).blockNumber).toBe(before.blockNumber + 1)
    await evm.mine(4)
    expect(await way.move()).toBe('final')
  })

  test('a nonce that a final block has spent for something else is given up, and only then', async () => {
    const way = new Way(anchor(), 3)
    await until(way, 'included')
    const nonce = nonceOf(way)
    const { blockNumber } = seenBy(way)
    await evm.call('anvil_reorg', 1, [])
    await evm.call('anvil_impersonateAccount', evm.address)
    const fees = { maxFeePerGas: '0x174876e800', maxPriorityFeePerGas: '0x77359400' }
    await evm.call('eth_sendTransaction', {
      from: evm.address,
      to: evm.address,
      nonce: `0x${nonce.toString(16)}`,
      ...fees,
    })
    await evm.mine()
    expect(await way.move()).toBe('submitted')
    // Spent, but not for ever yet: the block can be replaced as well.
    for (let i = 0; i < 3; i++) {
      expect(await way.move()).toBe('submitted')
      expect(nonceOf(way)).toBe(nonce)
    }
    await evm.mine(4)
    expect(await way.move()).toBe('pending')
    expect(way.state.memo).toBeNull()
    await until(way, 'included')
    expect(nonceOf(way)).toBe(nonce + 1)
    expect(seenBy(way).blockNumber).toBeGreaterThan(blockNumber)
    await evm.mine(4)
    expect(await way.move()).toBe('final')
    // Four statements, and the one that was not ours: nothing was paid for twice.
    expect(await sent()).toBe(5)
  })
})
