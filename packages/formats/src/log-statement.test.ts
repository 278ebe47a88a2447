import { concat, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCheckpoint, writeCheckpoint } from './checkpoint.ts'
import {
  type LogStatement,
  parseLogStatement,
  readLogStatementText,
  statementDigests,
  writeLogStatement,
} from './log-statement.ts'
import { isKeyName } from './note-key.ts'
import { writeNote } from './note.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code }) as Error
const signatures = [{ name: 'a', keyId: '01020304', signature: Uint8Array.of(5) }]
const root = fc.uint8Array({ minLength: 32, maxLength: 32 })
const origins = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter(isKeyName),
  // What a log would be named that wants its checkpoints to pass for statements.
  fc.constant('countersign.dev/log-statement@v1'),
)
const FIRST = Date.parse('2026-11-20T00:00:00.000Z')
const statements: fc.Arbitrary<LogStatement> = fc
  .record({
    origin: origins,
    number: fc.nat(),
    from: fc.nat(1e9),
    lasts: fc.integer({ min: 1, max: 1e9 }),
    late: fc.nat(1e6),
    covers: fc.integer({ min: 1, max: 1000 }),
    size: fc.oneof(fc.nat(), fc.maxSafeNat()),
    sha256: root,
    sha3_256: root,
    heads: root,
    chains: fc.nat(),
    previous: fc.record({ sha256: root, sha3_256: root }),
  })
  .map(({ from, lasts, late, heads, chains, previous, ...one }) => ({
    ...one,
    start: new Date(FIRST + from).toISOString(),
    end: new Date(FIRST + from + lasts).toISOString(),
    time: new Date(FIRST + from + lasts + late).toISOString(),
    heads: { count: Math.min(chains, one.size), root: heads },
    previous: one.number === 0 ? null : previous,
  }))

test('a statement survives the round trip, and is no checkpoint', () => {
  fc.assert(
    fc.property(statements, (one) => {
      const note = { text: writeLogStatement(one), signatures }
      expect(parseLogStatement(writeNote(note))).toEqual({ ...one, note })
      expect(readLogStatementText(note.text)).toEqual(one)
      expect(() => parseCheckpoint(writeNote(note))).toThrow(coded('checkpoint-invalid'))
    }),
  )
})

test('a checkpoint is no statement, whatever the log is named and whatever it adds', () => {
  const extension = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).filter((line) => !/[\p{Cc}]/u.test(line))
  fc.assert(
    fc.property(origins, fc.maxSafeNat(), root, fc.array(extension), (origin, size, root, more) => {
      const text = `${writeCheckpoint({ origin, size, root })}${more.map((line) => `${line.toWellFormed()}\n`).join('')}`
      const bytes = writeNote({ text, signatures })
      parseCheckpoint(bytes)
      expect(() => parseLogStatement(bytes)).toThrow(coded('log-statement-invalid'))
    }),
  )
})

test('what is read is written as the same bytes, however it was changed', () => {
  fc.assert(
    fc.property(statements, fc.nat(), fc.string({ maxLength: 2 }), fc.nat(2), (one, at, piece, gone) => {
      const whole = writeNote({ text: writeLogStatement(one), signatures })
      const from = at % whole.length
      const changed = concat(whole.subarray(0, from), utf8(piece.toWellFormed()), whole.subarray(from + gone))
      let read
      try {
        read = parseLogStatement(changed)
      } catch (error) {
        expect(error).toEqual(expect.objectContaining({ name: 'CodedError' }))
        return
      }
      expect(writeNote(read.note)).toEqual(changed)
      expect(writeLogStatement(read)).toBe(read.note.text)
    }),
    { numRuns: 500 },
  )
})

const GOOD: LogStatement = {
  origin: 'log.example/a',
  number: 1,
  start: '2026-11-19T00:00:00.000Z',
  end: '2026-11-20T00:00:00.000Z',
  covers: 1,
  size: 3,
  sha256: new Uint8Array(32),
  sha3_256: new Uint8Array(32),
  heads: { count: 2, root: new Uint8Array(32) },
  previous: { sha256: new Uint8Array(32), sha3_256: new Uint8Array(32) },
  time: '2026-11-20T00:00:01.000Z',
}

test.each<[what: string, change: Partial<LogStatement>]>([
  ['an origin of two lines', { origin: 'a\nb' }],
  ['a negative number', { number: -1 }],
  ['a fraction of an entry', { size: 0.5 }],
  ['a root of 31 bytes', { sha256: new Uint8Array(31) }],
  ['another root of 33 bytes', { sha3_256: new Uint8Array(33) }],
  ['a root of the heads of no bytes', { heads: { count: 2, root: new Uint8Array(0) } }],
  ['more chains than entries', { heads: { count: 4, root: new Uint8Array(32) } }],
  ['a time of two lines', { time: '2026-11-20T00:00:01.000Z\n' }],
  ['no statement before, and not the first', { previous: null }],
  ['a short hash of the statement before', { previous: { sha256: new Uint8Array(8), sha3_256: new Uint8Array(32) } }],
])('is not written with %s', (_, change) => {
  expect(() => writeLogStatement(GOOD)).not.toThrow()
  expect(() => writeLogStatement({ ...GOOD, ...change })).toThrow(coded('log-statement-invalid'))
})

test('is named by its text, so that more signatures change nothing', () => {
  const text = writeLogStatement(GOOD)
  const digests = statementDigests(text, portableCrypto)
  expect(digests).toEqual({ sha256: portableCrypto.sha256(utf8(text)), sha3_256: portableCrypto.sha3_256(utf8(text)) })
  expect(() => readLogStatementText(text.slice(0, -1))).toThrow(coded('log-statement-invalid'))
})
