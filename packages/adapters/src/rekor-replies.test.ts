import { type Code, type JsonObject, utf8 } from '@countersign/core'
import { rekorEntryJson } from '@countersign/formats/anchor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalRekor, otherRecord, startLocalRekor } from '../../../test/anchors/local-rekor.ts'
import { duplicateId, duplicateIndex, entryOfReplyV1, entryOfReplyV2 } from './rekor-replies.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const bytes = (value: unknown) => utf8(JSON.stringify(value))

describe('an answer of a v2 log', () => {
  let log: LocalRekor
  let full: JsonObject & { readonly inclusionProof: JsonObject }
  beforeAll(async () => {
    log = await startLocalRekor()
    log.put('0.0.2', otherRecord())
    full = rekorEntryJson(log.prove(0)) as typeof full
  })
  afterAll(() => log.close())

  test('is read as protobuf may write it: without what is zero, with null for what is not there', () => {
    const less = (object: JsonObject, ...keys: readonly string[]) =>
      Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
    const proof = less(full.inclusionProof, 'logIndex', 'hashes', 'rootHash', 'treeSize')
    const rest = less(full, 'logIndex', 'integratedTime')
    for (const reply of [full, { ...full, inclusionPromise: null }, { ...rest, inclusionProof: proof }]) {
      expect(rekorEntryJson(entryOfReplyV2(bytes(reply)))).toEqual(full)
    }
  })

  test('is believed in nothing that its checkpoint says already, nor in a time', () => {
    const inclusionProof = { ...full.inclusionProof, logIndex: '7', rootHash: 'AAAA', treeSize: '9' }
    const lied = { ...full, integratedTime: '1700000000', inclusionProof }
    expect(rekorEntryJson(entryOfReplyV2(bytes(lied)))).toEqual(full)
  })

  test.each<[string, (it: JsonObject) => object]>([
    ['no object', () => [1]],
    ['no proof', (it) => ({ ...it, inclusionProof: undefined })],
    ['a null proof', (it) => ({ ...it, inclusionProof: null })],
    ['no checkpoint', (it) => ({ ...it, inclusionProof: { hashes: [] } })],
    ['no body', (it) => ({ ...it, canonicalizedBody: undefined })],
    ['another kind', (it) => ({ ...it, kindVersion: { kind: 'dsse', version: '0.0.2' } })],
    ['an index that is no number', (it) => ({ ...it, logIndex: 'x' })],
    ['an index beyond its checkpoint', (it) => ({ ...it, logIndex: '1' })],
  ])('with %s is refused', (_, change) => {
    expect(() => entryOfReplyV2(bytes(change(full)))).toThrow(coded('anchor-invalid'))
  })

  test('is not one of a v1 log', () => {
    expect(() => entryOfReplyV1(bytes(full))).toThrow(coded('anchor-invalid'))
    expect(() => entryOfReplyV1(bytes({}))).toThrow(coded('anchor-invalid'))
    expect(() => entryOfReplyV1(bytes({ a: full, b: full }))).toThrow(coded('anchor-invalid'))
  })
})

test('the index of a duplicate is a decimal or nothing', () => {
  const index = (text: string) => duplicateIndex(new Headers({ 'x-log-index': text }))
  expect([index('0'), index('9007199254740991')]).toEqual([0, 9007199254740991])
  for (const text of ['', '-1', '01', '1e3', '9007199254740992', '1 2']) expect(index(text)).toBeNull()
  expect(duplicateIndex(new Headers())).toBeNull()
})

test('the id of a duplicate is one of an entry, or nothing: no other path is asked for', () => {
  const id = (location: string) => duplicateId(new Headers({ location }))
  const good = 'a'.repeat(64)
  expect(id(`/api/v1/log/entries/${good}`)).toBe(good)
  expect(id(`https://rekor.example/api/v1/log/entries/${'b'.repeat(80)}`)).toBe('b'.repeat(80))
  for (const path of ['/', good, `/api/v1/log/entries/${good}/../x`, `/api/v1/log/entries/${good.slice(1)}`])
    expect(id(path)).toBeNull()
  expect(duplicateId(new Headers())).toBeNull()
})
