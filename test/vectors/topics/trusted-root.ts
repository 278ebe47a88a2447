import { portableCrypto } from '@countersign/core/portable'
import { type PublishedAuthority, trustedRootJson } from '@countersign/formats/identity'
import { certificate, seededKey } from '../../anchors/certificates.ts'
import { ctLog, LocalAuthority } from '../../identity/local-ca.ts'
import { b64 } from './note-signers.ts'
import { mutated, type Topic } from './topic.ts'

const [one, two] = [new LocalAuthority(), new LocalAuthority({ seed: 'two', name: 'two', intermediate: null })]
const START = Date.parse('2026-01-01T00:00:00Z')
const END = Date.parse('2027-01-01T00:00:00Z')
const published = (uri: string, { issuer, root }: LocalAuthority, end: number | null): PublishedAuthority => ({
  uri,
  organization: 'example.com',
  commonName: 'countersign',
  chain: issuer === root ? [root.der] : [issuer.der, root.der],
  validFor: { start: START, end },
})
const ROOT = trustedRootJson(
  {
    authorities: [
      published('https://countersign.example.com', one, END),
      published('https://fulcio.example.com/', two, null),
    ],
    ctlogs: [
      { baseUrl: 'https://countersign.example.com/ct', key: ctLog().key, validFor: { start: START, end: END } },
      {
        baseUrl: 'https://ct.example.com',
        key: ctLog(seededKey('second ct log')).key,
        validFor: { start: END, end: null },
      },
    ],
    timestampAuthorities: [published('https://tsa.example.com', one, null)],
  },
  portableCrypto,
)
const FIRST = 'certificateAuthorities.0'
const CHAIN = `${FIRST}.certChain.certificates`
const LOG = 'ctlogs.1'
const INVALID = 'trust-root-invalid'
const raw = (der: Uint8Array) => ({ rawBytes: b64(der) })
const noCa = certificate({ name: 'local CA', key: seededKey('local intermediate'), issuer: one.root })
const p384 = seededKey('ct', 'P-384', 'sha384')
const keyIdOf = (spki: Uint8Array) => b64(portableCrypto.sha256(spki))

/** What Sigstore's `trusted_root.json` says of authorities of signers. A fault anywhere in it refuses the whole (T-65). */
export const signerRoots: Topic = {
  name: 'trusted-root',
  vectors: mutated('trustedRoot', ROOT, [
    ['version-0.1', 'mediaType', 'application/vnd.dev.sigstore.trustedroot.v0.1+json', null],
    ['version-0.2', 'mediaType', 'application/vnd.dev.sigstore.trustedroot.v0.2+json', null],
    ['with-members-that-are-new', `${FIRST}.news`, [1], null],
    ['with-an-operator', `${FIRST}.operator`, 'example.com', null],
    ['without-logs-of-signatures', 'tlogs', undefined, null],
    ['without-ct-logs', 'ctlogs', undefined, null],
    [
      'with-a-ct-log-that-cannot-be-verified',
      LOG,
      (old: object) => ({
        ...old,
        publicKey: {
          rawBytes: b64(p384.spki),
          keyDetails: 'PKIX_ECDSA_P384_SHA_384',
          validFor: { start: '2026-01-01T00:00:00Z' },
        },
        logId: { keyId: keyIdOf(p384.spki) },
      }),
      null,
    ],
    ['the-root-alone', CHAIN, [raw(one.root.der)], null],
    ['version-unknown', 'mediaType', 'application/vnd.dev.sigstore.trustedroot.v1+json', INVALID],
    ['media-type-missing', 'mediaType', undefined, INVALID],
    ['authorities-missing', 'certificateAuthorities', undefined, INVALID],
    ['authorities-none', 'certificateAuthorities', [], 'trust-missing'],
    ['authorities-no-list', 'certificateAuthorities', {}, INVALID],
    ['chain-missing', `${FIRST}.certChain`, undefined, INVALID],
    ['chain-empty', CHAIN, [], INVALID],
    ['chain-upside-down', CHAIN, [raw(one.root.der), raw(one.issuer.der)], INVALID],
    ['chain-of-two-authorities', CHAIN, [raw(one.issuer.der), raw(two.root.der)], INVALID],
    ['chain-of-six', CHAIN, Array.from({ length: 6 }, () => raw(one.root.der)), INVALID],
    ['certificate-cut-short', `${CHAIN}.1`, raw(one.root.der.subarray(0, -1)), INVALID],
    ['certificate-not-base64', `${CHAIN}.1.rawBytes`, 'A', INVALID],
    ['certificate-empty', `${CHAIN}.1.rawBytes`, '', INVALID],
    ['certificate-missing', `${CHAIN}.1`, {}, INVALID],
    ['certificate-is-no-ca', CHAIN, [raw(noCa.der), raw(one.root.der)], INVALID],
    ['second-authority-malformed', 'certificateAuthorities.1.certChain.certificates.0.rawBytes', 'AAAA', INVALID],
    ['validity-missing', `${FIRST}.validFor`, undefined, INVALID],
    ['validity-empty', `${FIRST}.validFor`, {}, INVALID],
    ['validity-without-a-start', `${FIRST}.validFor.start`, undefined, INVALID],
    ['validity-null', `${FIRST}.validFor`, null, INVALID],
    ['validity-start-null', `${FIRST}.validFor.start`, null, INVALID],
    ['validity-that-is-no-time', `${FIRST}.validFor.start`, '2026-02-30T00:00:00Z', INVALID],
    ['validity-with-an-offset', `${FIRST}.validFor.start`, '2026-01-01T00:00:00+02:00', INVALID],
    ['validity-that-ends-first', `${FIRST}.validFor.end`, '2025-01-01T00:00:00Z', INVALID],
    ['validity-end-not-a-time', `${FIRST}.validFor.end`, 'never', INVALID],
    ['address-missing', `${FIRST}.uri`, undefined, INVALID],
    ['address-empty', `${FIRST}.uri`, '', INVALID],
    ['ct-log-without-validity', `${LOG}.publicKey.validFor`, undefined, INVALID],
    ['ct-log-without-a-start', `${LOG}.publicKey.validFor.start`, undefined, INVALID],
    ['ct-log-of-another-id', `${LOG}.logId.keyId`, keyIdOf(ctLog().key.spki), INVALID],
    ['ct-log-id-truncated', `${LOG}.logId.keyId`, (old: string) => old.slice(0, 4), INVALID],
    ['ct-log-key-truncated', `${LOG}.publicKey.rawBytes`, (old: string) => old.slice(0, 8), INVALID],
    ['ct-log-key-not-base64', `${LOG}.publicKey.rawBytes`, '*', INVALID],
    ['ct-log-key-of-another-kind', `${LOG}.publicKey.keyDetails`, 'PKIX_ED25519', null],
    ['ct-log-hash-unknown', `${LOG}.hashAlgorithm`, 'SHA2_512', INVALID],
    ['ct-logs-no-list', 'ctlogs', {}, INVALID],
    ['not-an-object', '', [], INVALID],
  ]),
}
