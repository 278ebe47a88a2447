import { base64, type JsonObject, type JsonValue } from '@countersign/core'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { describe, expect, test } from 'vitest'
import { certificate, newKey, type TestCertificate } from '../../../../test/anchors/certificates.ts'
import { LocalSigstore, logJson, rekorV1 } from '../../../../test/identity/local-sigstore.ts'
import { MAX_TRUSTED_ROOT_BYTES, parseSigstoreTrust } from './trusted-root.ts'

const local = new LocalSigstore()
const ROOT = local.trustedRoot as { [member: string]: JsonValue } & {
  tlogs: JsonObject[]
  timestampAuthorities: JsonObject[]
  certificateAuthorities: JsonObject[]
  ctlogs: JsonObject[]
}
const [TSA] = ROOT.timestampAuthorities as [JsonObject]
const [FULCIO] = ROOT.certificateAuthorities as [JsonObject]
const parse = (changes: object = {}) => parseSigstoreTrust(JSON.stringify({ ...ROOT, ...changes }), nodeCrypto)
const invalid = (what: string) =>
  expect.objectContaining({ name: 'CodedError', code: 'trust-root-invalid', what: expect.stringContaining(what) })
const raw = ({ der }: TestCertificate) => ({ rawBytes: base64(der) })
const chainOf = (...certificates: readonly TestCertificate[]) => ({
  certChain: { certificates: certificates.map(raw) },
})
const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one)

