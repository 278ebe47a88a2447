import { createHash } from 'node:crypto'
import { entriesOf, naive, SHA256 } from '../../../packages/merkle/src/naive.test-kit.ts'
import { canonical, pae } from './bundle.ts'
import { b64, LOG_PAIR, noteOf, OTHER_PAIR, plain } from './note-signers.ts'
import { BLIND, LEAF, ORIGIN } from './receipt.ts'
import { STEP } from './step.ts'
import { mutated, type Mutation, type Topic } from './topic.ts'

const INDEX = 4
const GRAVE = 6
const SIZE = 7

const TOMBSTONE = {
  at: '2026-11-21T08:30:00.000Z',
  erased: INDEX,
  ground: 'GDPR, article 17',
  kind: 'tombstone',
  version: 1,
}
const UNOPENED = {
  blind: b64(BLIND),
  chain: STEP.predicate.chain.id,
  leaf: LEAF,
  link: createHash('sha256').update(pae).digest('hex'),
}

const entries = [...entriesOf(SIZE)]
  .with(INDEX, Buffer.from(canonical(LEAF)))
  .with(GRAVE, Buffer.from(canonical(TOMBSTONE)))
const tree = naive(entries, SHA256)
const log = plain(ORIGIN, LOG_PAIR)
const CHECKPOINT = `${ORIGIN}\n${SIZE}\n${b64(tree.root(SIZE))}\n`
const hashesOf = (index: number) => tree.path(index, SIZE).map((hash) => `${b64(hash)}\n`)

interface Parts {
  /** Bytes of what is told; null leaves the line out. */
  readonly extra?: string | null
  readonly index?: number
  readonly hashes?: readonly string[]
  readonly checkpoint?: string
}

function proofOf({ extra, index, hashes, checkpoint }: Required<Parts>): string {
  const line = extra === null ? '' : `extra ${b64(Buffer.from(extra))}\n`
  return `c2sp.org/tlog-proof@v1\n${line}index ${index}\n${hashes.join('')}\n${checkpoint}`
}

const checkpoint = noteOf(CHECKPOINT, log)
const leafParts = { extra: canonical(UNOPENED), index: INDEX, hashes: hashesOf(INDEX), checkpoint }
const graveParts = { extra: canonical(TOMBSTONE), index: GRAVE, hashes: hashesOf(GRAVE), checkpoint }

const mediaType = 'application/vnd.countersign.withheld.v1+json'
const WITHHELD = { mediaType, proof: proofOf(leafParts), tombstone: proofOf(graveParts) }

/** The good withheld attestation as it stands in a file. */
export const WITHHELD_LINE = JSON.stringify(WITHHELD)

const bad = 'withheld-invalid'
const proof = (name: string, parts: Parts, error: Mutation[3]): Mutation => [
  `proof-${name}`,
  'proof',
  proofOf({ ...leafParts, ...parts }),
  error,
]
const grave = (name: string, parts: Parts, error: Mutation[3]): Mutation => [
  `tombstone-${name}`,
  'tombstone',
  proofOf({ ...graveParts, ...parts }),
  error,
]
const told = (name: string, change: object, error: Mutation[3]): Mutation => [
  `told-${name}`,
  'proof',
  proofOf({ ...leafParts, extra: canonical({ ...UNOPENED, ...change }) }),
  error,
]
const text = (spelling: string, error: string) => ({ error, text: spelling })

