import { index, integer, primaryKey, sql, sqliteTable, text, uniqueIndex } from './drizzle.ts'

// What is counted behind the log, so that a screen need not count it again. All of it can be made anew from what it
// counts. Times are milliseconds since 1970; weeks, days and hours are counted from then. Those whose rows are found by
// their primary key are without row ids in the migration.

/** How far each tenant is counted. */
export const viewCursors = sqliteTable('view_cursors', {
  tenant: text('tenant').primaryKey(),
  /** Which way of counting: another one begins anew. */
  version: integer('version').notNull(),
  /** Index of the first attestation that is not counted. */
  next: integer('next').notNull(),
  /** The last refusal of the inbox and the last decision that are. */
  refusal: integer('refusal').notNull(),
  decision: integer('decision').notNull(),
})

export const viewRuns = sqliteTable(
  'view_runs',
  {
    tenant: text('tenant').notNull(),
    /** Index of its first attestation. */
    run: integer('run').notNull(),
    chain: text('chain').notNull(),
    pipeline: text('pipeline').notNull(),
    contract: text('contract'),
    begunAt: integer('begun_at').notNull(),
    lastIndex: integer('last_index').notNull(),
    lastAt: integer('last_at').notNull(),
    /** Erased ones too, as in `late`. */
    steps: integer('steps').notNull(),
    erased: integer('erased').notNull(),
    failed: integer('failed').notNull(),
    late: integer('late').notNull(),
    /** JSON: names of its steps, sorted; null for more than a contract has. */
    names: text('names'),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.run] }),
    uniqueIndex('view_runs_chain').on(table.tenant, table.chain),
    index('view_runs_newest').on(table.tenant, table.begunAt, table.run),
    index('view_runs_pipeline').on(table.tenant, table.pipeline, table.begunAt, table.run),
    index('view_runs_late').on(table.tenant, table.pipeline, table.begunAt, table.run).where(sql`late > 0`),
  ],
)

/** Who signed, by name and system: what it says of itself is in `attestations` as long as one of its is held. */
export const viewIdentities = sqliteTable(
  'view_identities',
  {
    id: integer('id').primaryKey(),
    tenant: text('tenant').notNull(),
    signer: text('signer').notNull(),
    system: text('system').notNull(),
    firstIndex: integer('first_index').notNull(),
    firstAt: integer('first_at').notNull(),
    lastIndex: integer('last_index').notNull(),
    lastAt: integer('last_at').notNull(),
    steps: integer('steps').notNull(),
    pipelines: integer('pipelines').notNull(),
    /** Attestations of each grade. */
    a: integer('a').notNull(),
    b: integer('b').notNull(),
    c: integer('c').notNull(),
    d: integer('d').notNull(),
  },
  (table) => [
    uniqueIndex('view_identities_name').on(table.tenant, table.signer, table.system),
    index('view_identities_first').on(table.tenant, table.firstAt, table.id),
  ],
)

/** Who signed in which run, and what is the first and the last that it signed there. */
export const viewRunIdentities = sqliteTable(
  'view_run_identities',
  {
    tenant: text('tenant').notNull(),
    run: integer('run').notNull(),
    identity: integer('identity').notNull(),
    begunAt: integer('begun_at').notNull(),
    steps: integer('steps').notNull(),
    firstIndex: integer('first_index').notNull(),
    lastIndex: integer('last_index').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.run, table.identity] }),
    index('view_run_identities_newest').on(table.tenant, table.identity, table.begunAt, table.run),
  ],
)

export const viewRunSystems = sqliteTable(
  'view_run_systems',
  {
    tenant: text('tenant').notNull(),
    system: text('system').notNull(),
    begunAt: integer('begun_at').notNull(),
    run: integer('run').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.system, table.begunAt, table.run] })],
)

export const viewIdentityWeeks = sqliteTable(
  'view_identity_weeks',
  {
    tenant: text('tenant').notNull(),
    identity: integer('identity').notNull(),
    week: integer('week').notNull(),
    steps: integer('steps').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.identity, table.week] })],
)

export const viewIdentityPipelines = sqliteTable(
  'view_identity_pipelines',
  {
    tenant: text('tenant').notNull(),
    identity: integer('identity').notNull(),
    pipeline: text('pipeline').notNull(),
    steps: integer('steps').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.identity, table.pipeline] })],
)

export const viewPipelines = sqliteTable(
  'view_pipelines',
  {
    tenant: text('tenant').notNull(),
    pipeline: text('pipeline').notNull(),
    runs: integer('runs').notNull(),
    lastAt: integer('last_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.pipeline] })],
)

export const viewPipelineSystems = sqliteTable(
  'view_pipeline_systems',
  {
    tenant: text('tenant').notNull(),
    pipeline: text('pipeline').notNull(),
    system: text('system').notNull(),
    steps: integer('steps').notNull(),
    late: integer('late').notNull(),
    failed: integer('failed').notNull(),
    lastIndex: integer('last_index').notNull(),
    lastAt: integer('last_at').notNull(),
    a: integer('a').notNull(),
    b: integer('b').notNull(),
    c: integer('c').notNull(),
    d: integer('d').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.pipeline, table.system] })],
)

/** How often a rule spoke: what the inbox and the record of decisions have dropped since stays counted. */
export const viewRuleDays = sqliteTable(
  'view_rule_days',
  {
    tenant: text('tenant').notNull(),
    day: integer('day').notNull(),
    code: text('code').notNull(),
    /** Empty where none is known. */
    pipeline: text('pipeline').notNull(),
    refused: integer('refused').notNull(),
    denied: integer('denied').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.day, table.code, table.pipeline] }),
    index('view_rule_days_rule').on(table.tenant, table.code, table.pipeline, table.day, table.refused, table.denied),
  ],
)

/** What gates were told about an environment, by the hour and by the day. */
export const viewDeploys = sqliteTable(
  'view_deploys',
  {
    tenant: text('tenant').notNull(),
    environment: text('environment').notNull(),
    /** Hours: 1 or 24. */
    width: integer('width').notNull(),
    /** Counted in that width. */
    bucket: integer('bucket').notNull(),
    allow: integer('allow').notNull(),
    deny: integer('deny').notNull(),
    unknown: integer('unknown').notNull(),
    deviated: integer('deviated').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.environment, table.width, table.bucket] })],
)
