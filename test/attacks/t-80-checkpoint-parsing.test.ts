import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { base64, type Code, parsePublicKey, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import {
  cosignatureMessage,
  noteKey,
  type NoteKey,
  type NoteKeyType,
  type NoteSignature,
  parseCheckpoint,
  parseNote,
  verifyCheckpoint,
  verifyNote,
  writeCosignature,
  writeNote,
} from '@countersign/formats'
import { describe, expect, test } from 'vitest'

interface Party {
  readonly key: NoteKey
  readonly secret: KeyObject
}

function party(name: string, type: NoteKeyType): Party {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = parsePublicKey(publicKey.export({ format: 'der', type: 'spki' }))
  return { key: noteKey(name, type, key, portableCrypto), secret: privateKey }
}

/** The same pair of keys under another name or type. */
const as = ({ key, secret }: Party, name: string, type: NoteKeyType): Party => ({
  key: noteKey(name, type, key.publicKey, portableCrypto),
  secret,
})

const bySecret = (secret: KeyObject, message: Uint8Array) => new Uint8Array(sign(null, message, secret))

function line({ key, secret }: Party, text: string, time = 1_800_000_000): NoteSignature {
  const { name, keyId, type } = key
  if (type === 'ed25519') return { name, keyId, signature: bySecret(secret, utf8(text)) }
  const signature = bySecret(secret, cosignatureMessage(time, text))
  return { name, keyId, signature: writeCosignature({ time, signature }) }
}

const ORIGIN = 'log.example/a'
const ROOT = Uint8Array.from({ length: 32 }, (_, i) => i * 7)
const TEXT = `${ORIGIN}\n7\n${base64(ROOT)}\n`
const log = party(ORIGIN, 'ed25519')
const rotated = party(ORIGIN, 'ed25519')
const [w1, w2] = [party('witness.example/1', 'cosignature-v1'), party('witness.example/2', 'cosignature-v1')]
const TRUST = { origin: ORIGIN, keys: [log.key, rotated.key], witnesses: [w1.key, w2.key] }

/** Whatever the text is: a hostile log signs what it likes. */
const signed = (text: string, ...by: readonly Party[]) =>
  writeNote({ text, signatures: by.map((one) => line(one, text)) })
const open = (bytes: Uint8Array, trust = TRUST) => verifyCheckpoint(parseCheckpoint(bytes), trust, portableCrypto)
const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })

/** A reader as many are: it splits at the first empty line, reads what looks like a size, and decodes what it can. */
function lax(bytes: Uint8Array): { origin: string; size: number; root: string } {
  const [text = ''] = Buffer.from(bytes).toString().split('\n\n')
  const [origin = '', size = '', root = ''] = text.split('\n').map((part) => part.trim())
  return { origin, size: Number(size), root: Buffer.from(root, 'base64').toString('hex') }
}
const HEAD = { origin: ORIGIN, size: 7, root: Buffer.from(ROOT).toString('hex') }

describe('T-80: what a checkpoint may have beside the signature of its log', () => {
  test.each<[what: string, by: readonly Party[], cosigned: number]>([
    ['two keys of the log', [log, rotated], 0],
    ['a witness', [log, w1], 1],
    ['two witnesses', [log, w1, w2], 2],
    ['two keys of the log and a witness', [log, rotated, w1], 1],
    ['a witness before the log', [w1, log], 1],
    ['a signer that nobody knows', [party('x.example', 'ed25519'), log], 0],
  ])('%s', (_, by, cosigned) => {
    const { checkpoint, cosignedBy, signedBy } = open(signed(TEXT, ...by))
    expect(checkpoint).toMatchObject({ origin: ORIGIN, size: 7, root: ROOT })
    expect(cosignedBy.length).toBe(cosigned)
    expect(signedBy.length).toBe(by.filter((one) => one === log || one === rotated).length)
  })
})

describe('T-80: a part is missing', () => {
  test.each<[what: string, text: string]>([
    ['origin', TEXT.slice(ORIGIN.length + 1)],
    ['origin, left empty', TEXT.slice(ORIGIN.length)],
    ['size', TEXT.replace('7\n', '')],
    ['root', TEXT.split('\n').slice(0, 2).join('\n').concat('\n')],
  ])('%s: refused, though the log signed it', (_, text) => {
    const bytes = signed(text, log)
    expect(() => open(bytes)).toThrow(coded('checkpoint-invalid'))
    // Red control: as a note it verifies; only the reading of the text refuses it.
    expect(verifyNote(parseNote(bytes), [log.key], portableCrypto).length).toBe(1)
  })

  test.each<[what: string, bytes: Uint8Array, code: Code]>([
    ['no signature', utf8(`${TEXT}\n`), 'signature-missing'],
    ['no signature of the log', signed(TEXT, w1, w2), 'signer-unknown'],
    [
      'a signature over another text',
      writeNote({ text: TEXT, signatures: [line(log, TEXT.replace('7', '8'))] }),
      'signature-invalid',
    ],
  ])('%s: refused', (_, bytes, code) => {
    expect(() => open(bytes)).toThrow(coded(code))
    // Red control: who does not ask whose signature it is reads the very head.
    expect(lax(bytes)).toEqual(HEAD)
  })
})

