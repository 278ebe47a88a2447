import { isDeepStrictEqual } from 'node:util'
import { canonicalJson, equal, parseJson } from '@countersign/core'
import { Shape } from '@countersign/formats'
import {
  opentimestampsJson,
  otsPaths,
  otsTree,
  parseOts,
  readOpentimestamps,
  writeOts,
} from '@countersign/formats/anchor'
import type { Target } from './targets.ts'
import { demand, JSON_WORDS, of, ofHex, words } from './words.ts'

const OPS = ['00', 'ff', '08', '02', '03', '67', 'f0', 'f1', 'f2', 'f3', '80', '8001', 'ff7f', 'f001aa', 'f102bbcc']
const TAGS = ['83dfe30d2ef90c8e', '0588960d73d71901', '06869a0d73d71b45', '000588960d73d719010101']

/** Readers of OpenTimestamps. */
export const OTS_TARGETS: readonly Target[] = [
  {
    name: 'ots',
    seeds: ofHex('ots', 'ots').filter(({ length }) => length < 2048),
    words: [...OPS, ...TAGS, 'ffffffff7f', 'f2'.repeat(64), 'f3'.repeat(7)].map(
      (digits) => new Uint8Array(Buffer.from(digits, 'hex')),
    ),
    run(input) {
      const file = parseOts(input)
      demand(equal(writeOts(file), input), 'two spellings of one file')
      // Sorted, and each way once: from there on it is stable.
      const tree = otsTree(otsPaths(file.tree))
      const written = writeOts({ ...file, tree })
      demand(isDeepStrictEqual(parseOts(written).tree, tree), 'not stable')
      demand(written.length <= input.length, 'merging makes it larger')
    },
  },
  {
    name: 'anchor-opentimestamps',
    seeds: of('anchor-opentimestamps', 'anchor'),
    words: [...JSON_WORDS, ...words('"height":', '"headers":', '"blocks":[', '"timestamp":')],
    run(input) {
      const value = parseJson(input)
      const anchor = readOpentimestamps(new Shape('anchor-invalid', value, 'anchor'))
      demand(equal(canonicalJson(opentimestampsJson(anchor)), canonicalJson(value)), 'two spellings of one anchor')
      demand(anchor.blocks.length > 0, 'an anchor in nothing')
    },
  },
]
