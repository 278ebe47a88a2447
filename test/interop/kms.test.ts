import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Anchor } from '@countersign/anchor'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, hex } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { keccak256, verifyEthereum } from '@countersign/verify/anchors'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AwsCredentials } from '../../packages/adapters/src/aws-sigv4.ts'
import { openAnchors } from '../../server/anchor-kinds.ts'
import { readAnchorSettings } from '../../server/anchor-settings.ts'
import { readProof, statementOf, Way } from '../anchors/evm-driver.ts'
import { type LocalEvm, startLocalEvm } from '../anchors/local-evm.ts'
import { type LocalRekor, startLocalRekor } from '../anchors/local-rekor.ts'
import { drive, move, proved } from '../anchors/rekor-kit.ts'
import { installMoto, type Moto, startMoto } from './moto.ts'

const there = installMoto()
const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error

/** moto names a key by its id alone. */
const idOf = (arn: string) => arn.slice(arn.indexOf('/') + 1)

/** moto checks each signature with botocore, and what its user may do, as soon as it is guarded. */
describe.skipIf(!there)('moto’s KMS', () => {
  let root: string
  let moto: Moto
  let evm: LocalEvm
  let rekor: LocalRekor
  let arns: { readonly rekor: string; readonly ethereum: string }
  let signer: AwsCredentials
  let reader: AwsCredentials
  let role: AwsCredentials
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'countersign-kms-'))
    ;[moto, evm, rekor] = await Promise.all([startMoto(), startLocalEvm(), startLocalRekor()])
    writeFileSync(join(root, 'trusted-root.json'), JSON.stringify(rekor.trustedRoot))
    arns = {
      rekor: await moto.createKey('ECC_NIST_P256', 'alias/rekor'),
      ethereum: await moto.createKey('ECC_SECG_P256K1', 'alias/ethereum'),
    }
    signer = await moto.createUser('signer', ['kms:GetPublicKey', 'kms:Sign'])
    reader = await moto.createUser('reader', ['kms:GetPublicKey'])
    role = await moto.assumeRole('signers', ['kms:GetPublicKey', 'kms:Sign'])
    await moto.guard()
  })
  afterAll(async () => {
    await Promise.all([moto.close(), evm.close(), rekor.close()])
    rmSync(root, { recursive: true, force: true })
  })

  async function anchors(who: AwsCredentials, names = { rekor: 'alias/rekor', ethereum: 'alias/ethereum' }) {
    const key = (name: string) => ({ awsKms: { key: name, region: moto.region, endpoint: moto.url } })
    const { chainId, urls } = evm
    const settings = [
      { kind: 'rekor', url: rekor.url, trustedRoot: 'trusted-root.json', key: key(names.rekor) },
      { kind: 'ethereum', chainId, rpcs: [...urls], key: key(names.ethereum), feeCap: '100000000000' },
    ]
    const file = join(root, 'anchors.json')
    writeFileSync(file, JSON.stringify({ anchors: settings }))
    const env = {
      AWS_ACCESS_KEY_ID: who.accessKeyId,
      AWS_SECRET_ACCESS_KEY: who.secretAccessKey,
      AWS_SESSION_TOKEN: who.sessionToken ?? '',
    }
    return (await openAnchors(readAnchorSettings({ file, env }), nodeCrypto)) as unknown as [Anchor, Anchor]
  }
  const checks = async (anchor: Anchor) => (await anchor.check(Date.now())).slice(0, 2)

  test('signs a statement into Rekor, for a user and for a role', async () => {
    for (const who of [signer, role]) {
      const [anchor] = await anchors(who)
      const { proof } = await drive(anchor)
      expect(proved(proof!, rekor.trust)).toMatchObject({ kind: 'rekor' })
    }
    expect(role.sessionToken).not.toBeNull()
  })

  test('signs transactions that anvil takes, of both halves of s, and the proof verifies offline', async () => {
    const [, anchor] = await anchors(signer)
    const { found } = (await anchor.check(Date.now())).find(({ name }) => name === 'balance')!
    const address = /0x[0-9a-f]{40}/.exec(found)![0]
    await evm.call('anvil_setBalance', address, '0x8ac7230489e80000')
    // Each is signed anew: that all of eight had the lower s by chance is one in 256.
    const ways = Array.from({ length: 8 }, (_, number) => new Way(anchor, number))
    for (const way of ways) {
      for (let i = 0; i < 14 && way.state.phase !== 'final'; i++) {
        await way.move()
        await evm.mine()
      }
      const proof = readProof(way.proof!)
      const number = (way.state.memo!['seen'] as { blockNumber: number }).blockNumber
      const blocks = [{ number, hash: hex(keccak256(proof.header)) }]
      const trust = { chains: [{ chainId: evm.chainId, blocks, senders: [address], contracts: [] }] }
      expect(verifyEthereum(proof, statementOf(way.number), trust, portableCrypto)).toMatchObject({ kind: 'ethereum' })
    }
  })

  test('tells the doctor whose key it is, and who may sign with it', async () => {
    for (const [i, arn] of [arns.rekor, arns.ethereum].entries()) {
      const may = await checks((await anchors(signer))[i]!)
      expect(may.map(({ name, ok }) => [name, ok])).toEqual([
        ['key', true],
        ['may sign', true],
      ])
      expect(may[0]!.found).toContain(idOf(arn))
      const mayNot = await checks((await anchors(reader))[i]!)
      expect(mayNot.map(({ name, ok, code }) => [name, ok, code])).toEqual([
        ['key', true, null],
        ['may sign', false, 'anchor-setup-invalid'],
      ])
    }
  })

  test('refuses who may not, another secret, a key of the wrong kind and one that is not there', async () => {
    const refused = async (anchor: Anchor) => {
      await expect(move(anchor)).rejects.toThrow(coded('anchor-setup-invalid'))
      return (await anchor.check(Date.now())).find(({ ok }) => !ok)!.found
    }
    expect(await refused((await anchors(reader))[0])).toContain('refused')
    const other = { ...signer, secretAccessKey: `${signer.secretAccessKey}x` }
    expect(await refused((await anchors(other))[0])).toContain('refused')
    const swapped = { rekor: arns.ethereum, ethereum: arns.rekor }
    expect(await refused((await anchors(signer, swapped))[0])).toContain(
      `${idOf(arns.ethereum)} is ECC_SECG_P256K1, not ECC_NIST_P256`,
    )
    const none = { rekor: 'alias/none', ethereum: 'alias/none' }
    expect(await refused((await anchors(signer, none))[0])).toContain('NotFoundException')
  })
})
