import { describe, expect, test } from 'vitest'
import { base64, type Code, concat, hex, parsePublicKey, sha256, spkiOf, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { Shape } from '@countersign/formats'
import { party } from '../../../../test/pipeline.ts'
import type { AnchorProved } from './proved.ts'
import {
  countRekorLogs,
  isIdOf,
  logNameOf,
  parseRekorVkey,
  parseTrustedRoot,
  readTrustedLog,
  rekorLog,
  rekorTrust,
} from './rekor-trust.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const keyOf = (name: string, algorithm: 'ed25519' | 'ecdsa-p256') =>
  parsePublicKey(new Uint8Array(party(name, algorithm).publicKey.spki))
const edwards = keyOf('edwards', 'ed25519')
const p256 = keyOf('p256', 'ecdsa-p256')
const NAME = 'rekor.example'
const log = rekorLog(NAME, edwards, portableCrypto)

describe('a log of a trusted root', () => {
  const id = (bytes: Uint8Array) => ({ keyId: base64(bytes) })
  const entry = {
    baseUrl: `https://${NAME}/`,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: base64(edwards.spki),
      keyDetails: 'PKIX_ED25519',
      validFor: { start: '2026-01-01T00:00:00Z' },
    },
    logId: id(log.logId),
  }
  const read = (more: object = {}) =>
    readTrustedLog(new Shape('anchor-setup-invalid', { ...entry, ...more } as never, 'log'), portableCrypto)

  test('has the name of its address, the id of its key in checkpoints, and its time', () => {
    expect(read()).toEqual({
      name: NAME,
      key: edwards,
      logId: log.logId,
      validFor: { start: Date.UTC(2026, 0, 1), end: null },
      operator: null,
    })
    const untimed = { rawBytes: entry.publicKey.rawBytes, keyDetails: 'PKIX_ED25519' }
    expect(read({ publicKey: untimed })!.validFor).toEqual({ start: null, end: null })
  })

  test('is run by whom it says, or by nobody known', () => {
    expect(read({ operator: 'somebody.example' })!.operator).toBe('somebody.example')
    expect(read({ operator: null })!.operator).toBeNull()
  })

  test('of a key of another kind is left out, and what another file would say is let be', () => {
    const other = { ...entry.publicKey, keyDetails: 'PKIX_RSA_PKCS1V15_2048_SHA256' }
    expect(read({ publicKey: other })).toBeNull()
    expect(read({ publicKey: other, hashAlgorithm: 'SHA2_512' })).toBeNull()
    expect(read({ somethingNew: 1, logId: { ...entry.logId, more: 2 } })).not.toBeNull()
  })

  test.each<[string, object]>([
    ['another hash', { hashAlgorithm: 'SHA2_512' }],
    ['no address', { baseUrl: undefined }],
    ['no id', { logId: undefined }],
    ['an id without digits', { logId: {} }],
    ['the id of another name', { logId: id(rekorLog('other.example', edwards, portableCrypto).logId) }],
    [
      'a key of another kind than it says',
      { publicKey: { ...entry.publicKey, keyDetails: 'PKIX_ECDSA_P256_SHA_256' } },
    ],
    ['the hash of its key as the only id', { logId: id(sha256(edwards.spki)) }],
    ['another id in checkpoints', { checkpointKeyId: id(new Uint8Array(32)) }],
    [
      'the right id in checkpoints, and none of its own',
      { checkpointKeyId: id(log.logId), logId: id(new Uint8Array(32)) },
    ],
  ])('with %s is none', (_, more) => {
    const given = JSON.parse(JSON.stringify({ ...entry, ...more })) as never
    expect(() => readTrustedLog(new Shape('anchor-setup-invalid', given, 'log'), portableCrypto)).toThrow(
      coded('anchor-setup-invalid'),
    )
  })

  test('may be called by the hash of its key where its id in checkpoints stands beside it', () => {
    const both = { checkpointKeyId: id(log.logId) }
    expect(read({ ...both, logId: id(sha256(edwards.spki)) })!.logId).toEqual(log.logId)
    expect(read({ ...both })!.logId).toEqual(log.logId)
    expect(read({ checkpointKeyId: null })!.logId).toEqual(log.logId)
    expect(
      [log.logId, sha256(edwards.spki), new Uint8Array(32)].map((one) => isIdOf(log, one, portableCrypto)),
    ).toEqual([true, true, false])
  })

  test('is one of at least one', () => {
    const root = (tlogs: unknown) =>
      parseTrustedRoot(
        JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.trustedroot.v0.2+json', tlogs, other: [] }),
        portableCrypto,
      )
    expect(root([entry]).logs.map(({ name }) => name)).toEqual([NAME])
    expect(() => root([])).toThrow(coded('trust-missing'))
    expect(() =>
      root([{ ...entry, publicKey: { ...entry.publicKey, keyDetails: 'PKIX_RSA_PSS_2048_SHA256' } }]),
    ).toThrow(coded('trust-missing'))
  })
})

