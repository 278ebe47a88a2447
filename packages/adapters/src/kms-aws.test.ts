import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Code, CodedError, parsePublicKey, publicKeyPem, sha256, utf8 } from '@countersign/core'
import { addressText, recoverAddress } from '@countersign/verify/anchors'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { type KmsMode, type LocalKms, type LocalKmsCaller, startLocalKms } from '../../../test/anchors/local-kms.ts'
import { awsCredentials, type AwsCredentialsProvider } from './aws-credentials.ts'
import { nodeCrypto } from './crypto-node.ts'
import { signHash } from './ethereum-key.ts'
import { awsKmsEthereumSigner } from './kms-aws-ethereum.ts'
import { type AwsKmsOptions, awsKmsSigner, openAwsKmsKey } from './kms-aws.ts'

const CALLER: LocalKmsCaller = { accessKeyId: 'AKIALOCAL', secretAccessKey: 'top/secret+key', sessionToken: 'tok/en==' }
const HASH = sha256(utf8('a transaction'))
const HALF = secp256k1.Point.Fn.ORDER >> 1n

let kms: LocalKms
let payer: string
let signer: string
beforeAll(async () => {
  kms = await startLocalKms()
  payer = kms.create('ECC_SECG_P256K1', 'alias/payer')
  signer = kms.create('ECC_NIST_P256', 'alias/signer')
})
afterAll(() => kms.close())
beforeEach(() => {
  Object.assign(kms, { mode: 'honest', caller: CALLER, signsDryRuns: false, change: null })
  kms.asked.length = 0
})

function optionsOf(key: string, more: Partial<AwsKmsOptions> = {}): AwsKmsOptions {
  const { region, url: endpoint } = kms
  return { key, region, endpoint, credentials: keysOf(CALLER), now: () => Date.now(), ...more }
}
const keysOf = (caller: LocalKmsCaller): AwsCredentialsProvider =>
  awsCredentials({ source: { from: 'environment', ...caller }, now: () => 0 })
const openPayer = (more: Partial<AwsKmsOptions> = {}) => openAwsKmsKey(optionsOf(payer, more), 'ECC_SECG_P256K1')
const openSigner = (more: Partial<AwsKmsOptions> = {}) => openAwsKmsKey(optionsOf(signer, more), 'ECC_NIST_P256')

async function faultOf(work: () => unknown): Promise<CodedError> {
  try {
    await work()
  } catch (error) {
    expect(error).toBeInstanceOf(CodedError)
    // Neither in what is reported, nor in what a log could print of it.
    expect(inspect(error, { depth: 9 }) + JSON.stringify((error as CodedError).report())).not.toMatch(
      /top\/secret|tok\/en|AWS4-HMAC/,
    )
    return error as CodedError
  }
  throw new Error('nothing was thrown')
}
const codeOf = async (work: () => unknown): Promise<Code> => (await faultOf(work)).code

describe('an account of Ethereum', () => {
  test('is that of the key, and signs what leads back to it', async () => {
    const account = awsKmsEthereumSigner(await openPayer())
    const { compact, yParity } = await signHash(account, HASH)
    expect(addressText(recoverAddress(HASH, { compact, yParity }))).toBe(account.address)
    expect(kms.asked.map(({ action }) => action)).toEqual(['GetPublicKey', 'Sign'])
    expect(kms.asked[1]!.input).toEqual({
      KeyId: payer,
      Message: Buffer.from(HASH).toString('base64'),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    })
  })

  test('takes either s: in the transaction it is the lower', async () => {
    const account = awsKmsEthereumSigner(await openPayer())
    kms.mode = 'high-s'
    expect(secp256k1.Signature.fromBytes(await account.sign(HASH)).s > HALF).toBe(true)
    const { compact } = await signHash(account, HASH)
    expect(secp256k1.Signature.fromBytes(compact).s > HALF).toBe(false)
  })
})

describe('a signer over P-256', () => {
  test('signs bytes, whatever their length, under the key that it says', async () => {
    const it = awsKmsSigner(await openSigner())
    expect(it.key).toEqual({ kind: 'publicKey', hint: it.publicKey.keyId })
    for (const length of [0, 100, 100_000]) {
      const bytes = new Uint8Array(length).fill(3)
      expect(nodeCrypto.verify(it.publicKey, bytes, await it.sign(bytes))).toBe(true)
    }
    expect(publicKeyPem(it.publicKey)).toContain('BEGIN PUBLIC KEY')
  })
})

