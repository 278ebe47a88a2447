import { type Code, concat, hex, type JsonObject } from '@countersign/core'
import { makeTrie, placeKey, type Rlp, writeInteger, writeRlp } from '@countersign/formats/anchor'
import { addressOf, keccak256 } from '@countersign/verify/anchors'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { headerBytes, receiptBytes, transactionBytes } from '../../packages/adapters/src/ethereum-encode.ts'
import { type LocalEvm, startLocalEvm } from './local-evm.ts'

let evm: LocalEvm
beforeAll(async () => {
  evm = await startLocalEvm()
})
afterAll(() => evm.close())

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const n = (value: number | bigint) => writeInteger(BigInt(value))
const KEY = new Uint8Array(32).fill(9)
const ADDRESS = addressOf(secp256k1.getPublicKey(KEY, false))

/** Signs as every type does: over the type and the fields before the signature. */
function sign(prefix: readonly number[], fields: readonly Rlp[]): Rlp[] {
  const hash = keccak256(concat(Uint8Array.from(prefix), writeRlp(fields)))
  const [parity, ...rs] = secp256k1.sign(hash, KEY, { prehash: false, format: 'recovered' })
  const integers = [rs.slice(0, 32), rs.slice(32)].map((bytes) => n(BigInt(`0x${hex(Uint8Array.from(bytes))}`)))
  return [...fields, n(parity!), ...integers]
}

test('transactions of every type that a node takes come out at the bytes that it hashed', async () => {
  await evm.call('anvil_setBalance', `0x${hex(ADDRESS)}`, '0xde0b6b3a7640000')
  const to = Uint8Array.from({ length: 20 }, (_, i) => i)
  const fee = 5_000_000_000n
  const access: Rlp = [[to, [new Uint8Array(32), new Uint8Array(32).fill(1)]]]
  const delegation = sign([5], [n(evm.chainId), to, n(4)])
  const raws = [
    // Legacy, with the chain in v (EIP-155), and the creation of a contract.
    ...[to, new Uint8Array(0)].map((recipient, nonce) => {
      const fields = [n(nonce), n(fee), n(100_000), recipient, n(1), new Uint8Array(0)]
      const [parity, r, s] = sign([], [...fields, n(evm.chainId), n(0), n(0)]).slice(-3) as Uint8Array[]
      const v = BigInt(evm.chainId) * 2n + 35n + BigInt(parity!.length)
      return writeRlp([...fields, n(v), r!, s!])
    }),
    concat(Uint8Array.of(1), writeRlp(sign([1], [n(evm.chainId), n(2), n(fee), n(100_000), to, n(0), to, access]))),
    concat(
      Uint8Array.of(2),
      writeRlp(sign([2], [n(evm.chainId), n(3), n(0), n(fee), n(100_000), to, n(0), to, access])),
    ),
    concat(
      Uint8Array.of(4),
      writeRlp(sign([4], [n(evm.chainId), n(4), n(1), n(fee), n(200_000), to, n(0), to, [], [delegation]])),
    ),
  ]
  const hashes: unknown[] = []
  for (const raw of raws) hashes.push(await evm.call('eth_sendRawTransaction', `0x${hex(raw)}`))
  await evm.mine()
  for (const [i, hash] of hashes.entries()) {
    const told = (await evm.call('eth_getTransactionByHash', hash)) as JsonObject
    expect(hex(transactionBytes(told)!)).toBe(hex(raws[i]!))
  }

  const block = (await evm.call('eth_getBlockByNumber', 'latest', true)) as JsonObject & {
    hash: string
    transactions: JsonObject[]
    transactionsRoot: string
    receiptsRoot: string
  }
  expect(`0x${hex(keccak256(headerBytes(block)))}`).toBe(block.hash)
  const root = (values: readonly Uint8Array[]) =>
    `0x${hex(
      makeTrie(
        values.map((value, i) => [placeKey(i), value] as const),
        keccak256,
      ).root,
    )}`
  expect(block.transactions.length).toBe(raws.length)
  expect(root(block.transactions.map((one) => transactionBytes(one)!))).toBe(block.transactionsRoot)
  const receipts = (await evm.call('eth_getBlockReceipts', block.hash)) as JsonObject[]
  expect(root(receipts.map(receiptBytes))).toBe(block.receiptsRoot)
})

test('what a node makes up is refused, or of no known type', () => {
  expect(transactionBytes({ type: '0x7e', sourceHash: '0x' })).toBeNull()
  const bad: readonly JsonObject[] = [{}, { type: 'two' }, { type: '0x2', nonce: '0x' }, { type: '0x0', nonce: -1 }]
  for (const transaction of bad) {
    expect(() => transactionBytes(transaction)).toThrow(coded('anchor-unreachable'))
    expect(() => headerBytes(transaction)).toThrow(coded('anchor-unreachable'))
    expect(() => receiptBytes(transaction)).toThrow(coded('anchor-unreachable'))
  }
})
