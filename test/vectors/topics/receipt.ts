import { createHash, createHmac } from 'node:crypto'
import { entriesOf, naive, SHA256 } from '../../../packages/merkle/src/naive.test-kit.ts'
import { canonical, pae, SPKI } from './bundle.ts'
import { b64, LOG_PAIR, noteOf, OTHER_PAIR, plain, witness, WITNESS_PAIR } from './note-signers.ts'
import { STEP } from './step.ts'
import { mutated, type Mutation, type Topic } from './topic.ts'

export const ORIGIN = 'countersign.example.com/acme'
const INDEX = 4
const SIZE = 7

const SALT = Buffer.alloc(32, 1)
export const BLIND = Buffer.alloc(32, 2)
/** What the leaf commits to: the statement and, behind it, the key that signed it. */
const committed = Buffer.concat([pae, Buffer.from(SPKI, 'hex')])
const hmac = (hash: string, key: Buffer, data: Buffer) => createHmac(hash, key).update(data).digest('hex')

/** The leaf of the step of the good bundle. */
export const LEAF = {
  acceptedAt: '2026-11-20T12:00:02.000Z',
  chain: { id: hmac('sha256', BLIND, Buffer.from(STEP.predicate.chain.id, 'hex')), seq: 1 },
  commitment: { sha256: hmac('sha256', SALT, committed), sha3_256: hmac('sha3-256', SALT, committed) },
  kind: 'attestation',
  late: false,
  version: 1,
}
const TOMBSTONE = { at: LEAF.acceptedAt, erased: 0, ground: 'GDPR, article 17', kind: 'tombstone', version: 1 }
const OPENING = {
  blind: b64(BLIND),
  leaf: LEAF,
  link: createHash('sha256').update(pae).digest('hex'),
  salt: b64(SALT),
  signer: createHash('sha256').update(Buffer.from(SPKI, 'hex')).digest('hex'),
}

// The other leaves are none of this receipt's business.
const entries = [...entriesOf(SIZE)].with(INDEX, Buffer.from(canonical(LEAF)))
const tree = naive(entries, SHA256)
const log = plain(ORIGIN, LOG_PAIR)
const CHECKPOINT = `${ORIGIN}\n${SIZE}\n${b64(tree.root(SIZE))}\n`
const HASHES = tree.path(INDEX, SIZE).map((hash) => `${b64(hash)}\n`)

interface Parts {
  /** Bytes of the opening; null leaves the line out. */
  readonly extra?: string | null
  readonly index?: number
  readonly hashes?: readonly string[]
  readonly checkpoint?: string
}

function proofOf({
  extra = canonical(OPENING),
  index = INDEX,
  hashes = HASHES,
  checkpoint = noteOf(CHECKPOINT, log),
}: Parts = {}) {
  const line = extra === null ? '' : `extra ${b64(Buffer.from(extra))}\n`
  return `c2sp.org/tlog-proof@v1\n${line}index ${index}\n${hashes.join('')}\n${checkpoint}`
}

const mediaType = 'application/vnd.countersign.receipt.v1+json'
const RECEIPT = { mediaType, proof: proofOf() }

/** The good receipt as it stands in a file. */
export const RECEIPT_LINE = JSON.stringify(RECEIPT)

const bad = 'receipt-invalid'
const proof = (name: string, parts: Parts, error: Mutation[3]): Mutation => [name, 'proof', proofOf(parts), error]
const opening = (name: string, change: object, error: Mutation[3]): Mutation =>
  proof(`opening-${name}`, { extra: canonical({ ...OPENING, ...change }) }, error)
const text = (spelling: string, error: string) => ({ error, text: spelling })

