import { describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Code } from '@countersign/core'
import {
  checkStatementsAgree,
  type LogStatement,
  parseCheckpoint,
  parseLogStatement,
  type SignedLogStatement,
  statementDigests,
  verifyCheckpoint,
  verifyLogStatement,
  writeCheckpoint,
} from '@countersign/formats'
import { entriesOf, ORIGIN, ToyLog } from '../../packages/verify/src/head.test-kit.ts'

// T-72: a log that states one day twice, for two sorts of people. Both statements are signed, and each is good by
// itself: whoever has both has caught it.

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const log = new ToyLog(entriesOf('a b a c a d a e'))
/** The same log, with another history from its fourth entry on. */
const fork = log.other(entriesOf('a b a d a c a e'))
const open = (statement: SignedLogStatement) => verifyLogStatement(statement, log.trust, nodeCrypto)
const after = ({ number, end, note }: SignedLogStatement): Partial<LogStatement> => ({
  number: number + 1,
  start: end,
  end: new Date(Date.parse(end) + 86_400_000).toISOString(),
  time: new Date(Date.parse(end) + 86_401_000).toISOString(),
  previous: statementDigests(note.text, nodeCrypto),
})

const first = log.state(3).statement
const second = log.state(6, undefined, after(first)).statement
const third = log.state(6, undefined, after(second)).statement
const honest = [first, second, third]

test('the statements of one history agree, in any order', () => {
  for (const one of honest) for (const other of honest) checkStatementsAgree(open(one), open(other), nodeCrypto)
})

const forgeries: readonly (readonly [what: string, forged: SignedLogStatement, against: SignedLogStatement])[] = [
  ['one number, another log', fork.state(6, undefined, after(first)).statement, second],
  ['one number, another size', log.state(5, undefined, after(first)).statement, second],
  ['one number, other heads', log.state(6, log.heads(5), after(first)).statement, second],
  [
    'one number, another time',
    log.state(6, undefined, { ...after(first), time: '2026-11-22T00:00:02.000Z' }).statement,
    second,
  ],
  ['one period, two numbers', log.state(6, undefined, { ...after(second), start: second.start }).statement, second],
  [
    'a period within another',
    log.state(6, undefined, { ...after(third), start: '2026-11-20T12:00:00.000Z' }).statement,
    first,
  ],
  ['a log that has shrunk', log.state(5, undefined, after(second)).statement, second],
  ['one size, another root', fork.state(6, undefined, after(second)).statement, second],
  ['one size, other heads', log.state(6, log.heads(5), after(second)).statement, second],
  [
    'one that follows another',
    log.state(8, undefined, { ...after(second), previous: statementDigests('another', nodeCrypto) }).statement,
    second,
  ],
  [
    'one that follows another by one hash alone',
    log.state(8, undefined, {
      ...after(second),
      previous: { ...after(second).previous!, sha3_256: new Uint8Array(32) },
    }).statement,
    second,
  ],
  [
    'a gap between two periods',
    log.state(8, undefined, { ...after(second), start: '2026-11-22T00:00:00.001Z' }).statement,
    second,
  ],
]

describe.each(forgeries)('%s', (_, forged, against) => {
  test('is good by itself, and caught by whoever has the other', () => {
    const [one, other] = [open(forged), open(against)]
    expect(() => checkStatementsAgree(one, other, nodeCrypto)).toThrow(coded('statement-forked'))
    expect(() => checkStatementsAgree(other, one, nodeCrypto)).toThrow(coded('statement-forked'))
  })
})

test('what no longer names the first is not seen from afar, and is from next to it', () => {
  const forged = log.state(6, undefined, {
    ...after(first),
    previous: statementDigests('another', nodeCrypto),
  }).statement
  const next = log.state(8, undefined, after(forged)).statement
  // Two apart, nothing speaks against it: that is why every statement is published.
  checkStatementsAgree(open(first), open(next), nodeCrypto)
  expect(() => checkStatementsAgree(open(first), open(forged), nodeCrypto)).toThrow(coded('statement-forked'))
})

describe('a signature of the log', () => {
  test('on a checkpoint makes no statement, and on a statement no checkpoint', () => {
    const checkpoint = log.note(writeCheckpoint({ origin: ORIGIN, size: 3, root: first.sha256 }))
    const statement = log.note(first.note.text)
    const trust = { ...log.trust, witnesses: [] }
    expect(verifyCheckpoint(parseCheckpoint(checkpoint), trust, nodeCrypto).checkpoint.size).toBe(3)
    expect(open(parseLogStatement(statement)).statement.size).toBe(3)
    expect(() => parseLogStatement(checkpoint)).toThrow(coded('log-statement-invalid'))
    expect(() => parseCheckpoint(statement)).toThrow(coded('checkpoint-invalid'))
  })

  test('of another log, or by another key, makes none of this log', () => {
    const stranger = new ToyLog(log.entries)
    expect(() => open(stranger.state(3).statement)).toThrow(coded('signer-unknown'))
    expect(() => open(log.state(3, undefined, { origin: 'log.example/b' }).statement)).toThrow(coded('origin-mismatch'))
    expect(() => verifyLogStatement(first, { origin: ORIGIN, keys: [] }, nodeCrypto)).toThrow(coded('trust-missing'))
  })
})
