import { type Context, Hono } from 'hono'
import { CodedError, fromBase64, fromUtf8, type JsonObject, parseJson } from '@countersign/core'
import { Shape } from '@countersign/formats'
import { certificatePem, commonName } from '@countersign/formats/x509'
import { signingConfigJson, trustedRootJson } from '@countersign/formats/identity'
import { MAX_TOKEN_CHARS, readToken } from '@countersign/identity'
import type { AppEnv } from '../access.ts'
import { readBody } from '../body.ts'
import { plainJson } from '../plain-json.ts'
import { problemOf, type ProblemStatus, retryAfter } from '../problems.ts'
import { admitToken } from '../verbs/admit-token.ts'
import type { Deps } from '../verbs/deps.ts'
import { issueCertificate, type KeyRequest, proveKey } from '../verbs/issue-certificate.ts'

const CODE = 'request-invalid'
const JSON_TYPE = { 'content-type': 'application/json' }
const NOT_KEPT = { ...JSON_TYPE, 'cache-control': 'no-store' }
const BRIEFLY = { ...JSON_TYPE, 'cache-control': 'public, max-age=60' }
/** A key in PEM, its proof, a request in PEM: what is beside the token. */
const MAX_KEY_BYTES = 16_384
const MAX_BYTES = MAX_TOKEN_CHARS + 2 * MAX_KEY_BYTES
const REQUEST_PEM =
  /^-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----\s([A-Za-z0-9+/=\s]{1,16384})-----END (?:NEW )?CERTIFICATE REQUEST-----\s*$/

/** Codes of gRPC (google.rpc.Code) for statuses of HTTP, and the statuses that its JSON gateway gives them. */
const GRPC: Readonly<Record<ProblemStatus, readonly [code: number, status: ProblemStatus | 429]>> = {
  400: [3, 400],
  401: [16, 401],
  403: [7, 403],
  404: [5, 404],
  405: [12, 405],
  409: [6, 409],
  410: [5, 404],
  413: [3, 400],
  415: [3, 400],
  422: [3, 400],
  500: [13, 500],
  503: [14, 503],
}

/**
 * Fulcio's API, version 2, as its JSON gateway speaks it (sigstore/fulcio, fulcio.proto), for clients of Sigstore. Who
 * asks has no API token: the identity token says who he is.
 */
export function fulcioRoutes(deps: Deps, stopping: () => boolean): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.post('/api/v2/signingCert', async (c) => {
    if (stopping()) throw new CodedError('server-stopping', 'the server is stopping')
    const { token: text, key: request } = await readRequest(c)
    // What is wrong with the key must not use the token up.
    const key = await proveKey(deps, request, readToken(text).claims)
    // The API has no place for the name of a run: what the token itself names is asked about.
    const { rule, token } = await admitToken(deps, text, null)
    const { chain } = await issueCertificate(deps, { tenant: rule.tenant, token, key })
    const certificates = chain.map(certificatePem)
    return c.body(JSON.stringify({ signedCertificateEmbeddedSct: { chain: { certificates } } }), 200, NOT_KEPT)
  })

  app.get('/api/v2/trustBundle', (c) => {
    const chains = deps.authorities.map(({ chain }) => ({ certificates: chain.map(({ der }) => certificatePem(der)) }))
    return c.body(JSON.stringify({ chains }), 200, BRIEFLY)
  })

  // Whose tokens a tenant takes is the tenant's own business.
  app.get('/api/v2/configuration', (c) => c.body(JSON.stringify({ issuers: [] }), 200, BRIEFLY))

  app.get('/trusted_root.json', (c) => {
    return c.body(plainJson(trustedRootOf(deps, urlOf(c, deps))), 200, keptFor(deps))
  })

  app.get('/signing_config.json', (c) => {
    const [{ validFor }] = deps.authorities
    const service = { url: urlOf(c, deps), majorApiVersion: 1, validFor, operator: deps.origin }
    return c.body(plainJson(signingConfigJson({ authorities: [service] })), 200, keptFor(deps))
  })

  app.onError((error, c) => {
    const { code, status, detail, fix } = problemOf(error, c.get('requestId'))
    const [grpc, http] = GRPC[status]
    const seconds = retryAfter(code)
    const retry = seconds === null ? {} : { 'retry-after': String(seconds) }
    const message = `${code}: ${detail} (${fix})`
    return c.body(plainJson({ code: grpc, message, details: [] }), http, { ...JSON_TYPE, ...retry })
  })
  return app
}

