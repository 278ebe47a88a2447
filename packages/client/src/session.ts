import { base64, CodedError, fromBase64, type PublicKey, publicKeyPem } from '@countersign/core'
import { plainText } from './plain-text.ts'
import { Reading } from './answers.ts'
import { reasonIn, type TokenRefusal } from './issuers.ts'
import { Transport, type TransportOptions } from './transport.ts'

export interface SessionRequest {
  /** Identity token of a CI system or workload, a compact JWT for the audience of this server. It counts once. */
  readonly token: string
  /** What the job calls its run, for a server that asks its provider; null where the token says it. */
  readonly run?: string | null
  /** Key to be certified, and its signature over who the token is of; null asks for access alone. */
  readonly key: { readonly publicKey: PublicKey; readonly proof: Uint8Array } | null
  /** API token of the session that this very token opened before: with it, and not without, the token is taken again. */
  readonly session?: string | null
}

/** What an identity token was exchanged for. */
export interface Session {
  /** API token. A secret, for a while. */
  readonly accessToken: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  /** Certificates as DER, unverified: of the key first, then of its authority. None where no key was named. */
  readonly certificates: readonly Uint8Array[]
  /** Why its provider did not confirm the run; null where it did, or was not asked. */
  readonly unconfirmed: TokenRefusal | null
}

const MAX_ANSWER_BYTES = 262_144
/** Most of a chain that are kept. */
export const MAX_CERTIFICATES = 8

/**
 * Exchanges an identity token for access to the server, and for a certificate. Never repeated: the token may be used up
 * although no answer came. Throws what the server refuses with (`issuer-unknown`, `identity-token-used`, …),
 * `server-unreachable` and `server-answer`.
 */
export async function openSession(
  options: Omit<TransportOptions, 'token'>,
  { token, key, run = null, session = null }: SessionRequest,
): Promise<Session> {
  const transport = new Transport({ ...options, token: session })
  const certify = key === null ? {} : { publicKey: publicKeyPem(key.publicKey), proof: base64(key.proof) }
  const bytes = new TextEncoder().encode(JSON.stringify({ token, ...certify, ...(run === null ? {} : { run }) }))
  const { body } = await transport.json({
    method: 'POST',
    path: '/v1/sessions',
    body: { type: 'application/json', bytes },
    maxBytes: MAX_ANSWER_BYTES,
    repeatable: false,
  })
  const it = new Reading(body)
  const expiresAt = Date.parse(it.text('expiresAt'))
  if (Number.isNaN(expiresAt)) throw new CodedError('server-answer', 'in the server’s answer, expiresAt is no time')
  return {
    accessToken: it.text('accessToken'),
    expiresAt,
    unconfirmed: reasonIn(it),
    certificates: key === null ? [] : it.texts('certificates').slice(0, MAX_CERTIFICATES).map(derOf),
  }
}

/** What the audiences of our servers begin with, and those of no other service. */
const AUDIENCE = /^countersign:[\x21-\x7e]{1,500}$/

/**
 * The audience that identity tokens for this server must have, as it says itself. Only one that no other service has is
 * believed: a server that has fallen must not gather tokens for a cloud. Throws `server-answer` and `server-unreachable`.
 */
export async function sessionAudience(options: Omit<TransportOptions, 'token'>): Promise<string> {
  const { body } = await new Transport({ ...options, token: null }).json({ method: 'GET', path: '/v1/audience' })
  const audience = new Reading(body).text('audience')
  if (AUDIENCE.test(audience)) return audience
  throw new CodedError('server-answer', `the server wants tokens for ${plainText(audience, 100)}, which is not its own`)
}

/** The one certificate in a PEM text (RFC 7468 §5). */
export function derOf(pem: string): Uint8Array {
  const body = /^\s*-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/.exec(pem)?.[1]
  try {
    if (body !== undefined) return fromBase64(body.replace(/\s+/g, ''))
  } catch {
    // Told below.
  }
  throw new CodedError('server-answer', `the server answered with what is no certificate: ${plainText(pem, 40)}`)
}
