import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import {
  ethereumAnchor,
  type EthereumAnchorOptions,
  type EthereumSigner,
  ethereumSigner,
  openEthereumKey,
} from '@countersign/adapters/anchor-ethereum'
import { canonicalJson, type Code, fromUtf8, hex } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { ethereumJson, parseTransaction } from '@countersign/formats/anchor'
import { keccak256, verifyEthereum } from '@countersign/verify/anchors'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { COMPILED, compileContract } from './compile-contract.ts'
import { readProof, statementOf, Way } from './evm-driver.ts'
import { type LocalEvm, startLocalEvm } from './local-evm.ts'

let evm: LocalEvm
beforeAll(async () => {
  evm = await startLocalEvm({ chainId: 4242 })
})
afterAll(() => evm.close())

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const GWEI = 1_000_000_000n
const anchor = (more: Partial<EthereumAnchorOptions> = {}) =>
  ethereumAnchor({ chainId: evm.chainId, rpcs: evm.urls, signer: ethereumSigner(evm.key), ...more })
const rawOf = (way: Way) => parseTransaction(Buffer.from(way.state.memo!['raw'] as string, 'hex'))
const hashesOf = (way: Way) => way.state.memo!['hashes'] as string[]
const paidFor = async (address = evm.address) => Number(await evm.call('eth_getTransactionCount', address, 'latest'))

let next = 0
const newWay = (more: Partial<EthereumAnchorOptions> = {}) => new Way(anchor(more), next++)
/** Moves and mines until it is final. */
async function finish(...ways: readonly Way[]): Promise<void> {
  for (let i = 0; i < 14 && ways.some((way) => way.state.phase !== 'final'); i++) {
    for (const way of ways) if (way.state.phase !== 'final') await way.move()
    await evm.mine()
  }
  expect(ways.map((way) => way.state.phase)).toEqual(ways.map(() => 'final'))
}

function verify(way: Way, more: { senders?: readonly string[]; contracts?: readonly string[] } = {}) {
  const proof = readProof(way.proof!)
  const number = (way.state.memo!['seen'] as { blockNumber: number }).blockNumber
  const blocks = [{ number, hash: hex(keccak256(proof.header)) }]
  const trust = { chains: [{ chainId: evm.chainId, blocks, senders: [], contracts: [], ...more }] }
  return verifyEthereum(proof, statementOf(way.number), trust, portableCrypto)
}