describe('a key', () => {
  test('is found by ARN, id and alias, and stays the same where an alias is moved', async () => {
    const id = payer.slice(payer.indexOf('/') + 1)
    for (const name of [payer, id, 'alias/payer', 'arn:aws:kms:eu-central-1:111122223333:alias/payer']) {
      expect((await openAwsKmsKey(optionsOf(name), 'ECC_SECG_P256K1')).id).toBe(payer)
    }
    const key = await openAwsKmsKey(optionsOf('alias/payer'), 'ECC_SECG_P256K1')
    kms.move('alias/payer', kms.create('ECC_SECG_P256K1'))
    await key.sign(HASH)
    expect(kms.asked.at(-1)!.input['KeyId']).toBe(payer)
    kms.move('alias/payer', payer)
  })

  test('may be tried out, with no signature made where KMS knows how', async () => {
    const key = await openSigner()
    await key.tryOut()
    expect(kms.asked.at(-1)!.input['DryRun']).toBe(true)
    kms.signsDryRuns = true
    await key.tryOut()
    kms.mode = 'denied'
    expect(await codeOf(() => key.tryOut())).toBe('anchor-setup-invalid')
  })

  test('of another kind is refused, whoever asks', async () => {
    expect(await faultOf(() => openAwsKmsKey(optionsOf(signer), 'ECC_SECG_P256K1'))).toMatchObject({
      code: 'anchor-setup-invalid',
      what: `the key ${signer} is ECC_NIST_P256, not ECC_SECG_P256K1`,
    })
    for (const spec of ['ECC_NIST_P384', 'RSA_2048'] as const) {
      const arn = kms.create(spec)
      expect(await codeOf(() => openAwsKmsKey(optionsOf(arn), 'ECC_NIST_P256'))).toBe('anchor-setup-invalid')
    }
    kms.change = (reply) => ({ ...reply, KeyUsage: 'KEY_AGREEMENT' })
    expect((await faultOf(openSigner)).what).toContain('is not for signing')
    expect((await faultOf(() => openAwsKmsKey(optionsOf('alias/none'), 'ECC_NIST_P256'))).what).toContain(
      'NotFoundException',
    )
  })

  test('that KMS says is another than the one that is named is refused', async () => {
    const other = kms.create('ECC_SECG_P256K1')
    kms.change = (reply) => ({ ...reply, KeyId: other })
    expect(await codeOf(() => openPayer())).toBe('anchor-setup-invalid')
    const bare = payer.slice(payer.indexOf('/') + 1)
    kms.change = (reply) => ({ ...reply, KeyId: payer.replace('111122223333', '444455556666') })
    expect(await codeOf(() => openPayer())).toBe('anchor-setup-invalid')
    // Emulators say no more than the id.
    kms.change = (reply) => ({ ...reply, KeyId: bare })
    expect((await openPayer()).id).toBe(bare)
  })

  test.each<[string, (reply: Record<string, unknown>) => Record<string, unknown>, Code]>([
    ['of another curve', (reply) => ({ ...reply, PublicKey: spkiOf('P-384') }), 'anchor-setup-invalid'],
    ['off its curve', (reply) => ({ ...reply, PublicKey: bent(reply['PublicKey']) }), 'anchor-setup-invalid'],
    [
      'too short',
      (reply) => ({ ...reply, PublicKey: String(reply['PublicKey']).slice(0, 40) }),
      'anchor-setup-invalid',
    ],
    ['of no base64', (reply) => ({ ...reply, PublicKey: '%' }), 'anchor-unreachable'],
    ['that is missing', (reply) => ({ ...reply, PublicKey: null }), 'anchor-unreachable'],
    ['without a name', (reply) => ({ ...reply, KeyId: 'a key' }), 'anchor-unreachable'],
    ['for no algorithm', (reply) => ({ ...reply, SigningAlgorithms: [] }), 'anchor-unreachable'],
  ])('whose public half is one %s is refused', async (_, change, code) => {
    kms.change = change
    expect(await codeOf(async () => awsKmsEthereumSigner(await openPayer()))).toBe(code)
    expect(await codeOf(async () => awsKmsSigner(await openSigner()))).toBe(code)
    kms.change = null
    awsKmsEthereumSigner(await openPayer())
    awsKmsSigner(await openSigner())
  })
})

