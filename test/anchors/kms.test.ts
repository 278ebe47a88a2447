import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Anchor } from '@countersign/anchor'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, hex, type JsonObject } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { keccak256, verifyEthereum } from '@countersign/verify/anchors'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openAnchors } from '../../server/anchor-kinds.ts'
import { readAnchorSettings } from '../../server/anchor-settings.ts'
import { startLocalAws } from '../signers/local-aws.ts'
import { startLocalAzure } from '../signers/local-azure.ts'
import { startLocalGcp } from '../signers/local-gcp.ts'
import type { LocalKeys } from '../signers/local-service.ts'
import { startLocalVault } from '../signers/local-vault.ts'
import { readProof, statementOf, Way } from './evm-driver.ts'
import { type LocalEvm, startLocalEvm } from './local-evm.ts'
import { type LocalKms, startLocalKms } from './local-kms.ts'
import { type LocalRekor, startLocalRekor } from './local-rekor.ts'
import { drive, move, proved } from './rekor-kit.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
let root: string
let kms: LocalKms
let evm: LocalEvm
let rekor: LocalRekor
let keys: { readonly rekor: string; readonly ethereum: string }
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'countersign-kms-'))
  ;[kms, evm, rekor] = await Promise.all([startLocalKms(), startLocalEvm(), startLocalRekor()])
  keys = { rekor: kms.create('ECC_NIST_P256'), ethereum: kms.create('ECC_SECG_P256K1') }
  writeFileSync(join(root, 'trusted-root.json'), JSON.stringify(rekor.trustedRoot))
})
afterAll(async () => {
  await Promise.all([kms.close(), evm.close(), rekor.close()])
  rmSync(root, { recursive: true, force: true })
})
beforeEach(() => {
  kms.mode = 'honest'
})

/** Both, as a server sets them up. */
async function anchors(
  more: { rekor?: JsonObject; ethereum?: JsonObject } = {},
  others: Readonly<Record<string, string>> = {},
): Promise<[Anchor, Anchor]> {
  const key = (name: string) => ({ awsKms: { key: name, region: kms.region, endpoint: kms.url } })
  const settings = [
    { kind: 'rekor', url: rekor.url, trustedRoot: 'trusted-root.json', key: key(keys.rekor), ...more.rekor },
    {
      kind: 'ethereum',
      chainId: evm.chainId,
      rpcs: [...evm.urls],
      key: key(keys.ethereum),
      feeCap: '100000000000',
      ...more.ethereum,
    },
  ]
  const file = join(root, 'anchors.json')
  writeFileSync(file, JSON.stringify({ anchors: settings }))
  const { accessKeyId, secretAccessKey } = kms.caller
  const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, ...others }
  return (await openAnchors(readAnchorSettings({ file, env }), nodeCrypto)) as unknown as [Anchor, Anchor]
}

const checksOf = async (anchor: Anchor) =>
  (await anchor.check(Date.now())).map(({ name, ok, code }) => [name, ok, code])

async function addressOf(anchor: Anchor): Promise<string> {
  const balance = (await anchor.check(Date.now())).find(({ name }) => name === 'balance')!
  return /0x[0-9a-f]{40}/.exec(balance.found)![0]
}

