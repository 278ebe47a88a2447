import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { openKmsSigner } from '@countersign/adapters/kms-signer'
import { type Code, readPublicKey, sha256, utf8 } from '@countersign/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AwsCredentials } from '../../packages/adapters/src/aws-sigv4.ts'
import { crc32c } from '../../packages/adapters/src/crc32c.ts'
import { signerContract } from '../contracts/signer.ts'
import { type LocalGcp, startLocalGcp } from '../signers/local-gcp.ts'
import { GO_MISSING, goProgram } from './go.ts'
import { googleKms, type GoogleKms, installGoogleKms } from './google-kms.ts'
import { installMoto, type Moto, startMoto } from './moto.ts'

/** Key services that others wrote, and what signs steps with their keys. */

const MESSAGE = utf8('what a step did')
const now = () => Date.now()
const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
type Env = Record<string, string>

interface Running {
  readonly url: string
  stop(): Promise<void>
}

/** A Go program that tells where it listens. */
async function start(path: string, args: readonly string[]): Promise<Running> {
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

const NO_GO = 'skipped: there is no go on this machine'

describe.skipIf(GO_MISSING)(GO_MISSING ? NO_GO : 'Vault’s transit engine', () => {
  const program = goProgram('go-vault')
  let vault: Running
  let env: Env
  beforeAll(async () => {
    program.build()
    vault = await start(program.path, ['root', 'hvs.signer'])
    env = { VAULT_ADDR: vault.url, VAULT_TOKEN: 'hvs.signer' }
    for (const type of ['ecdsa-p256', 'ed25519', 'rsa-2048', 'aes256-gcm96']) await ask(`keys/${type}`, { type })
    await ask('keys/derived', { type: 'ed25519', derived: true })
  })
  afterAll(() => vault.stop())

  async function ask(path: string, body: object): Promise<void> {
    const headers = { 'x-vault-token': 'root', 'content-type': 'application/json' }
    const reply = await fetch(`${vault.url}/v1/transit/${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    if (!reply.ok) throw new Error(await reply.text())
  }
  const open = (key: string, more: Env = {}) => openKmsSigner(`hashivault://${key}`, { env: { ...env, ...more }, now })

  for (const type of ['ecdsa-p256', 'ed25519']) signerContract(`Vault, ${type}`, nodeCrypto, () => open(type))

  test('signs with the version that was there, after the key was rotated too', async () => {
    const first = await open('ecdsa-p256')
    await ask('keys/ecdsa-p256/rotate', {})
    const second = await open('ecdsa-p256')
    const named = await open('ecdsa-p256/versions/1')
    expect(second.publicKey.keyId).not.toBe(first.publicKey.keyId)
    expect(named.publicKey.keyId).toBe(first.publicKey.keyId)
    for (const signer of [first, second, named]) {
      expect(nodeCrypto.verify(signer.publicKey, MESSAGE, await signer.sign(MESSAGE))).toBe(true)
    }
    // A version that may no longer sign says so, and no other signs in its place.
    await ask('keys/ecdsa-p256/config', { min_encryption_version: 2 })
    await expect(first.sign(MESSAGE)).rejects.toThrow(expect.objectContaining({ name: 'CodedError' }) as Error)
    await expect(open('ecdsa-p256/versions/1')).rejects.toThrow(coded('signer-setup-invalid'))
    await second.sign(MESSAGE)
  })

  test('refuses other kinds, other tokens, and what is not there', async () => {
    for (const key of ['rsa-2048', 'aes256-gcm96', 'derived', 'none', 'ed25519/versions/9']) {
      await expect(open(key), key).rejects.toThrow(coded('signer-setup-invalid'))
    }
    await expect(open('ed25519', { VAULT_TOKEN: 'other' })).rejects.toThrow(coded('signer-setup-invalid'))
    await expect(open('ed25519', { TRANSIT_SECRET_ENGINE_PATH: 'other' })).rejects.toThrow(
      coded('signer-setup-invalid'),
    )
  })
})

describe.skipIf(GO_MISSING)(GO_MISSING ? NO_GO : 'Microsoft’s double of Key Vault', () => {
  const program = goProgram('go-azure')
  let vault: Running
  let env: Env
  const made: Record<string, string> = {}
  beforeAll(async () => {
    program.build()
    vault = await start(program.path, ['eyJ0.vault.token'])
    env = { AZURE_ACCESS_TOKEN: 'eyJ0.vault.token' }
    for (const [name, crv] of [
      ['build', 'P-256'],
      ['p384', 'P-384'],
    ] as const)
      made[name] = await create(name, crv)
  })
  afterAll(() => vault.stop())

  async function create(name: string, crv: string): Promise<string> {
    const headers = { authorization: 'Bearer eyJ0.vault.token', 'content-type': 'application/json' }
    const body = JSON.stringify({ kty: 'EC', crv })
    const reply = await fetch(`${vault.url}/keys/${name}/create?api-version=7.4`, { method: 'POST', headers, body })
    const { key } = (await reply.json()) as { key: { kid: string } }
    return key.kid.replace('http://', 'azurekms://').replace('/keys/', '/')
  }
  const open = (uri: string, more: Env = {}) => openKmsSigner(uri, { env: { ...env, ...more }, now })

  signerContract('Key Vault', nodeCrypto, () => open(made['build']!))

  test('signs with the version that was there, after a newer one was made too', async () => {
    const newest = made['build']!.replace(/\/[0-9a-f]{32}$/, '')
    const first = await open(newest)
    await create('build', 'P-256')
    expect(nodeCrypto.verify(first.publicKey, MESSAGE, await first.sign(MESSAGE))).toBe(true)
    expect((await open(newest)).publicKey.keyId).not.toBe(first.publicKey.keyId)
    expect((await open(made['build']!)).publicKey.keyId).toBe(first.publicKey.keyId)
  })

  test('refuses other kinds, other tokens, and what is not there', async () => {
    const none = made['build']!.replace('/build/', '/none/')
    for (const uri of [made['p384']!, none]) await expect(open(uri), uri).rejects.toThrow(coded('signer-setup-invalid'))
    const foreign = { AZURE_ACCESS_TOKEN: 'eyJ0.other', AZURE_TENANT_ID: 'contoso.example' }
    const says = expect.stringContaining('the tenant 11111111-2222-4333-8444-555555555555') as string
    await expect(open(made['build']!, foreign)).rejects.toThrow(
      expect.objectContaining({ code: 'signer-setup-invalid', what: says }) as Error,
    )
  })
})

const google = installGoogleKms()
const NO_GOOGLE = 'skipped: Google’s client of Cloud KMS cannot be installed'

/** No emulator of it installs here: that ours speaks as it does is what Google's own client says. */
describe.skipIf(!google)(google ? 'Cloud KMS, as Google’s own client asks it' : NO_GOOGLE, () => {
  let gcp: LocalGcp
  let client: GoogleKms
  let root: string
  let federated: Record<string, unknown>
  beforeAll(async () => {
    gcp = await startLocalGcp()
    root = mkdtempSync(join(tmpdir(), 'countersign-google-'))
    const file = join(root, 'subject')
    writeFileSync(file, gcp.subject)
    federated = {
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/ci',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${gcp.url}/v1/token`,
      credential_source: { file },
    }
    writeFileSync(join(root, 'credentials.json'), JSON.stringify(federated))
    client = googleKms(gcp.url, federated)
  })
  afterAll(async () => {
    await client.close()
    await gcp.close()
    rmSync(root, { recursive: true })
  })

  test('gives the same key, and a signature that verifies under it', async () => {
    const version = gcp.uri.slice('gcpkms://'.length)
    const env = {
      ...gcp.env,
      GOOGLE_OAUTH_ACCESS_TOKEN: '',
      GOOGLE_APPLICATION_CREDENTIALS: join(root, 'credentials.json'),
    }
    const ours = await openKmsSigner(gcp.uri, { env, now })
    const asked = [...gcp.tokensAsked]
    const { pem, pemCrc32c } = await client.publicKey(version)
    expect(readPublicKey(pem).keyId).toBe(ours.publicKey.keyId)
    expect(Number(pemCrc32c.value)).toBe(crc32c(utf8(pem)))
    const digest = sha256(MESSAGE)
    const theirs = await client.sign(version, digest, crc32c(digest))
    expect(theirs).toMatchObject({ name: version, verifiedDigestCrc32c: true })
    expect(Number(theirs.signatureCrc32c.value)).toBe(crc32c(new Uint8Array(theirs.signature)))
    for (const signature of [new Uint8Array(theirs.signature), await ours.sign(MESSAGE)]) {
      expect(nodeCrypto.verify(ours.publicKey, MESSAGE, signature)).toBe(true)
    }
    await expect(client.sign(version, digest, 1)).rejects.toThrow()
    // It got its token as ours did.
    expect(asked).toEqual(['/v1/token urn:ietf:params:oauth:grant-type:token-exchange'])
    expect(gcp.tokensAsked).toEqual([...asked, ...asked])
  })
})

const moto = installMoto()

describe.skipIf(!moto)(moto ? 'moto’s KMS' : 'skipped: moto cannot be installed', () => {
  let aws: Moto
  let who: { readonly user: AwsCredentials; readonly reader: AwsCredentials; readonly role: AwsCredentials }
  beforeAll(async () => {
    aws = await startMoto()
    await aws.createKey('ECC_NIST_P256', 'alias/build')
    await aws.createKey('ECC_SECG_P256K1', 'alias/other')
    const user = await aws.createUser('signer', ['kms:GetPublicKey', 'kms:Sign'])
    const reader = await aws.createUser('reader', ['kms:GetPublicKey'])
    who = { user, reader, role: await aws.assumeRole('signers', ['kms:GetPublicKey', 'kms:Sign']) }
    await aws.guard()
  })
  afterAll(() => aws.close())

  const open = (alias: string, { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials) =>
    openKmsSigner(`awskms://${new URL(aws.url).host}/alias/${alias}`, {
      env: {
        AWS_REGION: aws.region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken ?? '',
      },
      now,
    })

  signerContract('moto', nodeCrypto, () => open('build', who.user))

  test('signs for a role, and for nobody who may not, or with a key of another kind', async () => {
    const signer = await open('build', who.role)
    expect(nodeCrypto.verify(signer.publicKey, MESSAGE, await signer.sign(MESSAGE))).toBe(true)
    await expect((await open('build', who.reader)).sign(MESSAGE)).rejects.toThrow(coded('signer-setup-invalid'))
    await expect(open('other', who.user)).rejects.toThrow(coded('signer-setup-invalid'))
    await expect(open('none', who.user)).rejects.toThrow(coded('signer-setup-invalid'))
  })
})
