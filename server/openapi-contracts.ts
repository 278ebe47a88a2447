import {
  bytes,
  count,
  cursor,
  hex,
  type Json,
  json,
  limit,
  list,
  object,
  operation,
  orNull,
  parameter,
  text,
  time,
} from './openapi-parts.ts'

const listed = object({
  pipeline: text,
  revision: count,
  digest: hex(64),
  publishedAt: time,
  index: { ...orNull(count), description: 'Of its leaf in the log; null for one that nobody signed.' },
  signatures: count,
})

const waiting = object({
  id: { ...hex(64), description: 'SHA-256 of the PAE of the deviation.' },
  state: { enum: ['waiting', 'expired', 'superseded'] },
  why: { ...orNull(text), description: 'Why it waits no more.' },
  pipeline: text,
  chain: hex(32),
  artifact: orNull(hex(64)),
  contract: hex(64),
  excuses: list(object({ code: text, step: text })),
  reason: text,
  issuedAt: time,
  expiresAt: time,
  proposedAt: time,
  by: object({ kind: text, id: text, name: orNull(text) }),
  threshold: {
    ...orNull(count),
    description: 'How many maintainers it takes; null where the contract is not in force any more.',
  },
  signedBy: { ...list(text), description: 'Maintainers whose signature counts now.' },
  open: { ...list(text), description: 'Maintainers who may sign yet.' },
})

const signature = object({ sig: text, keyid: text, certificate: text, timestamps: list(text) }, [
  'keyid',
  'certificate',
  'timestamps',
])
const signed = { mediaType: text, payload: text, payloadType: text, signatures: list(signature) }
const endorsed = object({ ...signed, proof: text })

/** What can be asked of contracts, and of what was let through. */
export const contractPaths: Json = {
  '/v1/contracts': {
    get: operation(
      'Contracts that were published, newest first',
      {
        description: 'Scope read.',
        parameters: [parameter('pipeline', 'query', 'Of this one alone.'), limit, cursor],
      },
      { 200: json('A page.', object({ items: list(listed), next: orNull(text) })) },
    ),
  },
  '/v1/contracts/{pipeline}': {
    get: operation(
      'The contract in force',
      {
        description: 'Scope read.',
        parameters: [parameter('pipeline', 'path', 'Pipeline name, its slashes as %2F or as they are.')],
      },
      { 200: bytes('The YAML as it was published.', 'application/yaml') },
    ),
    put: operation(
      'Publish a contract',
      {
        description:
          'Scope maintain. Its revision must be above the one in force. Where that one, or this, names maintainers, the body is the signed contract.',
        parameters: [parameter('pipeline', 'path', 'Pipeline name.')],
        requestBody: { required: true, content: { 'application/yaml': { schema: text } } },
      },
      {
        200: json(
          'In force for new runs.',
          object({ pipeline: text, revision: count, digest: hex(64), index: orNull(count), signedBy: list(text) }),
        ),
      },
    ),
  },
  '/v1/contracts/by-digest/{digest}': {
    get: operation(
      'A contract by its digest',
      { description: 'Scope read.', parameters: [parameter('digest', 'path', 'SHA-256 of its bytes.', hex(64))] },
      { 200: bytes('The YAML as it was published.', 'application/yaml') },
    ),
  },
  '/v1/contracts/by-digest/{digest}/signed': {
    get: operation(
      'A contract with its signatures and the proof that it is in the log',
      { description: 'Scope read.', parameters: [parameter('digest', 'path', 'SHA-256 of its bytes.', hex(64))] },
      { 200: json('The signed contract.', endorsed) },
    ),
  },
  '/v1/chains/{id}/proposals': {
    post: operation(
      'Propose a deviation, or add a signature to one that waits',
      {
        description:
          'Scope append. Signed by one maintainer of the contract of the chain at least. With the last signature that it takes it is let in, as by POST /v1/chains/{id}/deviations.',
        parameters: [parameter('id', 'path', 'Chain id.', hex(32))],
        requestBody: { required: true, content: { 'application/json': { schema: text } } },
      },
      {
        200: json('Let in: the deviation with the proof that it is in the log.', endorsed),
        202: json('It waits for more signatures.', waiting),
      },
    ),
  },
  '/v1/proposals': {
    get: operation(
      'Deviations that wait for signatures, newest first',
      {
        description: 'Scope read. What is over is shown for a week; what was let in is not among them.',
        parameters: [parameter('chain', 'query', 'Those of one run.', hex(32))],
      },
      { 200: json('All of them: at most 100.', object({ items: list(waiting) })) },
    ),
  },
  '/v1/proposals/{id}': {
    get: operation(
      'A deviation that waits, with the signatures that it has',
      { description: 'Scope read.', parameters: [parameter('id', 'path', 'Id of the deviation.', hex(64))] },
      { 200: json('To be signed by another, and sent again.', object(signed)) },
    ),
    delete: operation(
      'Withdraw a deviation that waits',
      {
        description: 'Scope maintain. An act.',
        parameters: [parameter('id', 'path', 'Id of the deviation.', hex(64))],
      },
      { 204: { description: 'Withdrawn.' } },
    ),
  },
  '/v1/chains/{id}/deviations': {
    post: operation(
      'Let something through that the contract refuses',
      {
        description:
          'Scope append. Signed by as many maintainers of the contract of the chain as it asks for; before its first step that is the one in force.',
        parameters: [parameter('id', 'path', 'Chain id.', hex(32))],
        requestBody: { required: true, content: { 'application/json': { schema: text } } },
      },
      { 200: json('The deviation with the proof that it is in the log.', endorsed) },
    ),
  },
}
