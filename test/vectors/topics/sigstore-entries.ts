import { base64, hex, type JsonObject, utf8 } from '@countersign/core'
import { seededKey } from '../../anchors/certificates.ts'
import { genTime } from '../../anchors/tokens.ts'
import { ISSUED, MINUTE } from '../../identity/local-ca.ts'
import { ARTIFACT, SIGNED } from '../../identity/local-sigstore.ts'
import {
  INVALID,
  KEY,
  SECOND,
  bad,
  byKey,
  dsse,
  expiredTsa,
  inV2,
  other,
  pem,
  put,
  relogged,
  sha256,
  siblingTsa,
  stamped,
  strangeTsa,
  stranger,
  v1,
  v2,
} from './sigstore-kit.ts'

/** Bundles whose entries of logs are of others, or in no log that counts (T-63, T-64). */
export const FOREIGN_ENTRIES: Readonly<Record<string, object>> = {
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
}

/** Bundles with times at which their certificates do not count, and without one (T-55, T-56). */
export const UNTIMELY: Readonly<Record<string, object>> = {
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
}
