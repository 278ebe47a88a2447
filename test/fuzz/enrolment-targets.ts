import { equal, fromUtf8, isHex } from '@countersign/core'
import {
  isTime,
  parseEnrolmentCode,
  parseRevocations,
  writeEnrolmentCode,
  writeRevocations,
} from '@countersign/formats'
import type { Target } from './targets.ts'
import { demand, DIGITS, JSON_WORDS, of, words } from './words.ts'

/** Readers of what lets keys in, and what takes them out again. */
export const ENROLMENT_TARGETS: readonly Target[] = [
  {
    name: 'enrolment-code',
    seeds: of('enrolment-code', 'code'),
    words: words('cse_', 'cst_', '_', DIGITS, DIGITS.slice(0, 12), '\n', ' ', 'A'),
    run(input) {
      const text = fromUtf8(input)
      const code = parseEnrolmentCode(text)
      demand(writeEnrolmentCode(code) === text, 'has two spellings')
      demand(isHex(code.id, 12) && isHex(code.secret, 64), 'is no code')
    },
  },
  {
    name: 'revocations',
    seeds: [...of('revocations', 'revocations'), ...of('revocations', 'text')],
    words: [...JSON_WORDS, ...words('"keyId":"', '"since":"', '"reason":', '"rotated"', '"revocations":[')],
    run(input) {
      const read = parseRevocations(input)
      demand(new Set(read.map(({ keyId }) => keyId)).size === read.length, 'a key stands there twice')
      demand(
        read.every(({ keyId, since }) => isHex(keyId, 64) && isTime(since)),
        'a key that nobody can find',
      )
      const written = writeRevocations(read)
      demand(equal(writeRevocations(parseRevocations(written)), written), 'not stable')
    },
  },
]
