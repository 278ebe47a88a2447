import {
  b64,
  bigEndian,
  cosign,
  LOG_PAIR,
  noteOf,
  type NoteSigner,
  OTHER_PAIR,
  plain,
  witness,
  WITNESS_PAIR,
} from './note-signers.ts'
import type { Topic } from './topic.ts'

const ORIGIN = 'example.com/behind-the-sofa'
const SIZE = 20852163
const ROOT = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I='
const TIME = 1679315147
const EMPTY_ROOT = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
const TEXT = `${ORIGIN}\n${SIZE}\n${ROOT}\n`

const log = plain(ORIGIN, LOG_PAIR)
const next = plain(ORIGIN, OTHER_PAIR)
const w1 = witness('witness.example.com/w1', WITNESS_PAIR, TIME)
const w2 = witness('witness.example.com/w2', OTHER_PAIR, TIME + 5)
const CHECKPOINT = noteOf(TEXT, log)
const nameOf = ({ name, id }: NoteSigner) => `${name}+${id}`

interface Parts {
  readonly origin?: string
  readonly size?: string
  readonly root?: string
  readonly more?: string
}

const textOf = ({ origin = ORIGIN, size = String(SIZE), root = ROOT, more = '' }: Parts) =>
  `${origin}\n${size}\n${root}\n${more}`
const read = (parts: Parts) => ({
  note: noteOf(textOf(parts), log),
  origin: parts.origin ?? ORIGIN,
  size: Number(parts.size ?? SIZE),
  root: Buffer.from(parts.root ?? ROOT, 'base64').toString('hex'),
  extensions: parts.more === undefined ? [] : parts.more.split('\n').slice(0, -1),
})
const bad = (parts: Parts | string, error = 'checkpoint-invalid') => ({
  note: noteOf(typeof parts === 'string' ? parts : textOf(parts), log),
  error,
})
const trust = (witnesses: readonly string[] = [], keys: readonly string[] = [log.vkey], origin = ORIGIN) => ({
  origin,
  keys,
  witnesses,
})
type Trust = ReturnType<typeof trust>
const verifies = (
  note: string,
  by: Trust,
  signedBy: readonly string[],
  cosignedBy: readonly (readonly [string, number])[] = [],
) => ({ note, trust: by, signedBy, cosignedBy })
const fails = (note: string, by: Trust, error: string) => ({ note, trust: by, error })

const OTHER_ORIGIN = 'example.com/other'
const otherLog = plain(OTHER_ORIGIN, OTHER_PAIR)
const bytes = (n: number) => b64(Buffer.alloc(n, 7))

