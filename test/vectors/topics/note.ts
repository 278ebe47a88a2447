import {
  b64,
  bigEndian,
  DASH,
  keyId,
  LOG_PAIR,
  noteOf,
  OTHER_PAIR,
  plain,
  vkeyOf,
  witness,
  WITNESS_PAIR,
} from './note-signers.ts'
import type { Topic } from './topic.ts'

const TEXT = 'This is an example message.\n'
/** The text of a checkpoint: what is cosigned. */
const HEAD = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'
const foo = plain('example.com/foo', LOG_PAIR)
const bar = plain('example.com/bar', OTHER_PAIR)
const w1 = witness('witness.example.com/w1', WITNESS_PAIR, 1679315147)
const NOTE = noteOf(TEXT, foo)
const LINE = foo.line(TEXT)
const FOO = `${foo.name}+${foo.id}`

/** A signature under foo's name and id that is not foo's. */
const forged = foo.lineOf(OTHER_PAIR.sign(Buffer.from(TEXT)))
const line = (name: string, blob: Uint8Array | string) =>
  `${DASH} ${name} ${typeof blob === 'string' ? blob : b64(blob)}\n`
const strangers = (n: number) =>
  Array.from({ length: n }, (_, i) => line(`stranger.example/${i}`, Buffer.of(1, 2, 3, 4, i))).join('')
const BLOB = LINE.trimEnd().split(' ')[2]!
const hexOf = (...parts: readonly (string | readonly number[])[]) => ({
  hex: Buffer.concat(parts.map((part) => Buffer.from(part as string))).toString('hex'),
})

const parsed = (note: string, text: string, signers: readonly string[]) => ({ note, text, signers })
const bad = (note: string, error = 'note-invalid') => ({ note, error })
const checks = (note: string, keys: readonly string[], verified: readonly (readonly [string, number | null])[]) => ({
  note,
  keys,
  verified,
})
const fails = (note: string, keys: readonly string[], error: string) => ({ note, keys, error })