describe('a statement, with keys in AWS KMS,', () => {
  test('goes into Rekor, and proves there', async () => {
    const [anchor] = await anchors()
    const { proof } = await drive(anchor)
    expect(proved(proof!, rekor.trust)).toMatchObject({ kind: 'rekor' })
  })

  test('goes onto an EVM chain, whatever half s is in, and is paid for by the key’s account', async () => {
    const [, anchor] = await anchors()
    const address = await addressOf(anchor)
    await evm.call('anvil_setBalance', address, '0x8ac7230489e80000')
    kms.mode = 'high-s'
    const way = new Way(anchor, 0)
    for (let i = 0; i < 14 && way.state.phase !== 'final'; i++) {
      await way.move()
      await evm.mine()
    }
    const proof = readProof(way.proof!)
    const number = (way.state.memo!['seen'] as { blockNumber: number }).blockNumber
    const blocks = [{ number, hash: hex(keccak256(proof.header)) }]
    const trust = { chains: [{ chainId: evm.chainId, blocks, senders: [address], contracts: [] }] }
    expect(verifyEthereum(proof, statementOf(0), trust, portableCrypto)).toMatchObject({ kind: 'ethereum' })
  })

  test('waits while KMS is not there, and goes on when it is', async () => {
    kms.mode = 'broken'
    const [first, second] = await anchors()
    await expect(move(first)).rejects.toThrow(coded('anchor-unreachable'))
    await expect(new Way(second, 1).move()).rejects.toThrow(coded('anchor-unreachable'))
    kms.mode = 'honest'
    const prepared = await move(first, undefined, 1)
    expect(await new Way(second, 1).move()).toBe('pending')
    // What KMS says of its failure reaches whoever drives the anchor, also once the key is known.
    kms.mode = 'denied'
    await expect(move(first, undefined, 2)).rejects.toThrow(coded('anchor-setup-invalid'))
    // It is signed already.
    expect((await move(first, prepared.state, 1)).state.phase).toBe('final')
  })

  test('is given up where another key has signed it (T-68)', async () => {
    const [first, second] = await anchors()
    kms.mode = 'other-key'
    await expect(move(first)).rejects.toThrow(coded('anchor-refused'))
    await expect(new Way(second, 2).move()).rejects.toThrow(coded('anchor-refused'))
  })

  test('does not end with a setting that cannot work', async () => {
    const [, anchor] = await anchors({ ethereum: { contract: 'none' } })
    await expect(new Way(anchor, 3).move()).rejects.toThrow(coded('anchor-setup-invalid'))
    expect(await checksOf(anchor)).toEqual([['key', false, 'anchor-setup-invalid']])
  })
})

describe('the doctor', () => {
  test('tells the key, and that it may sign, beside what else is needed', async () => {
    const both = await anchors()
    for (const anchor of both) {
      const checks = await checksOf(anchor)
      expect(checks.slice(0, 2)).toEqual([
        ['key', true, null],
        ['may sign', true, null],
      ])
      expect(checks.some(([name]) => name === 'reachable')).toBe(true)
    }
    expect((await both[1].check(Date.now()))[0]!.found).toContain(`${keys.ethereum}, ECC_SECG_P256K1`)
  })

  test.each<[string, () => void, [string, boolean, Code]]>([
    ['that KMS does not answer', () => void (kms.mode = 'garbage'), ['key', false, 'anchor-unreachable']],
    ['that the key may not be seen', () => void (kms.mode = 'denied'), ['key', false, 'anchor-setup-invalid']],
  ])('tells %s', async (_, change, check) => {
    const [anchor] = await anchors()
    change()
    expect(await checksOf(anchor)).toEqual([check])
    kms.mode = 'honest'
    // Known by now: what it may do is asked each time.
    await anchor.check(Date.now())
    change()
    expect((await checksOf(anchor))[1]).toEqual(['may sign', false, check[2]])
  })

  test('tells that a key is of the wrong kind', async () => {
    const wrong = { key: { awsKms: { key: keys.ethereum, region: kms.region, endpoint: kms.url } } }
    const [anchor] = await anchors({ rekor: wrong })
    expect((await anchor.check(Date.now())).map(({ found }) => found)).toEqual([
      `the key ${keys.ethereum} is ECC_SECG_P256K1, not ECC_NIST_P256`,
    ])
  })
})

describe('a statement, with a key in any service,', () => {
  const services: readonly (readonly [string, () => Promise<LocalKeys>])[] = [
    ['AWS KMS', startLocalAws],
    ['Cloud KMS', startLocalGcp],
    ['Key Vault', startLocalAzure],
    ['Vault', startLocalVault],
  ]
  test.each(services)('goes into Rekor and proves there: %s', async (_, start) => {
    const service = await start()
    try {
      const [anchor] = await anchors({ rekor: { key: { kms: service.uri } } }, service.env)
      service.mode = 'broken'
      // The server is there without it, and is not held up by tries of its own.
      expect(await checksOf(anchor)).toEqual([['key', false, 'anchor-unreachable']])
      await expect(move(anchor)).rejects.toThrow(coded('anchor-unreachable'))
      service.mode = 'honest'
      const { proof } = await drive(anchor)
      expect(proved(proof!, rekor.trust)).toMatchObject({ kind: 'rekor' })
      expect((await checksOf(anchor)).slice(0, 2)).toEqual([
        ['key', true, null],
        ['may sign', true, null],
      ])
      service.mode = 'other-version'
      await expect(move(anchor)).rejects.toThrow(coded('anchor-refused'))
      service.mode = 'denied'
      expect((await checksOf(anchor))[1]).toEqual(['may sign', false, 'anchor-setup-invalid'])
    } finally {
      await service.close()
    }
  })
})