describe('T-80: two texts for one head', () => {
  const root = base64(ROOT)
  test.each<[what: string, text: string, code: Code]>([
    ['a size with leading zeros', TEXT.replace('\n7\n', '\n007\n'), 'checkpoint-invalid'],
    ['a size with a sign', TEXT.replace('\n7\n', '\n+7\n'), 'checkpoint-invalid'],
    ['a size in hexadecimal', TEXT.replace('\n7\n', '\n0x7\n'), 'checkpoint-invalid'],
    ['a size with an exponent', TEXT.replace('\n7\n', '\n7e0\n'), 'checkpoint-invalid'],
    ['a size with a space', TEXT.replace('\n7\n', '\n7 \n'), 'checkpoint-invalid'],
    ['a root without padding', TEXT.replace('=', ''), 'base64-invalid'],
    ['a root with hidden bits', TEXT.replace(root, hidden(root)), 'base64-invalid'],
    ['a root with junk', TEXT.replace(root, `${root.slice(0, 4)}*${root.slice(4)}`), 'base64-invalid'],
    [
      'a root in the URL alphabet',
      TEXT.replace(root, root.replaceAll('+', '-').replaceAll('/', '_')),
      'base64-invalid',
    ],
  ])('%s: refused, though the log signed it', (_, text, code) => {
    expect(text).not.toBe(TEXT)
    const bytes = signed(text, log)
    expect(() => open(bytes)).toThrow(coded(code))
    // Red control: a lax reader holds it for the same head, and so two signed texts for one.
    expect(lax(bytes)).toEqual(HEAD)
    expect(open(signed(TEXT, log)).checkpoint.size).toBe(7)
  })

  test('two sizes that round to one number are refused, not rounded', () => {
    const sizes = ['9007199254740992', '9007199254740993']
    const [one, other] = sizes.map((size) => signed(TEXT.replace('\n7\n', `\n${size}\n`), log)) as [
      Uint8Array,
      Uint8Array,
    ]
    for (const bytes of [one, other]) expect(() => open(bytes)).toThrow(coded('checkpoint-invalid'))
    expect(lax(one)).toEqual(lax(other))
  })
})

/** The same bytes to a lax decoder: a bit set that padding hides. */
function hidden(text: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  return `${text.slice(0, -2)}${letters[letters.indexOf(text.at(-2)!) + 1]!}=`
}

describe('T-80: where the text ends', () => {
  test('a note around a note: the text is what the last empty line says', () => {
    const stale = signed(TEXT, log)
    const around = signed(`${Buffer.from(stale).toString()}more\n`, party('x.example', 'ed25519'))
    // Red control: who splits at the first empty line reads the log's head and finds the log's line below it.
    expect(lax(around)).toEqual(HEAD)
    expect(Buffer.from(around).toString()).toContain(`\u2014 ${ORIGIN} `)
    expect(() => open(around)).toThrow(coded('checkpoint-invalid'))
    expect(open(stale).checkpoint.size).toBe(7)
  })

  test('lines put between root and signatures are signed or refused', () => {
    const bytes = signed(TEXT, log)
    const added = utf8(Buffer.from(bytes).toString().replace('\n\n', '\nmore\n\n'))
    expect(() => open(added)).toThrow(coded('signature-invalid'))
    expect(lax(added)).toEqual(HEAD)
    // A log that signs such a line is read, and the line means nothing.
    expect(open(signed(`${TEXT}more\n`, log, w1)).checkpoint).toMatchObject({ size: 7, extensions: ['more'] })
  })

  test('CR LF is another text', () => {
    const bytes = utf8(Buffer.from(signed(TEXT, log)).toString().replaceAll('\n', '\r\n'))
    expect(() => open(bytes)).toThrow(coded('note-invalid'))
  })
})