/** Each authority, and the key of its SCTs, for its time. */
function trustedRootOf({ authorities, crypto, origin: organization }: Deps, uri: string): JsonObject {
  return trustedRootJson(
    {
      authorities: authorities.map(({ chain, validFor }) => ({
        uri,
        organization,
        commonName: commonName(chain[0].subject, 'certificate-invalid') ?? '',
        chain: chain.map(({ der }) => der),
        validFor,
      })),
      ctlogs: authorities.map(({ ctKey: key, validFor }) => ({ baseUrl: uri, key, validFor })),
    },
    crypto,
  )
}

/** Where the server is reached: as its settings say, else as this request has reached it. */
function urlOf(c: Context<AppEnv>, { publicUrl }: Deps): string {
  return publicUrl ?? new URL(c.req.url).origin
}

/** What repeats the Host header of whoever asked is nothing that a cache may give to the next one. */
function keptFor({ publicUrl }: Deps): Readonly<Record<string, string>> {
  return publicUrl === null ? NOT_KEPT : BRIEFLY
}

async function readRequest(c: Context<AppEnv>): Promise<{ token: string; key: KeyRequest }> {
  const body = parseJson(await readBody(c, MAX_BYTES), { maxBytes: MAX_BYTES })
  const it = new Shape(CODE, body, 'the request').object(
    [],
    ['credentials', 'publicKeyRequest', 'certificateSigningRequest'],
  )
  const given = it.has('credentials')
    ? it.get('credentials').object(['oidcIdentityToken']).get('oidcIdentityToken').text(MAX_TOKEN_CHARS)
    : bearerOf(c)
  if (it.has('publicKeyRequest') === it.has('certificateSigningRequest')) {
    throw new CodedError(CODE, 'the request needs one of publicKeyRequest and certificateSigningRequest')
  }
  if (it.has('certificateSigningRequest')) {
    return { token: given, key: { kind: 'request', der: requestOf(it.get('certificateSigningRequest')) } }
  }
  const asked = it.get('publicKeyRequest').object(['publicKey', 'proofOfPossession'])
  const key = asked.get('publicKey').object(['content'], ['algorithm'])
  // What the key is, the key itself says.
  if (key.has('algorithm')) key.text('algorithm', 64)
  const proof = bytesOf(asked.get('proofOfPossession'))
  return { token: given, key: { kind: 'key', publicKey: key.get('content').string(MAX_KEY_BYTES), proof } }
}

/** The identity token in the place of an API token, where older clients put it. */
function bearerOf(c: Context<AppEnv>): string {
  const [, token] = /^Bearer ([A-Za-z0-9._-]{1,100000})$/i.exec(c.req.header('authorization') ?? '') ?? []
  if (token !== undefined && token.length <= MAX_TOKEN_CHARS) return token
  throw new CodedError('identity-token-invalid', 'the request has no identity token')
}

function bytesOf(shape: Shape): Uint8Array {
  const text = shape.string(MAX_KEY_BYTES * 2)
  try {
    return fromBase64(text)
  } catch {
    return shape.fail('is not base64')
  }
}

/** Bytes in base64, of a request in PEM. */
function requestOf(shape: Shape): Uint8Array {
  let pem: string
  try {
    pem = fromUtf8(bytesOf(shape))
  } catch {
    return shape.fail('is not a certificate request in PEM')
  }
  const [, body] = REQUEST_PEM.exec(pem) ?? []
  if (body === undefined) return shape.fail('is not a certificate request in PEM')
  try {
    return fromBase64(body.replace(/\s+/g, ''))
  } catch {
    return shape.fail('is not a certificate request in PEM')
  }
}