describe('a statement on an EVM chain', () => {
  test('goes from pending to final, is paid for once, and verified offline', async () => {
    const way = newWay()
    const before = await paidFor()
    const phases = []
    for (let i = 0; i < 5; i++) {
      phases.push(await way.move())
      if (i === 2) await evm.mine()
    }
    expect(phases).toEqual(['pending', 'submitted', 'submitted', 'included', 'included'])
    expect(way.costs).toEqual([])
    await evm.mine(4)
    expect(await way.move()).toBe('final')
    expect(way.costs).toEqual([
      { unit: 'gas', amount: '23880' },
      { unit: 'wei', amount: expect.stringMatching(/^[1-9][0-9]+$/) },
    ])
    expect(await paidFor()).toBe(before + 1)
    const proof = readProof(way.proof!)
    expect(fromUtf8(canonicalJson(ethereumJson(proof)))).toBe(fromUtf8(way.proof!))
    expect(verify(way, { senders: [evm.address] })).toMatchObject({
      kind: 'ethereum',
      by: 'eip155:4242',
      at: expect.stringMatching(/^block \d+, transaction 0x[0-9a-f]{64}$/),
    })
    const other = { ...proof, statement: hex(statementOf(99).digests.sha256) }
    expect(() => verifyEthereum(other, statementOf(99), { chains: [] }, portableCrypto)).toThrow(
      coded('anchor-mismatch'),
    )
    expect(() => verify(way, { senders: [`0x${'1'.repeat(40)}`] })).toThrow(coded('anchor-untrusted'))
  })

  test('survives a crash at every move: what is lost is done again, and paid for once', async () => {
    const way = newWay()
    const before = await paidFor()
    for (let i = 0; i < 14 && way.state.phase !== 'final'; i++) {
      await way.lost()
      await way.lost()
      await way.move()
      await evm.mine()
    }
    expect(way.state.phase).toBe('final')
    expect(await paidFor()).toBe(before + 1)
    expect(way.costs.length).toBe(2)
  })

  test('is found though a crash lost that it was sent, and a block has it meanwhile', async () => {
    const way = newWay()
    await way.move()
    await way.lost()
    await evm.mine()
    expect(await way.move()).toBe('included')
    await finish(way)
  })

  test('has a nonce of its own beside others, and one that was given up leaves no gap', async () => {
    const ways = [newWay(), newWay(), newWay()]
    for (const way of ways) {
      way.others = ways.filter((other) => other !== way)
      await way.move()
    }
    const nonces = ways.map((way) => rawOf(way).nonce)
    expect(nonces).toEqual([nonces[0], nonces[0]! + 1, nonces[0]! + 2])
    // The second is given up before it was sent: the next statement takes its nonce.
    const late = newWay()
    late.others = [ways[0]!, ways[2]!]
    await late.move()
    expect(rawOf(late).nonce).toBe(nonces[1])
    await finish(ways[0]!, ways[2]!, late)
    // Put back, it finds its nonce spent, takes another, and is paid for once as well.
    await finish(ways[1]!)
    expect(await paidFor()).toBe(nonces[0]! + 4)
  })

  test('that no block takes is replaced at the same nonce by one that pays an eighth more, up to the cap', async () => {
    const cap = 4n * GWEI
    const way = newWay({ maxFeePerGas: cap, maxPriorityFeePerGas: GWEI })
    await way.move()
    await way.move()
    const first = rawOf(way)
    // Dearer from now on than the transaction allows for.
    const dear = first.maxFeePerGas + 1n
    await evm.call('anvil_setNextBlockBaseFeePerGas', `0x${dear.toString(16)}`)
    expect(await way.move()).toBe('submitted')
    expect(hashesOf(way).length).toBe(1)
    way.now += 600_000
    expect(await way.move()).toBe('submitted')
    const second = rawOf(way)
    expect(second.nonce).toBe(first.nonce)
    expect(second.maxFeePerGas >= (first.maxFeePerGas * 9n) / 8n).toBe(true)
    expect(second.maxPriorityFeePerGas >= (first.maxPriorityFeePerGas * 9n) / 8n).toBe(true)
    // It is durable before it is sent, and then a crash changes nothing.
    await way.lost()
    await way.move()
    expect(await evm.call('eth_getTransactionByHash', hashesOf(way)[1])).not.toBeNull()
    for (let i = 0; i < 20; i++) {
      way.now += 600_000
      await way.move()
    }
    expect(rawOf(way).maxFeePerGas <= cap).toBe(true)
    const signed = hashesOf(way).length
    way.now += 600_000
    await way.move()
    expect(hashesOf(way).length).toBe(signed)
    const before = await paidFor()
    await evm.call('anvil_setNextBlockBaseFeePerGas', '0x3b9aca00')
    await finish(way)
    expect(await paidFor()).toBe(before + 1)
  })

  test('waits while the base fee is above the cap, and nothing is signed', async () => {
    const way = newWay({ maxFeePerGas: 1n })
    const move = await way.lost()
    expect(move.state).toEqual({ phase: 'pending', memo: null })
    expect(move.again).toBeGreaterThan(0)
    next--
  })

  test('needs money in the account', async () => {
    const poor = ethereumSigner('11'.repeat(32))
    const way = new Way(anchor({ signer: poor }), 70)
    await expect(way.move()).rejects.toThrow(coded('anchor-refused'))
    const checks = await way.anchor.check(Date.now())
    expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['balance'])
    await evm.call('anvil_setBalance', poor.address, '0x16345785d8a0000')
    expect(await way.move()).toBe('pending')
  })

  test('is proven out of a block full of other transactions, of every type', async () => {
    const contract = await deployed()
    const [from] = (await evm.call('eth_accounts')) as [string]
    const to = evm.address
    for (let i = 0; i < 150; i++) {
      const kind = [
        { gasPrice: '0x77359400' },
        { gasPrice: '0x77359400', type: '0x1', accessList: [{ address: to, storageKeys: [`0x${'0'.repeat(64)}`] }] },
        { maxFeePerGas: '0x77359400', maxPriorityFeePerGas: '0x1', value: '0x1' },
        { maxFeePerGas: '0x77359400', data: `0x${'ab'.repeat(i)}`, gas: '0x186a0' },
      ][i % 4]
      await evm.call('eth_sendTransaction', { from, to, ...kind })
    }
    const way = newWay({ maxPriorityFeePerGas: 0n })
    const event = newWay({ contract, maxPriorityFeePerGas: 0n })
    for (const one of [way, event]) {
      one.others = [way, event].filter((other) => other !== one)
      await one.move()
      await one.move()
    }
    await finish(way, event)
    const proofs = [way, event].map((one) => readProof(one.proof!))
    expect(Math.max(...proofs.map(({ index }) => index))).toBeGreaterThan(127)
    expect(verify(way).kind).toBe('ethereum')
    expect(verify(event, { contracts: [contract] }).kind).toBe('ethereum')
    for (const { length } of [way.proof!, event.proof!]) expect(length).toBeLessThan(6000)
  })
})

