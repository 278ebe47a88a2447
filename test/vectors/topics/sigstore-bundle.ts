import { base64, hex, type JsonObject, utf8 } from '@countersign/core'
import { derSequence, derNumber } from '@countersign/formats/x509'
import { seededKey } from '../../anchors/certificates.ts'
import { CT_KEY, LocalAuthority, RUN } from '../../identity/local-ca.ts'
import { ARTIFACT, SIGNED, statementOf } from '../../identity/local-sigstore.ts'
import {
  BY_LOG,
  BY_TSA,
  ENTRY,
  IDENTITY,
  INVALID,
  KEY,
  MATERIAL,
  PROOF,
  SECOND,
  bad,
  byKey,
  changed,
  dsse,
  flip,
  good,
  inV2,
  local,
  put,
  sha256,
  stamped,
  statement,
  strangeTsa,
  stranger,
  v2,
  vector,
} from './sigstore-kit.ts'
import { FOREIGN_ENTRIES, UNTIMELY } from './sigstore-entries.ts'
import type { Topic } from './topic.ts'

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
    'good-v2-in-a-log-with-two-ids': good(stamped, { trustedRoot: 'log-with-two-ids' }, BY_TSA),
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
    'root-in-the-chain': bad('bundle-invalid', {
      version: '0.2',
      chain: [local.authority.issuer.der, local.authority.root.der],
    }),
    'certificate-issued-before-the-authority': bad('certificate-expired', {}, { trustedRoot: 'authority-from-later' }),
    'certificate-issued-after-the-authority': bad('certificate-expired', {}, { trustedRoot: 'authority-until-before' }),

    ...UNTIMELY,
    ...FOREIGN_ENTRIES,

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
