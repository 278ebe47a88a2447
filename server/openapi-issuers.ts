import { IDENTITY_FACTS } from '@countersign/formats/identity'
import { SYSTEM_NAMES } from '@countersign/identity'
import {
  count,
  type Json,
  json,
  list,
  object,
  open,
  operation,
  orNull,
  parameter,
  ref,
  text,
  time,
} from './openapi-parts.ts'

const toggle = { enum: ['allow', 'refuse'] }
const rule = {
  id: { type: 'string', description: "The tenant's name for it." },
  system: { enum: SYSTEM_NAMES },
  issuer: { type: 'string', description: 'Exactly as in its tokens.' },
  audience: { ...orNull(text), description: "Null for the server's own, or the one that is fixed for the system." },
  url: { ...orNull(text), description: "Where the system's own pages are; null for what the issuer implies." },
  claims: { ...list(object({ name: text, value: text })), description: 'All must hold, exactly.', maxItems: 32 },
  pullRequests: toggle,
  forks: toggle,
  selfHosted: toggle,
  sshRerun: toggle,
  confirm: {
    enum: ['off', 'try', 'demand'],
    description: 'Whether the provider is asked about each run: try, where one is set up.',
  },
  session: { type: 'integer', minimum: 60, maximum: 43_200, description: 'Seconds that a session lasts; 3600.' },
}
const shown = object({ ...rule, addedAt: time, addedBy: text, removedAt: orNull(time) })
const given = object(
  rule,
  Object.keys(rule).filter((key) => !['id', 'system', 'issuer'].includes(key)),
)
const facts = Object.fromEntries(IDENTITY_FACTS.filter((fact) => fact !== 'issuer').map((fact) => [fact, orNull(text)]))
const identity = object({
  subject: object({ kind: { enum: ['uri', 'email'] }, value: text }),
  issuer: text,
  ...facts,
})
const known = {
  system: { enum: SYSTEM_NAMES },
  grade: { enum: ['A', 'B', 'C'] },
  identity,
  run: orNull(object({ id: text, attempt: orNull(count), job: orNull(text) })),
}
const runName = { type: 'string', maxLength: 512, description: 'What the job calls its run, for its provider.' }
const confirmation = orNull(object({ confirmed: { type: 'boolean' }, reason: orNull(ref('Report')) }))
const token = {
  required: true,
  content: { 'application/json': { schema: object({ token: text, run: runName }, ['run']) } },
}

const session = object({ token: text, publicKey: text, proof: text, run: runName }, ['publicKey', 'proof', 'run'])

const granted = object(
  {
    accessToken: { type: 'string', description: 'cst_…, to be sent as a bearer token.' },
    expiresAt: time,
    scopes: list({ enum: ['append', 'read'] }),
    tenant: text,
    rule: text,
    ...known,
    confirmation: { ...confirmation, description: 'What its provider said; null where none is asked.' },
    certificates: { ...list(text), description: 'PEM: the certificate first, the root last.' },
    audience: text,
  },
  ['certificates'],
)

/** The routes of identity tokens: whose are taken, and what is granted for one. */
export const issuerPaths: Json = {
  '/v1/audience': {
    get: operation('The audience that identity tokens for this server must have', open, {
      200: json('To be asked for at the CI system.', object({ audience: text })),
    }),
  },
  '/v1/sessions': {
    post: operation(
      'An API token for a while, in return for an identity token',
      {
        ...open,
        description:
          'The identity token is the proof, and counts once. What is granted may append the steps of its own identity, and read; it ends by itself, or with the issuer rule. With a key (ECDSA P-256, PEM) and proof of it (base64 of a signature over the `sub` of the token) it gives a certificate too. Shown again, with the session that it opened as a bearer token, the same identity token gives that session, and a certificate for a further key.',
        requestBody: { required: true, content: { 'application/json': { schema: session } } },
      },
      {
        200: json('The session that the token opened before, shown with it.', granted),
        201: json('Granted.', granted),
      },
    ),
  },
  '/v1/issuers': {
    get: operation(
      'Whose identity tokens are taken',
      { description: 'Scope audit. Rules in force and those removed, oldest first.' },
      { 200: json('All of them.', object({ items: list(shown) })) },
    ),
    post: operation(
      'Take tokens of an issuer from now on',
      {
        description: 'Scope admin. The same rule again is no fault. See packages/formats/SPEC.md, Issuer rules.',
        requestBody: { required: true, content: { 'application/json': { schema: given } } },
      },
      { 201: json('In force.', shown) },
    ),
  },
  '/v1/issuers/test': {
    post: operation(
      'What the rules make of a token',
      { description: 'Scope maintain. Uses nothing up and keeps nothing.', requestBody: token },
      {
        200: json(
          'Which rule would take it, or why none does.',
          object({
            rule: orNull(text),
            refusal: orNull(ref('Report')),
            rules: list(object({ id: text, refusal: orNull(ref('Report')) })),
            token: orNull(object({ ...known, expiresAt: time })),
            confirmation,
            used: { type: 'boolean', description: 'Whether it was used already.' },
          }),
        ),
      },
    ),
  },
  '/v1/issuers/{rule}': {
    delete: operation(
      'Take no tokens under a rule any longer',
      { description: 'Scope admin. Ends every session under it.', parameters: [parameter('rule', 'path', 'Its id.')] },
      { 204: { description: 'Ended.' } },
    ),
  },
}
