import { canonicalJson, equal, parseJson } from '@countersign/core'
import { Shape } from '@countersign/formats'
import {
  ethereumJson,
  makeTrie,
  parseHeader,
  parseRlp,
  parseTransaction,
  parseTransactionReceipt,
  placeKey,
  provenValue,
  readEthereum,
  writeRlp,
  writeTransaction,
} from '@countersign/formats/anchor'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { rawHeaders, rawReceipts, rawTransactions } from '../vectors/topics/anchor-ethereum.ts'
import type { Target } from './targets.ts'
import { demand, JSON_WORDS, of, words } from './words.ts'

const bytes = (...hex: readonly string[]) => hex.map((one) => new Uint8Array(Buffer.from(one, 'hex')))
const RLP_WORDS = bytes(
  '80',
  'c0',
  '00',
  '8100',
  '8180',
  'b838',
  'f838',
  'b90100',
  'bfffffffffffffffff',
  '01',
  '02',
  'a0',
)

export const ETHEREUM_TARGETS: readonly Target[] = [
  {
    name: 'anchor-ethereum',
    seeds: of('anchor-ethereum', 'anchor'),
    words: [...JSON_WORDS, ...words('"nodes":[', '"chainId":1', '"form":"event"', 'AAAA', '"index":0')],
    run(input) {
      const anchor = readEthereum(new Shape('anchor-invalid', parseJson(input), 'the anchor'))
      const written = canonicalJson(ethereumJson(anchor))
      const again = readEthereum(new Shape('anchor-invalid', parseJson(written), 'the anchor'))
      demand(equal(canonicalJson(ethereumJson(again)), written), 'not stable')
    },
  },
  {
    name: 'ethereum-transaction',
    seeds: rawTransactions,
    words: RLP_WORDS,
    run(input) {
      const { signature, ...transaction } = parseTransaction(input)
      demand(equal(writeTransaction(transaction, signature), input), 'two spellings of one transaction')
    },
  },
  {
    name: 'rlp',
    seeds: [...rawTransactions.map((raw) => raw.subarray(1)), ...RLP_WORDS],
    words: RLP_WORDS,
    run(input) {
      demand(equal(writeRlp(parseRlp(input)), input), 'two spellings')
    },
  },
  {
    name: 'ethereum-header',
    seeds: rawHeaders,
    words: RLP_WORDS,
    run(input) {
      const { transactionsRoot, timestamp } = parseHeader(input)
      demand(
        transactionsRoot.length === 32 && !Number.isNaN(new Date(timestamp * 1000).getTime()),
        'a header of nothing',
      )
    },
  },
  {
    name: 'ethereum-receipt',
    seeds: rawReceipts,
    words: RLP_WORDS,
    run(input) {
      const { events } = parseTransactionReceipt(input)
      demand(
        events.every(({ address, topics }) => address.length === 20 && topics.length <= 4),
        'an event of no contract',
      )
    },
  },
  {
    // Whoever makes up a node makes up the root that fits it: what is left is that a node has one reading.
    name: 'ethereum-trie',
    seeds: [rawTransactions[0]!, new Uint8Array(40)].flatMap((value) => {
      const key = placeKey(0)
      return makeTrie([[key, value]], keccak_256).prove(key)
    }),
    words: RLP_WORDS,
    run(input) {
      const value = provenValue(keccak_256(input), placeKey(0), [input], keccak_256)
      demand(value.length > 0 && Buffer.from(input).includes(Buffer.from(value)), 'a value out of nowhere')
    },
  },
]