export const notes: Topic = {
  name: 'note',
  vectors: {
    // Read
    good: parsed(NOTE, TEXT, [FOO]),
    'empty-lines-in-text': parsed(noteOf('a\n\n\nb\n', foo), 'a\n\n\nb\n', [FOO]),
    'empty-line-at-end-of-text': parsed(noteOf('a\n\n', foo), 'a\n\n', [FOO]),
    'text-of-one-newline': parsed(noteOf('\n', foo), '\n', [FOO]),
    'text-like-a-signature': parsed(noteOf(LINE, foo), LINE, [FOO]),
    'text-beyond-ascii': parsed(noteOf('\u00e9 \u4e16 \u{1f600}\n', foo), '\u00e9 \u4e16 \u{1f600}\n', [FOO]),
    'text-with-delete': parsed(noteOf('a\u007f\u0085\n', foo), 'a\u007f\u0085\n', [FOO]),
    'byte-order-mark-is-text': parsed(noteOf('\ufeffa\n', foo), '\ufeffa\n', [FOO]),
    'two-signatures': parsed(noteOf(TEXT, foo, w1), TEXT, [FOO, `${w1.name}+${w1.id}`]),
    'same-line-twice': parsed(NOTE + LINE, TEXT, [FOO, FOO]),
    'signature-of-one-byte': parsed(`${TEXT}\n${line('a', Buffer.of(1, 2, 3, 4, 5))}`, TEXT, ['a+01020304']),
    'signature-of-5000-bytes': parsed(`${TEXT}\n${line('a', Buffer.alloc(5004, 7))}`, TEXT, ['a+07070707']),
    '100-signatures': parsed(
      `${TEXT}\n${strangers(100)}`,
      TEXT,
      Array.from({ length: 100 }, (_, i) => `stranger.example/${i}+01020304`),
    ),
    'name-beyond-ascii': parsed(`${TEXT}\n${line('ex\u00e4mple\u{1f600}', Buffer.of(1, 2, 3, 4, 5))}`, TEXT, [
      'ex\u00e4mple\u{1f600}+01020304',
    ]),
    'name-like-a-prototype': parsed(`${TEXT}\n${line('__proto__', Buffer.of(1, 2, 3, 4, 5))}`, TEXT, [
      '__proto__+01020304',
    ]),
    'signed-note-as-text': parsed(`${NOTE}\n${LINE}`, NOTE, [FOO]),
    empty: bad(''),
    'newline-only': bad('\n'),
    'two-newlines-only': bad('\n\n', 'signature-missing'),
    'no-signature': bad(`${TEXT}\n`, 'signature-missing'),
    'no-empty-line': bad(TEXT + LINE),
    'no-text': bad(`\n${LINE}`),
    'no-newline-at-end': bad(NOTE.trimEnd()),
    'no-newline-before-signatures': bad(`${TEXT.trimEnd()}\n${LINE}`),
    'empty-line-after-signatures': bad(`${NOTE}\n`, 'signature-missing'),
    'empty-line-between-signatures': bad(`${NOTE}\nx ${LINE}`),
    'text-after-signatures': bad(`${NOTE}more\n`),
    'carriage-return': bad(NOTE.replaceAll('\n', '\r\n')),
    'carriage-return-in-text': bad(noteOf('a\r\n', foo)),
    tab: bad(noteOf('a\tb\n', foo)),
    nul: bad(noteOf('a\0\n', foo)),
    escape: bad(noteOf('\u001b[31ma\n', foo)),
    'control-in-name': bad(`${TEXT}\n${line('a\u0001', Buffer.of(1, 2, 3, 4, 5))}`),
    'hyphen-for-dash': bad(NOTE.replace(DASH, '-')),
    'en-dash-for-dash': bad(NOTE.replace(DASH, '\u2013')),
    'no-space-after-dash': bad(NOTE.replace(`${DASH} `, DASH)),
    'two-spaces-after-dash': bad(NOTE.replace(`${DASH} `, `${DASH}  `)),
    'no-break-space-after-dash': bad(NOTE.replace(`${DASH} `, `${DASH}\u00a0`)),
    'space-before-dash': bad(NOTE.replace(DASH, ` ${DASH}`)),
    'name-empty': bad(NOTE.replace(foo.name, '')),
    'name-missing': bad(NOTE.replace(`${foo.name} `, '')),
    'name-missing-before-a-short-signature': bad(`${TEXT}\n${DASH} AQIDBAU=\n`),
    'name-with-plus': bad(NOTE.replace(foo.name, 'example.com+foo')),
    'name-with-no-break-space': bad(NOTE.replace(foo.name, 'example.com\u00a0foo')),
    'name-with-ideographic-space': bad(NOTE.replace(foo.name, 'example.com\u3000foo')),
    'name-with-line-separator': bad(NOTE.replace(foo.name, 'example.com\u2028foo')),
    'name-with-next-line': bad(NOTE.replace(foo.name, 'example.com\u0085foo')),
    'name-with-space': bad(NOTE.replace(foo.name, 'example.com foo'), 'base64-invalid'),
    'signature-empty': bad(NOTE.replace(BLOB, '')),
    'signature-without-key-id': bad(`${TEXT}\n${line('a', Buffer.of(1, 2, 3))}`),
    'signature-of-key-id-only': bad(`${TEXT}\n${line('a', Buffer.of(1, 2, 3, 4))}`),
    'space-after-signature': bad(NOTE.replace(BLOB, `${BLOB} `), 'base64-invalid'),
    'signature-in-url-alphabet': bad(`${TEXT}\n${line('a', '-_-_-_-_')}`, 'base64-invalid'),
    'signature-without-padding': bad(`${TEXT}\n${line('a', 'AQIDBAU')}`, 'base64-invalid'),
    'signature-with-hidden-bits': bad(`${TEXT}\n${line('a', 'AQIDBAV=')}`, 'base64-invalid'),
    'signature-with-junk': bad(`${TEXT}\n${line('a', 'AQID*BAU')}`, 'base64-invalid'),
    'second-signature-broken': bad(`${NOTE}${line('a', 'AQIDBAV=')}`, 'base64-invalid'),
    '101-signatures': bad(`${TEXT}\n${strangers(101)}`, 'input-too-large'),
    'utf-8-broken-text': { ...hexOf([0x61, 0xff], `\n\n${LINE}`), error: 'utf8-invalid' },
    'utf-8-overlong-newline': { ...hexOf('a', [0xc0, 0x8a], `\n\n${LINE}`), error: 'utf8-invalid' },
    'utf-8-surrogate': { ...hexOf('a', [0xed, 0xa0, 0x80], `\n\n${LINE}`), error: 'utf8-invalid' },
    'utf-8-broken-name': {
      ...hexOf(`${TEXT}\n${DASH} `, [0xff], ' AQIDBAU=\n'),
      error: 'utf8-invalid',
    },
    // Verified
    'known-key': checks(NOTE, [foo.vkey], [[FOO, null]]),
    'known-key-after-strangers': checks(`${TEXT}\n${strangers(15)}${LINE}`, [foo.vkey], [[FOO, null]]),
    'two-known-keys': checks(
      noteOf(TEXT, foo, bar),
      [bar.vkey, foo.vkey],
      [
        [FOO, null],
        [`${bar.name}+${bar.id}`, null],
      ],
    ),
    'one-known-key-of-two': checks(noteOf(TEXT, bar, foo), [foo.vkey], [[FOO, null]]),
    'known-key-twice-counts-once': checks(NOTE + LINE, [foo.vkey], [[FOO, null]]),
    'same-name-other-id': checks(`${NOTE}${line(foo.name, Buffer.of(1, 2, 3, 4, 5))}`, [foo.vkey], [[FOO, null]]),
    'same-id-other-name': checks(
      `${TEXT}\n${line('a', Buffer.from(`${foo.id}05`, 'hex'))}${LINE}`,
      [foo.vkey],
      [[FOO, null]],
    ),
    'cosigned-twice-latest-counts': checks(
      noteOf(HEAD, witness(w1.name, WITNESS_PAIR, 1679315150), w1),
      [w1.vkey],
      [[`${w1.name}+${w1.id}`, 1679315150]],
    ),
    'no-known-keys': fails(NOTE, [], 'trust-missing'),
    'signer-unknown': fails(NOTE, [bar.vkey], 'signer-unknown'),
    'signer-unknown-by-name': fails(NOTE, [plain('example.com/fo', LOG_PAIR).vkey], 'signer-unknown'),
    'signer-unknown-by-type': fails(NOTE, [witness(foo.name, LOG_PAIR, 1).vkey], 'signer-unknown'),
    'text-changed': fails(NOTE.replace('example', 'exemple'), [foo.vkey], 'signature-invalid'),
    'text-with-one-newline-more': fails(NOTE.replace('\n', '\n\n'), [foo.vkey], 'signature-invalid'),
    'bad-signature-by-known-key': fails(`${TEXT}\n${forged}`, [foo.vkey], 'signature-invalid'),
    'bad-signature-beside-a-good-one': fails(
      `${TEXT}\n${bar.line(TEXT)}${forged}`,
      [foo.vkey, bar.vkey],
      'signature-invalid',
    ),
    'bad-signature-after-the-good-one-of-its-key': fails(NOTE + forged, [foo.vkey], 'signature-invalid'),
    'bad-signature-before-the-good-one-of-its-key': fails(`${TEXT}\n${forged}${LINE}`, [foo.vkey], 'signature-invalid'),
    'signatures-on-a-note-and-not-on-its-text': fails(`${NOTE}\n${LINE}`, [foo.vkey], 'signature-invalid'),
    'signature-short': fails(`${TEXT}\n${foo.lineOf(Buffer.alloc(63))}`, [foo.vkey], 'signature-invalid'),
    'signature-long': fails(
      `${TEXT}\n${foo.lineOf(Buffer.concat([LOG_PAIR.sign(Buffer.from(TEXT)), Buffer.alloc(1)]))}`,
      [foo.vkey],
      'signature-invalid',
    ),
    'cosignature-of-wrong-size': fails(`${TEXT}\n${w1.lineOf(Buffer.alloc(64))}`, [w1.vkey], 'signature-invalid'),
    'cosignature-without-its-header': fails(
      `${TEXT}\n${w1.lineOf(Buffer.concat([bigEndian(1679315147n), WITNESS_PAIR.sign(Buffer.from(TEXT))]))}`,
      [w1.vkey],
      'signature-invalid',
    ),
    'plain-key-with-a-cosignature': fails(
      `${TEXT}\n${foo.lineOf(Buffer.concat([bigEndian(1679315147n), LOG_PAIR.sign(Buffer.from(TEXT))]))}`,
      [foo.vkey],
      'signature-invalid',
    ),
  },
}

