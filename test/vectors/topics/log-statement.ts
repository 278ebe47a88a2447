import { createHash } from 'node:crypto'
import { b64, LOG_PAIR, noteOf, OTHER_PAIR, plain, witness, WITNESS_PAIR } from './note-signers.ts'
import type { Topic } from './topic.ts'

export const ORIGIN = 'example.com/behind-the-sofa'
export const log = plain(ORIGIN, LOG_PAIR)
const other = plain(ORIGIN, OTHER_PAIR)
const root = (byte: number) => b64(Buffer.alloc(32, byte))
const hashOf = (name: string, text: string) => createHash(name).update(text).digest('base64')
export const digestsOf = (text: string) => `${hashOf('sha256', text)} ${hashOf('sha3-256', text)}`

const LINES = {
  first: 'countersign.dev/log-statement@v1',
  origin: ORIGIN,
  number: '7',
  period: '2026-11-19T00:00:00.000Z 2026-11-20T00:00:00.000Z',
  covers: '1',
  size: '300',
  sha256: root(1),
  'sha3-256': root(2),
  heads: `40 ${root(3)}`,
  previous: `${root(4)} ${root(5)}`,
  time: '2026-11-20T00:00:07.123Z',
}
type Line = keyof typeof LINES
export type Lines = Partial<Record<Line, string>>

/** A text with some lines changed. */
export const textOf = (changed: Lines = {}) =>
  Object.entries({ ...LINES, ...changed })
    .map(([name, value]) => (name === 'first' ? `${value}\n` : `${name} ${value}\n`))
    .join('')
const TEXT = textOf()

const bytesOf = (text: string) => Buffer.from(text, 'base64').toString('hex')

function read(changed: Lines = {}) {
  const lines = { ...LINES, ...changed }
  const [start, end] = lines.period.split(' ')
  const [count, heads] = lines.heads.split(' ')
  const [sha256, sha3] = lines.previous.split(' ')
  return {
    note: noteOf(textOf(changed), log),
    origin: lines.origin,
    number: Number(lines.number),
    start,
    end,
    covers: Number(lines.covers),
    size: Number(lines.size),
    sha256: bytesOf(lines.sha256),
    sha3_256: bytesOf(lines['sha3-256']),
    heads: { count: Number(count), root: bytesOf(heads!) },
    previous: lines.previous === 'none' ? null : { sha256: bytesOf(sha256!), sha3_256: bytesOf(sha3!) },
    time: lines.time,
  }
}

const bad = (changed: Lines, error = 'log-statement-invalid') => ({ note: noteOf(textOf(changed), log), error })
const badText = (text: string, error = 'log-statement-invalid') => ({ note: noteOf(text, log), error })
const trust = (origin = ORIGIN, keys: readonly string[] = [log.vkey]) => ({ origin, keys })
const FIRST: Lines = { number: '0', previous: 'none' }
const CHECKPOINT = `${ORIGIN}\n300\n${root(1)}\n`

