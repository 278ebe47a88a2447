import { CodedError, type JsonObject } from '@countersign/core'
import { isLoopback } from '@countersign/identity'
import * as oidc from 'openid-client'
import type { SignInChecks, SignInProvider } from './sign-in.ts'
import type { SignInSettings } from './sign-in-settings.ts'

/** Seconds for each request to a provider. */
const TIMEOUT = 10
/** How long what a provider says of itself is believed; milliseconds. */
const KEPT_MS = 3_600_000
/** Most bytes of an answer. */
const MAX_ANSWER = 1024 * 1024

/** People who sign in by OpenID Connect: authorization code, PKCE, state and nonce; the ID token's signature is checked. */
export function oidcProvider(settings: SignInSettings, clock: () => number): SignInProvider {
  const { name, title, issuer, groupsClaim, rules, clientId, clientSecret, scopes } = settings
  let kept: { readonly configuration: Promise<oidc.Configuration>; readonly until: number } | null = null

  async function discover(): Promise<oidc.Configuration> {
    const url = new URL(issuer)
    const insecure = url.protocol === 'http:' && isLoopback(url) ? [oidc.allowInsecureRequests] : []
    const authentication = clientSecret === null ? oidc.None() : oidc.ClientSecretPost(clientSecret)
    return oidc.discovery(url, clientId, {}, authentication, {
      // Not only by the connection that it came over: it says who may do what.
      execute: [...insecure, oidc.enableNonRepudiationChecks],
      timeout: TIMEOUT,
      [oidc.customFetch]: bounded,
    })
  }

  async function configuration(): Promise<oidc.Configuration> {
    const held = kept
    if (held !== null && clock() < held.until) return held.configuration
    const asked = { configuration: discover(), until: clock() + KEPT_MS }
    kept = asked
    try {
      return await asked.configuration
    } catch (cause) {
      // The next one asks again.
      if (kept === asked) kept = null
      throw unreachable(cause)
    }
  }

  /**
   * Some providers tell groups at UserInfo alone (OpenID Connect Core §5.3). Nothing else is taken from there: it is not
   * signed. What it says of somebody else than the ID token is nobody's (§5.3.4).
   */
  async function withGroups(asked: oidc.Configuration, token: string, claims: JsonObject): Promise<JsonObject> {
    const { sub } = claims
    const wanted = rules.some(({ groups }) => groups !== null) && claims[groupsClaim] === undefined
    if (!wanted || typeof sub !== 'string' || asked.serverMetadata().userinfo_endpoint === undefined) return claims
    const told = (await oidc.fetchUserInfo(asked, token, sub)) as unknown as JsonObject
    return { ...claims, [groupsClaim]: told[groupsClaim] ?? null }
  }

  return {
    name,
    title,
    issuer,
    groupsClaim,
    rules,
    async begin(returnTo: string, { state, nonce, verifier }: SignInChecks) {
      const asked = await configuration()
      return oidc.buildAuthorizationUrl(asked, {
        redirect_uri: returnTo,
        scope: scopes.join(' '),
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
    },
    async finish(cameBackTo: URL, { state, nonce, verifier }: SignInChecks) {
      const asked = await configuration()
      try {
        const tokens = await oidc.authorizationCodeGrant(asked, cameBackTo, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        const claims = tokens.claims()
        if (claims === undefined) throw new CodedError('sign-in-invalid', 'the provider gave no ID token')
        return await withGroups(asked, tokens.access_token, claims as unknown as JsonObject)
      } catch (cause) {
        if (cause instanceof CodedError) throw cause
        if (isNetwork(cause)) throw unreachable(cause)
        // What is wrong with it is for the server's own log: whoever sent it wrote it.
        throw new CodedError('sign-in-invalid', 'the answer of the provider does not hold', { cause })
      }
    },
  }
}

/** Follows nothing, and reads no more than an answer may be long. */
const bounded: oidc.CustomFetch = async (url, options) => {
  const answer = await fetch(url, { ...options, redirect: 'manual' } as RequestInit)
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of answer.body ?? []) {
    size += part.length
    if (size > MAX_ANSWER) throw new TypeError('the answer is too large')
    parts.push(part)
  }
  const { status, statusText, headers } = answer
  return new Response(status === 204 || status === 304 ? null : Buffer.concat(parts), { status, statusText, headers })
}

/** What `fetch` throws where nobody answers, or not in time. */
function isNetwork(cause: unknown): boolean {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const named = inner instanceof Error ? inner.name : ''
  return inner instanceof TypeError || named === 'TimeoutError' || named === 'AbortError'
}

function unreachable(cause: unknown): CodedError {
  return new CodedError('issuer-unreachable', 'the provider that people sign in by does not answer as it should', {
    cause,
  })
}
