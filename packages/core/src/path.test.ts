import fc from 'fast-check'
import { expect, test } from 'vitest'
import { THOROUGH } from '../../../test/thorough.ts'
import { checkPath, collisionKey } from './path.ts'

const refused = expect.objectContaining({ code: 'path-invalid' })

test('a path that passes means one file under the root', () => {
  const piece = fc.oneof(
    fc.constantFrom('a', '.', '..', '', '\\', 'C:', '\0', ' ', '...', 'é', 'e\u0301'),
    fc.string({ maxLength: 3 }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const path = pieces.join('/')
      try {
        checkPath(path)
      } catch (error) {
        expect(error).toEqual(refused)
        return
      }
      // The URL parser folds dots, slashes and back-slashes; a canonical path has nothing to fold.
      const url = new URL(path.split('/').map(encodeURIComponent).join('/'), 'file:///root/')
      expect(url.pathname.startsWith('/root/')).toBe(true)
      expect(decodeURIComponent(url.pathname.slice('/root/'.length))).toBe(path)
      expect(path.normalize('NFC')).toBe(path)
    }),
    { numRuns: 2000 },
  )
})

test('the limit counts bytes, not characters', () => {
  checkPath('a'.repeat(4096))
  checkPath('é'.repeat(2048))
  expect(() => checkPath('a'.repeat(4097))).toThrow(refused)
  expect(() => checkPath('é'.repeat(2049))).toThrow(refused)
  expect(() => checkPath('日'.repeat(1366))).toThrow(refused)
})

test('the message shows no more than a piece of a hostile path', () => {
  expect(() => checkPath(`/${'a'.repeat(100_000)}`)).toThrow(
    expect.objectContaining({ what: expect.stringMatching(/^.{1,200}$/) }),
  )
})

test('names collide when any common file system takes them for one', () => {
  const same = [
    ['A', 'a'],
    ['README', 'readme'],
    ['café', 'cafe\u0301'],
    ['CAFÉ', 'cafe\u0301'],
    ['straße', 'STRASSE'],
    ['straße', 'STRAẞE'],
    ['ΐ', '\u03aa\u0301'],
    ['ς', 'Σ'],
    ['ﬁ', 'FI'],
    ['K', 'k'],
  ]
  for (const [a, b] of same) expect(collisionKey(a!), `${a} ${b}`).toBe(collisionKey(b!))
  for (const [a, b] of [
    ['a', 'b'],
    ['a', 'á'],
    ['a/b', 'ab'],
    ['1', 'l'],
  ])
    expect(collisionKey(a!)).not.toBe(collisionKey(b!))
})

test('every character shares its key with all its cases and forms', () => {
  // Above these none has a case.
  for (let c = 0; c <= (THOROUGH ? 0x10ffff : 0x1ffff); c++) {
    if (c >= 0xd800 && c < 0xe000) continue
    const name = `a${String.fromCodePoint(c)}b`
    const key = collisionKey(name)
    const forms = [name.toLowerCase(), name.toUpperCase(), name.normalize('NFC'), name.normalize('NFD'), key]
    for (const form of forms)
      if (collisionKey(form) !== key) throw new Error(`U+${c.toString(16)} and ${form} do not collide`)
  }
})
