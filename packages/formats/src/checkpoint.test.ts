import { concat, utf8 } from '@countersign/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { isKeyName } from './note-key.ts'
import { writeNote } from './note.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })
const signatures = [{ name: 'a', keyId: '01020304', signature: Uint8Array.of(5) }]
const checkpoint = fc.record({
  origin: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter(isKeyName),
  size: fc.oneof(fc.nat(), fc.maxSafeNat()),
  root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
})

test('a checkpoint survives the round trip, and what is signed is its text', () => {
  fc.assert(
    fc.property(checkpoint, (one) => {
      const note = { text: writeCheckpoint(one), signatures }
      const read = parseCheckpoint(writeNote(note))
      expect(read).toEqual({ ...one, extensions: [], note, signed: utf8(note.text) })
      expect(writeCheckpoint(read)).toBe(note.text)
    }),
  )
})

test('what is read is written as the same bytes, however it was changed', () => {
  fc.assert(
    fc.property(checkpoint, fc.nat(), fc.string({ maxLength: 2 }), fc.nat(2), (one, at, piece, gone) => {
      const whole = writeNote({ text: writeCheckpoint(one), signatures })
      const from = at % whole.length
      const changed = concat(whole.subarray(0, from), utf8(piece), whole.subarray(from + gone))
      let read
      try {
        read = parseCheckpoint(changed)
      } catch (error) {
        expect(error).toEqual(expect.objectContaining({ name: 'CodedError' }))
        return
      }
      expect(writeNote(read.note)).toEqual(changed)
      const rest = read.extensions.map((line) => `${line}\n`).join('')
      if (isKeyName(read.origin)) expect(writeCheckpoint(read) + rest).toBe(read.note.text)
    }),
    { numRuns: 500 },
  )
})

test('extension lines are kept and never written', () => {
  const text = writeCheckpoint({ origin: 'a', size: 1, root: new Uint8Array(32) })
  const read = readCheckpoint({ text: `${text}one\n two\n`, signatures })
  expect(read.extensions).toEqual(['one', ' two'])
  expect(writeCheckpoint(read)).toBe(text)
})

test.each([
  ['no origin', { origin: '' }],
  ['an origin of two lines', { origin: 'a\nb' }],
  ['an origin that names no key', { origin: 'a b' }],
  ['a negative size', { size: -1 }],
  ['a fraction', { size: 0.5 }],
  ['a size beyond 2^53 − 1', { size: 2 ** 53 }],
  ['no size', { size: Number.NaN }],
  ['a short root', { root: new Uint8Array(31) }],
  ['a long root', { root: new Uint8Array(64) }],
])('%s is not written', (_, part) => {
  const good = { origin: 'a', size: 1, root: new Uint8Array(32) }
  expect(() => writeCheckpoint({ ...good, ...part })).toThrow(coded('checkpoint-invalid'))
  expect(writeCheckpoint(good)).toBe(`a\n1\n${'A'.repeat(43)}=\n`)
})
