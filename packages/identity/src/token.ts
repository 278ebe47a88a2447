import { CodedError, hex, type JsonObject, sha256 } from '@countersign/core'
import { Shape } from '@countersign/formats'
import { gradeOf, type Identity } from '@countersign/formats/identity'
import { Claims, type Reading, type TokenRun, type UpstreamTrigger } from './claims/reading.ts'
import { READERS } from './claims/systems.ts'
import type { TokenCrypto } from './crypto.ts'
import { CODE, invalid, readToken, type UnverifiedToken } from './jws.ts'
import type { IssuerKeys } from './keys.ts'
import { audienceOf, fitsRule, type IssuerRule } from './rule.ts'
import { type JwsAlgorithm, SYSTEMS, type SystemName } from './systems.ts'

/** Seconds by which two clocks may differ. */
export const CLOCK_TOLERANCE = 60
const MAX_TIME = 253_402_300_799

/** Who runs, as an issuer vouched for it to us. Made only by {@link verifyIdentityToken}. */
export interface VerifiedToken {
  /** {@link IssuerRule.id} of the rule that let it in. */
  readonly rule: string
  readonly system: SystemName
  readonly identity: Identity
  /** What it is worth as it stands; the provider may confirm more. */
  readonly grade: 'A' | 'C'
  /** Null where the token names no run. */
  readonly run: TokenRun | null
  /** Null where the token does not say that another run set this one off. */
  readonly upstream: UpstreamTrigger | null
  /**
   * One name for the token, unique at its issuer: `jti:` and its id, or `sha256:` and the digest of what is signed. Never
   * of its signature, which whoever holds the token could change.
   */
  readonly tokenId: string
  /** From then on it is refused: its end and the tolerance of clocks; milliseconds since 1970. */
  readonly expiresAt: number
  readonly claims: JsonObject
}

export interface TokenQuestion {
  /** As it came: what {@link readToken} found in it is read again, so that it is of what is signed. */
  readonly token: string
  /** The rule that should let it in. */
  readonly issuer: IssuerRule
  readonly keys: IssuerKeys
  /** The server's own. */
  readonly audience: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * Who holds an identity token. Throws `identity-token-invalid` for one that the issuer did not sign so, or not for us;
 * `identity-token-expired` outside of its time; `issuer-unknown` where the rule does not let it in; `identity-refused` for
 * a run of a kind that the rule refuses.
 */
export function verifyIdentityToken(question: TokenQuestion, crypto: TokenCrypto): VerifiedToken {
  const { issuer: rule, now } = question
  const token = readToken(question.token)
  if (token.issuer !== rule.issuer) throw invalid('the token is of another issuer')
  checkSignature(token, rule.system, question.keys, crypto)
  checkAudience(token.claims, audienceOf(rule, question.audience))
  const end = checkTime(token.claims, SYSTEMS[rule.system].lifetime, now)
  if (!fitsRule(rule, token.claims)) {
    throw new CodedError('issuer-unknown', `the token does not have the claims that the rule ${rule.id} asks for`)
  }
  const reading = READERS[rule.system](new Claims(token.claims), rule)
  checkSwitches(reading.reasons, rule)
  const { identity, run, upstream } = reading
  return {
    rule: rule.id,
    system: rule.system,
    identity,
    grade: reading.best === 'A' ? gradeOf(identity) : 'C',
    run,
    upstream,
    tokenId: nameOf(token),
    expiresAt: (end + CLOCK_TOLERANCE) * 1000,
    claims: token.claims,
  }
}

function checkSignature(
  { algorithm, keyId, type, signed, signature }: UnverifiedToken,
  system: SystemName,
  { keys, unfit }: IssuerKeys,
  crypto: TokenCrypto,
): void {
  // Another type is another kind of token, whatever signed it: access tokens, logout tokens (RFC 8725 §3.11).
  const isJwt = type === null || type === 'JWT' || (type === 'JOSE' && system === 'spiffe')
  if (!isJwt) throw invalid('the type of the token is not JWT')
  const known = SYSTEMS[system].algorithms.find((one) => one === algorithm)
  if (known === undefined) throw invalid(`tokens of ${system} are not signed with the algorithm that this one names`)
  const key = keys.get(keyId)
  if (key === undefined) throw invalid(unfit.get(keyId) ?? 'the issuer has no key of the name in the token')
  if (!key.algorithms.includes(known)) throw invalid('the key of the issuer is not for the algorithm in the token')
  const good = signature.length === signatureLength(known, key.jwk) && crypto.verifyJws(known, key, signed, signature)
  if (!good) throw invalid('the signature of the token is not one of its issuer')
}

/** Bytes of a signature: of the modulus, or of r‖s. */
function signatureLength(algorithm: JwsAlgorithm, jwk: { readonly kty: string; readonly n?: string }): number {
  if (algorithm === 'ES384') return 96
  return jwk.n === undefined ? 64 : Math.floor((jwk.n.length * 3) / 4)
}

/** One audience, ours: a token that others take as well, others can bring to us. */
function checkAudience(claims: JsonObject, audience: string): void {
  const named = claims['aud']
  const only = Array.isArray(named) && named.length === 1 ? named[0] : named
  if (only !== audience) throw invalid('the token is for another audience')
}

/** `exp`, once it was found good. */
function checkTime(claims: JsonObject, lifetime: number, now: number): number {
  const time = (name: string) => new Shape(CODE, claims[name], name).integer(0, MAX_TIME)
  const [issued, end] = [time('iat'), time('exp')]
  const start = claims['nbf'] === undefined ? issued : time('nbf')
  if (end <= issued || end <= start) throw invalid('the token ends before it begins')
  if (end - Math.min(issued, start) > lifetime) throw invalid(`the token lives for longer than ${lifetime} s`)
  const seconds = now / 1000
  if (seconds >= end + CLOCK_TOLERANCE) throw new CodedError('identity-token-expired', 'the token has expired')
  if (Math.max(issued, start) > seconds + CLOCK_TOLERANCE) {
    throw new CodedError('identity-token-expired', 'the token is not valid yet')
  }
  return end
}

/** Throws `identity-refused` for a reason whose switch refuses. */
export function checkSwitches(reasons: Partial<Reading['reasons']>, rule: IssuerRule): void {
  for (const name of ['pullRequests', 'forks', 'selfHosted', 'sshRerun'] as const) {
    const reason = reasons[name]
    if (reason !== null && reason !== undefined && rule[name] === 'refuse') {
      throw new CodedError('identity-refused', `the rule ${rule.id} refuses ${name}: ${reason}`)
    }
  }
}

function nameOf({ claims, signed }: UnverifiedToken): string {
  const id = claims['jti']
  if (id === undefined) return `sha256:${hex(sha256(signed))}`
  return `jti:${new Shape(CODE, id, 'jti').text(512)}`
}
