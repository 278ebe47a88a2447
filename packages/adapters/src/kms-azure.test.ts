import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Code, CodedError, utf8 } from '@countersign/core'
import { type LocalAzure, startLocalAzure } from '../../../test/signers/local-azure.ts'
import { nodeCrypto } from './crypto-node.ts'
import { openKmsSigner } from './kms-signer.ts'

let azure: LocalAzure
let root: string
beforeAll(async () => {
  azure = await startLocalAzure()
  root = mkdtempSync(join(tmpdir(), 'countersign-azure-'))
})
afterAll(async () => {
  await azure.close()
  rmSync(root, { recursive: true })
})
beforeEach(() => {
  azure.mode = 'honest'
  azure.change = null
  azure.tokensAsked.length = 0
})

const MESSAGE = utf8('a step')
const door = (env: Record<string, string> = azure.env, more = {}) => ({
  env,
  now: () => Date.now(),
  wait: () => Promise.resolve(),
  ...more,
})
async function faultOf(work: () => Promise<unknown>): Promise<CodedError> {
  const error = await work().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(CodedError)
  for (const secret of azure.secrets) expect(inspect(error, { depth: 9 })).not.toContain(secret)
  return error as CodedError
}
const codeOf = async (work: () => Promise<unknown>): Promise<Code> => (await faultOf(work)).code

type Reply = Record<string, unknown>
const inKey = (reply: Reply, change: object): Reply => ({ ...reply, key: { ...(reply['key'] as object), ...change } })

describe('a key', () => {
  test('without a version is the newest of now, until the end', async () => {
    const signer = await openKmsSigner(azure.newest, door())
    const [, , version] = signer.name.split('/')
    azure.rotate()
    const signature = await signer.sign(MESSAGE)
    expect(nodeCrypto.verify(signer.publicKey, MESSAGE, signature)).toBe(true)
    expect(azure.asked.at(-1)).toContain(`/keys/build/${version}/sign`)
    expect((await openKmsSigner(azure.newest, door())).publicKey.keyId).not.toBe(signer.publicKey.keyId)
  })

  test('signs in DER, whatever the halves of its signature begin with', async () => {
    const signer = await openKmsSigner(azure.uri, door())
    // A half that begins with a set bit is every second one, with a zero byte one in 256.
    for (let i = 0; i < 300; i++) {
      const message = utf8(`message ${i}`)
      expect(nodeCrypto.verify(signer.publicKey, message, await signer.sign(message))).toBe(true)
    }
  })

  test.each<[string, (reply: Reply) => Reply, Code]>([
    ['of another name', (reply) => inKey(reply, { kid: kidLike(reply, '/build/', '/other/') }), 'signer-setup-invalid'],
    [
      'of another version',
      (reply) => inKey(reply, { kid: `${azure.url}/keys/build/${'0'.repeat(32)}` }),
      'signer-setup-invalid',
    ],
    [
      'of another vault',
      (reply) => inKey(reply, { kid: kidLike(reply, '127.0.0.1', 'evil.example') }),
      'signer-unreachable',
    ],
    ['without an address', (reply) => inKey(reply, { kid: undefined }), 'signer-unreachable'],
    ['that is no object', (reply) => ({ ...reply, key: 'key' }), 'signer-unreachable'],
    ['that is disabled', (reply) => ({ ...reply, attributes: { enabled: false } }), 'signer-setup-invalid'],
    ['that is cut', (reply) => inKey(reply, { x: 'AAAA' }), 'signer-setup-invalid'],
    [
      'of lax base64',
      (reply) => inKey(reply, { y: `${String((reply['key'] as Reply)['y'])}=` }),
      'signer-setup-invalid',
    ],
  ])('%s is refused', async (_, change, code) => {
    azure.change = change
    expect(await codeOf(() => openKmsSigner(azure.uri, door()))).toBe(code)
    azure.change = null
    await openKmsSigner(azure.uri, door())
  })
  const kidLike = (reply: Reply, from: string, to: string) => String((reply['key'] as Reply)['kid']).replace(from, to)

  test('in no vault of Azure is not asked for, and gets no token', async () => {
    const fetch = (() => Promise.reject(new Error('it was asked'))) as typeof globalThis.fetch
    for (const vault of ['evil.example', 'vault.azure.net', 'a.vault.azure.net.evil.example', 'avault.azure.net']) {
      const fault = await faultOf(() => openKmsSigner(`azurekms://${vault}/build`, door(azure.env, { fetch })))
      expect([vault, fault.code]).toEqual([vault, 'signer-setup-invalid'])
    }
    const hosts: string[] = []
    const noting = ((url: URL) => {
      hosts.push(url.host)
      return Promise.reject(new Error())
    }) as typeof globalThis.fetch
    for (const vault of [
      'a.vault.azure.net',
      'b.managedhsm.azure.net',
      'c.vault.azure.cn',
      'd.vault.usgovcloudapi.net',
    ]) {
      expect(await codeOf(() => openKmsSigner(`azurekms://${vault}/build`, door(azure.env, { fetch: noting })))).toBe(
        'signer-unreachable',
      )
      expect(hosts.at(-1)).toBe(vault)
    }
  })
})

