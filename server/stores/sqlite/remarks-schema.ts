import { blob, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from './drizzle.ts'

/** Signed notes. What they say, and who says it, is sealed. */
export const remarks = sqliteTable(
  'remarks',
  {
    /** Its leaf in the log. */
    leaf: integer('leaf').primaryKey(),
    tenant: text('tenant').notNull(),
    id: text('id').notNull(),
    at: text('at').notNull(),
    kind: text('kind').notNull(),
    supersedes: text('supersedes'),
    /** Id of what stands in its place; null where nothing does, or what did was withdrawn. */
    supersededBy: text('superseded_by'),
    /** Its line, who signed it and what opens its leaf, sealed under its key; null where it was erased. */
    sealed: blob('sealed', { mode: 'buffer' }),
    key: integer('key'),
    erasedAt: text('erased_at'),
    ground: text('ground'),
    /** Leaf of its tombstone. */
    tombstone: integer('tombstone'),
  },
  (table) => [
    uniqueIndex('remarks_id').on(table.tenant, table.id),
    index('remarks_newest').on(table.tenant, table.leaf),
    index('remarks_open').on(table.tenant, table.kind, table.supersededBy, table.leaf),
  ],
)

/** What notes are about: tags of that. */
export const remarkAbout = sqliteTable(
  'remark_about',
  {
    tenant: text('tenant').notNull(),
    tag: text('tag').notNull(),
    leaf: integer('leaf').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.tag, table.leaf] })],
)
