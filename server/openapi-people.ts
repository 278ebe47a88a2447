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
import { ROLES, SCOPES } from './roles.ts'

const role = { enum: ROLES }
const person = {
  id: hex(16),
  name: text,
  email: orNull(text),
  role,
  issuer: orNull(text),
  createdAt: time,
  signedInAt: orNull(time),
  removedAt: orNull(time),
}
const link = object({ code: text, url: orNull(text), expiresAt: time })
const me = object({
  person: orNull(object({ id: hex(16), name: text, email: orNull(text) })),
  token: orNull(text),
  tenant: text,
  role: orNull(role),
  scopes: list({ enum: SCOPES }),
  csrf: orNull(text),
})
const session = object({
  id: hex(24),
  by: { enum: ['link', 'provider'] },
  createdAt: time,
  seenAt: time,
  endsAt: time,
  current: { type: 'boolean' },
})
const passkey = object({
  keyId: hex(64),
  name: text,
  passkey: text,
  credential: text,
  state: { enum: ['active', 'ending', 'revoked'] },
  enrolledAt: time,
  revokedAt: orNull(time),
  reason: orNull({ enum: ['compromised', 'rotated', 'retired'] }),
  steps: count,
  lastUsedAt: orNull(time),
})
const actor = object({ kind: text, id: text, name: orNull(text) })
const act = object({
  digest: hex(64),
  index: count,
  signed: { type: 'boolean' },
  number: count,
  previous: orNull(hex(64)),
  at: time,
  by: actor,
  act: text,
  about: text,
  detail: { type: 'object' },
})
const body = (schema: Json) => ({ requestBody: { required: true, content: { 'application/json': { schema } } } })
const personId = parameter('person', 'path', 'Id of the person.', hex(16))
const provider = parameter('provider', 'path', 'Name of the provider, as GET /v1/sign-in tells it.')