describe('a trusted root of Sigstore', () => {
  test('names CAs, logs and timestamp authorities, each with when it is believed', () => {
    const { authorities, logs, timestampAuthorities } = parse()
    const validFor = { start: Date.parse('2026-01-01T00:00:00Z'), end: null }
    expect(authorities).toMatchObject([
      { kind: 'fulcio', name: 'fulcio.example.com', validFor, ctlogs: [{ validFor }] },
    ])
    expect(authorities[0]!.chain.map(({ der }) => der)).toEqual([local.authority.issuer.der, local.authority.root.der])
    expect(logs.map(({ name, validFor: of }) => [name, of])).toEqual([
      ['rekor.example.com', validFor],
      ['log2026.rekor.example.com', validFor],
    ])
    expect(timestampAuthorities.map(({ name, validFor: of }) => [name, of])).toEqual([
      ['tsa.example.com/api/v1/timestamp', validFor],
    ])
    expect(timestampAuthorities[0]!.chain.map(({ der }) => der)).toEqual([local.tsa.der, local.tsaRoot.der])
  })

  test('may be without lists that it must not be without by name', () => {
    expect(parse({ timestampAuthorities: null }).timestampAuthorities).toEqual([])
    expect(parse({ timestampAuthorities: [] }).timestampAuthorities).toEqual([])
    expect(parse({ tlogs: [] }).logs).toEqual([])
    expect(parse({ tlogs: null }).logs).toEqual([])
    expect(parse({ certificateAuthorities: [] }).authorities).toEqual([])
    for (const [member, what] of [
      ['tlogs', 'tlogs'],
      ['certificateAuthorities', 'certificateAuthorities'],
      ['mediaType', 'mediaType'],
    ] as const) {
      expect(() => parse({ [member]: undefined })).toThrow(invalid(what))
    }
    for (const member of ['tlogs', 'timestampAuthorities', 'certificateAuthorities', 'ctlogs']) {
      expect(() => parse({ [member]: {} })).toThrow(invalid(`${member} is not an array`))
    }
  })

  test('calls a timestamp authority by its address, or else by its certificate’s name, or else so', () => {
    const named = (changes: object) =>
      parse({ timestampAuthorities: [{ ...TSA, ...changes }] }).timestampAuthorities[0]!.name
    expect(named({})).toBe('tsa.example.com/api/v1/timestamp')
    for (const uri of [undefined, null]) {
      expect(named({ uri, subject: { organization: 'x', commonName: 'tsa' } })).toBe('tsa')
      for (const subject of [undefined, null, { organization: 'x' }]) {
        expect(named({ uri, subject })).toBe('timestamp authority')
      }
    }
    expect(named({ subject: { commonName: 'tsa' } })).toBe('tsa.example.com/api/v1/timestamp')
    for (const bad of [
      { subject: { commonName: '' } },
      { subject: { commonName: 'a'.repeat(201) } },
      { subject: 'tsa' },
      { uri: '' },
      { uri: 1 },
      { uri: `https://${'a'.repeat(2041)}` },
    ]) {
      expect(() => named(bad)).toThrow(invalid('timestampAuthorities'))
    }
    expect(named({ uri: null, subject: { commonName: 'a'.repeat(200) } })).toBe('a'.repeat(200))
    expect(named({ uri: `https://${'a'.repeat(2040)}` })).toBe('a'.repeat(2040))
  })

  test('has CAs alone above the first certificate of a timestamp authority, and six at most', () => {
    const chain = (...certificates: readonly TestCertificate[]) =>
      parse({ timestampAuthorities: [{ ...TSA, ...chainOf(...certificates) }] }).timestampAuthorities[0]!.chain.length
    const { tsa, tsaRoot } = local
    expect([chain(tsa), chain(tsaRoot), chain(tsa, tsaRoot), chain(tsaRoot, tsaRoot)]).toEqual([1, 1, 2, 2])
    expect(() => chain(tsaRoot, tsa)).toThrow(invalid('holds a certificate on the way that is no CA'))
    expect(() => chain(tsa, tsaRoot, tsa)).toThrow(invalid('holds a certificate on the way that is no CA'))
    expect(() => chain()).toThrow(invalid('certificates is empty'))
    expect(chain(tsa, ...times(5, tsaRoot))).toBe(6)
    expect(() => chain(tsa, ...times(6, tsaRoot))).toThrow(invalid('has more than 6 items'))
    for (const member of ['certChain', 'validFor']) {
      expect(() => parse({ timestampAuthorities: [{ ...TSA, [member]: undefined }] })).toThrow(invalid(member))
    }
    expect(() => parse({ timestampAuthorities: [{ ...TSA, certChain: {} }] })).toThrow(invalid('certificates'))
    expect(() => parse({ timestampAuthorities: [{ ...TSA, certChain: { certificates: [{}] } }] })).toThrow(
      invalid('rawBytes'),
    )
    expect(() => parse({ timestampAuthorities: [{ ...TSA, validFor: { end: '2027-01-01T00:00:00Z' } }] })).toThrow(
      invalid('has no start'),
    )
  })

  test('has so many of each at most', () => {
    expect(parse({ timestampAuthorities: times(100, TSA) }).timestampAuthorities.length).toBe(100)
    expect(() => parse({ timestampAuthorities: times(101, TSA) })).toThrow(invalid('has more than 100 items'))
    // A log that stands there twice is one.
    expect(parse({ tlogs: times(1000, ROOT.tlogs[0]) }).logs.length).toBe(1000)
    expect(() => parse({ tlogs: times(1001, ROOT.tlogs[0]) })).toThrow(invalid('has more than 1000 items'))
    const text = JSON.stringify(ROOT)
    const padded = (size: number) => parseSigstoreTrust(text + ' '.repeat(size - text.length), nodeCrypto)
    expect(padded(MAX_TRUSTED_ROOT_BYTES).logs.length).toBe(2)
    expect(() => padded(MAX_TRUSTED_ROOT_BYTES + 1)).toThrow(invalid('cannot be read: '))
  })

  test('is refused whole for one key under two names (T-64), and for a log without a beginning', () => {
    expect(() => parse({ tlogs: [...ROOT.tlogs, logJson(rekorV1('other.example.com'))] })).toThrow(
      invalid('one key is that of two logs'),
    )
    for (const validFor of [undefined, {}, { start: null }]) {
      const log = { ...logJson(rekorV1()), publicKey: { ...rekorV1().publicKey, validFor } }
      expect(() => parse({ tlogs: [log] })).toThrow(invalid('tlogs[0]'))
      // Also where nothing that it signed would count.
      const other = { ...log, publicKey: { ...log.publicKey, keyDetails: 'PKIX_RSA_PKCS1V15_2048_SHA256' } }
      expect(() => parse({ tlogs: [...ROOT.tlogs, other] })).toThrow(invalid('tlogs[2]'))
    }
  })

  test('tells what is wrong beneath, and no fault of its own as one of the file', () => {
    const torn = { ...TSA, certChain: { certificates: [{ rawBytes: 'AAAA' }] } }
    expect(() => parse({ timestampAuthorities: [torn] })).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ code: 'certificate-invalid' }) }),
    )
    const crypto = {
      sha256: () => {
        throw new RangeError('out of memory')
      },
    }
    expect(() => parseSigstoreTrust(JSON.stringify(ROOT), crypto)).toThrow(RangeError)
  })
})

