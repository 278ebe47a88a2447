import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Code, CodedError, publicKeyPem, utf8 } from '@countersign/core'
import { type LocalGcp, startLocalGcp } from '../../../test/signers/local-gcp.ts'
import { nodeCrypto } from './crypto-node.ts'
import { AS_ANCHOR, openKmsSigner } from './kms-signer.ts'

let gcp: LocalGcp
let root: string
beforeAll(async () => {
  gcp = await startLocalGcp()
  root = mkdtempSync(join(tmpdir(), 'countersign-gcp-'))
})
afterAll(async () => {
  await gcp.close()
  rmSync(root, { recursive: true })
})
const TOKEN = 'ya29.local-access-token'
beforeEach(() => {
  gcp.mode = 'honest'
  gcp.change = null
  gcp.tokensAsked.length = 0
  gcp.tokens.clear()
  gcp.tokens.add(TOKEN)
})

const MESSAGE = utf8('a step')
const door = (env: Record<string, string> = gcp.env, more = {}) => ({
  env,
  now: () => Date.now(),
  wait: () => Promise.resolve(),
  ...more,
})
async function faultOf(work: () => Promise<unknown>): Promise<CodedError> {
  const error = await work().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(CodedError)
  for (const secret of [...gcp.secrets, gcp.subject]) expect(inspect(error, { depth: 9 })).not.toContain(secret)
  return error as CodedError
}
const codeOf = async (work: () => Promise<unknown>): Promise<Code> => (await faultOf(work)).code

type Reply = Record<string, unknown>

describe('an answer', () => {
  test.each<[string, (reply: Reply) => Reply, Code]>([
    [
      'of another version',
      (reply) => ({ ...reply, name: String(reply['name']).replace(/1$/, '2') }),
      'signer-setup-invalid',
    ],
    ['without a name', (reply) => ({ ...reply, name: undefined }), 'signer-setup-invalid'],
    [
      'damaged on the way',
      (reply) => ({ ...reply, pem: String(reply['pem']).replace('A', 'B') }),
      'signer-unreachable',
    ],
    ['without its checksum', (reply) => ({ ...reply, pemCrc32c: undefined }), 'signer-unreachable'],
    [
      'of another algorithm than its key',
      (reply) => ({ ...reply, algorithm: 'EC_SIGN_ED25519' }),
      'signer-setup-invalid',
    ],
    [
      'of an algorithm that every object has',
      (reply) => ({ ...reply, algorithm: 'constructor' }),
      'signer-setup-invalid',
    ],
    ['of no key', (reply) => ({ ...reply, pem: 7 }), 'signer-unreachable'],
  ])('with a public key %s is refused', async (_, change, code) => {
    gcp.change = change
    expect(await codeOf(() => openKmsSigner(gcp.uri, door()))).toBe(code)
    gcp.change = null
    await openKmsSigner(gcp.uri, door())
  })

  test.each<[string, (reply: Reply) => Reply, Code]>([
    ['damaged on the way back', (reply) => ({ ...reply, signatureCrc32c: '1' }), 'signer-unreachable'],
    ['without its checksum', (reply) => ({ ...reply, signatureCrc32c: undefined }), 'signer-unreachable'],
    [
      'for what may have been damaged on the way there',
      (reply) => ({ ...reply, verifiedDigestCrc32c: false }),
      'signer-unreachable',
    ],
    ['that does not say so', (reply) => ({ ...reply, verifiedDigestCrc32c: undefined }), 'signer-unreachable'],
    ['without a name', (reply) => ({ ...reply, name: undefined }), 'sign-failed'],
  ])('with a signature %s is refused', async (_, change, code) => {
    const signer = await openKmsSigner(gcp.uri, door())
    gcp.change = change
    expect(await codeOf(() => signer.sign(MESSAGE))).toBe(code)
    gcp.change = (reply) => ({ ...reply, signatureCrc32c: Number(reply['signatureCrc32c']) })
    expect(nodeCrypto.verify(signer.publicKey, MESSAGE, await signer.sign(MESSAGE))).toBe(true)
  })

  test('that an anchor needs is told in the codes of anchors, and not waited for', async () => {
    const codes = { codes: AS_ANCHOR, wait: () => Promise.reject(new Error('it waited')) }
    gcp.mode = 'broken'
    expect(await codeOf(() => openKmsSigner(gcp.uri, door(gcp.env, codes)))).toBe('anchor-unreachable')
    gcp.mode = 'denied'
    expect(await codeOf(() => openKmsSigner(gcp.uri, door(gcp.env, codes)))).toBe('anchor-setup-invalid')
    expect(await codeOf(() => openKmsSigner('gcpkms://x', door(gcp.env, codes)))).toBe('anchor-setup-invalid')
    gcp.mode = 'honest'
    const signer = await openKmsSigner(gcp.uri, door(gcp.env, codes))
    gcp.mode = 'other-version'
    expect(await codeOf(() => signer.sign(MESSAGE))).toBe('anchor-refused')
  })
})

