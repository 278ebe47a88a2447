import { createHash } from 'node:crypto'
import { LOG_PAIR, OTHER_PAIR, pairOf, plain, vkeyOf, witness, WITNESS_PAIR } from './note-signers.ts'
import type { Topic } from './topic.ts'

const log = plain('example.com/behind-the-sofa', LOG_PAIR).vkey
const spare = plain('example.com/behind-the-sofa', OTHER_PAIR).vkey
const keys = Array.from({ length: 70 }, (_, i) => {
  const seed = createHash('sha256').update(`witness ${i}`).digest('hex')
  return witness(`witness.example.com/w${i}`, pairOf(seed), 1).vkey
})
const [w0, w1, w2, w3, w4] = keys as [string, string, string, string, string]
const URL = 'https://witness.example.com/w'

type Row = readonly [name: string, vkey: string, url: string | null]
interface Read {
  readonly logs?: readonly (readonly [string, string | null])[]
  readonly witnesses?: readonly Row[]
  readonly groups?: readonly (readonly [string, number, readonly string[]])[]
  readonly quorum?: string | null
  readonly enough?: readonly (readonly string[])[]
  readonly tooFew?: readonly (readonly string[])[]
}
const reads = (policy: string, parts: Read) => ({
  policy,
  logs: [],
  witnesses: [],
  groups: [],
  quorum: null,
  ...parts,
})
const bad = (policy: string, error = 'policy-invalid') => ({ policy, error })

const ONE = `witness w ${w0}\nquorum w\n`
const one = { witnesses: [['w', w0, null]], quorum: 'w', enough: [['w']], tooFew: [[]] } as const
const LINES = `witness X1 ${w0}\nwitness X2 ${w1}\nwitness X3 ${w2}\n`
const rows: readonly Row[] = [
  ['X1', w0, null],
  ['X2', w1, null],
  ['X3', w2, null],
]
const members = ['X1', 'X2', 'X3']
const group = (line: string, quorum = 'g') => bad(`${LINES}group ${line}\nquorum ${quorum}\n`)
const many = (count: number) =>
  keys
    .slice(0, count)
    .map((vkey, i) => `witness w${i} ${vkey}\n`)
    .join('')

