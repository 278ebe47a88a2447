import { type Code, concat, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { type NoteKey, parseVkey, writeVkey } from '@countersign/formats'
import {
  bareIdentity,
  factOid,
  GRADE_OID,
  ISSUANCE_PROOF_OID,
  ISSUER_V1_OID,
  readIssuanceProof,
  SCT_LIST_OID,
  SUBJECT_NAME_OID,
  SYSTEM_OID,
} from '@countersign/formats/identity'
import {
  der,
  derNull,
  derNumber,
  derOctets,
  derOid,
  derSequence,
  derTrue,
  parseCertificate,
  TAG,
} from '@countersign/formats/x509'
import type { TrustedAuthority, TrustedCtLog } from '@countersign/verify/identity'
import { extension, knownRsaKey, nameOf, seededKey, type TestKey } from '../../anchors/certificates.ts'
import {
  type AuthorityOptions,
  bent,
  CODE_SIGNING,
  ctLog,
  drop,
  element,
  ISSUED,
  type Issued,
  type IssueOptions,
  LocalAuthority,
  LOG_ORIGIN,
  MINUTE,
  put,
  RUN,
} from '../../identity/local-ca.ts'
import { b64, LOG_PAIR, OTHER_PAIR, plain } from './note-signers.ts'
import type { Topic } from './topic.ts'

const authority = new LocalAuthority()
const stranger = new LocalAuthority({ seed: 'stranger' })
const AT = ISSUED + MINUTE
const SECOND = 1000
const OTHER_LOG = plain(LOG_ORIGIN, OTHER_PAIR)
const OTHER_LOG_KEY = parseVkey(OTHER_LOG.vkey, portableCrypto)
const iso = (time: number | null) => (time === null ? null : new Date(time).toISOString())

function authorityJson(one: TrustedAuthority): object {
  const common = {
    kind: one.kind,
    name: one.name,
    chain: one.chain.map((certificate) => b64(certificate.der)),
    from: iso(one.validFor.start),
    until: iso(one.validFor.end),
  }
  return one.kind === 'countersign'
    ? { ...common, logs: one.logs.map(writeVkey) }
    : { ...common, ctlogs: one.ctlogs.map(ctLogJson) }
}

function ctLogJson({ key, validFor }: TrustedCtLog): object {
  return { key: b64(key.spki), from: iso(validFor.start), until: iso(validFor.end) }
}

interface Case {
  readonly of?: LocalAuthority
  readonly trust?: readonly TrustedAuthority[]
  readonly at?: number
  /** Changes to the finished certificate. */
  readonly chain?: (issued: Issued) => readonly Uint8Array[]
}

function made({ of = authority, trust, at = AT, chain }: Case, issue: IssueOptions, expected: object): object {
  const issued = of.issue(issue)
  return {
    chain: (chain === undefined ? issued.chain : chain(issued)).map(b64),
    authorities: (trust ?? [of.trusted]).map(authorityJson),
    at: iso(at),
    ...expected,
  }
}

const good = (issue: IssueOptions, expected: object = {}, how: Case = {}) =>
  made(how, issue, {
    verified: { grade: 'A', system: 'github-actions', authority: 'local', kind: 'countersign', ...expected },
  })
const bad =
  (code: Code) =>
  (issue: IssueOptions, how: Case = {}) =>
    made(how, issue, { error: code })
const [invalid, untrusted, expired, unproven] = [
  bad('certificate-invalid'),
  bad('certificate-untrusted'),
  bad('certificate-expired'),
  bad('issuance-unproven'),
]
const asFulcio: Case = { trust: [authority.fulcio] }
const fulcio = { system: null, kind: 'fulcio' }

const utf = (text: string) => der(TAG.utf8String, utf8(text))
const before = (unlogged: IssueOptions['unlogged']): IssueOptions => (unlogged === undefined ? {} : { unlogged })
const name = (...names: readonly Uint8Array[]) => before(put(SUBJECT_NAME_OID, derSequence(...names), true))
const uri = (text: string) => der(0x86, utf8(text))
const fact = (fact: Parameters<typeof factOid>[0], value: Uint8Array) => before(put(factOid(fact), value))
const BASIC = '2.5.29.19'
const USAGE = '2.5.29.15'
const PURPOSE = '2.5.29.37'
const usage = (unused: number, byte: number) =>
  before(put(USAGE, der(TAG.bitString, Uint8Array.of(unused, byte)), true))
const purposes = (...oids: readonly string[]) => before(put(PURPOSE, derSequence(...oids.map(derOid))))
const withCa = (options: AuthorityOptions, more: Case = {}): Case => ({ of: new LocalAuthority(options), ...more })
const within = (start: string | null, end: string | null, one: TrustedAuthority = authority.trusted): Case => ({
  trust: [
    {
      ...one,
      validFor: { start: start === null ? null : Date.parse(start), end: end === null ? null : Date.parse(end) },
    },
  ],
})
const logs = (...keys: readonly NoteKey[]): Case => ({ trust: [{ ...authority.trusted, logs: keys }] })
const ctlogs = (...all: readonly TrustedCtLog[]): Case => ({ trust: [{ ...authority.fulcio, ctlogs: all }] })
const flipped = (bytes: Uint8Array, at: number) => {
  const changed = bytes.slice()
  changed[at]! ^= 1
  return changed
}
/** A leaf certificate that the attacker makes out of his own, which is real: a CA it is not. */
function belowLeaf(): Case {
  const own = authority.issue({ serial: 7 })
  const mine = new LocalAuthority({ seed: 'mine', intermediate: null })
  const forged = mine.issue()
  return { chain: () => [forged.der, own.der, ...own.chain.slice(1)] }
}
/** One under an intermediate that the root did not sign, with the root's name. */
const embedded: Case = {
  trust: [authority.trusted],
  chain: () => {
    const own = stranger.issue()
    return [...own.chain, stranger.root.der]
  },
}
/** Of the same names, with other keys. */
const twin = new LocalAuthority({ seed: 'twin' })
const at2036 = Date.parse('2036-06-01T00:00:00Z')

/** What is put in between the proof and the SCT: the log has not seen it. */
const afterwards = (proven: NonNullable<IssueOptions['proven']>): IssueOptions => ({ proven })
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
const ED25519 = '302a300506032b6570032100'
const keyWith = (spki: Uint8Array): TestKey => ({ ...seededKey('signer'), spki })
const ed25519Key = (raw: Uint8Array = LOG_PAIR.raw) =>
  keyWith(new Uint8Array(Buffer.concat([Buffer.from(ED25519, 'hex'), raw])))
const offCurve = () => keyWith(flipped(seededKey('signer').spki, 90))
const proofOf = ({ der: one }: Issued) =>
  readIssuanceProof(parseCertificate(one, 'certificate-invalid').extensions.get(ISSUANCE_PROOF_OID)!.value)
/** An SCT of version 2, which nobody knows, and a list of it alone. */
const laterSct = () => Uint8Array.of(0, 5, 0, 3, 1, 0, 0)

export const certificates: Topic = {
  name: 'certificate',
  vectors: {
    good: good({}),
    'good-as-a-fulcio': good({}, fulcio, asFulcio),
    'good-without-sct': good({ scts: null }),
    'good-without-proof-as-a-fulcio': good({ proof: null }, fulcio, asFulcio),
    'good-of-p-384': good({}, {}, withCa({ curve: 'P-384' })),
    'good-of-a-root': good({}, {}, withCa({ intermediate: null })),
    'good-with-the-intermediate-trusted': good(
      {},
      {},
      {
        trust: [{ ...authority.trusted, chain: authority.trusted.chain.slice(0, 1) }],
      },
    ),
    'good-with-the-intermediate-known': good({}, {}, { chain: ({ der: leaf }) => [leaf] }),
    'good-with-the-root-alone-known': good(
      {},
      {},
      {
        trust: [{ ...authority.trusted, chain: authority.trusted.chain.slice(1) }],
      },
    ),
    'good-with-strangers-beside': good(
      {},
      {},
      {
        chain: ({ chain }) => [...chain, stranger.root.der, stranger.intermediate!.der],
      },
    ),
    'good-in-its-first-second': good({}, {}, { at: ISSUED }),
    'good-in-its-last-second': good({}, {}, { at: ISSUED + 10 * MINUTE }),
    'good-of-grade-b': good({ grade: 'B' }, { grade: 'B' }),
    'good-of-grade-c': good({ grade: 'C' }, { grade: 'C' }),
    'good-of-no-system': good({ system: null }, { system: null }),
    'good-by-e-mail': good(
      {
        identity: bareIdentity('https://accounts.google.com', {
          kind: 'email',
          value: 'build@acme.iam.gserviceaccount.com',
        }),
        grade: 'C',
        system: 'google-cloud-build',
      },
      { grade: 'C', system: 'google-cloud-build' },
    ),
    'good-with-the-old-issuer-alone': good(before(drop(factOid('issuer')))),
    'good-without-the-old-issuer': good(before(drop(ISSUER_V1_OID))),
    'good-under-the-second-of-two': good({}, {}, { trust: [stranger.trusted, authority.trusted] }),
    'good-with-a-new-log-key-beside': good({}, {}, logs(OTHER_LOG_KEY, authority.trusted.logs[0]!)),
    'good-of-a-fulcio-with-an-ed25519-key': good({}, fulcio, {
      ...asFulcio,
      chain: () => authority.issue({ key: ed25519Key() }).chain,
    }),
    'good-of-a-fulcio-for-a-day': good({ life: 1440 * MINUTE }, fulcio, asFulcio),
    'good-of-a-fulcio-without-a-commit': good(
      before(drop(factOid('sourceRepositoryDigest'))),
      { ...fulcio, grade: 'C' },
      asFulcio,
    ),
    'good-of-a-fulcio-without-a-repository': good(
      before(drop(factOid('sourceRepositoryURI'))),
      { ...fulcio, grade: 'C' },
      asFulcio,
    ),
    'good-of-a-fulcio-without-a-run': good(
      before(drop(factOid('runInvocationURI'))),
      { ...fulcio, grade: 'C' },
      asFulcio,
    ),
    'good-of-a-fulcio-that-says-a-grade-nobody-heard': good(
      { grade: 'A', identity: bareIdentity(RUN.issuer, RUN.subject) },
      { ...fulcio, grade: 'C' },
      asFulcio,
    ),
    'good-with-an-sct-of-a-stranger-beside': good(
      { scts: (make) => [make({ by: seededKey('who') }), make()] },
      fulcio,
      asFulcio,
    ),

    // T-55, T-67: when
    'a-second-early': expired({}, { at: ISSUED - SECOND }),
    'a-second-late': expired({}, { at: ISSUED + 10 * MINUTE + SECOND }),
    'a-millisecond-late': expired({}, { at: ISSUED + 10 * MINUTE + 1 }),
    'intermediate-expired': expired({}, withCa({ intermediate: { until: '2026-11-21T12:00:30Z' } })),
    'intermediate-not-yet-valid': expired({}, withCa({ intermediate: { from: '2026-11-21T12:01:30Z' } })),
    'root-expired': expired(
      { notBefore: at2036 },
      withCa({ intermediate: { until: '2040-01-01T00:00:00Z' } }, { at: at2036 + SECOND }),
    ),
    'root-not-yet-valid': expired({}, withCa({ root: { from: '2026-11-21T12:01:30Z' } })),
    'authority-not-believed-yet': expired({}, within('2026-11-21T12:01:01Z', null)),
    'authority-no-longer-believed': expired({}, within(null, '2026-11-21T12:00:59Z')),
    'good-in-the-last-second-of-belief': good({}, {}, within(null, '2026-11-21T12:01:00Z')),
    'good-in-the-first-second-of-belief': good({}, {}, within('2026-11-21T12:01:00Z', null)),
    'ends-before-it-begins': invalid({ life: -MINUTE }, { at: ISSUED }),
    'longer-than-ten-minutes': untrusted({ life: 10 * MINUTE + SECOND }),
    'longer-than-a-day-of-a-fulcio': untrusted({ life: 1440 * MINUTE + SECOND }, asFulcio),

    // T-61: who issued
    'embedded-root': untrusted({}, embedded),
    'of-another-authority': untrusted({}, { trust: [stranger.trusted] }),
    'of-another-authority-of-the-same-name': untrusted(
      {},
      { trust: [twin.trusted], chain: () => authority.issue().chain },
    ),
    'signed-by-a-twin-of-the-authority': untrusted(
      {},
      { chain: () => [twin.issue().der, authority.intermediate!.der] },
    ),
    'under-the-certificate-of-a-signer': untrusted({}, belowLeaf()),
    'trusted-itself': untrusted(
      {},
      {
        trust: [{ ...authority.trusted, chain: [parseCertificate(authority.issue().der, 'certificate-invalid')] }],
      },
    ),
    'a-root-as-the-signer': untrusted({}, { chain: () => [authority.root.der] }),
    'an-intermediate-as-the-signer': untrusted({}, { chain: () => [authority.intermediate!.der] }),
    'the-intermediate-alone-unknown': untrusted(
      {},
      {
        trust: [{ ...authority.trusted, chain: authority.trusted.chain.slice(1) }],
        chain: ({ der: leaf }) => [leaf],
      },
    ),
    'intermediate-is-no-ca': untrusted({}, withCa({ intermediate: { ca: false, usage: [5] } })),
    'intermediate-may-not-sign': untrusted({}, withCa({ intermediate: { usage: [0] } })),
    'intermediate-for-timestamps': untrusted({}, withCa({ intermediate: { purposes: ['1.3.6.1.5.5.7.3.8'] } })),
    'root-with-no-path-left': untrusted({}, withCa({ root: { pathLength: 0 } })),
    'intermediate-constrains-names': untrusted(
      {},
      withCa({ intermediate: { more: [extension('2.5.29.30', false, derSequence())] } }),
    ),
    'intermediate-with-an-unknown-critical-extension': untrusted(
      {},
      withCa({ intermediate: { more: [extension('1.2.3.4', true, derNull())] } }),
    ),
    'root-is-no-ca': untrusted({}, withCa({ root: { ca: false, usage: [5], purposes: null } })),
    'no-authority': made({ trust: [] }, {}, { error: 'trust-missing' }),
    'no-certificate': invalid({}, { chain: () => [] }),
    'seven-certificates': invalid(
      {},
      { chain: ({ chain }) => [...chain, ...Array<Uint8Array>(5).fill(stranger.root.der)] },
    ),
    'signature-of-another': untrusted(
      {},
      { chain: ({ der: leaf, chain }) => [flipped(leaf, leaf.length - 1), ...chain.slice(1)] },
    ),
    'cut-short': invalid({}, { chain: ({ chain }) => chain.map((one, i) => (i === 0 ? one.subarray(0, -1) : one)) }),

    // What the certificate is for
    'a-ca': untrusted(before(put(BASIC, derSequence(derTrue()), true))),
    'good-that-says-it-is-no-ca': good(before(put(BASIC, derSequence(), true))),
    'no-key-usage': untrusted(before(drop(USAGE))),
    'for-encryption': untrusted(usage(5, 0x20)),
    'for-signing-and-issuing': untrusted(usage(2, 0x84)),
    'for-signing-and-revoking': untrusted(usage(1, 0x82)),
    'key-usage-empty': untrusted(usage(0, 0)),
    'no-purpose': untrusted(before(drop(PURPOSE))),
    'for-servers': untrusted(purposes('1.3.6.1.5.5.7.3.1')),
    'for-code-and-servers': untrusted(purposes(CODE_SIGNING, '1.3.6.1.5.5.7.3.1')),
    'for-code-twice': untrusted(purposes(CODE_SIGNING, CODE_SIGNING)),
    'for-any-purpose': untrusted(purposes('2.5.29.37.0')),
    'good-critically-for-code': good(before(put(PURPOSE, derSequence(derOid(CODE_SIGNING)), true))),
    'unknown-critical-extension': untrusted(before(put('1.2.3.4', derNull(), true))),
    'good-with-an-unknown-extension': good(before(put('1.2.3.4', derNull()))),
    'critical-fact': untrusted(before(put(factOid('issuer'), utf(RUN.issuer), true))),
    'an-extension-twice': invalid(before(bent((list) => [...list, list.at(-1)!]))),
    'key-p-384': made({}, { key: seededKey('big', 'P-384', 'sha384') }, { error: 'key-invalid' }),
    'key-p-384-of-a-fulcio': made(asFulcio, { key: seededKey('big', 'P-384', 'sha384') }, { error: 'key-invalid' }),
    'key-rsa': made({}, { key: knownRsaKey() }, { error: 'key-invalid' }),
    'key-ed25519-of-our-authority': made({}, { key: ed25519Key() }, { error: 'key-invalid' }),
    'key-of-small-order': made(asFulcio, { key: ed25519Key(new Uint8Array(32)) }, { error: 'key-invalid' }),
    'key-off-the-curve': made({}, { key: offCurve() }, { error: 'key-invalid' }),

    // T-57, T-58: whom it names
    'no-name': invalid(before(drop(SUBJECT_NAME_OID))),
    'no-name-but-a-subject': invalid(
      before((tbs) => element(5, nameOf(RUN.subject.value))(drop(SUBJECT_NAME_OID)(tbs))),
    ),
    'two-names': invalid(name(uri(RUN.subject.value), uri(`${RUN.subject.value}-evil`))),
    'two-kinds-of-names': invalid(name(der(0x81, utf8('dev@acme.example')), uri(RUN.subject.value))),
    'empty-names': invalid(name()),
    'empty-name': invalid(name(uri(''))),
    'a-host-as-the-name': invalid(name(der(0x82, utf8('github.com')))),
    'another-name': invalid(name(der(0xa0, derOid('1.3.6.1.4.1.57264.1.7'), der(0xa0, utf('acme!dev'))))),
    'name-with-a-nul': invalid(name(uri(`${RUN.subject.value}\0.evil.example`))),
    'name-in-utf-8': invalid(name(uri('https://github.com/аcme/shop'))),
    'name-with-something-after': invalid(
      before(put(SUBJECT_NAME_OID, concat(derSequence(uri('https://a')), derNull()), true)),
    ),
    'name-of-4097-bytes': invalid(name(uri(`https://${'a'.repeat(4089)}`))),
    'two-issuers': invalid(before(put(ISSUER_V1_OID, utf8('https://token.actions.githubusercontent.com/evil')))),
    'two-issuers-by-a-slash': invalid(before(put(ISSUER_V1_OID, utf8(`${RUN.issuer}/`)))),
    'old-issuer-in-der': invalid(before(put(ISSUER_V1_OID, utf(RUN.issuer)))),
    'no-issuer': invalid(before((tbs) => drop(ISSUER_V1_OID)(drop(factOid('issuer'))(tbs)))),
    'issuer-raw': invalid(fact('issuer', utf8(RUN.issuer))),
    'issuer-empty': invalid(fact('issuer', utf(''))),
    'fact-empty': invalid(fact('sourceRepositoryRef', utf(''))),
    'fact-as-ia5': invalid(fact('sourceRepositoryRef', der(0x16, utf8('refs/heads/main')))),
    'fact-with-something-after': invalid(fact('sourceRepositoryRef', concat(utf('refs/heads/main'), utf('x')))),
    'fact-not-utf-8': invalid(fact('sourceRepositoryRef', der(TAG.utf8String, Uint8Array.of(0x72, 0xff)))),
    'fact-with-a-line-break': invalid(fact('sourceRepositoryRef', utf('refs/heads/main\nrefs/heads/evil'))),
    'fact-turned-around': invalid(fact('sourceRepositoryRef', utf('refs/heads/\u202eniam'))),
    'fact-of-4097-bytes': invalid(fact('tokenSubject', utf('a'.repeat(4097)))),
    'grade-d': invalid(before(put(GRADE_OID, utf('D')))),
    'grade-unknown': invalid(before(put(GRADE_OID, utf('A+')))),
    'grade-missing': invalid(before(drop(GRADE_OID))),
    'system-with-a-space': invalid(before(put(SYSTEM_OID, utf('github actions')))),

    // Issued in the open
    'no-proof': unproven({ proof: null }),
    'no-proof-and-trusted-as-a-fulcio-too': unproven({ proof: null }, { trust: [authority.fulcio, authority.trusted] }),
    'no-proof-and-our-time-is-over': expired(
      { proof: null },
      {
        trust: [authority.fulcio, ...within(null, '2026-11-21T12:00:59Z').trust!],
      },
    ),
    'proof-of-another-certificate': unproven({ proof: () => proofOf(authority.issue({ serial: 9 })) }),
    'proof-of-a-later-time': unproven({ leaf: (leaf) => utf8(text(leaf).replace('12:00:00.000Z', '12:00:01.000Z')) }),
    'proof-under-one-hash': unproven({
      leaf: (leaf) => utf8(text(leaf).replace(/"sha3_256":"[0-9a-f]{2}/, '"sha3_256":"00')),
    }),
    'proof-under-the-other-hash': unproven({
      leaf: (leaf) => utf8(text(leaf).replace(/"sha256":"[0-9a-f]{2}/, '"sha256":"00')),
    }),
    'proof-of-another-kind-of-leaf': unproven({
      leaf: (leaf) => utf8(text(leaf).replace('certificate', 'attestation')),
    }),
    'proof-under-another-key': unproven({ log: OTHER_LOG }),
    'proof-under-another-log': unproven({ log: plain('evil.example.com/log', OTHER_PAIR) }),
    'proof-with-one-hash-less': unproven({ proof: (proof) => ({ ...proof, hashes: proof.hashes.slice(1) }) }),
    'proof-of-another-place': unproven({ proof: (proof) => ({ ...proof, index: 2 }) }),
    'proof-not-a-text': unproven(afterwards(put(ISSUANCE_PROOF_OID, derOctets(utf8('trust me'))))),
    'proof-not-in-octets': unproven(afterwards(put(ISSUANCE_PROOF_OID, utf8('c2sp.org/tlog-proof@v1\n')))),
    'proof-empty': unproven(afterwards(put(ISSUANCE_PROOF_OID, derOctets(new Uint8Array())))),
    'no-log': unproven({}, logs()),
    'changed-after-the-log': unproven(
      afterwards(put(factOid('sourceRepositoryURI'), utf('https://github.com/evil/shop'))),
    ),
    'one-more-extension-after-the-log': unproven(afterwards(put('1.2.3.4', derNull()))),
    'another-serial-after-the-log': unproven(afterwards(element(1, derNumber(7)))),

    // T-62: SCTs
    'no-sct': unproven({ scts: null }, asFulcio),
    'sct-list-empty': invalid({ finished: put(SCT_LIST_OID, derOctets(Uint8Array.of(0, 0))) }, asFulcio),
    'sct-of-an-unknown-log': unproven({ scts: (make) => [make({ by: seededKey('who') })] }, asFulcio),
    'sct-of-an-unknown-log-that-claims-to-be-known': unproven(
      {
        scts: (make) => [make({ by: seededKey('who'), logId: ctLog().logId })],
      },
      asFulcio,
    ),
    'sct-under-the-id-of-another-log': unproven({ scts: (make) => [make({ logId: new Uint8Array(32) })] }, asFulcio),
    'sct-of-another-certificate': unproven(
      { scts: (make) => [make({ about: authority.issue({ serial: 9 }).logged })] },
      asFulcio,
    ),
    'sct-of-another-time': unproven({ scts: (make) => [{ ...make(), timestamp: ISSUED + 1 }] }, asFulcio),
    'sct-before-the-log-was-believed': unproven({}, ctlogs({ ...ctLog(), validFor: { start: ISSUED + 1, end: null } })),
    'sct-after-the-log-was-believed': unproven({}, ctlogs({ ...ctLog(), validFor: { start: null, end: ISSUED - 1 } })),
    'good-while-the-log-was-believed': good(
      {},
      fulcio,
      ctlogs({ ...ctLog(), validFor: { start: ISSUED, end: ISSUED } }),
    ),
    'sct-of-another-hash': unproven({ scts: (make) => [make({ hash: 2 })] }, asFulcio),
    'sct-of-another-algorithm': unproven({ scts: (make) => [make({ algorithm: 1 })] }, asFulcio),
    'sct-of-a-later-version': unproven({ finished: put(SCT_LIST_OID, derOctets(laterSct())) }, asFulcio),
    'sct-cut-short': invalid({ finished: put(SCT_LIST_OID, derOctets(Uint8Array.of(0, 3, 0, 1, 0))) }, asFulcio),
    'seventeen-scts': invalid({ scts: (make) => Array.from({ length: 17 }, () => make()) }, asFulcio),
    'no-ct-log': unproven({}, ctlogs()),
    'changed-after-the-sct': unproven(
      { finished: put(factOid('sourceRepositoryURI'), utf('https://github.com/evil/shop')) },
      asFulcio,
    ),
  },
}