export const logStatements: Topic = {
  name: 'log-statement',
  vectors: {
    good: read(),
    first: read(FIRST),
    'several-periods': read({ covers: '3', period: '2026-11-17T00:00:00.000Z 2026-11-20T00:00:00.000Z' }),
    'empty-log': read({ ...FIRST, size: '0', heads: `0 ${root(3)}` }),
    'as-many-chains-as-entries': read({ size: '40' }),
    'made-as-the-period-ends': read({ time: '2026-11-20T00:00:00.000Z' }),
    largest: read({ number: '9007199254740991', size: '9007199254740991', covers: '9007199254740991' }),
    empty: badText('\n'),
    'first-line-only': badText(`${LINES.first}\n`),
    'first-line-missing': badText(TEXT.slice(LINES.first.length + 1)),
    'version-2': bad({ first: 'countersign.dev/log-statement@v2' }),
    'version-missing': bad({ first: 'countersign.dev/log-statement' }),
    'line-missing': badText(TEXT.replace(/covers .*\n/, '')),
    'line-twice': badText(TEXT.replace(/(covers .*\n)/, '$1$1')),
    'line-more': badText(`${TEXT}more\n`),
    'line-empty': badText(`${TEXT}\n`),
    'lines-swapped': badText(TEXT.replace(/(covers .*\n)(size .*\n)/, '$2$1')),
    'name-in-upper-case': badText(TEXT.replace('size ', 'Size ')),
    'two-spaces': badText(TEXT.replace('size ', 'size  ')),
    'space-after': badText(TEXT.replace('size 300', 'size 300 ')),
    'origin-empty': bad({ origin: '' }),
    'origin-with-space': bad({ origin: 'go.sum database tree' }),
    'origin-with-plus': bad({ origin: 'example.com/a+b' }),
    'number-with-leading-zero': bad({ number: '07' }),
    'number-negative': bad({ number: '-1' }),
    'number-2-to-the-53': bad({ number: '9007199254740992' }),
    'number-0-with-previous': bad({ number: '0' }),
    'number-7-without-previous': bad({ previous: 'none' }),
    'period-of-one-time': bad({ period: '2026-11-20T00:00:00.000Z' }),
    'period-of-three-times': bad({ period: `${LINES.period} 2026-11-21T00:00:00.000Z` }),
    'period-empty': bad({ period: '2026-11-20T00:00:00.000Z 2026-11-20T00:00:00.000Z' }),
    'period-backwards': bad({ period: '2026-11-20T00:00:00.000Z 2026-11-19T00:00:00.000Z' }),
    'period-without-milliseconds': bad({ period: '2026-11-19T00:00:00Z 2026-11-20T00:00:00Z' }),
    'period-with-offset': bad({ period: '2026-11-19T00:00:00.000+00:00 2026-11-20T00:00:00.000Z' }),
    'period-of-no-day': bad({ period: '2026-11-19T00:00:00.000Z 2026-11-31T00:00:00.000Z' }),
    'covers-0': bad({ covers: '0' }),
    'covers-with-fraction': bad({ covers: '1.5' }),
    'size-missing': bad({ size: '' }),
    'size-below-the-chains': bad({ size: '39' }),
    'sha256-of-31-bytes': bad({ sha256: b64(Buffer.alloc(31)) }),
    'sha256-in-hex': bad({ sha256: '01'.repeat(32) }),
    'sha256-without-padding': bad({ sha256: root(1).slice(0, -1) }, 'base64-invalid'),
    'sha3-256-of-33-bytes': bad({ 'sha3-256': b64(Buffer.alloc(33)) }),
    'heads-without-count': bad({ heads: root(3) }),
    'heads-without-root': bad({ heads: '40' }),
    'heads-root-empty': bad({ heads: '40 ' }),
    'heads-root-of-31-bytes': bad({ heads: `40 ${b64(Buffer.alloc(31))}` }),
    'previous-of-one-hash': bad({ previous: root(4) }),
    'previous-of-three-hashes': bad({ previous: `${root(4)} ${root(5)} ${root(6)}` }),
    'previous-empty': bad({ previous: '' }),
    'previous-none-in-upper-case': bad({ number: '0', previous: 'None' }),
    'time-before-the-end': bad({ time: '2026-11-19T23:59:59.999Z' }),
    'time-in-seconds': bad({ time: '1795132807' }),
    'a-checkpoint': badText(CHECKPOINT),
    'a-checkpoint-with-the-first-line-as-origin': badText(CHECKPOINT.replace(ORIGIN, LINES.first)),
    unsigned: { note: `${TEXT}\n`, error: 'signature-missing' },
    'not-a-note': { note: TEXT, error: 'note-invalid' },
    'carriage-return': { note: noteOf(TEXT, log).replaceAll('\n', '\r\n'), error: 'note-invalid' },
    // Verified
    'signed-by-its-log': { note: noteOf(TEXT, log), trust: trust(), signedBy: [`${log.name}+${log.id}`] },
    'signed-by-its-log-and-somebody': {
      note: noteOf(TEXT, log, plain('example.com/somebody', OTHER_PAIR)),
      trust: trust(),
      signedBy: [`${log.name}+${log.id}`],
    },
    'signed-by-somebody-else': { note: noteOf(TEXT, other), trust: trust(), error: 'signer-unknown' },
    'cosigned-as-a-checkpoint-is': {
      note: noteOf(TEXT, witness(ORIGIN, WITNESS_PAIR, 1679315147)),
      trust: trust(),
      error: 'signer-unknown',
    },
    'of-another-log': { note: noteOf(TEXT, log), trust: trust('example.com/other'), error: 'origin-mismatch' },
    'no-key-known': { note: noteOf(TEXT, log), trust: trust(ORIGIN, []), error: 'trust-missing' },
    'size-changed': {
      note: noteOf(TEXT, log).replace('size 300', 'size 301'),
      trust: trust(),
      error: 'signature-invalid',
    },
  },
}

