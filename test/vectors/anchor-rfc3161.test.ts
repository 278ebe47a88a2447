import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { canonicalJson, type Code, type JsonValue, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { Shape, statementDigests } from '@countersign/formats'
import { readRfc3161, rfc3161Json } from '@countersign/formats/anchor'
import { readRfc3161Trust, verifyRfc3161 } from '@countersign/verify/anchors'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error

interface Vector {
  readonly anchor: JsonValue
  readonly statement: string
  readonly trust: JsonValue
  readonly proved?: object
  readonly error?: Code
}

describe('anchors of timestamp authorities', () => {
  test.each(vectors<Vector>('anchor-rfc3161'))('%s', (_, { anchor, statement, trust, proved, error }) => {
    const known = readRfc3161Trust(new Shape('anchor-setup-invalid', trust, 'trust'))
    const verify = (crypto: typeof nodeCrypto | typeof portableCrypto) => {
      const read = readRfc3161(new Shape('anchor-invalid', anchor, 'anchor'))
      expect(canonicalJson(rfc3161Json(read))).toEqual(canonicalJson(anchor))
      const about = { text: utf8(statement), digests: statementDigests(statement, crypto) }
      const { kind, trusted, ...rest } = verifyRfc3161(read, about, known, crypto)
      expect(kind).toBe('rfc3161')
      expect(trusted.length).toBeGreaterThan(1)
      return rest
    }
    for (const crypto of [nodeCrypto, portableCrypto]) {
      if (error === undefined) expect(verify(crypto)).toEqual(proved)
      else expect(() => verify(crypto)).toThrow(coded(error))
    }
  })
})
