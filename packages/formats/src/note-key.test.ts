import { fromHex, parsePublicKey, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isKeyName, noteKey, noteKeyId, parseVkey, writeVkey } from './note-key.ts'

const refused = expect.objectContaining({ name: 'CodedError', code: 'key-invalid' })
// RFC 8032 §7.1, test 1.
const RAW = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
const ED25519 = parsePublicKey(fromHex(`302a300506032b6570032100${RAW}`))
const P256 = parsePublicKey(
  fromHex(
    '3059301306072a8648ce3d020106082a8648ce3d030107034200' +
      '0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6' +
      '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
  ),
)
/** Every code point that Unicode gives the property White_Space (PropList.txt). */
const SPACES = [0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 9, 10, 11, 12, 13].concat(
  Array.from({ length: 11 }, (_, i) => 0x2000 + i),
)

test('a name holds anything but spaces, plus and controls', () => {
  for (let point = 0; point <= 0x10ffff; point++) {
    if (point >= 0xd800 && point <= 0xdfff) continue
    const bad = point < 0x20 || point === 0x2b || SPACES.includes(point)
    if (isKeyName(`a${String.fromCodePoint(point)}`) === bad) expect.fail(`U+${point.toString(16)}`)
  }
  expect(isKeyName('')).toBe(false)
  expect(isKeyName('a\ud800')).toBe(false)
})

test('a verifier key survives the round trip, under any name', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter(isKeyName),
      fc.constantFrom('ed25519', 'cosignature-v1'),
      (name, type) => {
        const key = noteKey(name, type, ED25519, portableCrypto)
        expect(parseVkey(writeVkey(key), portableCrypto)).toEqual(key)
      },
    ),
  )
})

test('a changed verifier key is no key, or the same text', () => {
  const text = writeVkey(noteKey('example.com/log', 'ed25519', ED25519, portableCrypto))
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ unit: 'binary-ascii', maxLength: 2 }), (at, piece) => {
      const changed = text.slice(0, at) + piece + text.slice(at + 1)
      let read
      try {
        read = parseVkey(changed, portableCrypto)
      } catch (error) {
        expect(error).toEqual(refused)
        return
      }
      expect(writeVkey(read)).toBe(changed)
    }),
  )
})

test('the id depends on name, type and key', () => {
  const key = fromHex(RAW)
  const ids = [
    noteKeyId('a', 1, key, portableCrypto),
    noteKeyId('b', 1, key, portableCrypto),
    noteKeyId('a', 4, key, portableCrypto),
    noteKeyId('a', 1, key.toReversed(), portableCrypto),
  ]
  expect(new Set(ids).size).toBe(4)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}$/)
})

test('only Ed25519 keys under good names sign notes', () => {
  expect(noteKey('a', 'ed25519', ED25519, portableCrypto).keyId).toBe(noteKeyId('a', 1, ED25519.raw, portableCrypto))
  expect(() => noteKey('a', 'ed25519', P256, portableCrypto)).toThrow(refused)
  expect(() => noteKey('a b', 'ed25519', ED25519, portableCrypto)).toThrow(refused)
  expect(() => noteKey('a+b', 'cosignature-v1', ED25519, portableCrypto)).toThrow(refused)
  expect(() => noteKey('', 'ed25519', ED25519, portableCrypto)).toThrow(refused)
  expect(utf8(writeVkey(noteKey('a', 'ed25519', ED25519, portableCrypto))).length).toBe(1 + 1 + 8 + 1 + 44)
})
