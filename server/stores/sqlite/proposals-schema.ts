import { blob, index, primaryKey, sqliteTable, text } from './drizzle.ts'

/** Deviations that wait for more signatures. */
export const proposals = sqliteTable(
  'proposals',
  {
    tenant: text('tenant').notNull(),
    /** Of the deviation. */
    id: text('id').notNull(),
    chain: text('chain').notNull(),
    document: blob('document', { mode: 'buffer' }).notNull(),
    proposedAt: text('proposed_at').notNull(),
    expiresAt: text('expires_at').notNull(),
    byKind: text('by_kind').notNull(),
    byId: text('by_id').notNull(),
    byName: text('by_name'),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.id] }), index('proposals_over').on(table.expiresAt)],
)