describe('credentials', () => {
  const bare = (more: Record<string, string>) => ({
    CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS: gcp.url,
    ...more,
  })
  const file = (content: unknown, name = 'credentials.json') => {
    const path = join(root, name)
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
    return path
  }
  const withFile = (content: unknown) => bare({ GOOGLE_APPLICATION_CREDENTIALS: file(content) })
  const signs = async (env: Record<string, string>) => {
    const signer = await openKmsSigner(gcp.uri, door(env))
    await Promise.all([signer.sign(MESSAGE), signer.sign(MESSAGE), signer.sign(MESSAGE)])
  }
  const federation = (more: object = {}) => ({
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/ci',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${gcp.url}/v1/token`,
    credential_source: { file: file(`${gcp.subject}\n`, 'subject') },
    ...more,
  })

  test('are a token, in the environment or in a file that somebody keeps fresh', async () => {
    await signs(bare({ GOOGLE_OAUTH_ACCESS_TOKEN: TOKEN }))
    await signs(bare({ CLOUDSDK_AUTH_ACCESS_TOKEN: TOKEN }))
    const env = bare({ CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: file(`${TOKEN}\n`, 'token') })
    const signer = await openKmsSigner(gcp.uri, door(env))
    gcp.tokens.clear()
    gcp.tokens.add('ya29.the-next')
    expect(await codeOf(() => signer.sign(MESSAGE))).toBe('signer-setup-invalid')
    file('ya29.the-next', 'token')
    await signer.sign(MESSAGE)
    expect(gcp.tokensAsked).toEqual([])
  })

  test('are a service account’s key, which signs for itself and is asked once for a token', async () => {
    await signs(withFile(gcp.serviceAccount))
    expect(gcp.tokensAsked).toEqual(['/token urn:ietf:params:oauth:grant-type:jwt-bearer'])
  })

  test('are asked for again when they end, and when they are refused before', async () => {
    const env = withFile(gcp.serviceAccount)
    let at = Date.now()
    const signer = await openKmsSigner(gcp.uri, door(env, { now: () => at }))
    at += 3_530_000
    await signer.sign(MESSAGE).catch(() => undefined)
    expect(gcp.tokensAsked.length).toBe(1)
    gcp.tokens.clear()
    gcp.tokens.add('ya29.the-next')
    at = Date.now()
    await signer.sign(MESSAGE)
    expect(gcp.tokensAsked.length).toBe(2)
    at += 3_550_000
    await signer.sign(MESSAGE).catch(() => undefined)
    expect(gcp.tokensAsked.length).toBe(3)
  })

  test('are another issuer’s token, with a service account and without, from a file and from a URL', async () => {
    await signs(withFile(federation()))
    const impersonation = `${gcp.url}/v1/projects/-/serviceAccounts/builder@acme.iam.gserviceaccount.com:generateAccessToken`
    await signs(withFile(federation({ service_account_impersonation_url: impersonation })))
    const source = {
      url: `${gcp.url}/subject`,
      headers: { Authorization: 'Bearer ask-for-it' },
      format: { type: 'json', subject_token_field_name: 'value' },
    }
    await signs(withFile(federation({ credential_source: source })))
    expect(gcp.tokensAsked).toEqual([
      '/v1/token urn:ietf:params:oauth:grant-type:token-exchange',
      '/v1/token urn:ietf:params:oauth:grant-type:token-exchange',
      '/v1/projects/-/serviceAccounts/builder@acme.iam.gserviceaccount.com:generateAccessToken',
      '/subject',
      '/v1/token urn:ietf:params:oauth:grant-type:token-exchange',
    ])
  })

  test('are a user’s, and the machine’s own', async () => {
    const user = {
      type: 'authorized_user',
      client_id: 'id',
      client_secret: 'client-secret',
      refresh_token: 'refresh-me',
    }
    await signs(withFile({ ...user, token_uri: `${gcp.url}/token` }))
    await signs(bare({ GCE_METADATA_HOST: new URL(gcp.url).host }))
    expect(gcp.tokensAsked).toEqual([
      '/token refresh_token',
      '/computeMetadata/v1/instance/service-accounts/default/token',
    ])
  })

  test('that are none say what is missing, and nothing of themselves', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    })
    const account = gcp.serviceAccount
    const cases: readonly [string, () => Record<string, string>][] = [
      ['a file that is not there', () => bare({ GOOGLE_APPLICATION_CREDENTIALS: join(root, 'none') })],
      ['a directory', () => bare({ GOOGLE_APPLICATION_CREDENTIALS: root })],
      ['no JSON', () => withFile('refresh-me')],
      ['another kind', () => withFile({ ...account, type: 'impersonated_service_account' })],
      ['no key', () => withFile({ ...account, private_key: 'refresh-me' })],
      ['another key', () => withFile({ ...account, private_key: other })],
      ['an EC key', () => withFile({ ...account, private_key: publicKeyPem(gcp.otherVersion) })],
      ['somebody else’s token service', () => withFile({ ...account, token_uri: 'https://evil.example/token' })],
      ['a look-alike', () => withFile({ ...account, token_uri: 'https://oauth2.googleapis.com.evil.example/token' })],
      ['http', () => withFile({ ...account, token_uri: 'http://oauth2.googleapis.com/token' })],
      ['a program', () => withFile(federation({ credential_source: { executable: { command: 'sh' } } }))],
      ['a source without https', () => withFile(federation({ credential_source: { url: 'http://ci.example/token' } }))],
      [
        'a subject that nobody takes',
        () => withFile(federation({ credential_source: { file: file('x.y.z', 'other') } })),
      ],
      ['an empty subject', () => withFile(federation({ credential_source: { file: file('', 'empty') } }))],
      [
        'foreign impersonation',
        () => withFile(federation({ service_account_impersonation_url: 'https://evil.example' })),
      ],
      ['a token with a line end', () => bare({ GOOGLE_OAUTH_ACCESS_TOKEN: 'a\nb' })],
      ['a metadata server elsewhere', () => bare({ GCE_METADATA_HOST: 'evil.example' })],
      [
        'an address of Cloud KMS in clear',
        () => ({ ...gcp.env, CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS: 'http://kms.example' }),
      ],
    ]
    for (const [name, env] of cases) {
      const fault = await faultOf(() => openKmsSigner(gcp.uri, door(env())))
      expect([name, fault.code]).toEqual([name, 'signer-setup-invalid'])
    }
  })

  test('go to Google’s own address where no other is named', async () => {
    const hosts: string[] = []
    const fetch = ((url: URL) => {
      hosts.push(String(url))
      return Promise.reject(new Error(TOKEN))
    }) as typeof globalThis.fetch
    const env = { GOOGLE_OAUTH_ACCESS_TOKEN: TOKEN }
    expect(await codeOf(() => openKmsSigner(gcp.uri, door(env, { fetch })))).toBe('signer-unreachable')
    expect(new Set(hosts)).toEqual(
      new Set([`https://cloudkms.googleapis.com/v1/${gcp.uri.slice('gcpkms://'.length)}/publicKey`]),
    )
    hosts.length = 0
    const nowhere = await faultOf(() => openKmsSigner(gcp.uri, door({}, { fetch })))
    expect(nowhere).toMatchObject({
      code: 'signer-unreachable',
      what: expect.stringMatching(
        /^there are no credentials in the environment, and metadata\.google\.internal /,
      ) as string,
      fix: expect.stringContaining('GOOGLE_APPLICATION_CREDENTIALS') as string,
    })
    expect(hosts[0]).toBe('http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token')
  })
})
