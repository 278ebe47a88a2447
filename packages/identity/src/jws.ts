import { CodedError, fromBase64url, type JsonObject, parseJson, utf8 } from '@countersign/core'
import { Shape } from '@countersign/formats'

export const CODE = 'identity-token-invalid'

/** Most bytes of the claims; a signature and a header come on top. */
export const MAX_CLAIMS_BYTES = 16_384
const MAX_HEADER_BYTES = 2_048
const MAX_SIGNATURE_BYTES = 1_024
/** Most characters of a whole token. */
export const MAX_TOKEN_CHARS = Math.ceil(((MAX_CLAIMS_BYTES + MAX_HEADER_BYTES + MAX_SIGNATURE_BYTES) * 4) / 3) + 4

/** What stands in a token, of which nothing is verified. */
export interface UnverifiedToken {
  readonly algorithm: string
  readonly keyId: string
  readonly type: string | null
  readonly claims: JsonObject
  /** `iss`: it says whose keys to ask, and only that. */
  readonly issuer: string
  /** The bytes that are signed. */
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

/**
 * Reads a compact JWS (RFC 7515 §7.1) of a JWT: base64url without padding, strict JSON, and a header that names an
 * algorithm and a key and brings neither: no `jwk`, `jku`, `x5u`, `x5c`, `crit`, `b64` or anything else that is unknown.
 * Throws `identity-token-invalid`.
 */
export function readToken(text: string): UnverifiedToken {
  if (text.length > MAX_TOKEN_CHARS) throw invalid(`the token is longer than ${MAX_TOKEN_CHARS} characters`)
  const parts = text.split('.')
  const [head, body, mark] = parts
  if (parts.length !== 3 || head === undefined || body === undefined || mark === undefined) {
    throw invalid('a token has three parts with dots between them')
  }
  const header = new Shape(CODE, json(head, 'header', MAX_HEADER_BYTES), 'the header').object(
    ['alg', 'kid'],
    ['typ', 'x5t', 'x5t#S256'],
  )
  const claims = new Shape(CODE, json(body, 'payload', MAX_CLAIMS_BYTES), 'the token').members()
  for (const thumbprint of ['x5t', 'x5t#S256']) if (header.has(thumbprint)) header.get(thumbprint).string(128)
  return {
    algorithm: header.text('alg', 16),
    keyId: header.text('kid', 256),
    type: header.has('typ') ? header.text('typ', 16) : null,
    claims,
    issuer: new Shape(CODE, claims['iss'], 'iss').text(1024),
    signed: utf8(`${head}.${body}`),
    signature: bytes(mark, 'signature', MAX_SIGNATURE_BYTES),
  }
}

export function invalid(what: string, cause?: unknown): CodedError {
  return new CodedError(CODE, what, cause === undefined ? {} : { cause })
}

function json(part: string, name: string, maxBytes: number) {
  const read = bytes(part, name, maxBytes)
  try {
    return parseJson(read, { maxBytes, maxDepth: 16 })
  } catch (cause) {
    throw invalid(`the ${name} of the token: ${cause instanceof CodedError ? cause.what : 'not JSON'}`, cause)
  }
}

function bytes(part: string, name: string, maxBytes: number): Uint8Array {
  let read: Uint8Array
  try {
    read = fromBase64url(part)
  } catch (cause) {
    throw invalid(`the ${name} of the token is not base64url in its one form`, cause)
  }
  if (read.length === 0) throw invalid(`the ${name} of the token is empty`)
  if (read.length > maxBytes) throw invalid(`the ${name} of the token exceeds ${maxBytes} bytes`)
  return read
}
