import { base64, CodedError, type Crypto, equal, utf8 } from '@countersign/core'
import type { LogTrust } from './checkpoint.ts'
import { checkHash, readDecimal, readHash, writeDecimal } from './lines.ts'
import { isKeyName } from './note-key.ts'
import { MAX_NOTE_BYTES, type Note, parseNote, type VerifiedNoteSignature, verifyNote } from './note.ts'
import { isTime } from './shape.ts'

/** First line of every log statement. A checkpoint's second line is a number, a statement's never is: no text is both. */
export const LOG_STATEMENT = 'countersign.dev/log-statement@v1'

const CODE = 'log-statement-invalid'

/** Both hashes of the text of a statement: what anchors commit to, and what the next statement names. 32 bytes each. */
export interface StatementDigests {
  readonly sha256: Uint8Array
  readonly sha3_256: Uint8Array
}

/** What a log says at the end of a period: all that an anchor has to cover. */
export interface LogStatement {
  /** Name of the log. */
  readonly origin: string
  /** From 0, without holes: a number that is missing is a statement that was withheld. */
  readonly number: number
  /** From here up to, not including, `end`. Periods follow one another without a gap. */
  readonly start: string
  /** The statement covers all that a checkpoint covered at this time, however old. */
  readonly end: string
  /** For how many of the log's periods it stands: 1 unless some were missed. */
  readonly covers: number
  /** Entries of the log. */
  readonly size: number
  /** RFC 6962 root of these entries, 32 bytes, under each hash. */
  readonly sha256: Uint8Array
  readonly sha3_256: Uint8Array
  /** The chain heads at this size: how many chains, and the root of their map (SHA-256). */
  readonly heads: { readonly count: number; readonly root: Uint8Array }
  /** Of the statement before; null for the first. */
  readonly previous: StatementDigests | null
  /** When it was made, not before `end`. */
  readonly time: string
}

/** A statement as it came, with its signatures. Nothing in it is verified. */
export interface SignedLogStatement extends LogStatement {
  readonly note: Note
}

declare const verified: unique symbol

/** A statement that its log signed. Only {@link verifyLogStatement} makes one. */
export interface VerifiedLogStatement {
  readonly [verified]: 'log-statement'
  readonly statement: SignedLogStatement
  /** The log's keys that signed it, at least one. */
  readonly signedBy: readonly VerifiedNoteSignature[]
}

/** The text of a statement, to be signed as a note. Throws `log-statement-invalid` for what no reader would take. */
export function writeLogStatement(statement: LogStatement): string {
  const { origin, number, start, end, covers, size, heads, previous, time } = statement
  for (const [hash, what] of [
    [statement.sha256, 'the SHA-256 root'],
    [statement.sha3_256, 'the SHA3-256 root'],
    [heads.root, 'the root of the heads'],
    ...(previous === null
      ? []
      : ([
          [previous.sha256, 'a hash'],
          [previous.sha3_256, 'a hash'],
        ] as const)),
  ] as const)
    checkHash(hash, what, CODE)
  const text = [
    LOG_STATEMENT,
    `origin ${origin}`,
    `number ${writeDecimal(number, 'the number', CODE)}`,
    `period ${start} ${end}`,
    `covers ${writeDecimal(covers, 'the number of periods', CODE)}`,
    `size ${writeDecimal(size, 'the size', CODE)}`,
    `sha256 ${base64(statement.sha256)}`,
    `sha3-256 ${base64(statement.sha3_256)}`,
    `heads ${writeDecimal(heads.count, 'the number of heads', CODE)} ${base64(heads.root)}`,
    `previous ${previous === null ? 'none' : `${base64(previous.sha256)} ${base64(previous.sha3_256)}`}`,
    `time ${time}`,
    '',
  ].join('\n')
  readText(text)
  return text
}

/** Statement from the bytes of its note; throws what `parseNote` throws, `base64-invalid` and `log-statement-invalid`. */
export function parseLogStatement(bytes: Uint8Array): SignedLogStatement {
  return readLogStatement(parseNote(bytes))
}

/** {@link parseLogStatement} of a note. Every accepted text has one spelling: `writeLogStatement` gives it again. */
export function readLogStatement(note: Note): SignedLogStatement {
  return { ...readText(note.text), note }
}

/** {@link parseLogStatement} of a text that is not signed yet. */
export function readLogStatementText(text: string): LogStatement {
  if (text.length > MAX_NOTE_BYTES) throw new CodedError('input-too-large', 'the statement is too large')
  return readText(text)
}

/** What the next statement and the anchors name a statement by: hashes of its text, so that more signatures change nothing. */
export function statementDigests(text: string, crypto: Pick<Crypto, 'sha256' | 'sha3_256'>): StatementDigests {
  const bytes = utf8(text)
  return { sha256: crypto.sha256(bytes), sha3_256: crypto.sha3_256(bytes) }
}

/**
 * Checks that a statement is the named log's: its origin, signed by a key of the log, no line of a known key that does
 * not verify. Throws `origin-mismatch` and what `verifyNote` throws.
 */
