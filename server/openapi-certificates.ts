import { IDENTITY_FACTS } from '@countersign/formats/identity'
import {
  count,
  cursor,
  hex,
  type Json,
  json,
  limit,
  list,
  object,
  open,
  operation,
  orNull,
  parameter,
  text,
  time,
} from './openapi-parts.ts'

const facts = Object.fromEntries(IDENTITY_FACTS.filter((fact) => fact !== 'issuer').map((fact) => [fact, orNull(text)]))
const logged = {
  serial: { type: 'string', pattern: '^[0-9a-f]{2,64}$' },
  index: { ...count, description: 'Of its leaf in the log.' },
  authority: { ...hex(64), description: "Key id of the authority's key." },
  keyId: { ...hex(64), description: 'Of the key that is certified.' },
  issuedAt: time,
  notAfter: time,
  system: text,
  grade: { enum: ['A', 'B', 'C'] },
  identity: object({ subject: object({ kind: { enum: ['uri', 'email'] }, value: text }), issuer: text, ...facts }),
  tbs: { type: 'string', description: 'Base64 of what was logged: the certificate before the proofs of its issuance.' },
}
const pem = { type: 'string', description: 'A certificate in PEM.' }
const status = {
  description: 'Refused, in the words of gRPC; the message begins with our code.',
  content: { 'application/json': { schema: object({ code: count, message: text, details: list({}) }) } },
}
/** Fulcio's own routes answer as Fulcio does. */
const fulcio = (summary: string, more: Json, responses: Json): Json => ({
  ...operation(summary, { ...open, ...more }, responses),
  responses: { ...responses, default: status },
})
const anything = (description: string) => json(description, { type: 'object' })

/** The routes of the authority. */
export const certificatePaths: Json = {
  '/api/v2/signingCert': {
    post: fulcio(
      "A certificate in return for an identity token (Fulcio's API)",
      {
        description:
          'The token is the proof, and counts once; it may stand in the authorization header instead. The key is ECDSA P-256; its holder signs the `sub` or the e-mail address of the token with it, or a PKCS #10 request in PEM. See packages/formats/SPEC.md, Authority.',
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: object(
                {
                  credentials: object({ oidcIdentityToken: text }),
                  publicKeyRequest: object({
                    publicKey: object({ algorithm: text, content: text }, ['algorithm']),
                    proofOfPossession: text,
                  }),
                  certificateSigningRequest: text,
                },
                ['credentials', 'publicKeyRequest', 'certificateSigningRequest'],
              ),
            },
          },
        },
      },
      {
        200: json(
          'The certificate first, the root last.',
          object({ signedCertificateEmbeddedSct: object({ chain: object({ certificates: list(pem) }) }) }),
        ),
      },
    ),
  },
  '/api/v2/trustBundle': {
    get: fulcio(
      "The authorities' certificates (Fulcio's API)",
      {},
      {
        200: json('The one that issues first.', object({ chains: list(object({ certificates: list(pem) })) })),
      },
    ),
  },
  '/api/v2/configuration': {
    get: fulcio(
      "Nothing: whose tokens a tenant takes is its own business (Fulcio's API)",
      {},
      { 200: json('An empty list.', object({ issuers: list({}) })) },
    ),
  },
  '/trusted_root.json': {
    get: fulcio('The authorities as clients of Sigstore trust them', {}, { 200: anything("Sigstore's TrustedRoot.") }),
  },
  '/signing_config.json': {
    get: fulcio(
      'Where clients of Sigstore get certificates',
      {},
      { 200: anything("Sigstore's SigningConfig v0.2, of an authority alone.") },
    ),
  },
  '/v1/certificates': {
    get: operation(
      'What the authority has issued, newest first',
      {
        description: 'Scope read. Each was logged before it was signed; whether it was signed then is not said.',
        parameters: [limit, cursor],
      },
      { 200: json('A page.', object({ items: list(object(logged)), next: orNull(text) })) },
    ),
  },
  '/v1/certificates/{serial}': {
    get: operation(
      'One certificate, with the proof that it is in the log',
      { description: 'Scope read.', parameters: [parameter('serial', 'path', 'Its serial number, in hex.')] },
      {
        200: json(
          'Held.',
          object({ ...logged, proof: { type: 'string', description: 'A C2SP tlog-proof without extra data.' } }),
        ),
      },
    ),
  },
}
