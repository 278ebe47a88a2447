import { canonicalJson, type Code, type JsonValue, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { parseAnchor, writeAnchor } from '@countersign/formats/anchor'
import { anchorTrustOf, parseAnchorTrust } from '@countersign/verify/anchors'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

interface Vector {
  readonly anchor?: JsonValue
  readonly trust?: JsonValue
  readonly text?: string
  readonly error?: Code
}

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error

describe('an anchor of any kind', () => {
  test.each(vectors<Vector>('anchor'))('%s', (_, { anchor, text, error }) => {
    const bytes = text === undefined ? canonicalJson(anchor!) : utf8(text)
    if (error === undefined) expect(writeAnchor(parseAnchor(bytes))).toEqual(bytes)
    else expect(() => parseAnchor(bytes)).toThrow(coded(error))
  })
})

describe('a file of whom to believe', () => {
  const read = (trust: JsonValue) =>
    anchorTrustOf(parseAnchorTrust(canonicalJson(trust), portableCrypto), portableCrypto)

  test.each(vectors<Vector>('anchor-trust'))('%s', (_, { trust, error }) => {
    if (error === undefined) expect(read(trust!).rfc3161.authorities).toEqual([])
    else expect(() => read(trust!)).toThrow(coded(error))
  })
})
