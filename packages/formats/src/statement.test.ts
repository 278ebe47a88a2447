import { canonicalJson, type JsonValue, parseJson } from '@countersign/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_PAYLOAD_BYTES, MAX_RESOURCES, STATEMENT_TYPE, TREE_MEDIA_TYPE } from './constants.ts'
import { parseStatement } from './statement.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })

const A = 'a1'.repeat(32)
const statement = (subject: JsonValue, predicate: JsonValue = {}) =>
  canonicalJson({ _type: STATEMENT_TYPE, subject, predicateType: 'https://example.com/v1', predicate })
const file = (name: string, digest: JsonValue = { sha256: A }) => ({ name, digest })
const many = (n: number) => Array.from({ length: n }, (_, i) => file(`f${i}`))

test('a statement is read as it was written, whatever its predicate', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }), (any) => {
      const predicate = JSON.parse(
        JSON.stringify(any, (_, value: unknown) => (typeof value === 'number' ? Math.trunc(value % 1000) + 0 : value)),
      ) as JsonValue
      fc.pre(!/__proto__|-0/.test(JSON.stringify(any)))
      const read = parseStatement(statement([file('a')], predicate))
      expect(read).toEqual({ subject: [file('a')], predicateType: 'https://example.com/v1', predicate })
    }),
  )
})

test('subjects are bounded', () => {
  expect(parseStatement(statement(many(MAX_RESOURCES))).subject.length).toBe(MAX_RESOURCES)
  expect(() => parseStatement(statement(many(MAX_RESOURCES + 1)))).toThrow(coded('statement-invalid'))
})

test('a payload that no bundle could carry is refused before it is parsed', () => {
  const long = statement([file('a')], { text: 'x'.repeat(MAX_PAYLOAD_BYTES) })
  expect(() => parseStatement(long)).toThrow(coded('input-too-large'))
})

test('a name collides with any other of the list, not only with its neighbour', () => {
  expect(() => parseStatement(statement([...many(5000), file('F0')]))).toThrow(coded('name-collision'))
  const tree = { ...file('d/'), mediaType: TREE_MEDIA_TYPE }
  expect(() => parseStatement(statement([tree, file('a'), file('D')]))).toThrow(coded('name-collision'))
  expect(parseStatement(statement([tree, file('d/a')])).subject.length).toBe(2)
})

test('a digest of every known algorithm has its own length', () => {
  const lengths = {
    sha256: [64],
    sha384: [96],
    sha512: [128],
    sha3_256: [64],
    sha1: [40],
    gitCommit: [40, 64],
    gitTree: [40, 64],
    gitBlob: [40, 64],
    gitTag: [40, 64],
  }
  for (const [algorithm, allowed] of Object.entries(lengths)) {
    for (const length of [32, 40, 56, 64, 96, 128, 256]) {
      const bytes = statement([file('a', { sha256: A, [algorithm]: 'a'.repeat(length) })])
      if (allowed.includes(length)) expect(parseStatement(bytes).subject[0]!.digest[algorithm]).toBe('a'.repeat(length))
      else expect(() => parseStatement(bytes), `${algorithm} ${length}`).toThrow(coded('digest-invalid'))
    }
  }
})

test('names that objects inherit are no digests and no fields', () => {
  for (const name of ['constructor', 'toString', 'valueOf']) {
    expect(() => parseStatement(statement([file('a', { [name]: A })]))).toThrow(coded('digest-invalid'))
    expect(parseStatement(statement([file('a', { sha256: A, [name]: A })])).subject[0]!.digest[name]).toBe(A)
    expect(() => parseStatement(statement([{ ...file('a'), [name]: 1 }]))).toThrow(coded('statement-invalid'))
  }
})

test('the predicate is handed on, not judged', () => {
  const bytes = statement([file('a')], { deep: [{ any: null }] })
  expect(parseStatement(bytes).predicate).toEqual((parseJson(bytes) as { predicate: JsonValue }).predicate)
})

test.each([2, 7, 8, 9, 40])(
  'of %i resources the last may not have the name of the first, nor of any other',
  (count) => {
    const digest = { sha256: 'a'.repeat(64) }
    const named = (last: string) => {
      const subject = Array.from({ length: count }, (_, i) => ({ name: i === count - 1 ? last : `f/${i}`, digest }))
      return canonicalJson({ _type: 'https://in-toto.io/Statement/v1', subject, predicateType: 'x', predicate: {} })
    }
    expect(parseStatement(named('g')).subject).toHaveLength(count)
    for (const last of ['f/0', 'F/0', `f/${count - 2}`]) {
      expect(() => parseStatement(named(last))).toThrow(expect.objectContaining({ code: 'name-collision' }))
    }
  },
)
