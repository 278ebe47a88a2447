import {
  constants,
  createPrivateKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  sign as signBytes,
} from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JsonObject, JsonValue } from '@countersign/core'
import type { JwsAlgorithm, SystemName } from '@countersign/identity'
import { type ClaimsOptions, claimsOf as recordedClaims } from './claims.ts'

export { RECORDED, RECORDED_COMMIT, ruleFor } from './claims.ts'

/** A key of an issuer, with its private half. */
export interface IssuerPair {
  readonly id: string
  readonly algorithm: JwsAlgorithm
  readonly privateKey: KeyObject
  /** As it stands in the key set. */
  readonly jwk: JsonObject
}

export interface LocalIssuerOptions {
  /** RS256 unless it is given. */
  readonly algorithm?: JwsAlgorithm
  /** Below which its discovery document is (`/org/1`); none unless it is given. */
  readonly path?: string
  /** Milliseconds since 1970; the clock of the machine unless it is given. */
  readonly now?: () => number
  /** The audience of the tokens of {@link LocalIssuer.token}; `countersign` unless it is given. */
  readonly audience?: string
}

/** An OpenID issuer on this machine: discovery document and key set over HTTP, and tokens with whatever is asked for. */
export interface LocalIssuer {
  /** `iss` of its tokens, `http://127.0.0.1:…` and the path. */
  readonly url: string
  /** How often each path was asked for. */
  readonly asked: ReadonlyMap<string, number>
  /** The key that signs now. */
  readonly key: IssuerPair
  /** A token over claims as they are. Members of `header` replace its own; `undefined` takes one out. */
  sign(claims: JsonObject, header?: Readonly<Record<string, JsonValue | undefined>>): string
  /** Claims in the shape of a system, from this issuer and of now, each with an id of its own. */
  claimsOf(system: SystemName, overrides?: ClaimsOptions['overrides']): JsonObject
  /** {@link sign} over {@link claimsOf}. */
  token(system: SystemName, overrides?: ClaimsOptions['overrides']): string
  /** Signs with a new key from now on; the old one stays in the key set until it is retired. */
  rotate(algorithm?: JwsAlgorithm): IssuerPair
  /** Takes a key out of the key set. */
  retire(id: string): void
  /** Answers in the place of the issuer, for the path without what is below it; null where it answers itself. */
  answer: ((path: string, response: ServerResponse) => void) | null
  close(): Promise<void>
}

/** Starts an issuer on a port of its own. Close it at the end. */
export async function startIssuer(options: LocalIssuerOptions = {}): Promise<LocalIssuer> {
  const now = options.now ?? Date.now
  const asked = new Map<string, number>()
  let pairs = [makePair(options.algorithm ?? 'RS256')]
  const server = createServer((request, response) => answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const path = options.path ?? ''
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`

  const issuer: LocalIssuer = {
    url,
    asked,
    get key() {
      return pairs.at(-1)!
    },
    sign: (claims, header = {}) => signToken(issuer.key, claims, header),
    claimsOf: (system, overrides = {}) =>
      recordedClaims(system, {
        issuer: url,
        audience: options.audience ?? 'countersign',
        now: now(),
        id: randomUUID(),
        overrides,
      }),
    token: (system, overrides) => issuer.sign(issuer.claimsOf(system, overrides)),
    rotate(algorithm = issuer.key.algorithm) {
      pairs = [...pairs, makePair(algorithm)]
      return issuer.key
    },
    retire(id) {
      pairs = pairs.filter((pair) => pair.id !== id)
    },
    answer: null,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const full = request.url ?? ''
    const below = full.startsWith(path) ? full.slice(path.length) : full
    asked.set(below, (asked.get(below) ?? 0) + 1)
    if (issuer.answer !== null) return issuer.answer(below, response)
    if (request.method !== 'GET' || !full.startsWith(path)) return send(response, 404, {})
    if (below === '/.well-known/openid-configuration') return send(response, 200, discoveryOf(url))
    if (below === '/keys') return send(response, 200, { keys: pairs.map(({ jwk }) => jwk) })
    return send(response, 404, {})
  }
  return issuer
}

/** The discovery document of an issuer (OpenID Connect Discovery §3). */
export function discoveryOf(url: string): JsonObject {
  return {
    issuer: url,
    jwks_uri: `${url}/keys`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  }
}

export function send(response: ServerResponse, status: number, body: JsonValue): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

let made = 0

/** A new key. Ids count up, so that they are the same on every run. */
export function makePair(algorithm: JwsAlgorithm, id: string = `key-${++made}`): IssuerPair {
  return pairOf(algorithm, id, privateKeyOf(algorithm))
}

function privateKeyOf(algorithm: JwsAlgorithm): KeyObject {
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519').privateKey
  if (algorithm.startsWith('ES')) {
    return generateKeyPairSync('ec', { namedCurve: algorithm === 'ES256' ? 'P-256' : 'P-384' }).privateKey
  }
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
}

/** A key of one's own, out of its private JWK or as an object. */
export function pairOf(algorithm: JwsAlgorithm, id: string, key: KeyObject | JsonWebKey): IssuerPair {
  const privateKey = 'export' in key ? (key as KeyObject) : createPrivateKey({ key: key as JsonWebKey, format: 'jwk' })
  const { kty, n, e, crv, x, y } = privateKey.export({ format: 'jwk' })
  const members = { kty, n, e, crv, x, y, kid: id, alg: algorithm, use: 'sig' }
  const jwk = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonObject
  return { id, algorithm, privateKey, jwk }
}

/** A compact JWS over claims, which are written as they are. */
export function signToken(
  pair: IssuerPair,
  claims: JsonObject | string,
  header: Readonly<Record<string, JsonValue | undefined>> | string = {},
): string {
  const head =
    typeof header === 'string' ? header : JSON.stringify({ alg: pair.algorithm, kid: pair.id, typ: 'JWT', ...header })
  const body = typeof claims === 'string' ? claims : JSON.stringify(claims)
  const signed = `${base64url(head)}.${base64url(body)}`
  return `${signed}.${signatureOf(pair, signed).toString('base64url')}`
}

export const base64url = (text: string) => Buffer.from(text).toString('base64url')

const HASHES = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512', PS256: 'sha256', ES256: 'sha256', ES384: 'sha384' }

/** The bytes of a signature by the key's own algorithm. */
export function signatureOf({ algorithm, privateKey: key }: IssuerPair, message: string): Buffer {
  const bytes = Buffer.from(message)
  if (algorithm === 'EdDSA') return signBytes(null, bytes, key)
  if (algorithm === 'PS256') {
    return signBytes('sha256', bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })
  }
  return signBytes(HASHES[algorithm], bytes, { key, dsaEncoding: 'ieee-p1363' })
}
