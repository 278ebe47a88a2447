import { base64, CodedError, publicKeyPem } from '@countersign/core'
import { Reading } from './answers.ts'
import { derOf, MAX_CERTIFICATES, type SessionRequest } from './session.ts'
import { Transport, type TransportOptions } from './transport.ts'

const MAX_ANSWER_BYTES = 262_144

/**
 * Has a Fulcio certify a key: `POST /api/v2/signingCert` (fulcio, fulcio.proto). Certificates as DER, unverified, the
 * key's first. Throws `server-answer`, which says the status and nothing of the token, and `server-unreachable`.
 */
export async function requestSigningCertificate(
  options: Omit<TransportOptions, 'token'>,
  { token, key }: SessionRequest & { readonly key: object },
): Promise<Uint8Array[]> {
  const request = {
    credentials: { oidcIdentityToken: token },
    publicKeyRequest: {
      publicKey: { algorithm: 'ECDSA', content: publicKeyPem(key.publicKey) },
      proofOfPossession: base64(key.proof),
    },
  }
  const { body } = await new Transport({ ...options, token: null }).json({
    method: 'POST',
    path: '/api/v2/signingCert',
    body: { type: 'application/json', bytes: new TextEncoder().encode(JSON.stringify(request)) },
    maxBytes: MAX_ANSWER_BYTES,
    // A token may count once.
    repeatable: false,
  })
  const it = new Reading(body)
  if (it.isMissing('signedCertificateEmbeddedSct')) {
    throw new CodedError('server-answer', 'the authority answered without a certificate that holds its SCT')
  }
  const chain = it.object('signedCertificateEmbeddedSct').object('chain')
  return chain.texts('certificates').slice(0, MAX_CERTIFICATES).map(derOf)
}

/** Certificates of a server's authorities (`GET /api/v2/trustBundle`); none of a server that has no authority. */
export async function fetchAuthorities(transport: Transport): Promise<Uint8Array[][]> {
  try {
    const { body } = await transport.json({ method: 'GET', path: '/api/v2/trustBundle', maxBytes: MAX_ANSWER_BYTES })
    return new Reading(body).list('chains', (chain) =>
      chain.texts('certificates').slice(0, MAX_CERTIFICATES).map(derOf),
    )
  } catch (error) {
    if (error instanceof CodedError && error.code === 'method-unknown') return []
    throw error
  }
}
