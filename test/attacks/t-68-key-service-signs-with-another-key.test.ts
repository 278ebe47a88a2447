import { awsCredentials } from '@countersign/adapters/aws-credentials'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { awsKmsSigner, openAwsKmsKey } from '@countersign/adapters/kms-aws'
import { awsKmsEthereumSigner } from '@countersign/adapters/kms-aws-ethereum'
import { type HeldKey, kmsSigner, type KmsUri, openKmsSigner, parseKmsUri } from '@countersign/adapters/kms-signer'
import { type Code, sha256, utf8 } from '@countersign/core'
import { addressText, recoverAddress } from '@countersign/verify/anchors'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openAwsKey } from '../../packages/adapters/src/kms-aws-signer.ts'
import { openAzureKey } from '../../packages/adapters/src/kms-azure.ts'
import type { KmsDoor } from '../../packages/adapters/src/kms-door.ts'
import { openGcpKey } from '../../packages/adapters/src/kms-gcp.ts'
import { openVaultKey } from '../../packages/adapters/src/kms-vault.ts'
import { type KmsMode, type LocalKms, startLocalKms } from '../anchors/local-kms.ts'
import { startLocalAws } from '../signers/local-aws.ts'
import { startLocalAzure } from '../signers/local-azure.ts'
import { startLocalGcp } from '../signers/local-gcp.ts'
import type { LocalKeys } from '../signers/local-service.ts'
import { startLocalVault } from '../signers/local-vault.ts'

/** T-68: a key service that signs with another version of a key, or another key, makes what nobody accepts later. */

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const TEXT = utf8('a statement')
const HASH = sha256(TEXT)
let kms: LocalKms
beforeAll(async () => {
  kms = await startLocalKms()
  kms.create('ECC_NIST_P256', 'alias/p256')
  kms.create('ECC_SECG_P256K1', 'alias/secp256k1')
})
afterAll(() => kms.close())
beforeEach(() => {
  kms.mode = 'honest'
})

function open(spec: 'ECC_NIST_P256' | 'ECC_SECG_P256K1', key: string) {
  const now = () => Date.now()
  const credentials = awsCredentials({ source: { from: 'environment', ...kms.caller }, now })
  return openAwsKmsKey({ key, region: kms.region, endpoint: kms.url, credentials, now }, spec)
}

test('what the key has signed is taken', async () => {
  const signer = awsKmsSigner(await open('ECC_NIST_P256', 'alias/p256'))
  expect(nodeCrypto.verify(signer.publicKey, TEXT, await signer.sign(TEXT))).toBe(true)
  const account = awsKmsEthereumSigner(await open('ECC_SECG_P256K1', 'alias/secp256k1'))
  const compact = await account.sign(HASH)
  const recovered = ([0, 1] as const).map((yParity) => addressText(recoverAddress(HASH, { compact, yParity })))
  expect(recovered).toContain(account.address)
})

test.each<KmsMode>(['other-key', 'malformed-der', 'raw-signature'])('what it has not is not: %s', async (mode) => {
  const signer = awsKmsSigner(await open('ECC_NIST_P256', 'alias/p256'))
  const account = awsKmsEthereumSigner(await open('ECC_SECG_P256K1', 'alias/secp256k1'))
  kms.mode = mode
  await expect(signer.sign(TEXT)).rejects.toThrow(coded('anchor-refused'))
  await expect(account.sign(HASH)).rejects.toThrow(coded('anchor-refused'))
})

test('an alias that is moved does not take the signer along', async () => {
  const first = kms.create('ECC_NIST_P256', 'alias/moved')
  const signer = awsKmsSigner(await open('ECC_NIST_P256', 'alias/moved'))
  const second = kms.create('ECC_NIST_P256')
  kms.move('alias/moved', second)
  expect(nodeCrypto.verify(signer.publicKey, TEXT, await signer.sign(TEXT))).toBe(true)
  expect(kms.asked.at(-1)!.input['KeyId']).toBe(first)
  // Whoever opens it now gets the other one.
  expect((await open('ECC_NIST_P256', 'alias/moved')).id).toBe(second)
})

test('a key that was named by its ARN is that key, or none', async () => {
  const named = kms.create('ECC_NIST_P256')
  const other = kms.create('ECC_NIST_P256')
  expect((await open('ECC_NIST_P256', named)).id).toBe(named)
  kms.change = (reply) => ({ ...reply, KeyId: other })
  await expect(open('ECC_NIST_P256', named)).rejects.toThrow(coded('anchor-setup-invalid'))
  kms.change = null
})

type Opening = (uri: KmsUri, door: KmsDoor) => Promise<HeldKey>
const SERVICES: readonly (readonly [name: string, start: () => Promise<LocalKeys>, held: Opening])[] = [
  ['AWS KMS', startLocalAws, (uri, door) => openAwsKey(uri as never, door)],
  ['Google Cloud KMS', startLocalGcp, (uri, door) => openGcpKey((uri as { version: string }).version, door)],
  ['Azure Key Vault', startLocalAzure, (uri, door) => openAzureKey(uri as never, door)],
  ['Vault transit', startLocalVault, (uri, door) => openVaultKey(uri as never, door)],
]

/** Steps: what is refused here would be published otherwise, as the first test of each shows. */
describe.each(SERVICES)('%s', (_, start, openHeld) => {
  let service: LocalKeys
  beforeAll(async () => {
    service = await start()
  })
  afterAll(() => service.close())
  beforeEach(() => {
    service.mode = 'honest'
  })
  const door = () => ({ env: service.env, now: () => Date.now() })

  test('a good signature of another version comes back, and is not taken', async () => {
    const held = await openHeld(parseKmsUri(service.uri), door())
    service.mode = 'other-version'
    const signature = await held.sign(TEXT)
    expect(nodeCrypto.verify(service.otherVersion, TEXT, signature)).toBe(true)
    expect(nodeCrypto.verify(held.publicKey, TEXT, signature)).toBe(false)
    await expect(kmsSigner(held, {}).sign(TEXT)).rejects.toThrow(coded('sign-failed'))
    service.mode = 'honest'
    expect(nodeCrypto.verify(held.publicKey, TEXT, await kmsSigner(held, {}).sign(TEXT))).toBe(true)
  })

  test('a version that is made meanwhile is not signed with', async () => {
    const signer = await openKmsSigner(service.uri, door())
    service.rotate()
    expect(nodeCrypto.verify(signer.publicKey, TEXT, await signer.sign(TEXT))).toBe(true)
  })
})
