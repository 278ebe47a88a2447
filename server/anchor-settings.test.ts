import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CodedError, type JsonObject } from '@countersign/core'
import { readAnchorSettings } from './anchor-settings.ts'

const SECRET = 'ab'.repeat(32)
let root: string
let file: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-anchor-settings-'))
  file = join(root, 'anchors.json')
  mkdirSync(join(root, 'trust'))
  for (const [name, text] of [
    ['trust/root.json', '{}'],
    ['trust/tsa.pem', 'pem'],
    ['signing.json', '{}'],
    ['eth.key', `0x${SECRET}\n`],
    ['short.key', SECRET.slice(2)],
    ['empty.key', ' \n'],
    ['large.key', 'a'.repeat(5_000)],
  ] as const)
    writeFileSync(join(root, name), text)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const KMS = { key: 'alias/anchors', region: 'eu-central-1' }
const AWS = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'ababab' }
const ENV = { ...AWS, ETH_KEY: SECRET, RPC: 'https://rpc.example/v3/api-key?x=1', EMPTY: '', PASS: ' open ' }
const REKOR = {
  kind: 'rekor',
  url: 'https://rekor.example',
  trustedRoot: 'trust/root.json',
  key: { file: 'rekor.key' },
}
const TSA = { kind: 'rfc3161', url: 'http://tsa.example/tsr', roots: ['trust/tsa.pem'] }
const ETHEREUM = {
  kind: 'ethereum',
  chainId: 1,
  rpcs: ['https://a.example', { env: 'RPC' }],
  key: { file: 'eth.key' },
  feeCap: '100000000000',
}
const OTS = {
  kind: 'opentimestamps',
  calendars: ['https://a.example', 'https://b.example'],
  headers: ['https://c.example/api'],
}

function read(...anchors: readonly JsonObject[]) {
  return readText(JSON.stringify({ anchors }))
}

function readText(text: string) {
  writeFileSync(file, text)
  return readAnchorSettings({ file, env: ENV })
}

function faultOf(work: () => unknown): CodedError {
  try {
    work()
  } catch (error) {
    if (error instanceof CodedError) return error
    throw error
  }
  throw new Error('accepted')
}

it('reads all four, with their names, files and secrets', () => {
  const [rekor, tsa, ethereum, ots] = read(REKOR, TSA, ETHEREUM, OTS)
  const bytes = expect.any(Uint8Array) as Uint8Array
  expect(rekor).toEqual({
    kind: 'rekor',
    name: 'rekor',
    alarmAfter: 86_400_000,
    url: 'https://rekor.example',
    signingConfig: null,
    version: 2,
    trustedRoot: { path: 'trust/root.json', bytes },
    key: { file: join(root, 'rekor.key'), passphrase: null },
  })
  expect(tsa).toMatchObject({ name: 'tsa:tsa.example', roots: [{ path: 'trust/tsa.pem', bytes }] })
  expect(ethereum).toMatchObject({
    name: 'eip155:1',
    rpcs: ['https://a.example', 'https://rpc.example/v3/api-key?x=1'],
    key: { digits: `0x${SECRET}` },
  })
  expect(ots).toMatchObject({ name: 'opentimestamps', alarmAfter: 259_200_000, network: 'mainnet' })
})

it('reads what the README shows', () => {
  const text = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8')
  const shown = /```json\n(\{\n {2}"anchors": [^]*?)```/.exec(text)
  for (const name of ['signing_config.json', 'trusted_root.json', 'digicert.pem']) writeFileSync(join(root, name), '{}')
  writeFileSync(file, shown![1]!)
  const env = { ETH_RPC: 'https://rpc2.example/v3/api-key', ETH_KEY: SECRET }
  expect(readAnchorSettings({ file, env }).map(({ name }) => name)).toEqual([
    'rekor',
    'tsa:digicert',
    'eip155:1',
    'opentimestamps',
  ])
  const key = JSON.parse(/```json\n(\{ "awsKms": [^]*?)```/.exec(text)![1]!) as JsonObject
  for (const one of [REKOR, ETHEREUM]) expect(read({ ...one, key })[0]).toMatchObject({ key })
})