let contractAddress: string | null = null
const deployed = async () => (contractAddress ??= await evm.deploy())

describe('the event contract', () => {
  test('is what solc makes of its source', () => {
    expect(compileContract()).toBe(readFileSync(COMPILED, 'utf8'))
  })

  test('logs a statement, found by log and number', async () => {
    const contract = await deployed()
    const way = newWay({ contract })
    await finish(way)
    expect(Number(way.costs[0]!.amount)).toBeLessThan(26_000)
    const proved = verify(way, { contracts: [contract], senders: [evm.address] })
    expect(proved.trusted.join(' ')).toContain(contract)
    expect(() => verify(way)).toThrow(coded('anchor-untrusted'))
    expect(() => verify(way, { contracts: [contract], senders: [`0x${'1'.repeat(40)}`] })).toThrow(
      coded('anchor-untrusted'),
    )
    const log = `0x${hex(portableCrypto.sha256(Buffer.from('example.com/behind-the-sofa')))}`
    const found = (await evm.call('eth_getLogs', {
      address: contract,
      fromBlock: '0x0',
      topics: [null, null, log, `0x${way.number.toString(16).padStart(64, '0')}`],
    })) as object[]
    expect(found.length).toBe(1)
  })

  test('must be there', async () => {
    const way = new Way(anchor({ contract: `0x${'2'.repeat(40)}` }), 71)
    await expect(way.move()).rejects.toThrow(coded('anchor-refused'))
    expect((await way.anchor.check(Date.now())).filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['contract'])
    expect(() => anchor({ contract: '0x123' })).toThrow(coded('anchor-refused'))
    // One digit in the wrong case: the checksum (EIP-55) catches what is mistyped.
    expect(() => anchor({ contract: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed' })).not.toThrow()
    expect(() => anchor({ contract: '0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed' })).toThrow(coded('anchor-refused'))
  })
})

describe('the private key', () => {
  test('is in nothing that leaves the signer: memo, proof, errors, checks, or the anchor when printed', async () => {
    const way = newWay()
    const seen: string[] = []
    const note = (value: unknown) => seen.push(inspect(value, { depth: 20, showHidden: true }), JSON.stringify(value))
    for (let i = 0; i < 14 && way.state.phase !== 'final'; i++) {
      await way.move()
      note(way.state)
      await evm.mine()
    }
    note(fromUtf8(way.proof!))
    note(await way.anchor.check(Date.now()))
    note(way.anchor)
    note(ethereumSigner(evm.key))
    for (const options of [{ chainId: 1 }, { contract: `0x${'3'.repeat(40)}` }]) {
      const error: unknown = await new Way(anchor(options), 72).move().catch((cause: unknown) => cause)
      expect(error).toBeInstanceOf(Error)
      note(error)
    }
    for (const text of [`${evm.key}0`, evm.key.slice(1), `${evm.key.slice(1)}g`, '0'.repeat(64), 'f'.repeat(64)]) {
      expect(() => ethereumSigner(text)).toThrow(coded('key-invalid'))
      try {
        ethereumSigner(text)
      } catch (error) {
        note(error)
        expect(inspect(error)).not.toContain(text)
      }
    }
    const all = seen.join('\n').toLowerCase()
    const decimal = BigInt(`0x${evm.key}`).toString()
    const base64 = Buffer.from(evm.key, 'hex').toString('base64').toLowerCase()
    const bytes = [...Buffer.from(evm.key, 'hex')].slice(0, 8).join(', ')
    for (const spelling of [evm.key, evm.key.slice(8, 40), decimal, base64, bytes]) expect(all).not.toContain(spelling)
    // Control: the same search finds what is there.
    expect(all).toContain(evm.address.slice(2))
  })

  test('comes out of a file, and nothing of the URL of a node is said but its host', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'countersign-key-')), 'ethereum.key')
    writeFileSync(path, `0x${evm.key.toUpperCase()}\n`)
    expect((await openEthereumKey(path)).address).toBe(evm.address)
    await expect(openEthereumKey(`${path}.missing`)).rejects.toThrow(coded('key-unreadable'))
    await expect(openEthereumKey(tmpdir())).rejects.toThrow(coded('key-unreadable'))
    const rpcs = [
      'http://127.0.0.1:1/v2/secret-of-a-provider?key=another',
      'http://localhost:1/v2/secret-of-a-provider',
    ]
    const way = new Way(anchor({ rpcs }), 73)
    const error: unknown = await way.move().catch((cause: unknown) => cause)
    expect(error).toEqual(coded('anchor-unreachable'))
    const said = `${inspect(error, { depth: 20 })}${JSON.stringify(await way.anchor.check(0))}`
    expect(said).toContain('127.0.0.1:1')
    expect(said).not.toMatch(/secret|another/)
  })

  test('can be elsewhere: a service that signs with either s, and one that signs with another key', async () => {
    const key = Buffer.from(evm.key, 'hex')
    const high: EthereumSigner = {
      address: evm.address,
      async sign(hash) {
        const low = secp256k1.Signature.fromBytes(secp256k1.sign(hash, key, { prehash: false }), 'compact')
        return new secp256k1.Signature(low.r, secp256k1.Point.Fn.ORDER - low.s).toBytes('compact')
      },
    }
    const way = newWay({ signer: high })
    await finish(way)
    const other: EthereumSigner = { address: evm.address, sign: ethereumSigner('22'.repeat(32)).sign }
    await expect(new Way(anchor({ signer: other }), 74).move()).rejects.toThrow(coded('anchor-refused'))
    const none: EthereumSigner = { address: evm.address, sign: async () => new Uint8Array(64) }
    await expect(new Way(anchor({ signer: none }), 75).move()).rejects.toThrow(coded('anchor-refused'))
  })
})

describe('the doctor', () => {
  test('finds nothing with an honest chain, and each thing that is wrong', async () => {
    const wrong = async (more: Partial<EthereumAnchorOptions>, now = Date.now()) =>
      (await anchor(more).check(now)).filter(({ ok }) => !ok).map(({ name, code }) => `${name} ${code}`)
    const latest = (await evm.call('eth_getBlockByNumber', 'latest', false)) as { timestamp: string }
    const now = Number(latest.timestamp) * 1000
    expect(await wrong({}, now)).toEqual([])
    expect(await wrong({}, now + 86_400_000)).toEqual(['clock anchor-unreachable'])
    expect(await wrong({}, now - 86_400_000)).toEqual(['clock anchor-unreachable'])
    expect(await wrong({ maxFeePerGas: 1n }, now)).toEqual(['fees anchor-refused'])
    expect(await wrong({ chainId: 1 }, now)).toEqual(['reachable anchor-refused', 'reachable anchor-refused'])
    expect(await wrong({ rpcs: [evm.urls[0], 'http://127.0.0.1:1'] }, now)).toEqual([
      'reachable anchor-unreachable',
      'enough nodes anchor-unreachable',
    ])
  })
})
