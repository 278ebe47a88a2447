import {
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
  ref,
  text,
  time,
} from './openapi-parts.ts'

const digest = { type: 'string', pattern: '^(sha256:)?[0-9a-f]{64}$' }
const named = { ...text, minLength: 1, maxLength: 256 }
const decision = { enum: ['allow', 'deny', 'unknown'] }
const reason = object({ code: text, what: text, why: text, fix: text, url: text })
const reply = object({
  id: { ...orNull(count), description: 'Null for a dry run.' },
  decision,
  reason: orNull(reason),
  findings: list(reason),
  refused: { ...list(reason), description: 'What did not verify, and so did not count.' },
  deviations: {
    ...list(object({ id: hex(64), by: list(text), reason: text, expiresAt: time, findings: list(reason) })),
    description: 'What maintainers of the contract let through.',
  },
  artifact: hex(64),
  pipeline: orNull(text),
  contract: orNull(hex(64)),
  revision: orNull(count),
  environment: orNull(text),
  decidedAt: time,
  ms: { type: 'number', minimum: 0 },
  vsa: orNull(ref('Envelope')),
})
const kept = object({
  id: count,
  at: time,
  decision,
  deviated: { type: 'boolean', description: 'Whether a deviation let it through.' },
  code: orNull(text),
  what: orNull(text),
  artifact: { ...orNull(hex(64)), description: 'Null where the attestations that named it were erased.' },
  pipeline: orNull(text),
  contract: orNull(hex(64)),
  environment: orNull(text),
  by: { ...text, description: 'Id of the token that asked.' },
  requester: orNull(text),
  ms: { type: 'number', minimum: 0 },
})

/** The gate and its decisions. */
export const gatePaths: Json = {
  '/v1/gate': {
    post: operation(
      'May this artifact go out?',
      {
        description:
          'Scope read. Judged by what is held here, under the contract in force for a pipeline, or one named by its digest where no later revision is in force. Only allow is answered with 200; deny and unknown, which denies as well, with 403. Each is recorded before it is answered, but for a dry run, which has no summary either.',
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: object(
                {
                  artifact: digest,
                  pipeline: { ...text, description: 'One of pipeline and contract.' },
                  contract: digest,
                  environment: named,
                  requester: { ...named, description: 'Who asks, in his own words; for the record.' },
                  resource: { ...text, format: 'uri', maxLength: 2048, description: 'What the artifact is called.' },
                  dryRun: { type: 'boolean', description: 'What would be said; nothing is let out by it.' },
                },
                ['pipeline', 'contract', 'environment', 'requester', 'resource', 'dryRun'],
              ),
            },
          },
        },
      },
      {
        200: json('Allowed.', reply),
        403: {
          description: 'Not allowed: decision says deny or unknown. Or the token may not ask.',
          content: {
            'application/json': { schema: reply },
            'application/problem+json': { schema: ref('Problem') },
          },
        },
      },
    ),
  },
  '/v1/decisions': {
    get: operation(
      'What gates were told, newest first',
      {
        description: 'Scope read.',
        parameters: [
          parameter('artifact', 'query', 'SHA-256 of an artifact: its decisions alone.', digest),
          limit,
          cursor,
        ],
      },
      { 200: json('A page.', object({ items: list(kept), next: orNull(text) })) },
    ),
  },
}