it('takes names, alarms, passphrases and signing configurations', () => {
  const { url: _, ...rest } = REKOR
  const key = { file: 'rekor.key', passphrase: { env: 'PASS' } }
  expect(read({ ...rest, name: 'sigstore', alarmAfter: 60, signingConfig: 'signing.json', key })[0]).toMatchObject({
    name: 'sigstore',
    alarmAfter: 60_000,
    url: null,
    signingConfig: { path: 'signing.json' },
    key: { passphrase: 'open' },
  })
  expect(read({ ...ETHEREUM, key: { env: 'ETH_KEY' } })[0]).toMatchObject({ key: { digits: SECRET } })
  expect(read({ ...OTS, network: 'regtest' })[0]).toMatchObject({
    name: 'opentimestamps:regtest',
    network: 'regtest',
  })
  const headers = ['https://c.example', { core: 'http://127.0.0.1:8332' }, { env: 'RPC' }]
  expect(read({ ...OTS, headers, lookEvery: 60 })[0]).toMatchObject({
    lookEvery: 60_000,
    headers: [
      { api: 'esplora', url: 'https://c.example' },
      { api: 'core', url: 'http://127.0.0.1:8332' },
      { api: 'esplora', url: ENV.RPC },
    ],
  })
  expect(read({ ...ETHEREUM, tipCap: '1', lookEvery: 2 })[0]).toMatchObject({ tipCap: '1', lookEvery: 2_000 })
  expect(read({ ...REKOR, version: 1 })[0]).toMatchObject({ version: 1 })
  expect(read()).toEqual([])
})

it('takes keys that AWS KMS holds, and credentials for it from the environment', () => {
  const credentials = { from: 'environment', accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'ababab', sessionToken: null }
  const awsKms = { ...KMS, endpoint: null, credentials }
  for (const one of [REKOR, ETHEREUM])
    expect(read({ ...one, key: { awsKms: KMS } })[0]!).toMatchObject({ key: { awsKms } })
  for (const key of [
    'arn:aws:kms:eu-central-1:111122223333:key/12345678-1234-4234-8234-123456789012',
    'arn:aws:kms:eu-central-1:111122223333:alias/a/b',
    'arn:aws-us-gov:kms:eu-central-1:111122223333:key/mrk-1234567890abcdef1234567890abcdef',
    '12345678-1234-4234-8234-123456789012',
    'mrk-1234567890abcdef1234567890abcdef',
  ]) {
    const endpoint = 'http://127.0.0.1:4566'
    expect(read({ ...ETHEREUM, key: { awsKms: { ...KMS, key, endpoint } } })[0]).toMatchObject({
      key: { awsKms: { key, endpoint } },
    })
  }
})

