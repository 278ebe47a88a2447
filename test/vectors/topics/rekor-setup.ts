import { createHash } from 'node:crypto'
import { b64, LOG_PAIR, vkeyOf, WITNESS_PAIR } from './note-signers.ts'
import { mutated, type Topic } from './topic.ts'

const SPKI_ED25519 = '302a300506032b6570032100'
const spkiOf = (raw: Buffer) => Buffer.concat([Buffer.from(SPKI_ED25519, 'hex'), raw])
const idOf = (name: string, raw: Buffer) =>
  createHash('sha256')
    .update(Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(1), raw]))
    .digest()
/** RFC 6979 §A.2.5. */
const P256 = Buffer.from(
  '3059301306072a8648ce3d020106082a8648ce3d03010703420004' +
    '60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6' +
    '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
  'hex',
)
const P256_ID = createHash('sha256').update(P256).digest()

const tlog = (name: string, raw: Buffer) => ({
  baseUrl: `https://${name}`,
  hashAlgorithm: 'SHA2_256',
  publicKey: {
    rawBytes: b64(spkiOf(raw)),
    keyDetails: 'PKIX_ED25519',
    validFor: { start: '2025-09-23T00:00:00Z' },
  },
  logId: { keyId: b64(idOf(name, raw)) },
})
const V1 = {
  baseUrl: 'https://v1.rekor.example/',
  hashAlgorithm: 'SHA2_256',
  publicKey: {
    rawBytes: b64(P256),
    keyDetails: 'PKIX_ECDSA_P256_SHA_256',
    validFor: { start: '2021-01-12T11:53:27Z', end: '2026-12-31T23:59:59.999Z' },
  },
  logId: { keyId: b64(P256_ID) },
}
const ROOT = {
  mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  tlogs: [V1, tlog('rekor.example', LOG_PAIR.raw)],
  certificateAuthorities: [],
  ctlogs: [],
  timestampAuthorities: [],
}
const RSA = { ...V1, publicKey: { rawBytes: 'AAAA', keyDetails: 'PKIX_RSA_PKCS1V15_2048_SHA256' } }
const INVALID = 'anchor-setup-invalid'

/** What Sigstore's `trusted_root.json` says of Rekor logs. */
export const trustedRoots: Topic = {
  name: 'rekor-trusted-root',
  vectors: mutated('trustedRoot', ROOT, [
    ['version-0.1', 'mediaType', 'application/vnd.dev.sigstore.trustedroot.v0.1+json', null],
    ['version-0.2', 'mediaType', 'application/vnd.dev.sigstore.trustedroot.v0.2+json', null],
    ['with-an-operator', 'tlogs.1.operator', 'rekor.example', null],
    ['with-members-that-are-new', 'tlogs.1.news', [1], null],
    ['with-a-log-that-cannot-be-verified', 'tlogs.0', RSA, null],
    ['without-scheme', 'tlogs.1.baseUrl', 'rekor.example', null],
    ['without-validity', 'tlogs.1.publicKey.validFor', undefined, null],
    ['one-name-two-keys', 'tlogs.0', tlog('rekor.example', WITNESS_PAIR.raw), null],
    ['version-unknown', 'mediaType', 'application/vnd.dev.sigstore.trustedroot.v1+json', INVALID],
    ['media-type-missing', 'mediaType', undefined, INVALID],
    ['logs-missing', 'tlogs', undefined, INVALID],
    ['logs-none', 'tlogs', [], 'trust-missing'],
    ['logs-none-that-can-be-verified', 'tlogs', [RSA], 'trust-missing'],
    ['one-key-two-names', 'tlogs.0', tlog('alias.example', LOG_PAIR.raw), INVALID],
    ['name-of-another', 'tlogs.1.baseUrl', 'https://other.example', INVALID],
    ['name-empty', 'tlogs.1.baseUrl', 'https://', 'key-invalid'],
    ['key-of-another', 'tlogs.1.publicKey.rawBytes', b64(spkiOf(WITNESS_PAIR.raw)), INVALID],
    ['key-of-another-kind', 'tlogs.1.publicKey.keyDetails', 'PKIX_ECDSA_P256_SHA_256', INVALID],
    ['key-truncated', 'tlogs.1.publicKey.rawBytes', b64(LOG_PAIR.raw), 'key-invalid'],
    ['key-not-base64', 'tlogs.1.publicKey.rawBytes', 'A', 'base64-invalid'],
    ['hash-sha512', 'tlogs.1.hashAlgorithm', 'SHA2_512', INVALID],
    ['id-truncated', 'tlogs.1.logId.keyId', b64(idOf('rekor.example', LOG_PAIR.raw).subarray(0, 4)), INVALID],
    ['validity-that-is-no-time', 'tlogs.1.publicKey.validFor.start', '2025-02-30T00:00:00Z', INVALID],
    ['validity-with-an-offset', 'tlogs.1.publicKey.validFor.start', '2025-09-23T00:00:00+02:00', INVALID],
    ['validity-that-ends-first', 'tlogs.1.publicKey.validFor.end', '2025-09-22T00:00:00Z', INVALID],
  ]),
}

