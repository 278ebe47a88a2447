import { nodeTokenCrypto } from '@countersign/adapters/token-crypto'
import type { Code, JsonObject, JsonValue } from '@countersign/core'
import { bareIdentity, type Identity } from '@countersign/formats/identity'
import {
  type IssuerRule,
  readIssuerKeys,
  readIssuerRule,
  verifyIdentityToken,
  type VerifiedToken,
} from '@countersign/identity'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error

interface Question {
  readonly token: string
  readonly rule: JsonObject
  readonly keys: JsonValue
  readonly audience: string
  readonly now: number
  readonly error?: Code
}

function ask({ token, rule, keys, audience, now }: Question): VerifiedToken {
  const issuer = rule as unknown as IssuerRule
  return verifyIdentityToken(
    { token, issuer, keys: readIssuerKeys(JSON.stringify(keys)), audience, now },
    nodeTokenCrypto,
  )
}

describe('identity tokens (T-60)', () => {
  interface Vector extends Question {
    readonly tokenId?: string
    readonly expiresAt?: number
  }
  test.each(vectors<Vector>('identity-token'))('%s', (_, vector) => {
    if (vector.error !== undefined) expect(() => ask(vector)).toThrow(coded(vector.error))
    else expect(ask(vector)).toMatchObject({ tokenId: vector.tokenId, expiresAt: vector.expiresAt })
  })
})

describe('the claims of each system', () => {
  interface Vector extends Question {
    readonly identity: Partial<Identity> & Pick<Identity, 'issuer' | 'subject'>
    readonly grade: string
    readonly run: object | null
    readonly upstream: object | null
  }
  test.each(vectors<Vector>('identity-claims'))('%s', (_, vector) => {
    // A rule that an administrator could not write would prove nothing.
    expect(readIssuerRule(vector.rule)).toEqual(vector.rule)
    if (vector.error !== undefined) return expect(() => ask(vector)).toThrow(coded(vector.error))
    const { identity, grade, run, upstream } = ask(vector)
    expect({ grade, run, upstream }).toEqual({ grade: vector.grade, run: vector.run, upstream: vector.upstream })
    expect(identity).toEqual({ ...bareIdentity(vector.identity.issuer, vector.identity.subject), ...vector.identity })
  })
})

describe('issuer rules', () => {
  interface Vector {
    readonly rule: JsonValue
    readonly error?: Code
  }
  test.each(vectors<Vector>('issuer-rule'))('%s', (_, { rule, error }) => {
    if (error !== undefined) expect(() => readIssuerRule(rule)).toThrow(coded(error))
    else {
      const read = readIssuerRule(rule)
      expect(read).toMatchObject(rule as object)
      expect(readIssuerRule(read as unknown as JsonValue)).toEqual(read)
    }
  })
})

describe('the keys of an issuer', () => {
  interface Vector {
    readonly keys: JsonValue
    readonly fit: Readonly<Record<string, readonly string[]>>
    readonly error?: Code
  }
  test.each(vectors<Vector>('issuer-keys'))('%s', (_, { keys, fit, error }) => {
    const text = JSON.stringify(keys)
    if (error !== undefined) expect(() => readIssuerKeys(text)).toThrow(coded(error))
    else {
      const read = readIssuerKeys(text)
      expect(Object.fromEntries([...read.keys].map(([id, key]) => [id, key.algorithms]))).toEqual(fit)
      for (const id of read.unfit.keys()) expect(read.keys.has(id)).toBe(false)
    }
  })
})
