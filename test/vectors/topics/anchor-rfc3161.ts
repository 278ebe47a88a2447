import { createHash } from 'node:crypto'
import { concat, utf8 } from '@countersign/core'
import {
  context,
  der,
  derNull,
  derNumber,
  derOctets,
  derOid,
  derSequence,
  derSet,
  TAG,
} from '@countersign/formats/x509'
import {
  certificate,
  type CertificateOptions,
  extension,
  hashAlgorithm,
  knownRsaKey,
  seededKey,
  type TestCertificate,
  TIME_STAMPING,
} from '../../anchors/certificates.ts'
import { statementText } from '../../anchors/statement.ts'
import { timestampToken, type TokenOptions } from '../../anchors/tokens.ts'
import type { Topic } from './topic.ts'

const TEXT = statementText()
const sha256 = (text: string | Uint8Array) => new Uint8Array(createHash('sha256').update(text).digest())
const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const ROOT_KEY = seededKey('root')
const KEY = seededKey('authority')
const rootOf = (more: Partial<CertificateOptions> = {}) =>
  certificate({ name: 'Example root', key: ROOT_KEY, issuer: null, ca: true, ...more })
const ROOT = rootOf()
const signerOf = (more: Partial<CertificateOptions> = {}) =>
  certificate({ name: 'Example authority', key: KEY, issuer: ROOT, serial: 2, ...more })
const SIGNER = signerOf()
/** One more key with a certificate of the same root. */
const OTHER = certificate({ name: 'Example authority', key: seededKey('other'), issuer: ROOT, serial: 3 })
const STRANGER = certificate({ name: 'Spoofed authority', key: seededKey('stranger'), issuer: null, serial: 66 })

interface Made extends Partial<TokenOptions> {
  /** What is pinned; the root by default. */
  readonly pinned?: TestCertificate
  /** More members of the authority in the trust. */
  readonly authority?: object
  readonly beside?: readonly TestCertificate[]
  /** Changes to the finished token. */
  readonly token?: (token: Uint8Array) => Uint8Array
  /** Members of the anchor that are put over the good ones; undefined takes one out. */
  readonly members?: object
  /** Members of the trust besides. */
  readonly trust?: object
}

const TIME = '20261121000009'
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'

function made(
  { pinned = ROOT, authority, beside = [], token, members, trust, ...options }: Made,
  extra: object,
): object {
  const built = timestampToken({ imprint: sha256(TEXT), time: TIME, signer: SIGNER, ...options })
  const anchor = {
    mediaType: 'application/vnd.countersign.anchor.v1+json',
    kind: 'rfc3161',
    statement: Buffer.from(sha256(TEXT)).toString('hex'),
    token: b64((token ?? ((same) => same))(built)),
    certificates: beside.map((one) => b64(one.der)),
    ...members,
  }
  const authorities = [{ name: 'example', certificates: [b64(pinned.der)], ...authority }]
  return { ...extra, anchor, statement: TEXT, trust: { authorities, ...trust } }
}

const good = (options: Made, proved: object = {}) =>
  made(options, { proved: { by: 'example', at: 'serial 07', time: '2026-11-21T00:00:09.000Z', within: 1, ...proved } })
const invalid = (options: Made) => made(options, { error: 'anchor-invalid' })
const mismatch = (options: Made) => made(options, { error: 'anchor-mismatch' })
const unproven = (options: Made) => made(options, { error: 'anchor-unproven' })
const untrusted = (options: Made) => made(options, { error: 'anchor-untrusted' })

/** A signer with a certificate that is different in one thing. */
const by = (more: Partial<CertificateOptions>): Made => ({ signer: signerOf(more) })

/** A signer under a CA under the root. */
function under(ca: Partial<CertificateOptions>, root: TestCertificate = ROOT): Made {
  const between = certificate({ name: 'Example CA', key: seededKey('ca'), issuer: root, serial: 9, ca: true, ...ca })
  const signer = signerOf({ issuer: between })
  return { signer, certificates: [signer.der, between.der], pinned: root }
}

function keyed(curve: 'P-384' | 'P-521', hash: 'sha384' | 'sha512'): Made {
  const root = certificate({ name: 'Example root', key: seededKey('root', curve, hash), issuer: null, ca: true })
  return { signer: signerOf({ issuer: root, key: seededKey('authority', curve, hash) }), pinned: root }
}

