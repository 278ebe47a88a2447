import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { concat, type Crypto, parsePublicKey, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cosignatureMessage, writeCosignature } from './cosignature.ts'
import { isKeyName, noteKey, type NoteKey } from './note-key.ts'
import {
  MAX_NOTE_BYTES,
  MAX_NOTE_SIGNATURES,
  type Note,
  type NoteSignature,
  parseNote,
  parseSignatureLines,
  verifyNote,
  writeNote,
  writeSignatureLines,
} from './note.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })

const signature: fc.Arbitrary<NoteSignature> = fc.record({
  name: fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter(isKeyName),
  keyId: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 8, maxLength: 8 }),
  signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
})
const text = fc
  .string({ unit: fc.oneof(fc.constantFrom('\n', '\u2014 ', 'a'), fc.string({ unit: 'binary', maxLength: 1 })) })
  .map((any) => `${[...any].filter((c) => c === '\n' || c >= ' ').join('')}\n`)
const note: fc.Arbitrary<Note> = fc.record({ text, signatures: fc.array(signature, { minLength: 1, maxLength: 4 }) })

describe('reading and writing', () => {
  test('what is written is read as the same', () => {
    fc.assert(
      fc.property(note, (one) => {
        expect(parseNote(writeNote(one))).toEqual(one)
      }),
    )
    fc.assert(
      fc.property(fc.array(signature, { minLength: 1, maxLength: 4 }), (lines) => {
        expect(parseSignatureLines(writeSignatureLines(lines))).toEqual(lines)
      }),
    )
  })

  test('what is read is written as the same bytes, however it was changed', () => {
    let read = 0
    fc.assert(
      fc.property(note, fc.nat(), fc.uint8Array({ maxLength: 3 }), fc.nat(2), (one, at, bytes, gone) => {
        const whole = writeNote(one)
        const from = at % whole.length
        const changed = concat(whole.subarray(0, from), bytes, whole.subarray(from + gone))
        let again
        try {
          again = parseNote(changed)
        } catch (error) {
          expect(error).toEqual(expect.objectContaining({ name: 'CodedError' }))
          return
        }
        read++
        expect(writeNote(again)).toEqual(changed)
      }),
      { numRuns: 500 },
    )
    expect(read).toBeGreaterThan(0)
  })

  const one: NoteSignature = { name: 'a', keyId: '01020304', signature: Uint8Array.of(5) }
  test.each<[what: string, note: Note, code: string]>([
    ['no newline at the end of the text', { text: 'a', signatures: [one] }, 'note-invalid'],
    ['signature lines in the text alone', { text: 'a\n\n\u2014 a AQIDBAU=', signatures: [one] }, 'note-invalid'],
    ['an empty text', { text: '', signatures: [one] }, 'note-invalid'],
    ['a control character', { text: 'a\0\n', signatures: [one] }, 'note-invalid'],
    ['a lone surrogate', { text: '\ud800\n', signatures: [one] }, 'utf8-invalid'],
    ['no signature', { text: 'a\n', signatures: [] }, 'signature-missing'],
    ['an empty signature', { text: 'a\n', signatures: [{ ...one, signature: new Uint8Array(0) }] }, 'note-invalid'],
    ['an empty name', { text: 'a\n', signatures: [{ ...one, name: '' }] }, 'note-invalid'],
    ['a line in a name', { text: 'a\n', signatures: [{ ...one, name: 'a AQIDBAU=\n\u2014\u2003b' }] }, 'note-invalid'],
    ['a short key id', { text: 'a\n', signatures: [{ ...one, keyId: '010203' }] }, 'note-invalid'],
    ['an upper-case key id', { text: 'a\n', signatures: [{ ...one, keyId: 'ABCDEF01' }] }, 'note-invalid'],
  ])('%s is not written', (_, bad, code) => {
    expect(() => writeNote(bad)).toThrow(coded(code))
    expect(writeNote({ text: 'a\n', signatures: [one] })).toEqual(utf8('a\n\n\u2014 a AQIDBAU=\n'))
  })

  test('size and signatures are bounded on both sides, exactly', () => {
    const line = '\u2014 a AQIDBAU=\n'
    const room = MAX_NOTE_BYTES - utf8(`\n\n${line}`).length
    const largest = { text: `${'x'.repeat(room)}\n`, signatures: [one] }
    expect(writeNote(largest).length).toBe(MAX_NOTE_BYTES)
    expect(parseNote(writeNote(largest))).toEqual(largest)
    expect(() => writeNote({ ...largest, text: `x${largest.text}` })).toThrow(coded('input-too-large'))
    expect(() => parseNote(concat(utf8('x'), writeNote(largest)))).toThrow(coded('input-too-large'))
    expect(() => parseNote({ length: MAX_NOTE_BYTES + 1 } as Uint8Array)).toThrow(coded('input-too-large'))
    expect(() => parseSignatureLines({ length: MAX_NOTE_BYTES + 1 } as Uint8Array)).toThrow(coded('input-too-large'))
    const many = Array.from({ length: MAX_NOTE_SIGNATURES }, () => one)
    expect(parseNote(writeNote({ text: 'a\n', signatures: many })).signatures.length).toBe(100)
    expect(() => writeNote({ text: 'a\n', signatures: [...many, one] })).toThrow(coded('input-too-large'))
    expect(() => writeSignatureLines([...many, one])).toThrow(coded('input-too-large'))
    const large = { ...one, signature: new Uint8Array(MAX_NOTE_BYTES) }
    expect(() => writeSignatureLines([large])).toThrow(coded('input-too-large'))
  })

  test('what was read does not change with the bytes it was read from', () => {
    const bytes = writeNote({ text: 'a\n', signatures: [one] })
    const read = parseNote(bytes)
    bytes.fill(0)
    expect(read).toEqual({ text: 'a\n', signatures: [one] })
  })
})

