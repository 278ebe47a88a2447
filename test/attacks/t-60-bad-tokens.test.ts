import { createHmac, createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { nodeTokenCrypto } from '@countersign/adapters/token-crypto'
import type { Code } from '@countersign/core'
import { type IssuerRule, readIssuerKeys, verifyIdentityToken } from '@countersign/identity'
import { describe, expect, test } from 'vitest'
import { vectors } from '../vectors/read.ts'

// T-60: tokens that libraries took (CVE-2026-22817 and its many forerunners). Algorithm and keys are the issuer's, never
// the token's; audience, issuer and time are checked; there is one spelling of everything.

interface Vector {
  readonly token: string
  readonly rule: IssuerRule
  readonly keys: { readonly keys: readonly JsonWebKey[] }
  readonly audience: string
  readonly now: number
  readonly error?: Code
}
const all = vectors<Vector>('identity-token')
const bad = all.filter(([, { error }]) => error !== undefined)
const good = all.filter(([, { error }]) => error === undefined)

const ask = ({ token, rule, keys, audience, now }: Vector) =>
  verifyIdentityToken(
    { token, issuer: rule, keys: readIssuerKeys(JSON.stringify(keys)), audience, now },
    nodeTokenCrypto,
  )

/** As libraries did it: the header says how, and with what key; what is signed by it is believed. */
function trusting({ token, keys: { keys } }: Vector): boolean {
  const [head, body, mark] = token.trim().split('.')
  if (head === undefined || body === undefined) return false
  try {
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>
    JSON.parse(Buffer.from(body, 'base64url').toString())
    const alg = String(header['alg'])
    if (/^none$/i.test(alg)) return true
    const jwk = (header['jwk'] as JsonWebKey | undefined) ?? keys.find(({ kid }) => kid === header['kid']) ?? keys[0]!
    const signature = Buffer.from(mark ?? '', 'base64url')
    const signed = Buffer.from(`${head}.${body}`)
    if (alg === 'HS256') {
      const secret =
        jwk.kty === 'oct'
          ? Buffer.from(jwk['k'] as string, 'base64url')
          : createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
      return createHmac('sha256', secret).update(signed).digest().equals(signature)
    }
    const hash = alg === 'EdDSA' ? null : `sha${alg.slice(2)}`
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    return verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
  } catch {
    return false
  }
}

describe('T-60: of the tokens that are wrong in one thing', () => {
  test('there are more than 25, and none is taken', () => {
    expect(bad.length).toBeGreaterThanOrEqual(25)
    const taken = bad.filter(([, vector]) => {
      try {
        ask(vector)
        return true
      } catch {
        return false
      }
    })
    expect(taken.map(([name]) => name)).toEqual([])
  })

  test('the ones that are right in all things are taken (control)', () => {
    expect(good.length).toBeGreaterThan(10)
    for (const [name, vector] of good) expect(() => ask(vector), name).not.toThrow()
  })

  test('a verifier that trusts the token takes most of them (red control)', () => {
    const taken = bad.filter(([, vector]) => trusting(vector)).map(([name]) => name)
    expect(taken.length).toBeGreaterThanOrEqual(60)
    for (const name of [
      'alg-none',
      'alg-none-upper-case',
      'alg-hmac-with-the-public-key-in-pem',
      'alg-rs512',
      'alg-es256-of-the-issuer',
      'embedded-jwk',
      'kid-unknown',
      'key-for-encryption',
      'crit',
      'type-access-token',
      'hidden-bits-in-the-signature',
      'audience-other',
      'audience-two',
      'issuer-other',
      'expired',
      'lives-for-too-long',
      'rule-of-another-repository',
    ]) {
      expect(taken, name).toContain(name)
    }
  })
})
