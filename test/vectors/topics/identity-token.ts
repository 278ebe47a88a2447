import { createHash, createHmac, createPublicKey } from 'node:crypto'
import type { Code, JsonObject, JsonValue } from '@countersign/core'
import type { SystemName } from '@countersign/identity'
import { claimsOf, ruleFor } from '../../identity/claims.ts'
import { edwards, elliptic, rsa, type TokenSigner, tokenOf } from './token-signers.ts'
import type { Topic } from './topic.ts'

// What is wrong with a token before anybody reads what it says (T-60): every one of these is of GitHub, and but for the
// one thing in its name as good as the first.

export const NOW = Date.parse('2026-11-20T12:00:00.000Z')
export const AUDIENCE = 'https://countersign.example'
const SECONDS = NOW / 1000
const INVALID = 'identity-token-invalid'
const EXPIRED = 'identity-token-expired'

export const KEY = rsa('rsa-1')
const ELLIPTIC = elliptic('ec-1', 'ES256', 'issuer')
const ELLIPTIC_384 = elliptic('ec-2', 'ES384', 'issuer')
const EDWARDS = edwards('ed-1', '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
/** Somebody's own, in no key set. */
const FOREIGN = elliptic('rsa-1', 'ES256', 'attacker')
export const KEYS = [KEY, ELLIPTIC, ELLIPTIC_384, EDWARDS].map(({ jwk }) => jwk)

type Overrides = Readonly<Record<string, JsonValue | undefined>>

export const claims = (overrides: Overrides = {}, system: SystemName = 'github-actions') =>
  claimsOf(system, { audience: AUDIENCE, now: NOW, overrides })

interface Setting {
  readonly keys?: readonly JsonObject[]
  readonly now?: number
  readonly system?: SystemName
  readonly rule?: object
}

const vector = (token: string, { keys = KEYS, now = NOW, system = 'github-actions', rule = {} }: Setting = {}) => ({
  audience: AUDIENCE,
  now,
  rule: { ...ruleFor(system), ...rule },
  keys: { keys },
  token,
})
const good = (token: string, setting?: Setting) => {
  const signed = token.slice(0, token.lastIndexOf('.'))
  const { jti, exp } = JSON.parse(Buffer.from(signed.split('.')[1]!, 'base64url').toString()) as {
    jti?: string
    exp: number
  }
  const tokenId = jti === undefined ? `sha256:${createHash('sha256').update(signed).digest('hex')}` : `jti:${jti}`
  return { tokenId, expiresAt: (exp + 60) * 1000, ...vector(token, setting) }
}
const bad = (token: string, setting?: Setting, error: Code = INVALID) => ({ error, ...vector(token, setting) })

/** The good token with other claims. */
const claimed = (overrides: Overrides, error: Code = INVALID) => bad(tokenOf(KEY, claims(overrides)), {}, error)
/** With other members of its header. */
const headed = (header: Overrides | string) => bad(tokenOf(KEY, claims(), header))
const signedBy = (by: TokenSigner, keys = KEYS) => bad(tokenOf(by, claims()), { keys })

const TOKEN = tokenOf(KEY, claims())
const [HEAD, BODY, MARK] = TOKEN.split('.') as [string, string, string]
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** The last letter with a bit that no byte takes. */
const hidden = (part: string) => part.slice(0, -1) + LETTERS[LETTERS.indexOf(part.at(-1)!) + 1]!

/** A signature of HMAC with a key that everybody has. */
function hmac(secret: string | Buffer, algorithm = 'HS256'): string {
  const head = Buffer.from(JSON.stringify({ alg: algorithm, kid: KEY.id, typ: 'JWT' })).toString('base64url')
  const mark = createHmac('sha256', secret).update(`${head}.${BODY}`).digest('base64url')
  return `${head}.${BODY}.${mark}`
}
const PUBLIC_PEM = createPublicKey({ key: { ...KEY.jwk }, format: 'jwk' }).export({
  type: 'spki',
  format: 'pem',
}) as string
const unsigned = (alg: string, mark: string) =>
  `${Buffer.from(JSON.stringify({ alg, kid: KEY.id, typ: 'JWT' })).toString('base64url')}.${BODY}.${mark}`

const MODULUS = Buffer.from(KEY.jwk['n'] as string, 'base64url')
function otherModulus(): string {
  const other = Buffer.from(MODULUS)
  other[100]! ^= 1
  return other.toString('base64url')
}

const flipped = (at: number) => {
  const bytes = Buffer.from(MARK, 'base64url')
  bytes[at]! ^= 1
  return `${HEAD}.${BODY}.${bytes.toString('base64url')}`
}
const withKey = (changes: Overrides, by: TokenSigner = KEY) => {
  const jwk = Object.fromEntries(
    Object.entries({ ...by.jwk, ...changes }).filter(([, value]) => value !== undefined),
  ) as JsonObject
  return [jwk, ...KEYS.filter(({ kid }) => kid !== by.id)]
}
const oidc = (by: TokenSigner, keys: readonly JsonObject[] = KEYS) => ({
  token: tokenOf(by, claims({}, 'oidc')),
  setting: { system: 'oidc', keys } as const,
})
const person = (by: TokenSigner) => {
  const { token, setting } = oidc(by, [by.jwk])
  return good(token, setting)
}

export const identityTokens: Topic = {
  name: 'identity-token',
  vectors: {
    good: good(TOKEN),
    'without-type': good(tokenOf(KEY, claims(), { typ: undefined })),
    'with-thumbprint': good(tokenOf(KEY, claims(), { x5t: 'aGVsbG8' })),
    'key-without-algorithm': good(TOKEN, { keys: withKey({ alg: undefined }) }),
    'audience-list-of-one': good(tokenOf(KEY, claims({ aud: [AUDIENCE] }))),
    'without-nbf': good(tokenOf(KEY, claims({ nbf: undefined }))),
    'without-jti': good(tokenOf(KEY, claims({ jti: undefined }))),
    'nbf-ten-minutes-before-iat': good(tokenOf(KEY, claims({ nbf: SECONDS - 600 }))),
    'just-before-its-end': good(TOKEN, { now: NOW + 359_999 }),
    'just-within-the-tolerance-before-iat': good(TOKEN, { now: NOW - 60_000 }),
    'sub-in-the-old-form': good(tokenOf(KEY, claims({ sub: 'repo:acme/widget:ref:refs/heads/main' }))),
    'sub-in-the-immutable-form': good(
      tokenOf(KEY, claims({ sub: 'repo:acme@1234567/widget@74123456:ref:refs/heads/main' })),
    ),
    'person-by-rs384': person(rsa('a', 'RS384')),
    'person-by-rs512': person(rsa('a', 'RS512')),
    'person-by-ps256': person(rsa('a', 'PS256')),
    'person-by-es256': person(ELLIPTIC),
    'person-by-es384': person(ELLIPTIC_384),
    'person-by-eddsa': person(EDWARDS),

    // The algorithm is the issuer's, never the token's.
    'alg-none': bad(unsigned('none', '')),
    'alg-none-with-a-signature': bad(unsigned('none', MARK)),
    'alg-none-upper-case': bad(unsigned('NONE', MARK)),
    'alg-hmac-with-the-public-key-in-pem': bad(hmac(PUBLIC_PEM)),
    'alg-hmac-with-the-modulus': bad(hmac(Buffer.from(KEY.jwk['n'] as string, 'base64url'))),
    'alg-hmac-with-nothing': bad(hmac('')),
    'alg-rs256-over-hmac': bad(hmac(PUBLIC_PEM, 'RS256')),
    'alg-rs512': signedBy(rsa('rsa-1', 'RS512')),
    'alg-rs512-with-a-key-for-all': signedBy(rsa('rsa-1', 'RS512'), withKey({ alg: undefined })),
    'alg-ps256': signedBy(rsa('rsa-1', 'PS256'), withKey({ alg: undefined })),
    'alg-es256-of-the-issuer': signedBy(ELLIPTIC),
    'alg-eddsa-of-the-issuer': signedBy(EDWARDS),
    'alg-lower-case': headed({ alg: 'rs256' }),
    'alg-missing': headed({ alg: undefined }),
    'alg-list': headed({ alg: ['RS256'] }),
    'alg-twice': headed('{"alg":"RS256","alg":"none","kid":"rsa-1","typ":"JWT"}'),
    'alg-rs256-with-an-elliptic-key': headed({ kid: 'ec-1' }),

    // The key is the issuer's, never the token's.
    'embedded-jwk': bad(tokenOf(FOREIGN, claims(), { alg: 'ES256', jwk: FOREIGN.jwk })),
    jku: headed({ jku: 'https://attacker.example/keys' }),
    x5u: headed({ x5u: 'https://attacker.example/cert.pem' }),
    x5c: headed({ x5c: ['MIIB'] }),
    'kid-missing': headed({ kid: undefined }),
    'kid-unknown': headed({ kid: 'rsa-2' }),
    'kid-empty': headed({ kid: '' }),
    'kid-a-path': headed({ kid: '../../dev/null' }),
    'kid-prototype': headed({ kid: '__proto__' }),
    'kid-constructor': headed({ kid: 'constructor' }),
    'kid-of-a-foreign-key': bad(tokenOf(FOREIGN, claims())),
    'signed-with-another-rsa-key': bad(TOKEN, { keys: withKey({ n: otherModulus() }) }),
    'key-for-encryption': bad(TOKEN, { keys: withKey({ use: 'enc' }) }),
    'key-for-signing-only': bad(TOKEN, { keys: withKey({ key_ops: ['sign'] }) }),
    'key-for-another-algorithm': bad(TOKEN, { keys: withKey({ alg: 'PS256' }) }),
    'key-with-its-private-part': bad(TOKEN, { keys: withKey({ d: 'AQ' }) }),
    'key-symmetric': bad(hmac('secret'), {
      keys: [{ kty: 'oct', kid: 'rsa-1', k: Buffer.from('secret').toString('base64url') }],
    }),
    'key-with-exponent-1': bad(TOKEN, { keys: withKey({ e: 'AQ' }) }),
    'key-of-1024-bits': bad(TOKEN, { keys: withKey({ n: MODULUS.subarray(128).toString('base64url') }) }),
    'two-keys-of-one-name': bad(TOKEN, { keys: [FOREIGN.jwk, ...KEYS] }),
    'no-keys': bad(TOKEN, { keys: [] }),

    // What else a header may not say.
    crit: headed({ crit: ['exp'] }),
    b64: headed({ b64: false }),
    zip: headed({ zip: 'DEF' }),
    cty: headed({ cty: 'JWT' }),
    'type-access-token': headed({ typ: 'at+jwt' }),
    'type-logout-token': headed({ typ: 'logout+jwt' }),
    'type-lower-case': headed({ typ: 'jwt' }),
    'header-not-an-object': headed('["RS256"]'),
    'header-too-large': headed({ x5t: 'a'.repeat(2048) }),

    // One form.
    empty: bad(''),
    'two-parts': bad(`${HEAD}.${BODY}`),
    'four-parts': bad(`${TOKEN}.`),
    'five-parts': bad(`${HEAD}..${BODY}.${MARK}.${MARK}`),
    'space-before': bad(` ${TOKEN}`),
    'line-break-behind': bad(`${TOKEN}\n`),
    bearer: bad(`Bearer ${TOKEN}`),
    'json-serialization': bad(JSON.stringify({ payload: BODY, protected: HEAD, signature: MARK })),
    'padding-in-the-signature': bad(`${TOKEN}==`),
    'hidden-bits-in-the-signature': bad(hidden(TOKEN)),
    'standard-base64': bad(`${HEAD}.${BODY}.${MARK.replaceAll('-', '+').replaceAll('_', '/')}`),
    'line-break-in-the-claims': bad(`${HEAD}.${BODY.slice(0, 40)}\n${BODY.slice(40)}.${MARK}`),
    'claims-empty': bad(`${HEAD}..${MARK}`),
    'claims-not-json': bad(tokenOf(KEY, 'exp=1')),
    'claims-a-list': bad(tokenOf(KEY, '[]')),
    'claims-null': bad(tokenOf(KEY, 'null')),
    'claims-cut': bad(tokenOf(KEY, JSON.stringify(claims()).slice(0, -1))),
    'claims-then-text': bad(tokenOf(KEY, `${JSON.stringify(claims())}{}`)),
    'claims-with-a-byte-order-mark': bad(tokenOf(KEY, `\ufeff${JSON.stringify(claims())}`)),
    'claims-not-utf-8': bad(
      tokenOf(
        KEY,
        Buffer.concat([Buffer.from(JSON.stringify(claims()).slice(0, -2)), Buffer.of(0xff), Buffer.from('"}')]),
      ),
    ),
    'claims-lone-surrogate': bad(tokenOf(KEY, JSON.stringify(claims()).replace('"push"', '"push\\ud800"'))),
    'claims-prototype': bad(tokenOf(KEY, JSON.stringify(claims()).replace('{', '{"__proto__":{},'))),
    'claims-deep': bad(tokenOf(KEY, JSON.stringify(claims()).replace('{', `{"a":${'['.repeat(40)}${']'.repeat(40)},`))),
    'claims-too-large': bad(tokenOf(KEY, claims({ workflow: 'a'.repeat(16_384) }))),
    'audience-twice': bad(tokenOf(KEY, JSON.stringify(claims()).replace('{', `{"aud":"${AUDIENCE}",`))),
    'token-too-large': bad(`${TOKEN}${'A'.repeat(40_000)}`),

    // The signature.
    'signature-first-byte': bad(flipped(0)),
    'signature-last-byte': bad(flipped(255)),
    'signature-missing': bad(`${HEAD}.${BODY}.`),
    'signature-short': bad(`${HEAD}.${BODY}.${Buffer.from(MARK, 'base64url').subarray(1).toString('base64url')}`),
    'signature-with-a-zero-before': bad(
      `${HEAD}.${BODY}.${Buffer.concat([Buffer.of(0), Buffer.from(MARK, 'base64url')]).toString('base64url')}`,
    ),
    'signature-zero': bad(`${HEAD}.${BODY}.${Buffer.alloc(256).toString('base64url')}`),
    'signature-of-other-claims': bad(
      `${HEAD}.${Buffer.from(JSON.stringify(claims({ run_id: '1' }))).toString('base64url')}.${MARK}`,
    ),
    'person-ecdsa-in-der': bad(derSigned(), { system: 'oidc' }),
    'person-ecdsa-zero': bad(marked(ELLIPTIC, Buffer.alloc(64)), { system: 'oidc' }),
    'person-ecdsa-long': bad(marked(ELLIPTIC_384, Buffer.alloc(64, 1)), { system: 'oidc' }),

    // Who it is from and for.
    'issuer-other': claimed({ iss: 'https://gitlab.com' }),
    'issuer-with-a-slash': claimed({ iss: 'https://token.actions.githubusercontent.com/' }),
    'issuer-upper-case': claimed({ iss: 'https://TOKEN.actions.githubusercontent.com' }),
    'issuer-http': claimed({ iss: 'http://token.actions.githubusercontent.com' }),
    'issuer-longer': claimed({ iss: 'https://token.actions.githubusercontent.com.attacker.example' }),
    'issuer-below': claimed({ iss: 'https://token.actions.githubusercontent.com/attacker' }),
    'issuer-list': claimed({ iss: ['https://token.actions.githubusercontent.com'] }),
    'issuer-missing': claimed({ iss: undefined }),
    'audience-other': claimed({ aud: 'sigstore' }),
    'audience-longer': claimed({ aud: `${AUDIENCE}/` }),
    'audience-part': claimed({ aud: AUDIENCE.slice(0, -1) }),
    'audience-upper-case': claimed({ aud: AUDIENCE.toUpperCase() }),
    'audience-two': claimed({ aud: [AUDIENCE, 'sts.amazonaws.com'] }),
    'audience-same-twice': claimed({ aud: [AUDIENCE, AUDIENCE] }),
    'audience-empty-list': claimed({ aud: [] }),
    'audience-nested': claimed({ aud: [[AUDIENCE]] }),
    'audience-null': claimed({ aud: null }),
    'audience-missing': claimed({ aud: undefined }),
    'subject-missing': claimed({ sub: undefined }),
    'subject-empty': claimed({ sub: '' }),
    'subject-number': claimed({ sub: 1 }),
    'token-id-number': claimed({ jti: 1 }),
    'token-id-empty': claimed({ jti: '' }),

    // When.
    expired: bad(TOKEN, { now: NOW + 360_000 }, EXPIRED),
    'expired-long-ago': bad(TOKEN, { now: NOW + 86_400_000 }, EXPIRED),
    'not-issued-yet': bad(TOKEN, { now: NOW - 60_001 }, EXPIRED),
    'not-valid-yet': claimed({ nbf: SECONDS + 61 }, EXPIRED),
    'exp-missing': claimed({ exp: undefined }),
    'exp-text': claimed({ exp: String(SECONDS + 300) }),
    'exp-fraction': claimed({ exp: SECONDS + 300.5 }),
    'exp-negative': claimed({ exp: -1 }),
    'exp-in-milliseconds': claimed({ exp: NOW + 300_000 }),
    'exp-null': claimed({ exp: null }),
    'exp-before-iat': claimed({ exp: SECONDS - 1 }),
    'exp-before-nbf': claimed({ nbf: SECONDS + 30, exp: SECONDS + 30 }),
    'iat-missing': claimed({ iat: undefined }),
    'iat-text': claimed({ iat: String(SECONDS) }),
    'nbf-text': claimed({ nbf: String(SECONDS) }),
    'lives-for-too-long': claimed({ exp: SECONDS + 3901 }),
    'lives-for-too-long-from-nbf': claimed({ nbf: SECONDS - 3700 }),

    // What the rule asks for.
    'rule-of-another-repository': bad(
      TOKEN,
      { rule: { claims: [{ name: 'repository_id', value: '1' }] } },
      'issuer-unknown',
    ),
    'rule-with-two-claims-of-which-one-holds': bad(
      TOKEN,
      {
        rule: {
          claims: [
            { name: 'repository_id', value: '74123456' },
            { name: 'environment', value: 'production' },
          ],
        },
      },
      'issuer-unknown',
    ),
    'rule-with-an-audience-of-its-own': bad(TOKEN, { rule: { audience: 'sigstore' } }),
    'rule-of-another-system': bad(TOKEN, { system: 'gitlab-ci' }),
  },
}

function marked(by: TokenSigner, mark: Buffer): string {
  return `${tokenOf(by, claims({}, 'oidc')).split('.').slice(0, 2).join('.')}.${mark.toString('base64url')}`
}

/** The same signature in the form of X.509. */
function derSigned(): string {
  const signed = tokenOf(ELLIPTIC, claims({}, 'oidc'))
  const raw = Buffer.from(signed.split('.')[2]!, 'base64url')
  const number = (bytes: Buffer) => {
    const padded = bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes
    return Buffer.concat([Buffer.of(2, padded.length), padded])
  }
  const inside = Buffer.concat([number(raw.subarray(0, 32)), number(raw.subarray(32))])
  return marked(ELLIPTIC, Buffer.concat([Buffer.of(0x30, inside.length), inside]))
}
