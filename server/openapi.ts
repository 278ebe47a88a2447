import { anchorPaths } from './openapi-anchors.ts'
import { certificatePaths } from './openapi-certificates.ts'
import { contractPaths } from './openapi-contracts.ts'
import { eventPaths } from './openapi-events.ts'
import { gatePaths } from './openapi-gate.ts'
import { issuerPaths } from './openapi-issuers.ts'
import { tokenPaths } from './openapi-tokens.ts'
import { viewPaths } from './openapi-views.ts'
import { keyPaths } from './openapi-keys.ts'
import { packPaths } from './openapi-packs.ts'
import { peoplePaths } from './openapi-people.ts'
import { remarkPaths } from './openapi-remarks.ts'
import { schemas } from './openapi-schemas.ts'
import {
  type Json,
  text,
  hex,
  time,
  count,
  ref,
  object,
  list,
  orNull,
  json,
  bytes,
  parameter,
  cursor,
  limit,
  operation,
  open,
} from './openapi-parts.ts'

const ready = object({ status: text, failingWitnesses: list(text) }, ['failingWitnesses'])

const placed = {
  link: hex(64),
  chain: hex(32),
  pipeline: text,
  step: text,
  attempt: { type: 'integer', minimum: 1 },
  matrix: orNull(text),
  acceptedAt: time,
  index: count,
  late: { type: 'boolean' },
}
const stored = {
  ...placed,
  signer: text,
  system: text,
  succeeded: { type: 'boolean' },
  finishedAt: time,
  subjects: count,
}
const erased = { ...placed, erasedAt: time, ground: text }

const WARNINGS = ['statement-overdue', 'statement-late', 'statement-ahead', 'anchor-gap', 'anchor-dead-letter']