export const checkpoints: Topic = {
  name: 'checkpoint',
  vectors: {
    // Read
    good: read({}),
    'empty-tree': read({ size: '0', root: EMPTY_ROOT }),
    'size-1': read({ size: '1' }),
    'size-largest': read({ size: '9007199254740991' }),
    'origin-with-space': read({ origin: 'go.sum database tree' }),
    'origin-with-plus': read({ origin: 'example.com/a+b' }),
    'origin-beyond-ascii': read({ origin: 'ex\u00e4mple/\u{1f600}' }),
    'origin-like-a-number': read({ origin: '7' }),
    'extension-line': read({ more: 'anything\n' }),
    'two-extension-lines': read({ more: 'one\n 2\n' }),
    'origin-empty': bad({ origin: '' }),
    'origin-missing': bad(`${SIZE}\n${ROOT}\n`),
    'size-missing': bad(`${ORIGIN}\n${ROOT}\n`),
    'root-missing': bad(`${ORIGIN}\n${SIZE}\n`),
    'only-newline': bad('\n'),
    'size-empty': bad({ size: '' }),
    'size-with-leading-zero': bad({ size: `0${SIZE}` }),
    'size-two-zeros': bad({ size: '00' }),
    'size-with-plus': bad({ size: `+${SIZE}` }),
    'size-negative': bad({ size: '-1' }),
    'size-minus-zero': bad({ size: '-0' }),
    'size-hexadecimal': bad({ size: '0x10' }),
    'size-with-exponent': bad({ size: '1e3' }),
    'size-with-fraction': bad({ size: '1.0' }),
    'size-with-separator': bad({ size: '1_000' }),
    'size-with-space-before': bad({ size: ` ${SIZE}` }),
    'size-with-space-after': bad({ size: `${SIZE} ` }),
    'size-other-digits': bad({ size: '\u0661' }),
    'size-2-to-the-53': bad({ size: '9007199254740992' }),
    'size-of-17-digits': bad({ size: '10000000000000000' }),
    'size-2-to-the-64': bad({ size: '18446744073709551616' }),
    'root-empty': bad({ root: '' }),
    'root-of-31-bytes': bad({ root: bytes(31) }),
    'root-of-33-bytes': bad({ root: bytes(33) }),
    'root-of-64-bytes': bad({ root: bytes(64) }),
    'root-hexadecimal': bad({ root: Buffer.from(ROOT, 'base64').toString('hex') }),
    'root-url-alphabet': bad({ root: ROOT.replaceAll('/', '_') }, 'base64-invalid'),
    'root-without-padding': bad({ root: ROOT.slice(0, -1) }, 'base64-invalid'),
    'root-with-hidden-bits': bad({ root: ROOT.replace('I=', 'J=') }, 'base64-invalid'),
    'root-with-space-after': bad({ root: `${ROOT} ` }, 'base64-invalid'),
    'extension-line-empty': bad({ more: '\n' }),
    'extension-line-empty-first': bad({ more: '\nmore\n' }),
    'extension-line-empty-last': bad({ more: 'more\n\n' }),
    unsigned: { note: `${TEXT}\n`, error: 'signature-missing' },
    'not-a-note': { note: TEXT, error: 'note-invalid' },
    'carriage-return': { note: CHECKPOINT.replaceAll('\n', '\r\n'), error: 'note-invalid' },
    // Verified
    'signed-by-its-log': verifies(CHECKPOINT, trust(), [nameOf(log)]),
    'cosigned-by-two': verifies(
      noteOf(TEXT, log, w1, w2),
      trust([w2.vkey, w1.vkey]),
      [nameOf(log)],
      [
        [nameOf(w1), TIME],
        [nameOf(w2), TIME + 5],
      ],
    ),
    'cosignature-before-the-log': verifies(
      noteOf(TEXT, w1, log),
      trust([w1.vkey]),
      [nameOf(log)],
      [[nameOf(w1), TIME]],
    ),
    'cosigned-with-an-extension-line': verifies(
      noteOf(`${TEXT}more\n`, log, w1),
      trust([w1.vkey]),
      [nameOf(log)],
      [[nameOf(w1), TIME]],
    ),
    'unknown-witness-says-nothing': verifies(
      noteOf(TEXT, log, w1, w2),
      trust([w1.vkey]),
      [nameOf(log)],
      [[nameOf(w1), TIME]],
    ),
    'old-and-new-key-of-the-log': verifies(noteOf(TEXT, log, next), trust([], [log.vkey, next.vkey]), [
      nameOf(log),
      nameOf(next),
    ]),
    'new-key-of-the-log-not-known': verifies(noteOf(TEXT, next, log), trust(), [nameOf(log)]),
    'cosigned-twice-counts-once': verifies(
      noteOf(TEXT, log, w1, w1),
      trust([w1.vkey]),
      [nameOf(log)],
      [[nameOf(w1), TIME]],
    ),
    'signed-by-a-witness-only': fails(noteOf(TEXT, w1), trust([w1.vkey]), 'signer-unknown'),
    'signed-by-nobody-known': fails(noteOf(TEXT, next), trust(), 'signer-unknown'),
    'no-key-of-the-log': fails(CHECKPOINT, trust([w1.vkey], []), 'trust-missing'),
    'origin-of-another-log': fails(noteOf(TEXT.replace(ORIGIN, OTHER_ORIGIN), log), trust(), 'origin-mismatch'),
    'origin-in-other-case': fails(CHECKPOINT, trust([], [log.vkey], ORIGIN.toUpperCase()), 'origin-mismatch'),
    'another-log-signs-this-origin': fails(noteOf(TEXT, otherLog), trust(), 'signer-unknown'),
    'size-changed': fails(CHECKPOINT.replace(String(SIZE), String(SIZE + 1)), trust(), 'signature-invalid'),
    'root-changed': fails(CHECKPOINT.replace(ROOT, EMPTY_ROOT), trust(), 'signature-invalid'),
    'extension-line-added': fails(CHECKPOINT.replace(`${ROOT}\n`, `${ROOT}\nmore\n`), trust(), 'signature-invalid'),
    'cosignature-of-another-time': fails(
      `${CHECKPOINT}${w1.lineOf(Buffer.concat([bigEndian(BigInt(TIME + 1)), cosign(WITNESS_PAIR, TIME, TEXT).subarray(8)]))}`,
      trust([w1.vkey]),
      'signature-invalid',
    ),
    'cosignature-of-another-checkpoint': fails(
      `${CHECKPOINT}${w1.line(TEXT.replace(String(SIZE), '7'))}`,
      trust([w1.vkey]),
      'signature-invalid',
    ),
    'cosignature-at-time-0': fails(
      noteOf(TEXT, log, witness(w1.name, WITNESS_PAIR, 0)),
      trust([w1.vkey]),
      'signature-invalid',
    ),
    'witness-with-a-plain-key': fails(
      noteOf(TEXT, log, plain(w1.name, WITNESS_PAIR)),
      trust([plain(w1.name, WITNESS_PAIR).vkey]),
      'key-invalid',
    ),
    'one-witness-under-two-names': fails(
      noteOf(TEXT, log, w1, witness('witness.example.com/w3', WITNESS_PAIR, TIME)),
      trust([w1.vkey, witness('witness.example.com/w3', WITNESS_PAIR, TIME).vkey]),
      'key-invalid',
    ),
    'log-as-its-own-witness': fails(
      noteOf(TEXT, log, witness('witness.example.com/w4', LOG_PAIR, TIME)),
      trust([witness('witness.example.com/w4', LOG_PAIR, TIME).vkey]),
      'key-invalid',
    ),
  },
}