/** The token with the first `from` that is in it put as `to`. */
const put = (from: string, to: string) => (token: Uint8Array) => {
  const hex = Buffer.from(token).toString('hex')
  const at = hex.indexOf(from)
  if (at < 0 || at % 2 === 1) throw new Error(`no ${from} in the token`)
  return new Uint8Array(Buffer.from(hex.slice(0, at) + to + hex.slice(at + from.length), 'hex'))
}
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

const attribute = (oid: string, value: Uint8Array) => derSequence(derOid(oid), derSet(value))
const SIGNING_TIME = attribute('1.2.840.113549.1.9.5', der(TAG.utcTime, utf8('261121000009Z')))
/** The end of a TSTInfo, put there anew with something more. */
const appended = (more: Uint8Array) => (info: Uint8Array) => {
  const content = info.subarray(info[1]! < 0x80 ? 2 : info[1] === 0x81 ? 3 : 4)
  return derSequence(content, more)
}

function pathTooLong(): Made {
  const root = rootOf({ pathLength: 0 })
  return under({}, root)
}

const rsa = knownRsaKey()
const RSA_ROOT = certificate({ name: 'Example root', key: rsa, issuer: null, ca: true })
const SHA1_ECDSA = derSequence(derOid('1.2.840.10045.4.1'))

