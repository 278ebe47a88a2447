import { blob, check, index, integer, primaryKey, sql, sqliteTable, text } from './drizzle.ts'

/** The places that vouch for statements, and from which statement on. Times are milliseconds since 1970. */
export const anchors = sqliteTable('anchors', {
  name: text('name').primaryKey(),
  kind: text('kind').notNull(),
  /** Number of the first statement that is to be anchored there. */
  first: integer('first').notNull(),
  setUpAt: integer('set_up_at').notNull(),
  /** JSON: one sum a unit, over all its entries. */
  costs: text('costs').notNull(),
})

/** One statement's way into one anchor. */
export const anchorEntries = sqliteTable(
  'anchor_entries',
  {
    number: integer('number').notNull(),
    anchor: text('anchor').notNull(),
    revision: integer('revision').notNull(),
    phase: text('phase').notNull(),
    /** JSON, as the members below that are text. */
    memo: text('memo'),
    queuedAt: integer('queued_at').notNull(),
    begunAt: integer('begun_at').notNull(),
    at: integer('at').notNull(),
    due: integer('due').notNull(),
    moves: integer('moves').notNull(),
    failing: text('failing'),
    dead: text('dead'),
    costs: text('costs').notNull(),
    finalAt: integer('final_at'),
    proof: blob('proof', { mode: 'buffer' }),
  },
  (table) => [
    primaryKey({ columns: [table.number, table.anchor] }),
    // Which are not final, which is the last, and how many there are of each, without reading a proof.
    index('anchor_entries_anchor').on(table.anchor, table.phase, table.number, table.finalAt),
    check('anchor_entries_final', sql`(phase = 'final') = (proof is not null)`),
  ],
)
