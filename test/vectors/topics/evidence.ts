import { createHash } from 'node:crypto'
import { BUNDLE, canonical, SPKI } from './bundle.ts'
import { rekorAnchors } from './anchor-rekor.ts'
import { rfc3161Anchors } from './anchor-rfc3161.ts'
import { log, textOf } from './log-statement.ts'
import { LOG_PAIR, noteOf, OTHER_PAIR, plain, witness, WITNESS_PAIR } from './note-signers.ts'
import { opentimestamps } from './opentimestamps.ts'
import { DISCLOSURE_LINE } from './disclosure.ts'
import { RECEIPT_LINE } from './receipt.ts'
import { STEP } from './step.ts'
import { mutated, type Mutation, type Topic } from './topic.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const contractOf = (text: string) => ({ digest: sha256(text), text })
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')

const LINE = canonical(BUNDLE)
const CONTRACT = contractOf('contract: v1\npipeline: shop/web\n')
const SIGNER = { name: 'build', publicKey: base64(SPKI), revokedAt: null }
const P256 =
  '3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5'
const NAMED = 'countersign.example.com/acme'
const LOG = { revokedAt: null, vkey: plain(NAMED, LOG_PAIR).vkey }
const OTHER_LOG = { revokedAt: '2026-12-01T00:00:00.000Z', vkey: plain('other.example.com', OTHER_PAIR).vkey }
const WITNESS = witness('witness.example.com/w1', WITNESS_PAIR, 1).vkey

const anchorIn = ({ vectors }: Topic) => (vectors['good'] as { anchor: Record<string, unknown> }).anchor
const REKOR = anchorIn(rekorAnchors)
const BITCOIN = anchorIn(opentimestamps)
const AUTHORITY = anchorIn(rfc3161Anchors)
const STATEMENT = noteOf(textOf(), log)
const OTHER_STATEMENT = noteOf(textOf({ number: '8' }), log)
const hash = (byte: number) => Buffer.alloc(32, byte).toString('base64')
const COVERED = { index: 7, sha256: [hash(1), hash(2)], sha3_256: [hash(3), hash(4)], statement: sha256(textOf()) }
const REKOR_ROOT = { from: null, operator: 'example', until: null, vkey: plain('rekor.example', LOG_PAIR).vkey }
const OTHER_REKOR = { ...REKOR_ROOT, vkey: plain('sekor.example', OTHER_PAIR).vkey }
const TSA = { certificates: [hash(5)], from: '2026-01-01T00:00:00.000Z', name: 'tsa.example', until: null }
const EVM = {
  blocks: [{ hash: 'ab'.repeat(32), number: 21_000_000 }],
  chainId: 1,
  contracts: [],
  senders: [`0x${'0a'.repeat(20)}`],
}
const BLOCK = { hash: '00'.repeat(32), height: 900_000 }
/** By their ids, SHA-256 of the last certificate and of the text. */
const OURS = { certificates: [hash(7), hash(8)], logs: [LOG.vkey], name: 'ours', revokedAt: null }
const PUBLIC = { name: 'public', revokedAt: null, trustedRoot: '{"mediaType":"x"}' }
const ROOTS = {
  ethereum: [EVM],
  opentimestamps: { blocks: [BLOCK], minimumWork: '80000', network: 'mainnet' },
  rekor: [REKOR_ROOT],
  rfc3161: [TSA],
}

/** Evidence of the step of the bundle vectors, countersigned. */
export const EVIDENCE = {
  // By their canonical texts, the first member of which is another in each kind.
  anchors: [BITCOIN, REKOR],
  contracts: [CONTRACT],
  coverage: [COVERED],
  createdAt: '2026-11-20T12:30:00.000Z',
  lines: [LINE, RECEIPT_LINE],
  mediaType: 'application/vnd.countersign.evidence.v1+json',
  statements: [STATEMENT],
  subject: { artifact: STEP.subject[0]!.digest.sha256, chains: [STEP.predicate.chain.id] },
  trust: { anchors: ROOTS, authorities: [OURS, PUBLIC], logs: [LOG], signers: [SIGNER], witnesses: [WITNESS] },
}