describe('the CAs and logs of Certificate Transparency in it', () => {
  const authority = (changes: object) => parse({ certificateAuthorities: [{ ...FULCIO, ...changes }] }).authorities[0]!
  const [CT] = ROOT.ctlogs as [JsonObject & { publicKey: JsonObject }]
  const ctlogs = (...logs: readonly object[]) => parse({ ctlogs: logs }).authorities[0]!.ctlogs.length

  test('are a chain up to a root, each a CA, and five at most', () => {
    const ca = (name: string, issuer: TestCertificate | null) =>
      certificate({ name, key: newKey(), issuer, ca: true, serial: 3 })
    const chain = [ca('0', null)]
    for (let i = 1; i < 6; i++) chain.unshift(ca(String(i), chain[0]!))
    const length = (certificates: readonly TestCertificate[]) => authority(chainOf(...certificates)).chain.length
    for (const count of [1, 2, 5]) expect(length(chain.slice(-count))).toBe(count)
    expect(() => length(chain)).toThrow(invalid('has more than 5 items'))
    expect(() => length([])).toThrow(invalid('is empty'))
    expect(() => length([chain[3]!, chain[5]!])).toThrow(invalid('has no way from certificate 0 to the next'))
    expect(() => length([chain[2]!, chain[3]!, chain[5]!])).toThrow(
      invalid('has no way from certificate 1 to the next'),
    )
    expect(() => length(chain.slice(-2).toReversed())).toThrow(invalid('has no way from certificate 0'))
    const leaf = certificate({ name: 'leaf', key: newKey(), issuer: chain.at(-1)! })
    expect(() => length([leaf, chain.at(-1)!])).toThrow(invalid('is no CA'))
  })

  test('have a name, and a time from which they are believed', () => {
    for (const [uri, name] of [
      ['https://fulcio.example.com/', 'fulcio.example.com'],
      ['http://fulcio.example.com//', 'fulcio.example.com'],
      ['fulcio.example.com', 'fulcio.example.com'],
      ['https://fulcio.example.com/a/https://b', 'fulcio.example.com/a/https://b'],
      ['https://a/b/', 'a/b'],
    ] as const) {
      expect(authority({ uri }).name).toBe(name)
    }
    expect(authority({ uri: `https://${'a'.repeat(2040)}` }).name.length).toBe(2040)
    expect(() => authority({ uri: `https://${'a'.repeat(2041)}` })).toThrow(invalid('uri'))
    for (const member of ['uri', 'certChain', 'validFor']) {
      expect(() => authority({ [member]: undefined })).toThrow(invalid(member))
    }
    expect(() => authority({ validFor: {} })).toThrow(invalid('has no start'))
    const bounded = { start: '2026-01-01T00:00:00Z', end: '2026-02-01T00:00:00Z' }
    expect(authority({ validFor: bounded }).validFor).toEqual({
      start: Date.parse(bounded.start),
      end: Date.parse(bounded.end),
    })
  })

  test('count where the log’s id is that of its key, which is ECDSA P-256', () => {
    expect([ctlogs(), ctlogs(CT), ctlogs(CT, CT)]).toEqual([0, 1, 2])
    expect(parse({ ctlogs: undefined }).authorities[0]!.ctlogs).toEqual([])
    const key = (changes: object) => ({ ...CT, publicKey: { ...CT.publicKey, ...changes } })
    expect(ctlogs(key({ keyDetails: 'PKIX_ED25519' }), CT)).toBe(1)
    for (const bad of [
      { ...CT, logId: { keyId: base64(new Uint8Array(32)) } },
      { ...CT, logId: {} },
      { ...CT, logId: undefined },
      { ...CT, hashAlgorithm: 'SHA2_512' },
      { ...CT, hashAlgorithm: undefined },
      { ...CT, baseUrl: undefined },
      { ...CT, publicKey: undefined },
      key({ validFor: {} }),
      key({ validFor: undefined }),
      key({ rawBytes: undefined }),
      key({ rawBytes: 'AAAA' }),
      key({ rawBytes: 'no base64' }),
      key({ keyDetails: undefined }),
      key({ keyDetails: 1 }),
      // Of a kind that is not taken, and still malformed.
      key({ keyDetails: 'PKCS1_RSA_PKCS1V5', validFor: {} }),
      key({ keyDetails: 'PKCS1_RSA_PKCS1V5', rawBytes: 'no base64' }),
    ]) {
      expect(() => ctlogs(CT, bad)).toThrow(expect.objectContaining({ code: 'trust-root-invalid' }))
    }
    // An Ed25519 key that says that it is one of P-256.
    const edwards = newKey('Ed25519')
    const keyId = base64(nodeCrypto.sha256(edwards.spki))
    expect(() => ctlogs({ ...key({ rawBytes: base64(edwards.spki) }), logId: { keyId } })).toThrow(
      invalid('has a key of another kind than it says'),
    )
    expect(() => ctlogs({ ...CT, logId: { keyId: base64(new Uint8Array(32)) } })).toThrow(
      invalid('has another id than its key gives'),
    )
  })

  test('are so many of each at most', () => {
    expect(parse({ certificateAuthorities: times(100, FULCIO) }).authorities.length).toBe(100)
    expect(() => parse({ certificateAuthorities: times(101, FULCIO) })).toThrow(invalid('has more than 100 items'))
    expect(ctlogs(...times(1000, CT))).toBe(1000)
    expect(() => ctlogs(...times(1001, CT))).toThrow(invalid('has more than 1000 items'))
  })
})