describe('credentials', () => {
  const signs = async (env: Record<string, string>) => {
    const signer = await openKmsSigner(azure.uri, door(env))
    await Promise.all([signer.sign(MESSAGE), signer.sign(MESSAGE)])
  }
  const application = (more: Record<string, string>) => ({
    AZURE_TENANT_ID: azure.tenant,
    AZURE_CLIENT_ID: azure.client,
    AZURE_AUTHORITY_HOST: `${azure.url}/`,
    ...more,
  })
  const tokenFile = (content: string) => {
    const path = join(root, 'federated')
    writeFileSync(path, content)
    return path
  }

  test('are an application’s secret, or another issuer’s token for it, which is read anew', async () => {
    await signs(application({ AZURE_CLIENT_SECRET: azure.clientSecret }))
    await signs(application({ AZURE_FEDERATED_TOKEN_FILE: tokenFile(`${azure.assertion}\n`) }))
    expect(azure.tokensAsked).toEqual(Array(2).fill(`POST /${azure.tenant}/oauth2/v2.0/token`))
  })

  test('are the managed identity of the machine, or of the platform', async () => {
    await signs({ AZURE_POD_IDENTITY_AUTHORITY_HOST: azure.url })
    await signs({ IDENTITY_ENDPOINT: `${azure.url}/msi/token`, IDENTITY_HEADER: 'platform-header' })
    expect(azure.tokensAsked).toEqual(['GET /metadata/identity/oauth2/token', 'GET /msi/token'])
  })

  test('of another tenant are told of, and the tenant’s own authority is not asked', async () => {
    azure.mode = 'expired'
    const env = application({ AZURE_CLIENT_SECRET: azure.clientSecret, AZURE_TENANT_ID: azure.tenant })
    expect((await faultOf(() => openKmsSigner(azure.uri, door(env)))).what).toMatch(
      /refused: Unauthorized \(status 401\)$/,
    )
    // Refused once, it was asked for again.
    expect(azure.tokensAsked.length).toBe(2)
    const foreign = { ...azure.env, AZURE_TENANT_ID: 'contoso.example' }
    expect((await faultOf(() => openKmsSigner(azure.uri, door(foreign)))).what).toContain(
      `takes tokens of the tenant ${azure.tenant}`,
    )
  })

  test('that are none say what is missing, and nothing of themselves', async () => {
    const secret = { AZURE_CLIENT_SECRET: azure.clientSecret }
    const cases: readonly [string, Record<string, string>][] = [
      ['another secret', application({ AZURE_CLIENT_SECRET: 'other' })],
      ['no tenant', { AZURE_CLIENT_ID: azure.client, ...secret }],
      ['a tenant that is a path', application({ ...secret, AZURE_TENANT_ID: '../evil' })],
      ['no client', { AZURE_TENANT_ID: azure.tenant, ...secret }],
      ['a client that is none', application({ ...secret, AZURE_CLIENT_ID: 'a&b' })],
      ['an authority in clear', application({ ...secret, AZURE_AUTHORITY_HOST: 'http://login.example' })],
      ['no token file', application({ AZURE_FEDERATED_TOKEN_FILE: join(root, 'none') })],
      ['an empty token file', application({ AZURE_FEDERATED_TOKEN_FILE: tokenFile('') })],
      ['a token with a line end', { AZURE_ACCESS_TOKEN: 'a\nb' }],
      ['an identity elsewhere', { IDENTITY_ENDPOINT: 'http://evil.example/', IDENTITY_HEADER: 'platform-header' }],
      ['another header', { IDENTITY_ENDPOINT: `${azure.url}/msi/token`, IDENTITY_HEADER: 'other' }],
      ['a metadata service elsewhere', { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://evil.example' }],
    ]
    for (const [name, env] of cases) {
      expect([name, await codeOf(() => openKmsSigner(azure.uri, door(env)))]).toEqual([name, 'signer-setup-invalid'])
    }
  })

  test('go to the cloud that the vault is in', async () => {
    const hosts: string[] = []
    const fetch = ((url: URL) => {
      hosts.push(url.host)
      return Promise.reject(new Error(azure.clientSecret))
    }) as typeof globalThis.fetch
    const env = application({ AZURE_CLIENT_SECRET: azure.clientSecret, AZURE_AUTHORITY_HOST: '' })
    for (const [vault, authority] of [
      ['a.vault.azure.net', 'login.microsoftonline.com'],
      ['a.managedhsm.azure.net', 'login.microsoftonline.com'],
      ['a.vault.azure.cn', 'login.chinacloudapi.cn'],
      ['a.vault.usgovcloudapi.net', 'login.microsoftonline.us'],
    ] as const) {
      expect(await codeOf(() => openKmsSigner(`azurekms://${vault}/build`, door(env, { fetch })))).toBe(
        'signer-unreachable',
      )
      expect(hosts.at(-1)).toBe(authority)
    }
    expect(await codeOf(() => openKmsSigner('azurekms://a.vault.azure.net/build', door({}, { fetch })))).toBe(
      'signer-unreachable',
    )
    expect(hosts.at(-1)).toBe('169.254.169.254')
  })
})
