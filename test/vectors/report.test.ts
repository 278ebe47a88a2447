import { type Code, type JsonValue, utf8 } from '@countersign/core'
import { parseReport } from '@countersign/formats/report'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

interface Vector {
  readonly json?: JsonValue
  /** What is no JSON, or not in its plain spelling. */
  readonly text?: string
  readonly error?: Code
  readonly says?: object
}

describe('reports', () => {
  test.each(vectors<Vector>('report'))('%s', (_, { json, text, error, says }) => {
    const bytes = utf8(text ?? JSON.stringify(json))
    if (error !== undefined) {
      expect(() => parseReport(bytes)).toThrow(expect.objectContaining({ name: 'CodedError', code: error }))
      return
    }
    const { attestation, ...rest } = parseReport(bytes)
    expect(rest).toEqual(says)
    expect(attestation === null).toBe(!('form' in rest.facts))
  })
})