export function verifyLogStatement(
  statement: SignedLogStatement,
  trust: Pick<LogTrust, 'origin' | 'keys'>,
  crypto: Pick<Crypto, 'verify'>,
): VerifiedLogStatement {
  if (trust.keys.length === 0) throw new CodedError('trust-missing', `no key of the log ${trust.origin} is known`)
  if (statement.origin !== trust.origin) {
    throw new CodedError('origin-mismatch', `the statement is not of the log ${trust.origin}`)
  }
  const signedBy = verifyNote(statement.note, trust.keys, crypto)
  const opened: Omit<VerifiedLogStatement, typeof verified> = { statement, signedBy }
  return opened as VerifiedLogStatement
}

/**
 * Throws `statement-forked` where no log with one history signs both: two texts for one number, periods that overlap,
 * a log that shrank, or that is another at the same size, a next one that does not name this one. In either order.
 * That a larger log begins with the smaller one only a consistency proof between their roots can say. Throws
 * `origin-mismatch` for statements of two logs.
 */
export function checkStatementsAgree(
  one: VerifiedLogStatement,
  other: VerifiedLogStatement,
  crypto: Pick<Crypto, 'sha256' | 'sha3_256'>,
): void {
  const [first, second] =
    one.statement.number <= other.statement.number ? [one.statement, other.statement] : [other.statement, one.statement]
  if (first.origin !== second.origin) throw new CodedError('origin-mismatch', 'the statements are of two logs')
  const forked = (what: string) =>
    new CodedError(
      'statement-forked',
      `${first.origin} signed statements ${first.number} and ${second.number}: ${what}`,
    )
  if (first.number === second.number) {
    if (first.note.text !== second.note.text) throw forked('one number, two statements')
    return
  }
  if (second.start < first.end) throw forked('their periods overlap')
  if (second.size < first.size) throw forked('the log has shrunk')
  if (second.size === first.size && !sameRoots(first, second)) throw forked('one size, two roots')
  if (second.number > first.number + 1) return
  const { sha256, sha3_256 } = statementDigests(first.note.text, crypto)
  if (!equal(second.previous!.sha256, sha256) || !equal(second.previous!.sha3_256, sha3_256)) {
    throw forked('the second follows another than the first')
  }
  if (second.start !== first.end) throw forked('there is a gap between their periods')
}

function sameRoots(one: LogStatement, other: LogStatement): boolean {
  const heads = one.heads.count === other.heads.count && equal(one.heads.root, other.heads.root)
  return heads && equal(one.sha256, other.sha256) && equal(one.sha3_256, other.sha3_256)
}

const KEYS = [
  'origin',
  'number',
  'period',
  'covers',
  'size',
  'sha256',
  'sha3-256',
  'heads',
  'previous',
  'time',
] as const

function readText(text: string): LogStatement {
  const [first, ...lines] = text.slice(0, -1).split('\n')
  if (!text.endsWith('\n') || first !== LOG_STATEMENT) {
    throw new CodedError(CODE, `the first line is not ${LOG_STATEMENT}`)
  }
  if (lines.length !== KEYS.length) throw new CodedError(CODE, `a statement has ${KEYS.length + 1} lines`)
  const values = lines.map((line, i) => {
    const prefix = `${KEYS[i]} `
    if (!line.startsWith(prefix)) throw new CodedError(CODE, `line ${i + 2} does not say the ${KEYS[i]}`)
    return line.slice(prefix.length)
  })
  const [origin, number, period, covers, size, sha256, sha3, heads, previous, time] = values as Ten
  if (!isKeyName(origin))
    throw new CodedError(CODE, 'the origin is empty, or holds a space, a plus or a control character')
  const [start, end] = pairOf(period, 'the period')
  const [count, root] = pairOf(heads, 'the heads')
  const statement: LogStatement = {
    origin,
    number: readDecimal(number, 'the number', CODE),
    start: timeOf(start),
    end: timeOf(end),
    covers: readDecimal(covers, 'the number of periods', CODE),
    size: readDecimal(size, 'the size', CODE),
    sha256: readHash(sha256, 'the SHA-256 root', CODE),
    sha3_256: readHash(sha3, 'the SHA3-256 root', CODE),
    heads: {
      count: readDecimal(count, 'the number of heads', CODE),
      root: readHash(root, 'the root of the heads', CODE),
    },
    previous: previous === 'none' ? null : readDigests(previous),
    time: timeOf(time),
  }
  checkSense(statement)
  return statement
}

type Ten = [string, string, string, string, string, string, string, string, string, string]

function pairOf(text: string, what: string): [string, string] {
  const parts = text.split(' ')
  if (parts.length !== 2) throw new CodedError(CODE, `${what} is not two values with a space between`)
  return parts as [string, string]
}

function readDigests(text: string): StatementDigests {
  const [sha256, sha3_256] = pairOf(text, 'the statement before')
  return { sha256: readHash(sha256, 'a hash', CODE), sha3_256: readHash(sha3_256, 'a hash', CODE) }
}

function timeOf(text: string): string {
  if (!isTime(text)) throw new CodedError(CODE, 'a time is not one like 2026-01-31T12:00:00.000Z')
  return text
}

function checkSense({ number, start, end, covers, size, heads, previous, time }: LogStatement): void {
  if (start >= end) throw new CodedError(CODE, 'the period does not end after it starts')
  if (time < end) throw new CodedError(CODE, 'it was made before its period was over')
  if (covers === 0) throw new CodedError(CODE, 'it stands for no period')
  if (heads.count > size) throw new CodedError(CODE, 'there are more chains than entries')
  if ((number === 0) !== (previous === null)) throw new CodedError(CODE, 'the first statement alone follows none')
}