export const rfc3161Anchors: Topic = {
  name: 'anchor-rfc3161',
  vectors: {
    good: good({}),
    'p384-sha384': good(keyed('P-384', 'sha384')),
    'p521-sha512': good(keyed('P-521', 'sha512')),
    'rsa-2048': good({ signer: signerOf({ issuer: RSA_ROOT, key: rsa }), pinned: RSA_ROOT }),
    'rsa-named-without-hash': good({
      signer: signerOf({ issuer: RSA_ROOT, key: rsa }),
      pinned: RSA_ROOT,
      algorithm: derSequence(derOid('1.2.840.113549.1.1.1'), derNull()),
    }),
    'signer-pinned': good({ pinned: SIGNER }),
    'ca-between': good(under({ pathLength: 0, purposes: [TIME_STAMPING] })),
    'certificates-beside': good({ certificates: [], beside: [SIGNER] }),
    'certificates-nowhere-but-pinned': good({ certificates: [], pinned: SIGNER }),
    'time-half-a-second': good({ time: `${TIME}.5` }, { time: '2026-11-21T00:00:09.500Z' }),
    'time-two-digits': good({ time: `${TIME}.12` }, { time: '2026-11-21T00:00:09.120Z' }),
    'time-nine-digits-rounded-up': good({ time: `${TIME}.999000001` }, { time: '2026-11-21T00:00:10.000Z' }),
    'time-zeros-at-end': good({ time: `${TIME}.120` }, { time: '2026-11-21T00:00:09.120Z' }),
    'accuracy-none': good({ accuracy: null }),
    'accuracy-parts-rounded-up': good(
      { accuracy: derSequence(derNumber(2), derNumber(500, 0x80), derNumber(1, 0x81)) },
      { within: 3 },
    ),
    'accuracy-below-a-second': good({ accuracy: derSequence(derNumber(100, 0x80)) }),
    'named-by-sha-1': good({ naming: 'v1' }),
    'named-twice': good({ naming: 'both' }),
    'named-by-sha-512': good({ namingHash: 'sha512' }),
    'attributes-in-another-order': good({ attributes: (list) => list.toReversed() }),
    'attributes-more': good({ attributes: (list) => [...list, SIGNING_TIME] }),
    'attributes-unsigned': good({ more: [der(context(1), SIGNING_TIME)] }),
    'certificate-injected-first': good({ certificates: [STRANGER.der, SIGNER.der] }),
    'certificate-injected-of-the-same-root': good({ certificates: [OTHER.der, SIGNER.der] }),
    'certificate-injected-that-is-none': good({ certificates: [derSequence(), SIGNER.der] }),
    'ordering-written-out': good({ info: appended(der(TAG.boolean, Uint8Array.of(0))) }),
    'extension-not-critical': good({
      info: appended(der(context(1), extension('1.2.3.4', false, derNull()))),
    }),
    'between-from-and-until': good({
      authority: { from: '2026-11-21T00:00:09.000Z', until: '2026-11-21T00:00:09.000Z' },
    }),
    'clock-behind-within-skew': good({ time: '20261120235600' }, { time: '2026-11-20T23:56:00.000Z' }),
    'years-later': good({ time: '20351121000009' }, { time: '2035-11-21T00:00:09.000Z' }),

    'statement-another': mismatch({ members: { statement: '00'.repeat(32) } }),
    'imprint-another': mismatch({ imprint: sha256('another') }),
    'imprint-sha-512': mismatch({
      imprint: new Uint8Array(createHash('sha512').update(TEXT).digest()),
      imprintHash: hashAlgorithm('sha512'),
    }),

    'signature-changed': unproven({ signature: (bytes) => bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1) }),
    'signature-by-another-key': unproven({ named: OTHER, identified: OTHER, certificates: [OTHER.der] }),
    'time-changed-after-signing': unproven({
      content: (info) => put(hexOf(utf8(TIME)), hexOf(utf8('20261121000008')))(info),
    }),
    'named-another-that-is-there': unproven({ named: OTHER, certificates: [SIGNER.der, OTHER.der] }),
    'identified-another-that-is-there': unproven({ identified: OTHER, certificates: [SIGNER.der, OTHER.der] }),
    'named-and-identified-another-that-is-there': unproven({
      named: OTHER,
      identified: OTHER,
      certificates: [SIGNER.der, OTHER.der],
    }),
    'purpose-on-the-injected-one-alone': unproven({
      signer: signerOf({ purposes: [SERVER_AUTH] }),
      certificates: [SIGNER.der, signerOf({ purposes: [SERVER_AUTH] }).der],
    }),
    'root-over-the-injected-one-alone': untrusted({ signer: STRANGER, certificates: [SIGNER.der, STRANGER.der] }),
    'signer-not-there': unproven({ certificates: [] }),
    'hash-sha-1-of-the-signature': unproven({ algorithm: SHA1_ECDSA }),
    'purpose-not-critical': unproven(by({ purposesCritical: false })),
    'purpose-one-more': unproven(by({ purposes: [TIME_STAMPING, SERVER_AUTH] })),
    'purpose-another': unproven(by({ purposes: [SERVER_AUTH] })),
    'purpose-any': unproven(by({ purposes: ['2.5.29.37.0'] })),
    'purpose-none': unproven(by({ purposes: null })),
    'signer-may-not-sign': unproven(by({ usage: [5] })),
    'signer-is-a-ca': unproven(by({ ca: true, usage: [0, 5], purposes: [TIME_STAMPING] })),
    'signer-expired': unproven(by({ until: '2026-11-21T00:00:08Z' })),
    'signer-not-yet-valid': unproven(by({ from: '2026-11-21T00:00:10Z' })),
    'signer-critical-extension': unproven(by({ more: [extension('1.2.3.4', true, derNull())] })),
    'signer-pinned-and-expired': unproven(
      (({ signer }) => ({ signer, pinned: signer }))({ signer: signerOf({ until: '2026-11-21T00:00:08Z' }) }),
    ),
    'root-expired': unproven({ pinned: rootOf({ until: '2026-11-21T00:00:08Z' }) }),
    'root-is-no-ca': unproven({ pinned: rootOf({ ca: false, usage: [5], purposes: null }) }),
    'root-may-not-sign-certificates': unproven({ pinned: rootOf({ usage: [6] }) }),
    'root-for-another-purpose': unproven({ pinned: rootOf({ purposes: [SERVER_AUTH] }) }),
    'path-too-long': unproven(pathTooLong()),
    'clock-behind-the-statement': unproven({ time: '20261120235500' }),

    'root-another': untrusted({
      pinned: certificate({ name: 'Another root', key: seededKey('b'), issuer: null, ca: true }),
    }),
    'root-another-of-the-same-name': untrusted({ pinned: rootOf({ key: seededKey('b') }) }),
    'ca-is-no-ca': untrusted(under({ ca: false, usage: [5], purposes: null })),
    'ca-may-not-sign-certificates': untrusted(under({ usage: [0] })),
    'ca-expired': untrusted(under({ until: '2026-11-21T00:00:08Z' })),
    'ca-for-another-purpose': untrusted(under({ purposes: [SERVER_AUTH] })),
    'ca-critical-name-constraints': untrusted(
      under({ more: [extension('2.5.29.30', true, derSequence(der(context(0), derSequence())))] }),
    ),
    'ca-not-there': untrusted({ ...under({}), certificates: [under({}).signer!.der] }),
    'before-from': untrusted({ authority: { from: '2026-11-21T00:00:09.001Z' } }),
    'after-until': untrusted({ authority: { until: '2026-11-21T00:00:08.999Z' } }),

    'not-named': invalid({ naming: 'none' }),
    'attribute-twice': invalid({ attributes: (list) => [...list, list[1]!] }),
    'attribute-with-two-values': invalid({
      attributes: ([type, , name]) => [
        type!,
        derSequence(derOid('1.2.840.113549.1.9.4'), derSet(derOctets(sha256('a')), derOctets(sha256('b')))),
        name!,
      ],
    }),
    'attribute-content-type-missing': invalid({ attributes: (list) => list.slice(1) }),
    'attribute-message-digest-missing': invalid({ attributes: ([type, , name]) => [type!, name!] }),
    'attribute-content-type-another': invalid({
      attributes: (list) => [attribute('1.2.840.113549.1.9.3', derOid('1.2.840.113549.1.7.1')), ...list.slice(1)],
    }),
    'signers-two': invalid({ signers: 2 }),
    'signers-none': invalid({ signers: 0 }),
    'certificates-seventeen': invalid({ certificates: Array.from({ length: 17 }, () => SIGNER.der) }),
    'extension-critical': invalid({ info: appended(der(context(1), extension('1.2.3.4', true, derNull()))) }),
    'version-2': invalid({ info: (info) => put('020101', '020102')(info) }),
    'time-without-seconds': invalid({ time: '202611210000' }),
    'time-with-offset': invalid({ time: TIME, info: (info) => put(hexOf(utf8('0009Z')), hexOf(utf8('+0000')))(info) }),
    'time-with-comma': invalid({ time: `${TIME},5` }),
    'time-of-the-30th-of-february': invalid({ time: '20260230000009' }),
    'time-at-24': invalid({ time: '20261121240000' }),
    'time-in-a-leap-second': invalid({ time: '20261121235960' }),
    'time-fraction-empty': invalid({ time: `${TIME}.` }),
    'accuracy-of-1000-milliseconds': invalid({ accuracy: derSequence(derNumber(1000, 0x80)) }),
    'accuracy-below-zero': invalid({ accuracy: derSequence(der(TAG.integer, Uint8Array.of(0xff))) }),
    'serial-with-leading-zero': invalid({ info: (info) => put('020107', '02020007')(derLonger(info)) }),
    'token-with-something-after': invalid({ token: (token) => concat(token, Uint8Array.of(0)) }),
    'token-cut-short': invalid({ token: (token) => token.subarray(0, -1) }),
    'token-empty': invalid({ token: () => new Uint8Array() }),
    'token-length-indefinite': invalid({
      token: (token) => concat(Uint8Array.of(0x30, 0x80), token.subarray(4), Uint8Array.of(0, 0)),
    }),
    'token-length-with-leading-zero': invalid({
      token: (token) => concat(Uint8Array.of(0x30, 0x83, 0), token.subarray(2)),
    }),
    'token-is-a-certificate': invalid({ token: () => SIGNER.der }),
    'token-nested-deeply': invalid({
      token: () => Array.from({ length: 40 }).reduce<Uint8Array>((inner) => derSequence(inner), derNull()),
    }),
    'token-tag-of-two-bytes': invalid({ token: () => derSequence(Uint8Array.of(0x1f, 0x81, 0x01, 0)) }),

    'member-missing': invalid({ members: { certificates: undefined } }),
    'member-unknown': invalid({ members: { note: '' } }),
    'media-type-another': invalid({ members: { mediaType: 'application/vnd.countersign.anchor.v2+json' } }),
    'kind-another': invalid({ members: { kind: 'rekor' } }),
    'statement-upper-case': invalid({ members: { statement: hexOf(sha256(TEXT)).toUpperCase() } }),
    'certificates-nine': invalid({ beside: Array.from({ length: 9 }, () => SIGNER) }),
    'certificate-that-is-none': invalid({ members: { certificates: [b64(derSequence())] } }),
    'token-in-lax-base64': made({ token: (token) => token, members: { token: 'MA==\n' } }, { error: 'base64-invalid' }),
  },
}

/** A TSTInfo that says it is a byte longer than it is. */
function derLonger(info: Uint8Array): Uint8Array {
  const at = info[1]! < 0x80 ? 1 : 2
  return info.with(at, info[at]! + 1)
}
