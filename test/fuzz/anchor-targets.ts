import { canonicalJson, equal, hex, type JsonValue, sha256 } from '@countersign/core'
import {
  type AnchorProof,
  ANCHOR_KINDS,
  parseAnchor,
  statementOfAnchor,
  writeAnchor,
} from '@countersign/formats/anchor'
import { portableCrypto } from '@countersign/core/portable'
import { anchorTrustOf, parseAnchorTrust } from '@countersign/verify/anchors'
import { vectors } from '../vectors/read.ts'
import type { Target } from './targets.ts'
import { demand, JSON_WORDS, NOTE_WORDS, of, words } from './words.ts'

const KINDS = words(...ANCHOR_KINDS.map((kind) => `"kind":"${kind}"`))

/** In the one spelling of an anchor. */
const spelled = (topic: string) =>
  vectors<{ readonly anchor?: JsonValue }>(topic).flatMap(([, { anchor }]) =>
    anchor === undefined ? [] : [canonicalJson(anchor)],
  )

/** The union of the anchors, and who is believed of them. */
export const ANCHOR_TARGETS: readonly Target[] = [
  {
    name: 'anchor',
    seeds: [
      ...spelled('anchor'),
      ...of('anchor', 'text'),
      ...ANCHOR_KINDS.flatMap((kind) => spelled(`anchor-${kind}`).slice(0, 20)),
    ],
    words: [...JSON_WORDS, ...NOTE_WORDS, ...KINDS, ...words('"statement":')],
    run(input) {
      const anchor: AnchorProof = parseAnchor(input)
      demand(equal(writeAnchor(anchor), input), 'has two spellings')
      demand(ANCHOR_KINDS.includes(anchor.kind), 'a kind that there is not')
      demand(statementOfAnchor(anchor).length === hex(sha256(input)).length, 'names no statement')
    },
  },
  {
    name: 'anchor-trust',
    seeds: [...of('anchor-trust', 'trust')],
    words: [...JSON_WORDS, ...words('"blocks":[', '"certificates":[', '"vkey":', '"0x', '"until":null')],
    run(input) {
      anchorTrustOf(parseAnchorTrust(input, portableCrypto), portableCrypto)
    },
  },
]
