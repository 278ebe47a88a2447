import { canonicalJson, type JsonValue, utf8 } from '@countersign/core'
import { parseBundle, parseChainFile, parseStatement } from '@countersign/formats'
import { expect, test } from 'vitest'

const refused = expect.objectContaining({ code: 'json-depth' })
const nested = (depth: number, open: string, close: string) => `${open.repeat(depth)}0${close.repeat(depth)}`

test.each([
  ['arrays', '[', ']'],
  ['objects', '{"a":', '}'],
  ['both', '[{"a":', '}]'],
])('T-46: 200,000 nested %s are refused before they are read', (_, open, close) => {
  for (const text of [nested(200_000, open, close), open.repeat(200_000)]) {
    expect(() => parseBundle(text)).toThrow(refused)
    expect(() => parseStatement(utf8(text))).toThrow(refused)
    expect(() => parseChainFile(utf8(text))).toThrow(expect.objectContaining({ code: 'chain-file-invalid' }))
  }
})

test('T-46: what is nested too deep is not written either', () => {
  let value: JsonValue = 0
  for (let depth = 0; depth < 100_000; depth++) value = [value]
  expect(() => canonicalJson(value)).toThrow(refused)
  // Red control: without a bound, writing it overflows the stack.
  expect(() => JSON.stringify(value)).toThrow(RangeError)
})

const wrap = (depth: number) =>
  utf8(
    `{"_type":"https://in-toto.io/Statement/v1","predicate":${nested(depth, '[', ']')},"predicateType":"x","subject":[{"digest":{"sha256":"${'a'.repeat(64)}"},"name":"a"}]}`,
  )

test('T-46: red control: 64 levels are read, and JSON.parse sets no bound at all', () => {
  expect(parseStatement(wrap(63)).predicateType).toBe('x')
  expect(() => parseStatement(wrap(64))).toThrow(refused)
  expect(() => JSON.parse(nested(200_000, '[', ']'))).not.toThrow()
})