const raw = LOG_PAIR.raw
const good = (vkey: string, name: string, type: string, id: string) => ({
  vkey,
  name,
  type,
  keyId: id,
  raw: raw.toString('hex'),
})
const badKey = (vkey: string) => ({ vkey, error: 'key-invalid' })
const named = (name: string) => badKey(vkeyOf(name, 1, raw))
const [NAME, ID, KEY] = foo.vkey.split('+') as [string, string, string]

export const vkeys: Topic = {
  name: 'vkey',
  vectors: {
    good: good(foo.vkey, foo.name, 'ed25519', foo.id),
    cosignature: good(
      witness('witness.example.com/w1', LOG_PAIR, 1).vkey,
      'witness.example.com/w1',
      'cosignature-v1',
      keyId('witness.example.com/w1', 4, raw).toString('hex'),
    ),
    'no-plus-in-the-base64': {
      vkey: vkeyOf('a', 1, WITNESS_PAIR.raw),
      name: 'a',
      type: 'ed25519',
      keyId: keyId('a', 1, WITNESS_PAIR.raw).toString('hex'),
      raw: WITNESS_PAIR.raw.toString('hex'),
    },
    empty: badKey(''),
    'name-only': badKey(NAME),
    'no-key': badKey(`${NAME}+${ID}`),
    'key-empty': badKey(`${NAME}+${ID}+`),
    'no-id': badKey(`${NAME}+${KEY}`),
    'name-empty': named(''),
    'name-with-space': named('example.com/a b'),
    'name-with-no-break-space': named('example.com/a\u00a0b'),
    'name-with-newline': named('example.com/a\nb'),
    'name-with-control': named('example.com/a\u0001b'),
    'name-changed': badKey(`example.com/fop+${ID}+${KEY}`),
    'id-upper-case': badKey(`${NAME}+${ID.toUpperCase()}+${KEY}`),
    'id-short': badKey(`${NAME}+${ID.slice(1)}+${KEY}`),
    'id-long': badKey(`${NAME}+0${ID}+${KEY}`),
    'id-of-another-key': badKey(`${NAME}+${keyId(NAME, 1, OTHER_PAIR.raw).toString('hex')}+${KEY}`),
    'id-of-another-type': badKey(`${NAME}+${keyId(NAME, 4, raw).toString('hex')}+${KEY}`),
    'type-ecdsa': badKey(vkeyOf(NAME, 2, raw)),
    'type-rfc-6962': badKey(vkeyOf(NAME, 5, raw)),
    'type-ml-dsa': badKey(vkeyOf(NAME, 6, Buffer.alloc(1312))),
    'type-0': badKey(vkeyOf(NAME, 0, raw)),
    'key-short': badKey(vkeyOf(NAME, 1, raw.subarray(1))),
    'key-long': badKey(vkeyOf(NAME, 1, Buffer.concat([raw, Buffer.of(0)]))),
    'key-of-small-order': badKey(vkeyOf(NAME, 1, Buffer.alloc(32))),
    'key-off-the-curve': badKey(vkeyOf(NAME, 1, Buffer.from('02'.padEnd(64, '0'), 'hex'))),
    'key-url-alphabet': badKey(`${NAME}+${ID}+${KEY.replaceAll('+', '-')}`),
    'key-with-newline': badKey(`${NAME}+${ID}+${KEY.slice(0, 8)}\n${KEY.slice(8)}`),
    'space-around': badKey(` ${foo.vkey}`),
    'newline-at-end': badKey(`${foo.vkey}\n`),
    'very-long': badKey(vkeyOf('a'.repeat(5000), 1, raw)),
  },
}