const blob = cosign(WITNESS_PAIR, TIME, TEXT)
const at = (time: bigint) => Buffer.concat([bigEndian(time), blob.subarray(8)]).toString('hex')
const badBlob = (hex: string) => ({ blob: hex, error: 'cosignature-invalid' })
const goodBlob = (hex: string, time: number) => ({ blob: hex, time, signature: hex.slice(16) })

export const cosignatures: Topic = {
  name: 'cosignature',
  vectors: {
    good: {
      ...goodBlob(blob.toString('hex'), TIME),
      text: TEXT,
      message: `cosignature/v1\ntime ${TIME}\n${TEXT}`,
      key: WITNESS_PAIR.raw.toString('hex'),
    },
    'time-1': goodBlob(at(1n), 1),
    'time-largest': goodBlob(at(253402300799n), 253402300799),
    'time-0': badBlob(at(0n)),
    'time-of-year-10000': badBlob(at(253402300800n)),
    'time-in-milliseconds': badBlob(at(BigInt(TIME) * 1000n)),
    'time-little-endian': badBlob(
      Buffer.concat([bigEndian(BigInt(TIME)).toReversed(), blob.subarray(8)]).toString('hex'),
    ),
    'time-2-to-the-53': badBlob(at(2n ** 53n)),
    'time-2-to-the-63': badBlob(at(2n ** 63n)),
    'time-largest-of-64-bits': badBlob(at(2n ** 64n - 1n)),
    empty: badBlob(''),
    'time-only': badBlob(blob.subarray(0, 8).toString('hex')),
    'signature-only': badBlob(blob.subarray(8).toString('hex')),
    'byte-short': badBlob(blob.subarray(0, 71).toString('hex')),
    'byte-long': badBlob(`${blob.toString('hex')}00`),
    'with-its-key-id': badBlob(w1.id + blob.toString('hex')),
    'as-long-as-ml-dsa': badBlob(Buffer.concat([blob.subarray(0, 8), Buffer.alloc(2420)]).toString('hex')),
  },
}

const HASHES = Array.from({ length: 64 }, (_, i) => Buffer.alloc(32, i + 1))
const linesOf = (n: number) => HASHES.slice(0, n).map((hash) => `${b64(hash)}\n`)
const FIRST = 'c2sp.org/tlog-proof@v1\n'
const EXTRA = Buffer.from('example data')
const PROOF = `${FIRST}index 73894\n${linesOf(5).join('')}\n${CHECKPOINT}`
const proofOf = (lines: string, checkpoint = CHECKPOINT) => `${FIRST}${lines}\n${checkpoint}`
const readProof = (proof: string, index: number, hashes: number, extra: string | null = null) => ({
  proof,
  index,
  hashes: HASHES.slice(0, hashes).map((hash) => hash.toString('hex')),
  extra,
})
const badProof = (proof: string, error = 'tlog-proof-invalid') => ({ proof, error })

