import {
  bytes,
  count,
  hex,
  type Json,
  json,
  list,
  object,
  operation,
  orNull,
  parameter,
  text,
  time,
} from './openapi-parts.ts'

const scope = { since: time, until: time, pipelines: list(text), environments: list(text) }
const pack = object({
  id: hex(16),
  by: object({ kind: text, id: text, name: orNull(text) }),
  ...scope,
  askedAt: time,
  state: { enum: ['making', 'ready', 'failed'] },
  done: { ...count, description: 'Runs that were fetched.' },
  runs: { ...orNull(count), description: 'Of how many; null until that is known.' },
  made: orNull(
    object({
      digest: { ...hex(64), description: 'SHA-256 of its manifest, as the audit log has it.' },
      size: count,
      files: count,
      outcomes: object({
        listed: count,
        proven: count,
        deviating: count,
        failed: count,
        unknown: count,
        missing: count,
      }),
      until: { ...time, description: 'From then on it is no longer there.' },
    }),
  ),
  problem: orNull(object({ code: text, what: text, why: text, fix: text })),
})
const id = parameter('pack', 'path', 'Its id.', hex(16))

/** Audit packs that the server makes. */
export const packPaths: Json = {
  '/v1/packs': {
    get: operation(
      'Audit packs that are made or wait to be downloaded, newest first',
      { description: 'Scope audit.' },
      { 200: json('All of them.', object({ items: list(pack) })) },
    ),
    post: operation(
      'Make an audit pack of a period',
      {
        description:
          'Scopes audit and read. Signed by the key of the log, for whoever asks; an act in the audit log once it is made. One is made at a time (pack-busy). No names: all.',
        requestBody: {
          required: true,
          content: { 'application/json': { schema: object(scope, ['pipelines', 'environments']) } },
        },
      },
      { 202: json('It is being made.', pack) },
    ),
  },
  '/v1/packs/preview': {
    get: operation(
      'How much an audit pack would hold',
      {
        description: 'Scope audit. As of now: counts alone.',
        parameters: [
          parameter('since', 'query', 'ISO time, in it.', time),
          parameter('until', 'query', 'ISO time, not in it.', time),
          parameter('pipeline', 'query', 'Names, with commas between.'),
          parameter('environment', 'query', 'Names, with commas between: of decisions, those into these.'),
        ],
      },
      {
        200: json(
          'Counted.',
          object({
            ...scope,
            runs: count,
            steps: count,
            contracts: count,
            decisions: count,
            refusals: count,
            acts: count,
            upTo: count,
            behind: count,
          }),
        ),
      },
    ),
  },
  '/v1/packs/{pack}': {
    get: operation(
      'How far an audit pack is',
      { description: 'Scope audit.', parameters: [id] },
      { 200: json('As it is now.', pack) },
    ),
    delete: operation(
      'Stop making an audit pack, or delete it',
      { description: 'Scope audit.', parameters: [id] },
      { 204: { description: 'Gone.' } },
    ),
  },
  '/v1/packs/{pack}/file': {
    get: operation(
      'An audit pack',
      { description: 'Scopes audit and read. See packages/evidence/SPEC.md, The audit pack.', parameters: [id] },
      { 200: bytes('The archive.', 'application/x-tar') },
    ),
  },
}