export const withhelds: Topic = {
  name: 'withheld',
  vectors: {
    ...mutated('withheld', WITHHELD, [
      ['whole-null', '', null, bad],
      ['whole-empty', '', {}, bad],
      ['unknown-field', 'step', 'build', bad],
      ['media-type-missing', 'mediaType', undefined, bad],
      ['media-type-v2', 'mediaType', mediaType.replace('v1', 'v2'), bad],
      ['media-type-of-a-receipt', 'mediaType', 'application/vnd.countersign.receipt.v1+json', bad],
      ['proof-missing', 'proof', undefined, bad],
      ['proof-null', 'proof', null, bad],
      ['proof-empty', 'proof', '', 'tlog-proof-invalid'],
      ['tombstone-missing', 'tombstone', undefined, bad],
      ['tombstone-empty', 'tombstone', '', 'tlog-proof-invalid'],
      ['tombstone-object', 'tombstone', TOMBSTONE, bad],
      // Somebody has it, and does not show it.
      ['not-erased', 'tombstone', null, null],
      proof('without-told', { extra: null }, bad),
      proof('told-not-json', { extra: 'example data' }, 'json-invalid'),
      proof('told-with-a-space', { extra: canonical(UNOPENED).replace(':', ': ') }, bad),
      proof('told-is-the-leaf-alone', { extra: canonical(LEAF) }, bad),
      proof('told-too-large', { extra: canonical({ ...UNOPENED, more: 'x'.repeat(8192) }) }, 'input-too-large'),
      proof('index-beyond-the-tree', { index: SIZE }, 'tlog-proof-invalid'),
      proof('checkpoint-missing', { checkpoint: '' }, 'note-invalid'),
      // What it is signed with is for the verifier.
      proof('checkpoint-of-another-key', { checkpoint: noteOf(CHECKPOINT, plain(ORIGIN, OTHER_PAIR)) }, null),
      told('with-the-salt', { salt: b64(BLIND) }, bad),
      told('with-the-signer', { signer: 'e5'.repeat(32) }, bad),
      told('with-the-step', { step: 'build' }, bad),
      told('of-no-chain', { chain: null }, bad),
      told('of-a-blinded-chain', { chain: LEAF.chain.id }, bad),
      told('of-no-link', { link: null }, bad),
      told('of-an-upper-case-link', { link: 'D4'.repeat(32) }, bad),
      told('of-a-tombstone', { leaf: TOMBSTONE }, bad),
      told('of-a-leaf-of-version-2', { leaf: { ...LEAF, version: 2 } }, 'leaf-invalid'),
      told('of-no-leaf', { leaf: null }, 'leaf-invalid'),
      told('with-a-short-blind', { blind: b64(BLIND.subarray(1)) }, bad),
      // Whether it is so is for the verifier.
      told('of-another-attestation', { link: 'd4'.repeat(32) }, null),
      told('of-another-chain', { chain: 'ab'.repeat(16) }, null),
      grave('without-leaf', { extra: null }, bad),
      grave('of-an-attestation', { extra: canonical(LEAF) }, bad),
      grave('of-nothing', { extra: '{}' }, 'leaf-invalid'),
      grave('with-a-space', { extra: canonical(TOMBSTONE).replace(':', ': ') }, 'leaf-invalid'),
      grave('without-ground', { extra: canonical({ ...TOMBSTONE, ground: '' }) }, 'leaf-invalid'),
      // Which leaf it is of is for the verifier.
      grave('of-another-leaf', { extra: canonical({ ...TOMBSTONE, erased: 0 }) }, null),
    ]),
    'spelling-other-order': text(
      JSON.stringify({ mediaType, tombstone: WITHHELD.tombstone, proof: WITHHELD.proof }),
      bad,
    ),
    'spelling-space-after': text(`${WITHHELD_LINE} `, bad),
    'spelling-escaped-slash': text(WITHHELD_LINE.replace('/', '\\/'), bad),
    'spelling-newline-at-end': text(`${WITHHELD_LINE}\n`, bad),
    'key-twice': text(WITHHELD_LINE.replace('{', `{"mediaType":"${mediaType}",`), 'json-duplicate-key'),
    truncated: text(WITHHELD_LINE.slice(0, -9), 'json-invalid'),
    'two-at-once': text(WITHHELD_LINE + WITHHELD_LINE, 'json-invalid'),
  },
}