describe('verifying', () => {
  interface Signer {
    readonly key: NoteKey
    readonly secret: KeyObject
  }
  function signer(name: string, type: 'ed25519' | 'cosignature-v1' = 'ed25519'): Signer {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const key = parsePublicKey(publicKey.export({ format: 'der', type: 'spki' }))
    return { key: noteKey(name, type, key, portableCrypto), secret: privateKey }
  }
  function line({ key, secret }: Signer, over: string, time = 1): NoteSignature {
    const { name, keyId, type } = key
    if (type === 'ed25519') return { name, keyId, signature: new Uint8Array(sign(null, utf8(over), secret)) }
    const signed = new Uint8Array(sign(null, cosignatureMessage(time, over), secret))
    return { name, keyId, signature: writeCosignature({ time, signature: signed }) }
  }
  const [a, b, w] = [signer('a'), signer('b'), signer('w', 'cosignature-v1')]
  const stranger: NoteSignature = { name: 'x', keyId: '01020304', signature: Uint8Array.of(1) }
  const TEXT = 'hello\n'

  test('gives the known keys in the order of the lines, with the times of cosignatures', () => {
    const signatures = [stranger, line(w, TEXT, 77), line(a, TEXT), line(b, TEXT)]
    expect(verifyNote({ text: TEXT, signatures }, [a.key, w.key], portableCrypto)).toEqual([
      { key: w.key, time: 77 },
      { key: a.key, time: null },
    ])
  })

  test('never asks about a line that is nobody’s, and always about each that is somebody’s', () => {
    const asked: Uint8Array[] = []
    const counting: Pick<Crypto, 'verify'> = {
      verify: (key, message, blob) => {
        asked.push(blob)
        return portableCrypto.verify(key, message, blob)
      },
    }
    const mine = line(a, TEXT)
    const signatures = [stranger, mine, line(b, TEXT), mine, { ...mine, name: 'c' }, { ...mine, keyId: '00000000' }]
    expect(verifyNote({ text: TEXT, signatures }, [a.key], counting)).toEqual([{ key: a.key, time: null }])
    expect(asked.length).toBe(2)
  })

  test('the latest of two cosignatures counts, in either order', () => {
    for (const times of [
      [5, 9],
      [9, 5],
    ]) {
      const signatures = times.map((time) => line(w, TEXT, time))
      expect(verifyNote({ text: TEXT, signatures }, [w.key], portableCrypto)).toEqual([{ key: w.key, time: 9 }])
    }
  })

  test('two known keys of one name and id are told apart by nobody', () => {
    const twin = { ...b.key, name: a.key.name, keyId: a.key.keyId }
    const signed = { text: TEXT, signatures: [line(a, TEXT)] }
    expect(() => verifyNote(signed, [a.key, twin], portableCrypto)).toThrow(coded('key-invalid'))
    expect(() => verifyNote(signed, [a.key, { ...a.key, type: 'cosignature-v1' }], portableCrypto)).toThrow(
      coded('key-invalid'),
    )
    expect(verifyNote(signed, [a.key, { ...a.key }], portableCrypto).length).toBe(1)
  })

  test('a signature is refused when any bit of it or of the text is changed', () => {
    const good = line(a, TEXT)
    expect(verifyNote({ text: TEXT, signatures: [good] }, [a.key], portableCrypto).length).toBe(1)
    fc.assert(
      fc.property(fc.nat(511), (bit) => {
        const bad = good.signature.with(bit >> 3, good.signature[bit >> 3]! ^ (1 << (bit & 7)))
        const changed = { text: TEXT, signatures: [{ ...good, signature: bad }] }
        expect(() => verifyNote(changed, [a.key], portableCrypto)).toThrow(coded('signature-invalid'))
      }),
      { numRuns: 30 },
    )
    const other = { text: 'hellp\n', signatures: [good] }
    expect(() => verifyNote(other, [a.key], portableCrypto)).toThrow(coded('signature-invalid'))
  })

  test('nothing known, nothing proven', () => {
    const signed = { text: TEXT, signatures: [line(a, TEXT)] }
    expect(() => verifyNote(signed, [], portableCrypto)).toThrow(coded('trust-missing'))
    expect(() => verifyNote(signed, [b.key], portableCrypto)).toThrow(coded('signer-unknown'))
    expect(() => verifyNote({ text: TEXT, signatures: [] }, [a.key], portableCrypto)).toThrow(coded('signer-unknown'))
  })
})