/** People: how they get in, who they are, and what they administered. */
export const peoplePaths: Json = {
  '/v1/me': {
    get: operation(
      'Who asks, and what they may do',
      {
        description:
          'Scope any. By token or by the cookie of somebody who signed in; csrf is what x-countersign-csrf must be with whatever changes something by cookie.',
      },
      { 200: json('Oneself.', me) },
    ),
  },
  '/v1/me/sessions': {
    get: operation(
      'Where one is signed in, newest first',
      { description: 'Scope any. By cookie.' },
      { 200: json('All that are not over.', object({ items: list(session) })) },
    ),
  },
  '/v1/me/sessions/{session}': {
    delete: operation(
      'Sign out somewhere',
      { description: 'Scope any. By cookie.', parameters: [parameter('session', 'path', 'Its id.', hex(24))] },
      { 204: { description: 'Ended.' } },
    ),
  },
  '/v1/me/passkeys': {
    get: operation(
      'Passkeys of one’s own, oldest first',
      { description: 'Scope any. By cookie. Those that were revoked too.' },
      { 200: json('All of them.', object({ items: list(passkey) })) },
    ),
    post: operation(
      'Enrol a passkey of one’s own',
      {
        description:
          'Scope note. By cookie. Of the pages of this server, and proven: see SPEC.md §15. It signs notes, and what a contract lets it sign.',
        ...body(object({ passkey: text, credential: text, proof: text })),
      },
      { 201: json('Enrolled, or it was.', object({ keyId: hex(64), name: text })) },
    ),
  },
  '/v1/me/passkeys/{keyId}/revoke': {
    post: operation(
      'Revoke a passkey of one’s own, from now on',
      {
        description: 'Scope any. By cookie.',
        parameters: [parameter('keyId', 'path', 'SHA-256 of its text.', hex(64))],
        requestBody: {
          required: false,
          content: {
            'application/json': { schema: object({ reason: { enum: ['compromised', 'retired'] } }, ['reason']) },
          },
        },
      },
      { 200: json('All of them.', object({ items: list(passkey) })) },
    ),
  },
  '/v1/sign-out': {
    post: operation('Sign out here', { description: 'Scope any. By cookie.' }, { 204: { description: 'Ended.' } }),
  },
  '/v1/sign-in': {
    get: operation('How people sign in', open, {
      200: json('By links always.', object({ providers: list(object({ name: text, title: text, href: text })) })),
    }),
  },
  '/v1/sign-in/link': {
    post: operation(
      'Sign in by a link, once',
      {
        ...open,
        description:
          'The code is what stands behind the # of the link. Taken only from a page of the server itself; answers with the cookie countersign_session.',
        ...body(object({ code: text })),
      },
      { 200: json('Signed in.', me) },
    ),
  },
  '/v1/sign-in/{provider}': {
    get: operation(
      'Go to a provider to sign in',
      {
        ...open,
        description: 'For browsers. OpenID Connect: authorization code, PKCE, state and nonce.',
        parameters: [provider, parameter('page', 'query', 'Path of the page to come back to.')],
      },
      { 303: { description: 'To the provider.' } },
    ),
  },
  '/v1/sign-in/{provider}/callback': {
    get: operation(
      'Come back from a provider',
      {
        ...open,
        description:
          'For browsers that were sent there from here. One that takes HTML is led to /sign-in?refused=CODE where it fails.',
        parameters: [
          provider,
          parameter('state', 'query', 'As it was sent there.'),
          parameter('code', 'query', 'What stands for the ID token.'),
        ],
      },
      { 303: { description: 'To the page that was asked for, with the cookie countersign_session.' } },
    ),
  },
  '/v1/people': {
    get: operation(
      'Who may sign in, and as what',
      { description: 'Scope audit. Oldest first, those removed too.' },
      { 200: json('All of them.', object({ items: list(object(person)) })) },
    ),
    post: operation(
      'Let somebody in by a link',
      { description: 'Scope admin.', ...body(object({ name: text, role, email: orNull(text) }, ['email'])) },
      { 201: json('The link is shown here and nowhere else; it signs in once.', object({ ...person, link })) },
    ),
  },
  '/v1/people/{person}': {
    delete: operation(
      'Let somebody in no more',
      {
        description: 'Scope admin. Ends their sessions at once; no rule of a provider brings them back. Not oneself.',
        parameters: [personId],
      },
      { 204: { description: 'Removed.' } },
    ),
  },
  '/v1/people/{person}/role': {
    post: operation(
      'Give somebody another role',
      {
        description: 'Scope admin. Counts at once. Whom a provider vouches for has the role that the rules give.',
        parameters: [personId],
        ...body(object({ role })),
      },
      { 200: json('As they are now.', object(person)) },
    ),
  },
  '/v1/people/{person}/links': {
    post: operation(
      'Make a link that signs somebody in',
      { description: 'Scope admin. In the place of those there were.', parameters: [personId] },
      { 201: json('Shown here and nowhere else; it signs in once.', link) },
    ),
  },
  '/v1/people/{person}/restore': {
    post: operation(
      'Let somebody in again who was removed',
      { description: 'Scope admin.', parameters: [personId] },
      { 200: json('As they are now.', object(person)) },
    ),
  },
  '/v1/audit': {
    get: operation(
      'What administrators did, newest first',
      {
        description: 'Scope audit. Each act names the one before, and is an entry of the log.',
        parameters: [
          parameter('about', 'query', 'What it was done to: the id of a token, a key, a person.'),
          limit,
          cursor,
        ],
      },
      { 200: json('A page.', object({ items: list(act), next: orNull(text) })) },
    ),
  },
  '/v1/audit/{digest}': {
    get: operation(
      'An administrative act with the proof that it is in the log',
      {
        description: 'Scope audit. See packages/formats/SPEC.md, Administrative acts.',
        parameters: [parameter('digest', 'path', 'SHA-256 of its PAE.', hex(64))],
      },
      {
        200: json(
          'The act as it was logged, and its proof.',
          object({ mediaType: text, payload: text, payloadType: text, proof: text }),
        ),
      },
    ),
  },
}
