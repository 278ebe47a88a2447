import { isDeepStrictEqual } from 'node:util'
import { base64url, fromUtf8, hasControl, type JsonObject, type JsonValue, parseJson, utf8 } from '@countersign/core'
import { IDENTITY_FACTS } from '@countersign/formats/identity'
import {
  fitsRule,
  type IssuerRule,
  readIssuerKeys,
  readIssuerRule,
  readToken,
  SYSTEM_NAMES,
  verifyIdentityToken,
} from '@countersign/identity'
import { ruleFor } from '../identity/claims.ts'
import { vectors } from '../vectors/read.ts'
import type { Target } from './targets.ts'
import { demand, JSON_WORDS, of, words } from './words.ts'

interface Vector {
  readonly claims: Record<string, JsonValue>
  readonly keys: object
  readonly audience: string
  readonly now: number
}
const [first] = vectors<Vector>('identity-claims')
const { audience, now } = first![1]
const keys = readIssuerKeys(JSON.stringify(first![1].keys))
const WORDS = [
  ...JSON_WORDS,
  ...words('"iss":', '"sub":', '"aud":', '"repository_id":', '"%zz"', '"refs/pull/1/merge"', '"spiffe://"', '"?#"'),
]

const HEADER = base64url(utf8(JSON.stringify({ alg: 'RS256', kid: 'rsa-1' })))
const SIGNATURE = base64url(new Uint8Array(256))
/** A token whose signature is found good and whose claims are the fuzzer's: an issuer may be hostile too. */
const signed = (claims: JsonObject) => `${HEADER}.${base64url(utf8(JSON.stringify(claims)))}.${SIGNATURE}`

export const IDENTITY_TARGETS: readonly Target[] = [
  {
    name: 'identity-token',
    seeds: of('identity-token', 'token').slice(0, 80),
    words: words('.', '..', '=', '-', '_', '+', '/', 'eyJ', 'bnVsbA', 'e30', ' ', '\n'),
    run(input) {
      const text = fromUtf8(input)
      const token = readToken(text)
      demand(`${fromUtf8(token.signed)}.${base64url(token.signature)}` === text, 'has two spellings')
    },
  },
  {
    name: 'identity-claims',
    seeds: of('identity-claims', 'claims'),
    words: WORDS,
    run(input) {
      const claims = parseJson(input) as JsonObject
      if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return
      for (const system of SYSTEM_NAMES) {
        // The rule lets in whatever the issuer says, so that its claims are read.
        const everything = { claims: [], pullRequests: 'allow', forks: 'allow', sshRerun: 'allow' } as const
        const issuer: IssuerRule = { ...ruleFor(system), ...everything }
        const question = { token: signed({ ...claims, iss: issuer.issuer }), issuer, keys, audience, now }
        const answer = outcome(() => verifyIdentityToken(question, { verifyJws: () => true }))
        if (answer === null) continue
        demand(fitsRule(issuer, answer.claims), 'does not fit its rule')
        for (const fact of IDENTITY_FACTS) {
          const value = answer.identity[fact]
          demand(value === null || (value !== '' && !hasControl(value)), `${system} gives a fact nobody can read`)
        }
        demand(/^[\x21-\x7e]+$/.test(answer.identity.subject.value), `${system} gives a name beyond ASCII`)
        demand(answer.expiresAt > now, 'has expired')
      }
    },
  },
  {
    name: 'issuer-rule',
    seeds: of('issuer-rule', 'rule'),
    words: WORDS,
    run(input) {
      const rule = readIssuerRule(parseJson(input))
      demand(isDeepStrictEqual(readIssuerRule(rule as unknown as JsonValue), rule), 'not stable')
    },
  },
  {
    name: 'issuer-keys',
    seeds: of('issuer-keys', 'keys'),
    words: [...WORDS, ...words('"kid":"a"', '"kty":"RSA"', '"e":"AQAB"', '"alg":"none"')],
    run(input) {
      const read = readIssuerKeys(input)
      for (const [id, { algorithms }] of read.keys) {
        demand(!read.unfit.has(id) && algorithms.length > 0, 'a key that is for nothing')
      }
    },
  },
]

/** Null where it is refused with a code. */
function outcome<T>(run: () => T): T | null {
  try {
    return run()
  } catch (error) {
    if ((error as Error).name === 'CodedError') return null
    throw error
  }
}