const service = (url: string, majorApiVersion: number, start: string, end?: string) => ({
  url,
  majorApiVersion,
  validFor: end === undefined ? { start } : { start, end },
  operator: 'example.org',
})
const CONFIG = {
  mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
  caUrls: [],
  oidcUrls: [],
  rekorTlogUrls: [
    service('https://v1.example', 1, '2021-01-12T11:53:27.000Z'),
    service('https://log2025.example', 2, '2025-10-01T00:00:00Z', '2026-12-31T00:00:00Z'),
    service('https://log2026.example', 2, '2026-07-01T00:00:00.123456789Z'),
    service('https://next.example', 3, '2026-07-01T00:00:00Z'),
  ],
  rekorTlogConfig: { selector: 'ANY' },
  tsaUrls: [],
  tsaConfig: { selector: 'ANY' },
}

const config = mutated('signingConfig', CONFIG, [
  ['without-operator', 'rekorTlogUrls.0.operator', undefined, null],
  ['with-members-that-are-new', 'rekorTlogUrls.0.news', {}, null],
  ['version-0.1', 'mediaType', 'application/vnd.dev.sigstore.signingconfig.v0.1+json', INVALID],
  ['services-missing', 'rekorTlogUrls', undefined, INVALID],
  ['services-none', 'rekorTlogUrls', [], INVALID],
  ['service-without-url', 'rekorTlogUrls.0.url', undefined, INVALID],
  ['service-with-a-control-character', 'rekorTlogUrls.0.url', 'https://a.example\n', INVALID],
  ['service-without-validity', 'rekorTlogUrls.0.validFor', undefined, INVALID],
  ['service-of-a-version-that-is-text', 'rekorTlogUrls.0.majorApiVersion', '1', INVALID],
  ['service-that-ends-first', 'rekorTlogUrls.1.validFor.end', '2025-09-30T00:00:00Z', INVALID],
])

/** Which log a SigningConfig sends to, at times. */
export const signingConfigs: Topic = {
  name: 'rekor-signing-config',
  vectors: {
    ...config,
    good: {
      ...config['good'],
      chosen: {
        '2020-01-01T00:00:00.000Z': null,
        '2021-01-12T11:53:27.000Z': 'https://v1.example',
        '2025-09-30T23:59:59.999Z': 'https://v1.example',
        '2025-10-01T00:00:00.000Z': 'https://log2025.example',
        '2026-07-01T00:00:00.122Z': 'https://log2025.example',
        '2026-07-01T00:00:00.123Z': 'https://log2026.example',
        '2027-01-01T00:00:00.000Z': 'https://log2026.example',
      },
    },
  },
}

/** The key of a log by itself. */
export const rekorVkeys: Topic = {
  name: 'rekor-vkey',
  vectors: (() => {
    const ed25519 = vkeyOf('rekor.example', 1, LOG_PAIR.raw)
    const ecdsa = `v1.rekor.example+${P256_ID.toString('hex', 0, 4)}+${b64(Buffer.concat([Buffer.of(2), P256]))}`
    const good = (vkey: string, name: string, logId: Buffer) => ({ vkey, name, logId: logId.toString('hex') })
    const bad = (vkey: string) => ({ error: 'key-invalid', vkey })
    const material = (...bytes: readonly Uint8Array[]) => b64(Buffer.concat(bytes))
    return {
      ed25519: good(ed25519, 'rekor.example', idOf('rekor.example', LOG_PAIR.raw)),
      'ecdsa-p256': good(ecdsa, 'v1.rekor.example', P256_ID),
      empty: bad(''),
      'two-parts': bad(ed25519.split('+').slice(0, 2).join('+')),
      'name-of-another': bad(ed25519.replace('rekor', 'other')),
      'name-empty': bad(ed25519.replace('rekor.example', '')),
      'id-of-another': bad(ed25519.replace(/\+[0-9a-f]{8}\+/, '+00000000+')),
      'id-in-upper-case': bad(ed25519.replace(/\+[0-9a-f]{8}\+/, (id) => id.toUpperCase())),
      'key-not-base64': bad(ed25519.replace(/[^+]{4}$/, '!')),
      'key-of-a-witness': bad(vkeyOf('rekor.example', 4, LOG_PAIR.raw)),
      'key-too-long': bad(vkeyOf('rekor.example', 1, Buffer.concat([LOG_PAIR.raw, Buffer.of(0)]))),
      'key-of-small-order': bad(vkeyOf('rekor.example', 1, Buffer.concat([Buffer.of(1), Buffer.alloc(31)]))),
      'ecdsa-as-ed25519': bad(ecdsa.replace(/[^+]+$/, material(Buffer.of(1), P256))),
      'ed25519-as-ecdsa': bad(ecdsa.replace(/[^+]+$/, material(Buffer.of(2), spkiOf(LOG_PAIR.raw)))),
      'ecdsa-point-only': bad(ecdsa.replace(/[^+]+$/, material(Buffer.of(2), P256.subarray(26)))),
    }
  })(),
}
