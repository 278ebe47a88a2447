import { base64, type Code, hex, type JsonObject, type JsonValue, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { derSequence, derNumber } from '@countersign/formats/x509'
import { certificate, seededKey } from '../../anchors/certificates.ts'
import { genTime } from '../../anchors/tokens.ts'
import { CT_KEY, ISSUED, LocalAuthority, MINUTE, RUN } from '../../identity/local-ca.ts'
import {
  ARTIFACT,
  type EntryOptions,
  LocalSigstore,
  logJson,
  rekorV1,
  rekorV2,
  SIGNED,
  type SignOptions,
  statementOf,
} from '../../identity/local-sigstore.ts'
import { OTHER_PAIR } from './note-signers.ts'
import { mutated, type Mutation, type Topic } from './topic.ts'

const local = new LocalSigstore()
const { v1, v2 } = local
const stranger = {
  v1: rekorV1('rekor.example.com', seededKey('stranger')),
  v2: rekorV2('log2026.rekor.example.com', OTHER_PAIR),
}
const SECOND = 1000
const ROOT = local.trustedRoot

/** What a vector holds beside the bundle. */
interface Rest {
  /** Name of a vector of the topic `sigstore-root`; the good one where there is none. */
  readonly trustedRoot?: string
  readonly artifact?: Uint8Array
  readonly policy?: object
  readonly thresholds?: { readonly logs?: number; readonly timestamps?: number }
}

const IDENTITY = { issuer: RUN.issuer, subject: RUN.subject, facts: {} }
const KEY = { key: base64(local.key.spki) }

function vector(
  bundle: JsonValue,
  { trustedRoot = 'good', artifact = ARTIFACT, policy, thresholds }: Rest,
  expected: object,
) {
  return {
    bundle,
    artifact: base64(artifact),
    trustedRoot,
    policy: policy ?? IDENTITY,
    ...(thresholds === undefined ? {} : { thresholds }),
    ...expected,
  }
}

const times = (...all: readonly (readonly [source: string, by: string, at: number])[]) =>
  all.map(([source, by, at]) => ({ source, by, at: new Date(at).toISOString() }))
const BY_LOG = ['log', 'rekor.example.com', SIGNED] as const
const BY_TSA = ['timestamp', 'tsa.example.com/api/v1/timestamp', SIGNED] as const
const good = (options: SignOptions, rest: Rest = {}, ...found: readonly (typeof BY_LOG | typeof BY_TSA)[]) =>
  vector(local.sign(options), rest, { verified: { times: times(...(found.length === 0 ? [BY_LOG] : found)) } })
const bad = (code: Code, options: SignOptions, rest: Rest = {}) => vector(local.sign(options), rest, { error: code })

const inV2 = (more: EntryOptions = {}): EntryOptions => ({ log: v2, ...more })
const stamped: SignOptions = { entries: [inV2()], stamps: [{}] }
const dsse: SignOptions = { content: 'dsse' }
const byKey: SignOptions = { issue: null }
const relogged = (record: EntryOptions['record'], more: EntryOptions = {}): SignOptions => ({
  entries: [{ ...more, ...(record === undefined ? {} : { record }) }],
})
/** A record with one place in it changed. */
const put = (place: string, value: JsonValue) => (body: JsonObject) => {
  const keys = place.split('.')
  const change = (whole: JsonValue, [key, ...rest]: readonly string[]): JsonValue => {
    if (key === undefined) return value
    const copy = (Array.isArray(whole) ? [...(whole as JsonValue[])] : { ...(whole as JsonObject) }) as Record<
      string,
      JsonValue
    >
    copy[key] = change(copy[key] ?? null, rest)
    return copy
  }
  return change(body, keys)
}
const statement = (
  change: (good: JsonObject) => JsonValue,
  entries: readonly EntryOptions[] = [{ kind: 'dsse' }],
): SignOptions => ({
  content: 'dsse',
  entries,
  statement: change(statementOf(ARTIFACT)),
})

const other = local.authority.issue({
  key: seededKey('other signer'),
  serial: 9,
  grade: null,
  system: null,
  proof: null,
})
const pem = (label: string, der: Uint8Array) =>
  base64(
    utf8(
      `-----BEGIN ${label}-----\n${base64(der)
        .match(/.{1,64}/g)!
        .join('\n')}\n-----END ${label}-----\n`,
    ),
  )
const sha256 = (bytes: Uint8Array) => portableCrypto.sha256(bytes)
const expiredTsa = certificate({
  name: 'tsa',
  key: seededKey('tsa'),
  issuer: local.tsaRoot,
  serial: 5,
  until: '2026-11-21T12:00:59Z',
})
const strangeTsa = certificate({ name: 'strange tsa', key: seededKey('strange tsa'), issuer: null })
const siblingTsa = certificate({ name: 'sibling', key: seededKey('sibling'), issuer: local.tsaRoot, serial: 6 })

/** Changes of the JSON of a bundle that was good. */
function changed(options: SignOptions, rest: Rest, changes: readonly Mutation[]): Record<string, object> {
  const vectors: Record<string, object> = {}
  for (const [name, made] of Object.entries(mutated('bundle', local.sign(options), changes))) {
    const { bundle, error } = made as { bundle: JsonValue; error?: string }
    if (name !== 'good')
      vectors[name] = vector(bundle, rest, error === undefined ? { verified: { times: times(BY_LOG) } } : { error })
  }
  return vectors
}

const MATERIAL = 'verificationMaterial'
const ENTRY = `${MATERIAL}.tlogEntries.0`
const PROOF = `${ENTRY}.inclusionProof`
const INVALID = 'bundle-invalid'
const flip = (text: string) => {
  const bytes = Buffer.from(text, 'base64')
  bytes[bytes.length - 1]! ^= 1
  return bytes.toString('base64')
}

/**
 * Bundles of others, for an artifact under a trust root and a policy: good ones of each kind, and one change each that
 * must refuse (T-55, T-56, T-61 to T-64).
 */
export const sigstoreBundles: Topic = {
  name: 'sigstore-bundle',
  vectors: {
    good: good({}),
    'good-v0.1': good({ version: '0.1' }),
    'good-v0.1-by-the-promise-alone': good({ version: '0.1', entries: [{ included: false }] }),
    'good-v0.1-with-the-intermediate': good({ version: '0.1', chain: [local.authority.issuer.der] }),
    'good-v0.2': good({ version: '0.2' }),
    'good-dsse': good({ ...dsse, entries: [{ kind: 'dsse' }] }),
    'good-dsse-as-intoto': good({ ...dsse, version: '0.2', entries: [{ kind: 'intoto' }] }),
    'good-dsse-as-hashedrekord': good({ ...dsse, entries: [{}] }),
    'good-v2': good(stamped, {}, BY_TSA),
    'good-v2-dsse': good({ ...dsse, entries: [inV2({ kind: 'dsse' })], stamps: [{}] }, {}, BY_TSA),
    'good-v2-dsse-as-hashedrekord': good({ ...dsse, ...stamped }, {}, BY_TSA),
    'good-v1-without-a-promise': good({ entries: [{ promised: null }], stamps: [{}] }, {}, BY_TSA),
    'good-with-both-times': good({ stamps: [{}] }, {}, BY_LOG, BY_TSA),
    'good-in-two-logs': good({ entries: [{}, inV2()] }, { thresholds: { logs: 2 } }),
    'good-with-a-timestamp-demanded': good(stamped, { thresholds: { timestamps: 1 } }, BY_TSA),
    'good-with-a-timestamp-of-a-stranger-beside': good(
      { ...stamped, stamps: [{ signer: strangeTsa }, {}] },
      {},
      BY_TSA,
    ),
    'good-in-a-log-of-a-stranger-too': good({ entries: [{ log: stranger.v1 }, {}] }),
    'good-without-a-log': good({ entries: [], stamps: [{}] }, { thresholds: { logs: 0 } }, BY_TSA),
    'good-with-facts': good({}, { policy: { ...IDENTITY, facts: { sourceRepositoryIdentifier: '1000000001' } } }),
    'good-with-a-key': good(byKey, { policy: KEY }),
    'good-with-a-key-dsse': good({ ...byKey, ...dsse, entries: [{ kind: 'dsse' }] }, { policy: KEY }),
    'good-with-a-key-v2': vector(
      local.sign({ ...byKey, entries: [inV2()] }),
      { policy: KEY },
      { verified: { times: [] } },
    ),
    'good-with-a-key-and-no-log': vector(
      local.sign({ ...byKey, entries: [] }),
      { policy: KEY, thresholds: { logs: 0 } },
      { verified: { times: [] } },
    ),
    'good-at-the-end-of-the-log': good({}, { trustedRoot: 'log-until-the-second' }),
    'good-at-the-end-of-the-timestamp-authority': good(stamped, { trustedRoot: 'timestamps-until-the-second' }, BY_TSA),
    'good-with-the-statement-v0.1': good(statement((it) => ({ ...it, _type: 'https://in-toto.io/Statement/v0.1' }))),
    'good-by-sha512-alone': good(
      statement((it) => ({
        ...it,
        subject: [{ name: 'a', digest: { sha512: (it['subject'] as JsonObject[])[1]!['digest']! } }].map(
          ({ name, digest }) => ({
            name,
            digest: { sha512: (digest.sha512 as JsonObject)['sha512']! },
          }),
        ),
      })),
    ),

    // Another artifact, signature, signer.
    'another-artifact': bad('artifact-mismatch', {}, { artifact: utf8('another\n') }),
    'another-artifact-dsse': bad(
      'artifact-mismatch',
      { ...dsse, entries: [{ kind: 'dsse' }] },
      { artifact: utf8('another\n') },
    ),
    'signature-of-another-artifact': bad('signature-invalid', { signature: () => local.key.sign(utf8('another')) }),
    'signature-with-a-flipped-bit': bad('signature-invalid', {
      signature: (it) => it.with(it.length - 1, it.at(-1)! ^ 1),
    }),
    'signature-by-another-key': bad('signature-invalid', { signature: () => seededKey('x').sign(ARTIFACT) }),
    'dsse-signature-over-the-payload': bad('signature-invalid', {
      ...dsse,
      signature: () => seededKey('signer').sign(utf8(JSON.stringify(statementOf(ARTIFACT)))),
    }),
    'another-identity': bad(
      'signer-unknown',
      {},
      { policy: { ...IDENTITY, subject: { kind: 'uri', value: `${RUN.subject.value}-evil` } } },
    ),
    'identity-of-another-kind': bad(
      'signer-unknown',
      {},
      { policy: { ...IDENTITY, subject: { ...RUN.subject, kind: 'email' } } },
    ),
    'another-issuer': bad('signer-unknown', {}, { policy: { ...IDENTITY, issuer: `${RUN.issuer}/` } }),
    'another-fact': bad(
      'signer-unknown',
      {},
      { policy: { ...IDENTITY, facts: { sourceRepositoryIdentifier: '1000000009' } } },
    ),
    'identity-without-a-subject': bad('signer-unknown', {}, { policy: { ...IDENTITY, subject: null } }),
    'a-key-where-an-identity-is-demanded': bad('signer-unknown', byKey),
    'a-certificate-where-a-key-is-demanded': bad('signer-unknown', {}, { policy: KEY }),
    'another-key': bad('signature-invalid', byKey, { policy: { key: base64(seededKey('x').spki) } }),

    // Certificates.
    'certificate-of-another-instance': bad('certificate-untrusted', {
      issued: new LocalAuthority({ seed: 'stranger' }).issue({ grade: null, system: null, proof: null }),
    }),
    'certificate-without-an-sct': bad('issuance-unproven', { issue: { scts: null } }),
    'certificate-with-the-sct-of-a-stranger': bad('issuance-unproven', {
      issue: { scts: (make) => [make({ by: seededKey('x') })] },
    }),
    'certificate-with-the-sct-of-another': bad('issuance-unproven', {
      issue: { scts: (make) => [make({ by: CT_KEY, about: utf8('x') })] },
    }),
    'certificate-for-servers-brings-its-root': bad('bundle-invalid', {
      version: '0.2',
      chain: [local.authority.issuer.der, local.authority.root.der],
    }),
    'certificate-issued-before-the-authority': bad('certificate-expired', {}, { trustedRoot: 'authority-from-later' }),
    'certificate-issued-after-the-authority': bad('certificate-expired', {}, { trustedRoot: 'authority-until-before' }),

    // Times (T-55, T-56).
    'promised-before-the-certificate': bad('certificate-expired', { entries: [{ promised: ISSUED - SECOND }] }),
    'promised-after-the-certificate': bad('certificate-expired', {
      entries: [{ promised: ISSUED + 10 * MINUTE + SECOND }],
    }),
    'stamped-before-the-certificate': bad('certificate-expired', { ...stamped, stamps: [{ at: ISSUED - SECOND }] }),
    'stamped-after-the-certificate': bad('certificate-expired', {
      ...stamped,
      stamps: [{ at: ISSUED + 10 * MINUTE + SECOND }],
    }),
    'promised-in-time-and-stamped-after': bad('certificate-expired', { stamps: [{ at: ISSUED + 11 * MINUTE }] }),
    'stamped-in-time-and-promised-after': bad('certificate-expired', {
      entries: [{ promised: ISSUED + 11 * MINUTE }],
      stamps: [{}],
    }),
    'no-time-v2': bad('time-untrusted', { entries: [inV2()] }),
    'no-time-v1': bad('time-untrusted', { entries: [{ promised: null }] }),
    'no-time-and-no-log': bad('time-untrusted', { entries: [] }, { thresholds: { logs: 0 } }),
    'promise-by-a-stranger': bad('entry-unproven', { entries: [{ promisedBy: stranger.v1 }] }),
    'stamped-by-a-stranger': bad('time-untrusted', { ...stamped, stamps: [{ signer: strangeTsa }] }),
    'stamped-by-a-sibling-of-the-authority': bad('time-untrusted', { ...stamped, stamps: [{ signer: siblingTsa }] }),
    'stamped-without-certificates-by-a-stranger': bad('time-untrusted', {
      ...stamped,
      stamps: [{ signer: strangeTsa, certificates: [] }],
    }),
    'stamp-of-another-signature': bad('time-untrusted', { ...stamped, stamps: [{ imprint: sha256(utf8('x')) }] }),
    'stamp-of-the-artifact': bad('time-untrusted', { ...stamped, stamps: [{ imprint: sha256(ARTIFACT) }] }),
    'stamp-with-a-changed-time': bad('time-untrusted', {
      ...stamped,
      stamps: [
        {
          content: (info) =>
            new Uint8Array(
              Buffer.from(
                Buffer.from(info)
                  .toString('latin1')
                  .replace(genTime(SIGNED), genTime(SIGNED + SECOND)),
                'latin1',
              ),
            ),
        },
      ],
    }),
    'stamp-after-the-end-of-its-certificate': bad(
      'time-untrusted',
      { ...stamped, stamps: [{ signer: expiredTsa }] },
      { trustedRoot: 'timestamps-of-an-expired-certificate' },
    ),
    'stamp-before-its-authority-is-believed': bad('time-untrusted', stamped, { trustedRoot: 'timestamps-from-later' }),
    'stamp-after-its-authority-is-believed': bad('time-untrusted', stamped, { trustedRoot: 'timestamps-until-before' }),
    'stamp-where-no-authority-is-trusted': bad('time-untrusted', stamped, { trustedRoot: 'without-timestamps' }),
    'fewer-timestamps-than-demanded': bad('time-untrusted', {}, { thresholds: { timestamps: 1 } }),
    'one-timestamp-authority-twice': bad(
      'time-untrusted',
      { ...stamped, stamps: [{}, { serial: 8 }] },
      { thresholds: { timestamps: 2 } },
    ),

    // Logs (T-63, T-64).
    'no-log': bad('entry-missing', { entries: [], stamps: [{}] }),
    'log-of-a-stranger': bad('entry-untrusted', { entries: [{ log: stranger.v1 }] }),
    'log-of-a-stranger-v2': bad('entry-untrusted', { ...stamped, entries: [{ log: stranger.v2 }] }),
    'log-before-it-took-entries': bad('entry-untrusted', {}, { trustedRoot: 'log-from-later' }),
    'log-after-it-took-entries': bad('entry-untrusted', {}, { trustedRoot: 'log-until-before' }),
    'log-v2-after-it-took-entries': bad('entry-untrusted', stamped, { trustedRoot: 'logs-until-before' }),
    'one-log-twice': bad('entry-missing', { entries: [{}, { index: 1 }] }, { thresholds: { logs: 2 } }),
    'one-operator-twice': bad(
      'entry-missing',
      { entries: [{}, inV2()] },
      { thresholds: { logs: 2 }, trustedRoot: 'logs-of-one-operator' },
    ),
    'one-entry-twice': bad(INVALID, { entries: [{}, { index: 0 }] }),
    'checkpoint-by-a-stranger': bad('entry-unproven', { entries: [{ checkpointBy: stranger.v1 }] }),
    'checkpoint-by-a-stranger-under-the-key-id': bad('entry-unproven', {
      entries: [{ checkpointBy: { ...stranger.v1, logId: v1.logId } }],
    }),
    'checkpoint-by-a-stranger-v2': bad('entry-unproven', {
      ...stamped,
      entries: [inV2({ checkpointBy: { ...stranger.v2, logId: v2.logId } })],
    }),
    'checkpoint-of-another-log': bad('entry-unproven', {
      entries: [{ origin: 'other.example.com - 1193050959916656506' }],
    }),
    'checkpoint-of-another-log-v2': bad('entry-unproven', {
      ...stamped,
      entries: [inV2({ origin: 'other.example.com' })],
    }),
    'promise-alone-v0.2': bad(INVALID, { version: '0.2', entries: [{ included: false }] }),
    'promise-alone-v0.3': bad(INVALID, { entries: [{ included: false }] }),
    'proof-alone-v0.1': bad(INVALID, { version: '0.1', entries: [{ promised: null }], stamps: [{}] }),
    'no-proof-v2': bad(INVALID, { ...stamped, entries: [inV2({ included: false })] }),
    'entry-of-another-artifact': bad('entry-mismatch', relogged(put('spec.data.hash.value', hex(sha256(utf8('x')))))),
    'entry-of-another-signature': bad(
      'entry-mismatch',
      relogged(put('spec.signature.content', base64(seededKey('signer').sign(utf8('x'))))),
    ),
    'entry-of-another-certificate': bad(
      'entry-mismatch',
      relogged(put('spec.signature.publicKey.content', pem('CERTIFICATE', other.der))),
    ),
    'entry-of-the-key-of-the-certificate': bad(
      'entry-mismatch',
      relogged(put('spec.signature.publicKey.content', pem('PUBLIC KEY', other.key.spki))),
    ),
    'entry-of-another-key': bad(
      'entry-mismatch',
      { ...byKey, ...relogged(put('spec.signature.publicKey.content', pem('PUBLIC KEY', other.key.spki))) },
      { policy: KEY },
    ),
    'entry-of-another-artifact-v2': bad('entry-mismatch', {
      ...stamped,
      ...relogged(put('spec.hashedRekordV002.data.digest', base64(sha256(utf8('x')))), inV2()),
    }),
    'entry-of-another-signature-v2': bad('entry-mismatch', {
      ...stamped,
      ...relogged(put('spec.hashedRekordV002.signature.content', base64(utf8('x'))), inV2()),
    }),
    'entry-of-another-certificate-v2': bad('entry-mismatch', {
      ...stamped,
      ...relogged(put('spec.hashedRekordV002.signature.verifier.x509Certificate.rawBytes', base64(other.der)), inV2()),
    }),
    'entry-of-another-payload-dsse': bad('entry-mismatch', {
      ...dsse,
      ...relogged(put('spec.payloadHash.value', hex(sha256(utf8('x')))), { kind: 'dsse' }),
    }),
    'entry-of-another-signature-dsse': bad('entry-mismatch', {
      ...dsse,
      ...relogged(put('spec.signatures.0.signature', base64(utf8('x'))), { kind: 'dsse' }),
    }),
    'entry-of-another-certificate-dsse': bad('entry-mismatch', {
      ...dsse,
      ...relogged(put('spec.signatures.0.verifier', pem('CERTIFICATE', other.der)), { kind: 'dsse' }),
    }),
    'entry-of-another-payload-intoto': bad('entry-mismatch', {
      ...dsse,
      ...relogged(put('spec.content.payloadHash.value', hex(sha256(utf8('x')))), { kind: 'intoto' }),
    }),
    'entry-of-another-signature-intoto': bad('entry-mismatch', {
      ...dsse,
      ...relogged(put('spec.content.envelope.signatures.0.sig', base64(utf8(base64(utf8('x'))))), { kind: 'intoto' }),
    }),
    'entry-of-another-certificate-intoto': bad('entry-mismatch', {
      ...dsse,
      ...relogged(put('spec.content.envelope.signatures.0.publicKey', pem('CERTIFICATE', other.der)), {
        kind: 'intoto',
      }),
    }),
    'entry-of-a-statement-for-an-artifact': bad('entry-mismatch', { entries: [{ kind: 'dsse' }] }),
    'entry-with-a-new-member': bad(
      INVALID,
      relogged((it) => ({ ...it, news: 1 })),
    ),
    'entry-of-another-version-than-it-says': bad(INVALID, relogged(put('apiVersion', '0.0.2'))),
    'entry-of-another-kind-than-it-says': bad(INVALID, relogged(put('kind', 'rekord'))),
    'entry-by-sha512': bad(INVALID, relogged(put('spec.data.hash.algorithm', 'sha512'))),
    'entry-with-two-certificates': bad(
      INVALID,
      relogged(
        put(
          'spec.signature.publicKey.content',
          base64(utf8(Buffer.from(pem('CERTIFICATE', other.der), 'base64').toString().repeat(2))),
        ),
      ),
    ),
    'entry-with-two-signatures-dsse': bad(INVALID, {
      ...dsse,
      ...relogged(
        (it) => {
          const spec = it['spec'] as JsonObject
          const [one] = spec['signatures'] as JsonObject[]
          return { ...it, spec: { ...spec, signatures: [one!, one!] } }
        },
        { kind: 'dsse' },
      ),
    }),

    // Statements.
    'statement-without-subjects': bad(
      'subject-missing',
      statement((it) => ({ ...it, subject: [] })),
    ),
    'statement-of-another-type': bad(
      'statement-invalid',
      statement((it) => ({ ...it, _type: 'https://in-toto.io/Statement/v2' })),
    ),
    'statement-that-is-none': bad(
      'statement-invalid',
      statement(() => []),
    ),
    'statement-by-a-weak-digest-alone': bad(
      'artifact-mismatch',
      statement((it) => ({ ...it, subject: [{ name: 'a', digest: { sha1: 'a'.repeat(40) } }] })),
    ),
    'statement-with-two-digests-that-differ': bad(
      'artifact-mismatch',
      statement((it) => ({
        ...it,
        subject: [{ name: 'a', digest: { sha256: hex(sha256(ARTIFACT)), sha512: 'a'.repeat(128) } }],
      })),
    ),
    'statement-with-an-upper-case-digest': bad(
      'artifact-mismatch',
      statement((it) => ({ ...it, subject: [{ name: 'a', digest: { sha256: hex(sha256(ARTIFACT)).toUpperCase() } }] })),
    ),
    'statement-with-a-subject-without-a-digest': bad(
      'statement-invalid',
      statement((it) => ({ ...it, subject: [{ name: 'a' }] })),
    ),

    // The spelling of the bundle.
    ...changed({}, {}, [
      ['media-type-of-old', 'mediaType', 'application/vnd.dev.sigstore.bundle+json;version=0.3', null],
      ['members-that-are-null', `${MATERIAL}.timestampVerificationData`, null, null],
      ['media-type-missing', 'mediaType', undefined, INVALID],
      ['media-type-v0.4', 'mediaType', 'application/vnd.dev.sigstore.bundle.v0.4+json', 'bundle-version'],
      ['media-type-v99.9', 'mediaType', 'application/vnd.dev.sigstore.bundle+json;version=99.9', 'bundle-version'],
      ['member-unknown', 'news', 1, INVALID],
      ['material-missing', MATERIAL, undefined, INVALID],
      ['material-unknown', `${MATERIAL}.news`, 1, INVALID],
      ['certificate-missing', `${MATERIAL}.certificate`, undefined, INVALID],
      ['certificate-empty', `${MATERIAL}.certificate.rawBytes`, '', INVALID],
      [
        'certificate-cut-short',
        `${MATERIAL}.certificate.rawBytes`,
        (it: string) => it.slice(0, 400),
        'certificate-invalid',
      ],
      ['certificate-and-key', `${MATERIAL}.publicKey`, { hint: 'x' }, INVALID],
      ['entries-no-list', `${MATERIAL}.tlogEntries`, {}, INVALID],
      [
        'entries-thirty-three',
        `${MATERIAL}.tlogEntries`,
        (it: unknown[]) => Array.from({ length: 33 }, () => it[0]),
        INVALID,
      ],
      ['signature-empty', 'messageSignature.signature', '', INVALID],
      ['signature-not-base64', 'messageSignature.signature', '*', INVALID],
      [
        'digest-of-another-artifact',
        'messageSignature.messageDigest.digest',
        base64(sha256(utf8('x'))),
        'artifact-mismatch',
      ],
      ['digest-by-another-algorithm', 'messageSignature.messageDigest.algorithm', 'SHA2_512', INVALID],
      ['digest-too-short', 'messageSignature.messageDigest.digest', 'AAAA', INVALID],
      ['digest-missing', 'messageSignature.messageDigest', undefined, null],
      ['nothing-signed', 'messageSignature', undefined, INVALID],
      [
        'two-things-signed',
        'dsseEnvelope',
        { payload: 'e30=', payloadType: 'application/vnd.in-toto+json', signatures: [{ sig: 'AAAA' }] },
        INVALID,
      ],
      ['log-index-negative', `${ENTRY}.logIndex`, '-1', INVALID],
      ['log-index-a-number', `${ENTRY}.logIndex`, 1000002, INVALID],
      ['log-index-of-another-entry', `${ENTRY}.logIndex`, '1000003', 'entry-unproven'],
      ['log-id-of-another-log', `${ENTRY}.logId.keyId`, base64(v2.logId), 'entry-unproven'],
      ['log-id-too-short', `${ENTRY}.logId.keyId`, 'AAAA', INVALID],
      ['kind-missing', `${ENTRY}.kindVersion`, undefined, INVALID],
      ['kind-unknown', `${ENTRY}.kindVersion.kind`, 'rekord', INVALID],
      ['kind-of-another-entry', `${ENTRY}.kindVersion.kind`, 'dsse', INVALID],
      ['version-of-another-log', `${ENTRY}.kindVersion.version`, '0.0.2', INVALID],
      ['time-changed', `${ENTRY}.integratedTime`, String(SIGNED / SECOND + 1), 'entry-unproven'],
      ['time-missing', `${ENTRY}.integratedTime`, undefined, INVALID],
      ['promise-missing', `${ENTRY}.inclusionPromise`, undefined, 'time-untrusted'],
      ['promise-changed', `${ENTRY}.inclusionPromise.signedEntryTimestamp`, flip, 'entry-unproven'],
      ['proof-without-a-checkpoint', `${PROOF}.checkpoint`, undefined, INVALID],
      ['proof-with-a-flipped-bit', `${PROOF}.hashes.0`, flip, 'entry-unproven'],
      ['proof-with-a-hash-too-few', `${PROOF}.hashes.0`, undefined, 'entry-unproven'],
      ['proof-of-another-place', `${PROOF}.logIndex`, '3', 'entry-unproven'],
      ['proof-outside-of-the-tree', `${PROOF}.logIndex`, '7', INVALID],
      ['proof-of-another-root', `${PROOF}.rootHash`, flip, INVALID],
      ['proof-of-another-size', `${PROOF}.treeSize`, '8', INVALID],
      [
        'checkpoint-changed',
        `${PROOF}.checkpoint.envelope`,
        (it: string) => it.replace('rekor.example.com - 1', 'rekor.example.com - 2'),
        'entry-unproven',
      ],
      [
        'checkpoint-without-a-signature',
        `${PROOF}.checkpoint.envelope`,
        (it: string) => it.slice(0, it.indexOf('\n\n') + 2),
        INVALID,
      ],
      [
        'body-changed',
        `${ENTRY}.canonicalizedBody`,
        (it: string) => Buffer.from(`${Buffer.from(it, 'base64').toString()} `).toString('base64'),
        'entry-unproven',
      ],
      ['body-empty', `${ENTRY}.canonicalizedBody`, '', INVALID],
      ['body-not-json', `${ENTRY}.canonicalizedBody`, 'AAAA', INVALID],
      ['not-an-object', '', [], INVALID],
    ]),
    'chain-empty': vector(
      {
        ...local.sign({ version: '0.1' }),
        verificationMaterial: { x509CertificateChain: { certificates: [] }, tlogEntries: [] },
      },
      {},
      { error: INVALID },
    ),
    'chain-in-v0.3': vector(
      { ...local.sign({ version: '0.1' }), mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json' },
      {},
      { error: INVALID },
    ),
    'promise-in-v2': vector(
      put(`${ENTRY}.inclusionPromise`, { signedEntryTimestamp: 'AAAA' })(
        put(`${ENTRY}.integratedTime`, '1')(local.sign(stamped)) as JsonObject,
      ),
      {},
      { error: INVALID },
    ),
    'two-indices-v2': vector(put(`${ENTRY}.logIndex`, '3')(local.sign(stamped)), {}, { error: INVALID }),
    'time-nobody-signed-v2': vector(
      put(`${ENTRY}.integratedTime`, String(SIGNED / SECOND))(local.sign({ entries: [inV2()] })),
      {},
      { error: 'time-untrusted' },
    ),
    'timestamp-that-is-none': vector(
      put(
        `${MATERIAL}.timestampVerificationData.rfc3161Timestamps.0.signedTimestamp`,
        base64(derSequence(derNumber(0))),
      )(local.sign(stamped)),
      {},
      { error: 'time-untrusted' },
    ),
    'two-signatures-dsse': vector(
      put('dsseEnvelope.signatures.1', { sig: 'AAAA' })(local.sign({ ...dsse, entries: [{ kind: 'dsse' }] })),
      {},
      { error: INVALID },
    ),
    'payload-of-another-type': vector(
      put('dsseEnvelope.payloadType', 'text/plain')(local.sign({ ...dsse, entries: [{ kind: 'dsse' }] })),
      {},
      { error: INVALID },
    ),
  },
}

const LOG = 'tlogs.0'
const LOG2 = 'tlogs.1'
const TSA = 'timestampAuthorities.0'
const ROOT_INVALID = 'trust-root-invalid'
const until = (time: number) => new Date(time).toISOString()
const raw = (der: Uint8Array) => ({ rawBytes: base64(der) })

/** Trust roots of an instance of Sigstore, whole. A fault anywhere refuses all of it (T-65). */
export const sigstoreRoots: Topic = {
  name: 'sigstore-root',
  vectors: mutated('trustedRoot', ROOT, [
    ['log-until-the-second', `${LOG}.publicKey.validFor.end`, until(SIGNED), null],
    ['log-until-before', `${LOG}.publicKey.validFor.end`, until(SIGNED - SECOND), null],
    ['log-from-later', `${LOG}.publicKey.validFor.start`, until(SIGNED + SECOND), null],
    [
      'logs-until-before',
      'tlogs',
      (logs: { publicKey: object }[]) =>
        logs.map((log) => ({
          ...log,
          publicKey: { ...log.publicKey, validFor: { start: until(ISSUED - MINUTE), end: until(ISSUED) } },
        })),
      null,
    ],
    [
      'logs-of-one-operator',
      'tlogs',
      (logs: object[]) => logs.map((log) => ({ ...log, operator: 'example.com' })),
      null,
    ],
    ['log-end-null', `${LOG}.publicKey.validFor.end`, null, null],
    ['authority-from-later', 'certificateAuthorities.0.validFor.start', until(SIGNED + SECOND), null],
    ['authority-until-before', 'certificateAuthorities.0.validFor.end', until(SIGNED - SECOND), null],
    ['timestamps-until-the-second', `${TSA}.validFor.end`, until(SIGNED), null],
    ['timestamps-until-before', `${TSA}.validFor.end`, until(SIGNED - SECOND), null],
    ['timestamps-from-later', `${TSA}.validFor.start`, until(SIGNED + SECOND), null],
    [
      'timestamps-of-an-expired-certificate',
      `${TSA}.certChain.certificates`,
      [raw(expiredTsa.der), raw(local.tsaRoot.der)],
      null,
    ],
    ['without-timestamps', 'timestampAuthorities', undefined, null],
    ['timestamps-without-an-address', `${TSA}.uri`, undefined, null],
    [
      'with-a-log-that-cannot-be-verified',
      'tlogs.2',
      {
        ...logJson(stranger.v1),
        publicKey: {
          rawBytes: 'AAAA',
          keyDetails: 'PKIX_RSA_PKCS1V15_2048_SHA256',
          validFor: { start: '2026-01-01T00:00:00Z' },
        },
      },
      null,
    ],
    [
      'with-a-ct-log-in-pkcs1',
      'ctlogs.1',
      {
        baseUrl: 'https://old.example.com',
        hashAlgorithm: 'SHA2_256',
        publicKey: {
          rawBytes: 'AAAA',
          keyDetails: 'PKCS1_RSA_PKCS1V5',
          validFor: { start: '2021-01-01T00:00:00Z', end: '2022-01-01T00:00:00Z' },
        },
        logId: { keyId: base64(new Uint8Array(32)) },
      },
      null,
    ],
    ['media-type-unknown', 'mediaType', 'application/vnd.dev.sigstore.trustedroot.v1+json', ROOT_INVALID],
    ['logs-missing', 'tlogs', undefined, ROOT_INVALID],
    ['log-without-a-start', `${LOG2}.publicKey.validFor`, {}, ROOT_INVALID],
    ['log-start-null', `${LOG2}.publicKey.validFor.start`, null, ROOT_INVALID],
    ['log-without-validity', `${LOG2}.publicKey.validFor`, undefined, ROOT_INVALID],
    ['log-of-another-id', `${LOG2}.logId.keyId`, base64(v1.logId), ROOT_INVALID],
    ['log-of-another-name', `${LOG2}.baseUrl`, 'https://other.example.com', ROOT_INVALID],
    ['log-key-of-another-kind', `${LOG2}.publicKey.keyDetails`, 'PKIX_ECDSA_P256_SHA_256', ROOT_INVALID],
    ['log-hash-unknown', `${LOG2}.hashAlgorithm`, 'SHA2_512', ROOT_INVALID],
    ['one-key-for-two-logs', 'tlogs.2', logJson(rekorV1('other.example.com')), ROOT_INVALID],
    ['timestamps-without-a-chain', `${TSA}.certChain`, undefined, ROOT_INVALID],
    ['timestamps-with-an-empty-chain', `${TSA}.certChain.certificates`, [], ROOT_INVALID],
    ['timestamps-without-a-start', `${TSA}.validFor`, {}, ROOT_INVALID],
    ['timestamps-with-a-torn-certificate', `${TSA}.certChain.certificates.1.rawBytes`, 'AAAA', ROOT_INVALID],
    [
      'timestamps-upside-down',
      `${TSA}.certChain.certificates`,
      [raw(local.tsaRoot.der), raw(local.tsa.der)],
      ROOT_INVALID,
    ],
    ['authority-torn', 'certificateAuthorities.0.certChain.certificates.0.rawBytes', 'AAAA', ROOT_INVALID],
    ['ct-log-without-a-start', 'ctlogs.0.publicKey.validFor', {}, ROOT_INVALID],
    ['not-an-object', '', [], ROOT_INVALID],
  ]),
}
