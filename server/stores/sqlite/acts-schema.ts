import { blob, index, integer, sqliteTable, text, uniqueIndex } from './drizzle.ts'

/** What was logged beside attestations and certificates: contracts that were published, deviations that were let in, administrative acts. */
export const acts = sqliteTable(
  'acts',
  {
    /** Its leaf in the log. */
    leaf: integer('leaf').primaryKey(),
    tenant: text('tenant').notNull(),
    kind: text('kind').notNull(),
    digest: text('digest').notNull(),
    /** The pipeline, the chain, or what an administrative act was about. */
    about: text('about').notNull(),
    at: text('at').notNull(),
    /** SHA-256 of the keys and certificates of those who signed it, with spaces between. */
    signers: text('signers').notNull(),
    salt: blob('salt', { mode: 'buffer' }).notNull(),
    /** As it was sent. */
    document: blob('document', { mode: 'buffer' }).notNull(),
  },
  (table) => [
    uniqueIndex('acts_digest').on(table.tenant, table.kind, table.digest),
    index('acts_about').on(table.tenant, table.kind, table.about, table.leaf),
    index('acts_newest').on(table.tenant, table.kind, table.leaf),
  ],
)
