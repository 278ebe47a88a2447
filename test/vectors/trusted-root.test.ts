import { type Code, type JsonObject, type JsonValue, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { parseSigningConfig } from '@countersign/formats/anchor'
import { signingConfigJson } from '@countersign/formats/identity'
import { parseTrustedAuthorities } from '@countersign/verify/identity'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const parse = (value: JsonValue) => parseTrustedAuthorities(utf8(JSON.stringify(value)), portableCrypto)

interface Vector {
  readonly trustedRoot: JsonObject
  readonly error?: Code
}

describe('trusted roots', () => {
  test.each(vectors<Vector>('trusted-root'))('%s', (_, { trustedRoot, error }) => {
    if (error !== undefined) {
      expect(() => parse(trustedRoot)).toThrow(coded(error))
      return
    }
    const authorities = parse(trustedRoot)
    expect(authorities.map(({ name }) => name)).toEqual(['countersign.example.com', 'fulcio.example.com'])
    for (const { kind, validFor, ctlogs } of authorities) {
      expect(kind).toBe('fulcio')
      expect(validFor.start).toBe(Date.parse('2026-01-01T00:00:00Z'))
      expect(ctlogs.length).toBeLessThanOrEqual(2)
      expect(ctlogs.every((log) => log.validFor.start !== null)).toBe(true)
    }
  })

  test('text that is no JSON, or not one, is refused with the same code', () => {
    for (const text of ['', '{', '{"a":1,"a":2}', ' '.repeat(4_000_001), '"x"']) {
      expect(() => parseTrustedAuthorities(text, portableCrypto)).toThrow(coded('trust-root-invalid'))
    }
  })
})

test('a signing configuration is read as it was written', () => {
  const service = (url: string) => ({
    url,
    majorApiVersion: 1,
    validFor: { start: Date.parse('2026-01-01T00:00:00Z'), end: null },
    operator: 'example.com',
  })
  const json = signingConfigJson({
    authorities: [service('https://countersign.example.com')],
    rekor: [service('https://rekor.example.com')],
  })
  const [rekor] = parseSigningConfig(JSON.stringify(json))
  expect(rekor).toEqual(service('https://rekor.example.com'))
})
