import { REVOCATION_REASONS } from '@countersign/formats'
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

const reason = orNull({ enum: REVOCATION_REASONS })
const revokedAt = { ...orNull(time), description: 'As of when it counts no more.' }
const key = {
  keyId: hex(64),
  algorithm: text,
  publicKey: text,
  name: text,
  state: { enum: ['active', 'ending', 'revoked'] },
  enrolledAt: time,
  revokedAt,
  reason,
  steps: { ...count, description: 'Attestations of it that were accepted, erased ones too.' },
  lastUsedAt: orNull(time),
}
const done = { at: time, by: text }
const event = {
  oneOf: [
    object({ ...done, kind: { const: 'enrolled' }, proven: { type: 'boolean' }, replaces: orNull(hex(64)) }),
    object({ ...done, kind: { const: 'rotated' }, asOf: time, to: hex(64) }),
    object({ ...done, kind: { const: 'revoked' }, asOf: time, reason }),
  ],
}
const shown = object({ ...key, events: list(event) })
const affected = object({
  link: hex(64),
  chain: hex(32),
  pipeline: text,
  step: text,
  attempt: { type: 'integer', minimum: 1 },
  matrix: orNull(text),
  signer: text,
  system: text,
  succeeded: { type: 'boolean' },
  finishedAt: time,
  acceptedAt: time,
  index: count,
  late: { type: 'boolean' },
  subjects: count,
  artifacts: list(object({ name: text, sha256: hex(64) })),
  after: { ...orNull(hex(64)), description: 'The one of the signer that it goes on from; null for one of his own.' },
})

const keyId = parameter('keyId', 'path', 'SHA-256 of its SPKI.', hex(64))
const body = (schema: Json, required = true): Json => ({
  requestBody: { required, content: { 'application/json': { schema } } },
})
const proof = {
  ...orNull(text),
  description: 'Base64 of a signature of the key over its enrolment. See SPEC.md §15.',
}
const lifetime = { type: 'integer', minimum: 60, maximum: 2_592_000, description: 'Seconds.' }
const overlap = { type: 'integer', minimum: 0, maximum: 31_622_400, description: 'Seconds for which both count.' }
const uses = { type: 'integer', minimum: 1, maximum: 1_000 }
const invitation = { id: text, name: text, expiresAt: time, uses: count }

/** Paths of the keys. */
export const keyPaths: Json = {
  '/v1/keys': {
    get: operation(
      'Enrolled keys',
      { description: 'Scope read.' },
      { 200: json('All of them.', object({ items: list(object(key)) })) },
    ),
    post: operation(
      'Enrol a key',
      {
        description: 'Scope admin. A key that was revoked does not come back.',
        ...body(object({ name: text, publicKey: text, proof }, ['proof'])),
      },
      { 201: json('Enrolled.', object({ keyId: hex(64), name: text })) },
    ),
  },
  '/v1/keys/{keyId}': {
    get: operation(
      'A key and what happened to it',
      { description: 'Scope read.', parameters: [keyId] },
      { 200: json('Found.', shown) },
    ),
  },
  '/v1/keys/{keyId}/revoke': {
    post: operation(
      'Revoke a key as of a time',
      {
        description:
          'Scope admin. What was accepted at or after that time counts no more; receipts stay. The time moves back, never forth; left out, it is now.',
        parameters: [keyId],
        ...body(object({ since: orNull(time), reason }, ['since', 'reason']), false),
      },
      { 200: json('Revoked.', shown) },
    ),
  },
  '/v1/keys/{keyId}/rotate': {
    post: operation(
      'Put a key in the place of another',
      {
        description: 'Scope admin. The new one has the name of the old one, which counts until the overlap is over.',
        parameters: [keyId],
        ...body(object({ publicKey: text, overlap, proof }, ['proof'])),
      },
      { 201: json('Both.', object({ from: shown, to: shown })) },
    ),
  },
  '/v1/keys/{keyId}/affected': {
    get: operation(
      'What a key signed, and what goes on from it',
      {
        description:
          'Scope read. In the order in which it was accepted; each is followed by what goes on from it in its chain, up to the next of the key. What was erased is not told.',
        parameters: [
          keyId,
          parameter('since', 'query', 'Accepted at or after; default: as of when it was revoked, else ever.', time),
          limit,
          cursor,
        ],
      },
      { 200: json('A page.', object({ since: orNull(time), items: list(affected), next: orNull(text) })) },
    ),
  },
  '/v1/affected': {
    get: operation(
      'What was signed by whom an authority or an issuer vouched for, and what goes on from it',
      {
        description:
          'Scope read. By authority, or by issuer with subject or repository or neither. In the order in which it was accepted, as that of a key. 404 where nothing is held that such a signer signed.',
        parameters: [
          parameter(
            'authority',
            'query',
            'Its name at this server, or SHA-256 of its root certificate or trusted root.',
          ),
          parameter('issuer', 'query', 'URL of the OpenID issuer, letter by letter.'),
          parameter('subject', 'query', 'Name in the certificate: URI or e-mail address.'),
          parameter('repository', 'query', 'Number that the issuer gave the repository.'),
          parameter('since', 'query', 'Accepted at or after; default: ever.', time),
          limit,
          cursor,
        ],
      },
      { 200: json('A page.', object({ since: orNull(time), items: list(affected), next: orNull(text) })) },
    ),
  },
  '/v1/invitations': {
    get: operation(
      'Invitations that still let a key in',
      { description: 'Scope audit.' },
      {
        200: json(
          'Newest first, at most 1,000.',
          object({ items: list(object({ ...invitation, createdAt: time, by: text, used: count })) }),
        ),
      },
    ),
    post: operation(
      'Make a code that lets a key in',
      { description: 'Scope admin.', ...body(object({ name: text, lifetime, uses })) },
      {
        201: json(
          'The code is shown here and nowhere else.',
          object({ ...invitation, code: { type: 'string', pattern: '^cse_[0-9a-f]{12}_[0-9a-f]{64}$' } }),
        ),
      },
    ),
  },
  '/v1/invitations/{id}/withdraw': {
    post: operation(
      'Let nobody in by a code any more',
      { description: 'Scope admin.', parameters: [parameter('id', 'path', 'Id of the invitation.')] },
      { 204: { description: 'Withdrawn.' } },
    ),
  },
  '/v1/enrolments': {
    post: operation(
      'Enrol a key by a code',
      {
        ...open,
        description: 'No token: the code says for whom. The same key by the same code again is no fault.',
        ...body(object({ code: text, publicKey: text, proof: text })),
      },
      { 201: json('Enrolled.', object({ keyId: hex(64), name: text })) },
    ),
  },
}