export const tlogProofs: Topic = {
  name: 'tlog-proof',
  vectors: {
    good: readProof(PROOF, 73894, 5),
    extra: readProof(proofOf(`extra ${b64(EXTRA)}\nindex 7\n${linesOf(1).join('')}`), 7, 1, EXTRA.toString('hex')),
    'no-hashes': readProof(proofOf('index 0\n', noteOf(textOf({ size: '1' }), log)), 0, 0),
    '63-hashes': readProof(proofOf(`index 7\n${linesOf(63).join('')}`), 7, 63),
    'index-last': readProof(proofOf(`index ${SIZE - 1}\n`), SIZE - 1, 0),
    cosigned: readProof(proofOf('index 7\n', noteOf(TEXT, log, w1, w2)), 7, 0),
    'checkpoint-with-extension-line': readProof(proofOf('index 7\n', noteOf(`${TEXT}more\n`, log)), 7, 0),
    empty: badProof(''),
    'first-line-only': badProof(FIRST),
    'first-line-missing': badProof(PROOF.slice(FIRST.length)),
    'first-line-empty': badProof(`\n${PROOF}`),
    'version-2': badProof(PROOF.replace('@v1', '@v2')),
    'version-missing': badProof(PROOF.replace('@v1', '')),
    'first-line-with-space-after': badProof(PROOF.replace('@v1', '@v1 ')),
    'first-line-in-upper-case': badProof(PROOF.replace('c2sp', 'C2SP')),
    'byte-order-mark': badProof(`\ufeff${PROOF}`),
    'carriage-return': badProof(PROOF.replaceAll('\n', '\r\n')),
    'carriage-return-in-one-line': badProof(PROOF.replace('73894\n', '73894\r\n')),
    'index-missing': badProof(proofOf(linesOf(2).join(''))),
    'index-empty': badProof(proofOf('index \n')),
    'index-without-space': badProof(proofOf('index7\n')),
    'index-with-two-spaces': badProof(proofOf('index  7\n')),
    'index-with-leading-zero': badProof(proofOf('index 07\n')),
    'index-negative': badProof(proofOf('index -1\n')),
    'index-beyond-the-tree': badProof(proofOf(`index ${SIZE}\n`)),
    'index-in-an-empty-tree': badProof(proofOf('index 0\n', noteOf(textOf({ size: '0', root: EMPTY_ROOT }), log))),
    'index-2-to-the-64': badProof(proofOf('index 18446744073709551616\n')),
    'index-twice': badProof(proofOf('index 7\nindex 7\n'), 'base64-invalid'),
    'extra-empty': badProof(proofOf('extra \nindex 7\n')),
    'extra-without-space': badProof(proofOf('extra\nindex 7\n')),
    'extra-after-index': badProof(proofOf(`index 7\nextra ${b64(EXTRA)}\n`), 'base64-invalid'),
    'extra-twice': badProof(proofOf(`extra ${b64(EXTRA)}\nextra ${b64(EXTRA)}\nindex 7\n`)),
    'extra-only': badProof(proofOf(`extra ${b64(EXTRA)}\n`)),
    'extra-without-padding': badProof(proofOf('extra AQ\nindex 7\n'), 'base64-invalid'),
    'extra-with-hidden-bits': badProof(proofOf('extra AR==\nindex 7\n'), 'base64-invalid'),
    '64-hashes': badProof(proofOf(`index 7\n${linesOf(64).join('')}`)),
    'hash-of-31-bytes': badProof(proofOf(`index 7\n${bytes(31)}\n`)),
    'hash-of-33-bytes': badProof(proofOf(`index 7\n${bytes(33)}\n`)),
    'hash-with-space-before': badProof(proofOf(`index 7\n ${linesOf(1).join('')}`), 'base64-invalid'),
    'hash-url-alphabet': badProof(
      proofOf(`index 7\n${b64(Buffer.alloc(32, 0xfb)).replaceAll('+', '-')}\n`),
      'base64-invalid',
    ),
    'no-empty-line': badProof(`${FIRST}index 7\n${linesOf(1).join('')}`),
    'checkpoint-right-after-the-hashes': badProof(PROOF.replace('\n\n', '\n'), 'base64-invalid'),
    'two-empty-lines': badProof(PROOF.replace('\n\n', '\n\n\n'), 'checkpoint-invalid'),
    'checkpoint-missing': badProof(PROOF.slice(0, -CHECKPOINT.length), 'note-invalid'),
    'checkpoint-unsigned': badProof(proofOf('index 7\n', `${TEXT}\n`), 'signature-missing'),
    'checkpoint-not-one': badProof(proofOf('index 7\n', noteOf('text\n', log)), 'checkpoint-invalid'),
    'newline-after-the-checkpoint': badProof(`${PROOF}\n`, 'signature-missing'),
  },
}

