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
  text,
  time,
} from './openapi-parts.ts'

const grade = orNull({ enum: ['A', 'B', 'C', 'D'] })
const day = { type: 'string', format: 'date' }
const decision = { enum: ['allow', 'deny', 'unknown'] }
const next = { ...orNull(text), description: 'Null on the last page alone: another may be short, or empty.' }
const counted = {
  upTo: { ...count, description: 'Every attestation with a lower index is counted.' },
  behind: { ...count, description: 'How many are accepted and not counted yet.' },
}
const run = object({
  chain: hex(32),
  pipeline: text,
  contract: orNull(hex(64)),
  steps: { ...count, description: 'Erased ones too.' },
  erased: count,
  failed: count,
  late: count,
  systems: list(text),
  firstAt: time,
  lastAt: time,
  lastIndex: count,
  refused: { ...count, description: 'Refusals that the inbox holds of it.' },
})
const step = object({
  link: hex(64),
  step: text,
  attempt: count,
  matrix: orNull(text),
  index: count,
  acceptedAt: time,
  late: { type: 'boolean' },
  signer: { ...orNull(text), description: 'Null, as what follows it, where it was erased.' },
  system: orNull(text),
  grade,
  succeeded: orNull({ type: 'boolean' }),
  startedAt: orNull(time),
  finishedAt: orNull(time),
  subjects: orNull(count),
  previous: list(
    object({
      link: hex(64),
      found: { enum: ['digest', 'order', 'word'] },
      strength: { enum: ['strong', 'medium', 'weak'] },
    }),
  ),
  erasedAt: orNull(time),
})
const refusal = object({ id: count, at: time, code: text, what: text, step: orNull(text) })
const deploy = object({
  id: count,
  at: time,
  decision,
  deviated: { type: 'boolean', description: 'Whether a deviation let it through.' },
  code: orNull(text),
  what: orNull(text),
  artifact: { ...orNull(hex(64)), description: 'Null where the attestations that named it were erased.' },
  pipeline: orNull(text),
  contract: orNull(hex(64)),
  environment: text,
  by: { ...text, description: 'Id of the token that asked.' },
  requester: orNull(text),
  ms: { type: 'number', minimum: 0 },
})
const bucket = object({ start: time, allow: count, deny: count, unknown: count, deviated: count })
const identity = { signer: text, system: text, grade, firstAt: time, lastAt: time }
const covered = object({
  pipeline: text,
  contract: orNull(object({ digest: hex(64), revision: count })),
  systems: list(object({ system: text, steps: count, lastAt: time, late: count, failed: count, weakestGrade: grade })),
  runs: count,
  incomplete: {
    ...orNull(count),
    description:
      'Of the newest 10 runs that have been quiet for an hour, how many lack a step that the contract in force asks of every run.',
  },
  lastAt: orNull(time),
  findings: list({ enum: ['no-contract', 'no-run', 'quiet', 'incomplete', 'late', 'weak-identity'] }),
})
const cells = list(list(count))

const pipeline = parameter('pipeline', 'query', 'Name of a pipeline.')
const environment = parameter('environment', 'query', 'Name of an environment.')
const system = parameter('system', 'query', 'A CI system, such as github-actions.')
const q = parameter('q', 'query', 'Part of the name.')
const since = parameter('since', 'query', 'A day or a time, in UTC.')
const until = parameter('until', 'query', 'A day or a time, in UTC.')