describe('T-80: whose signature it is', () => {
  const stranger = party('x.example', 'ed25519')
  const only = (...signatures: NoteSignature[]) => writeNote({ text: TEXT, signatures })

  test('a stranger under the name and id of the log is refused, not passed over', () => {
    const { name, keyId } = log.key
    const forged = { ...line(stranger, TEXT), name, keyId }
    expect(() => open(only(forged))).toThrow(coded('signature-invalid'))
    expect(() => open(only(line(rotated, TEXT), forged))).toThrow(coded('signature-invalid'))
    // Red control: under its own name the same line does no harm.
    expect(open(only(line(rotated, TEXT), line(stranger, TEXT))).signedBy.length).toBe(1)
  })

  test('a bad line behind a good one of the same key is not dropped unseen', () => {
    const good = line(log, TEXT)
    const bad = { ...good, signature: good.signature.with(0, good.signature[0]! ^ 1) }
    for (const lines of [
      [good, bad],
      [bad, good],
    ])
      expect(() => open(only(...lines))).toThrow(coded('signature-invalid'))
    // Red control: who drops the second line of a key takes the first of these two, and not the second.
    const { signatures } = parseNote(only(good, bad))
    const dropped = signatures.filter((one, i) => signatures.findIndex((other) => other.keyId === one.keyId) === i)
    expect(open(only(...dropped)).signedBy.length).toBe(1)
  })

  test('a witness does not count twice, neither by two lines nor by two names', () => {
    const twice = only(line(log, TEXT), line(w1, TEXT), line(w1, TEXT, 1_800_000_001))
    expect(open(twice).cosignedBy).toEqual([{ key: w1.key, time: 1_800_000_001 }])
    const alias = as(w1, 'witness.example/3', 'cosignature-v1')
    const both = only(line(log, TEXT), line(w1, TEXT), line(alias, TEXT))
    expect(() => open(both, { ...TRUST, witnesses: [w1.key, alias.key] })).toThrow(coded('key-invalid'))
    // Red control: each line verifies by itself, so who counts lines counts to two.
    const valid = (bytes: Uint8Array, known: readonly NoteKey[]) =>
      parseNote(bytes).signatures.filter((one) => {
        try {
          return verifyNote({ text: TEXT, signatures: [one] }, known, portableCrypto).length === 1
        } catch {
          return false
        }
      }).length
    expect(valid(twice, [w1.key])).toBe(2)
    expect(valid(both, [w1.key, alias.key])).toBe(2)
  })

  test('a trusted log does not speak for another log', () => {
    const b = party('log.example/b', 'ed25519')
    const bytes = signed(TEXT, b)
    expect(() => open(bytes)).toThrow(coded('signer-unknown'))
    expect(() => open(bytes, { origin: 'log.example/b', keys: [b.key], witnesses: [] })).toThrow(
      coded('origin-mismatch'),
    )
    // Red control: with the keys of all logs in one heap it passes as a note.
    expect(verifyNote(parseNote(bytes), [log.key, b.key], portableCrypto)).toEqual([{ key: b.key, time: null }])
  })

  test('plain signatures and cosignatures are kept apart by id and by trust, for the bytes of one can be the other’s', () => {
    const plainWitness = as(w1, w1.key.name, 'ed25519')
    const message = Buffer.from(cosignatureMessage(5, TEXT)).toString()
    const taken = line(plainWitness, message).signature
    const replayed = { ...w1.key, signature: writeCosignature({ time: 5, signature: taken }) }
    // Red control: under one pair of keys, what was signed plainly passes for a cosignature.
    expect(open(only(line(log, TEXT), replayed)).cosignedBy).toEqual([{ key: w1.key, time: 5 }])
    // So each type has its own id, and neither a log's key nor a plain one is a witness's.
    expect(plainWitness.key.keyId).not.toBe(w1.key.keyId)
    const self = as(log, 'witness.example/log', 'cosignature-v1')
    expect(() => open(only(line(log, TEXT), line(self, TEXT)), { ...TRUST, witnesses: [self.key] })).toThrow(
      coded('key-invalid'),
    )
    expect(() => open(only(line(log, TEXT)), { ...TRUST, witnesses: [plainWitness.key] })).toThrow(coded('key-invalid'))
  })

  test('a cosignature is bound to its time and to every line', () => {
    const cosigned = line(w1, TEXT)
    const later = cosigned.signature.with(7, cosigned.signature[7]! + 1)
    expect(() => open(only(line(log, TEXT), { ...cosigned, signature: later }))).toThrow(coded('signature-invalid'))
    const more = `${TEXT}more\n`
    const moved = writeNote({ text: more, signatures: [line(log, more), cosigned] })
    expect(() => open(moved)).toThrow(coded('signature-invalid'))
    expect(open(only(line(log, TEXT), cosigned)).cosignedBy.length).toBe(1)
  })
})