const OLD = 20852014
const request = (lines: string, checkpoint = CHECKPOINT) => `${lines}\n${checkpoint}`
const REQUEST = request(`old ${OLD}\n${linesOf(4).join('')}`)
const readRequest = (text: string, old: number, hashes: number) => ({
  request: text,
  old,
  proof: HASHES.slice(0, hashes).map((hash) => hash.toString('hex')),
})
const badRequest = (text: string, error = 'witness-message-invalid') => ({ request: text, error })
const badSize = (size: string, error = 'witness-message-invalid') => ({ size, error })
const badAnswer = (answer: string, error = 'note-invalid') => ({ answer, error })
const LINES = w1.line(TEXT) + w2.line(TEXT)

export const witnessMessages: Topic = {
  name: 'witness',
  vectors: {
    'request-good': readRequest(REQUEST, OLD, 4),
    'request-first': readRequest(request('old 0\n'), 0, 0),
    'request-same-size': readRequest(request(`old ${SIZE}\n`), SIZE, 0),
    'request-63-hashes': readRequest(request(`old 1\n${linesOf(63).join('')}`), 1, 63),
    'request-two-signatures': readRequest(request('old 0\n', noteOf(TEXT, log, next)), 0, 0),
    'request-empty': badRequest(''),
    'request-empty-line-first': badRequest(`\n${REQUEST}`),
    'request-old-missing': badRequest(request(linesOf(1).join(''))),
    'request-old-empty': badRequest(request('old \n')),
    'request-old-without-space': badRequest(request('old0\n')),
    'request-old-in-upper-case': badRequest(request('OLD 0\n')),
    'request-old-with-leading-zero': badRequest(request('old 01\n')),
    'request-old-two-zeros': badRequest(request('old 00\n')),
    'request-old-negative': badRequest(request('old -1\n')),
    'request-old-2-to-the-53': badRequest(request('old 9007199254740992\n')),
    'request-old-beyond-the-checkpoint': badRequest(request(`old ${SIZE + 1}\n`)),
    'request-old-twice': badRequest(request('old 0\nold 0\n'), 'base64-invalid'),
    'request-carriage-return': badRequest(REQUEST.replaceAll('\n', '\r\n')),
    'request-64-hashes': badRequest(request(`old 1\n${linesOf(64).join('')}`)),
    'request-hash-of-31-bytes': badRequest(request(`old 1\n${bytes(31)}\n`)),
    'request-hash-without-padding': badRequest(request(`old 1\n${bytes(32).slice(0, -1)}\n`), 'base64-invalid'),
    'request-no-empty-line': badRequest(`old 1\n${linesOf(1).join('')}`),
    'request-checkpoint-missing': badRequest('old 0\n\n', 'note-invalid'),
    'request-checkpoint-unsigned': badRequest(request('old 0\n', `${TEXT}\n`), 'signature-missing'),
    'request-checkpoint-not-one': badRequest(request('old 0\n', noteOf('text\n', log)), 'checkpoint-invalid'),
    'answer-one-line': { answer: w1.line(TEXT), signers: [nameOf(w1)] },
    'answer-two-lines': { answer: LINES, signers: [nameOf(w1), nameOf(w2)] },
    'answer-empty': badAnswer('', 'signature-missing'),
    'answer-newline-only': badAnswer('\n'),
    'answer-empty-line-first': badAnswer(`\n${LINES}`),
    'answer-empty-line-between': badAnswer(w1.line(TEXT) + '\n' + w2.line(TEXT)),
    'answer-empty-line-at-end': badAnswer(`${LINES}\n`),
    'answer-no-newline-at-end': badAnswer(LINES.trimEnd()),
    'answer-whole-checkpoint': badAnswer(noteOf(TEXT, log, w1)),
    'answer-carriage-return': badAnswer(LINES.replaceAll('\n', '\r\n')),
    'answer-html': badAnswer('<html></html>\n'),
    'size-good': { size: `${SIZE}\n`, is: SIZE },
    'size-0': { size: '0\n', is: 0 },
    'size-largest': { size: '9007199254740991\n', is: 9007199254740991 },
    'size-empty': badSize(''),
    'size-newline-only': badSize('\n'),
    'size-no-newline': badSize(String(SIZE)),
    'size-two-newlines': badSize(`${SIZE}\n\n`),
    'size-carriage-return': badSize(`${SIZE}\r\n`),
    'size-leading-zero': badSize('01\n'),
    'size-negative': badSize('-1\n'),
    'size-very-long': badSize(`${'9'.repeat(5000)}\n`),
  },
}
