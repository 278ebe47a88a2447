import { type Code, concat, fromHex, hex, utf8 } from '@countersign/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRlp, type Rlp, writeInteger, writeRlp } from './rlp.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const LOREM = 'Lorem ipsum dolor sit amet, consectetur adipisicing elit'

// Yellow Paper, appendix B, and the examples of the RLP specification.
const EXAMPLES: readonly (readonly [what: string, item: Rlp, bytes: string])[] = [
  ['dog', utf8('dog'), '83646f67'],
  ['cat, dog', [utf8('cat'), utf8('dog')], 'c88363617483646f67'],
  ['no bytes', new Uint8Array(0), '80'],
  ['no items', [], 'c0'],
  ['zero byte', Uint8Array.of(0), '00'],
  ['15', writeInteger(15n), '0f'],
  ['1024', writeInteger(1024n), '820400'],
  ['set of three', [[], [[]], [[], [[]]]], 'c7c0c1c0c3c0c1c0'],
  ['56 bytes', utf8(LOREM), `b838${Buffer.from(LOREM).toString('hex')}`],
]
test.each(EXAMPLES)('%s', (_, item, bytes) => {
  expect(hex(writeRlp(item))).toBe(bytes)
  expect(parseRlp(fromHex(bytes))).toEqual(item)
})

const BAD: readonly (readonly [what: string, bytes: string])[] = [
  ['nothing', ''],
  ['a byte after', '8000'],
  ['a byte in the long form', '8105'],
  ['a short length in the long form', `b801${'aa'}`],
  ['55 bytes in the long form', `b837${'aa'.repeat(55)}`],
  ['a length with a leading zero', `b90038${'aa'.repeat(56)}`],
  ['bytes cut short', '83646f'],
  ['a length cut short', 'b9'],
  ['a list cut short', 'c883636174'],
  ['an item that leaves its list', 'c283646f67'],
  ['a length of eight bytes', `bf${'ff'.repeat(8)}`],
  ['nine lists in one another', 'c8c7c6c5c4c3c2c1c0'.replace(/^/, 'c9')],
]
test.each(BAD)('%s is refused', (_, bytes) => {
  expect(() => parseRlp(fromHex(bytes))).toThrow(coded('anchor-invalid'))
})

const { item: items } = fc.letrec<{ item: Rlp }>((tie) => ({
  item: fc.oneof({ maxDepth: 5 }, fc.uint8Array({ maxLength: 300 }), fc.array(tie('item'), { maxLength: 5 })),
}))

test('what is written is read again, and what is read is written so', () => {
  fc.assert(
    fc.property(items, (item) => {
      expect(parseRlp(writeRlp(item))).toEqual(item)
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      let read: Rlp
      try {
        read = parseRlp(bytes)
      } catch (error) {
        expect(error).toEqual(coded('anchor-invalid'))
        return
      }
      expect(hex(writeRlp(read))).toBe(hex(bytes))
    }),
    { numRuns: 2000 },
  )
})

test('a number has no leading zeros', () => {
  expect([0n, 1n, 255n, 256n, 2n ** 64n].map((value) => hex(writeInteger(value)))).toEqual([
    '',
    '01',
    'ff',
    '0100',
    `01${'00'.repeat(8)}`,
  ])
  expect(() => writeInteger(-1n)).toThrow(coded('anchor-invalid'))
  expect(concat(writeInteger(1n)).length).toBe(1)
})
