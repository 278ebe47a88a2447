import { nodeTokenCrypto } from '@countersign/adapters/token-crypto'
import type { JsonObject, JsonValue } from '@countersign/core'
import { type IssuerRule, readIssuerKeys, type SystemName, verifyIdentityToken } from '@countersign/identity'
import { claimsOf, ruleFor } from './claims.ts'
import { makePair, signToken } from './local-issuer.ts'

const AUDIENCE = 'https://countersign.example'
const NOW = Date.parse('2026-11-20T12:00:00.000Z')
const key = makePair('RS256')
const keys = readIssuerKeys(JSON.stringify({ keys: [key.jwk] }))

type Overrides = Readonly<Record<string, JsonValue | undefined>>

/** Claims of a token of a system that its issuer signs. */
export function issued(system: SystemName, overrides: Overrides = {}): JsonObject {
  return claimsOf(system, { audience: AUDIENCE, now: NOW, overrides })
}

/** What becomes of a token of a system with some claims changed, under a rule with some members changed. */
export function verified(system: SystemName, overrides: Overrides = {}, changes: Partial<IssuerRule> = {}) {
  const issuer = ruleFor(system, changes)
  const token = signToken(key, issued(system, overrides))
  return verifyIdentityToken({ token, issuer, keys, audience: AUDIENCE, now: NOW }, nodeTokenCrypto)
}