/** The API's description, OpenAPI 3.1. A test holds it against the routes and the routes' answers against it. */
export function openapi(version: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version,
      description: 'Takes signed steps, holds them against the steps before and the contract, countersigns what fits.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ token: [] }, { session: [] }],
    paths: {
      '/v1/attestations': {
        post: operation(
          'Append a signed step',
          {
            description:
              'Scope append. The same attestation again gets the receipt of the first time, as of now. A step that does not fit is refused and kept in the inbox.',
            parameters: [
              parameter('late', 'query', '1 for a step from a spool.', { const: '1' }),
              parameter('idempotency-key', 'header', 'Another body under the same key is refused.'),
            ],
            requestBody: { required: true, content: { 'application/json': { schema: ref('Bundle') } } },
          },
          {
            201: json('Accepted and durable.', ref('Appended')),
            200: json('Held already; its receipt as of now.', ref('Appended')),
          },
        ),
        get: operation(
          'Search attestations, newest first',
          {
            description:
              'Scope read. By exactly one of artifact, commit, chain, pipeline. What was erased is found by chain and pipeline.',
            parameters: [
              parameter('artifact', 'query', 'SHA-256 of a subject.', {
                type: 'string',
                pattern: '^(sha256:)?[0-9a-f]{64}$',
              }),
              parameter('commit', 'query', 'Git commit of a subject or material.'),
              parameter('chain', 'query', 'Chain id.', hex(32)),
              parameter('pipeline', 'query', 'Pipeline name.'),
              limit,
              cursor,
            ],
          },
          {
            200: json(
              'A page.',
              object({ items: list({ anyOf: [object(stored), object(erased)] }), next: orNull(text) }),
            ),
          },
        ),
      },
      '/v1/attestations/{link}': {
        get: operation(
          'One attestation with its receipt',
          {
            description: 'Scope read. One that was erased is answered with 410, when and why.',
            parameters: [parameter('link', 'path', 'Link digest.', hex(64))],
          },
          { 200: json('Found.', object({ ...stored, bundle: ref('Bundle'), receipt: ref('Receipt') })) },
        ),
      },
      '/v1/attestations/{link}/erase': {
        post: operation(
          'Erase an attestation for good',
          {
            description:
              'Scope admin. Its content, what opens its leaf and what its content left elsewhere are gone, in backups too; a tombstone is in the log when the reply comes. Its place stays taken. The same again gives the first tombstone.',
            parameters: [parameter('link', 'path', 'Link digest.', hex(64))],
            requestBody: {
              required: true,
              content: {
                'application/json': { schema: object({ ground: { ...text, minLength: 1, maxLength: 256 } }) },
              },
            },
          },
          {
            200: json(
              'Erased.',
              object({ link: hex(64), erasedAt: time, ground: text, tombstone: count, withheld: ref('Withheld') }),
            ),
          },
        ),
      },
      '/v1/attestations/{link}/proof': {
        get: operation(
          'Proof that an attestation is in the log',
          {
            description: 'Scope read. A C2SP tlog-proof under the last checkpoint; its extra data opens the leaf.',
            parameters: [parameter('link', 'path', 'Link digest.', hex(64))],
          },
          { 200: bytes('The .tlog-proof.', 'text/plain') },
        ),
      },
      '/v1/log/tile/entries/{path}': {
        get: operation(
          'Entries of the log',
          {
            description: 'Scope read. A C2SP tlog-tiles entry bundle: leaves, which tell when and not what.',
            parameters: [parameter('path', 'path', 'Index and width, such as x001/234 or 000.p/7.')],
          },
          { 200: bytes('The bundle.', 'application/octet-stream') },
        ),
      },
      '/checkpoint': {
        get: operation(
          'Last signed checkpoint of the log',
          { ...open, description: 'C2SP tlog-checkpoint.' },
          {
            200: bytes('The note.', 'text/plain'),
          },
        ),
      },
      '/tile/{path}': {
        get: operation(
          'Tile of the SHA-256 tree',
          {
            ...open,
            description: 'C2SP tlog-tiles.',
            parameters: [parameter('path', 'path', 'Level, index and width, such as 0/x001/234 or 1/000.p/7.')],
          },
          { 200: bytes('Its hashes.', 'application/octet-stream') },
        ),
      },
      '/sha3/tile/{path}': {
        get: operation(
          'Tile of the SHA3-256 tree',
          { ...open, parameters: [parameter('path', 'path', 'As for the SHA-256 tree.')] },
          { 200: bytes('Its hashes.', 'application/octet-stream') },
        ),
      },
      '/statements': {
        get: operation(
          'Statements of the log, newest first',
          {
            ...open,
            description: 'One a period: sizes and times. What is signed is at /statements/{number}.',
            parameters: [limit, cursor],
          },
          {
            200: json(
              'A page.',
              object({
                items: list(
                  object({
                    origin: text,
                    number: count,
                    start: time,
                    end: time,
                    covers: { ...count, description: 'For how many periods it stands: 1 unless some were missed.' },
                    size: count,
                    chains: count,
                    time,
                  }),
                ),
                next: orNull(text),
              }),
            ),
          },
        ),
      },
      '/statements/{number}': {
        get: operation(
          'A signed statement of the log',
          { ...open, parameters: [parameter('number', 'path', 'From 0, or latest.')] },
          { 200: bytes('The note; see packages/formats/SPEC.md, Statements.', 'text/plain') },
        ),
      },
      '/v1/statements': {
        post: operation(
          'State the log as it is now',
          {
            description: 'Scope maintain. Where nothing was logged since the last statement, that one is the answer.',
            requestBody: { required: true, content: { 'application/json': { schema: object({}) } } },
          },
          { 201: bytes('The note.', 'text/plain'), 200: bytes('The last one, as before.', 'text/plain') },
        ),
      },
      ...eventPaths,
      ...gatePaths,
      ...viewPaths,
      ...anchorPaths,
      ...issuerPaths,
      ...tokenPaths,
      ...peoplePaths,
      ...remarkPaths,
      ...packPaths,
      ...certificatePaths,
      '/v1/chains/{id}/head': {
        get: operation(
          'What a statement says of a chain',
          {
            description:
              'Scope read. Proof of its head when the statement was made, or that it had none; checked offline.',
            parameters: [
              parameter('id', 'path', 'Chain id.', hex(32)),
              parameter('statement', 'query', 'Number of the statement; the newest where it is left out.'),
            ],
          },
          { 200: bytes('The proof.', 'application/vnd.countersign.head-proof.v1+json') },
        ),
      },
      '/v1/chains/{id}/coverage': {
        get: operation(
          'That statements cover the entries of a chain',
          {
            description:
              'Scope read. Inclusion proofs under both roots of a statement, or of the first that covers the entry; checked offline.',
            parameters: [
              parameter('id', 'path', 'Chain id.', hex(32)),
              parameter(
                'statement',
                'query',
                'Number of the statement; for each entry the first where it is left out.',
              ),
              limit,
              cursor,
            ],
          },
          {
            200: json(
              'The statements as notes, and the proofs; what no statement covers is left out.',
              object({
                statements: list(text),
                items: list(object({ statement: hex(64), index: count, sha256: list(text), sha3_256: list(text) })),
                next: orNull(text),
              }),
            ),
          },
        ),
      },
      '/v1/lookups': {
        post: operation(
          'Chains that made or vouched for artifacts',
          {
            description: 'Scope read. At most 1,000 digests; newest chains first, at most 50.',
            requestBody: {
              required: true,
              content: { 'application/json': { schema: object({ digests: { ...list(hex(64)), maxItems: 1000 } }) } },
            },
          },
          {
            200: json(
              'Found.',
              object({ chains: list(object({ chain: hex(32), pipeline: text, index: count, links: list(hex(64)) })) }),
            ),
          },
        ),
      },
      '/v1/chains/{id}': {
        get: operation(
          'Every attestation and receipt of a chain',
          {
            description: 'Scope read. For what was erased, the proof of its leaf and of its tombstone.',
            parameters: [
              parameter('id', 'path', 'Chain id.', hex(32)),
              parameter(
                'withhold',
                'query',
                'Link digests, with commas between: steps to show as withheld, at most 100.',
              ),
              parameter('notes', 'query', '1 for the signed notes about it, too.', { const: '1' }),
            ],
          },
          {
            200: bytes(
              'JSON lines of Sigstore bundles, receipts and withheld attestations.',
              'application/vnd.countersign.chain.v1+jsonl',
            ),
          },
        ),
      },
      ...keyPaths,
      ...contractPaths,
      '/v1/inbox': {
        get: operation(
          'What was refused, newest first',
          { description: 'Scope read.', parameters: [parameter('code', 'query', 'For this reason alone.'), cursor] },
          { 200: json('A page.', object({ items: list(ref('Refusal')), next: orNull(text) })) },
        ),
      },
      '/v1/inbox/{id}/body': {
        get: operation(
          'A refused body as it was sent',
          {
            description: 'Scope read. Hostile until proven otherwise. Bodies up to 64 KiB are kept.',
            parameters: [
              parameter('id', 'path', 'Id of the refusal in the inbox.', {
                type: 'string',
                pattern: '^[1-9][0-9]{0,14}$',
              }),
            ],
          },
          { 200: bytes('The bytes.', 'application/octet-stream') },
        ),
      },
      '/v1/server': {
        get: operation(
          'Who countersigns',
          { description: 'Scope read. Trust the key only where you got it another way.' },
          {
            200: json(
              'Name and verifier key of the log.',
              object({
                origin: text,
                vkey: text,
                next: { ...orNull(text), description: 'The key that is to follow; it signs already.' },
                retired: list(object({ vkey: text, retiredAt: time })),
                version: text,
              }),
            ),
          },
        ),
      },
      '/healthz': {
        get: operation('The process lives', open, {
          200: json(
            'Yes; warnings say what somebody should look at.',
            object({ status: text, warnings: list({ enum: WARNINGS }) }, ['warnings']),
          ),
          503: json('Only a restart helps.', object({ status: text })),
        }),
      },
      '/readyz': {
        get: operation('The store can be written', open, {
          200: json('Yes; some witnesses may fail all the same.', ready),
          503: json('No.', ready),
        }),
      },
      '/metrics': { get: operation('Prometheus metrics', open, { 200: bytes('Text format.', 'text/plain') }) },
      '/openapi.json': { get: operation('This document', open, { 200: json('OpenAPI 3.1.', { type: 'object' }) }) },
      '/docs': { get: operation('This document, to read', open, { 200: bytes('A page.', 'text/html') }) },
    },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token, cst_…' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'countersign_session',
          description:
            'Of somebody who signed in; __Host-countersign_session where the server is reached by https. What changes something needs x-countersign-csrf.',
        },
      },
      schemas,
    },
  }
}
