import {
  canonicalJson,
  type Code,
  fromHex,
  fromUtf8,
  hex,
  type JsonValue,
  parsePublicKey,
  utf8,
} from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import {
  enrolmentMessage,
  parseEnrolmentCode,
  parseRevocations,
  writeEnrolmentCode,
  writeRevocations,
} from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })

describe('enrolment codes', () => {
  interface Vector {
    readonly code: string
    readonly id?: string
    readonly secret?: string
    readonly error?: Code
  }
  test.each(vectors<Vector>('enrolment-code'))('%s', (_, { code, id, secret, error }) => {
    if (error !== undefined) {
      expect(() => parseEnrolmentCode(code)).toThrow(coded(error))
      // Whoever reads the error learns nothing of it.
      const told = () => JSON.stringify((caught(() => parseEnrolmentCode(code)) as { report(): object }).report())
      if (code.length > 20) expect(told()).not.toContain(code.slice(-20))
    } else {
      expect(parseEnrolmentCode(code)).toEqual({ id, secret })
      expect(writeEnrolmentCode(parseEnrolmentCode(code))).toBe(code)
    }
  })
})

describe('enrolments', () => {
  interface Vector {
    readonly spki: string
    readonly keyId: string
    readonly code: string | null
    readonly message?: string
    readonly proof: string
    readonly valid?: boolean
    readonly error?: Code
  }
  test.each(vectors<Vector>('enrolment'))('%s', (_, { spki, keyId, code, message, proof, valid, error }) => {
    if (error !== undefined) {
      expect(() => enrolmentMessage(code, keyId)).toThrow(coded(error))
      return
    }
    const key = parsePublicKey(fromHex(spki))
    expect([key.keyId, hex(portableCrypto.sha256(key.spki))]).toEqual([keyId, keyId])
    const signed = enrolmentMessage(code, keyId)
    if (message !== undefined) expect(fromUtf8(signed)).toBe(message)
    expect(portableCrypto.verify(key, signed, new Uint8Array(Buffer.from(proof, 'base64')))).toBe(valid)
  })
})

describe('lists of revoked keys', () => {
  interface Vector {
    readonly revocations?: JsonValue
    readonly text?: string
    readonly error?: Code
  }
  test.each(vectors<Vector>('revocations'))('%s', (_, { revocations, text, error }) => {
    const bytes = text === undefined ? canonicalJson(revocations!) : utf8(text)
    if (error !== undefined) expect(() => parseRevocations(bytes)).toThrow(coded(error))
    else {
      const read = parseRevocations(bytes)
      expect(parseRevocations(writeRevocations(read.toReversed()))).toEqual(read)
      if (text === undefined) expect(writeRevocations(read)).toEqual(bytes)
    }
  })
})

function caught(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
