import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JsonObject, JsonValue } from '@countersign/core'
import { type IssuerPair, makePair, send, signToken } from './local-issuer.ts'

/** What somebody who holds a provider, or stands between, may do to its answers. */
export interface Hostile {
  /** Replaces claims of the ID token; `undefined` takes one out. */
  claims?: Readonly<Record<string, JsonValue | undefined>>
  /** Replaces members of its header. */
  header?: Readonly<Record<string, JsonValue>>
  /** Takes its signature away. */
  unsigned?: boolean
  /** Signs with another key than it publishes. */
  key?: IssuerPair
  /** Replaces parameters that the browser is sent back with. */
  back?: Readonly<Record<string, string>>
  /** Gives what a code stands for as often as it is asked, without the code's verifier. */
  careless?: boolean
}

/** A provider of OpenID Connect on this machine, by the letter: discovery, authorization with PKCE, token, keys. */
export interface LocalOidc {
  readonly url: string
  /** Who is signed in there. */
  person: JsonObject
  hostile: Hostile
  /** What UserInfo says to who has the token; null where there is no such endpoint. */
  userInfo: JsonObject | null
  /** How often a token was asked for. */
  readonly asked: () => number
  close(): Promise<void>
}

interface Granted {
  readonly challenge: string
  readonly redirect: string
  readonly nonce: string
}

export const CLIENT = { id: 'countersign', secret: 'a-secret-of-the-client' }

export async function startOidc(): Promise<LocalOidc> {
  const key = makePair('RS256')
  const codes = new Map<string, Granted>()
  const tokens = new Set<string>()
  let asked = 0
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const oidc: LocalOidc = {
    url,
    person: { sub: 'ada-1', email: 'ada@corp.example', email_verified: true, name: 'Ada' },
    hostile: {},
    userInfo: null,
    asked: () => asked,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url)
    if (pathname === '/.well-known/openid-configuration') return send(response, 200, discovery())
    if (pathname === '/keys') return send(response, 200, { keys: [key.jwk] })
    if (pathname === '/authorize') return authorize(searchParams, response)
    if (pathname === '/userinfo' && oidc.userInfo !== null) {
      const known = tokens.has(request.headers.authorization?.replace(/^Bearer /, '') ?? '')
      return known ? send(response, 200, oidc.userInfo) : send(response, 401, { error: 'invalid_token' })
    }
    if (pathname === '/token') return token(await bodyOf(request), response)
    return send(response, 404, {})
  }

  function discovery(): JsonObject {
    return {
      issuer: url,
      authorization_endpoint: `${url}/authorize`,
      token_endpoint: `${url}/token`,
      jwks_uri: `${url}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      ...(oidc.userInfo === null ? {} : { userinfo_endpoint: `${url}/userinfo` }),
    }
  }

  function authorize(asking: URLSearchParams, response: ServerResponse): void {
    const [challenge, redirect, nonce, state] = ['code_challenge', 'redirect_uri', 'nonce', 'state'].map((name) =>
      asking.get(name),
    )
    const good = asking.get('response_type') === 'code' && asking.get('code_challenge_method') === 'S256'
    if (!good || !challenge || !redirect || !nonce || !state || asking.get('client_id') !== CLIENT.id)
      return send(response, 400, { error: 'invalid_request' })
    const code = randomBytes(16).toString('hex')
    codes.set(code, { challenge, redirect, nonce })
    const back = new URL(redirect)
    const parameters = { code, state, iss: url, ...oidc.hostile.back }
    for (const [name, value] of Object.entries(parameters)) back.searchParams.set(name, value)
    response.writeHead(303, { location: back.href }).end()
  }

  function token(asking: URLSearchParams, response: ServerResponse): void {
    asked++
    const code = asking.get('code') ?? ''
    const granted = codes.get(code)
    const { careless = false } = oidc.hostile
    if (!careless) codes.delete(code)
    const challenge = createHash('sha256')
      .update(asking.get('code_verifier') ?? '')
      .digest('base64url')
    const client = asking.get('client_id') === CLIENT.id && asking.get('client_secret') === CLIENT.secret
    const held = granted !== undefined && granted.redirect === asking.get('redirect_uri')
    if (!client || !held || (!careless && granted.challenge !== challenge))
      return send(response, 400, { error: 'invalid_grant' })
    const access = randomBytes(16).toString('hex')
    tokens.add(access)
    send(response, 200, { access_token: access, token_type: 'Bearer', id_token: idToken(granted.nonce) })
  }

  function idToken(nonce: string): string {
    const now = Math.floor(Date.now() / 1000)
    const { claims = {}, header = {}, unsigned = false, key: another } = oidc.hostile
    const all = { iss: url, aud: CLIENT.id, iat: now, exp: now + 300, nonce, ...oidc.person, ...claims }
    const known = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as JsonObject
    const signed = signToken(another ?? key, known, { kid: key.id, ...header })
    return unsigned ? signed.slice(0, signed.lastIndexOf('.') + 1) : signed
  }
  return oidc
}

async function bodyOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const part of request) text += String(part)
  return new URLSearchParams(text)
}