test.each([
  ['https://rekor.example', 'rekor.example'],
  ['http://rekor.example/', 'rekor.example'],
  ['https://rekor.example/log///', 'rekor.example/log'],
  ['rekor.example/https://x', 'rekor.example/https://x'],
  ['https://https://x', 'https://x'],
])('the log at %s is called %s', (url, name) => expect(logNameOf(url)).toBe(name))

describe('a verifier key', () => {
  const vkey = (name: string, material: Uint8Array, id?: Uint8Array) =>
    `${name}+${hex((id ?? rekorLog(name, edwards, portableCrypto).logId).subarray(0, 4))}+${base64(material)}`
  const ed = concat(Uint8Array.of(1), edwards.raw)
  const ec = concat(Uint8Array.of(2), p256.spki)
  const parse = (text: string) => parseRekorVkey(text, portableCrypto)

  test('is of an Ed25519 key, or of a P-256 key as SPKI', () => {
    expect(parse(vkey(NAME, ed))).toEqual(log)
    const other = rekorLog(NAME, p256, portableCrypto)
    expect(parse(vkey(NAME, ec, other.logId))).toEqual(other)
    expect(other.logId).toEqual(sha256(p256.spki))
    expect(log.logId).toEqual(sha256(concat(utf8(`${NAME}\n`), ed)))
  })

  test.each<[string, string]>([
    ['nothing', ''],
    ['without a key', `${NAME}+01020304`],
    [
      'with an id in capitals',
      vkey(NAME, ed).replace(/\+[0-9a-f]{8}\+/, (it) => it.toUpperCase().replaceAll(/[0-9]/g, 'A')),
    ],
    ['with a short id', vkey(NAME, ed).replace(/\+([0-9a-f]{6})[0-9a-f]{2}\+/, '+$1+')],
    ['with the id of another', vkey(NAME, ed, new Uint8Array(32))],
    ['that is no base64', `${vkey(NAME, ed)}*`],
    ['of another type', vkey(NAME, concat(Uint8Array.of(4), edwards.raw))],
    ['of a key cut short', vkey(NAME, ed.subarray(0, 32))],
    ['of an Ed25519 key as SPKI', vkey(NAME, concat(Uint8Array.of(2), spkiOf('ed25519', edwards.raw)))],
    ['of a name with a space', vkey('rekor example', ed, log.logId)],
    ['too long', vkey(NAME, ed) + 'A'.repeat(4096)],
  ])('%s is none', (_, text) => expect(() => parse(text)).toThrow(coded('key-invalid')))
})

test('logs count once each, and those of one operator once (T-64)', () => {
  const operated = (name: string, key: ReturnType<typeof keyOf>, operator: string | null) =>
    rekorLog(name, key, portableCrypto, { operator })
  const trust = rekorTrust([
    operated('a.example', edwards, 'same'),
    operated('b.example', p256, 'same'),
    operated('c.example', keyOf('c', 'ed25519'), null),
    operated('d.example', keyOf('d', 'ed25519'), null),
  ])
  const by = (...names: readonly string[]) =>
    names.map((name): AnchorProved => ({ kind: 'rekor', by: name, at: '', time: null, within: 0, trusted: [] }))
  expect(countRekorLogs(by('a.example', 'a.example'), trust)).toBe(1)
  expect(countRekorLogs(by('a.example', 'b.example'), trust)).toBe(1)
  expect(countRekorLogs(by('a.example', 'c.example'), trust)).toBe(2)
  expect(countRekorLogs(by('c.example', 'd.example'), trust)).toBe(2)
  expect(countRekorLogs(by('same', 'a.example'), trust)).toBe(2)
  const stamp = { ...by('tsa.example')[0]!, kind: 'rfc3161' as const }
  expect(countRekorLogs([stamp], trust)).toBe(0)
})