/** What screens are drawn from. */
export const viewPaths: Json = {
  '/v1/search': {
    get: operation(
      'What a text may mean',
      {
        description:
          'Scope read. A digest of an artifact, a link, a contract or a commit; a chain id; the address of a run of GitHub, GitLab or Cloud Build; the number of a statement; a tag of Git or of an image; the beginning of the name of a pipeline or an environment, part of that of an identity; prod@{2 days ago}, prod~3, prod#42. Of a link, a chain id and the digest of a contract the first five digits are enough; those of artifacts and commits, and tags, are kept under a key, and found whole only.',
        parameters: [parameter('q', 'query', '1 to 512 characters.')],
      },
      {
        200: json(
          'The likeliest first, at most 20.',
          object({
            items: list(
              object({
                kind: {
                  enum: [
                    'artifact',
                    'attestation',
                    'commit',
                    'tag',
                    'run',
                    'pipeline',
                    'contract',
                    'deploy',
                    'identity',
                    'statement',
                  ],
                },
                title: text,
                detail: text,
                href: { ...text, description: 'Path of a page of the dashboard.' },
              }),
            ),
            note: { ...orNull(text), description: 'What could not be looked for, and why.' },
          }),
        ),
      },
    ),
  },
  '/v1/runs': {
    get: operation(
      'Runs, newest first',
      {
        description: 'Scope read.',
        parameters: [
          pipeline,
          system,
          parameter('signer', 'query', 'Name of an identity, as /v1/identities has it.'),
          since,
          until,
          limit,
          cursor,
        ],
      },
      { 200: json('A page.', object({ items: list(run), next, ...counted })) },
    ),
  },
  '/v1/runs/{chain}': {
    get: operation(
      'One run, as it is drawn before anybody has verified it',
      {
        description: 'Scope read. Steps by index, at most a thousand; refusals newest first, at most a hundred.',
        parameters: [parameter('chain', 'path', 'Chain id.', hex(32)), cursor],
      },
      { 200: json('Found.', object({ run, steps: list(step), refusals: list(refusal), next })) },
    ),
  },
  '/v1/deploys': {
    get: operation(
      'What gates were told about environments, newest first',
      {
        description: 'Scope read.',
        parameters: [
          environment,
          pipeline,
          parameter('decision', 'query', 'One alone.', decision),
          since,
          until,
          limit,
          cursor,
        ],
      },
      { 200: json('A page.', object({ items: list(deploy), next })) },
    ),
  },
  '/v1/deploys/strips': {
    get: operation(
      'What gates were told, environment by time',
      {
        description: 'Scope read. By default the last 30 days, by day; at most 1,000 buckets.',
        parameters: [
          since,
          until,
          parameter('bucket', 'query', 'hour or day.', { enum: ['hour', 'day'] }),
          limit,
          cursor,
        ],
      },
      {
        200: json(
          'Environments by name; buckets in which nothing was asked are left out.',
          object({
            since: time,
            until: time,
            bucket: { enum: ['hour', 'day'] },
            environments: list(object({ name: text, buckets: list(bucket), current: orNull(deploy) })),
            next,
            countedUntil: { ...time, description: 'All that was decided before is counted.' },
          }),
        ),
      },
    ),
  },
  '/v1/deploys/at': {
    get: operation(
      'What was let into an environment last, of each pipeline',
      {
        description: 'Scope read.',
        parameters: [environment, pipeline, parameter('time', 'query', 'As of when; now by default.'), limit, cursor],
      },
      { 200: json('By the name of the pipeline.', object({ environment: text, time, items: list(deploy), next })) },
    ),
  },
  '/v1/identities': {
    get: operation(
      'Who signed, those first that were seen last for the first time',
      {
        description:
          'Scope read. What a certificate says of a run is left out of the name, so that the runs of one workflow are one identity.',
        parameters: [q, system, limit, cursor],
      },
      {
        200: json(
          'A page.',
          object({ items: list(object({ ...identity, steps: count, pipelines: count })), next, ...counted }),
        ),
      },
    ),
  },
  '/v1/identities/weeks': {
    get: operation(
      'Who signed how much, week by week',
      {
        description: 'Scope read. Weeks begin on Monday, UTC; by default the last twelve.',
        parameters: [
          parameter('from', 'query', 'A day in the first week.', day),
          parameter('weeks', 'query', 'How many.', { type: 'integer', minimum: 1, maximum: 53 }),
          q,
          system,
          limit,
          cursor,
        ],
      },
      {
        200: json(
          'Those that signed since the first week.',
          object({
            weeks: list(day),
            identities: list(object({ ...identity, counts: list(count), revokedAt: orNull(time) })),
            next,
            ...counted,
          }),
        ),
      },
    ),
  },
  '/v1/coverage': {
    get: operation(
      'Which pipelines are recorded, and on which systems',
      {
        description: 'Scope read.',
        parameters: [parameter('pipeline', 'query', 'Beginning of a name.'), limit, cursor],
      },
      { 200: json('By name.', object({ pipelines: list(covered), next, ...counted })) },
    ),
  },
  '/v1/rules/heat': {
    get: operation(
      'Which rules refused or denied, how often and where',
      {
        description:
          'Scope read. By default the last 30 days. The same body refused again counts once; what the inbox has dropped since stays counted.',
        parameters: [since, until, parameter('by', 'query', 'pipeline or day.', { enum: ['pipeline', 'day'] })],
      },
      {
        200: json(
          'A row for each code; a column for each day, or for each of the 100 pipelines with most.',
          object({
            since: day,
            until: day,
            by: { enum: ['pipeline', 'day'] },
            rows: list(text),
            columns: list(text),
            cells,
            denied: cells,
            left: { ...count, description: 'Pipelines that are left out.' },
            countedUntil: time,
          }),
        ),
      },
    ),
  },
}