export const receipts: Topic = {
  name: 'receipt',
  vectors: {
    ...mutated('receipt', RECEIPT, [
      ['whole-null', '', null, bad],
      ['whole-array', '', [RECEIPT], bad],
      ['whole-string', '', RECEIPT.proof, bad],
      ['whole-empty', '', {}, bad],
      ['unknown-field', 'note', 'x', bad],
      ['unknown-field-null', 'link', null, bad],
      ['media-type-missing', 'mediaType', undefined, bad],
      ['media-type-null', 'mediaType', null, bad],
      ['media-type-empty', 'mediaType', '', bad],
      ['media-type-v2', 'mediaType', mediaType.replace('v1', 'v2'), bad],
      ['media-type-v10', 'mediaType', mediaType.replace('v1', 'v10'), bad],
      ['media-type-no-version', 'mediaType', mediaType.replace('.v1', ''), bad],
      ['media-type-upper-case', 'mediaType', mediaType.toUpperCase(), bad],
      ['media-type-parameter', 'mediaType', `${mediaType};charset=utf-8`, bad],
      ['media-type-space', 'mediaType', `${mediaType} `, bad],
      ['media-type-of-a-bundle', 'mediaType', 'application/vnd.dev.sigstore.bundle.v0.3+json', bad],
      ['media-type-of-a-chain-file', 'mediaType', 'application/vnd.countersign.chain.v1+jsonl', bad],
      ['media-type-json', 'mediaType', 'application/json', bad],
      ['proof-missing', 'proof', undefined, bad],
      ['proof-null', 'proof', null, bad],
      ['proof-object', 'proof', { index: INDEX }, bad],
      ['proof-lines', 'proof', RECEIPT.proof.split('\n'), bad],
      ['proof-empty', 'proof', '', 'tlog-proof-invalid'],
      ['proof-base64', 'proof', b64(Buffer.from(RECEIPT.proof)), 'tlog-proof-invalid'],
      ['proof-version-2', 'proof', RECEIPT.proof.replace('@v1', '@v2'), 'tlog-proof-invalid'],
      ['proof-carriage-returns', 'proof', RECEIPT.proof.replaceAll('\n', '\r\n'), 'tlog-proof-invalid'],
      ['proof-byte-order-mark', 'proof', `\ufeff${RECEIPT.proof}`, 'tlog-proof-invalid'],
      ['proof-no-newline-at-end', 'proof', RECEIPT.proof.slice(0, -1), 'note-invalid'],
      ['proof-line-more', 'proof', `${RECEIPT.proof}more\n`, 'note-invalid'],
      proof('index-last', { index: SIZE - 1 }, null),
      proof('index-beyond-the-tree', { index: SIZE }, 'tlog-proof-invalid'),
      proof('no-hashes', { hashes: [] }, null),
      proof('64-hashes', { hashes: Array.from({ length: 64 }, () => HASHES[0]!) }, 'tlog-proof-invalid'),
      proof('checkpoint-missing', { checkpoint: '' }, 'note-invalid'),
      proof('checkpoint-unsigned', { checkpoint: `${CHECKPOINT}\n` }, 'signature-missing'),
      proof('checkpoint-without-root', { checkpoint: noteOf(`${ORIGIN}\n${SIZE}\n`, log) }, 'checkpoint-invalid'),
      proof('checkpoint-not-one', { checkpoint: 'x' }, 'note-invalid'),
      // What it is signed with is for the verifier.
      proof('checkpoint-of-another-key', { checkpoint: noteOf(CHECKPOINT, plain(ORIGIN, OTHER_PAIR)) }, null),
      proof(
        'checkpoint-cosigned',
        { checkpoint: noteOf(CHECKPOINT, log, witness('witness.example.com/w1', WITNESS_PAIR, 1763640002)) },
        null,
      ),
      proof('opening-missing', { extra: null }, bad),
      proof('opening-empty', { extra: '' }, 'tlog-proof-invalid'),
      proof('opening-not-json', { extra: 'example data' }, 'json-invalid'),
      proof('opening-of-nothing', { extra: '{}' }, 'leaf-invalid'),
      proof('opening-with-a-space', { extra: canonical(OPENING).replace(':', ': ') }, 'leaf-invalid'),
      proof(
        'opening-in-another-order',
        { extra: JSON.stringify(Object.fromEntries(Object.entries(OPENING).toReversed())) },
        'leaf-invalid',
      ),
      proof(
        'opening-with-a-key-twice',
        { extra: canonical(OPENING).replace('{', `{"blind":"${OPENING.blind}",`) },
        'json-duplicate-key',
      ),
      proof('opening-too-large', { extra: canonical({ ...OPENING, more: 'x'.repeat(8192) }) }, 'input-too-large'),
      proof('opening-is-the-leaf-alone', { extra: canonical(LEAF) }, 'leaf-invalid'),
      opening('of-a-tombstone', { leaf: TOMBSTONE }, 'leaf-invalid'),
      opening('of-a-leaf-of-version-2', { leaf: { ...LEAF, version: 2 } }, 'leaf-invalid'),
      opening('of-no-link', { link: null }, 'leaf-invalid'),
      opening('of-no-signer', { signer: null }, 'leaf-invalid'),
      opening('with-the-signer-itself', { signer: SPKI }, 'leaf-invalid'),
      opening('with-a-short-salt', { salt: b64(SALT.subarray(1)) }, 'leaf-invalid'),
      opening('with-a-long-blind', { blind: b64(Buffer.concat([BLIND, SALT])) }, 'leaf-invalid'),
      opening('with-an-unknown-field', { chain: STEP.predicate.chain.id }, 'leaf-invalid'),
      // What it says of the step is for the verifier.
      opening('of-another-attestation', { link: 'd4'.repeat(32) }, null),
      opening('of-another-signer', { signer: 'e5'.repeat(32) }, null),
      opening('late', { leaf: { ...LEAF, late: true } }, null),
    ]),
    'spelling-other-order': text(JSON.stringify({ proof: RECEIPT.proof, mediaType }), bad),
    'spelling-space-before': text(` ${RECEIPT_LINE}`, bad),
    'spelling-space-after': text(`${RECEIPT_LINE} `, bad),
    'spelling-space-inside': text(RECEIPT_LINE.replace(':', ': '), bad),
    'spelling-newline-at-end': text(`${RECEIPT_LINE}\n`, bad),
    'spelling-carriage-return-at-end': text(`${RECEIPT_LINE}\r`, bad),
    'spelling-indented': text(JSON.stringify(RECEIPT, null, 2), bad),
    'spelling-escaped-letter': text(RECEIPT_LINE.replace('c2sp', '\\u00632sp'), bad),
    'spelling-escaped-slash': text(RECEIPT_LINE.replace('/', '\\/'), bad),
    'spelling-escaped-newline': text(RECEIPT_LINE.replace('\\n', '\\u000a'), bad),
    'spelling-escaped-dash': text(RECEIPT_LINE.replace('\u2014', '\\u2014'), bad),
    'spelling-bare-newline': text(RECEIPT_LINE.replace('\\n', '\n'), 'json-invalid'),
    'spelling-byte-order-mark': text(`\ufeff${RECEIPT_LINE}`, 'json-invalid'),
    'key-twice': text(RECEIPT_LINE.replace('{', `{"mediaType":"${mediaType}",`), 'json-duplicate-key'),
    truncated: text(RECEIPT_LINE.slice(0, -9), 'json-invalid'),
    'two-at-once': text(RECEIPT_LINE + RECEIPT_LINE, 'json-invalid'),
    'bare-proof': text(RECEIPT.proof, 'json-invalid'),
  },
}
