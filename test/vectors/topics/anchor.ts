import { rekorAnchors } from './anchor-rekor.ts'
import { rfc3161Anchors } from './anchor-rfc3161.ts'
import { canonical } from './bundle.ts'
import { EVIDENCE } from './evidence.ts'
import { LOG_PAIR, OTHER_PAIR, plain } from './note-signers.ts'
import { mutated, type Mutation, type Topic } from './topic.ts'

const anchorIn = ({ vectors }: Topic) => (vectors['good'] as { anchor: Record<string, unknown> }).anchor
const REKOR = anchorIn(rekorAnchors)
const AUTHORITY = anchorIn(rfc3161Anchors)
const good = canonical(REKOR)
const bad = 'anchor-invalid'
const text = (spelling: string, error: string) => ({ error, text: spelling })

const ANY: readonly Mutation[] = [
  ['whole-null', '', null, bad],
  ['whole-array', '', [REKOR], bad],
  ['whole-empty', '', {}, bad],
  ['media-type-missing', 'mediaType', undefined, bad],
  ['media-type-v2', 'mediaType', 'application/vnd.countersign.anchor.v2+json', bad],
  ['kind-missing', 'kind', undefined, bad],
  ['kind-null', 'kind', null, bad],
  ['kind-unknown', 'kind', 'carrier-pigeon', bad],
  ['kind-upper-case', 'kind', 'Rekor', bad],
  ['kind-of-the-prototype', 'kind', 'constructor', bad],
  ['kind-of-another', 'kind', 'ethereum', bad],
  ['kind-list', 'kind', ['rekor'], bad],
  ['statement-missing', 'statement', undefined, bad],
  ['statement-short', 'statement', 'a'.repeat(63), bad],
  ['statement-upper-case', 'statement', 'A'.repeat(64), bad],
  ['unknown-field', 'note', 'x', bad],
  ['another-kind', '', AUTHORITY, null],
]

/** What is the same for anchors of all kinds. */
export const anchors: Topic = {
  name: 'anchor',
  vectors: {
    ...mutated('anchor', REKOR, ANY),
    'spelling-another-order': text(
      JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(good) as object).toReversed())),
      bad,
    ),
    'spelling-indented': text(JSON.stringify(JSON.parse(good), null, 2), bad),
    'spelling-newline-at-end': text(`${good}\n`, bad),
    'key-twice': text(good.replace('{', '{"kind":"rekor",'), 'json-duplicate-key'),
    truncated: text(good.slice(0, -9), 'json-invalid'),
    'too-large': text(JSON.stringify({ ...REKOR, note: 'x'.repeat(262_144) }), 'input-too-large'),
  },
}

const ROOTS = EVIDENCE.trust.anchors
const TRUST = {
  mediaType: 'application/vnd.countersign.anchor-trust.v1+json',
  // A certificate is read when it is believed.
  anchors: { ...ROOTS, rfc3161: [] },
}
const setup = 'anchor-setup-invalid'
const [LOG] = ROOTS.rekor

/** Files that say whom to believe. */
export const anchorTrusts: Topic = {
  name: 'anchor-trust',
  vectors: mutated('trust', TRUST, [
    ['whole-null', '', null, setup],
    ['media-type-missing', 'mediaType', undefined, setup],
    ['media-type-of-evidence', 'mediaType', 'application/vnd.countersign.evidence.v1+json', setup],
    ['unknown-field', 'note', 'x', setup],
    ['nobody', 'anchors', { ethereum: [], opentimestamps: null, rekor: [], rfc3161: [] }, null],
    ['rekor-missing', 'anchors.rekor', undefined, setup],
    ['rekor-out-of-order', 'anchors.rekor', [{ ...LOG, vkey: plain('z.example', OTHER_PAIR).vkey }, LOG], setup],
    [
      'rekor-id-of-another-key',
      'anchors.rekor.0.vkey',
      plain('rekor.example', LOG_PAIR).vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+'),
      'key-invalid',
    ],
    [
      'rekor-one-key-under-two-names',
      'anchors.rekor',
      [LOG, { ...LOG, vkey: plain('second.example', LOG_PAIR).vkey }],
      setup,
    ],
    [
      'authority-without-certificates',
      'anchors.rfc3161',
      [{ certificates: [], from: null, name: 'a', until: null }],
      setup,
    ],
    [
      'authority-with-no-certificate',
      'anchors.rfc3161',
      [{ certificates: ['AAAA'], from: null, name: 'a', until: null }],
      'anchor-invalid',
    ],
    ['bitcoin-network-unknown', 'anchors.opentimestamps.network', 'moon', setup],
    ['chain-id-text', 'anchors.ethereum.0.chainId', '1', setup],
  ]),
}
