import { blob, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from './drizzle.ts'

/** Up to where refusals and decisions were given up, because there were too many. */
export const trimmed = sqliteTable(
  'trimmed',
  {
    tenant: text('tenant').notNull(),
    /** `refusals` or `decisions`. */
    source: text('source').notNull(),
    /** Id of the newest that is gone, and when it was given up. */
    id: integer('id').notNull(),
    at: text('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.source] })],
)

/** What was found out of what is stored: alerts. What an attestation says is not in here, for it may be erased. */
export const notices = sqliteTable(
  'notices',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    tenant: text('tenant').notNull(),
    at: text('at').notNull(),
    kind: text('kind').notNull(),
    /** What it is about: of its kind there is no other. */
    about: text('about').notNull(),
    /** JSON. */
    facts: text('facts').notNull(),
  },
  (table) => [
    uniqueIndex('notices_about').on(table.tenant, table.kind, table.about),
    index('notices_newest').on(table.tenant, table.id),
  ],
)

/** What happened to the log and its anchors, which are the server's, over all tenants. */
export const logNotices = sqliteTable(
  'log_notices',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    at: text('at').notNull(),
    kind: text('kind').notNull(),
    about: text('about').notNull(),
    facts: text('facts').notNull(),
  },
  (table) => [uniqueIndex('log_notices_about').on(table.kind, table.about)],
)

/** How far a tenant's attestations and deviations were looked through for what is to be noticed. */
export const watched = sqliteTable('watched', {
  tenant: text('tenant').primaryKey(),
  /** Index of the next attestation. */
  attestation: integer('attestation').notNull(),
  /** Below it nobody is told: there before anybody looked. */
  quiet: integer('quiet').notNull(),
  /** Leaf of the next deviation. */
  deviation: integer('deviation').notNull(),
})

/** Who has signed in which pipeline: tags of both. */
export const seenIdentities = sqliteTable(
  'seen_identities',
  {
    tenant: text('tenant').notNull(),
    pipeline: text('pipeline').notNull(),
    identity: text('identity').notNull(),
    /** The attestation that it was seen by: it goes with that. */
    index: integer('index').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.pipeline, table.identity] }),
    index('seen_identities_index').on(table.tenant, table.index),
  ],
)

/** Deviations that are in force, by when they end. */
export const deviationEnds = sqliteTable(
  'deviation_ends',
  {
    tenant: text('tenant').notNull(),
    digest: text('digest').notNull(),
    chain: text('chain').notNull(),
    expiresAt: text('expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.digest] }), index('deviation_ends_at').on(table.expiresAt)],
)

/** Who is told of events, and how far. Times are milliseconds since 1970 where they are numbers. */
export const webhooks = sqliteTable(
  'webhooks',
  {
    tenant: text('tenant').notNull(),
    id: text('id').notNull(),
    format: text('format').notNull(),
    /** Names of events with spaces between; empty for all but those of the audit log. */
    names: text('names').notNull(),
    createdAt: text('created_at').notNull(),
    by: text('by').notNull(),
    /** Address and secrets, sealed under its key. */
    sealed: blob('sealed', { mode: 'buffer' }).notNull(),
    /** Which key of the keyring is its own. */
    key: integer('key').notNull(),
    cursor: text('cursor').notNull(),
    /** Failures in a row, the first of them, and when the next try makes sense. */
    failures: integer('failures').notNull().default(0),
    failingSince: integer('failing_since'),
    due: integer('due').notNull().default(0),
    fault: text('fault'),
    deliveredAt: integer('delivered_at'),
    disabledAt: integer('disabled_at'),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.id] })],
)

/** What webhooks were told, and what they could not be told. Only which events: what they say is read again. */
export const deliveries = sqliteTable(
  'deliveries',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    tenant: text('tenant').notNull(),
    webhook: text('webhook').notNull(),
    /** Id of the event. */
    event: text('event').notNull(),
    /** `delivered`, `waiting` or `dead`. */
    state: text('state').notNull(),
    tries: integer('tries').notNull(),
    at: integer('at').notNull(),
    due: integer('due').notNull(),
    /** HTTP status of the last try, where there was an answer; and why it failed. */
    status: integer('status'),
    fault: text('fault'),
  },
  (table) => [
    uniqueIndex('deliveries_event').on(table.tenant, table.webhook, table.event),
    index('deliveries_due').on(table.tenant, table.webhook, table.state, table.due, table.id),
  ],
)
