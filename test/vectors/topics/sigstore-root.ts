import { base64 } from '@countersign/core'
import { ISSUED, MINUTE } from '../../identity/local-ca.ts'
import { logJson, rekorV1, SIGNED } from '../../identity/local-sigstore.ts'
import { ROOT, SECOND, expiredTsa, local, sha256, stranger, v1 } from './sigstore-kit.ts'
import { mutated, type Topic } from './topic.ts'

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
    [
      'log-with-two-ids',
      LOG2,
      (log: { logId: object; publicKey: { rawBytes: string } }) => ({
        ...log,
        logId: { keyId: base64(sha256(Buffer.from(log.publicKey.rawBytes, 'base64'))) },
        checkpointKeyId: log.logId,
      }),
      null,
    ],
    ['log-with-another-checkpoint-id', `${LOG2}.checkpointKeyId`, { keyId: base64(v1.logId) }, ROOT_INVALID],
    [
      'log-without-a-checkpoint-id-or-operator',
      LOG,
      (log: object) => ({ ...log, checkpointKeyId: null, operator: null }),
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