const NEXT: Lines = {
  number: '8',
  period: '2026-11-20T00:00:00.000Z 2026-11-21T00:00:00.000Z',
  size: '310',
  'sha3-256': root(12),
  sha256: root(11),
  heads: `41 ${root(13)}`,
  previous: digestsOf(TEXT),
  time: '2026-11-21T00:00:07.123Z',
}
const SAME: Lines = { ...NEXT, size: '300', sha256: LINES.sha256, 'sha3-256': LINES['sha3-256'], heads: LINES.heads }
const LATER: Lines = {
  ...NEXT,
  number: '9',
  period: '2026-11-21T00:00:00.000Z 2026-11-22T00:00:00.000Z',
  time: '2026-11-22T00:00:07.123Z',
}
const both = (second: Lines, error?: string, first: Lines = {}) => ({
  log: log.vkey,
  first: noteOf(textOf(first), log),
  second: noteOf(textOf(second), log),
  ...(error === undefined ? {} : { error }),
})
const forked = 'statement-forked'

export const statementPairs: Topic = {
  name: 'statement-pair',
  vectors: {
    'one-after-the-other': both(NEXT),
    'the-same': both({}),
    'the-log-did-not-grow': both(SAME),
    'one-between-is-not-here': both(LATER),
    'one-between-is-not-here-and-nothing-grew': both({
      ...SAME,
      number: '9',
      period: LATER.period!,
      time: LATER.time!,
    }),
    'one-number-another-size': both({ size: '301' }, forked),
    'one-number-another-root': both({ sha256: root(9) }, forked),
    'one-number-another-time': both({ time: '2026-11-20T00:00:07.124Z' }, forked),
    'previous-is-another': both({ ...NEXT, previous: digestsOf(textOf({ size: '301' })) }, forked),
    'previous-by-sha256-alone': both({ ...NEXT, previous: `${digestsOf(TEXT).split(' ')[0]} ${root(5)}` }, forked),
    'previous-by-sha3-256-alone': both({ ...NEXT, previous: `${root(4)} ${digestsOf(TEXT).split(' ')[1]}` }, forked),
    'previous-is-of-the-note': both({ ...NEXT, previous: digestsOf(noteOf(TEXT, log)) }, forked),
    'a-gap-between': both({ ...NEXT, period: '2026-11-20T00:00:00.001Z 2026-11-21T00:00:00.000Z' }, forked),
    'periods-overlap': both({ ...NEXT, period: '2026-11-19T23:59:59.999Z 2026-11-21T00:00:00.000Z' }, forked),
    'periods-overlap-from-afar': both(
      { ...LATER, period: '2026-11-19T12:00:00.000Z 2026-11-22T00:00:00.000Z' },
      forked,
    ),
    'size-shrunk': both({ ...NEXT, size: '299' }, forked),
    'size-shrunk-from-afar': both({ ...LATER, size: '299' }, forked),
    'one-size-another-sha256': both({ ...SAME, sha256: root(9) }, forked),
    'one-size-another-sha3-256': both({ ...SAME, 'sha3-256': root(9) }, forked),
    'one-size-other-heads': both({ ...SAME, heads: `40 ${root(9)}` }, forked),
    'one-size-more-chains': both({ ...SAME, heads: LINES.heads.replace('40', '41') }, forked),
    'two-logs': {
      ...both({ ...NEXT, origin: 'example.com/other' }, 'origin-mismatch'),
      second: noteOf(textOf({ ...NEXT, origin: 'example.com/other' }), plain('example.com/other', LOG_PAIR)),
    },
  },
}
