import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeTokenCrypto } from '@countersign/adapters/token-crypto'
import { readIssuerKeys, readIssuerRule, SYSTEM_NAMES, verifyIdentityToken } from '@countersign/identity'
import { type LocalIssuer, ruleFor, startIssuer } from './local-issuer.ts'

let issuer: LocalIssuer
beforeAll(async () => {
  issuer = await startIssuer({ audience: 'https://countersign.example' })
})
afterAll(() => issuer.close())

describe('a token of', () => {
  test.each(SYSTEM_NAMES)('%s is verified under a rule for it', async (system) => {
    const discovery = (await (await fetch(`${issuer.url}/.well-known/openid-configuration`)).json()) as {
      jwks_uri: string
    }
    const keys = readIssuerKeys(await (await fetch(discovery.jwks_uri)).text())
    const rule = readIssuerRule({ ...ruleFor(system), issuer: issuer.url } as never)
    const token = issuer.token(system)
    const audience = 'https://countersign.example'
    const verified = verifyIdentityToken({ token, issuer: rule, keys, audience, now: Date.now() }, nodeTokenCrypto)
    expect(verified).toMatchObject({ rule: `${system}-rule`, system, identity: { issuer: issuer.url } })
    expect(verified.claims['sub']).toBe(verified.identity.tokenSubject)
  })
})
