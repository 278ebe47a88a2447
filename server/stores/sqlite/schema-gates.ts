import { blob, index, integer, real, sql, sqliteTable, text } from './drizzle.ts'

/** What gates were told. */
export const decisions = sqliteTable(
  'decisions',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    tenant: text('tenant').notNull(),
    at: text('at').notNull(),
    decision: text('decision').notNull(),
    /** Of the first reason; null for `allow`. */
    code: text('code'),
    pipeline: text('pipeline'),
    /** SHA-256 of the contract. */
    contract: text('contract'),
    environment: text('environment'),
    /** Id of the token. */
    by: text('by').notNull(),
    requester: text('requester'),
    /** Milliseconds that it took. */
    ms: real('ms').notNull(),
    /** Tag of the artifact; null, as what follows, where nothing that is held names it any more. */
    artifact: text('artifact'),
    /** Its digest and the reason in words, sealed under its key. */
    sealed: blob('sealed', { mode: 'buffer' }),
    key: integer('key'),
    /** Whether a deviation let it through; null where an older version decided. */
    deviated: integer('deviated', { mode: 'boolean' }),
  },
  (table) => [
    index('decisions_newest').on(table.tenant, table.id),
    index('decisions_artifact').on(table.tenant, table.artifact, table.id),
    // Deploys by time, of all environments and of one; and what was in force in one, pipeline by pipeline.
    index('decisions_deploys').on(table.tenant, table.at, table.id).where(sql`environment IS NOT NULL`),
    index('decisions_environment')
      .on(table.tenant, table.environment, table.at, table.id)
      .where(sql`environment IS NOT NULL`),
    index('decisions_allowed')
      .on(table.tenant, table.environment, table.pipeline, table.at, table.id)
      .where(sql`environment IS NOT NULL AND decision = 'allow'`),
  ],
)