export const policies: Topic = {
  name: 'policy',
  vectors: {
    good: reads(`log ${log} https://log.example.com/\nwitness w ${w0} ${URL}\nquorum w\n`, {
      logs: [[log, 'https://log.example.com/']],
      witnesses: [['w', w0, URL]],
      quorum: 'w',
      enough: [['w']],
      tooFew: [[]],
    }),
    'one-witness': reads(ONE, one),
    'quorum-none': reads('quorum none\n', { enough: [[]] }),
    'quorum-none-with-witness': reads(`witness w ${w0}\nquorum none\n`, {
      witnesses: [['w', w0, null]],
      enough: [[], ['w']],
    }),
    'quorum-before-more-lines': reads(`witness w ${w0}\nquorum w\nlog ${log}\n`, { ...one, logs: [[log, null]] }),
    'two-logs': reads(`log ${log}\nlog ${spare}\n${ONE}`, {
      ...one,
      logs: [
        [log, null],
        [spare, null],
      ],
    }),
    'tabs-spaces-comments': reads(`# first\n\n \t# then \u00e4\n\twitness  w \t ${w0}\t\nquorum w \n`, one),
    'name-not-ascii': reads(`witness \u212a ${w0}\nwitness K ${w1}\nquorum K\n`, {
      witnesses: [
        ['\u212a', w0, null],
        ['K', w1, null],
      ],
      quorum: 'K',
      enough: [['K']],
      tooFew: [['\u212a']],
    }),
    'name-with-plus': reads(`witness a+b ${w0}\nquorum a+b\n`, {
      witnesses: [['a+b', w0, null]],
      quorum: 'a+b',
      enough: [['a+b']],
      tooFew: [[]],
    }),
    'group-2-of-3': reads(`${LINES}group g 2 X1 X2 X3\nquorum g\n`, {
      witnesses: rows,
      groups: [['g', 2, members]],
      quorum: 'g',
      enough: [['X1', 'X3'], members],
      tooFew: [[], ['X1'], ['X3']],
    }),
    'group-any': reads(`${LINES}group g any X1 X2 X3\nquorum g\n`, {
      witnesses: rows,
      groups: [['g', 1, members]],
      quorum: 'g',
      enough: [['X2'], members],
      tooFew: [[]],
    }),
    'group-all': reads(`${LINES}group g all X1 X2 X3\nquorum g\n`, {
      witnesses: rows,
      groups: [['g', 3, members]],
      quorum: 'g',
      enough: [members],
      tooFew: [['X1', 'X2']],
    }),
    'groups-of-groups': reads(
      `${LINES}group X 2 X1 X2 X3\nwitness Y1 ${w3}\nwitness Y2 ${w4}\ngroup Y any Y1 Y2\ngroup X-and-Y all X Y\nquorum X-and-Y\n`,
      {
        witnesses: [...rows, ['Y1', w3, null], ['Y2', w4, null]],
        groups: [
          ['X', 2, members],
          ['Y', 1, ['Y1', 'Y2']],
          ['X-and-Y', 2, ['X', 'Y']],
        ],
        quorum: 'X-and-Y',
        enough: [['X1', 'X2', 'Y2']],
        tooFew: [members, ['Y1', 'Y2'], ['X1', 'Y1', 'Y2']],
      },
    ),
    'quorum-beside-a-group': reads(`${LINES}group g any X1 X2\nquorum X3\n`, {
      witnesses: rows,
      groups: [['g', 1, ['X1', 'X2']]],
      quorum: 'X3',
      enough: [['X3']],
      tooFew: [['X1', 'X2']],
    }),
    'most-witnesses': reads(`${many(64)}quorum none\n`, {
      witnesses: keys.slice(0, 64).map((vkey, i) => [`w${i}`, vkey, null] as const),
      enough: [[]],
    }),
    empty: bad(''),
    'newline-only': bad('\n'),
    'no-newline-at-end': bad(ONE.trimEnd()),
    'carriage-return': bad(ONE.replaceAll('\n', '\r\n')),
    'control-character': bad(`# \u0007\n${ONE}`),
    delete: bad(`# \u007f\n${ONE}`),
    'no-break-space': bad(`witness\u00a0w ${w0}\nquorum w\n`),
    'not-utf-8': { hex: Buffer.from(`# \u00ff\n${ONE}`, 'latin1').toString('hex'), error: 'utf8-invalid' },
    'unknown-line': bad(`mode closed\n${ONE}`),
    'line-in-upper-case': bad(ONE.replace('quorum', 'QUORUM')),
    'comment-behind-a-line': bad(`witness w ${w0} ${URL} # mine\nquorum w\n`),
    'quorum-missing': bad(`witness w ${w0}\n`),
    'quorum-twice': bad(`${ONE}quorum w\n`),
    'quorum-empty': bad(`witness w ${w0}\nquorum\n`),
    'quorum-two-names': bad(`${LINES}quorum X1 X2\n`),
    'quorum-unknown': bad(`witness w ${w0}\nquorum v\n`),
    'quorum-defined-after': bad(`quorum w\nwitness w ${w0}\n`),
    'log-empty': bad(`log\n${ONE}`),
    'log-three-items': bad(`log ${log} a b\n${ONE}`),
    'log-twice': bad(`log ${log}\nlog ${log}\n${ONE}`),
    'log-with-witness-key': bad(`log ${w1}\n${ONE}`),
    'log-key-damaged': bad(`log ${log.slice(0, -4)}\n${ONE}`, 'key-invalid'),
    'witness-without-key': bad('witness w\nquorum w\n'),
    'witness-four-items': bad(`witness w ${w0} ${URL} more\nquorum w\n`),
    'witness-with-log-key': bad(`witness w ${log}\nquorum w\n`),
    'witness-key-of-unknown-type': bad(`witness w ${vkeyOf('w', 0x06, Buffer.alloc(32))}\nquorum w\n`, 'key-invalid'),
    'witness-twice': bad(`witness w ${w0}\nwitness w ${w1}\nquorum w\n`),
    'witness-named-none': bad(`witness none ${w0}\nquorum none\n`),
    'key-under-two-names': bad(
      `witness a ${witness('a', WITNESS_PAIR, 1).vkey}\nwitness b ${witness('b', WITNESS_PAIR, 1).vkey}\nquorum a\n`,
    ),
    'log-as-its-own-witness': bad(`log ${log}\nwitness w ${witness('w', LOG_PAIR, 1).vkey}\nquorum w\n`),
    'group-without-members': group('g any'),
    'group-without-number': group('g X1 X2'),
    'group-of-0': group('g 0 X1 X2 X3'),
    'group-of-4-of-3': group('g 4 X1 X2 X3'),
    'group-of-2-with-leading-zero': group('g 02 X1 X2 X3'),
    'group-of-minus-1': group('g -1 X1 X2 X3'),
    'group-with-unknown-member': group('g any X1 X4'),
    'group-with-itself': group('g any X1 g'),
    'group-with-none': group('g any X1 none'),
    'group-with-a-member-twice': group('g 2 X1 X1 X2'),
    'group-named-as-a-witness': group('X1 any X2', 'X1'),
    'member-of-two-groups': bad(`${LINES}group g any X1 X2\ngroup h any X2 X3\nquorum h\n`),
    'member-defined-after': bad(`group g any X1\n${LINES}quorum g\n`),
    'one-witness-too-many': bad(`${many(65)}quorum none\n`, 'input-too-large'),
    'one-byte-too-large': bad(`#${'x'.repeat(65_536 - 1 - ONE.length)}\n${ONE}`, 'input-too-large'),
  },
}
