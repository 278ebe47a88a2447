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

const signature = object({ sig: text, keyid: text, certificate: text, timestamps: list(text) }, [
  'keyid',
  'certificate',
  'timestamps',
])
const endorsed = object({ mediaType: text, payload: text, payloadType: text, proof: text, signatures: list(signature) })

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
