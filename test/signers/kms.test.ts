import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { openKmsSigner } from '@countersign/adapters/kms-signer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { remoteSignerContract, signerContract } from '../contracts/signer.ts'
import { startLocalAws } from './local-aws.ts'
import { startLocalAzure } from './local-azure.ts'
import { type LocalGcp, startLocalGcp } from './local-gcp.ts'
import type { LocalKeys } from './local-service.ts'
import { type LocalVault, startLocalVault } from './local-vault.ts'

const SERVICES: readonly (readonly [name: string, start: () => Promise<LocalKeys>])[] = [
  ['AWS KMS', startLocalAws],
  ['Google Cloud KMS', startLocalGcp],
  ['Azure Key Vault', startLocalAzure],
  ['Vault transit', startLocalVault],
]
const now = () => Date.now()

for (const [name, start] of SERVICES) {
  describe(name, () => {
    let service: LocalKeys
    beforeAll(async () => {
      service = await start()
    })
    afterAll(() => service.close())
    signerContract(name, nodeCrypto, () => openKmsSigner(service.uri, { env: service.env, now }))
  })
  remoteSignerContract(name, start, openKmsSigner, nodeCrypto)
}

describe('Ed25519', () => {
  let gcp: LocalGcp
  let vault: LocalVault
  let uris: { readonly gcp: string; readonly vault: string }
  beforeAll(async () => {
    ;[gcp, vault] = await Promise.all([startLocalGcp(), startLocalVault()])
    uris = { gcp: gcp.create('EC_SIGN_ED25519', 'ed25519'), vault: vault.create('ed25519', 'ed25519') }
  })
  afterAll(() => Promise.all([gcp.close(), vault.close()]))
  signerContract('Google Cloud KMS, Ed25519', nodeCrypto, () => openKmsSigner(uris.gcp, { env: gcp.env, now }))
  signerContract('Vault transit, Ed25519', nodeCrypto, () => openKmsSigner(uris.vault, { env: vault.env, now }))

  test('is for messages that Cloud KMS takes whole', async () => {
    const signer = await openKmsSigner(uris.gcp, { env: gcp.env, now })
    await signer.sign(new Uint8Array(65_536))
    await expect(signer.sign(new Uint8Array(65_537))).rejects.toThrow(
      expect.objectContaining({ code: 'signer-setup-invalid' }),
    )
    await (await openKmsSigner(uris.vault, { env: vault.env, now })).sign(new Uint8Array(200_000))
  })
})
