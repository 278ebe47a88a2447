import { createHash } from 'node:crypto'
import { BUNDLE, canonical, SPKI } from './bundle.ts'
import { LOG_PAIR, OTHER_PAIR, plain, witness, WITNESS_PAIR } from './note-signers.ts'
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

/** Evidence of the step of the bundle vectors, countersigned. */
export const EVIDENCE = {
  anchors: [],
  contracts: [CONTRACT],
  createdAt: '2026-11-20T12:30:00.000Z',
  lines: [LINE, RECEIPT_LINE],
  mediaType: 'application/vnd.countersign.evidence.v1+json',
  statements: [],
  subject: { artifact: STEP.subject[0]!.digest.sha256, chains: [STEP.predicate.chain.id] },
  trust: { logs: [LOG], signers: [SIGNER], witnesses: [WITNESS] },
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
  ['trust-nobody', 'trust', { logs: [], signers: [], witnesses: [] }, null],
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
  ['statements-missing', 'statements', undefined, bad],
  ['statements-null', 'statements', null, bad],
  ['statements-unknown', 'statements', ['countersign.example.com/acme\n7\n'], bad],
  ['statements-empty-text', 'statements', [''], bad],
  ['anchors-missing', 'anchors', undefined, bad],
  ['anchors-null', 'anchors', null, bad],
  ['anchors-unknown-kind', 'anchors', [{ kind: 'carrier-pigeon', proof: 'AAAA', statement: 'a'.repeat(64) }], bad],
  ['anchors-of-no-kind', 'anchors', [{}], bad],
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