describe('an answer', () => {
  test.each<[KmsMode, Code]>([
    // T-68: whatever is no signature of this key.
    ['other-key', 'anchor-refused'],
    ['malformed-der', 'anchor-refused'],
    ['raw-signature', 'anchor-refused'],
    ['no-base64', 'anchor-unreachable'],
    ['empty', 'anchor-unreachable'],
    ['garbage', 'anchor-unreachable'],
    ['endless', 'anchor-unreachable'],
    ['stall', 'anchor-unreachable'],
    ['throttled', 'anchor-unreachable'],
    ['broken', 'anchor-unreachable'],
    ['redirect', 'anchor-setup-invalid'],
    ['proxy', 'anchor-setup-invalid'],
    ['denied', 'anchor-setup-invalid'],
    ['disabled', 'anchor-setup-invalid'],
    ['expired', 'anchor-setup-invalid'],
    ['repeats', 'anchor-setup-invalid'],
  ])('%s is %s', async (mode, code) => {
    const more = { timeoutMs: 500 }
    const account = awsKmsEthereumSigner(await openPayer(more))
    const it = awsKmsSigner(await openSigner(more))
    kms.mode = mode
    const asked = kms.asked.length
    expect(await codeOf(() => account.sign(HASH))).toBe(code)
    expect(await codeOf(() => it.sign(HASH))).toBe(code)
    // A redirect is not followed, and nothing is asked twice.
    expect(kms.asked.length).toBe(asked + 2)
    kms.mode = 'honest'
    await account.sign(HASH)
    await it.sign(HASH)
  })

  test('without an end is read no further than it may be', async () => {
    const account = awsKmsEthereumSigner(await openPayer())
    kms.mode = 'endless'
    expect((await faultOf(() => account.sign(HASH))).what).toMatch(/ exceeds 65536 bytes$/)
  })

  test('that nobody gives is one that may come', async () => {
    const gone = await startLocalKms()
    await gone.close()
    const { what, code } = await faultOf(() => openPayer({ endpoint: gone.url }))
    expect([code, what]).toEqual(['anchor-unreachable', `${new URL(gone.url).host} did not answer: ECONNREFUSED`])
  })
})

describe('a request', () => {
  test('that another secret, token, region or clock has signed is refused', async () => {
    const others: Partial<AwsKmsOptions>[] = [
      { credentials: keysOf({ ...CALLER, secretAccessKey: 'other' }) },
      { credentials: keysOf({ ...CALLER, sessionToken: 'other' }) },
      { credentials: keysOf({ ...CALLER, sessionToken: null }) },
      { region: 'eu-west-1' },
      { now: () => Date.now() - 600_000 },
    ]
    for (const other of others) expect(await codeOf(() => openPayer(other))).toBe('anchor-setup-invalid')
    await openPayer()
    kms.caller = { ...CALLER, sessionToken: null }
    await openPayer({ credentials: keysOf(kms.caller) })
  })

  test('with credentials that have ended is made once more with others, where there are others', async () => {
    const asked: string[] = []
    const credentials: AwsCredentialsProvider = {
      async current() {
        asked.push('current')
        return CALLER
      },
      forget() {
        asked.push('forget')
        kms.mode = 'honest'
        return true
      },
    }
    kms.mode = 'expired'
    await openPayer({ credentials })
    expect(asked).toEqual(['current', 'forget', 'current'])
  })

  test.each([
    'http://kms.example',
    'https://a:b@kms.example',
    'https://kms.example/path',
    'https://kms.example/?a=b',
    'ftp://127.0.0.1',
    'kms',
  ])('goes to no address such as %s', async (endpoint) => {
    expect(await codeOf(() => openPayer({ endpoint }))).toBe('anchor-setup-invalid')
  })

  test('goes to the region’s own address where none is named, in China too', async () => {
    const hosts: string[] = []
    const fetch = ((url: URL) => {
      hosts.push(url.href)
      return Promise.reject(new Error(CALLER.secretAccessKey))
    }) as typeof globalThis.fetch
    for (const region of ['eu-central-1', 'cn-north-1']) {
      expect(await codeOf(() => openPayer({ region, endpoint: null, fetch }))).toBe('anchor-unreachable')
    }
    expect(hosts).toEqual(['https://kms.eu-central-1.amazonaws.com/', 'https://kms.cn-north-1.amazonaws.com.cn/'])
    expect(await codeOf(() => openPayer({ region: 'evil.example/' }))).toBe('anchor-setup-invalid')
  })
})

/** An SPKI, its last byte changed. */
function bent(spki: unknown): string {
  const bytes = Buffer.from(String(spki), 'base64')
  bytes[bytes.length - 1]! ^= 1
  return bytes.toString('base64')
}

function spkiOf(curve: 'P-384'): string {
  const header = Buffer.from('3076301006072a8648ce3d020106052b81040022036200', 'hex')
  expect(() => parsePublicKey(header)).toThrow(CodedError)
  return Buffer.concat([header, Buffer.alloc(curve === 'P-384' ? 97 : 65, 4)]).toString('base64')
}