describe('refuses', () => {
  const { key: _, ...noKey } = ETHEREUM
  const kms = (more: JsonObject) => ({ ...ETHEREUM, key: { awsKms: { ...KMS, ...more } } })
  const cases: readonly (readonly [string, JsonObject, RegExp])[] = [
    ['a kind there is not', { ...TSA, kind: 'notary' }, /anchors\[0\] is of no kind there is .*"notary"$/],
    ['a kind of every object', { kind: 'constructor' }, /of no kind/],
    ['a field too many', { ...TSA, colour: 'red' }, /unknown field "colour"/],
    ['a field too few', noKey, /lacks key/],
    ['a secret in the file', { ...ETHEREUM, key: SECRET }, /key is not an object/],
    ['a secret from two places', { ...ETHEREUM, key: { file: 'eth.key', env: 'ETH_KEY' } }, /one of file and env/],
    ['a secret from nowhere', { ...ETHEREUM, key: {} }, /one of file and env/],
    ['a variable that is not set', { ...ETHEREUM, key: { env: 'NONE' } }, /variable NONE, which is not set/],
    ['a variable that is empty', { ...ETHEREUM, key: { env: 'EMPTY' } }, /not set/],
    ['a secret that is empty', { ...ETHEREUM, key: { file: 'empty.key' } }, /empty/],
    ['a key that is too short', { ...ETHEREUM, key: { file: 'short.key' } }, /does not lead to 64 hex digits/],
    ['one RPC', { ...ETHEREUM, rpcs: ['https://a.example'] }, /fewer than 2/],
    ['one RPC twice', { ...ETHEREUM, rpcs: ['https://a.example', 'https://a.example'] }, /twice/],
    ['no chain', { ...ETHEREUM, chainId: 0 }, /chainId is not an integer/],
    ['a cap in words', { ...ETHEREUM, feeCap: '1 gwei' }, /feeCap is not a number of wei/],
    ['a cap of nothing', { ...ETHEREUM, feeCap: '0' }, /feeCap/],
    ['one calendar', { ...OTS, calendars: ['https://a.example'] }, /fewer than 2/],
    ['no headers', { ...OTS, headers: [] }, /fewer than 1/],
    ['another network', { ...OTS, network: 'litecoin' }, /network is not/],
    ['plain http', { ...REKOR, url: 'http://rekor.example' }, /url is not https/],
    ['a file for a URL', { ...TSA, url: 'file:///etc/passwd' }, /not https/],
    ['a password in a URL', { ...TSA, url: 'https://a:b@tsa.example' }, /more than a host and a path/],
    ['a key in a URL', { ...TSA, url: 'https://tsa.example/?key=1' }, /query/],
    ['no URL', { ...TSA, url: 'tsa' }, /not a URL/],
    ['two ways to a log', { ...REKOR, signingConfig: 'signing.json' }, /one of url and signingConfig/],
    ['no root', { ...TSA, roots: [] }, /fewer than 1/],
    ['a name with a slash', { ...TSA, name: 'tsa:a/b' }, /not a name/],
    ['an authority by another name', { ...TSA, name: 'digicert' }, /which is not tsa:/],
    ['a name for a chain that has one', { ...ETHEREUM, name: 'mine' }, /unknown field "name"/],
    ['a third version', { ...REKOR, version: 3 }, /version/],
    ['headers of nobody', { ...OTS, headers: [{ core: 'ftp://a.example' }] }, /core is not https/],
    ['a look without end', { ...OTS, lookEvery: 1_000_000 }, /lookEvery/],
    ['a tip in words', { ...ETHEREUM, tipCap: 'one' }, /tipCap/],
    ['a key in two places', { ...REKOR, key: { file: 'rekor.key', awsKms: KMS } }, /unknown field "file"/],
    ['a key of no service', { ...REKOR, key: { kms: 'k8s://a/b' } }, /kms is not the address of a key.*awskms:/],
    ['a key of no version', { ...REKOR, key: { kms: 'gcpkms://a' } }, /kms is not the address of a key/],
    ['an account in no AWS', { ...ETHEREUM, key: { kms: 'hashivault://k' } }, /kms/],
    ['a key of no region', { ...REKOR, key: { awsKms: { key: KMS.key } } }, /lacks region/],
    [
      'a key of another region',
      kms({ key: `arn:aws:kms:us-east-1:111122223333:alias/a` }),
      /is of the region us-east-1/,
    ],
    ['a key by a name that is none', kms({ key: 'anchors' }), /not the ARN, the id or the alias/],
    ['a region that leads elsewhere', kms({ region: 'evil.example/' }), /not a region/],
    ['a key service over plain http', kms({ endpoint: 'http://kms.example' }), /endpoint is not https/],
    ['a key service on a path', kms({ endpoint: 'https://kms.example/a' }), /more than a host/],
    ['credentials in the file', kms({ accessKeyId: 'AKIAEXAMPLE' }), /unknown field/],
    ['an alarm at once', { ...TSA, alarmAfter: 0 }, /alarmAfter/],
  ]
  it.each(cases)('%s', (_, anchor, what) => {
    const fault = faultOf(() => read(anchor))
    expect([fault.code, fault.what]).toEqual(['anchor-setup-invalid', expect.stringMatching(what)])
    // Whatever is wrong, no secret is in what is said of it.
    expect(JSON.stringify(fault.report())).not.toMatch(/abab|api-key|a:b@/)
  })

  it('a key in AWS KMS where nobody says who asks for it', () => {
    writeFileSync(file, JSON.stringify({ anchors: [{ ...ETHEREUM, key: { awsKms: KMS } }] }))
    for (const env of [
      { ...ENV, AWS_SECRET_ACCESS_KEY: '' },
      { RPC: ENV.RPC, AWS_EC2_METADATA_DISABLED: 'true' },
    ]) {
      expect(faultOf(() => readAnchorSettings({ file, env })).code).toBe('anchor-setup-invalid')
    }
  })

  it('two of one name', () => {
    expect(faultOf(() => read(TSA, TSA)).what).toBe(
      'the anchor settings.anchors[1] has the name tsa:tsa.example, as another before it',
    )
  })

  it('more than sixteen', () => {
    const many = Array.from({ length: 17 }, (_, i) => ({ ...TSA, name: `tsa:${i}` }))
    expect(read(...many.slice(1))).toHaveLength(16)
    expect(faultOf(() => read(...many)).code).toBe('anchor-setup-invalid')
  })

  it('what is no JSON, a member twice, and files that are not there or too large', () => {
    expect(faultOf(() => readText('{')).code).toBe('json-invalid')
    expect(faultOf(() => readText('{"anchors":[],"anchors":[]}')).code).toBe('json-duplicate-key')
    expect(faultOf(() => readText('[]')).code).toBe('anchor-setup-invalid')
    expect(faultOf(() => readText(' '.repeat(70_000))).code).toBe('input-too-large')
    expect(faultOf(() => read({ ...TSA, roots: ['none.pem'] })).code).toBe('file-missing')
    expect(faultOf(() => read({ ...ETHEREUM, key: { file: 'large.key' } })).code).toBe('input-too-large')
    expect(faultOf(() => readAnchorSettings({ file: join(root, 'none.json'), env: {} })).code).toBe('file-missing')
  })
})
