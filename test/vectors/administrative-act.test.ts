import { canonicalJson, type Code, type JsonValue, utf8 } from '@countersign/core'
import { parseAdministrativeAct, writeAdministrativeAct } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

interface Vector {
  readonly act?: JsonValue
  readonly text?: string
  readonly error?: Code
}

describe('administrative acts', () => {
  test.each(vectors<Vector>('administrative-act'))('%s', (_, { act, text, error }) => {
    const bytes = text === undefined ? canonicalJson(act!) : utf8(text)
    if (error === undefined) expect(writeAdministrativeAct(parseAdministrativeAct(bytes))).toEqual(bytes)
    else
      expect(() => parseAdministrativeAct(bytes)).toThrow(expect.objectContaining({ name: 'CodedError', code: error }))
  })
})