const bad = 'evidence-invalid'
const key = 'key-invalid'
const text = (spelling: string, error: string) => ({ error, text: spelling })
const good = canonical(EVIDENCE)
const ID = STEP.predicate.chain.id

const MUTATIONS: readonly Mutation[] = [
  ['whole-null', '', null, bad],
  ['whole-array', '', [EVIDENCE], bad],
  ['whole-empty', '', {}, bad],
  ['unknown-field', 'note', 'x', bad],
  ['media-type-missing', 'mediaType', undefined, bad],
  ['media-type-null', 'mediaType', null, bad],
  ['media-type-v2', 'mediaType', EVIDENCE.mediaType.replace('v1', 'v2'), bad],
  ['media-type-of-a-chain-file', 'mediaType', 'application/vnd.countersign.chain.v1+jsonl', bad],
  ['subject-missing', 'subject', undefined, bad],
  ['subject-unknown-field', 'subject.name', 'app.tgz', bad],
  ['subject-artifact-null', 'subject.artifact', null, null],
  ['subject-artifact-missing', 'subject.artifact', undefined, bad],
  ['subject-artifact-upper-case', 'subject.artifact', 'A'.repeat(64), bad],
  ['subject-artifact-short', 'subject.artifact', 'a'.repeat(63), bad],
  ['subject-artifact-prefixed', 'subject.artifact', `sha256:${'a'.repeat(64)}`, bad],
  ['subject-chains-empty', 'subject.chains', [], bad],
  ['subject-chains-two', 'subject.chains', ['00'.repeat(16), ID], null],
  ['subject-chains-two-without-artifact', 'subject', { artifact: null, chains: ['00'.repeat(16), ID] }, bad],
  ['subject-chains-out-of-order', 'subject.chains', [ID, '00'.repeat(16)], bad],
  ['subject-chains-twice', 'subject.chains', [ID, ID], bad],
  ['subject-chains-not-hex', 'subject.chains.0', 'x', bad],
  ['subject-chains-101', 'subject.chains', Array.from({ length: 101 }, (_, i) => String(i).padStart(32, '0')), bad],
  ['created-at-missing', 'createdAt', undefined, bad],
  ['created-at-null', 'createdAt', null, bad],
  ['created-at-without-milliseconds', 'createdAt', '2026-11-20T12:30:00Z', bad],
  ['created-at-31-of-november', 'createdAt', '2026-11-31T12:30:00.000Z', bad],
  ['lines-missing', 'lines', undefined, bad],
  ['lines-empty', 'lines', [], bad],
  ['lines-text', 'lines', `${LINE}\n`, bad],
  ['lines-without-receipt', 'lines', [LINE], null],
  ['lines-receipt-alone', 'lines', [RECEIPT_LINE], null],
  ['lines-with-a-disclosure', 'lines', [LINE, RECEIPT_LINE, DISCLOSURE_LINE].toSorted(), null],
  ['lines-disclosure-with-a-space', 'lines', [DISCLOSURE_LINE.replace(':', ': ')], bad],
  ['lines-out-of-order', 'lines', [RECEIPT_LINE, LINE], bad],
  ['lines-twice', 'lines', [LINE, LINE], bad],
  ['lines-object', 'lines.0', BUNDLE, bad],
  ['lines-empty-line', 'lines.0', '', bad],
  ['lines-newline-at-end', 'lines.0', `${LINE}\n`, bad],
  ['lines-space', 'lines.0', LINE.replace(':', ': '), bad],
  ['lines-another-order', 'lines.0', JSON.stringify(BUNDLE), bad],
  [
    'lines-old-media-type',
    'lines.0',
    LINE.replace(/"mediaType":"[^"]*"/, '"mediaType":"application/vnd.dev.sigstore.bundle+json;version=0.3"'),
    bad,
  ],
  ['lines-without-signature', 'lines.0', LINE.replace(/"signatures":\[[^\]]*\]/, '"signatures":[]'), bad],
  ['lines-receipt-with-a-space', 'lines.1', RECEIPT_LINE.replace(':', ': '), bad],
  ['lines-receipt-truncated', 'lines.1', RECEIPT_LINE.slice(0, -9), bad],
  // What a payload says is read under its signature, by the verifier.
  ['lines-payload-not-json', 'lines', [LINE.replace(/"payload":"[^"]*"/, '"payload":"bm8="')], null],
  ['contracts-missing', 'contracts', undefined, bad],
  ['contracts-empty', 'contracts', [], null],
  ['contracts-unknown-field', 'contracts.0.name', 'x', bad],
  ['contracts-digest-of-another', 'contracts.0.digest', 'c0'.repeat(32), bad],
  ['contracts-text-changed', 'contracts.0.text', `${CONTRACT.text}#`, bad],
  ['contracts-text-empty', 'contracts', [contractOf('')], null],
  ['contracts-text-null', 'contracts.0.text', null, bad],
  ['contracts-text-not-ascii', 'contracts', [contractOf('# \ufeff\u00fc\u2028\ud83d\ude00\n')], null],
  ['contracts-twice', 'contracts', [CONTRACT, CONTRACT], bad],
  [
    'contracts-out-of-order',
    'contracts',
    [CONTRACT, contractOf('x')].toSorted((a, b) => (a.digest < b.digest ? 1 : -1)),
    bad,
  ],
  ['trust-missing', 'trust', undefined, bad],
  ['trust-unknown-field', 'trust.roots', [], bad],
  // Whom nobody is believed is for the verifier: it refuses.
  [
    'trust-nobody',
    'trust',
    {
      anchors: { ethereum: [], opentimestamps: null, rekor: [], rfc3161: [] },
      authorities: [],
      logs: [],
      signers: [],
      witnesses: [],
    },
    null,
  ],
  ['trust-signers-missing', 'trust.signers', undefined, bad],
  ['trust-signers-two', 'trust.signers', [SIGNER, { name: 'test', publicKey: base64(P256), revokedAt: null }], null],
  [
    'trust-signers-out-of-order',
    'trust.signers',
    [{ name: 'test', publicKey: base64(P256), revokedAt: null }, SIGNER],
    bad,
  ],
  ['trust-signers-one-key-under-two-names', 'trust.signers', [SIGNER, { ...SIGNER, name: 'test' }], bad],
  ['trust-signers-two-keys-under-one-name', 'trust.signers', [SIGNER, { ...SIGNER, publicKey: base64(P256) }], null],
  ['trust-signers-revoked', 'trust.signers.0.revokedAt', '2026-11-20T12:00:00.000Z', null],
  ['trust-signers-revoked-some-day', 'trust.signers.0.revokedAt', 'yes', bad],
  ['trust-signers-revocation-missing', 'trust.signers.0.revokedAt', undefined, bad],
  ['trust-signers-name-empty', 'trust.signers.0.name', '', bad],
  ['trust-signers-name-256', 'trust.signers.0.name', 'n'.repeat(256), null],
  ['trust-signers-name-257', 'trust.signers.0.name', 'n'.repeat(257), bad],
  ['trust-signers-name-turns-around', 'trust.signers.0.name', 'a\u202eb', bad],
  ['trust-signers-key-empty', 'trust.signers.0.publicKey', '', key],
  ['trust-signers-key-hex', 'trust.signers.0.publicKey', SPKI, key],
  ['trust-signers-key-lax-base64', 'trust.signers.0.publicKey', ` ${SIGNER.publicKey}`, 'base64-invalid'],
  [
    'trust-signers-key-of-small-order',
    'trust.signers.0.publicKey',
    base64(`302a300506032b657003210001${'00'.repeat(31)}`),
    key,
  ],
  ['trust-logs-two', 'trust.logs', [LOG, OTHER_LOG], null],
  ['trust-logs-out-of-order', 'trust.logs', [OTHER_LOG, LOG], bad],
  ['trust-logs-twice', 'trust.logs', [LOG, { ...LOG, revokedAt: OTHER_LOG.revokedAt }], bad],
  ['trust-logs-of-a-witness', 'trust.logs.0.vkey', WITNESS, bad],
  ['trust-logs-id-of-another-key', 'trust.logs.0.vkey', LOG.vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+'), key],
  ['trust-logs-vkey-alone', 'trust.logs.0', LOG.vkey, bad],
  ['trust-witnesses-none', 'trust.witnesses', [], null],
  ['trust-witnesses-of-a-log', 'trust.witnesses.0', LOG.vkey, bad],
  ['trust-witnesses-twice', 'trust.witnesses', [WITNESS, WITNESS], bad],
  ['trust-witnesses-object', 'trust.witnesses.0', { vkey: WITNESS }, bad],
  ['trust-authorities-missing', 'trust.authorities', undefined, bad],
  ['trust-authorities-null', 'trust.authorities', null, bad],
  ['trust-authorities-none', 'trust.authorities', [], null],
  ['trust-authorities-out-of-order', 'trust.authorities', [PUBLIC, OURS], bad],
  ['trust-authorities-twice', 'trust.authorities', [OURS, OURS], bad],
  ['trust-authorities-one-root-under-two-names', 'trust.authorities', [OURS, { ...OURS, name: 'theirs' }], bad],
  ['trust-authorities-unknown-field', 'trust.authorities.0.kind', 'fulcio', bad],
  ['trust-authorities-of-both-kinds', 'trust.authorities.0.trustedRoot', '{}', bad],
  ['trust-authorities-of-no-kind', 'trust.authorities', [{ name: 'ours', revokedAt: null }], bad],
  ['trust-authorities-name-empty', 'trust.authorities.0.name', '', bad],
  ['trust-authorities-revoked', 'trust.authorities.0.revokedAt', '2026-11-20T12:00:00.000Z', null],
  ['trust-authorities-revocation-missing', 'trust.authorities.0.revokedAt', undefined, bad],
  ['trust-authorities-without-certificate', 'trust.authorities', [{ ...OURS, certificates: [] }], bad],
  [
    'trust-authorities-of-six-certificates',
    'trust.authorities',
    [{ ...OURS, certificates: [1, 2, 3, 4, 5, 6].map(hash) }],
    bad,
  ],
  ['trust-authorities-in-pem', 'trust.authorities', [{ ...OURS, certificates: ['-----BEGIN'] }], 'base64-invalid'],
  ['trust-authorities-without-log', 'trust.authorities', [{ ...OURS, logs: [] }], bad],
  ['trust-authorities-log-of-a-witness', 'trust.authorities', [{ ...OURS, logs: [WITNESS] }], bad],
  ['trust-authorities-log-twice', 'trust.authorities', [{ ...OURS, logs: [LOG.vkey, LOG.vkey] }], bad],
  ['trust-authorities-log-an-object', 'trust.authorities', [{ ...OURS, logs: [LOG] }], bad],
  ['trust-authorities-trusted-root-an-object', 'trust.authorities', [{ ...PUBLIC, trustedRoot: {} }], bad],
  // What it says is read by the verifier, as payloads are.
  ['trust-authorities-trusted-root-empty', 'trust.authorities', [{ ...PUBLIC, trustedRoot: '' }], null],
  ['trust-authorities-public', 'trust.authorities', [{ ...PUBLIC, public: true }], null],
  ['trust-authorities-public-false', 'trust.authorities', [{ ...PUBLIC, public: false }], bad],
  ['trust-authorities-public-null', 'trust.authorities', [{ ...PUBLIC, public: null }], bad],
  ['trust-authorities-public-of-our-own', 'trust.authorities', [{ ...OURS, public: true }], bad],
  [
    'trust-authorities-public-twice',
    'trust.authorities',
    [
      { ...PUBLIC, public: true },
      { ...PUBLIC, public: true, trustedRoot: '{"mediaType":"y"}' },
    ],
    bad,
  ],
  ['statements-missing', 'statements', undefined, bad],
  ['statements-null', 'statements', null, bad],
  ['statements-unknown', 'statements', ['countersign.example.com/acme\n7\n'], bad],
  ['statements-empty-text', 'statements', [''], bad],
  ['statements-none', 'statements', [], null],
  ['statements-two', 'statements', [STATEMENT, OTHER_STATEMENT], null],
  ['statements-out-of-order', 'statements', [OTHER_STATEMENT, STATEMENT], bad],
  ['statements-twice', 'statements', [STATEMENT, STATEMENT], bad],
  ['statements-object', 'statements.0', { note: STATEMENT }, bad],
  ['statements-unsigned', 'statements.0', textOf(), bad],
  ['statements-a-checkpoint', 'statements.0', noteOf(`a\n7\n${hash(1)}\n`, log), bad],
  ['coverage-missing', 'coverage', undefined, bad],
  ['coverage-null', 'coverage', null, bad],
  ['coverage-none', 'coverage', [], null],
  ['coverage-twice', 'coverage', [COVERED, { ...COVERED, sha256: [] }], bad],
  ['coverage-two-entries', 'coverage', [COVERED, { ...COVERED, index: 10 }], null],
  ['coverage-out-of-order', 'coverage', [{ ...COVERED, index: 10 }, COVERED], bad],
  ['coverage-unknown-field', 'coverage.0.size', 300, bad],
  ['coverage-index-negative', 'coverage.0.index', -1, bad],
  ['coverage-index-text', 'coverage.0.index', '7', bad],
  ['coverage-statement-upper-case', 'coverage.0.statement', 'A'.repeat(64), bad],
  ['coverage-without-sha3', 'coverage.0.sha3_256', undefined, bad],
  ['coverage-of-one-leaf', 'coverage.0', { ...COVERED, index: 0, sha256: [], sha3_256: [] }, null],
  ['coverage-hash-short', 'coverage.0.sha256.0', Buffer.alloc(31).toString('base64'), bad],
  ['coverage-hash-hex', 'coverage.0.sha256.0', '01'.repeat(32), bad],
  ['coverage-hash-lax-base64', 'coverage.0.sha256.0', hash(1).replace('=', ''), 'base64-invalid'],
  ['coverage-63-hashes', 'coverage.0.sha256', Array.from({ length: 63 }, () => hash(1)), null],
  ['coverage-64-hashes', 'coverage.0.sha256', Array.from({ length: 64 }, () => hash(1)), bad],
  ['anchors-missing', 'anchors', undefined, bad],
  ['anchors-null', 'anchors', null, bad],
  ['anchors-none', 'anchors', [], null],
  ['anchors-of-an-authority', 'anchors', [AUTHORITY], null],
  ['anchors-twice', 'anchors', [REKOR, REKOR], bad],
  ['anchors-out-of-order', 'anchors', [REKOR, BITCOIN], bad],
  ['anchors-as-text', 'anchors.0', canonical(BITCOIN), bad],
  ['anchors-unknown-field', 'anchors.1.note', 'x', bad],
  ['anchors-without-statement', 'anchors.1.statement', undefined, bad],
  ['anchors-unknown-kind', 'anchors', [{ kind: 'carrier-pigeon', proof: 'AAAA', statement: 'a'.repeat(64) }], bad],
  ['anchors-kind-of-another', 'anchors.1.kind', 'ethereum', bad],
  ['anchors-of-no-kind', 'anchors', [{}], bad],
  ['trust-anchors-missing', 'trust.anchors', undefined, bad],
  ['trust-anchors-null', 'trust.anchors', null, bad],
  ['trust-anchors-unknown-kind', 'trust.anchors.pigeon', [], bad],
  ['trust-anchors-rekor-null', 'trust.anchors.rekor', null, bad],
  ['trust-anchors-rekor-two', 'trust.anchors.rekor', [REKOR_ROOT, OTHER_REKOR], null],
  ['trust-anchors-rekor-out-of-order', 'trust.anchors.rekor', [OTHER_REKOR, REKOR_ROOT], bad],
  ['trust-anchors-rekor-twice', 'trust.anchors.rekor', [REKOR_ROOT, { ...REKOR_ROOT, operator: null }], bad],
  ['trust-anchors-rekor-time-without-end', 'trust.anchors.rekor.0.until', undefined, bad],
  [
    'trust-anchors-rekor-ends-before-it-begins',
    'trust.anchors.rekor.0',
    { ...REKOR_ROOT, from: '2026-02-01T00:00:00.000Z', until: '2026-01-01T00:00:00.000Z' },
    bad,
  ],
  ['trust-anchors-authority-without-certificate', 'trust.anchors.rfc3161.0.certificates', [], bad],
  ['trust-anchors-authority-in-pem', 'trust.anchors.rfc3161.0.certificates.0', '-----BEGIN', 'base64-invalid'],
  ['trust-anchors-authority-name-empty', 'trust.anchors.rfc3161.0.name', '', bad],
  [
    'trust-anchors-authority-of-two-times',
    'trust.anchors.rfc3161',
    [TSA, { ...TSA, certificates: [hash(6)], from: null, until: TSA.from }],
    null,
  ],
  ['trust-anchors-chain-0', 'trust.anchors.ethereum.0.chainId', 0, bad],
  ['trust-anchors-chain-twice', 'trust.anchors.ethereum', [EVM, { ...EVM, blocks: [] }], bad],
  ['trust-anchors-block-with-0x', 'trust.anchors.ethereum.0.blocks.0.hash', `0x${'ab'.repeat(32)}`, bad],
  [
    'trust-anchors-two-blocks-of-one-number',
    'trust.anchors.ethereum.0.blocks',
    [...EVM.blocks, { hash: 'cd'.repeat(32), number: 21_000_000 }],
    bad,
  ],
  ['trust-anchors-sender-upper-case', 'trust.anchors.ethereum.0.senders.0', `0x${'0A'.repeat(20)}`, bad],
  ['trust-anchors-bitcoin-null', 'trust.anchors.opentimestamps', null, null],
  [
    'trust-anchors-two-blocks-of-one-height',
    'trust.anchors.opentimestamps.blocks',
    [BLOCK, { ...BLOCK, hash: '11'.repeat(32) }],
    bad,
  ],
  ['trust-anchors-work-null', 'trust.anchors.opentimestamps.minimumWork', null, null],
  ['trust-anchors-work-zero', 'trust.anchors.opentimestamps.minimumWork', '0', bad],
]

export const evidences: Topic = {
  name: 'evidence',
  vectors: {
    ...mutated('evidence', JSON.parse(good) as object, MUTATIONS),
    'spelling-another-order': text(JSON.stringify(Object.fromEntries(Object.entries(EVIDENCE).toReversed())), bad),
    'spelling-indented': text(JSON.stringify(JSON.parse(good), null, 2), bad),
    'spelling-newline-at-end': text(`${good}\n`, bad),
    'spelling-space-before': text(` ${good}`, bad),
    'spelling-escaped-letter': text(good.replace('shop', '\\u0073hop'), bad),
    'spelling-escaped-slash': text(good.replace('shop/web', 'shop\\/web'), bad),
    'spelling-byte-order-mark': text(`\ufeff${good}`, 'json-invalid'),
    'key-twice': text(good.replace('{', '{"anchors":[],'), 'json-duplicate-key'),
    truncated: text(good.slice(0, -9), 'json-invalid'),
    'two-at-once': text(good + good, 'json-invalid'),
    'chain-file': text(`${LINE}\n${RECEIPT_LINE}\n`, 'json-invalid'),
    'bundle-alone': text(LINE, bad),
  },
}
